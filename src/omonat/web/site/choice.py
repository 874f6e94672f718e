"""The choice about cookies: the banner's answer and the settings page (clauses 8.1, 8.2)."""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.types import ASGIApp, Receive, Scope, Send

from omonat.consent import cookie_purposes
from omonat.kernel.errors import NotFound, PolicyChanged
from omonat.kernel.language import LANGUAGES, translate
from omonat.policy import cookie_details
from omonat.statistics import PURPOSE
from omonat.web import cookies
from omonat.web.addresses import address_of
from omonat.web.csrf import require_own_page
from omonat.web.forms import read_form
from omonat.web.limits import CHOICES, Limits
from omonat.web.pages import linked
from omonat.web.problems import BadRequest
from omonat.web.site.counting import page, source_to_remember
from omonat.web.visit import AnyRequest, Visit, is_local, open_visit

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.statistics import Kept


@get("/{language:str}/cookies", sync_to_thread=True)
def cookie_settings(request: AnyRequest) -> Response[Any]:
    """Every declared cookie, what it is for and how long it stays, and the choice for each optional purpose."""
    visit = open_visit(request)
    notice, shown = visit.omonat.consents.banner_text(visit.language)
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
        changed=request.query_params.get("changed", ""),
        notice=linked(visit, notice),
        shown=shown,
        kept=_kept(visit),
    )


class ChoiceCall(NamedTuple):
    """A choice as it arrives. `headers`: names in small letters; `peer`: the address of the connection."""

    omonat: "Omonat"
    limits: Limits
    language: str
    headers: Mapping[str, str]
    peer: str
    body: bytes


class ChoiceAnswer(NamedTuple):
    """The answer to a choice, as bare ASGI: the page that asked, and the cookie; without one, nothing was recorded."""

    location: str
    choice: str
    visit: bytes

    def to_asgi(self) -> ASGIApp:
        """The application that sends it."""
        headers = [
            (b"location", self.location.encode("latin-1")),
            (b"content-length", b"0"),
        ]
        if self.choice:
            headers.append((b"set-cookie", cookies.set_cookie(cookies.CHOICE, self.choice, days=cookies.CHOICE_DAYS)))
        if self.visit:
            headers.append((b"set-cookie", self.visit))

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 303, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})

        return answer


@post("/{language:str}/cookies")
async def choose_cookies(request: AnyRequest, language: FromPath[str]) -> ASGIApp:
    """Record a choice; `web.hot` leads to the same function on a shorter way."""
    state, peer = request.app.state, request.client.host if request.client else ""
    call = ChoiceCall(state.omonat, state.limits, language, request.headers, peer, await request.body())
    return (await record_choice(call)).to_asgi()


async def record_choice(call: ChoiceCall) -> ChoiceAnswer:
    """Record a choice: `choice` is `refuse`, `accept` or `some` with a field `purpose_NAME` for each accepted one.

    `text` is the hash of the notice that stood there: a yes to one that is not in force any more is not recorded, and
    leads to the page with the new one; what was refused beside it is (7.1 c). `asked`: the purposes of which it spoke,
    all when left out. Without JavaScript, too: answers with the page that asked. Raises CrossSite, TooManyRequests,
    BadRequest, NotFound.
    The busiest write of a site, so it waits for the commit without holding a thread, and asks the database nothing.
    """
    omonat, headers = call.omonat, call.headers
    if call.language not in LANGUAGES:
        raise NotFound
    require_own_page(headers, omonat.settings)
    address = address_of(call.peer, headers.get("x-forwarded-for", ""), omonat.settings.trusted_proxies)
    call.limits.check(address, CHOICES)
    sent = read_form(headers.get("content-type", ""), call.body)
    purposes = _chosen(omonat, sent)
    via = "banner" if sent.get("via") == "banner" else "settings"
    choose = partial(
        omonat.consents.choose_soon, cookies.find_cookie(headers.get("cookie", ""), cookies.CHOICE),
        language=call.language, via=via, shown=sent.get("text", ""), gpc=headers.get("sec-gpc") == "1",
        now=omonat.clock.now(),
    )  # fmt: skip
    where = _back(call.language, sent, via)
    try:
        value = await choose(purposes=purposes)
    except PolicyChanged:
        purposes = {purpose: False for purpose, allowed in purposes.items() if not allowed}
        where = f"/{call.language}/cookies?changed={'part' if purposes else 'yes'}"
        if not purposes:
            return ChoiceAnswer(where, "", b"")
        value = await choose(purposes=purposes)
    if session := cookies.find_cookie(headers.get("cookie", ""), cookies.SESSION):
        chosen = omonat.consents.read_choice(value)
        await asyncio.to_thread(omonat.sign_in.take_along, session, chosen, omonat.clock.now())
    return ChoiceAnswer(where, value, _visit_cookie(omonat, purposes, sent))


def _visit_cookie(omonat: "Omonat", purposes: dict[str, bool], sent: dict[str, str]) -> bytes:
    """What becomes of the cookie of counted visits: removed, or for a first yes it remembers where one came from."""
    if PURPOSE not in purposes:
        return b""  # nothing was said of it
    if not purposes[PURPOSE]:
        return cookies.set_cookie(cookies.VISIT, "", days=0)
    kept = (
        source_to_remember(omonat.policies.recent().facts, sent.get("came", ""))
        if sent.get("via") == "banner"
        else None
    )
    return cookies.set_cookie(cookies.VISIT, kept[0], days=kept[1]) if kept else b""


def _kept(visit: Visit) -> "Kept | None":
    """How much is kept of this browser's visits; nothing where its person did not agree (7.1 a)."""
    if visit.choice is None or not visit.permits(PURPOSE):
        return None
    return visit.omonat.statistics.kept(visit.choice.visitor_id)


def _chosen(omonat: "Omonat", sent: dict[str, str]) -> dict[str, bool]:
    """Purpose by purpose what is said; a banner that asked about some only (`asked`) says nothing of the others."""
    asked, word = cookie_purposes(omonat.policies.recent().facts), sent.get("choice")
    optional = tuple(sent["asked"].split()) if sent.get("asked") else asked
    if word == "some":
        return {purpose: sent.get(f"purpose_{purpose}") == "on" for purpose in optional}
    if word not in {"accept", "refuse"}:
        raise BadRequest
    return dict.fromkeys(optional, word == "accept")


def _back(language: str, sent: dict[str, str], via: str) -> str:
    if via == "settings":
        return f"/{language}/cookies?saved=yes"
    back = sent.get("back", "")
    return back if is_local(back) else f"/{language}/"
