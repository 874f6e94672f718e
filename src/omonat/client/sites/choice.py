"""What the visitor allowed: the choice about cookies that he made at Omonat, on the same host (clauses 8.1, 8.2)."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

import msgspec

from omonat.kernel.codec import from_json

COOKIE = "__Host-omonat_choice"
VALID = timedelta(days=180)


class _Choice(msgspec.Struct):
    purposes: dict[str, bool]
    at: datetime
    gpc: bool = False


class Visitor:
    """Who reads the page: `permits(purpose)`, and whether his browser sends Global Privacy Control."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self.gpc = headers.get("sec-gpc", "") == "1"

    def permits(self, purpose: str, now: datetime | None = None) -> bool:
        """Whether the visitor allowed an optional purpose, such as `improve`; no when there is any doubt.

        The choice is read where Omonat has set it: on the same host name. It is the visitor's own word about himself,
        so its signature, which only Omonat can check, does not matter. A later signal of the browser outweighs it.
        """
        choice = self._choice()
        if choice is None or choice.at.tzinfo is None or not choice.purposes.get(purpose, False):
            return False
        age = (now or datetime.now(UTC)) - choice.at
        return timedelta(minutes=-5) < age < VALID and (not self.gpc or choice.gpc)

    def _choice(self) -> _Choice | None:
        try:
            crumbs = SimpleCookie(self._headers.get("cookie", ""))
            value = crumbs[COOKIE].value.partition(".")[0]
            return from_json(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), _Choice)
        except (KeyError, CookieError, binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
            return None
