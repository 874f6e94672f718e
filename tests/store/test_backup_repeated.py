"""Backups that are cheap to repeat, and restores from them: nobody who was erased since comes back, and it is said."""

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from harness.people import invent
from harness.places import POLICY
from harness.postgres import PostgresServer
from harness.shop import Shop
from omonat.app import Omonat
from omonat.backup import BadBackup, BlockStore, back_up_into
from omonat.backup.chunks import cut_at_rows
from omonat.backup.manifest import Manifest, write_manifest
from omonat.kernel.ids import SubjectId
from omonat.storage import schema

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FOREVER = timedelta(days=10000)


@pytest.fixture
def shop(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """An installation on the engine of the test, with the real policy in force."""
    made = Shop(tmp_path)
    words: list[str | Path] = ["init", "--data", made.data, "--keys", made.keys, "--policy", POLICY]
    if engine_name == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        words += ["--database", server.new_database(), "--keys-database", server.new_database()]
    made.run(*words)
    return made


def repeat(shop: Shop) -> dict[str, dict[str, int]]:
    said: dict[str, dict[str, int]] = shop.json(
        "backup", "--into", shop.home / "store", "--keys-into", shop.home / "keys-store"
    )
    return said


def events(omonat: Omonat, count: int) -> None:
    """A month of other people's business."""
    now = omonat.clock.now()

    def unit(tx):  # type: ignore[no-untyped-def]
        for number in range(count):
            omonat.ledger.append(tx, kind="test", at=now, facts={"number": number, "filling": "x" * 300})

    omonat.database.write(unit)
    omonat.sequencer().integrate_once(now)
    omonat.sequencer().release(now)


def sealed_of(omonat: Omonat, subject_id: SubjectId) -> list[bytes]:
    record, key = schema.record.c, schema.compartment_key.c
    with omonat.database.read() as tx:
        found = list(tx.scalars(select(record.sealed_value).where(record.subject_id == subject_id)))
    with omonat.keystore.database.read() as tx:
        return found + list(tx.scalars(select(key.wrapped).where(key.subject_id == subject_id)))


def test_what_was_erased_since_is_not_found_by_value_identifier_or_key_and_the_tree_goes_on(shop: Shop) -> None:
    """The whole way: two backups, a destruction, the older one put back."""
    gone, stays = invent(), invent()
    gone_id, stays_id = shop.sends(gone), shop.sends(stays)
    shop.use(lambda omonat: events(omonat, 3000))
    first = repeat(shop)
    assert first["data"]["bytes_written"] > 0.9 * first["data"]["bytes_total"]
    late = invent()
    shop.sends(late)
    second = repeat(shop)
    assert second["data"]["bytes_written"] < 0.5 * second["data"]["bytes_total"]
    sealed = shop.use(lambda omonat: sealed_of(omonat, gone_id))
    assert len(sealed) >= 6
    shop.use(lambda omonat: omonat.rights.erase(gone_id, omonat.clock.now()))
    shop.use(lambda omonat: events(omonat, 1))
    shop.run("verify", "--save", shop.home / "kept")
    said = shop.run(
        "restore", "--from", shop.home / "store", "--set", str(first["data"]["name"]),
        "--keys-from", shop.home / "keys-store", "--keys-set", str(first["keys"]["name"]), "--yes",
    )  # fmt: skip
    assert "Destroyed again: 1." in said and "known only by their hash now" in said

    def look(omonat: Omonat) -> None:
        for person in (gone, late):
            assert omonat.rights.find_person("email", person.email) == []
            assert omonat.rights.find_person("phone", person.phone) == []
        assert omonat.keystore.count_left(gone_id, None) == 0
        assert sealed_of(omonat, gone_id) == []
        assert stays.name in {one.value.reveal() for one in omonat.vault.read_own(stays_id)}

    shop.use(look)
    files = [path for folder in (shop.data, shop.keys) for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in files for one in sealed if one in path.read_bytes()] == []
    report = shop.json("verify", "--checkpoint", shop.home / "kept")  # it grew out of the tree of before
    assert (report["ok"], report["findings"]) == (True, [])
    assert report["lost"] > 0
    assert _restore_event(shop)["destroyed_again"] == 1


def _restore_event(shop: Shop) -> dict[str, object]:
    c = schema.ledger_event.c

    def newest(omonat: Omonat) -> bytes:
        with omonat.database.read() as tx:
            return tx.scalars(select(c.body).where(c.kind == "ledger.restored").order_by(c.position.desc())).first()  # type: ignore[return-value]

    facts: dict[str, object] = json.loads(shop.use(newest))["facts"]
    return facts


# --- on SQLite --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.run("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY)
    return made


def test_an_older_database_that_was_put_back_by_hand_is_not_served_before_it_was_finished(small: Shop) -> None:
    """A snapshot of the disk, or somebody who deletes the newest rows: nothing says so but the tree."""
    gone_id = small.sends(invent())
    for name in ("omonat.db", "keys.db"):
        shutil.copy((small.data if name == "omonat.db" else small.keys) / name, small.home / name)
    small.use(lambda omonat: omonat.rights.erase(gone_id, omonat.clock.now()))
    small.use(lambda omonat: events(omonat, 3))
    _put_by_hand(small)
    refused = small.refused("serve", "--port", "1")
    assert "newer events are missing" in refused.err and "restore --in-place" in refused.err
    assert "newer events are missing" in small.refused("doctor").out
    assert "row_missing" in small.refused("verify").out
    said = small.run("restore", "--in-place", "--yes")
    assert "Destroyed again: 1." in said
    assert small.use(lambda omonat: omonat.keystore.count_left(gone_id, None)) == 0
    assert small.json("verify")["ok"]


def _put_by_hand(shop: Shop) -> None:
    for folder in (shop.data, shop.keys):
        for rest in folder.glob("*.db-*"):
            rest.unlink()
    shutil.copy(shop.home / "omonat.db", shop.data / "omonat.db")
    shutil.copy(shop.home / "keys.db", shop.keys / "keys.db")


def test_an_unchanged_installation_costs_a_list_and_a_few_blocks(small: Shop) -> None:
    repeat(small)
    again = repeat(small)
    assert again["data"]["blocks"] <= 1
    assert again["keys"]["blocks"] <= 1


def test_a_damaged_list_of_destructions_is_refused_before_anything_is_replaced(small: Shop) -> None:
    person = invent()
    subject_id, other_id = small.sends(person), small.sends(invent())
    small.use(lambda omonat: omonat.rights.erase(other_id, omonat.clock.now()))
    repeat(small)
    path = small.data / "ledger" / "tombstones"
    path.write_bytes(path.read_bytes().replace(b"demand", b"demanD"))
    assert "tombstones_damaged" in small.refused("verify").out
    refused = small.refused("restore", "--from", small.home / "store", "--yes")
    assert "list of destructions" in refused.err
    assert small.use(lambda omonat: omonat.vault.read_own(subject_id))


def test_a_database_that_is_damaged_is_not_copied_over_good_copies(small: Shop) -> None:
    repeat(small)
    path = small.data / "omonat.db"
    content = bytearray(path.read_bytes())
    at = content.index(b"privacy_officer")
    content[at] ^= 1
    path.write_bytes(content)
    refused = small.refused("backup", "--into", small.home / "store", "--keys-into", small.home / "keys-store")
    assert "omonat.db" in refused.err
    assert len(BlockStore(small.home / "store", "data").names()) == 1


# --- the store --------------------------------------------------------------------------------------------------------


def archive(folder: Path, content: bytes, at: datetime = NOW) -> Manifest:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "omonat.db").write_bytes(content)
    return write_manifest(folder, kind="data", engine="sqlite", made_at=at, names=["omonat.db"])


