"""Merging two subjects of one person: nothing is lost, nothing is left over, and a crash leaves no half."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from harness.rights import People, new_people
from omonat.kernel.errors import Denied, NotFound
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.storage import Database, schema
from omonat.vault import store as vault_store
from omonat.vault.events import open_salts
from omonat.vault.merging import Evidence, Merging

MAIL, PHONE = "ali@example.uz", "+998901234567"


@pytest.fixture
def people(database: Database, key_database: Database, tmp_path: Path) -> People:
    return new_people(database, key_database, tmp_path)


@pytest.fixture
def merging(people: People) -> Merging:
    return Merging(people.vault, people.domain.erasure)


def evidence(people: People) -> Evidence:
    return Evidence("phone", people.vault.tag("phone", PHONE), new_id())


def rows(people: People, subject_id: SubjectId) -> dict[str, int]:
    """How many rows each table holds of a subject."""
    tables = [table for table in schema.data.sorted_tables if "subject_id" in table.c]
    with people.database.read() as tx:
        counts = {
            table.name: tx.scalar(select(func.count()).select_from(table).where(table.c.subject_id == subject_id))
            for table in tables
        }
    return {name: count for name, count in counts.items() if count}


def test_everything_moves_and_only_the_trace_of_the_merging_stays(people: People, merging: Merging) -> None:
    one = people.callback(PHONE, name="One")
    people.enter(PHONE)
    two = people.submit("order", news=("email",), name="Two", email=MAIL, phone=PHONE, service="IP")
    people.rights.object(two, "news", people.clock.now())
    people.hold(two, "contract", "name")
    before = {name: rows(people, one).get(name, 0) + count for name, count in rows(people, two).items()}
    certificate = merging.merge(two, one, people.clock.now(), evidence=evidence(people))
    assert certificate is not None and certificate.trigger == "merged" and certificate.records_by_category == {}
    assert rows(people, two) == {"subject": 1, "destruction": 1}
    after = rows(people, one)
    kept = {name: after.get(name, 0) for name in before if name not in ("subject", "identifier", "identifier_lookup")}
    assert kept == {**{name: before[name] for name in kept}, "event_opening": before["event_opening"] + 1}
    file = people.rights.person_file(one, people.clock.now())
    assert {value.value for value in file.values if value.field == "name"} == {"One", "Two"}
    assert file.restrictions[0][:2] == ("objected", "news") and file.holds[0].law == "accounting"
    assert people.identifiers(one) == {"phone": "proven", "email": "claimed"}


def test_what_was_committed_to_the_ledger_can_still_be_opened(people: People, merging: Merging) -> None:
    one, two = people.callback(PHONE), people.callback(PHONE)
    people.enter(PHONE, one)
    with people.database.read() as tx:
        theirs = [event_id for event_id, _salts in vault_store.openings_of(tx, two)]
    merging.merge(two, one, people.clock.now(), evidence=evidence(people))
    keys = people.vault.keystore.open_subject(one)
    with people.database.read() as tx:
        openings = dict(vault_store.openings_of(tx, one))
    assert theirs and set(theirs) <= set(openings)
    for event_id, sealed in openings.items():
        assert "subject" in open_salts(keys, EventId(event_id), sealed)


def test_a_crash_before_the_emptied_one_is_destroyed_is_finished_at_the_next_start(
    people: People, merging: Merging
) -> None:
    one, two = people.callback(PHONE, name="One"), people.callback(PHONE, name="Two")
    people.enter(PHONE, one)
    merging._move_all(two, one, evidence(people), people.clock.now())
    assert people.vault.keystore.open_subject(two)  # killed here: its keys are still there, and nothing under them
    with pytest.raises(NotFound):
        merging.merge(two, one, people.clock.now(), evidence=evidence(people))
    assert people.domain.erasure.resume() == 1
    with pytest.raises(NotFound):
        people.vault.keystore.open_subject(two)
    values = people.rights.person_file(one, people.clock.now()).values
    assert {value.value for value in values if value.field == "name"} == {"One", "Two"}


def test_merging_needs_the_evidence_that_it_names(people: People, merging: Merging) -> None:
    one, two = people.callback(PHONE), people.callback(PHONE)
    stranger = people.callback("+998935556677")
    now = people.clock.now()
    with pytest.raises(Denied, match="target_has_not_proven_it"):
        merging.merge(two, one, now, evidence=evidence(people))
    people.enter(PHONE, one)
    for source in (stranger, one):
        with pytest.raises(Denied):
            merging.merge(source, one, now, evidence=evidence(people))
    with pytest.raises(NotFound):
        merging.merge(SubjectId(new_id()), one, now, evidence=evidence(people))
    merging.merge(two, one, now, evidence=evidence(people))
    with pytest.raises(NotFound):
        merging.merge(two, one, now, evidence=evidence(people))


def test_after_a_merging_deletion_destroys_both_halves(people: People) -> None:
    one, two = people.callback(PHONE, name="One"), people.callback(PHONE, name="Two")
    people.enter(PHONE, one, two)
    outcome = people.rights.erase(one, people.clock.now())
    assert outcome.certificate is not None and outcome.certificate.records_by_category["name"] == 2
    with people.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(schema.record)) == 0
