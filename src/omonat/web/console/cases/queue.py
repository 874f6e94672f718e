"""The queue of cases: tabs with counts, filters, views of one's own, pages by cursor, the whole as a table."""

from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from omonat.kernel.errors import InvalidInput
from omonat.kernel.language import translate
from omonat.rights import KINDS
from omonat.support import TABS, CaseFilter, QueueRow, read_filter
from omonat.web.console.cases.pages import page, said
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

TAB_TEXTS = {
    "open": "All open", "overdue": "Overdue", "soon": "Due within three days", "mine": "Mine", "nobody": "Nobody's",
    "closed": "Closed",
}  # fmt: skip
EMPTY = {
    "open": "No case is open. New messages and demands appear here by themselves.",
    "overdue": "Nothing is overdue.",
    "soon": "Nothing is due within three days.",
    "mine": "No case is given to you. Take one under “Nobody's”.",
    "nobody": "Every open case is given to somebody.",
    "closed": "No case is closed yet.",
}
_WHOLE = 10_000
_HEADS = ("Number", "Kind", "Form", "State", "Opened", "Answer due", "Overdue", "Given to", "Closed", "Case id")


class Tab(NamedTuple):
    """One tab with what it holds."""

    href: str
    text: str
    holds: str
    current: bool


class View(NamedTuple):
    """A saved view as a link."""

    view_id: UUID
    name: str
    href: str


@get("/cases", right="case.read", sync_to_thread=True)
def queue_page(request: AnyRequest) -> Response[Any]:
    """What waits, first due first."""
    visit = console_visit(request)
    wanted = read_filter(visit.request.query_params)
    if wants_csv(visit):
        return _file(visit, wanted)
    return show_queue(visit, wanted)


def show_queue(visit: ConsoleVisit, wanted: CaseFilter, *, status: int = 200, **context: Any) -> Response[Any]:
    """The page of a filter. `context` says what went wrong in one of its forms."""
    queue, me = visit.omonat.support.queue, visit.account.staff_id
    listed = queue.page(wanted, now=visit.now, me=me, after=visit.request.query_params.get("after", ""))
    members = queue.members() if visit.may("case.work") else ()
    shown = {
        "wanted": wanted, "words": wanted.words(), "listed": listed, "members": members,
        "tabs": _tabs(visit, wanted, me), "views": _views(visit, me), "empty": _empty(visit, wanted),
        "kinds": KINDS, "more": address(visit, wanted, after=listed.after) if listed.after else "",
        "csv": address(visit, wanted, format="csv"), "late": lambda row: lateness(visit, row), "view_name": "",
        "view_problem": "",
    }  # fmt: skip
    return page(visit, "queue", title="Cases", status=status, **{**shown, **context})


def address(visit: ConsoleVisit, wanted: CaseFilter, **more: str) -> str:
    """Where a filter is shown."""
    words = {**wanted.words(), **more}
    return visit.url("/console/cases" + (f"?{urlencode(words)}" if words else ""))


def lateness(visit: ConsoleVisit, row: QueueRow) -> str:
    """How late an open case is, in words; empty: it is not."""
    if not row.is_overdue(visit.now):
        return ""
    days = (visit.now - row.due_at).days
    return said(visit, "Overdue, days: {days}", days=days) if days else said(visit, "Overdue")


def _empty(visit: ConsoleVisit, wanted: CaseFilter) -> str:
    if set(wanted.words()) - {"tab", "sort"}:
        return said(visit, "No case fits. Take a filter away.")
    return said(visit, EMPTY[wanted.tab])


def _tabs(visit: ConsoleVisit, wanted: CaseFilter, me: UUID) -> tuple[Tab, ...]:
    counts = visit.omonat.support.queue.counts(now=visit.now, me=me)
    tabs = []
    for name in TABS:
        count = getattr(counts, name)
        shown = f"{count}+" if name == "closed" and count >= 1000 else str(count)
        plain = CaseFilter(tab=name, sort=wanted.sort)
        tabs.append(Tab(address(visit, plain), said(visit, TAB_TEXTS[name]), shown, name == wanted.tab))
    return tuple(tabs)


def _views(visit: ConsoleVisit, me: UUID) -> tuple[View, ...]:
    own = visit.omonat.support.queue.views(me)
    return tuple(View(view.view_id, view.name, address(visit, read_filter(view.words))) for view in own)


def _file(visit: ConsoleVisit, wanted: CaseFilter) -> Response[Any]:
    listed = visit.omonat.support.queue.page(wanted, now=visit.now, me=visit.account.staff_id, limit=_WHOLE)
    names = visit.names
    rows = (
        (
            row.number, names.word("case", row.kind), names.source(f"form:{row.form}") if row.form else "",
            names.word("outcome", row.outcome) if row.outcome else names.word("state", row.state), row.opened_at,
            row.due_at, lateness(visit, row), row.assigned_name, row.closed_at, row.case_id,
        )
        for row in listed.rows
    )  # fmt: skip
    return csv_file(visit, "cases", [said(visit, head) for head in _HEADS], rows)


# --- views of one's own -----------------------------------------------------------------------------------------------


@post("/cases/views", right="case.read", sync_to_thread=True)
def save_view(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Keep the filter that is looked at under a name."""
    visit = console_visit(request, posted)
    wanted = read_filter(posted)
    try:
        visit.omonat.support.queue.save_view(visit.account.staff_id, posted.get("name", ""), wanted, visit.now)
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return show_queue(visit, wanted, status=422, view_name=posted.get("name", ""), view_problem=problem)
    return moved(visit, "/cases", **{**wanted.words(), "done": "saved"})


@post("/cases/views/delete", right="case.read", sync_to_thread=True)
def delete_view(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Delete a view of one's own."""
    visit = console_visit(request, posted)
    visit.omonat.support.queue.delete_view(visit.account.staff_id, posted.get("view", ""))
    return moved(visit, "/cases", done="deleted")


@post("/cases/take", right="case.work", sync_to_thread=True)
def take(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Assign a case of the list to oneself."""
    visit = console_visit(request, posted)
    visit.omonat.support.desk.assign(posted.get("case", ""), visit.account, visit.account.staff_id, now=visit.now)
    return moved(visit, "/cases", **{**read_filter(posted).words(), "done": "taken"})


@get(["/cases/views", "/cases/views/delete", "/cases/take"], right="case.read", sync_to_thread=False)
def only_a_button(request: AnyRequest) -> Response[Any]:
    """What a button does is no page: whoever follows its address comes back to the list."""
    return moved(console_visit(request), "/cases")


HANDLERS = (queue_page, save_view, delete_view, take, only_a_button)
