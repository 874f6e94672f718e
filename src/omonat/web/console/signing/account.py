"""One's own account: password, authenticator app, recovery codes, where one is signed in, what happened (6.2)."""

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.documents.qr import qr_svg
from omonat.kernel.errors import InvalidInput, NotFound, TooManyRequests
from omonat.kernel.ids import to_id
from omonat.kernel.secret import Sealed
from omonat.staff import PASSWORD, LastFactor, SignInRefused
from omonat.web import cookies
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import NO_STORE, csv_file, moved, part_of, wants_csv
from omonat.web.console.signing.entering import device_of, issuer_of
from omonat.web.console.signing.pages import EVENTS, HOW, NOT_PRESENT, error_text, page, password_field, said
from omonat.web.console.signing.proving import lately_proved
from omonat.web.console.signing.sign_in import wait_text
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import STAFF, limited
from omonat.web.visit import AnyRequest

PASSWORD_HINT = "At least 12 characters; several words are good. No rules about capitals or signs."  # noqa: S105 - a text


@get("/account", right=SIGNED_IN, unfinished=True, sync_to_thread=True)
def account_page(request: AnyRequest) -> Response[Any]:
    """Everything about one's own sign-in; with `?format=csv`, what happened to the account."""
    visit = console_visit(request)
    if wants_csv(visit) and part_of(visit) == "sessions":
        heads = tuple(said(visit, head) for head in ("Browser", "Signed in by", "Since", "Last seen"))
        open_ones = visit.omonat.staff_sessions.of(visit.account)
        rows = ((one.device, said(visit, HOW.get(one.how, one.how)), one.created_at, one.seen_at) for one in open_ones)
        return csv_file(visit, "sessions", heads, rows)
    if wants_csv(visit):
        heads = (said(visit, "When"), said(visit, "What"), said(visit, "Browser"))
        return csv_file(visit, "account-events", heads, _events(visit))
    return _account_page(visit, status=200)


def _events(visit: ConsoleVisit) -> list[tuple[datetime, str, str]]:
    events = visit.omonat.staff_secrets.events(visit.account)
    return [(one.at, said(visit, EVENTS[one.kind]) if one.kind in EVENTS else one.kind, one.device) for one in events]


def account_problem(visit: ConsoleVisit, problem: str, *, status: int) -> Response[Any]:
    """The account page, with what went wrong on it."""
    return _account_page(visit, status=status, problem=problem)


def _account_page(visit: ConsoleVisit, *, status: int, problem: str = "") -> Response[Any]:
    from omonat.web.console.administration.pages import Words  # that part imports this one

    account, secrets = visit.account, visit.omonat.staff_secrets
    sign_on = visit.omonat.settings.oidc
    return page(
        visit, "account", title="My account", status=status, problem=problem, factors=secrets.factors(account),
        sessions=visit.omonat.staff_sessions.of(account), here=visit.session, events=_events(visit),
        how={kind: said(visit, HOW[kind]) for kind in HOW},
        sign_on=sign_on.label if sign_on else "", roles=[Words(visit).role(name) for name in account.roles],
    )  # fmt: skip


# --- password ---------------------------------------------------------------------------------------------------------


