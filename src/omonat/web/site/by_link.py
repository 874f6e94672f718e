"""Pages behind links in letters, without sign-in and without cookies: confirm, unsubscribe, preferences (3.1, 7.1 c).

The token in the address opens one thing and is never logged (lines carry the template of the route). A link that is
fetched by a scanner of mail changes nothing: only a POST does. `POST /unsubscribe/...` is for mail programs (RFC 8058).
One link is used so often and no more, and wrong ones are limited per address (web/limits.py).
"""

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.crypto.fields import text_hash
from omonat.kernel.errors import InvalidInput, NotFound, PolicyChanged
from omonat.kernel.language import DEFAULT_LANGUAGE, LANGUAGES, translate
from omonat.web.csrf import PROGRAMS
from omonat.web.forms import Posted
from omonat.web.limits import ANSWERS, count_wrong_link, limited, one_link
from omonat.web.pages import render
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest, Visit, omonat_of, open_visit

Token = FromPath[str]
DOMAIN = "consent"
ANSWERS_GIVEN = {
    "confirmed": (
        "Your consent is confirmed",
        "Thank you. You can take it back at any time, by one click in each letter or on your own page.",
    ),
    "known": (
        "One more step",
        "Your consent is recorded. Somebody has confirmed this address or number with us before. If that was you, "
        "sign in with it once and say that both are yours; until then nothing is sent.",
    ),
    "declined": ("You said no", "Your refusal is recorded. Nothing is sent to you."),
    "unsubscribed": ("You are unsubscribed", "From this moment on nothing more is sent to you this way."),
}
"""Title and text of what was done, by its word in the address."""
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


def _said(visit: Visit, text: str, **places: object) -> str:
    return translate(visit.language, DOMAIN, text, **places)


def _page(visit: Visit, template: str, title: str, **context: Any) -> Response[str]:
    """Never counted, never kept, and it asks nothing about cookies."""
    shown = {"banner": None, "names": visit.names, **context}
    answer = render(visit, f"consent/{template}.html", title=_said(visit, title), domain=DOMAIN, **shown)
    answer.headers.update(_PRIVATE)
    return answer


def _gone(visit: Visit) -> Response[str]:
    """A link that was answered, has run out, was overtaken by a new version, or was never ours: one page for all.

    Raises TooManyRequests where one address brings many of them.
    """
    count_wrong_link(visit.request)
    return _page(visit, "gone", "This link does not work any more", status=404)


def _moved(visit: Visit, path: str) -> Redirect:
    return Redirect(visit.url(path), status_code=303, headers=_PRIVATE)


# --- confirming a consent -------------------------------------------------------------------------------------------


@get("/{language:str}/confirm/{token:str}", guards=[one_link], sync_to_thread=True)
def confirm_page(request: AnyRequest, token: Token) -> Response[Any]:
    """What is asked, with the exact text that was shown when it was asked, and the two answers."""
    visit = open_visit(request)
    try:
        waiting = visit.omonat.by_link.find_waiting(token, visit.omonat.clock.now())
    except NotFound:
        return _gone(visit)
    notice = visit.omonat.consents.get_text(waiting.text_hash)
    return _page(visit, "confirm", "Confirm your consent", waiting=waiting, notice=notice, token=token)


@post("/{language:str}/confirm/{token:str}", guards=[limited(ANSWERS), one_link], sync_to_thread=True)
def confirm(request: AnyRequest, token: Token, posted: Posted) -> Response[Any]:
    """`answer` is `yes`: the consent stands from now on; `no`: it is refused."""
    visit = open_visit(request)
    links, now = visit.omonat.by_link, visit.omonat.clock.now()
    if posted.get("answer") not in {"yes", "no"}:
        raise BadRequest
    try:
        if posted["answer"] == "no":
            links.decline(token, now)
            return _moved(visit, "/answered/declined")
        return _moved(visit, "/answered/confirmed" if links.confirm(token, now) else "/answered/known")
    except NotFound:
        return _gone(visit)


@get("/{language:str}/answered/{word:str}", sync_to_thread=True)
def answered(request: AnyRequest, word: FromPath[str]) -> Response[Any]:
    """What was done; it asks nothing and names nobody."""
    visit = open_visit(request)
    if word not in ANSWERS_GIVEN:
        raise NotFound
    title, text = ANSWERS_GIVEN[word]
    return _page(visit, "answered", title, text=_said(visit, text), word=word)


# --- unsubscribing --------------------------------------------------------------------------------------------------


