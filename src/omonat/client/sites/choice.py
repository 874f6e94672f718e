"""What the visitor allowed: the choice about cookies that he made at Omonat, on the same host (clauses 8.1, 8.2)."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

import msgspec

from omonat.kernel.codec import from_json

COOKIE = "__Host-omonat_choice"
ELSEWHERE = "omonat_choice"
"""Where the banner keeps the choice on a site of another host."""
VALID = timedelta(days=180)


class _Choice(msgspec.Struct):
    """The cookie as Omonat, the script or `SiteBanner` wrote it. `since`: answers from before `at`, by purpose."""

    purposes: dict[str, bool]
    at: datetime
    gpc: bool = False
    basis: dict[str, str] | str = ""
    since: dict[str, datetime] = {}
    before: str = ""
    untold: dict[str, bool] = {}

    def answers(self, purpose: str, basis: str, now: datetime) -> bool:
        """Whether a yes or no to this purpose holds: given on this basis, not longer ago than a choice holds."""
        said_at = self.since.get(purpose, self.at)
        on = self.basis.get(purpose, "") if isinstance(self.basis, dict) else ""
        is_same = bool(on) and on == basis and purpose in self.purposes and said_at.tzinfo is not None
        return is_same and timedelta(minutes=-5) < now - said_at < VALID


class Visitor:
    """Who reads the page: `permits(purpose)`, and whether his browser sends Global Privacy Control.

    `basis`: what choices rest on now, by purpose (`Basis`, asked only where there is a choice).
    """

    def __init__(self, headers: Mapping[str, str], basis: Callable[[], Mapping[str, str]]) -> None:
        self._headers, self._basis = headers, basis
        self.gpc = headers.get("sec-gpc", "") == "1"

    def permits(self, purpose: str, now: datetime | None = None) -> bool:
        """Whether the visitor allowed an optional purpose, such as `improve`; no when there is any doubt.

        The choice is read where Omonat has set it, on the same host name, or where the banner keeps it on this site.
        It is the visitor's own word about himself, so its signature, which only Omonat can check, does not matter. It
        counts for what it was given for: not after the policy names a new recipient, category or cookie for the
        purpose. A later signal of the browser outweighs it.
        """
        choice = self._choice()
        if choice is None or not choice.purposes.get(purpose, False) or (self.gpc and not choice.gpc):
            return False
        return choice.answers(purpose, self._basis().get(purpose, ""), now or datetime.now(UTC))

    def answered(self, now: datetime | None = None) -> dict[str, tuple[bool, datetime]]:
        """The purposes for which an answer holds: the answer, and when it was given."""
        choice, at = self._choice(), now or datetime.now(UTC)
        if choice is None:
            return {}
        return {
            purpose: (choice.purposes[purpose], choice.since.get(purpose, choice.at))
            for purpose, basis in self._basis().items() if choice.answers(purpose, basis, at)
        }  # fmt: skip

    def has_choice(self) -> bool:
        """Whether the browser sent any choice, whatever it is worth."""
        return self._choice() is not None

    def untold(self) -> dict[str, bool]:
        """What was refused while Omonat did not answer."""
        choice = self._choice()
        return dict(choice.untold) if choice is not None and self.kept().endswith(".") else {}

    def signed(self) -> str:
        """The last choice on this site that Omonat has signed; empty: none."""
        kept, choice = self.kept(), self._choice()
        return kept if not kept.endswith(".") else choice.before if choice is not None else ""

    def kept(self) -> str:
        """The choice that the banner keeps on this site, as the server signed it; empty: none."""
        return _crumb(self._headers, ELSEWHERE)

    def _choice(self) -> _Choice | None:
        try:
            value = (_crumb(self._headers, COOKIE) or _crumb(self._headers, ELSEWHERE)).partition(".")[0]
            return from_json(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)), _Choice)
        except (binascii.Error, msgspec.DecodeError, UnicodeDecodeError, ValueError):
            return None


def told_choice(headers: Mapping[str, str]) -> str:
    """The choice of this browser that Omonat has signed, to go along with a form; empty: none."""
    visitor = Visitor(headers, dict)
    return _crumb(headers, COOKIE) or visitor.signed()


def _crumb(headers: Mapping[str, str], name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found is not None else ""
