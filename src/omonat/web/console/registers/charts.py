"""Charts of the registers as images, each under the right of the numbers that it shows."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get

from omonat.documents import CONTENT_SECURITY_POLICY, Series, chart
from omonat.registers import Counted
from omonat.web.console.pages import NO_STORE
from omonat.web.console.registers.pages import said
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.visit import AnyRequest

MOST_SERIES = 7


def _image(svg: bytes) -> Response[bytes]:
    headers = {**NO_STORE, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _most(visit: ConsoleVisit, counted: Sequence[tuple[str, Sequence[int]]]) -> list[Series]:
    """The largest series, the rest as one: more colours nobody tells apart."""
    ranked = sorted(counted, key=lambda pair: -sum(pair[1]))
    series = [Series(name, values) for name, values in ranked[:MOST_SERIES]]
    rest = [values for _name, values in ranked[MOST_SERIES:]]
    if rest:
        series.append(Series(said(visit, "others"), [sum(column) for column in zip(*rest, strict=True)]))
    return series


def _together(counted: Sequence[Counted]) -> dict[str, list[int]]:
    """Series by the first word of their keys."""
    found: dict[str, list[int]] = {}
    for one in counted:
        before = found.get(one.key[0], [0] * len(one.counts))
        found[one.key[0]] = [a + b for a, b in zip(before, one.counts, strict=True)]
    return found


@get("/charts/consents.svg", right="stats.read", sync_to_thread=True)
def consents_chart(request: AnyRequest) -> Response[Any]:
    """Consents given, by purpose and month."""
    visit = console_visit(request)
    months, counted = visit.omonat.registers.consents(visit.account, visit.now)
    given = _together([one for one in counted if one.key[1] == "granted"])
    series = _most(visit, [(visit.names.purpose(purpose), counts) for purpose, counts in given.items()])
    title = said(visit, "Consents given, by month")
    return _image(chart("stacked", [month.name for month in months], series, title=title))


@get("/charts/due.svg", right="retention.read", sync_to_thread=True)
def due_chart(request: AnyRequest) -> Response[Any]:
    """Values whose term ends, by purpose and month."""
    visit = console_visit(request)
    months, counted = visit.omonat.registers.due(visit.account, visit.now)
    ending = _together(counted)
    series = _most(visit, [(visit.names.purpose(purpose), counts[1:]) for purpose, counts in ending.items()])
    title = said(visit, "Values whose term ends, by month")
    return _image(chart("stacked", [month.name for month in months], series, title=title))


@get("/charts/disclosures.svg", right="disclosure.read", sync_to_thread=True)
def disclosures_chart(request: AnyRequest) -> Response[Any]:
    """Disclosures by recipient and month."""
    visit = console_visit(request)
    months, counted = visit.omonat.registers.disclosed(visit.account, visit.now)
    series = _most(visit, [(visit.names.recipient(name), counts) for name, counts in _together(counted).items()])
    title = said(visit, "Disclosures by month")
    return _image(chart("stacked", [month.name for month in months], series, title=title))


@get("/charts/entries.svg", right="ledger.verify", sync_to_thread=True)
def entries_chart(request: AnyRequest) -> Response[Any]:
    """Entries of the ledger by kind and day."""
    visit = console_visit(request)
    days, counted = visit.omonat.registers.entries_by_day(visit.account, visit.now)
    series = _most(visit, list(_together(counted).items()))
    title = said(visit, "Entries of the ledger by day")
    return _image(chart("stacked", [day.name[5:] for day in days], series, title=title))


HANDLERS = (consents_chart, due_chart, disclosures_chart, entries_chart)