@get("/account/password", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def password_page(request: AnyRequest) -> Response[Any]:
    """The present password and the new one."""
    return _password_page(console_visit(request), {}, status=200)


@post(
    "/account/password", right=SIGNED_IN, unfinished=True, guards=[lately_proved, limited(STAFF)], sync_to_thread=True
)
def change_password(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Every other browser is signed out, and this one goes on under a new token."""
    visit = console_visit(request, posted)
    account, device = visit.account, device_of(visit)
    try:
        if visit.omonat.staff_secrets.factors(account).password_at is not None:
            given = Sealed(posted.get("present", ""))
            visit.omonat.staff_sign_in.prove(account, given, device=device, now=visit.now)
        visit.omonat.staff_secrets.set_password(
            account, Sealed(posted.get("new_password", "")), visit.now, device=device
        )
    except SignInRefused:
        return _password_page(visit, {"present": said(visit, NOT_PRESENT)}, status=422)
    except TooManyRequests as error:
        return _password_page(visit, {"present": wait_text(visit, error)}, status=429)
    except InvalidInput as error:
        return _password_page(visit, {"new_password": error_text(visit, error.problems["password"])}, status=422)
    return renewed(visit, _how(visit), "password")


def _password_page(visit: ConsoleVisit, problems: dict[str, str], *, status: int) -> Response[Any]:
    has_one = visit.omonat.staff_secrets.factors(visit.account).password_at is not None
    present = password_field(visit, "present", "Present password", problem=problems.get("present", ""))
    new = password_field(
        visit, "new_password", "New password", problem=problems.get("new_password", ""), hint=PASSWORD_HINT
    )
    return page(
        visit, "password", title="Password", status=status, fields=(present, new) if has_one else (new,)
    )  # fmt: skip


def _how(visit: ConsoleVisit) -> str:
    assert visit.session is not None  # the gate let in who has one
    return visit.session.how


def renewed(visit: ConsoleVisit, how: str, done: str) -> Response[Any]:
    """The session goes on under a new token: what was known of the old one is worth nothing."""
    opened = visit.omonat.staff_sign_in.renew(
        visit.token, visit.account, how=how, device=device_of(visit), now=visit.now
    )
    answer = moved(visit, "/account", done=done)
    cookies.put_for_session(answer, cookies.STAFF, opened.token.reveal())
    return answer


def factor_added(visit: ConsoleVisit, how: str, done: str) -> Response[Any]:
    """The first second factor opens the rest of the console: a change of privilege, so a new token."""
    return renewed(visit, how, done) if _how(visit) == PASSWORD else moved(visit, "/account", done=done)


# --- authenticator app ------------------------------------------------------------------------------------------------


@post("/account/totp", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def begin_totp(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Make a secret to be scanned; an app that is set up goes on counting until the new one is confirmed."""
    visit = console_visit(request, posted)
    visit.omonat.staff_secrets.begin_totp(visit.account)
    return moved(visit, "/account/totp")


@get("/account/totp", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def totp_page(request: AnyRequest) -> Response[Any]:
    """The secret as a picture and as text, and a field for the first code."""
    return _totp_page(console_visit(request), "", status=200)


@post(
    "/account/totp/confirm", right=SIGNED_IN, unfinished=True, guards=[lately_proved, limited(STAFF)],
    sync_to_thread=True,
)  # fmt: skip
def confirm_totp(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The first code shows that the app has the secret; from then on it counts."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.staff_secrets.confirm_totp(
            visit.account, posted.get("code", ""), visit.now, device=device_of(visit)
        )
    except InvalidInput as error:
        return _totp_page(visit, error_text(visit, error.problems["code"]), status=422)
    return factor_added(visit, "totp", "totp")


def _totp_page(visit: ConsoleVisit, problem: str, *, status: int) -> Response[Any]:
    offer = visit.omonat.staff_secrets.totp_offer(visit.account, issuer_of(visit))
    if offer is None:
        return moved(visit, "/account")
    hint = said(visit, "The app shows it as soon as it has scanned the picture.")
    field = FieldView("code", said(visit, "Code of six digits"), "code", True, 12, "", problem, hint)
    return page(
        visit, "totp", title="Authenticator app", status=status, fields=(field,), secret=offer.text.reveal()
    )  # fmt: skip


@get("/account/totp.svg", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def totp_image(request: AnyRequest) -> Response[Any]:
    """The secret for the camera of a phone. Kept by no cache."""
    visit = console_visit(request)
    offer = visit.omonat.staff_secrets.totp_offer(visit.account, issuer_of(visit))
    if offer is None:
        raise NotFound
    return Response(qr_svg(offer.uri.reveal()), media_type="image/svg+xml", headers=NO_STORE)


@get("/account/totp/remove", right=SIGNED_IN, guards=[lately_proved], sync_to_thread=True)
def remove_totp_page(request: AnyRequest) -> Response[Any]:
    """Asks first."""
    visit = console_visit(request)
    if visit.omonat.staff_secrets.factors(visit.account).totp_at is None:
        raise NotFound
    return page(visit, "remove", title="Remove the authenticator app", name="", path="/console/account/totp/remove")


@post("/account/totp/remove", right=SIGNED_IN, guards=[lately_proved], sync_to_thread=True)
def remove_totp(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The last second factor stays."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.staff_secrets.remove_totp(visit.account, visit.now, device=device_of(visit))
    except LastFactor as error:
        return last_factor(visit, error)
    return moved(visit, "/account", done="totp_removed")


def last_factor(visit: ConsoleVisit, error: LastFactor) -> Response[Any]:
    """Says why nothing was removed."""
    problem = f"{error_text(visit, error.message)} {error_text(visit, error.what_to_do)}"
    return account_problem(visit, problem, status=409)


# --- recovery codes ---------------------------------------------------------------------------------------------------


@get("/account/recovery-codes", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def recovery_page(request: AnyRequest) -> Response[Any]:
    """What they are, and a button that makes new ones."""
    visit = console_visit(request)
    left = visit.omonat.staff_secrets.factors(visit.account).codes_left
    return page(visit, "recovery", title="Recovery codes", left=left, codes=())


@post("/account/recovery-codes", right=SIGNED_IN, unfinished=True, guards=[lately_proved], sync_to_thread=True)
def make_recovery_codes(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Ten codes, shown by this answer and never again; older ones are void."""
    visit = console_visit(request, posted)
    codes = visit.omonat.staff_secrets.new_recovery_codes(visit.account, visit.now, device=device_of(visit))
    shown = tuple(code.reveal() for code in codes)
    return page(visit, "recovery", title="Recovery codes", left=len(shown), codes=shown)


# --- sessions ---------------------------------------------------------------------------------------------------------


@post("/account/sessions/{session_id:str}/end", right=SIGNED_IN, sync_to_thread=True)
def end_session(request: AnyRequest, session_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Sign another browser of mine out; anybody else's is not found."""
    visit = console_visit(request, posted)
    if not visit.omonat.staff_sessions.end_one(visit.account, to_id(session_id)):
        raise NotFound
    return moved(visit, "/account", done="session")


@post("/account/sessions/end", right=SIGNED_IN, sync_to_thread=True)
def end_sessions(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Sign every other browser of mine out."""
    visit = console_visit(request, posted)
    visit.omonat.staff_sessions.end_others(visit.account, visit.token)
    return moved(visit, "/account", done="sessions")


HANDLERS = (
    account_page, password_page, change_password, begin_totp, totp_page, confirm_totp, totp_image, remove_totp_page,
    remove_totp, recovery_page, make_recovery_codes, end_session, end_sessions,
)  # fmt: skip
