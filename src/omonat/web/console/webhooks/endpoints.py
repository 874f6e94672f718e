"""Endpoints: the list, adding, changing, the secret, off and on, removing."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import new_id, to_id
from omonat.kernel.language import translate
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.console.webhooks.pages import OFF_WORDS, RIGHT, page, said
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest
from omonat.webhooks import EVENTS

_BOX = "event_"
_DONE = {"removed": "The webhook is removed."}


@get("/webhooks", right=RIGHT, sync_to_thread=True)
def endpoint_list(request: AnyRequest) -> Response[Any]:
    """Every connected system."""
    visit = console_visit(request)
    rows = visit.omonat.webhooks.all()
    if wants_csv(visit):
        heads = [said(visit, head) for head in ("Address", "State", "Waiting", "Given up", "Added")]
        lines = [[one.url, said(visit, OFF_WORDS[one.off_because]), waiting, given_up, one.created_at]
                 for one, waiting, given_up in rows]  # fmt: skip
        return csv_file(visit, "webhooks", heads, lines)
    done = _DONE.get(request.query_params.get("done", ""))
    return page(visit, "list", title="Webhooks", rows=rows, said_done=said(visit, done) if done else "")


@get("/webhooks/new", right=RIGHT, sync_to_thread=True)
def new_endpoint(request: AnyRequest) -> Response[Any]:
    """Where a new address goes."""
    return _form(console_visit(request), new_id(), {}, {})


@post("/webhooks/new", right=RIGHT, sync_to_thread=True)
def add_endpoint(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Add it, and show the secret: this once. A form that is sent twice leads to what the first one made."""
    visit = console_visit(request, posted)
    endpoint_id = to_id(posted.get("endpoint", ""))
    if any(one.endpoint_id == endpoint_id for one, _waiting, _given_up in visit.omonat.webhooks.all()):
        return moved(visit, f"/webhooks/{endpoint_id}")
    try:
        made = visit.omonat.webhooks.add(
            posted.get("url", ""), _events(posted), description=posted.get("description", ""), actor=visit.account,
            now=visit.now, endpoint_id=endpoint_id,
        )  # fmt: skip
    except InvalidInput as error:
        return _form(visit, endpoint_id, posted, error.problems)
    return page(visit, "secret", title="The webhook is added", endpoint=made.endpoint, secret=made.secret.reveal())


def _events(posted: dict[str, str]) -> list[str]:
    return [name.removeprefix(_BOX) for name in posted if name.startswith(_BOX)]


def _form(
    visit: ConsoleVisit, endpoint_id: UUID, typed: dict[str, str], problems: dict[str, str], *, known: bool = False
) -> Response[Any]:
    problem = {name: translate(visit.language, "errors", text) for name, text in problems.items()}
    fields = (
        FieldView(
            "url", said(visit, "Address"), "url", True, 500, typed.get("url", ""), problem.get("url", ""),
            said(visit, "By https, such as https://crm.example.uz/omonat."),
        ),
        FieldView(
            "description", said(visit, "What it is"), "text", False, 200, typed.get("description", ""),
            problem.get("description", ""), said(visit, "For your colleagues, such as: CRM of the sales team."),
        ),
    )  # fmt: skip
    return page(
        visit, "form", title="Change the webhook" if known else "Add a webhook", status=422 if problems else 200,
        fields=fields, chosen=set(_events(typed)), events=EVENTS, endpoint_id=endpoint_id, known=known,
        events_problem=problem.get("events", ""), box=_BOX,
    )  # fmt: skip


@get("/webhooks/{endpoint_id:str}/change", right=RIGHT, sync_to_thread=True)
def change_page(request: AnyRequest, endpoint_id: FromPath[str]) -> Response[Any]:
    """Its address and events, to be changed."""
    visit = console_visit(request)
    found = visit.omonat.webhooks.get(to_id(endpoint_id))
    typed = {"url": found.url, "description": found.description, **{_BOX + event: "on" for event in found.events}}
    return _form(visit, found.endpoint_id, typed, {}, known=True)


@post("/webhooks/{endpoint_id:str}/change", right=RIGHT, sync_to_thread=True)
def change_endpoint(request: AnyRequest, endpoint_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Another address or other events; the secret stays."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.webhooks.change(
            to_id(endpoint_id), url=posted.get("url", ""), events=_events(posted),
            description=posted.get("description", ""), actor=visit.account, now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _form(visit, to_id(endpoint_id), posted, error.problems, known=True)
    return moved(visit, f"/webhooks/{to_id(endpoint_id)}", done="changed")


@get("/webhooks/{endpoint_id:str}/rotate", right=RIGHT, sync_to_thread=True)
def rotate_page(request: AnyRequest, endpoint_id: FromPath[str]) -> Response[Any]:
    """What a new secret means."""
    visit = console_visit(request)
    return page(visit, "rotate", title="New secret", endpoint=visit.omonat.webhooks.get(to_id(endpoint_id)))


@post("/webhooks/{endpoint_id:str}/rotate", right=RIGHT, sync_to_thread=True)
def rotate_secret(request: AnyRequest, endpoint_id: FromPath[str], posted: Posted) -> Response[Any]:
    """A new secret, shown this once; the old one is valid for two more days."""
    visit = console_visit(request, posted)
    made = visit.omonat.webhooks.rotate(to_id(endpoint_id), actor=visit.account, now=visit.now)
    return page(visit, "secret", title="The secret is changed", endpoint=made.endpoint, secret=made.secret.reveal())


@post("/webhooks/{endpoint_id:str}/switch", right=RIGHT, sync_to_thread=True)
def switch_endpoint(request: AnyRequest, endpoint_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Off, or on again."""
    visit = console_visit(request, posted)
    on = posted.get("on") == "on"
    visit.omonat.webhooks.switch(to_id(endpoint_id), on=on, actor=visit.account, now=visit.now)
    return moved(visit, f"/webhooks/{to_id(endpoint_id)}", done="on" if on else "off")


@get("/webhooks/{endpoint_id:str}/remove", right=RIGHT, sync_to_thread=True)
def remove_page(request: AnyRequest, endpoint_id: FromPath[str]) -> Response[Any]:
    """What goes with it."""
    visit = console_visit(request)
    return page(visit, "remove", title="Remove the webhook", endpoint=visit.omonat.webhooks.get(to_id(endpoint_id)))


@post("/webhooks/{endpoint_id:str}/remove", right=RIGHT, sync_to_thread=True)
def remove_endpoint(request: AnyRequest, endpoint_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The endpoint, its secrets and its messages go."""
    visit = console_visit(request, posted)
    visit.omonat.webhooks.remove(to_id(endpoint_id), actor=visit.account, now=visit.now)
    return moved(visit, "/webhooks", done="removed")


HANDLERS = (
    endpoint_list, new_endpoint, add_endpoint, change_page, change_endpoint, rotate_page, rotate_secret,
    switch_endpoint, remove_page, remove_endpoint,
)  # fmt: skip