def blocks(store: Path) -> list[Path]:
    return sorted((store / "blocks").glob("*/*"))


def save(store: Path, content: bytes, at: datetime = NOW, keep: timedelta = FOREVER) -> int:
    with BlockStore(store, "data").opened() as folder:
        made = archive(folder, content, at)
        return BlockStore(store, "data").save(folder, made, keep).bytes_written


def test_a_changed_page_is_one_new_block_and_every_set_comes_out_as_it_went_in(tmp_path: Path) -> None:
    store, size = tmp_path / "store", 64 * 1024
    one = b"".join(bytes([n]) * size for n in range(20))
    two = one[: 7 * size] + b"\xff" + one[7 * size + 1 :] + b"more"
    save(store, one)
    assert save(store, two, NOW + timedelta(days=1)) < 2 * size
    names = BlockStore(store, "data").names()
    for name, wanted in zip([*names, None], (one, two, two), strict=True):
        BlockStore(store, "data").bring_out(name, tmp_path / f"out-{name}")
        assert (tmp_path / f"out-{name}" / "omonat.db").read_bytes() == wanted


def test_sets_that_are_too_old_go_with_the_blocks_that_nobody_needs(tmp_path: Path) -> None:
    store = tmp_path / "store"
    save(store, b"a" * 70_000)
    save(store, b"b" * 70_000, NOW + timedelta(days=6), timedelta(days=7))
    assert len(BlockStore(store, "data").names()) == 2
    save(store, b"c" * 70_000, NOW + timedelta(days=8), timedelta(days=7))
    assert len(BlockStore(store, "data").names()) == 2
    assert not any(b"a" in path.read_bytes() for path in blocks(store))
    assert any(b"b" in path.read_bytes() for path in blocks(store))


@pytest.mark.parametrize("what", ["block", "no block", "set", "kind", "no set"])
def test_what_is_not_as_it_was_written_does_not_come_out(tmp_path: Path, what: str) -> None:
    store = tmp_path / "store"
    save(store, b"a" * 200_000)
    (path,) = (store / "sets").glob("*.json")
    match what:
        case "block":
            blocks(store)[0].write_bytes(b"b" + blocks(store)[0].read_bytes()[1:])
        case "no block":
            blocks(store)[0].unlink()
        case "set":
            path.write_bytes(path.read_bytes().replace(b"2026", b"2027"))
        case "kind":
            (store / "store.json").write_bytes(b'{"format":"omonat/blocks/1","kind":"keys"}')
        case "no set":
            path.unlink()
    with pytest.raises(BadBackup):
        BlockStore(store, "data").bring_out(None, tmp_path / "out")


def test_keys_do_not_go_into_a_store_of_data(small: Shop) -> None:
    repeat(small)
    now = small.use(lambda omonat: omonat.clock.now())
    known = small.use(lambda omonat: omonat.settings)
    with pytest.raises(BadBackup, match="store of"):
        back_up_into(known, small.home / "keys-store", small.home / "store", now=now, progress=lambda _n, _total: None)


@settings(deadline=None)
@given(st.integers(), st.integers(0, 2000), st.integers(0, 2000), st.binary(max_size=30))
def test_rows_are_cut_without_loss_and_a_new_row_changes_its_own_block_only(
    seed: int, count: int, at: int, new: bytes
) -> None:
    chosen = random.Random(seed)
    lines = [b"%d\n" % chosen.getrandbits(64) for _ in range(count)]
    before = list(cut_at_rows(lines))
    assert b"".join(before) == b"".join(lines)
    after = list(cut_at_rows([*lines[:at], new.replace(b"\n", b"") + b"\n", *lines[at:]]))
    assert len(set(after) - set(before)) <= 2
