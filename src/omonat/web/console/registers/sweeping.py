"""Sweeps: what the last ones destroyed, and running one now (clause 6.3)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.jobs import Run
from omonat.web.console.pages import moved, wants_csv
from omonat.web.console.registers.pages import page, run_of, run_state, table_file
from omonat.web.console.visit import console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

KIND = "sweep"
COUNTS = (
    "records",
    "subjects",
    "whole_subjects",
    "visitors",
    "consents_expired",
    "visit_events",
    "held",
    "certificates",
)
_HEADS = ("When", "Who", "State", "Values", "People", "Kept by law", "Certificates")


@get("/retention/sweeps", right="retention.read", sync_to_thread=True)
def sweeps(request: AnyRequest) -> Response[Any]:
    """The last sweeps."""
    visit = console_visit(request)
    runs = visit.omonat.runs.newest((KIND,), 50)
    if wants_csv(visit):
        rows = ((one.asked_at, one.actor, one.state, *_counts(one)) for one in runs)
        return table_file(visit, "sweeps", _HEADS, rows)
    return page(visit, "sweeps", title="Sweeps", runs=[(one, run_state(visit, one)) for one in runs])


def _counts(run: Run) -> list[object]:
    return [(run.result or {}).get(name) for name in ("records", "subjects", "held", "certificates")]


@get("/retention/sweeps/new", right="retention.sweep", sync_to_thread=True)
def sweep_page(request: AnyRequest) -> Response[Any]:
    """What a sweep does, before it is begun."""
    visit = console_visit(request)
    return page(visit, "sweep", title="Run a sweep", people=visit.omonat.retention.count_due(visit.now))


@post("/retention/sweeps/new", right="retention.sweep", sync_to_thread=True)
def sweep_now(request: AnyRequest, posted: Posted) -> Redirect:
    """Begin one; it goes on in the background."""
    visit = console_visit(request, posted)
    visit.require("retention.sweep")
    run = visit.omonat.runs.start(KIND, {}, actor=visit.actor, now=visit.now)
    return moved(visit, f"/retention/sweeps/{run.run_id}" if visit.may("retention.read") else "")


@get("/retention/sweeps/{sweep_id:str}", right="retention.read", sync_to_thread=True)
def sweep_run(request: AnyRequest, sweep_id: FromPath[str]) -> Response[Any]:
    """How far a sweep is, and what it destroyed."""
    visit = console_visit(request)
    run = run_of(visit, sweep_id, KIND)
    return page(visit, "sweep_run", title="Sweep", run=run, state=run_state(visit, run), counts=COUNTS)


HANDLERS = (sweeps, sweep_page, sweep_now, sweep_run)
