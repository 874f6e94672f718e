"""Mailing lists (clauses 3.1, 4.1, 7.1 c): counted first, drawn in the background, fetched once."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from omonat.disclosure import CHANNEL_KINDS
from omonat.jobs import Run
from omonat.kernel.clock import local_date
from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.staff import Waiting
from omonat.web.console.pages import NO_STORE, moved, wants_csv
from omonat.web.console.registers.pages import page, run_of, run_state, said, table_file
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

RIGHT = "mailing.list"
KINDS = ("mailing_count", "mailing")
_HEADS = ("When", "Who", "What", "Purpose", "Channel", "State", "People")
LEFT_OUT = {
    "refused": "said no",
    "withdrawn": "withdrew the consent",
    "expired": "the consent has run out",
    "unproven": "the address or number is not confirmed",
    "restricted": "processing is suspended, or there is an objection",
    "no_ground": "there is no ground for it",
}


@get("/mailings", right=RIGHT, sync_to_thread=True)
def mailings(request: AnyRequest) -> Response[Any]:
    """The form, and the last counts and lists."""
    visit = console_visit(request)
    if wants_csv(visit):
        rows = (
            (one.asked_at, one.actor, one.kind, one.details.get("purpose"), one.details.get("channel"), one.state,
             _people(one)) for one in visit.omonat.runs.newest(KINDS, 1000)
        )  # fmt: skip
        return table_file(visit, "mailings", _HEADS, rows)
    return _mailings_page(visit, {})


def _mailings_page(
    visit: ConsoleVisit, typed: dict[str, str], *, problem: str = "", status: int = 200
) -> Response[Any]:  # fmt: skip
    runs = visit.omonat.runs.newest(KINDS, 30)
    offered = [
        (f"{key}:{channel}", f"{visit.names.purpose(key)}, {visit.names.channel(channel)}")
        for key, purpose in visit.policy.purposes.items()
        for channel in purpose.channels
        if channel in CHANNEL_KINDS
    ]
    return page(
        visit, "mailings", title="Mailing lists", status=status, typed=typed, problem=problem, offered=offered,
        runs=[(one, run_state(visit, one), _people(one)) for one in runs],
    )  # fmt: skip


def _people(run: Run) -> int | None:
    found = (run.result or {}).get("may" if run.kind == "mailing_count" else "people")
    return None if found is None else int(found)


@post("/mailings", right=RIGHT, sync_to_thread=True)
def count(request: AnyRequest, posted: Posted) -> Response[Any] | Redirect:
    """Count who may be written to, without names."""
    visit = console_visit(request, posted)
    purpose, _, channel = posted.get("what", "").partition(":")
    try:
        run = visit.omonat.mailing_lists.ask_count(
            purpose, channel, posted.get("reason", ""), by=visit.account, now=visit.now
        )
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return _mailings_page(visit, posted, problem=problem, status=422)
    return moved(visit, f"/mailings/{run.run_id}")


@get("/mailings/{mailing_id:str}", right=RIGHT, sync_to_thread=True)
def mailing(request: AnyRequest, mailing_id: FromPath[str]) -> Response[Any]:
    """A count with its reasons, or a list with its progress."""
    return _mailing_page(console_visit(request), mailing_id)


def _mailing_page(visit: ConsoleVisit, mailing_id: str, *, problem: str = "", status: int = 200) -> Response[Any]:
    run = run_of(visit, mailing_id, *KINDS)
    counted = run.kind == "mailing_count"
    left_out = (run.result or {}).get("left_out", {}) if counted else {}
    return page(
        visit, "mailing", title="Count" if counted else "Mailing list", status=status, problem=problem, run=run,
        state=run_state(visit, run), people=_people(run), mine=run.actor == visit.actor,
        left_out=[(said(visit, LEFT_OUT[word]), number) for word, number in left_out.items()],
        fetchable=not counted and run.state == "done" and run.fetched_at is None and _lives(visit, run),
    )  # fmt: skip


def _lives(visit: ConsoleVisit, run: Run) -> bool:
    return run.result_until is not None and visit.now < run.result_until


@post("/mailings/{mailing_id:str}/draw", right=RIGHT, sync_to_thread=True)
def draw(request: AnyRequest, mailing_id: FromPath[str], posted: Posted) -> Response[Any] | Redirect:
    """Draw the list that was counted, or ask a second person."""
    visit = console_visit(request, posted)
    try:
        outcome = visit.omonat.mailing_lists.ask_list(to_id(mailing_id), by=visit.account, now=visit.now)
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return _mailing_page(visit, mailing_id, problem=problem, status=422)
    if isinstance(outcome, Waiting):
        return moved(visit, f"/mailings/{mailing_id}", done="waiting")
    return moved(visit, f"/mailings/{outcome}")


@post("/mailings/{mailing_id:str}/cancel", right=RIGHT, sync_to_thread=True)
def cancel(request: AnyRequest, mailing_id: FromPath[str], posted: Posted) -> Redirect:
    """Stop what waits or runs."""
    visit = console_visit(request, posted)
    visit.omonat.mailing_lists.cancel(to_id(mailing_id), by=visit.account, now=visit.now)
    return moved(visit, f"/mailings/{mailing_id}", done="cancelled")


@post("/mailings/{mailing_id:str}/fetch", right=RIGHT, sync_to_thread=True)
def fetch(request: AnyRequest, mailing_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The list, once; then it is destroyed. Raises NotFound."""
    visit = console_visit(request, posted)
    run = run_of(visit, mailing_id, "mailing")
    if run.actor != visit.actor:
        raise NotFound
    pages = visit.omonat.mailing_lists.fetch(run.run_id, by=visit.account, now=visit.now)
    name = f"mailing-{run.details['purpose']}-{run.details['channel']}-{local_date(visit.now).isoformat()}.csv"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(pages, media_type="text/csv", headers=headers)  # a page is decided on when it is about to leave


HANDLERS = (mailings, count, mailing, draw, cancel, fetch)
