"""What a certificate says is what was done: keys counted across crashes, each store scrubbed, numbers searched for;
and keys that came back by hand are found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from harness.blank import BlankFiles, BlankSchemas
from harness.card import Firm
from harness.domain import Domain, name, new_domain, phone
from omonat.backup import verify_whole
from omonat.contracts import Given
from omonat.contracts.rules import CATEGORY, PURPOSE
from omonat.kernel.clock import local_date
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.keystore import Compartment, SubjectKeys
from omonat.storage import Database, data_tables, key_tables, schema
from omonat.vault import Certificate, Destruction, Tombstone

NAME = Compartment("contract", "name")
KEY_TABLES = (schema.subject_key, schema.compartment_key, schema.retired_key)


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


def begun(domain: Domain, keys: SubjectKeys, *parts: Compartment) -> Destruction:
    return domain.database.write(
        lambda tx: domain.erasure.begin(
            tx, keys.subject_id, parts or None, trigger="demand", actor="subject", now=domain.now()
        )
    )


def certificates(domain: Domain, subject_id: SubjectId) -> list[Certificate]:
    """Of everything that was destroyed of a person, oldest first."""
    c = schema.destruction.c
    with domain.database.read() as tx:
        intents = tx.execute(select(c.subject_id, c.event_id).where(c.subject_id == subject_id).order_by(c.event_id))
        rows = list(intents)
    found = [domain.erasure.find_certificate(row) for row in rows]  # type: ignore[arg-type]  # the ids are all it reads
    assert None not in found
    return [one for one in found if one is not None]


# --- how many keys went ---------------------------------------------------------------------------------------------


class Cut(Exception):
    """In place of a crash."""


@pytest.mark.parametrize("parts", [(), (NAME,)])
@pytest.mark.parametrize("where", ["before the keys", "after the keys", "after two tries"])
def test_keys_are_counted_though_a_crash_came_between(
    domain: Domain, monkeypatch: pytest.MonkeyPatch, parts: tuple[Compartment, ...], where: str
) -> None:
    keys = domain.person(name("Ali"), phone("+998901234567"))
    there = domain.keystore.count_left(keys.subject_id, parts or None)
    assert there == (1 if parts else 4)  # of the name; of the person, the commitments, name and phone
    intent = begun(domain, keys, *parts)

    def cut(*_arguments: object) -> None:
        raise Cut

    for _ in range(2 if where == "after two tries" else 1):
        with monkeypatch.context() as broken:
            broken.setattr(*((domain.keystore, "destroy_many") if where == "before the keys"
                             else (domain.erasure, "_finish")), cut)  # fmt: skip
            with pytest.raises(Cut):
                domain.erasure.carry_out(intent) if where != "after two tries" else domain.erasure.resume()
    assert domain.keystore.count_left(keys.subject_id, parts or None) == (there if where == "before the keys" else 0)
    assert domain.erasure.resume() == 1
    (certificate,) = certificates(domain, keys.subject_id)
    assert certificate.keys == there
    assert certificate.searched is not None and certificate.searched.keys == 0


@pytest.mark.parametrize("keys_restored", [True, False])
@pytest.mark.parametrize("parts", [(), (NAME,)])
def test_keys_are_counted_by_a_restore_too(domain: Domain, parts: tuple[Compartment, ...], keys_restored: bool) -> None:
    """The data is older than the destruction; the key store is, too, or it is the present one."""
    keys = domain.person(name("Ali"), phone("+998901234567"))
    there = domain.keystore.count_left(keys.subject_id, parts or None)
    stone = Tombstone(keys.subject_id, EventId(new_id()), "demand", parts or None, there)
    domain.tombstones.add(stone)
    if not keys_restored:
        domain.keystore.destroy(keys.subject_id, parts or None)
    assert domain.erasure.replay() == 1
    (certificate,) = certificates(domain, keys.subject_id)
    assert certificate.keys == there


def test_a_restore_that_was_cut_off_counts_them_as_well(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = domain.person(name("Ali"), phone("+998901234567"))
    there = domain.keystore.count_left(keys.subject_id, None)
    domain.tombstones.add(Tombstone(keys.subject_id, EventId(new_id()), "demand", None, there))

    def cut(*_arguments: object, **_named: object) -> None:
        raise Cut

    with monkeypatch.context() as broken:
        broken.setattr(domain.erasure, "carry_out", cut)
        with pytest.raises(Cut):
            domain.erasure.replay()
    assert domain.erasure.resume() == 1 and domain.erasure.replay() == 0
    (certificate,) = certificates(domain, keys.subject_id)
    assert certificate.keys == there


# --- which files were scrubbed --------------------------------------------------------------------------------------


@pytest.fixture(params=["data", "key_store"])
def mixed(
    request: pytest.FixtureRequest, blank_files: BlankFiles, blank_schemas: BlankSchemas, tmp_path: Path
) -> Iterator[tuple[Domain, str]]:
    """One of the databases is a file, the other lies on a server; and which is the file."""
    tables = {"data": data_tables, "key_store": key_tables}
    (other,) = tables.keys() - {request.param}
    with blank_schemas.lent(tables[other]) as served:
        file = blank_files.new(tmp_path / "file.db", tables[request.param])
        made = {request.param: file, other: served}
        yield new_domain(made["data"], made["key_store"], tmp_path), request.param
        file.close()


def test_of_two_engines_the_file_is_scrubbed_and_named(mixed: tuple[Domain, str]) -> None:
    domain, file = mixed
    keys = domain.person(name("Ali"))
    domain.erase(keys)
    (certificate,) = certificates(domain, keys.subject_id)
    assert [one.store for one in certificate.levels if one.level == "residue_scrubbed"] == [file]
    assert certificate.stores == {"data": "rows_deleted", "key_store": "key_destroyed"}
    assert "wal_archives" in certificate.window_ends


def test_of_two_engines_a_reader_keeps_the_file_from_being_called_scrubbed(
    mixed: tuple[Domain, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    domain, file = mixed
    keys = domain.person(name("Ali"))
    with monkeypatch.context() as reading:
        reading.setattr(domain.database if file == "data" else domain.keystore.database, "_truncate_log", lambda: False)
        domain.erase(keys)
        (certificate,) = certificates(domain, keys.subject_id)
        assert "residue_scrubbed" not in {one.level for one in certificate.levels}
    assert domain.erasure.scrub()
    (certificate,) = certificates(domain, keys.subject_id)
    assert [one.store for one in certificate.levels if one.level == "residue_scrubbed"] == [file]


# --- what is searched for again, and what came back -----------------------------------------------------------------


def contracted(firm: Firm, number: str, *, phone: str, email: str, annulled: bool = False) -> SubjectId:
    subject_id = firm.order(phone=phone, email=email)
    first = local_date(firm.now).isoformat()
    given = Given(number=number, about="IP telephony", starts_on=first, ends_on="")
    made = firm.omonat.contracts.draft(firm.member("sales"), subject_id, given, firm.now)
    if annulled:
        firm.omonat.contracts.annul(firm.member("sales"), made.contract_id, firm.now)
    return subject_id


def erased(firm: Firm, subject_id: SubjectId, *parts: Compartment) -> Certificate:
    erasure = firm.omonat.erasure
    intent = firm.omonat.database.write(
        lambda tx: erasure.begin(tx, subject_id, parts or None, trigger="demand", actor="staff:tests", now=firm.now)
    )
    made = erasure.carry_out(intent)
    assert made is not None
    return made


@pytest.mark.parametrize("parts", [(), (Compartment(PURPOSE, CATEGORY),)])
def test_it_searches_by_the_numbers_of_contracts_as_well(firm: Firm, parts: tuple[Compartment, ...]) -> None:
    contracted(firm, "12/a ", phone="+998907654321", email="vali@example.uz", annulled=True)
    gone = contracted(firm, "12/A", phone="+998901234567", email="ali@example.uz")
    searched = erased(firm, gone, *parts).searched
    assert searched is not None and (searched.records, searched.keys, searched.others) == (0, 0, 1)
    assert searched.identifiers == (1 if parts else 3)  # the number, and of the whole person phone and address, too
    assert len(firm.omonat.contracts.find("12/A")) == 1


def test_a_number_that_stayed_behind_would_be_found(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    from omonat.vault import erasure_store

    gone = contracted(firm, "12/A", phone="+998901234567", email="ali@example.uz")
    keeps = {table: command for table, command in erasure_store._DELETE_ALL.items() if table != "contract_lookup"}
    monkeypatch.setattr(erasure_store, "_DELETE_ALL", keeps)
    searched = erased(firm, gone).searched
    assert searched is not None and searched.records == 1


def key_rows(firm: Firm, subject_id: SubjectId) -> list[tuple[Any, list[dict[str, Any]]]]:
    with firm.omonat.keystore.database.read() as tx:
        return [
            (
                table,
                [dict(row) for row in tx.execute(_written(table).where(table.c.subject_id == subject_id)).mappings()],
            )
            for table in KEY_TABLES
        ]


def _written(table: Any) -> Any:
    return select(*(column for column in table.c if column.computed is None))


def put_back(firm: Firm, subject_id: SubjectId, rows: list[tuple[Any, list[dict[str, Any]]]]) -> None:
    """As whoever copies an older key store over the present one."""

    def unit(tx: Any) -> None:
        for table in reversed(KEY_TABLES):
            tx.execute(delete(table).where(table.c.subject_id == subject_id))
        for table, held in rows:
            if held:
                tx.execute(insert(table), held)

    firm.omonat.keystore.database.write(unit)


def findings(firm: Firm) -> list[tuple[str, int]]:
    firm.omonat.settings.ledger.mkdir(exist_ok=True)
    firm.omonat.sequencer().integrate_once(firm.now)
    report = verify_whole(firm.omonat)
    return [(one.code, one.statement.places["count"]) for one in report.findings if "count" in one.statement.places]


def test_keys_that_were_put_back_by_hand_are_found(firm: Firm) -> None:
    whole, part = firm.order(), firm.order(phone="+998907654321", email="vali@example.uz")
    kept = {one: key_rows(firm, one) for one in (whole, part)}
    erased(firm, whole)
    erased(firm, part, Compartment("contract", "phone"))
    assert findings(firm) == []
    put_back(firm, part, kept[part])
    assert findings(firm) == [("destroyed_part_is_back", 1)]
    put_back(firm, whole, kept[whole])
    assert findings(firm) == [("erased_is_back", 1), ("destroyed_part_is_back", 1)]


def test_a_part_that_was_given_again_is_not_called_back(firm: Firm) -> None:
    subject_id = firm.order()
    part = Compartment("contract", "phone")
    erased(firm, subject_id, part)
    keystore = firm.omonat.keystore
    keystore.add_compartments(keystore.open_subject(subject_id), [part], firm.now)
    assert findings(firm) == []


def test_a_destruction_that_runs_is_not_called_back(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    subject_id = firm.order()

    def cut(*_arguments: object) -> None:
        raise Cut

    with monkeypatch.context() as broken:
        broken.setattr(firm.omonat.keystore, "destroy_many", cut)
        with pytest.raises(Cut):
            erased(firm, subject_id)
    assert findings(firm) == []
    assert firm.omonat.erasure.resume() == 1 and findings(firm) == []
