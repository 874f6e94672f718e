"""The choice about cookies: the banner's answer and the settings page (clauses 8.1, 8.2)."""

from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.response import Redirect

from omonat.kernel.language import translate
from omonat.policy import cookie_details
from omonat.statistics import PURPOSE
from omonat.web import cookies
from omonat.web.forms import Posted
from omonat.web.limits import CHOICES, limited
from omonat.web.problems import BadRequest
from omonat.web.site.counting import page, remember_source
from omonat.web.visit import AnyRequest, Visit, is_local, open_visit

if TYPE_CHECKING:
    from omonat.statistics import Kept


@get("/{language:str}/cookies", sync_to_thread=True)
def cookie_settings(request: AnyRequest) -> Response[Any]:
    """Every declared cookie, what it is for and how long it stays, and the choice for each optional purpose."""
    visit = open_visit(request)
    return page(
        visit,
        "site/cookies.html",
        title=translate(visit.language, "site", "Cookie settings"),
        banner=None,  # this page is the question
        policy=visit.policy,
        optional={
            purpose: cookie_details(visit.policy, purpose, visit.language)
            for purpose in visit.omonat.consents.cookie_purposes()
        },
        saved=request.query_params.get("saved") == "yes",
        kept=_kept(visit),
    )


@post("/{language:str}/cookies", guards=[limited(CHOICES)], sync_to_thread=True)
def choose_cookies(request: AnyRequest, posted: Posted) -> Redirect:
    """Record a choice: `choice` is `refuse`, `accept` or `some` with a field `purpose_NAME` for each accepted one.

    Without JavaScript, too: answers with the page that asked. Raises BadRequest for any other word.
    """
    visit = open_visit(request)
    purposes = _chosen(visit, posted)
    via = "banner" if posted.get("via") == "banner" else "settings"
    value = visit.omonat.consents.choose(
        request.cookies.get(cookies.CHOICE), purposes, visit.language, via=via, gpc=visit.gpc,
        now=visit.omonat.clock.now(),
    )  # fmt: skip
    if session := request.cookies.get(cookies.SESSION):
        chosen = visit.omonat.consents.read_choice(value)
        visit.omonat.sign_in.take_along(session, chosen, visit.omonat.clock.now())
    answer = Redirect(_back(visit, posted, via), status_code=303)
    cookies.put(answer, cookies.CHOICE, value, days=cookies.CHOICE_DAYS)
    if not purposes.get(PURPOSE, False):
        cookies.remove(answer, cookies.VISIT)
    elif via == "banner":
        remember_source(visit, answer, posted.get("came", ""))
    return answer


def _kept(visit: Visit) -> "Kept | None":
    """How much is kept of this browser's visits; nothing where its person did not agree (7.1 a)."""
    if visit.choice is None or not visit.permits(PURPOSE):
        return None
    return visit.omonat.statistics.kept(visit.choice.visitor_id)


def _chosen(visit: Visit, posted: dict[str, str]) -> dict[str, bool]:
    optional, word = visit.omonat.consents.cookie_purposes(), posted.get("choice")
    if word == "some":
        return {purpose: posted.get(f"purpose_{purpose}") == "on" for purpose in optional}
    if word not in {"accept", "refuse"}:
        raise BadRequest
    return dict.fromkeys(optional, word == "accept")


def _back(visit: Visit, posted: dict[str, str], via: str) -> str:
    if via == "settings":
        return visit.url("/cookies?saved=yes")
    back = posted.get("back", "")
    return back if is_local(back) else visit.url("/")
