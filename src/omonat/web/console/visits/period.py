"""The period that a page, a chart or a file of visits is asked for, and what its parts are called."""

from omonat.kernel.clock import local_date
from omonat.kernel.language import long_date, translate
from omonat.statistics import PERIODS, Span, Summary, first_day
from omonat.web.console.visit import ConsoleVisit

DOMAIN = "console_visits"
USUAL = 30
SOURCES = {
    "none": "typed, a bookmark or a letter", "search": "a search engine", "social": "a social network",
    "other": "another site", "own": "our own pages",
}  # fmt: skip
DEVICES = {"phone": "phone", "tablet": "tablet", "desktop": "computer", "other": "other device"}
PERIOD_WORDS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "12 months"}


def said(visit: ConsoleVisit, text: str, **places: object) -> str:
    """A text of this page in the reader's language."""
    return translate(visit.language, DOMAIN, text, **places)


def period_of(visit: ConsoleVisit) -> int:
    """The days that `?period=` names; thirty for anything else."""
    wanted = visit.request.query_params.get("period", "")
    return next((period for period in PERIODS if str(period) == wanted), USUAL)


def seen_in(visit: ConsoleVisit, period: int) -> Summary:
    """The counts of a period that ends today."""
    today = local_date(visit.now)
    return visit.omonat.statistics.summary(first_day(period, today), today)


def span_name(visit: ConsoleVisit, span: Span, period: int) -> str:
    """A day, a week by its first day, or a month."""
    if period == PERIODS[-1]:
        return f"{span.first_on:%Y-%m}"
    day = long_date(span.first_on, language=visit.language)
    return said(visit, "week from {day}", day=day) if period > 30 else day


def page_name(page: str) -> str:
    """The page as its address goes on after the language."""
    return page.replace("/{language}", "", 1) or "/"


def source_name(visit: ConsoleVisit, source: str) -> str:
    """What a kind of source is called."""
    return said(visit, SOURCES[source])


def form_name(visit: ConsoleVisit, form: str) -> str:
    """What a form is called; one that the policy no longer has, by its own name."""
    declared = visit.policy.forms.get(form)
    return form if declared is None else declared.labels[visit.language]
