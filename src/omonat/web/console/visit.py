"""Who of the staff is at the other end, and what he may do (clause 6.2)."""

from functools import cached_property
from typing import TYPE_CHECKING

from omonat.kernel.errors import OmonatError
from omonat.kernel.secret import Sealed
from omonat.staff import require
from omonat.web import cookies, csrf
from omonat.web.visit import AnyRequest, Visit, open_visit

if TYPE_CHECKING:
    from omonat.staff import StaffAccount, StaffSession


class StaffOnly(OmonatError):
    """A page of the console was asked for without a session: leads to the sign-in."""

    code = "staff_only"
    message = "This page is for the staff."
    what_to_do = "Sign in with your staff account."


class SecondFactorFirst(OmonatError):
    """The password was right and no second factor is set up yet: leads to the account page (clause 6.2)."""

    code = "second_factor_first"
    message = "A second factor is needed before anything else."
    what_to_do = "Set up an authenticator app or a passkey on your account page."


class ConsoleVisit(Visit):
    """A visit to the console, signed in or not. `token`: what the cookie of the staff holds."""

    def __init__(self, request: AnyRequest, language: str) -> None:
        super().__init__(request, language)
        self.token = Sealed(request.cookies.get(cookies.STAFF, ""))

    @cached_property
    def session(self) -> "StaffSession | None":
        """The session of this browser."""
        return self.omonat.staff_sessions.find(self.token, self.now) if self.token.reveal() else None

    @property
    def account(self) -> "StaffAccount":
        """Who acts. Raises StaffOnly."""
        if self.session is None:
            raise StaffOnly
        return self.session.account

    @property
    def actor(self) -> str:
        """How journals and ledger name the account."""
        return self.account.actor

    def may(self, right: str) -> bool:
        """Whether the account has a right: for buttons and links; what is done asks `require` again."""
        return self.session is not None and right in self.session.account.rights

    def require(self, right: str) -> None:
        """Raises NotAllowed, StaffOnly."""
        require(self.account, right)

    @property
    def csrf(self) -> str:
        """A token for the forms of this page; empty for a stranger, who has none to be bound to."""
        return csrf.session_token(self.token.reveal()) if self.token.reveal() else ""

    def check(self, posted: dict[str, str]) -> None:
        """Raises CrossSite unless the sent form carries a token made for this browser."""
        csrf.check_session_token(self.token.reveal(), posted.get(csrf.FIELD, ""))


def console_visit(request: AnyRequest, posted: dict[str, str] | None = None) -> ConsoleVisit:
    """The reader of a console page, let in by `gate.admit` before; with `posted`, one whose form came from our page.

    Raises NotFound for a language that there is not, CrossSite.
    """
    known: ConsoleVisit | None = getattr(request.state, "console_visit", None)
    visit = known or ConsoleVisit(request, open_visit(request).language)
    if posted is not None:
        visit.check(posted)
    return visit
