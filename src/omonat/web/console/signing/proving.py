"""Acts of weight on one's own account ask again who is there: an unguarded or stolen session takes nothing over."""

from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler
from litestar.response import Redirect

from omonat.kernel.errors import OmonatError, TooManyRequests
from omonat.kernel.secret import Sealed
from omonat.staff import SignInRefused
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import NO_STORE, moved
from omonat.web.console.signing.entering import device_of
from omonat.web.console.signing.pages import NOT_PRESENT, page, password_field, said
from omonat.web.console.signing.sign_in import wait_text
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.limits import STAFF, limited
from omonat.web.problems import language_of
from omonat.web.visit import AnyRequest

LASTS = timedelta(minutes=15)


class ProveFirst(OmonatError):
    """The sign-in is too long ago for this act: leads to the question for the password."""

    code = "prove_first"
    message = "Show again that it is you."
    what_to_do = "Type your password on your account page, then repeat the act."


async def lately_proved(connection: ASGIConnection[Any, Any, Any, Any], _handler: BaseRouteHandler) -> None:
    """Guard, after that of the console. Raises ProveFirst."""
    visit: ConsoleVisit = connection.state.console_visit
    if visit.session is None or visit.now - visit.session.proved_at > LASTS:
        raise ProveFirst


def to_proof(request: Request[Any, Any, Any], _error: Exception) -> Redirect:
    """To the question for the password."""
    return Redirect(f"/{language_of(request)}/console/account/prove", status_code=303, headers=NO_STORE)


@get("/account/prove", right=SIGNED_IN, unfinished=True, sync_to_thread=True)
def prove_page(request: AnyRequest) -> Response[Any]:
    """The password again."""
    return _prove_page(console_visit(request), "", status=200)


@post("/account/prove", right=SIGNED_IN, unfinished=True, guards=[limited(STAFF)], sync_to_thread=True)
def prove(request: AnyRequest, posted: Posted) -> Response[Any]:
    """A right password opens acts of weight for a quarter of an hour."""
    visit = console_visit(request, posted)
    given = Sealed(posted.get("password", ""))
    try:
        visit.omonat.staff_sign_in.prove(visit.account, given, device=device_of(visit), now=visit.now)
    except SignInRefused:
        return _prove_page(visit, said(visit, NOT_PRESENT), status=422)
    except TooManyRequests as error:
        return _prove_page(visit, wait_text(visit, error), status=429)
    visit.omonat.staff_sessions.proved(visit.token, visit.now)
    return moved(visit, "/account", done="proved")


def _prove_page(visit: ConsoleVisit, problem: str, *, status: int) -> Response[Any]:
    has_one = visit.omonat.staff_secrets.factors(visit.account).password_at is not None
    fields = (password_field(visit, "password", "Password", problem=problem),) if has_one else ()
    return page(visit, "prove", title="Is it you?", status=status, fields=fields)


HANDLERS = (prove_page, prove)
