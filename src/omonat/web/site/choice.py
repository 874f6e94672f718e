"""The choice about cookies: the banner's answer and the settings page (clauses 8.1, 8.2)."""

from typing import Any

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
    )


@post("/{language:str}/cookies", guards=[limited(CHOICES)], sync_to_thread=True)
def choose_cookies(request: AnyRequest, posted: Posted) -> Redirect:
    """Record a choice: `choice` is `refuse`, `accept` or `some` with a field `purpose_NAME` for each accepted one.

    Without JavaScript, too: answers with the page that asked. Raises BadRequest for any other word.
    """
    visit = open_visit(request)
    purposes = _chosen(visit, posted)
    via = "banner" if posted.get("via") == "banner" else "settings"
    if any(purposes.values()) and _is_stale(visit, posted):
        return Redirect(_back(visit, posted, via), status_code=303)
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


def _is_stale(visit: Visit, posted: dict[str, str]) -> bool:
    """Whether the banner was shown with a notice that is not in force any more: its yes is asked anew (1.2)."""
    now = visit.omonat.consents.banner_text(visit.language)[1]
    return posted.get("text", now) != now


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
