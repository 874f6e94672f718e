"""Pure rules of visits: who may be counted, what has run out, and what is shown of the counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from omonat.consent import VISITS
from omonat.grounds import Asked, PersonState, decide, stands_under
from omonat.kernel.clock import local_date
from omonat.policy import Policy
from omonat.statistics.model import SMALLEST, Answers, DayCount, Fact, Funnel, Path, Share, Span, Summary

PURPOSE = VISITS
CHANNEL = "web"
LATE = timedelta(hours=1)
"""A day is closed this long after its end: a view of its last second may still be on its way."""
_LAST = date(9000, 1, 1)  # terms that begin later end after the last day that there is
WORDS = ("granted", "refused", "withdrawn")
STEPS = ("seen", "started", "finished")


def may_count(policy: Policy, person: PersonState, *, now: datetime) -> bool:
    """Clauses 8.1, 8.2: only while the visitor's own consent to it stands, whatever other ground there is.

    Never where the policy in force does not declare visits (2.1).
    """
    consent = person.consents.get((PURPOSE, CHANNEL))
    category = declared(policy)
    if consent is None or category is None or not stands_under(policy, (PURPOSE, CHANNEL), consent, now):
        return False
    asked = Asked(operation="use", purpose=PURPOSE, category=category, channel=CHANNEL)
    return decide(policy, person, asked, now=now).allowed


def declared(policy: Policy) -> str | None:
    """The category under which the policy declares what is kept of visits; None when it does not."""
    categories = policy.purposes[PURPOSE].categories if PURPOSE in policy.purposes else ()
    return next((name for name in categories if policy.categories[name].kind == "visit"), None)


def kept_since(policy: Policy, from_on: date, to_on: date) -> date | None:
    """The first day from `from_on` on of which every visit is still kept on `to_on`; None where nothing is."""
    if declared(policy) is None or to_on > _LAST:
        return None
    days = (from_on + timedelta(days=number) for number in range((to_on - from_on).days + 1))
    return next((day for day in days if not expired_days(policy, [day], to_on)), None)


# --- terms ----------------------------------------------------------------------------------------------------------


def expired_days(policy: Policy, days: Iterable[date], today: date) -> list[date]:
    """The days whose visits have been kept for the term of the category (clause 6.3)."""
    category = declared(policy)
    if category is None:
        return list(days)
    term = policy.keep_for(PURPOSE, category)
    if term.after != "collection":
        return []
    return [day for day in days if term.last_day(day) < today]


def last_closed(now: datetime) -> date:
    """The last day that can be counted up for good."""
    return local_date(now - LATE) - timedelta(days=1)


# --- what is shown --------------------------------------------------------------------------------------------------


class Tally:
    """Facts of a span of days, summed: how often, how many visitors, and by day."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self.totals: Counter[tuple[str, str, str]] = Counter()
        self.visitors: Counter[tuple[str, str, str]] = Counter()
        self.daily: Counter[tuple[str, str, date]] = Counter()
        for fact in facts:
            for one in _spread(fact):
                key = (one.fact, one.a, one.b)
                self.totals[key] += one.total
                self.visitors[key] += one.visitors
                if one.day is not None:
                    self.daily[one.fact, one.a, one.day] += one.total

    def days(self, *facts: str) -> list[date]:
        """The days on which any of some kinds of fact was counted."""
        return sorted({day for fact, _a, day in self.daily if fact in facts})

    def shares(self, fact: str) -> tuple[Share, ...]:
        """What one kind of fact counts, the most first."""
        found = [(a, total) for (kind, a, _b), total in self.totals.items() if kind == fact and total]
        return tuple(Share(name, total) for name, total in sorted(found, key=lambda pair: (-pair[1], pair[0])))


