"""One endpoint with the messages to it: their state, sending again, a test."""

from typing import Any
from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import NotFound
from omonat.kernel.ids import to_id
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.console.webhooks.pages import EVENT_WORDS, PROBLEM_WORDS, RIGHT, STATE_WORDS, page, said
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest
from omonat.webhooks import Delivery, Endpoint

_PAGE, _IN_A_FILE = 25, 500
_DONE = {
    "changed": "The webhook is changed.", "on": "The webhook is on again.", "off": "The webhook is off.",
    "test": "A test is on its way. Load the page again in a moment.", "repeat": "The message is on its way again.",
    "all": "The messages are on their way again.",
}  # fmt: skip


@get("/webhooks/{endpoint_id:str}", right=RIGHT, sync_to_thread=True)
def endpoint_page(request: AnyRequest, endpoint_id: FromPath[str]) -> Response[Any]:
    """What is sent there, and what became of it."""
    visit = console_visit(request)
    endpoint = visit.omonat.webhooks.get(to_id(endpoint_id))
    state, after = request.query_params.get("state", ""), request.query_params.get("after", "")
    limit = _IN_A_FILE if wants_csv(visit) else _PAGE + 1
    found = visit.omonat.webhook_deliveries.page(
        endpoint.endpoint_id, state=state if state in STATE_WORDS else None, after=to_id(after) if after else None,
        limit=limit,
    )  # fmt: skip
    if wants_csv(visit):
        return _file(visit, found)
    rows = found[:_PAGE]
    done = _DONE.get(request.query_params.get("done", ""))
    return page(
        visit, "endpoint", title="Webhook", endpoint=endpoint, rows=rows, state=state, states=tuple(STATE_WORDS),
        said_done=said(visit, done) if done else "", here=_here(visit, endpoint),
        more=_address(visit, endpoint, state, str(rows[-1].delivery_id)) if len(found) > _PAGE else "",
        csv=_address(visit, endpoint, state, "") + ("&" if state else "?") + "format=csv",
    )  # fmt: skip


def _here(visit: ConsoleVisit, endpoint: Endpoint) -> str:
    return visit.url(f"/console/webhooks/{endpoint.endpoint_id}")


def _address(visit: ConsoleVisit, endpoint: Endpoint, state: str, after: str) -> str:
    query = urlencode({name: value for name, value in (("state", state), ("after", after)) if value})
    return _here(visit, endpoint) + (f"?{query}" if query else "")


def _file(visit: ConsoleVisit, found: list[Delivery]) -> Response[Any]:
    heads = [said(visit, text) for text in ("Message", "Event", "Happened", "State", "Tries", "Last try", "Answer")]
    rows = [
        [f"msg_{one.message_id.hex}", said(visit, EVENT_WORDS.get(one.event, one.event)), one.at,
         said(visit, STATE_WORDS[one.state]), one.tries, one.tried_at, _answer(visit, one)]
        for one in found
    ]  # fmt: skip
    return csv_file(visit, "webhook-messages", heads, rows)


def _answer(visit: ConsoleVisit, one: Delivery) -> str:
    problem = said(visit, PROBLEM_WORDS[one.problem]) if one.problem in PROBLEM_WORDS else one.problem
    return " ".join(part for part in (str(one.status or ""), problem) if part)


@post("/webhooks/{endpoint_id:str}/test", right=RIGHT, sync_to_thread=True)
def send_test(request: AnyRequest, endpoint_id: FromPath[str], posted: Posted) -> Response[Any]:
    """An event that means nothing."""
    visit = console_visit(request, posted)
    visit.omonat.webhook_deliveries.test(to_id(endpoint_id), actor=visit.account, now=visit.now)
    return moved(visit, f"/webhooks/{to_id(endpoint_id)}", done="test")


@post("/webhooks/{endpoint_id:str}/messages/{delivery_id:str}/repeat", right=RIGHT, sync_to_thread=True)
def repeat_message(
    request: AnyRequest, endpoint_id: FromPath[str], delivery_id: FromPath[str], posted: Posted
) -> Response[Any]:
    """The same message under the same id, once more and at once."""
    visit = console_visit(request, posted)
    if visit.omonat.webhook_deliveries.get(to_id(delivery_id)).endpoint_id != to_id(endpoint_id):
        raise NotFound
    visit.omonat.webhook_deliveries.repeat(to_id(delivery_id), actor=visit.account, now=visit.now)
    return moved(visit, f"/webhooks/{to_id(endpoint_id)}", done="repeat")


@get("/webhooks/{endpoint_id:str}/repeat", right=RIGHT, sync_to_thread=True)
def repeat_page(request: AnyRequest, endpoint_id: FromPath[str]) -> Response[Any]:
    """How many messages would go out again."""
    visit = console_visit(request)
    wanted = to_id(endpoint_id)
    found = next(((one, count) for one, _, count in visit.omonat.webhooks.all() if one.endpoint_id == wanted), None)
    if found is None:
        raise NotFound
    return page(visit, "repeat", title="Send again what was given up", endpoint=found[0], count=found[1])


@post("/webhooks/{endpoint_id:str}/repeat", right=RIGHT, sync_to_thread=True)
def repeat_given_up(request: AnyRequest, endpoint_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Everything that was given up, once more."""
    visit = console_visit(request, posted)
    visit.omonat.webhook_deliveries.repeat_given_up(to_id(endpoint_id), actor=visit.account, now=visit.now)
    return moved(visit, f"/webhooks/{to_id(endpoint_id)}", done="all")


HANDLERS = (endpoint_page, send_test, repeat_message, repeat_page, repeat_given_up)
