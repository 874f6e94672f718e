"""The plan of the sweep for one person: what goes, what a law keeps, what goes on."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from omonat.grounds import ConsentState, HoldState, PersonState
from omonat.kernel.ids import KeyId, RecordId, SubjectId, new_id
from omonat.keystore import Compartment
from omonat.retention.rules import is_unused, plan
from omonat.vault import HeldRecord

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SUBJECT = SubjectId(UUID(int=1))
PARTS = (("support", "phone"), ("support", "name"), ("contract", "phone"), ("news", "email"))


def record(purpose: str, category: str, *, days: int | None, ground: str = "contract") -> HeldRecord:
    """`days` until its term runs out; negative: it has; None: no term runs."""
    return HeldRecord(
        subject_id=SUBJECT, record_id=RecordId(new_id()), submission_id=None, case_id=None, purpose=purpose,
        category=category, field=category, ground=ground, source="form:test", key_id=KeyId(UUID(int=2)),
        sealed_value=b"", tag=None, collected_at=NOW - timedelta(days=400),
        keep_until=None if days is None else NOW + timedelta(days=days),
    )  # fmt: skip


def person(*holds: HoldState, **consents: str) -> PersonState:
    said = {(purpose, "email"): ConsentState(word, NOW, None, "3.2") for purpose, word in consents.items()}
    return PersonState(state="active", holds=holds, consents=said)


records = st.lists(
    st.tuples(st.sampled_from(PARTS), st.sampled_from([-5, -1, 1, 90, None])).map(
        lambda pair: record(*pair[0], days=pair[1])
    ),
    max_size=12,
)
holds = st.lists(
    st.tuples(st.sampled_from([None, "support", "contract"]), st.sampled_from([None, "phone"])).map(
        lambda pair: HoldState(pair[0], pair[1], "accounting", date(2031, 1, 1))
    ),
    max_size=3,
)


@given(records, holds, st.integers(0, 2))
def test_exactly_the_due_and_unheld_go(held: list[HeldRecord], kept: list[HoldState], cases: int) -> None:
    made = plan(held, person(*kept), open_cases=cases, now=NOW)
    going = {
        one.record_id
        for one in held
        if one.is_due(NOW) and not any(hold.covers(one.purpose, one.category) for hold in kept)
    }
    assert made.records == len(going)
    if made.whole:
        assert going == {one.record_id for one in held} and not kept and not cases
        return
    parts = {part for chosen in made.parts.values() for part in chosen}
    by_part = {one.record_id for one in held if one.compartment in parts}
    by_row = {one.record_id for one in made.rows}
    assert by_part | by_row == going and not by_part & by_row
    assert sum(one.records for one in made.held) == sum(one.is_due(NOW) for one in held) - len(going)


def test_a_part_with_a_living_record_keeps_its_key() -> None:
    due, living = record("support", "phone", days=-1), record("support", "phone", days=10)
    made = plan([due, living], person(), open_cases=0, now=NOW)
    assert made.rows == (due,) and not made.parts and not made.whole


def test_a_hold_or_an_open_case_keeps_the_subject_but_not_its_due_parts() -> None:
    due = record("support", "phone", days=-1)
    for made in (
        plan([due], person(), open_cases=1, now=NOW),
        plan([due], person(HoldState("contract", None, "accounting", date(2031, 1, 1))), open_cases=0, now=NOW),
    ):
        assert not made.whole and made.parts == {"term": (Compartment("support", "phone"),)}


def test_a_hold_is_reported_with_its_law_and_the_longest_day() -> None:
    short = HoldState(None, None, "critical_infrastructure", date(2027, 1, 1))
    long = HoldState("contract", None, "accounting", date(2031, 1, 1))
    made = plan([record("contract", "phone", days=-1)], person(short, long), open_cases=0, now=NOW)
    assert made.records == 0
    assert [(one.law, one.until_on, one.records) for one in made.held] == [("accounting", date(2031, 1, 1), 1)]


def test_what_rested_on_a_withdrawn_consent_goes_as_withdrawn() -> None:
    news = record("news", "email", days=-1, ground="consent")
    other = record("support", "phone", days=90)
    made = plan([news, other], person(news="withdrawn"), open_cases=0, now=NOW)
    assert made.parts == {"withdrawal": (Compartment("news", "email"),)}
    assert plan([news, other], person(news="granted"), open_cases=0, now=NOW).parts.keys() == {"term"}


def test_nothing_is_planned_for_one_who_is_being_erased() -> None:
    made = plan([record("support", "phone", days=-1)], PersonState(state="erasing"), open_cases=0, now=NOW)
    assert made.records == 0 and not made.whole


def test_a_visitor_is_unused_when_the_browser_has_forgotten() -> None:
    assert not is_unused(NOW - timedelta(days=179), NOW)
    assert is_unused(NOW - timedelta(days=181), NOW)
