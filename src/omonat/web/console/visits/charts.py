"""Charts of visits as images; each says what the table beside it says."""

from typing import Any

from litestar import Response, get

from omonat.documents import CONTENT_SECURITY_POLICY, Series, chart
from omonat.statistics import PERIODS, Span, spans
from omonat.web.console.pages import NO_STORE
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.console.visits.period import form_name, period_of, said, seen_in, source_name
from omonat.web.visit import AnyRequest


def _image(svg: bytes) -> Response[bytes]:
    headers = {**NO_STORE, "Content-Security-Policy": CONTENT_SECURITY_POLICY}
    return Response(svg, media_type="image/svg+xml", headers=headers)


def _spans(visit: ConsoleVisit) -> tuple[list[str], tuple[Span, ...]]:
    """Short names under the axis, every fourth day of a month, and the spans."""
    period = period_of(visit)
    shown = spans(seen_in(visit, period))
    pattern = "%Y-%m" if period == PERIODS[-1] else "%m-%d"
    every = 4 if len(shown) > 13 else 1
    labels = [one.first_on.strftime(pattern) if number % every == 0 else "" for number, one in enumerate(shown)]
    return labels, shown


@get("/charts/visits.svg", right="stats.read", sync_to_thread=True)
def visits_chart(request: AnyRequest) -> Response[Any]:
    """Visitors and views over time."""
    visit = console_visit(request)
    labels, shown = _spans(visit)
    series = [
        Series(said(visit, "Visitors"), [one.visitors for one in shown]),
        Series(said(visit, "Pages looked at"), [one.views for one in shown]),
    ]
    return _image(chart("line", labels, series, title=said(visit, "Visits over time")))


@get("/charts/answers.svg", right="stats.read", sync_to_thread=True)
def answers_chart(request: AnyRequest) -> Response[Any]:
    """What visitors answered over time."""
    visit = console_visit(request)
    labels, shown = _spans(visit)
    series = [
        Series(said(visit, "Agreed"), [one.granted for one in shown]),
        Series(said(visit, "Refused"), [one.refused for one in shown]),
        Series(said(visit, "Withdrew"), [one.withdrawn for one in shown]),
    ]
    return _image(chart("stacked", labels, series, title=said(visit, "Consent over time")))


@get("/charts/sources.svg", right="stats.read", sync_to_thread=True)
def sources_chart(request: AnyRequest) -> Response[Any]:
    """How visitors came."""
    visit = console_visit(request)
    found = seen_in(visit, period_of(visit)).sources
    series = [Series(source_name(visit, one.name), [one.views]) for one in found]
    return _image(chart("bars", [""], series, title=said(visit, "How visitors came")))


@get("/charts/forms.svg", right="stats.read", sync_to_thread=True)
def forms_chart(request: AnyRequest) -> Response[Any]:
    """Forms from seen to sent."""
    visit = console_visit(request)
    found = seen_in(visit, period_of(visit)).forms
    series = [
        Series(said(visit, "Seen"), [one.seen for one in found]),
        Series(said(visit, "Begun"), [one.started for one in found]),
        Series(said(visit, "Sent"), [one.finished for one in found]),
    ]
    names = [form_name(visit, one.form) for one in found]
    return _image(chart("bars", names, series, title=said(visit, "Forms from seen to sent")))


HANDLERS = (visits_chart, answers_chart, sources_chart, forms_chart)
