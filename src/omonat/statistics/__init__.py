"""Floor 4: first-party analytics of consenting visitors (clauses 8.1, 8.2; Art. 18; docs/visits.md).

A visit is kept only while the visitor's consent to `improve` stands: rows under a pseudonym with page, form, language,
kind of device and kind of source, in order but without a moment, an address or a user agent. They go with the consent
or with their term; days that are over are counted up, and the staff see counts.
"""

from omonat.statistics.headers import event_of, source_of_call
from omonat.statistics.model import (
    SOURCES,
    Answers,
    DayCount,
    Event,
    Forgotten,
    Funnel,
    Kept,
    Kind,
    Path,
    Share,
    Source,
    Span,
    Summary,
)  # fmt: skip
from omonat.statistics.rules import PERIODS, PURPOSE, first_day, spans
from omonat.statistics.service import Statistics, expired_visits, forget_visits

__all__ = [
    "PERIODS", "PURPOSE", "SOURCES", "Answers", "DayCount", "Event", "Forgotten", "Funnel", "Kept", "Kind", "Path",
    "Share", "Source", "Span", "Statistics", "Summary", "event_of", "expired_visits", "first_day", "forget_visits",
    "source_of_call", "spans",
]  # fmt: skip
