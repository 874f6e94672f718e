"""The choice about cookies: the banner's answer and the settings page (clauses 8.1, 8.2)."""

import asyncio
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.consent import cookie_purposes
from omonat.kernel.errors import NotFound
from omonat.kernel.language import LANGUAGES, translate
from omonat.policy import cookie_details
from omonat.statistics import PURPOSE
from omonat.web import cookies
from omonat.web.addresses import client_address
from omonat.web.csrf import require_same_origin
from omonat.web.forms import read_form
from omonat.web.limits import CHOICES
from omonat.web.problems import BadRequest
from omonat.web.site.counting import page
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


@post("/{language:str}/cookies")
async def choose_cookies(request: AnyRequest, language: FromPath[str]) -> Response[Any]:
    """Record a choice; `web.hot` leads to the same function on a shorter way."""
    return await record_choice(request, language, await request.body())


async def record_choice(request: AnyRequest, language: str, body: bytes) -> Response[Any]:
    """Record a choice: `choice` is `refuse`, `accept` or `some` with a field `purpose_NAME` for each accepted one.

    Without JavaScript, too: answers with the page that asked. Raises CrossSite, TooManyRequests, BadRequest, NotFound.
    The busiest write of a site, so it waits for the commit without holding a thread, and asks the database nothing.
    """
    state = request.app.state
    if language not in LANGUAGES:
        raise NotFound
    require_same_origin(request)
    state.limits.check(client_address(request, state.omonat.settings.trusted_proxies), CHOICES)
    visit, sent = Visit(request, language), read_form(request.headers.get("content-type", ""), body)
    purposes = _chosen(visit, sent)
    via = "banner" if sent.get("via") == "banner" else "settings"
    value = await asyncio.wrap_future(
        visit.omonat.consents.choose_soon(
            request.cookies.get(cookies.CHOICE), purposes, language, via, gpc=visit.gpc, now=visit.now
        )
    )
    answer: Response[Any] = Redirect(_back(visit, sent, via), status_code=303)
    cookies.put(answer, cookies.CHOICE, value, days=cookies.CHOICE_DAYS)
    if not purposes.get(PURPOSE, False):
        cookies.remove(answer, cookies.VISIT)
    return answer


def _chosen(visit: Visit, sent: dict[str, str]) -> dict[str, bool]:
    optional, word = cookie_purposes(visit.omonat.policies.recent().facts), sent.get("choice")
    if word == "some":
        return {purpose: sent.get(f"purpose_{purpose}") == "on" for purpose in optional}
    if word not in {"accept", "refuse"}:
        raise BadRequest
    return dict.fromkeys(optional, word == "accept")


def _back(visit: Visit, sent: dict[str, str], via: str) -> str:
    if via == "settings":
        return visit.url("/cookies?saved=yes")
    back = sent.get("back", "")
    return back if is_local(back) else visit.url("/")
