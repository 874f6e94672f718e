"""Pages of the registers: lists with a period and a cursor, as CSV too; runs with their progress."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode

from litestar import Response

from omonat.jobs import Run
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import to_id
from omonat.policy import term_words
from omonat.registers import Asked, Counted, Span, day_span, is_cursor
from omonat.web.console.pages import csv_file, wants_csv
from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit

DOMAIN = "console_registers"
PAGE = 50
WHOLE = 20_000  # lines of a table as a file
Line = TypeVar("Line")

DONE = {
    "held": "The hold is placed.",
    "released": "The hold is released. What is due goes with the next sweep.",
    "dropped": "The uploaded policy is thrown away.",
    "published": "The new version is in force.",
    "cancelled": "It is stopped.",
    "waiting": "A second person has to approve this. You find it under Approvals.",
}


def _frame(visit: ConsoleVisit) -> dict[str, Any]:
    return {
        "problem": "", "actor": partial(actor_words, visit), "term": partial(term_words, language=visit.language)
    }  # fmt: skip


PART = Part(DOMAIN, DONE, _frame)
said, page = PART.said, PART.page


def actor_words(visit: ConsoleVisit, actor: str) -> str:
    """Who did it, as the staff read it: `names.actor` speaks to the person."""
    return said(visit, "the person") if actor == "subject" else visit.names.actor(actor)


def table_file(visit: ConsoleVisit, name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Response[Any]:
    """A list as CSV; `heads` are English msgids of the domain `console_registers`."""
    return csv_file(visit, name, [said(visit, head) for head in heads], rows)


# --- lists ----------------------------------------------------------------------------------------------------------


class Listed(NamedTuple):
    """One page of a list: its lines, and the addresses of the next page and of the whole as CSV."""

    lines: Sequence[Any]
    more: str
    csv: str
    query: Mapping[str, str]


def asked_of(visit: ConsoleVisit, *names: str) -> Asked:
    """What a list is narrowed to, from the query: `names` of Asked, the period, the cursor."""
    query = visit.request.query_params
    after = query.get("after", "")
    return Asked(
        **{name: query.get(name, "").strip()[:120] for name in names},
        from_at=_day(query.get("from", ""), lambda span: span.start),
        to_at=_day(query.get("to", ""), lambda span: span.end),
        after=after if is_cursor(after) else "",
        limit=WHOLE if wants_csv(visit) else PAGE + 1,
    )


def _day(text: str, edge: Callable[[Span], Any]) -> Any:
    try:
        return edge(day_span(date.fromisoformat(text))) if text else None
    except (ValueError, OverflowError):
        return None


def listed(visit: ConsoleVisit, lines: Sequence[Line], end: Callable[[Line], str]) -> Listed:
    """A page out of one line more than it shows. `end`: the cursor of a line."""
    query = {name: str(value) for name, value in visit.request.query_params.items() if name not in ("after", "format")}
    shown = lines[:PAGE]
    more = _address(visit, {**query, "after": end(shown[-1])}) if len(lines) > PAGE else ""
    return Listed(shown, more, _address(visit, {**query, "format": "csv"}), query)


def _address(visit: ConsoleVisit, query: Mapping[str, str]) -> str:
    return f"{visit.request.url.path}?{urlencode({name: value for name, value in query.items() if value})}"


# --- runs -----------------------------------------------------------------------------------------------------------

STATES = {
    "waiting": "waits for its turn", "running": "runs", "done": "done", "failed": "failed", "cancelled": "stopped",
}  # fmt: skip


def run_state(visit: ConsoleVisit, run: Run) -> str:
    """What people call the state of a run."""
    return said(visit, STATES[run.state])


def run_of(visit: ConsoleVisit, run_id: str, *kinds: str) -> Run:
    """A run of some kinds. Raises NotFound."""
    run = visit.omonat.runs.get(to_id(run_id))
    if run.kind not in kinds:
        raise NotFound
    return run


# --- numbers by month or day ----------------------------------------------------------------------------------------


def by_span(spans: Sequence[Span], counted: Sequence[Counted]) -> list[tuple[str, list[int]]]:
    """A table turned: for each span its numbers, in the order of `counted`."""
    return [(span.name, [one.counts[number] for one in counted]) for number, span in enumerate(spans)]
