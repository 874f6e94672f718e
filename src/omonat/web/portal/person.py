"""Who is at the other end: a stranger, somebody who answers a code, a signed-in person (clause 7.1).

The cookie `__Host-omonat_session` is set when a code is asked for; then it holds `before.<random>.<challenge>`. At
sign-in another random token takes its place, so that nothing set before is worth anything after.
"""

from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import ChallengeId, SubjectId
from omonat.kernel.secret import Sealed
from omonat.web import cookies, csrf
from omonat.web.visit import AnyRequest, Visit, open_visit

if TYPE_CHECKING:
    from omonat.rights import Session

_BEFORE = "before"


class NotSignedIn(OmonatError):
    """A page of a person was asked for without a session: leads to the sign-in."""

    code = "not_signed_in"
    message = "You are not signed in."
    what_to_do = "Sign in with a code."


class WhoFirst(OmonatError):
    """A code is answered, but not yet which of several people it is: leads to that question."""

    code = "who_first"
    message = "First say who you are."
    what_to_do = "Tick what is yours."


class PortalVisit(Visit):
    """A visit to the portal, signed in or not. `token`: what the session cookie holds."""

    def __init__(self, request: AnyRequest, language: str) -> None:
        super().__init__(request, language)
        self.token = Sealed(request.cookies.get(cookies.SESSION, ""))

    @cached_property
    def session(self) -> "Session | None":
        """The session of this browser, with or without a person."""
        return self.omonat.sign_in.find_session(self.token, self.now) if self.token.reveal() else None

    @property
    def subject_id(self) -> SubjectId:
        """Whose pages these are. Raises NotSignedIn or WhoFirst."""
        if self.session is None:
            raise NotSignedIn
        if self.session.subject_id is None:
            raise WhoFirst
        return self.session.subject_id

    @property
    def csrf(self) -> str:
        """A token for the forms of this page; empty for a stranger, who has none to be bound to."""
        return csrf.session_token(self.token.reveal()) if self.token.reveal() else ""

    def check(self, posted: dict[str, str]) -> None:
        """Raises CrossSite unless the sent form carries a token made for this browser."""
        csrf.check_session_token(self.token.reveal(), posted.get(csrf.FIELD, ""))


def portal_visit(request: AnyRequest) -> PortalVisit:
    """Any reader of the portal. Raises NotFound for a language that there is not."""
    return PortalVisit(request, open_visit(request).language)


def open_person(request: AnyRequest, posted: dict[str, str] | None = None) -> PortalVisit:
    """A signed-in person; with `posted`, one whose form came from our own page.

    Raises NotSignedIn, WhoFirst or CrossSite.
    """
    visit = portal_visit(request)
    if visit.subject_id and posted is not None:
        visit.check(posted)
    return visit


class Asking(NamedTuple):
    """What a browser holds between asking for a code and answering it."""

    challenge_id: ChallengeId
    browser_tag: bytes


def browser_tag(random: str) -> bytes:
    """What a challenge is bound to: only the browser that asked holds what it is made of."""
    return sha256(b"omonat browser v1\0" + random.encode()).digest()


def asking_cookie(random: str, challenge_id: ChallengeId) -> str:
    """The cookie of a browser that waits for a code."""
    return f"{_BEFORE}.{random}.{challenge_id}"


def find_asking(token: Sealed[str]) -> Asking | None:
    """The challenge that this browser waits for; None when it has asked for none."""
    first, _, rest = token.reveal().partition(".")
    random, _, challenge = rest.partition(".")
    if first != _BEFORE or not random:
        return None
    try:
        return Asking(ChallengeId(UUID(challenge)), browser_tag(random))
    except ValueError:
        return None
