"""Rules of the work on cases, for any steps and filters (3.1, 10.1)."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.kernel.errors import InvalidInput
from omonat.rights import Case, CaseStep
from omonat.rights.model import KINDS
from omonat.support import CaseFilter, read_filter, rules
from omonat.support.model import SORTS, TABS

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
RECORDS = [str(UUID(int=number)) for number in range(1, 4)]
SAID = st.builds(
    lambda kind, actor, record: CaseStep(NOW, actor, kind, {"record": record}),
    st.sampled_from([*rules.DIRECTIONS, "reply_sent", "reply_failed", "reply_no_address", "reply_repeated"]),
    st.sampled_from(["subject", "staff:Anna", "system"]), st.sampled_from(RECORDS),
)  # fmt: skip
OTHER = st.builds(
    lambda kind, actor: CaseStep(NOW, actor, kind, {}),
    st.sampled_from(["opened", "assigned", "closed", "reopened", "notice_sent"]),
    st.sampled_from(["subject", "staff:Anna", "system", "system:sweep", "key:CRM"]),
)  # fmt: skip
STEPS = st.lists(st.one_of(SAID, OTHER), max_size=20)


def case(*steps: CaseStep, state: str = "open", closed_at: datetime | None = None) -> Case:
    return Case(
        subject_id=str(UUID(int=9)), case_id=str(UUID(int=8)), kind="contact", state=state, opened_at=NOW, due_at=NOW,
        term="contact_answer", closed_at=closed_at, outcome=None, details={}, steps=steps,
    )  # fmt: skip


def step(kind: str, actor: str = "staff:Anna", **details: str) -> CaseStep:
    return CaseStep(NOW, actor, kind, details)


@given(STEPS)
def test_a_thread_holds_each_message_once_and_only_answers_have_a_delivery(steps: list[CaseStep]) -> None:
    found = rules.thread(case(*steps))
    said = {each.details["record"] for each in steps if each.kind in rules.DIRECTIONS}
    assert {str(each.message_id) for each in found} == said and len(found) == len(said)
    for message in found:
        known = ("waiting", "sent", "failed", "no_address") if message.direction == "out" else ("",)
        assert message.text is None and message.delivery in known


@given(STEPS, STEPS)
def test_only_what_people_do_makes_another_stop(before: list[CaseStep], after: list[CaseStep]) -> None:
    grown = rules.revision([*before, *after]) - rules.revision(before)
    assert grown == sum(not each.actor.startswith("system") for each in after)
    if grown:
        assert rules.last_actor([*before, *after]) == next(
            each.actor for each in reversed(after) if not each.actor.startswith("system")
        )


@given(st.lists(st.sampled_from(["replied", "reply_sent", "reply_failed", "reply_repeated"]), min_size=1, max_size=8))
def test_the_last_word_about_a_delivery_counts(kinds: list[str]) -> None:
    steps = [step("replied", record=RECORDS[0]), *(step(kind, record=RECORDS[0]) for kind in kinds)]
    told = {"replied": "waiting", "reply_repeated": "waiting", "reply_sent": "sent", "reply_failed": "failed"}
    assert rules.thread(case(*steps))[0].delivery == told[kinds[-1]]


def test_an_end_is_taken_back_within_a_day_where_a_member_put_it() -> None:
    day = timedelta(days=1)
    mine = case(step("closed"), state="done", closed_at=NOW)
    assert rules.may_reopen(mine, NOW) and rules.may_reopen(mine, NOW + day)
    assert not rules.may_reopen(mine, NOW + day + timedelta(seconds=1))
    assert rules.may_reopen(case(step("refused", "key:CRM"), state="refused", closed_at=NOW), NOW)
    for actor in ("system", "subject"):
        assert not rules.may_reopen(case(step("closed", actor), state="done", closed_at=NOW), NOW)
    assert not rules.may_reopen(case(step("closed"), step("reopened")), NOW)


def test_the_letter_counts_for_the_end_that_stands() -> None:
    told = step("notice_sent", "system", letter="case_closed")
    assert not rules.is_letter_out(case(step("closed")))
    assert rules.is_letter_out(case(step("closed"), told))
    assert not rules.is_letter_out(case(step("closed"), told, step("reopened"), step("closed")))
    assert not rules.is_letter_out(case(step("closed"), step("notice_sent", "system", letter="case_opened")))


FILTERS = st.builds(
    CaseFilter, tab=st.sampled_from(TABS), kind=st.sampled_from(["", *KINDS]), form=st.sampled_from(["", "contact"]),
    assigned=st.one_of(st.sampled_from(["", "nobody"]), st.uuids().map(str)),
    since=st.one_of(st.none(), st.dates()), sort=st.sampled_from(SORTS),
    number=st.one_of(st.just(""), st.text("0123456789abcdef", min_size=12, max_size=12)),
)  # fmt: skip


@given(FILTERS)
def test_a_filter_comes_back_from_its_words(wanted: CaseFilter) -> None:
    assert read_filter(wanted.words()) == wanted


@given(st.dictionaries(st.sampled_from(["tab", "kind", "form", "assigned", "since", "number", "sort"]), st.text()))
def test_whatever_stands_in_an_address_is_a_filter(words: dict[str, str]) -> None:
    wanted = read_filter(words)
    assert wanted.tab in TABS and wanted.sort in SORTS and wanted.kind in ("", *KINDS)
    assert wanted.since is None or isinstance(wanted.since, date)


@given(st.uuids())
def test_a_number_is_found_however_it_is_written(case_id: UUID) -> None:
    number = str(case_id)[-12:]
    for typed in (number, number.upper(), f" {number[:4]} {number[4:8]}-{number[8:]} ", str(case_id)):
        assert rules.read_number(typed) == number
    assert rules.read_number(number[:11]) == ""


def test_a_text_keeps_its_lines_and_has_an_end() -> None:
    assert rules.read_text("  Salom \n\n  ikki  \n") == "Salom\n\n  ikki"
    assert rules.read_text("x" * rules.TEXT_LENGTH)
    for wrong in ("", " \n\t ", "x" * (rules.TEXT_LENGTH + 1)):
        with pytest.raises(InvalidInput):
            rules.read_text(wrong)
