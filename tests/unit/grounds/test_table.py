"""The memory of the decision: it says what `decide` says, for everybody, at every moment (clauses 3.1, 4.1, 7.1 c)."""

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.grounds.test_decide import NOW, granted, person_states, policy, questions

from omonat.grounds import AnswerTable, Asked, HoldState, PersonState, Snapshot, decide
from omonat.kernel.ids import SubjectId, new_id

holds = st.lists(
    st.builds(
        HoldState, st.sampled_from([None, "news", "contract"]), st.sampled_from([None, "email"]), st.just("tax"),
        st.just(date(2030, 1, 1)),
    ), max_size=2,
).map(tuple)  # fmt: skip
whole_states = st.builds(
    lambda person, held, contract: msgspec.structs.replace(person, holds=held, contract=contract),
    person_states, holds, st.sampled_from(["none", "draft", "running", "ended"]),
)  # fmt: skip
moments = st.sampled_from([NOW - timedelta(days=2), NOW, NOW + timedelta(days=1), NOW + timedelta(days=2)])


@pytest.fixture(scope="module")
def table() -> Iterator[AnswerTable]:
    """One for all examples, so that what one person left in it is met by the next."""
    yield AnswerTable(policy())


@given(whole_states, questions, moments)
def test_the_table_says_what_decide_says(table: AnswerTable, person: PersonState, asked: Asked, now) -> None:  # type: ignore[no-untyped-def]
    snapshot = Snapshot(table, {SubjectId(new_id()): table.class_of(person, now)})
    (answer_id,) = snapshot.answers(asked)
    assert table.answer(answer_id) == decide(policy(), person, asked, now=now)
    assert snapshot.may(snapshot.people[0], asked) == table.answer(answer_id)


def test_people_who_differ_in_moments_only_are_one_class() -> None:
    table = AnswerTable(policy())
    classes = {table.class_of(granted("news", "email", days=days), NOW) for days in range(1, 400)}
    assert len(classes) == table.size == 1
    assert table.class_of(granted("news", "email", days=-1), NOW) not in classes


def test_an_answer_is_worked_out_once_and_named_by_id() -> None:
    table, asked = AnswerTable(policy()), Asked(operation="use", purpose="news", category="email", channel="email")
    yes, no = table.class_of(granted("news", "email"), NOW), table.class_of(granted("news", "sms"), NOW)
    people = {SubjectId(new_id()): (yes, no)[number % 3 == 0] for number in range(999)}
    answers = Snapshot(table, people).answers(asked)
    assert [table.answer(one).allowed for one in answers] == [number % 3 != 0 for number in range(999)]
    assert len(set(answers)) == 2
    assert table.column(asked) is table.column(asked)