def _spread(one: Fact) -> Iterator[Fact]:
    """A view counts four times: on its day, and for its page, its language and its device."""
    if one.fact != "view":
        yield one
        return
    yield Fact(one.day, "views", "", "", "", one.total, 0)
    for fact, name in (("page", one.a), ("language", one.b), ("device", one.c)):
        yield Fact(None, fact, name, "", "", one.total, 0)


def summary(facts: Iterable[Fact], from_on: date, to_on: date, *, kept_since: date | None) -> Summary:
    """What the staff see of a span of days. `kept_since`: the first day of which every visit is still kept."""
    tally = Tally(facts)
    sources, paths = _large(tally, "source"), _large(tally, "path")
    whole = kept_since is not None and kept_since <= from_on
    return Summary(
        from_on=from_on,
        to_on=to_on,
        days=tuple(
            DayCount(day, tally.daily["visitors", "", day], tally.daily["views", "", day])
            for day in tally.days("visitors", "views")
        ),
        pages=tally.shares("page"),
        languages=tally.shares("language"),
        devices=tally.shares("device"),
        sources=tuple(Share(name, total) for name, _next, total in sources),
        paths=tuple(Path(page, next_page, total) for page, next_page, total in paths),
        forms=_funnels(tally),
        consents=tuple(
            Answers(day, *(tally.daily["consent", word, day] for word in WORDS)) for day in tally.days("consent")
        ),
        different_visitors=tally.totals["different", "", ""] if whole else None,
        smallest_group=SMALLEST,
        hidden=any(
            fact in ("source", "path") and 0 < count < SMALLEST for (fact, _a, _b), count in tally.visitors.items()
        ),
    )


def _large(tally: Tally, fact: str) -> list[tuple[str, str, int]]:
    """Groups that are not too small to be shown, the most first."""
    large = [
        (a, b, tally.totals[kind, a, b])
        for (kind, a, b), count in tally.visitors.items()
        if kind == fact and count >= SMALLEST
    ]
    return sorted(large, key=lambda one: (-one[2], one[0], one[1]))


def _funnels(tally: Tally) -> tuple[Funnel, ...]:
    forms = sorted({a for fact, a, _b in tally.visitors if fact == "form"})
    return tuple(Funnel(form, *(tally.visitors["form", form, step] for step in STEPS)) for form in forms)


# --- periods --------------------------------------------------------------------------------------------------------

PERIODS = (7, 30, 90, 365)
"""Days that the staff may choose; 365 stands for this month and the eleven before it."""


def first_day(period: int, today: date) -> date:
    """The first day of a period that ends today."""
    if period < PERIODS[-1]:
        return today - timedelta(days=period - 1)
    month = today.year * 12 + today.month - 12
    return date(month // 12, month % 12 + 1, 1)


def spans(seen: Summary) -> tuple[Span, ...]:
    """The days of a summary as a chart shows them: days up to a month, then weeks (from the first day), then months."""
    length = (seen.to_on - seen.from_on).days + 1
    days = [seen.from_on + timedelta(days=number) for number in range(length)]
    starts = {day: _start(day, seen.from_on, length) for day in days}
    counted = {one.day: one for one in seen.days}
    answered = {one.day: one for one in seen.consents}
    return tuple(
        _span(first, [day for day in days if starts[day] == first], counted, answered)
        for first in dict.fromkeys(starts.values())
    )


def _start(day: date, from_on: date, length: int) -> date:
    if length <= 31:
        return day
    if length <= 100:
        return day - timedelta(days=(day - from_on).days % 7)
    return max(from_on, day.replace(day=1))


def _span(first: date, days: list[date], counted: Mapping[date, DayCount], answered: Mapping[date, Answers]) -> Span:
    visits = [counted[day] for day in days if day in counted]
    answers = [answered[day] for day in days if day in answered]
    return Span(
        first_on=first,
        visitors=sum(one.visitors for one in visits),
        views=sum(one.views for one in visits),
        granted=sum(one.granted for one in answers),
        refused=sum(one.refused for one in answers),
        withdrawn=sum(one.withdrawn for one in answers),
    )
