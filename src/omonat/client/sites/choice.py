"""What the visitor allowed: the choice about cookies that he made at Omonat, on the same host (clauses 8.1, 8.2)."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

import msgspec

from omonat.kernel.codec import from_json

COOKIE = "__Host-omonat_choice"
ELSEWHERE = "omonat_choice"
"""Where the banner keeps the choice on a site of another host."""
VALID = timedelta(days=180)


class _Choice(msgspec.Struct):
    purposes: dict[str, bool]
    at: datetime
    gpc: bool = False
    basis: str = ""


class Visitor:
    """Who reads the page: `permits(purpose)`, and whether his browser sends Global Privacy Control."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self.gpc = headers.get("sec-gpc", "") == "1"

    def permits(self, purpose: str, now: datetime | None = None) -> bool:
        """Whether the visitor allowed an optional purpose, such as `improve`; no when there is any doubt.

        The choice is read where Omonat has set it, on the same host name, or where the banner keeps it on this site.
        It is the visitor's own word about himself, so its signature, which only Omonat can check, does not matter. A
        later signal of the browser outweighs it.
        """
        choice = self._choice()
        if choice is None or choice.at.tzinfo is None or not choice.purposes.get(purpose, False):
            return False
        age = (now or datetime.now(UTC)) - choice.at
        return timedelta(minutes=-5) < age < VALID and (not self.gpc or choice.gpc)

    def has_answered(self, basis: str, now: datetime | None = None) -> bool:
        """Whether he has chosen under the same purposes and recipients, not longer ago than a choice holds."""
        choice = self._choice()
        if choice is None or choice.at.tzinfo is None:
            return False
        return choice.basis == basis and timedelta(minutes=-5) < (now or datetime.now(UTC)) - choice.at < VALID

    def kept(self) -> str:
        """The choice that the banner keeps on this site, as the server signed it; empty: none."""
        return _crumb(self._headers, ELSEWHERE)

    def _choice(self) -> _Choice | None:
        try:
            value = (_crumb(self._headers, COOKIE) or _crumb(self._headers, ELSEWHERE)).partition(".")[0]
            return from_json(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), _Choice)
        except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
            return None


def _crumb(headers: Mapping[str, str], name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""
