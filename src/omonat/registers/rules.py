"""Pure rules of the registers: spans of time, cursors, and what a new policy would do."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from omonat.consent.rules import bases
from omonat.kernel.clock import TASHKENT, iso, local_date
from omonat.policy import Policy, why_void
from omonat.registers.model import (
    BlockedData,
    ChangedTerm,
    Effect,
    Held,
    RecipientEffect,
    Span,
    VoidConsents,
)  # fmt: skip


def months(now: datetime, *, back: int = 0, ahead: int = 0) -> tuple[Span, ...]:
    """The present month of Tashkent, `back` before and `ahead` after it, in order."""
    today = local_date(now)
    here = today.year * 12 + today.month - 1
    return tuple(_month(number) for number in range(here - back, here + ahead + 1))


def _month(number: int) -> Span:
    year, month = divmod(number, 12)
    following = divmod(number + 1, 12)
    return Span(f"{year:04d}-{month + 1:02d}", _start(date(year, month + 1, 1)), _start(date(*_next(following))))


def _next(following: tuple[int, int]) -> tuple[int, int, int]:
    return following[0], following[1] + 1, 1


def days(now: datetime, back: int) -> tuple[Span, ...]:
    """Today and `back` days before it."""
    today = local_date(now)
    return tuple(day_span(today - timedelta(days=ago)) for ago in range(back, -1, -1))


def day_span(day: date) -> Span:
    """One day of Tashkent."""
    return Span(day.isoformat(), _start(day), _start(day + timedelta(days=1)))


def _start(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TASHKENT).astimezone(UTC)


def cursor(at: datetime, row_id: UUID) -> str:
    """Where a page ends, for its link to the next."""
    return f"{iso(at)}~{row_id}"


def read_cursor(text: str) -> tuple[datetime, UUID] | None:
    """The opposite of `cursor`; None for anything else."""
    moment, _, row_id = text.partition("~")
    try:
        at = datetime.fromisoformat(moment)
        return (at, UUID(row_id)) if at.tzinfo else None
    except ValueError:
        return None


def is_cursor(text: str) -> bool:
    """Whether a page can go on from there."""
    return read_cursor(text) is not None


# --- the plan of a policy (9.1) -------------------------------------------------------------------------------------


def effect(old: Policy | None, new: Policy, held: Held, given: Mapping[str, Policy]) -> Effect:
    """What publishing `new` does to what is held (clauses 3.1, 4.1, 5.1, 6.3): the doors ask `new` from then on.

    `given`: the versions under which consents were given, by number.
    """
    return Effect(
        consents=tuple(_void(new, held, given)),
        blocked=tuple(_blocked(new, held)),
        terms=tuple(_terms(old, new, held)) if old else (),
        recipients=tuple(_recipients(old, new, held)) if old else (),
        asks_again=tuple(one for one, basis in bases(new).items() if old is None or bases(old).get(one) != basis),
    )


def _void(new: Policy, held: Held, given: Mapping[str, Policy]) -> Iterator[VoidConsents]:
    """By the rule that the decision goes by; what an earlier version made void already is no effect of this one."""
    found: dict[tuple[str, str, str], int] = {}
    for (purpose, channel, number), count in held.consents.items():
        why = why_void(given[number], new, purpose, channel)
        if why:
            found[purpose, channel, why] = found.get((purpose, channel, why), 0) + count
    for (purpose, channel, why), count in sorted(found.items()):
        yield VoidConsents(purpose, channel, count, why)


def _blocked(new: Policy, held: Held) -> Iterator[BlockedData]:
    found: dict[tuple[str, str, str], int] = {}
    for (purpose, category, ground), count in held.records.items():
        why = _why_blocked(new, purpose, category, ground)
        if why:
            found[purpose, category, why] = found.get((purpose, category, why), 0) + count
    for (purpose, category, why), count in sorted(found.items()):
        yield BlockedData(purpose, category, count, why)


def _why_blocked(new: Policy, purpose: str, category: str, ground: str) -> str:
    declared = new.purposes.get(purpose)
    if declared is None:
        return "purpose_undeclared"
    if category not in new.categories:
        return "category_undeclared"
    if category not in declared.categories:
        return "category_not_for_purpose"
    return "" if ground in declared.grounds else "ground_gone"


def _terms(old: Policy, new: Policy, held: Held) -> Iterator[ChangedTerm]:
    counts: dict[tuple[str, str], int] = {}
    for (purpose, category, _ground), count in held.records.items():
        counts[purpose, category] = counts.get((purpose, category), 0) + count
    for purpose, declared in new.purposes.items():
        before = old.purposes.get(purpose)
        for category in declared.categories if before else ():
            if before is None or category not in before.categories:
                continue
            was, becomes = old.keep_for(purpose, category), new.keep_for(purpose, category)
            if was != becomes:
                yield ChangedTerm(purpose, category, counts.get((purpose, category), 0), was, becomes)


def _recipients(old: Policy, new: Policy, held: Held) -> Iterator[RecipientEffect]:
    for name in dict.fromkeys((*old.recipients, *new.recipients)):
        before, after = old.recipients.get(name), new.recipients.get(name)
        if before == after:
            continue
        change = "added" if before is None else "removed" if after is None else "changed"
        yield RecipientEffect(name, change, held.disclosures.get(name, 0))
