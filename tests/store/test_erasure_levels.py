"""Levels of a destruction in each store, and the windows in which a copy may be left: facts, until they are closed."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from harness.domain import Domain, email, name, new_domain, phone
from omonat.kernel.errors import Damaged, Overloaded
from omonat.kernel.ids import CaseId, EventId, SubjectId, new_id
from omonat.keystore import Compartment, SubjectKeys
from omonat.storage import Database, schema
from omonat.vault import Certificate, Tombstone, Tombstones


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


def erased(domain: Domain, keys: SubjectKeys, case_id: CaseId | None = None) -> Certificate:
    intent = domain.database.write(
        lambda tx: domain.erasure.begin(
            tx, keys.subject_id, None, trigger="demand", actor="subject", now=domain.now(), case_id=case_id
        )
    )
    certificate = domain.erasure.carry_out(intent)
    assert certificate is not None
    return certificate


def again(domain: Domain, keys: SubjectKeys, certificate: Certificate) -> Certificate:
    """As it stands in the database now."""
    with domain.database.read() as tx:
        c = schema.destruction.c
        intent = tx.execute(select(c.subject_id, c.event_id).where(c.subject_id == keys.subject_id)).one()
    found = domain.erasure.find_certificate(intent)  # type: ignore[arg-type]  # the two ids are all that is read
    assert found is not None and found.number == certificate.number
    return found


def events(domain: Domain, kind: str) -> list[bytes]:
    c = schema.ledger_event.c
    with domain.database.read() as tx:
        return list(tx.scalars(select(c.body).where(c.kind == kind)))


def test_each_store_has_its_levels_with_their_moments(domain: Domain, engine_name: str) -> None:
    before = domain.now()
    certificate = erased(domain, domain.person(name("Ali"), phone("+998901234567")))
    reached = [(one.store, one.level) for one in certificate.levels]
    issued = [("data", "hidden"), ("key_store", "key_destroyed"), ("data", "rows_deleted")]
    scrubbed = [("data", "residue_scrubbed"), ("key_store", "residue_scrubbed")]
    assert reached == issued + (scrubbed if engine_name == "sqlite" else [])
    moments = [one.at for one in certificate.levels]
    assert before <= moments[0] and moments == sorted(moments)


def test_what_a_reader_kept_from_being_scrubbed_is_not_said_to_be_scrubbed(domain: Domain, engine_name: str) -> None:
    keys = domain.person(name("Ali"))
    with domain.database.read() as reading:
        reading.execute(select(schema.subject.c.subject_id)).all()
        certificate = erased(domain, keys)
        levels = {one.level for one in certificate.levels}
        assert "residue_scrubbed" not in levels
    assert domain.erasure.scrub() is (engine_name == "sqlite")
    levels = {one.level for one in again(domain, keys, certificate).levels}
    assert ("residue_scrubbed" in levels) is (engine_name == "sqlite")


def test_windows_say_until_when_and_are_closed_by_an_entry_of_the_ledger(domain: Domain, engine_name: str) -> None:
    keys = domain.person(name("Ali"))
    certificate = erased(domain, keys)
    at, ends = certificate.finished_at, certificate.window_ends
    wanted = {"key_store_backups": 7, "data_backups_unreadable_without_key": 90}
    wanted |= {"wal_archives": 7} if engine_name == "postgresql" else {}
    assert ends == {window: at + timedelta(days=days) for window, days in wanted.items()}
    close = domain.erasure.afterwards.close_windows
    assert close(at + timedelta(days=6)) == 0
    week, quarter = at + timedelta(days=7), at + timedelta(days=90)
    assert close(week) == len(wanted) - 1
    assert close(week) == 0
    closed = again(domain, keys, certificate).closed
    assert set(closed) == set(wanted) - {"data_backups_unreadable_without_key"}
    assert {one.at for one in closed.values()} == {week}
    assert close(quarter) == 1
    assert set(again(domain, keys, certificate).closed) == set(wanted)
    bodies = events(domain, "windows_closed")
    assert len(bodies) == 2 and all(certificate.number.encode() in body for body in bodies)


def test_many_windows_are_closed_in_batches(domain: Domain) -> None:
    from omonat.vault import levels

    made = [erased(domain, domain.person(name("Ali"))) for _ in range(5)]
    before, levels.BATCH = levels.BATCH, 2
    try:
        assert domain.erasure.afterwards.close_windows(domain.now() + timedelta(days=365)) == sum(
            len(one.window_ends) for one in made
        )
    finally:
        levels.BATCH = before
    assert len(events(domain, "windows_closed")) == 3


def test_connected_systems_and_recipients_that_know_are_levels_of_their_own(domain: Domain) -> None:
    keys, case_id = domain.person(name("Ali")), CaseId(new_id())
    intent = domain.database.write(
        lambda tx: domain.erasure.begin(
            tx, keys.subject_id, None, trigger="demand", actor="subject", now=domain.now(), case_id=case_id
        )
    )
    with pytest.raises(Overloaded):  # told before it was carried out: the job comes again
        domain.erasure.afterwards.told(case_id, "contractor")
    certificate = domain.erasure.carry_out(intent)
    assert certificate is not None
    data: dict[str, object] = {"subject": str(keys.subject_id), "certificate": certificate.number}
    for _ in range(2):  # a message may arrive twice
        domain.erasure.afterwards.told(case_id, "contractor")
        domain.database.write(
            lambda tx: domain.erasure.afterwards.arrived(tx, data, "https://crm.example.uz/hook?x=1", domain.now())
        )
    known = [(one.store, one.level) for one in again(domain, keys, certificate).levels if ":" in one.store]
    assert known == [("recipient:contractor", "told"), ("connected:crm.example.uz", "confirmed")]


def test_it_searches_again_by_every_identifier_that_the_person_had(domain: Domain) -> None:
    """All that were typed; what was corrected before is known to nobody any more."""
    keys = domain.person(email("ali@example.uz"), email("old@example.uz"), phone("+998901234567"))
    other = domain.person(phone("+998901234567"))
    certificate = erased(domain, keys)
    found = certificate.searched
    assert found is not None
    assert (found.identifiers, found.records, found.keys, found.others) == (3, 0, 0, 1)
    assert other.subject_id != keys.subject_id
    (body,) = events(domain, "destruction_certified")
    assert b'"searched":{"identifiers":3,"keys":0,"others":1,"records":0}' in body


# --- the list of destructions ----------------------------------------------------------------------------------------


def stone() -> Tombstone:
    return Tombstone(SubjectId(new_id()), EventId(new_id()), "demand", (Compartment("contract", "phone"),))


def test_a_line_that_a_full_disk_cut_off_does_not_spoil_the_next_one(tmp_path: Path) -> None:
    stones, one, two = Tombstones(tmp_path / "stones"), stone(), stone()
    stones.add(one)
    whole = (tmp_path / "stones").read_bytes()
    for cut in range(1, len(whole)):
        (tmp_path / "stones").write_bytes(whole + whole[:cut][: len(whole) - 2])
        stones.add(two)
        assert list(stones.all()) == [one, two]


def test_no_flipped_bit_of_the_list_is_passed_over(tmp_path: Path) -> None:
    """Each bit of a file of three lines."""
    stones = Tombstones(tmp_path / "stones")
    stones.add(stone(), stone())
    stones.add(stone())
    whole = (tmp_path / "stones").read_bytes()
    wanted = list(stones.all())
    for bit in range(len(whole) * 8):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        (tmp_path / "stones").write_bytes(flipped)
        try:
            found = list(stones.all())
        except Damaged:
            continue
        assert found == wanted, bit  # the end of the last line: nothing is lost by it