async def read_language(request: Request[Any, Any, Any]) -> str:
    """Dependency: the language that our own page sends along; empty for a mail program, however it sends its word."""
    try:
        form = await request.form()
    except (ValueError, HTTPException):  # RFC 8058 names the word to send, and it says nothing that we need
        return ""
    word = form.get("language", "")
    return word if isinstance(word, str) and word in LANGUAGES else ""


@post(
    "/unsubscribe/{purpose:str}/{channel:str}/{token:str}", opt={PROGRAMS: True}, sync_to_thread=True, status_code=200,
    guards=[one_link], dependencies={"language": Provide(read_language)},
)  # fmt: skip
def unsubscribe(
    request: AnyRequest, purpose: FromPath[str], channel: FromPath[str], token: Token, language: NamedDependency[str]
) -> Response[Any]:
    """One click in a mail program: no sign-in, no cookie, no question, the same answer each time.

    From our own page the field `language` leads to a page that says so.
    """
    omonat = omonat_of(request)
    try:
        omonat.by_link.unsubscribe(token, purpose, channel, language or DEFAULT_LANGUAGE, omonat.clock.now())
    except NotFound:
        count_wrong_link(request)
        raise
    if language:
        return Redirect(f"/{language}/answered/unsubscribed", status_code=303, headers=_PRIVATE)
    return Response("", media_type="text/plain", headers=_PRIVATE)


@get("/unsubscribe/{purpose:str}/{channel:str}/{token:str}", sync_to_thread=True)
def unsubscribe_link(purpose: FromPath[str], channel: FromPath[str], token: Token) -> Redirect:
    """Whoever follows the address with a browser gets a page with a button."""
    path = f"/{DEFAULT_LANGUAGE}/unsubscribe/{purpose}/{channel}/{token}"
    return Redirect(path, status_code=303, headers=_PRIVATE)


@get("/{language:str}/unsubscribe/{purpose:str}/{channel:str}/{token:str}", guards=[one_link], sync_to_thread=True)
def unsubscribe_page(
    request: AnyRequest, purpose: FromPath[str], channel: FromPath[str], token: Token
) -> Response[Any]:
    """What would end, and the button."""
    visit = open_visit(request)
    try:
        visit.omonat.by_link.check_unsubscribe(token, purpose, channel)
    except NotFound:
        return _gone(visit)
    return _page(
        visit, "unsubscribe", "Unsubscribe", purpose=purpose, channel=channel,
        action=f"/unsubscribe/{purpose}/{channel}/{token}",
    )  # fmt: skip


# --- preferences ----------------------------------------------------------------------------------------------------


@get("/{language:str}/preferences/{token:str}", guards=[one_link], sync_to_thread=True)
def preferences_page(request: AnyRequest, token: Token) -> Response[Any]:
    """The consents by channel, one box each."""
    return _preferences(open_visit(request), token)


def _preferences(visit: Visit, token: str, *, problem: str = "", status: int = 200) -> Response[Any]:
    omonat = visit.omonat
    try:
        shown = omonat.by_link.preferences(token, omonat.clock.now())
    except NotFound:
        return _gone(visit)
    notices = {
        (one.purpose, one.channel): omonat.rights.consent_text(one.channel, visit.language, one.purpose)
        for one in shown
    }
    return _page(
        visit, "preferences", "What we may write to you about", status=status, preferences=shown, notices=notices,
        hashes={pair: text_hash(notice) for pair, notice in notices.items()}, token=token,
        saved=visit.request.query_params.get("saved") == "yes", problem=problem,
    )  # fmt: skip


@post("/{language:str}/preferences/{token:str}", guards=[limited(ANSWERS), one_link], sync_to_thread=True)
def set_preferences(request: AnyRequest, token: Token, posted: Posted) -> Response[Any]:
    """Keep the boxes as they are ticked; each is a word of the person, recorded with the text beside it."""
    visit = open_visit(request)
    try:
        shown = visit.omonat.by_link.preferences(token, visit.omonat.clock.now())
    except NotFound:
        return _gone(visit)
    pairs = ((one.purpose, one.channel) for one in shown)
    ticked = {pair: posted.get(f"text {' '.join(pair)}", "") for pair in pairs if posted.get(" ".join(pair)) == "on"}
    try:
        visit.omonat.by_link.set_preferences(token, ticked, visit.language, visit.omonat.clock.now())
    except InvalidInput:  # the address of that channel is held no more
        return _preferences(visit, token, problem="no_address", status=422)
    except PolicyChanged:
        return _preferences(visit, token, problem="changed", status=409)
    return _moved(visit, f"/preferences/{token}?saved=yes")


HANDLERS = (
    answered, confirm, confirm_page, preferences_page, set_preferences, unsubscribe, unsubscribe_link, unsubscribe_page,
)  # fmt: skip
