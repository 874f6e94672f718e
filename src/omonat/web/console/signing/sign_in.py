"""The sign-in of the staff: name and password, then a code; or a passkey alone. Signing out (clause 6.2)."""

from typing import Any

from litestar import Response, get, post

from omonat.kernel.errors import OmonatError, TooManyRequests
from omonat.kernel.secret import Sealed
from omonat.staff import CeremonyOver, Opened, PasskeyRefused, SignInRefused
from omonat.web import cookies
from omonat.web.console.gate import SIGNED_IN, STRANGER
from omonat.web.console.pages import NO_STORE, moved
from omonat.web.console.signing.entering import back_to, device_of, entered, party_of, waiting, way_back
from omonat.web.console.signing.pages import error_text, page, password_field, said
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import STAFF, limited
from omonat.web.visit import AnyRequest

NOT_RIGHT = "Name or password is not right."
CODE_NOT_RIGHT = "This code is not right, or it was used already. Wait for the next one."
WAIT = "There were too many wrong tries. Wait {minutes} min and try again."


@get("/sign-in", right=STRANGER, sync_to_thread=True)
def sign_in_page(request: AnyRequest) -> Response[Any]:
    """Name and password, or a passkey."""
    visit = console_visit(request)
    to = way_back(visit)
    if visit.session is not None:
        return back_to(visit, to) if to else moved(visit, "")
    return _sign_in_page(visit, to, "", status=200)


