"""Single sign-on: to the provider of the operator and back, to sign in or to bind one's own account (clause 6.2).

The way out is a page that leads on by itself (`Refresh`), for the CSP lets no form end at another site.
"""

import hmac
from typing import Any
from urllib.parse import quote, unquote

from litestar import Response, get, post

from omonat.kernel.errors import Conflict, NotFound, OmonatError
from omonat.kernel.language import LANGUAGES
from omonat.kernel.secret import Sealed
from omonat.oidc import SignOn, Trip
from omonat.staff import CeremonyOver, LastFactor, Opened, SingleSignOnFailed
from omonat.web import cookies
from omonat.web.console.gate import SIGNED_IN, STRANGER
from omonat.web.console.pages import moved
from omonat.web.console.signing.account import account_problem
from omonat.web.console.signing.entering import device_of, entered, waiting, way_back
from omonat.web.console.signing.pages import error_text, page
from omonat.web.console.signing.proving import lately_proved
from omonat.web.console.signing.sign_in import sign_in_problem
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.limits import STAFF, limited
from omonat.web.visit import AnyRequest

SIGN_IN, BIND = "oidc", "oidc_bind"
BACK = "/en/console/sign-in/oidc/back"  # one address for all languages: the provider knows it literally


def _sign_on(visit: ConsoleVisit) -> SignOn:
    if visit.omonat.sign_on is None:
        raise NotFound
    return visit.omonat.sign_on


def _trip(visit: ConsoleVisit, token: Sealed[str]) -> Trip:
    derived = visit.omonat.staff_sign_in.derived
    base = visit.omonat.settings.base_url.rstrip("/")
    return Trip(f"{base}{BACK}", derived("nonce", token).hex(), derived("verifier", token).hex())


def _leaving(visit: ConsoleVisit, token: Sealed[str], state: str) -> Response[Any]:
    address = _sign_on(visit).address(_trip(visit, token), state, visit.now)
    label = visit.omonat.settings.oidc.label if visit.omonat.settings.oidc else ""
    answer = page(visit, "leaving", title="On to the sign-in of your organisation", address=address, label=label)
    answer.headers["Refresh"] = f"0; url={address}"
    return answer


@post("/sign-in/oidc", right=STRANGER, guards=[limited(STAFF)], sync_to_thread=True)
def sign_in_with(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Begin in this browser: only it can come back."""
    visit = console_visit(request)
    _sign_on(visit)
    token = visit.omonat.staff_sign_in.begin_sign_on(SIGN_IN, None, visit.now)
    try:
        answer = _leaving(visit, token, _state(visit, token, way_back(visit, posted)))
    except SingleSignOnFailed as error:
        return sign_in_problem(visit, way_back(visit, posted), _told(visit, error))
    cookies.put_for_session(answer, cookies.STAFF, token.reveal())
    return answer


@post("/account/oidc", right=SIGNED_IN, guards=[lately_proved], sync_to_thread=True)
def bind(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Bind one's own account, signed in with both factors."""
    visit = console_visit(request, posted)
    _sign_on(visit)
    token = visit.omonat.staff_sign_in.begin_sign_on(BIND, visit.account, visit.now)
    try:
        return _leaving(visit, token, f"bind.{visit.language}.{token.reveal()}")
    except SingleSignOnFailed as error:
        return account_problem(visit, _told(visit, error), status=422)


@post("/account/oidc/unbind", right=SIGNED_IN, guards=[lately_proved], sync_to_thread=True)
def unbind(request: AnyRequest, posted: Posted) -> Response[Any]:
    """From now on the provider opens nothing here."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.staff_sign_in.unbind_identity(visit.account, device=device_of(visit), now=visit.now)
    except LastFactor as error:
        return account_problem(visit, _told(visit, error), status=409)
    return moved(visit, "/account", done="unbound")


@get("/sign-in/oidc/back", right=STRANGER, guards=[limited(STAFF)], sync_to_thread=True)
def back(request: AnyRequest) -> Response[Any]:
    """The provider sent the browser back, with a code for us and our own state."""
    visit = console_visit(request)
    _sign_on(visit)
    kind, _, rest = request.query_params.get("state", "").partition(".")
    language, _, rest = rest.partition(".")
    if language in LANGUAGES:
        visit.language = language
    return _bound(visit, Sealed(rest)) if kind == "bind" else _signed_in(visit, kind, unquote(rest))


def _state(visit: ConsoleVisit, token: Sealed[str], to: str) -> str:
    return f"{_mark(visit, token)}.{visit.language}.{quote(to, safe='')}"


def _mark(visit: ConsoleVisit, token: Sealed[str]) -> str:
    return visit.omonat.staff_sign_in.derived("state", token).hex()


def _code(visit: ConsoleVisit) -> str:
    """The code of an answer that comes from our provider (RFC 9207). Raises SingleSignOnFailed."""
    said = visit.request.query_params
    code: str = said.get("code", "")
    if not code or said.get("iss", _sign_on(visit).issuer) != _sign_on(visit).issuer:
        raise SingleSignOnFailed
    return code


def _signed_in(visit: ConsoleVisit, mark: str, said_to: str) -> Response[Any]:
    to = said_to if way_back(visit, {"to": said_to}) == said_to else ""
    try:
        if not hmac.compare_digest(mark.encode(), _mark(visit, visit.token).encode()):
            raise CeremonyOver
        visit.omonat.staff_sign_in.take_sign_on(SIGN_IN, visit.token, visit.now)
        who = _sign_on(visit).identify(_trip(visit, visit.token), _code(visit), visit.now)
        found = visit.omonat.staff_sign_in.by_identity(
            who.issuer, who.subject, has_second=who.has_second, device=device_of(visit), now=visit.now
        )
    except (SingleSignOnFailed, CeremonyOver) as error:
        return sign_in_problem(visit, to, _told(visit, error))
    if isinstance(found, Opened):
        return entered(visit, found, to)
    return waiting(visit, found.token.reveal(), "/sign-in/second", to)


def _bound(visit: ConsoleVisit, token: Sealed[str]) -> Response[Any]:
    """Only the member who began, signed in still, ends it."""
    if visit.session is None:
        return moved(visit, "/sign-in")
    try:
        whose = visit.omonat.staff_sign_in.take_sign_on(BIND, token, visit.now)
        if whose != visit.account.staff_id:
            raise CeremonyOver
        who = _sign_on(visit).identify(_trip(visit, token), _code(visit), visit.now)
        visit.omonat.staff_sign_in.bind_identity(
            visit.account, who.issuer, who.subject, device=device_of(visit), now=visit.now
        )
    except (SingleSignOnFailed, CeremonyOver, Conflict) as error:
        return account_problem(visit, _told(visit, error), status=422)
    return moved(visit, "/account", done="bound")


def _told(visit: ConsoleVisit, error: OmonatError) -> str:
    return f"{error_text(visit, error.message)} {error_text(visit, error.what_to_do)}"


HANDLERS = (sign_in_with, bind, unbind, back)
