"""Sign-in by a one-time code sent to an address or number that is already held; "who are you?"; sign-out (7.1)."""

from typing import Any

from litestar import Response, get, post

from omonat.crypto import new_token
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.policy import sign_in_notice
from omonat.rights import WrongCode
from omonat.web import cookies
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import ANSWERS, CODES, limited
from omonat.web.pages import linked
from omonat.web.portal.pages import moved, page, said
from omonat.web.portal.person import (
    NotSignedIn,
    PortalVisit,
    asking_cookie,
    browser_tag,
    find_asking,
    portal_visit,
)
from omonat.web.visit import AnyRequest

_LONGEST = 254
_MINE, _PERSON = "mine_", "person"


@get("/sign-in", sync_to_thread=True)
def sign_in_page(request: AnyRequest) -> Response[Any]:
    """One field: an e-mail address or a phone number."""
    visit = portal_visit(request)
    if visit.session is not None:
        return moved(visit, "/my")
    return _sign_in_page(visit, "", "", status=200)


@post("/sign-in", guards=[limited(CODES)], sync_to_thread=True)
def ask_for_code(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Send a code if the address is held. The answer is the same when it is not."""
    visit = portal_visit(request)
    typed = posted.get("identifier", "")
    random = new_token()
    try:
        challenge_id = visit.omonat.sign_in.start(None, typed, browser_tag(random), visit.language, visit.now)
    except InvalidInput as error:
        problem = next(iter(error.problems.values()))
        return _sign_in_page(visit, typed, translate(visit.language, "errors", problem), status=422)
    if visit.session is not None:
        visit.omonat.sign_in.end(visit.token)
    answer = moved(visit, "/my/code")
    cookies.put_for_session(answer, cookies.SESSION, asking_cookie(random, challenge_id))
    return answer


def _sign_in_page(visit: PortalVisit, typed: str, problem: str, *, status: int) -> Response[Any]:
    field = FieldView(
        "identifier", said(visit, "Your e-mail address or phone number"), "identifier", True, _LONGEST, typed, problem,
        said(visit, "The one that you gave us with a form. For example: +998 90 123 45 67 or name@example.uz"),
    )  # fmt: skip
    notice = linked(visit, sign_in_notice(visit.policy, visit.language))
    return page(visit, "sign_in", title="My data", status=status, fields=(field,), notice=notice)


@get("/code", sync_to_thread=True)
def code_page(request: AnyRequest) -> Response[Any]:
    """Where the six digits go."""
    visit = portal_visit(request)
    if visit.session is not None:
        return moved(visit, "/my")
    if find_asking(visit.token) is None:
        raise NotSignedIn
    return page(visit, "code", title="Enter the code", fields=(code_field(visit),))


@post("/code", guards=[limited(ANSWERS)], sync_to_thread=True)
def answer_code(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The right code opens a session under a new token; a wrong one says nothing about why."""
    visit = portal_visit(request)
    asking = find_asking(visit.token)
    if asking is None:
        raise NotSignedIn
    visit.check(posted)
    try:
        done = visit.omonat.sign_in.answer(asking.challenge_id, asking.browser_tag, digits(posted), visit.now)
    except WrongCode as error:
        problem = translate(visit.language, "errors", error.message)
        return page(visit, "code", title="Enter the code", status=422, fields=(code_field(visit, problem),))
    visit.omonat.sign_in.take_along(done.session_token, visit.choice, visit.now)
    answer = moved(visit, "/my/who" if done.candidates else "/my")
    cookies.put_for_session(answer, cookies.SESSION, done.session_token.reveal())
    return answer


def code_field(visit: PortalVisit, problem: str = "") -> FieldView:
    """Six digits, filled in by the phone itself where it can."""
    return FieldView("code", said(visit, "Code of six digits"), "code", True, 12, "", problem)


def digits(posted: dict[str, str]) -> str:
    """The digits of the typed code, without the spaces and hyphens that people put between."""
    return "".join(sign for sign in posted.get("code", "")[:40] if sign.isascii() and sign.isdigit())


@get("/who", sync_to_thread=True)
def who_page(request: AnyRequest) -> Response[Any]:
    """Several forms name this address or number: which are mine?"""
    visit = portal_visit(request)
    return _who_page(visit, "", status=200)


@post("/who", guards=[limited(ANSWERS)], sync_to_thread=True)
def choose_who(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Open the session for what was ticked; claimed records that were ticked are joined to it."""
    visit = portal_visit(request)
    if visit.session is None:
        raise NotSignedIn
    visit.check(posted)
    ticked = [to_id(name.removeprefix(_MINE)) for name in posted if name.startswith(_MINE)]
    if posted.get(_PERSON):
        ticked.insert(0, to_id(posted[_PERSON]))
    try:
        visit.omonat.sign_in.choose(visit.token, ticked, visit.now)
        visit.omonat.sign_in.take_along(visit.token, visit.choice, visit.now)
    except (NotFound, Denied):
        return _who_page(visit, said(visit, "Choose what is yours. What is confirmed already comes first."), status=422)
    return moved(visit, "/my")


def _who_page(visit: PortalVisit, problem: str, *, status: int) -> Response[Any]:
    if visit.session is None:
        raise NotSignedIn
    if visit.session.subject_id is not None:
        return moved(visit, "/my")
    candidates = visit.omonat.sign_in.candidates(visit.token, visit.now)
    return page(visit, "who", title="Who are you?", status=status, candidates=candidates, problem=problem)


@get("/sign-out", sync_to_thread=True)
def sign_out_page(request: AnyRequest) -> Response[Any]:
    """Nothing happens by a link: the page asks."""
    visit = portal_visit(request)
    if visit.session is None:
        return page(visit, "signed_out", title="You are signed out")
    return page(visit, "sign_out", title="Sign out")


@post("/sign-out", sync_to_thread=True)
def sign_out(request: AnyRequest, posted: Posted) -> Response[Any]:
    """End the session here and forget it in the browser, with every other cookie of ours."""
    visit = portal_visit(request)
    if visit.session is not None:
        visit.check(posted)
        visit.omonat.sign_in.end(visit.token)
    answer = moved(visit, "/my/sign-out")
    forget(visit, answer)
    return answer


def forget(visit: PortalVisit, answer: Response[Any]) -> None:
    """Remove every cookie of ours, so that the next page meets a stranger."""
    cookies.remove(answer, *cookies.ours(visit.request, visit.policy.cookies))
    answer.headers["Clear-Site-Data"] = '"storage"'
