"""Sealed records, their doors, and destruction that a crash cannot leave half-done (clauses 2.1, 6.1, 6.2, 7.1)."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from harness.domain import Domain, email, name, new_domain, phone
from omonat.kernel.errors import Damaged, Denied, NotFound
from omonat.kernel.ids import SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.storage import Database, schema
from omonat.vault import Origin, Tombstones, Value, store

MARKER = "Canary-7f3e-Алишер"


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


def read(domain: Domain, keys: SubjectKeys, purpose: str = "contract") -> list[str]:
    found = domain.vault.read(keys.subject_id, actor="staff:Officer", purpose=purpose, reason="test", now=domain.now())
    return sorted(opened.value.reveal() for opened in found)


def test_what_is_collected_is_read_back_for_its_purpose_and_journalled(domain: Domain) -> None:
    keys = domain.person(name(MARKER), phone("+998901234567"))
    assert read(domain, keys) == ["+998901234567", MARKER]
    assert read(domain, keys, "support") == []
    with domain.database.read() as tx:
        journal = store.journal_of(tx, keys.subject_id)
    assert [(line["operation"], line["purpose"]) for line in journal] == [("read", "support"), ("read", "contract")]
    assert journal[1]["categories"] == ["name", "phone"]


def test_clause_2_1_an_undeclared_category_is_refused_by_the_door(domain: Domain) -> None:
    with pytest.raises(Denied, match="category_undeclared"):
        domain.person(Value("passport", "passport", "text", Sealed("AA1234567")))
    with domain.database.read() as tx:
        assert tx.scalars(select(schema.subject.c.subject_id)).all() == []


def test_a_ground_that_the_purpose_does_not_have_is_refused(domain: Domain) -> None:
    with pytest.raises(Denied):
        domain.person(name("Ali"), purpose="news", ground="contract")


def test_the_database_holds_no_value_in_clear(domain: Domain) -> None:
    keys = domain.person(name(MARKER))
    with domain.database.read() as tx:
        sealed = store.records_of(tx, keys.subject_id)[0].sealed_value
    assert MARKER.encode() not in sealed


def test_a_sealed_value_cannot_be_moved(domain: Domain) -> None:
    """Between people, between records, between categories: the seal breaks each time."""
    one, other = domain.person(name("Ali"), phone("+998901234567")), domain.person(name("Vali"))
    c = schema.record.c
    with domain.database.read() as tx:
        mine = {held.category: held for held in store.records_of(tx, one.subject_id)}
        theirs = store.records_of(tx, other.subject_id)[0]
    for source, target in ((theirs, mine["name"]), (mine["phone"], mine["name"])):
        moved = {"sealed_value": source.sealed_value}
        domain.database.write(
            lambda tx, moved=moved, target=target: tx.execute(
                update(schema.record).where(c.record_id == target.record_id).values(moved)
            )
        )
        with pytest.raises(Damaged):
            domain.vault.read_own(one.subject_id)


def test_one_value_named_twice_is_one_identifier(domain: Domain) -> None:
    keys = domain.person(phone("+998901234567"), phone("+998901234567"), email("ali@example.uz"))
    with domain.database.read() as tx:
        held = store.identifiers_of(tx, keys.subject_id)
    assert sorted((each.kind, each.state) for each in held) == [("email", "claimed"), ("phone", "claimed")]


def test_claimed_identifiers_are_not_unique_and_are_found_by_tag(domain: Domain) -> None:
    first, second = domain.person(phone("+998901234567")), domain.person(phone("+998901234567"))
    with domain.database.read() as tx:
        found = store.candidates(tx, "phone", domain.vault.tag("phone", "+998901234567"))
        nobody = store.candidates(tx, "phone", domain.vault.tag("phone", "+998907654321"))
    assert {each.subject_id for each in found} == {first.subject_id, second.subject_id}
    assert nobody == []


# --- destruction ------------------------------------------------------------------------------------------------------


def rows_of(domain: Domain, subject_id: SubjectId) -> dict[str, int]:
    counts = {}
    with domain.database.read() as tx:
        for table in schema.data.sorted_tables:
            if "subject_id" in table.c:
                found = tx.scalars(select(table.c.subject_id).where(table.c.subject_id == subject_id)).all()
                counts[table.name] = len(found)
    return {table: count for table, count in counts.items() if count}


def test_an_erased_person_leaves_an_opaque_id_and_a_certificate(domain: Domain) -> None:
    keys = domain.person(name(MARKER), phone("+998901234567"))
    read(domain, keys)
    domain.erase(keys)
    assert rows_of(domain, keys.subject_id) == {"subject": 1, "destruction": 1}
    with pytest.raises(NotFound):
        domain.keystore.open_subject(keys.subject_id)
    with domain.database.read() as tx:
        certificate = tx.scalar(select(schema.destruction.c.certificate))
    assert certificate["records_by_category"] == {"name": 1, "phone": 1}
    assert MARKER not in str(certificate)


def test_after_a_destruction_the_system_searches_itself_again(domain: Domain) -> None:
    """By every identifier that the person had, and by key; what others sent under it is counted and stays."""
    keys = domain.person(name(MARKER), phone("+998901234567"), email("ali@example.uz"))
    domain.person(phone("+998901234567"))
    domain.erase(keys)
    with domain.database.read() as tx:
        whole = tx.scalar(select(schema.destruction.c.certificate))
    assert whole["searched"] == {"identifiers": 2, "records": 0, "keys": 0, "others": 1}


def test_a_search_after_a_part_went_finds_what_was_left_of_it(domain: Domain, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deletion that does not delete is told by the certificate; the other part of the person is no finding."""
    keys = domain.person(name(MARKER), phone("+998901234567"), email("ali@example.uz"))
    domain.erase(keys, Compartment("contract", "email"))
    monkeypatch.setattr("omonat.vault.erasure_store.delete_scope_rows", lambda *_: {})
    monkeypatch.setattr("omonat.keystore.store.delete_compartments", lambda *_: 0)
    domain.erase(keys, Compartment("contract", "phone"))
    with domain.database.read() as tx:
        c = schema.destruction.c
        sound, broken = tx.scalars(select(c.certificate).order_by(c.event_id)).all()
    assert sound["searched"] == {"identifiers": 1, "records": 0, "keys": 0, "others": 0}
    assert broken["searched"] == {"identifiers": 1, "records": 1, "keys": 1, "others": 0}


