"""Visits of consenting visitors as counts (clause 8.1)."""

from datetime import timedelta
from typing import Any

from litestar import Response, get

from omonat.kernel.clock import local_date
from omonat.kernel.language import LANGUAGE_NAMES
from omonat.web.console.pages import part_of, wants_csv
from omonat.web.console.registers.charts import STATISTICS_DAYS
from omonat.web.console.registers.pages import page, table_file
from omonat.web.console.visit import console_visit
from omonat.web.visit import AnyRequest

DEVICES = {"phone": "phone", "tablet": "tablet", "desktop": "computer", "other": "other"}


@get("/statistics", right="stats.read", sync_to_thread=True)
def visits(request: AnyRequest) -> Response[Any]:
    """The last thirty days: visitors, pages, languages, devices."""
    visit = console_visit(request)
    today = local_date(visit.now)
    summary = visit.omonat.statistics.summary(today - timedelta(days=STATISTICS_DAYS - 1), today)
    shares = {"pages": summary.pages, "languages": summary.languages, "devices": summary.devices}
    if wants_csv(visit) and part_of(visit) in shares:
        head = {"pages": "Page", "languages": "Language", "devices": "Device"}[part_of(visit)]
        counted = ((one.name, one.views) for one in shares[part_of(visit)])
        return table_file(visit, f"visits-{part_of(visit)}", (head, "Pages looked at"), counted)
    if wants_csv(visit):
        rows = ((one.day, one.visitors, one.views) for one in summary.days)
        return table_file(visit, "visits", ("Day", "Visitors", "Pages looked at"), rows)
    return page(
        visit, "statistics", title="Visits", summary=summary, languages=LANGUAGE_NAMES, devices=DEVICES,
        visitors=sum(one.visitors for one in summary.days), views=sum(one.views for one in summary.days),
        days=STATISTICS_DAYS,
    )  # fmt: skip


HANDLERS = (visits,)
