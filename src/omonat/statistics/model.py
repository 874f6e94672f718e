"""What is kept of a visit, and what the staff see of all of them: counts."""

from datetime import date
from typing import Literal, NamedTuple

import msgspec

Kind = Literal["view", "started", "finished"]
Source = Literal["none", "search", "social", "other", "own"]

SOURCES: tuple[Source, ...] = ("none", "search", "social", "other", "own")
SMALLEST = 3
"""Sources and paths of fewer visits than this (one visitor counted once a day) are shown to nobody."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a visitor did: all that is kept of it, beside the pseudonym, the day and its number on that day.

    `page`: a route template, never an address; `form`: the form of that page, or empty; `device`: phone, tablet,
    desktop or other; `source`: the kind of page that led there.
    """

    kind: Kind
    page: str
    language: str
    device: str
    source: Source = "none"
    form: str = ""


class Fact(NamedTuple):
    """A row of counts, from raw rows or of days that are over. `a`, `b`, `c`: what is counted, by the kind of fact.

    `visitors`: how many different visitors there were on the day; over several days, the sum of that.
    """

    day: date | None
    fact: str
    a: str
    b: str
    c: str
    total: int
    visitors: int


class DayCount(msgspec.Struct, frozen=True):
    """One day (Asia/Tashkent): consenting visitors, and the pages that they looked at."""

    day: date
    visitors: int
    views: int


class Share(msgspec.Struct, frozen=True):
    """How many views fall to one page, language, kind of device or source."""

    name: str
    views: int


class Path(msgspec.Struct, frozen=True):
    """How often one page led to another."""

    page: str
    next_page: str
    views: int


class Funnel(msgspec.Struct, frozen=True):
    """Visitors (each once a day) who saw a form, began to fill it in, and sent it."""

    form: str
    seen: int
    started: int
    finished: int


class Answers(msgspec.Struct, frozen=True):
    """What visitors answered on one day when they were asked whether visits may be analysed."""

    day: date
    granted: int
    refused: int
    withdrawn: int


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """A day, a week or a month, as a chart shows it; `first_on` is its first day within the period."""

    first_on: date
    visitors: int
    views: int
    granted: int
    refused: int
    withdrawn: int

    @property
    def rate(self) -> int | None:
        """Percent of yes among the answers; None when nobody answered. Who was asked and stayed silent is not known."""
        answers = self.granted + self.refused
        return round(100 * self.granted / answers) if answers else None


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A span of days, both ends in it. Days without a visit are not listed; shares are sorted, most views first.

    `different_visitors`: None when the days reach further back than visits are kept. `smallest_group`: sources and
    paths of fewer visits are left out; `hidden`: whether any were.
    """

    from_on: date
    to_on: date
    days: tuple[DayCount, ...]
    pages: tuple[Share, ...]
    languages: tuple[Share, ...]
    devices: tuple[Share, ...]
    sources: tuple[Share, ...]
    paths: tuple[Path, ...]
    forms: tuple[Funnel, ...]
    consents: tuple[Answers, ...]
    different_visitors: int | None
    smallest_group: int
    hidden: bool


class Kept(msgspec.Struct, frozen=True):
    """What is kept of one visitor's visits: how many rows, and since which day."""

    events: int
    since: date | None


class Forgotten(NamedTuple):
    """What a sweep takes away: marks of days, and rows."""

    days: int
    events: int
