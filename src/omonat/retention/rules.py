"""Pure rules of the sweep: what goes, what a law keeps, and why it goes (clause 6.3; Art. 17)."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from omonat.consent.rules import CHOICE_DAYS
from omonat.grounds import STANDING, HoldState, PersonState
from omonat.keystore import Compartment
from omonat.retention.model import HeldBack, Plan
from omonat.vault import HeldRecord


def plan(records: list[HeldRecord], person: PersonState, *, open_cases: int, now: datetime) -> Plan:
    """What is destroyed of a person at `now`. Nothing of one whose destruction has begun already."""
    due = [held for held in records if held.is_due(now)]
    if person.state != "active" or not due:
        return Plan()
    going = [held for held in due if keeping_hold(person, held) is None]
    kept_back = held_back(person, due)
    if not going:
        return Plan(held=kept_back)
    if len(going) == len(records) and not person.holds and not open_cases:
        return Plan(whole=True, trigger=trigger_of(person, going), records=len(going))
    full, rows = split(records, going)
    parts: dict[str, list[Compartment]] = {}
    for part, members in full.items():
        parts.setdefault(trigger_of(person, members), []).append(part)
    return Plan(
        trigger=trigger_of(person, rows),
        parts={trigger: tuple(sorted(chosen)) for trigger, chosen in parts.items()},
        rows=tuple(rows),
        records=len(going),
        held=kept_back,
    )


def keeping_hold(person: PersonState, held: HeldRecord) -> HoldState | None:
    """The hold that keeps a record longest, if one does."""
    covering = [hold for hold in person.holds if hold.covers(held.purpose, held.category)]
    return max(covering, key=lambda hold: hold.until_on, default=None)


def held_back(person: PersonState, due: Iterable[HeldRecord]) -> tuple[HeldBack, ...]:
    """Due records that stay, counted by law and end."""
    counts = Counter(
        (held.subject_id, hold.law, hold.until_on) for held in due if (hold := keeping_hold(person, held)) is not None
    )
    return tuple(HeldBack(*where, count) for where, count in sorted(counts.items(), key=str))


def split(
    records: list[HeldRecord], going: list[HeldRecord]
) -> tuple[dict[Compartment, list[HeldRecord]], list[HeldRecord]]:
    """(parts whose every record goes, records that go out of parts that stay)."""
    staying = {held.compartment for held in records} - _ending_parts(records, going)
    full: dict[Compartment, list[HeldRecord]] = {}
    for held in going:
        if held.compartment not in staying:
            full.setdefault(held.compartment, []).append(held)
    return full, [held for held in going if held.compartment in staying]


def _ending_parts(records: list[HeldRecord], going: list[HeldRecord]) -> set[Compartment]:
    all_of, going_of = Counter(held.compartment for held in records), Counter(held.compartment for held in going)
    return {part for part, count in all_of.items() if going_of[part] == count}


def trigger_of(person: PersonState, going: Iterable[HeldRecord]) -> str:
    """`withdrawal` when all of it rested on consents that were taken back; else the term ran out."""
    members = list(going)
    withdrawn = bool(members) and all(held.ground == "consent" and _is_withdrawn(person, held) for held in members)
    return "withdrawal" if withdrawn else "term"


def _is_withdrawn(person: PersonState, held: HeldRecord) -> bool:
    words = {consent.action for (purpose, _channel), consent in person.consents.items() if purpose == held.purpose}
    return "withdrawn" in words and not words & set(STANDING)


def is_unused(last_word_at: datetime, now: datetime) -> bool:
    """A pseudonymous visitor whose browser has forgotten the choice: nobody can come back as him (clause 8.1)."""
    return last_word_at + timedelta(days=CHOICE_DAYS) < now