@post("/sign-in", right=STRANGER, guards=[limited(STAFF)], sync_to_thread=True)
def sign_in(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The first step. What is wrong is never said, nor whether there is such a name."""
    visit = console_visit(request)
    to = way_back(visit, posted)
    name = posted.get("name", "")[:120]
    given = Sealed(posted.get("password", ""))
    try:
        found = visit.omonat.staff_sign_in.password(name, given, device=device_of(visit), now=visit.now)
    except SignInRefused:
        return _sign_in_page(visit, to, said(visit, NOT_RIGHT), status=422, name=name)
    except TooManyRequests as error:
        return _closed(_sign_in_page(visit, to, wait_text(visit, error), status=429, name=name), error)
    if isinstance(found, Opened):
        return entered(visit, found, to)
    return waiting(visit, found.token.reveal(), "/sign-in/second", to)


def _sign_in_page(visit: ConsoleVisit, to: str, problem: str, *, status: int, name: str = "") -> Response[Any]:
    fields = (
        FieldView("name", said(visit, "Name"), "username", True, 120, name),
        password_field(visit, "password", "Password"),
    )
    sign_on = visit.omonat.settings.oidc
    return page(
        visit, "sign_in", title="Sign in", status=status, fields=fields, to=to, problem=problem,
        sign_on=sign_on.label if sign_on else "",
    )  # fmt: skip


def sign_in_problem(visit: ConsoleVisit, to: str, problem: str) -> Response[Any]:
    """The sign-in page, with what went wrong on it."""
    return _sign_in_page(visit, to, problem, status=422)


def wait_text(visit: ConsoleVisit, error: OmonatError) -> str:
    """How long no try counts."""
    minutes = max(1, -(-int(str(error.details.get("seconds", 60))) // 60))
    return said(visit, WAIT, minutes=minutes)


def _closed(answer: Response[Any], error: OmonatError) -> Response[Any]:
    answer.headers["Retry-After"] = str(error.details.get("seconds", 60))
    return answer


@get("/sign-in/second", right=STRANGER, sync_to_thread=True)
def second_page(request: AnyRequest) -> Response[Any]:
    """Where the code goes."""
    visit = console_visit(request)
    return _second_page(visit, way_back(visit), "", status=200)


@post("/sign-in/second", right=STRANGER, guards=[limited(STAFF)], sync_to_thread=True)
def second(request: AnyRequest, posted: Posted) -> Response[Any]:
    """A code of the app, or a recovery code: each counts once."""
    visit = console_visit(request)
    to = way_back(visit, posted)
    visit.check(posted)
    code = posted.get("code", "") or posted.get("recovery", "")
    try:
        opened = visit.omonat.staff_sign_in.second(visit.token, code, device=device_of(visit), now=visit.now)
    except CeremonyOver:
        return moved(visit, "/sign-in", **({"to": to} if to else {}))
    except SignInRefused:
        return _second_page(visit, to, said(visit, CODE_NOT_RIGHT), status=422, field=_field_of(posted))
    except TooManyRequests as error:
        return _closed(_second_page(visit, to, wait_text(visit, error), status=429, field=_field_of(posted)), error)
    return entered(visit, opened, to)


def _field_of(posted: dict[str, str]) -> str:
    return "recovery" if posted.get("recovery") and not posted.get("code") else "code"


def _second_page(visit: ConsoleVisit, to: str, problem: str, *, status: int, field: str = "code") -> Response[Any]:
    factors = visit.omonat.staff_sign_in.waiting(visit.token, visit.now)
    if factors is None:
        return moved(visit, "/sign-in", **({"to": to} if to else {}))
    code = FieldView(
        "code", said(visit, "Code of six digits"), "code", True, 12, "", problem if field == "code" else "",
        said(visit, "Your authenticator app shows it; it changes every 30 seconds."),
    )  # fmt: skip
    recovery = FieldView(
        "recovery", said(visit, "Recovery code"), "recovery", True, 20, "", problem if field == "recovery" else "",
        said(visit, "One of the ten that you have kept. Each works once."),
    )  # fmt: skip
    return page(
        visit, "second", title="Second step", status=status, code=code, recovery=recovery, to=to, factors=factors
    )


# --- passkeys ---------------------------------------------------------------------------------------------------------


@post("/sign-in/passkey/options", right=STRANGER, guards=[limited(STAFF)], sync_to_thread=True)
def passkey_options(request: AnyRequest) -> Response[Any]:
    """What the browser is to ask a device; good for one answer, in this browser alone."""
    visit = console_visit(request)
    options, token = visit.omonat.staff_sign_in.begin_passkey(party_of(visit), visit.now)
    answer = Response(options.encode(), media_type="application/json", status_code=200, headers=NO_STORE)
    cookies.put_for_session(answer, cookies.STAFF, token.reveal())
    return answer


@post("/sign-in/passkey", right=STRANGER, guards=[limited(STAFF)], sync_to_thread=True)
def passkey(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The device's answer: both factors in one."""
    visit = console_visit(request)
    to = way_back(visit, posted)
    try:
        opened = visit.omonat.staff_sign_in.finish_passkey(
            visit.token, posted.get("answer", ""), party_of(visit), device=device_of(visit), now=visit.now
        )
    except (PasskeyRefused, CeremonyOver) as error:
        problem = f"{error_text(visit, error.message)} {error_text(visit, error.what_to_do)}"
        return _sign_in_page(visit, to, problem, status=422)
    return entered(visit, opened, to)


# --- out --------------------------------------------------------------------------------------------------------------


@get("/sign-out", right=STRANGER, sync_to_thread=True)
def sign_out_page(request: AnyRequest) -> Response[Any]:
    """Nothing happens by a link: the page asks."""
    visit = console_visit(request)
    if visit.session is None:
        return page(visit, "signed_out", title="You are signed out")
    return page(visit, "sign_out", title="Sign out")


@post("/sign-out", right=SIGNED_IN, unfinished=True, sync_to_thread=True)
def sign_out(request: AnyRequest, posted: Posted) -> Response[Any]:
    """End the session here and forget it in the browser."""
    visit = console_visit(request, posted)
    visit.omonat.staff_sessions.end(visit.token)
    answer = moved(visit, "/sign-out")
    cookies.remove(answer, cookies.STAFF)
    return answer


HANDLERS = (
    sign_in_page, sign_in, second_page, second, passkey_options, passkey, sign_out_page, sign_out,
)  # fmt: skip