def test_one_compartment_goes_and_the_rest_stays(domain: Domain) -> None:
    keys = domain.person(name(MARKER), phone("+998901234567"))
    domain.erase(keys, Compartment("contract", "phone"))
    assert read(domain, keys) == [MARKER]
    with domain.database.read() as tx:
        assert store.identifiers_of(tx, keys.subject_id) == []
        assert store.candidates(tx, "phone", domain.vault.tag("phone", "+998901234567")) == []


def test_an_identifier_rests_on_what_is_left_of_its_value(domain: Domain) -> None:
    keys = domain.person(email("ali@example.uz"))
    news = Origin(purpose="news", ground="consent", source="form:test")
    keys = domain.keystore.add_compartments(keys, [Compartment("news", "email")], domain.now())
    domain.database.write(lambda tx: domain.vault.collect(tx, keys, [email("ali@example.uz")], news, now=domain.now()))
    domain.erase(keys, Compartment("contract", "email"))
    with domain.database.read() as tx:
        assert len(store.identifiers_of(tx, keys.subject_id)) == 1


def test_from_the_first_step_on_nothing_opens(domain: Domain) -> None:
    whole, part = domain.person(name(MARKER)), domain.person(name("Ali"), phone("+998901234567"))
    begin = domain.erasure.begin
    now = domain.now()
    scope = (Compartment("contract", "phone"),)
    domain.database.write(lambda tx: begin(tx, whole.subject_id, None, trigger="demand", actor="subject", now=now))
    domain.database.write(lambda tx: begin(tx, part.subject_id, scope, trigger="demand", actor="subject", now=now))
    with pytest.raises(Denied, match="erased"):
        read(domain, whole)
    assert read(domain, part) == ["Ali"]


@pytest.mark.parametrize("seam", ["before keys", "before rows"])
def test_a_crash_at_a_seam_is_finished_by_the_next_start(domain: Domain, seam: str) -> None:
    keys = domain.person(name(MARKER))
    intent = domain.database.write(
        lambda tx: domain.erasure.begin(tx, keys.subject_id, None, trigger="demand", actor="subject", now=domain.now())
    )
    if seam == "before rows":
        domain.keystore.destroy(intent.subject_id, None)
    assert domain.erasure.resume() == 1
    assert domain.erasure.resume() == 0
    assert rows_of(domain, keys.subject_id) == {"subject": 1, "destruction": 1}
    assert [stone.subject_id for stone in domain.tombstones.all()] == [keys.subject_id]


def test_carrying_out_twice_is_one_destruction(domain: Domain) -> None:
    keys = domain.person(name(MARKER))
    intent = domain.database.write(
        lambda tx: domain.erasure.begin(tx, keys.subject_id, None, trigger="demand", actor="subject", now=domain.now())
    )
    assert domain.erasure.carry_out(intent) is not None
    assert domain.erasure.carry_out(intent) is None


def test_keys_without_a_person_are_swept_and_others_stay(domain: Domain) -> None:
    kept = domain.person(name("Ali"))
    orphan = domain.vault.create_keys([Compartment("contract", "name")], domain.now())
    assert domain.vault.sweep_orphans(domain.now()) == 1
    with pytest.raises(NotFound):
        domain.keystore.open_subject(orphan.subject_id)
    assert read(domain, kept) == ["Ali"]


def test_tombstones_survive_a_torn_last_line(tmp_path: Path) -> None:
    stones = Tombstones(tmp_path / "tombstones")
    assert list(stones.all()) == []
    from omonat.kernel.ids import EventId
    from omonat.vault.tombstones import Tombstone

    stone = Tombstone(SubjectId(new_id()), EventId(new_id()), "demand", (Compartment("contract", "phone"),))
    stones.add(stone)
    with (tmp_path / "tombstones").open("ab") as file:
        file.write(b'{"subject_id": "0')
    assert list(stones.all()) == [stone]


def test_no_deleted_byte_stays_in_the_files_of_sqlite(domain: Domain, tmp_path: Path, engine_name: str) -> None:
    if engine_name != "sqlite":
        return  # PostgreSQL keeps dead rows; there the destroyed key is what counts (docs/security/threat-model.md)
    keys = domain.person(name(MARKER), phone("+998901234567"))
    with domain.database.read() as tx:
        sealed = [held.sealed_value for held in store.records_of(tx, keys.subject_id)]
        tags = [held.tag for held in store.identifiers_of(tx, keys.subject_id)]
    with domain.keystore.database.read() as tx:
        wrapped = list(tx.scalars(select(schema.compartment_key.c.wrapped)))
    noted = sealed + tags + wrapped
    assert all(any(each in path.read_bytes() for path in tmp_path.iterdir()) for each in noted)
    domain.erase(keys)
    left = [path.name for each in noted for path in tmp_path.iterdir() if each in path.read_bytes()]
    assert left == []
