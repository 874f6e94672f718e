"""Many people's states in one statement: the same as one by one, on both engines (clauses 3.1, 4.1, 7.1 c)."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, insert

from harness.office import Office, new_office
from omonat.grounds import Asked, decide, read_words, reduced, states_of
from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId, new_id
from omonat.storage import Database, schema


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return new_office(database, key_database, tmp_path)


def crowd(office: Office) -> list[SubjectId]:
    """One of each kind, and one who never was."""
    people = [office.subscriber("one"), office.customer("two"), office.subscriber("three"), office.subscriber("four")]
    office.says(people[0], "granted", channel="sms")
    office.says(people[2], "withdrawn")
    office.says(people[2], "granted")
    office.says(people[2], "withdrawn")
    office.restrict(people[0].subject_id, "suspended")
    office.restrict(people[0].subject_id, "objected", "news")
    office.restrict(people[3].subject_id, "objected", "news")
    erased = office.subscriber("five")
    office.domain.erase(erased)
    ended = office.customer("six")
    contract(office, people[1].subject_id, "running", date(2020, 1, 1))
    contract(office, ended.subject_id, "annulled", None)
    contract(office, ended.subject_id, "running", None)
    return [keys.subject_id for keys in (*people, erased, ended)] + [SubjectId(new_id())]


def contract(office: Office, subject_id: SubjectId, state: str, ends_on: date | None) -> None:
    row = {
        "subject_id": subject_id, "contract_id": new_id(), "state": state, "number_record_id": new_id(),
        "about_record_id": new_id(), "starts_on": date(2019, 1, 1), "ends_on": ends_on, "created_at": office.now(),
        "created_by": "staff:test", "event_id": new_id(),
    }  # fmt: skip
    office.database.write(lambda tx: tx.execute(insert(schema.contract).values(row)))


def test_words_are_the_reduced_state(office: Office) -> None:
    people, later = crowd(office), office.pass_days(3 * 366 + 2)
    for now in (office.now() - timedelta(days=3 * 366), later):
        with office.database.read() as tx:
            rows = {row[0]: tuple(row[1:]) for row in tx.execute(states_of(now, local_date(now)))}
            for subject_id in people[:-1]:
                person = reduced(office.domain.vault.state(tx, subject_id, now), now)
                found = read_words(rows[subject_id])
                assert sorted(map(repr, found.restrictions)) == sorted(map(repr, person.restrictions))
                assert (found.state, found.consents, found.grounds, found.contract) == (
                    person.state, person.consents, person.grounds, person.contract,
                )  # fmt: skip


def test_a_snapshot_of_all_purposes_or_of_one_says_what_the_door_says(office: Office) -> None:
    people, now, policy = crowd(office), office.now(), office.domain.policies.in_force().facts
    with office.database.read() as tx:
        whole = office.domain.vault.snapshot(tx, people, now)
        for purpose, declared in policy.purposes.items():
            part = office.domain.vault.snapshot(tx, people, now, purposes=[purpose])
            for channel in (None, *declared.channels):
                asked = Asked(operation="use", purpose=purpose, category=declared.categories[0], channel=channel)
                for subject_id in people:
                    said = decide(policy, office.domain.vault.state(tx, subject_id, now), asked, now=now)
                    assert {(r.code, r.detail) for r in whole.may(subject_id, asked).reasons} == {
                        (r.code, r.detail) for r in said.reasons
                    }
                    assert whole.may(subject_id, asked).allowed == said.allowed == part.may(subject_id, asked).allowed
                assert [whole.table.answer(one).allowed for one in whole.answers(asked)] == [
                    whole.may(subject_id, asked).allowed for subject_id in people
                ]


def test_a_page_of_people_is_one_statement(office: Office) -> None:
    people, said = crowd(office), []

    def note(_connection, _cursor, statement, *_rest) -> None:  # type: ignore[no-untyped-def]
        said.append(statement)

    with office.database.read() as tx:
        office.domain.vault.snapshot(tx, people, office.now())
        event.listen(office.database.engine, "before_cursor_execute", note)
        office.domain.vault.snapshot(tx, people, office.now())
        event.remove(office.database.engine, "before_cursor_execute", note)
    assert len([one for one in said if "consent_event" in one]) == 1
    assert len(said) == 2  # and which policy is in force
