"""Cases as the staff follow them, and the notices that people get (clauses 5.1, 7.1, 10.1; Arts 22, 23)."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from harness.rights import People, new_people
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.kernel.ids import SubjectId, new_id
from omonat.storage import Database, schema
from omonat.vault import store as vault_store

MAIL, PHONE, NAME = "ali@example.uz", "+998901234567", "Ali Valiyev"


@pytest.fixture
def people(database: Database, key_database: Database, tmp_path: Path) -> People:
    return new_people(database, key_database, tmp_path)


@pytest.fixture
def ali(people: People) -> SubjectId:
    """Signed in by mail; his phone is claimed."""
    subject_id = people.contact(email=MAIL, phone=PHONE, name=NAME, news=("email",))
    people.enter(MAIL)
    return subject_id


def disclose(people: People, subject_id: SubjectId, purpose: str = "contract") -> None:
    people.disclosures.disclose(
        subject_id, "contractor", purpose, actor="staff:Officer", reason="delivery", now=people.clock.now()
    )


# --- the staff ------------------------------------------------------------------------------------------------------


def test_cases_are_listed_first_due_first_page_by_page(people: People, ali: SubjectId) -> None:
    for _ in range(3):
        people.rights.complain(ali, "x", people.clock.now())
        people.later(days=1)
    people.rights.suspend(ali, people.clock.now())
    everything = people.rights.cases()
    assert [case.due_at for case in everything] == sorted(case.due_at for case in everything)
    pages, after = [], None
    while page := people.rights.cases("open", 2, after):
        pages += page
        after = page[-1].case_id
    assert [case.case_id for case in pages] == [case.case_id for case in everything if case.state == "open"]
    assert len(pages) == 4


def test_staff_close_a_case_once_and_the_person_is_told(people: People, ali: SubjectId) -> None:
    case = people.rights.complain(ali, "x", people.clock.now())
    people.work()
    closed = people.rights.close_case(case.case_id, "staff:Officer", "answered", now=people.clock.now())
    assert (closed.state, closed.outcome, closed.steps[-1].actor) == ("done", "answered", "staff:Officer")
    with pytest.raises(Denied):
        people.rights.close_case(case.case_id, "staff:Officer", "answered", now=people.clock.now())
    people.work()
    assert "is closed" in people.letters_to(MAIL)[-1].subject


def test_a_refusal_needs_a_ground_of_the_law(people: People, ali: SubjectId) -> None:
    case = people.rights.complain(ali, "x", people.clock.now())
    for outcome, reason in (("refused", ""), ("refused", "because"), ("vanished", "")):
        with pytest.raises(InvalidInput):
            people.rights.close_case(case.case_id, "staff:Officer", outcome, reason=reason, now=people.clock.now())
    refused = people.rights.close_case(
        case.case_id, "staff:Officer", "refused", reason="informed_before", now=people.clock.now()
    )
    assert refused.state == "refused" and refused.steps[-1].details["reason"] == "informed_before"


def test_a_term_that_counts_from_the_end_of_the_case_begins_with_it(people: People) -> None:
    subject_id = people.order(email=MAIL, phone=PHONE)
    case = people.rights.person_file(subject_id, people.clock.now()).cases[0]
    with people.database.read() as tx:
        held = next(each for each in vault_store.records_of(tx, subject_id) if each.field == "name")
    assert held.keep_until is None
    now = people.clock.now()
    people.rights.close_case(case.case_id, "staff:Officer", "answered", now=now)
    with people.database.read() as tx:
        after = next(each for each in vault_store.records_of(tx, subject_id) if each.field == "name")
    term = people.domain.policies.in_force().facts.keep_for("contract", "name")
    assert after.keep_until == term.end(now, "case_closed")


def test_a_case_of_an_erased_person_can_still_be_closed_and_says_nothing_of_him(people: People, ali: SubjectId) -> None:
    case = people.rights.complain(ali, "x", people.clock.now())
    people.rights.erase(ali, people.clock.now())
    assert people.rights.close_case(case.case_id, "staff:Officer", "answered", now=people.clock.now()).state == "done"


def test_a_stranger_does_not_learn_of_a_case(people: People, ali: SubjectId) -> None:
    case = people.rights.complain(ali, "x", people.clock.now())
    foreign = people.contact(email="other@example.uz")
    assert people.rights.get_own_case(ali, case.case_id).case_id == case.case_id
    for subject_id, case_id in ((foreign, case.case_id), (ali, str(new_id())), (ali, "x")):
        with pytest.raises(NotFound):
            people.rights.get_own_case(subject_id, case_id)


def test_staff_find_who_names_an_address_and_whether_it_is_proven(people: People, ali: SubjectId) -> None:
    other = people.contact(email="other@example.uz", phone=PHONE)
    assert people.rights.find_person("phone", "90 123 45 67") == [(ali, "claimed"), (other, "claimed")]
    assert people.rights.find_person("email", MAIL.upper()) == [(ali, "proven")]
    assert people.rights.find_person("email", "nobody@example.uz") == []
    for kind, value in (("email", "x"), ("passport", "AA1"), ("phone", "")):
        with pytest.raises(InvalidInput):
            people.rights.find_person(kind, value)


# --- Art. 23: the notice of a disclosure ----------------------------------------------------------------------------


def test_the_notice_of_a_disclosure_goes_to_the_proven_address_and_its_moment_is_kept(people: People) -> None:
    subject_id = people.order(email=MAIL, phone=PHONE)
    people.enter(MAIL)
    disclose(people, subject_id)
    people.work()
    assert "third party" in people.letters_to(MAIL)[-1].subject
    assert people.rights.person_file(subject_id, people.clock.now()).disclosures[0].notified_at is not None


def test_the_notice_follows_a_person_who_was_merged_meanwhile(people: People) -> None:
    one, two = people.order(email=MAIL, phone=PHONE), people.order(email=MAIL, phone=PHONE)
    disclose(people, two)
    people.enter(MAIL, one, two)
    people.work()
    assert "third party" in people.letters_to(MAIL)[-1].subject
    assert people.rights.person_file(one, people.clock.now()).disclosures[0].notified_at is not None


def test_a_notice_that_could_go_nowhere_is_sent_when_an_address_is_proven(people: People) -> None:
    one, two = people.order(email=MAIL, phone=PHONE), people.order(email=MAIL, phone=PHONE)
    disclose(people, one)
    disclose(people, two)
    people.work()
    assert people.letters_to(MAIL) == []
    people.enter(MAIL, one, two)
    people.work()
    assert len([letter for letter in people.letters_to(MAIL) if "third party" in letter.subject]) == 2
    assert all(line.notified_at for line in people.rights.person_file(one, people.clock.now()).disclosures)


def test_every_case_has_its_events_in_the_ledger(people: People, ali: SubjectId) -> None:
    case = people.rights.suspend(ali, people.clock.now())
    with people.database.read() as tx:
        kinds = list(tx.scalars(select(schema.ledger_event.c.kind).order_by(schema.ledger_event.c.event_id)))
        stored = tx.scalar(
            select(schema.subject_case.c.event_id).where(schema.subject_case.c.case_id == UUID(case.case_id))
        )
        assert (
            tx.scalar(select(schema.ledger_event.c.kind).where(schema.ledger_event.c.event_id == stored))
            == "case_opened"
        )
    assert kinds[-3:] == ["case_opened", "restricted", "case_closed"]
