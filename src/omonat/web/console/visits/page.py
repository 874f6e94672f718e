"""Visits of consenting visitors as counts, and each table of them as a file."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from litestar import Response, get

from omonat.kernel.language import LANGUAGE_NAMES
from omonat.statistics import PERIODS, Summary, spans
from omonat.web.console.pages import console_page, csv_file, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.console.visits.period import (
    DEVICES,
    PERIOD_WORDS,
    form_name,
    page_name,
    period_of,
    said,
    seen_in,
    source_name,
    span_name,
)  # fmt: skip
from omonat.web.visit import AnyRequest

MOST_PATHS = 20

Rows = Iterable[Sequence[object]]
TABLES: dict[str, tuple[str, tuple[str, ...], Callable[[Summary], Rows]]] = {
    "days": ("Days", ("Day", "Visitors", "Pages looked at"),
             lambda seen: ((one.day, one.visitors, one.views) for one in seen.days)),
    "answers": ("Answers", ("Day", "Agreed", "Refused", "Withdrew"),
                lambda seen: ((one.day, one.granted, one.refused, one.withdrawn) for one in seen.consents)),
    "sources": ("Sources", ("Source", "Visits"), lambda seen: ((one.name, one.views) for one in seen.sources)),
    "pages": ("Pages", ("Page", "Pages looked at"),
              lambda seen: ((page_name(one.name), one.views) for one in seen.pages)),
    "paths": ("Paths", ("Page", "Next page", "How often"),
              lambda seen: ((page_name(one.page), page_name(one.next_page), one.views) for one in seen.paths)),
    "forms": ("Forms", ("Form", "Seen", "Begun", "Sent"),
              lambda seen: ((one.form, one.seen, one.started, one.finished) for one in seen.forms)),
    "languages": ("Languages", ("Language", "Pages looked at"),
                  lambda seen: ((one.name, one.views) for one in seen.languages)),
    "devices": ("Devices", ("Device", "Pages looked at"), lambda seen: ((one.name, one.views) for one in seen.devices)),
}  # fmt: skip
"""Each table that can be had as a file: what it is called, its heads, its rows with the words of the machine."""


@get("/statistics", right="stats.read", sync_to_thread=True)
def visits(request: AnyRequest) -> Response[Any]:
    """`?period=` 7, 30, 90 or 365 days; `?format=csv&table=` one of TABLES is a file."""
    visit = console_visit(request)
    period = period_of(visit)
    seen = seen_in(visit, period)
    if wants_csv(visit):
        return _file(visit, seen)
    shown = [(span_name(visit, span, period), span) for span in spans(seen)]
    return console_page(
        visit, "console_visits/visits.html", title=said(visit, "Visits"), seen=seen, spans=shown, period=period,
        periods=[(one, said(visit, PERIOD_WORDS[one])) for one in PERIODS],
        tables=[(key, said(visit, table[0])) for key, table in TABLES.items()],
        sources=[(source_name(visit, one.name), one.views) for one in seen.sources],
        pages=[(page_name(one.name), one.views) for one in seen.pages],
        paths=[(page_name(one.page), page_name(one.next_page), one.views) for one in seen.paths[:MOST_PATHS]],
        forms=[(form_name(visit, one.form), one) for one in seen.forms],
        languages=[(LANGUAGE_NAMES.get(one.name, one.name), one.views) for one in seen.languages],
        devices=[(said(visit, DEVICES[one.name]), one.views) for one in seen.devices],
        views=sum(one.views for one in seen.days), visitors=sum(one.visitors for one in seen.days),
        granted=sum(one.granted for one in seen.consents), refused=sum(one.refused for one in seen.consents),
        sent=sum(one.finished for one in seen.forms),
    )  # fmt: skip


def _file(visit: ConsoleVisit, seen: Summary) -> Response[bytes]:
    wanted = visit.request.query_params.get("table", "")
    name = wanted if wanted in TABLES else "days"
    _title, heads, rows = TABLES[name]
    return csv_file(visit, f"visits-{name}", [said(visit, head) for head in heads], rows(seen))


HANDLERS = (visits,)
