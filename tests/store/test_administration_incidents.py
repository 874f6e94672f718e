"""Incidents on both engines: the order of steps, clocks out of the rule pack, who is concerned, their letters (6.2)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.card import EVIDENCE
from harness.people import invent
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.incidents import Assessment, Incident, Search, WrongStep, next_act
from omonat.incidents.model import Duty
from omonat.incidents.rules import count_found, state_after
from omonat.kernel.errors import Conflict, InvalidInput, NotAllowed
from omonat.kernel.ids import SubjectId, new_id
from omonat.law import read_rule_pack
from omonat.staff import StaffAccount
from omonat.storage import Database
from omonat.vault import rows

ASSESSED = Assessment(severity="high", kinds=("disclosure",), purposes=("support",), categories=("phone",))
WHAT = {"en": "A list of phone numbers was sent to a wrong address.", "ru": "Список телефонов ушёл по чужому адресу."}


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def officer(omonat: Omonat) -> StaffAccount:
    return omonat.staff.get_by_name("Officer")


def opened(omonat: Omonat, officer: StaffAccount) -> Incident:
    now = omonat.clock.now()
    return omonat.incidents.open(officer, "Wrong address", "A list was sent.", detected_at=now, now=now)


def somebody(omonat: Omonat, now: datetime) -> SubjectId:
    """A person who asked to be called back."""
    state = omonat.intake.prepare("callback", "en", now).state
    who = invent()
    sent = omonat.intake.submit(
        "callback", state, {"name": who.name, "phone": who.phone}, frozenset(), evidence=EVIDENCE, now=now
    )
    with omonat.database.read() as tx:
        found = rows.find_submission_subject(tx, sent.submission_id)
    assert found is not None
    return found


def test_the_whole_way(omonat: Omonat, officer: StaffAccount) -> None:
    now, incidents = omonat.clock.now(), omonat.incidents
    made = opened(omonat, officer)
    whose = made.incident_id
    assert incidents.assess(officer, whose, ASSESSED, note="", now=now).state == "assessed"
    assert incidents.contain(officer, whose, note="The address is blocked.", now=now).state == "contained"
    with pytest.raises(WrongStep):
        incidents.finish_telling(officer, whose, note="", now=now)
    for duty in incidents.duties([made])[whose]:
        incidents.decide_duty(officer, whose, duty.whom, told=duty.whom == "people", note="as decided", now=now)
    assert incidents.finish_telling(officer, whose, note="", now=now).state == "told"
    with pytest.raises(InvalidInput):
        incidents.close(officer, whose, lesson=" ", now=now)
    closed = incidents.close(officer, whose, lesson="Lists go by a door of their own.", now=now)
    assert (closed.state, closed.closed_at) == ("closed", now)
    kinds = [step.kind for step in incidents.steps(whose)]
    assert kinds == ["detected", "assessed", "contained", "duty", "duty", "duty", "told", "closed"]
    with pytest.raises(WrongStep):
        incidents.remark(officer, whose, "later", now)
    assert incidents.list(only_open=True) == []


def test_clocks_come_from_the_rule_pack_with_their_marks(omonat: Omonat, officer: StaffAccount) -> None:
    made = opened(omonat, officer)
    pack = read_rule_pack("uz")
    duties = {duty.whom: duty for duty in omonat.incidents.duties([made])[made.incident_id]}
    assert set(duties) == set(pack.incident_duties)
    people = duties["people"]
    assert people.due_at == pack.term("breach_notice").end(made.detected_at)
    assert people.mark == "policy_default"  # the law names no such duty: never shown as the law's
    assert duties["infrastructure"].mark == "unverified"
    assert omonat.incidents.late(made.detected_at) == 0
    assert omonat.incidents.late(people.due_at + timedelta(seconds=1)) == 3


def test_a_duty_is_decided_once_with_a_reason(omonat: Omonat, officer: StaffAccount) -> None:
    made, now = opened(omonat, officer), omonat.clock.now()
    with pytest.raises(InvalidInput):
        omonat.incidents.decide_duty(officer, made.incident_id, "authority", told=False, note="", now=now)
    omonat.incidents.decide_duty(officer, made.incident_id, "authority", told=False, note="no duty by law", now=now)
    with pytest.raises(Conflict):
        omonat.incidents.decide_duty(officer, made.incident_id, "authority", told=True, note="after all", now=now)


def test_who_may_not_manage_and_what_is_wrong(omonat: Omonat, officer: StaffAccount) -> None:
    now = omonat.clock.now()
    auditor = omonat.staff.add("auditor", roles=["auditor"], os_user=None, now=now)
    with pytest.raises(NotAllowed):
        omonat.incidents.open(auditor, "x", "", detected_at=now, now=now)
    with pytest.raises(InvalidInput):
        omonat.incidents.open(officer, " ", "", detected_at=now, now=now)
    with pytest.raises(InvalidInput):
        omonat.incidents.open(officer, "x", "", detected_at=now + timedelta(hours=1), now=now)
    made = opened(omonat, officer)
    for wrong in (
        {"severity": "unknown"}, {"kinds": ()}, {"purposes": ("spying",)}, {"categories": ("soul",)},
    ):  # fmt: skip
        facts = {"severity": "low", "kinds": ("loss",), "purposes": (), "categories": (), **wrong}
        with pytest.raises(InvalidInput):
            omonat.incidents.assess(officer, made.incident_id, Assessment(**facts), note="", now=now)  # type: ignore[arg-type]


def read_by(omonat: Omonat, subject_id: SubjectId, actor: str, now: datetime) -> None:
    omonat.vault.read(subject_id, actor=actor, purpose="support", reason="a call", now=now)


def test_those_concerned_are_found_by_the_journal_and_told_once(omonat: Omonat, officer: StaffAccount) -> None:
    now = omonat.clock.now()
    people = [somebody(omonat, now) for _ in range(3)]
    read_by(omonat, people[0], "staff:Thief", now)
    read_by(omonat, people[0], "staff:Thief", now)
    read_by(omonat, people[1], "staff:Thief", now)
    read_by(omonat, people[2], "staff:Honest", now)
    search = Search(since=now - timedelta(days=1), until=now + timedelta(days=1), actor="staff:Thief")
    assert {one.subject_id: one.journal for one in omonat.incidents.search(search)} == {people[0]: 2, people[1]: 1}
    made = opened(omonat, officer)
    whose = made.incident_id
    with pytest.raises(WrongStep):
        omonat.incidents.order_letters(officer, whose, WHAT, now)
    omonat.incidents.assess(officer, whose, ASSESSED, note="", now=now)
    frozen = omonat.incidents.freeze(officer, whose, search, now)
    assert (frozen.affected, frozen.looked_for["actor"]) == (2, "staff:Thief")
    omonat.rights.erase(people[1], now)
    with pytest.raises(InvalidInput):
        omonat.incidents.order_letters(officer, whose, {"en": "short"}, now)
    omonat.incidents.order_letters(officer, whose, WHAT, now)
    with pytest.raises(WrongStep):
        omonat.incidents.freeze(officer, whose, search, now)
    assert omonat.incidents.send_letters({"incident": str(whose)}, now) == 1
    assert omonat.incidents.send_letters({"incident": str(whose)}, now) == 0
    ((found, case_id),) = omonat.incidents.people(whose)
    assert found.subject_id == people[0]
    assert case_id is not None
    case = omonat.rights.get_case(case_id)
    assert (case.kind, case.state, case.outcome) == ("incident", "done", "told")
    progress = omonat.incidents.progress(whose)
    assert (progress.people, progress.opened, progress.sent) == (1, 1, 0)
    omonat.rights.send_notice(
        {"subject": case.subject_id, "case": case.case_id, "letter": "incident", "incident": str(whose)}
    )
    assert omonat.incidents.progress(whose).unreachable == 1  # nothing was proven: shown in the portal only
    assert omonat.incidents.told(whose, "en")[1] == WHAT["en"]
    assert omonat.incidents.told(whose, "uz-Latn")[1] in WHAT.values()  # not written in Uzbek: one that there is


def test_a_period_alone_is_no_search(omonat: Omonat) -> None:
    now = omonat.clock.now()
    with pytest.raises(InvalidInput):
        omonat.incidents.search(Search(since=now, until=now))
    with pytest.raises(InvalidInput):
        omonat.incidents.search(Search(since=now, until=now - timedelta(days=1), actor="staff:A"))


@given(st.lists(st.sampled_from(["assess", "contain", "tell", "close"]), max_size=12), st.booleans())
def test_an_incident_goes_forward_only_and_closes_once_everybody_is_decided(acts: list[str], undecided: bool) -> None:
    order = ["detected", "assessed", "contained", "told", "closed"]
    due = datetime.fromisoformat("2026-05-04T00:00:00+00:00")
    duties = [
        Duty(
            whom="people",
            term="breach_notice",
            mark="policy_default",
            due_at=due,
            state="open" if undecided else "told",
        )
    ]
    state = "detected"
    for act in acts:
        before = state
        try:
            state = state_after(state, act, duties)
        except WrongStep:
            assert state == before
            continue
        assert order.index(state) - order.index(before) in (0, 1)
    if undecided:
        assert state not in ("told", "closed")
    if state == "closed":
        assert next_act(state) == ""


@given(st.lists(st.tuples(st.integers(0, 5), st.lists(st.sampled_from(["phone", "email"]), max_size=2)), max_size=20))
def test_nobody_is_counted_twice_and_nobody_left_out(entries: list[tuple[int, list[str]]]) -> None:
    ids = [SubjectId(new_id()) for _ in range(6)]
    entered = [(ids[number], categories) for number, categories in entries]
    found = count_found(entered, entered, "phone")
    named = {subject_id for subject_id, categories in entered if "phone" in categories}
    assert {one.subject_id for one in found} == named
    assert len(found) == len(named)
    assert sum(one.journal for one in found) == sum("phone" in categories for _, categories in entered)
