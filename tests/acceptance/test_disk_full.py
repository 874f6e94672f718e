"""A full disk, a real one: what is asked for is refused in clear words, nothing is half there, and it goes on after."""

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from harness.installation import Installation, new_installation
from harness.people import Visitor, case_of, invent
from harness.places import POLICY
from harness.server import Server
from harness.shop import Shop
from harness.small_disk import SmallDisk, small_disk
from harness.wholeness import active_ids, assert_whole
from omonat.backup import BlockStore
from omonat.cli.session import write_private
from omonat.crypto import create_key_file
from omonat.jobs import Dispatcher, Options, Outbox
from omonat.kernel.clock import Clock
from omonat.kernel.errors import DiskFull
from omonat.storage import Database, data_tables
from omonat.storage.schema import outbox

_ENDS_WITHIN_SECONDS = 120


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 24) as made:
        yield made


def _callback(server: Server) -> str | None:
    """The case of a form that was taken; None where the site said in clear words that it could not."""
    visitor, person = Visitor(server), invent()
    form = visitor.form_to(visitor.get("/callback"), "/callback")
    answer = visitor.post("/callback", {**form.fields, "name": person.name, "phone": person.phone})
    if answer.url.path.endswith("/thanks"):
        return case_of(answer)
    assert answer.status_code == 503, answer.text
    assert "Retry-After" in answer.headers
    return None


def test_forms_and_ledger_on_a_full_disk(disk: SmallDisk, tmp_path: Path) -> None:
    made = new_installation(tmp_path / "installation", adopt=False)
    shutil.copytree(made.data, disk.folder / "data")
    installation = Installation(disk.folder / "data", made.keys, made.home)
    server = Server(installation)
    try:
        taken = [_callback(server)]
        disk.fill()
        _until(lambda: _note(taken, server) is None, "the site never said that the disk is full")
        disk.make_room()
        _until(lambda: _note(taken, server) is not None, "the site did not go on when there was room again")
        cases = {str(case).replace("-", "") for case in taken if case}
        held = dict(installation.rows("SELECT case_id, subject_id FROM subject_case"))
        assert set(held) == cases, "each form is there whose sender was told so, and no other"
        assert set(held.values()) <= active_ids(installation)
        assert_whole(server)
        _until(lambda: _pending(installation) == 0, "the ledger did not go on")
        installation.run("verify")
    finally:
        server.stop()


def test_a_job_goes_on_that_met_a_full_disk_though_not_even_its_failure_could_be_noted(
    disk: SmallDisk, tmp_path: Path
) -> None:
    """The books of the jobs lie on the full disk, too: the same process takes the job up when there is room again."""
    database = Database(f"sqlite:///{tmp_path / 'data.db'}", data_tables)
    database.create_tables()
    begun = threading.Event()

    def work(_payload: dict[str, str]) -> None:
        if not begun.is_set():
            disk.fill()
            begun.set()
            raise DiskFull

    dispatcher = Dispatcher(
        database, f"sqlite:///{disk.folder / 'jobs.db'}", {"letter": work}, clock=Clock(), options=Options(poll=0.05)
    )
    dispatcher.start()
    try:
        now = Clock().now()
        database.write(lambda tx: Outbox().add(tx, kind="letter", business_key="letter:1", payload={}, now=now))
        assert begun.wait(_ENDS_WITHIN_SECONDS)
        time.sleep(0.5)  # while there is no room, DBOS tries to note the end of the try, and gives up
        disk.make_room()
        _until(lambda: _done(database) == 1, "the job was never taken up again")
    finally:
        dispatcher.stop()
        database.close()


def _done(database: Database) -> int:
    with database.read() as tx:
        return int(tx.scalar(select(func.count()).where(outbox.c.done_at.is_not(None))) or 0)


def _note(taken: list[str | None], server: Server) -> str | None:
    taken.append(_callback(server))
    return taken[-1]


def _pending(installation: Installation) -> int:
    return int(installation.rows("SELECT count(*) FROM ledger_event WHERE position IS NULL")[0][0])


def _until(true, otherwise: str) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + _ENDS_WITHIN_SECONDS
    while not true():
        assert time.monotonic() < end, otherwise


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.run("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY)
    made.sends(invent())
    return made


def test_the_ledger_signs_nothing_that_it_could_not_write(shop: Shop, disk: SmallDisk) -> None:
    """The folder of tiles is on the full disk; the database is not."""
    shutil.move(shop.data / "ledger", disk.folder / "ledger")
    (shop.data / "ledger").symlink_to(disk.folder / "ledger")
    assert _integrate(shop) > 0
    head = (disk.folder / "ledger" / "checkpoint").read_bytes()
    shop.sends(invent())
    disk.fill()
    with pytest.raises(DiskFull):
        _integrate(shop)
    assert (disk.folder / "ledger" / "checkpoint").read_bytes() == head
    disk.make_room()
    _integrate(shop)
    assert (disk.folder / "ledger" / "checkpoint").read_bytes() != head
    assert shop.json("verify")["ok"]


def _integrate(shop: Shop) -> int:
    def act(omonat):  # type: ignore[no-untyped-def]
        try:
            return omonat.sequencer().integrate_once(omonat.clock.now())
        finally:
            omonat.sequencer().release(omonat.clock.now())

    return int(shop.use(act))


def test_no_destruction_begins_on_its_keys_before_it_can_be_named(shop: Shop, disk: SmallDisk) -> None:
    """The list of destructions cannot be written: nothing is destroyed that a restore would bring back."""
    subject_id = shop.sends(invent())
    shutil.move(shop.data / "ledger", disk.folder / "ledger")
    (shop.data / "ledger").symlink_to(disk.folder / "ledger")
    disk.fill()
    with pytest.raises(DiskFull):
        shop.use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    assert shop.use(lambda omonat: omonat.keystore.count_left(subject_id, None)) > 0
    disk.make_room()
    assert shop.use(lambda omonat: omonat.recover()) == 1
    assert shop.use(lambda omonat: omonat.keystore.count_left(subject_id, None)) == 0
    assert shop.json("verify")["ok"]


def test_a_backup_onto_a_full_disk(shop: Shop, disk: SmallDisk) -> None:
    to = ("backup", "--to", disk.folder / "data", "--keys-to", shop.home / "keys-copy")
    into = ("backup", "--into", disk.folder / "store", "--keys-into", shop.home / "keys-store")
    shop.run(*into)
    disk.fill()
    for words in (to, into):
        refused = shop.refused(*words)
        assert refused.code and "no space left" in refused.err
    assert not (disk.folder / "data").exists() and not (shop.home / "keys-copy").exists()
    assert len(BlockStore(disk.folder / "store", "data").names()) == 1
    disk.make_room()
    shop.run(*to)
    shop.run(*into)
    assert len(BlockStore(disk.folder / "store", "data").names()) == 2


def _on(disk: SmallDisk, shop: Shop) -> None:
    """The data of the shop go onto the disk."""
    shutil.move(shop.data, disk.folder / "data")
    shop.data.symlink_to(disk.folder / "data")


def test_a_restore_onto_a_full_disk_replaces_nothing(shop: Shop, disk: SmallDisk) -> None:
    subject_id = shop.sends(invent())
    shop.run("backup", "--to", shop.home / "copy", "--keys-to", shop.home / "keys-copy")
    late = shop.sends(invent())
    shop.use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    _on(disk, shop)
    back = ("restore", "--from", shop.home / "copy", "--keys-from", shop.home / "keys-copy", "--yes")
    disk.fill()
    refused = shop.refused(*back)
    assert refused.code == 4 and "no space left" in refused.err
    disk.make_room()
    assert not [*disk.folder.rglob("*.new"), *shop.keys.rglob("*.new")]
    assert shop.use(lambda omonat: omonat.keystore.count_left(late, None)) > 0, "it serves as before"
    assert "Destroyed again: 1." in shop.run(*back)
    assert shop.json("verify")["ok"]


def test_a_restore_whose_destroying_again_meets_a_full_disk_goes_on_with_space(shop: Shop, disk: SmallDisk) -> None:
    """Everything is in its place; the destructions cannot be carried out again, and nothing opens before they are."""
    subject_id = shop.sends(invent())
    shop.run("backup", "--to", shop.home / "copy")
    shop.use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    shutil.move(shop.data / "ledger", disk.folder / "ledger")
    (shop.data / "ledger").symlink_to(disk.folder / "ledger")
    disk.fill()
    refused = shop.refused("restore", "--from", shop.home / "copy", "--yes")
    assert refused.code == 4 and "no space left" in refused.err
    assert "restore" in shop.refused("serve", "--port", "1").err
    disk.make_room()
    assert "Destroyed again: 1." in shop.run("restore", "--from", shop.home / "copy", "--yes")
    assert shop.json("verify")["ok"]


def test_keys_are_made_whole_or_not_at_all(shop: Shop, disk: SmallDisk) -> None:
    shutil.move(shop.keys, disk.folder / "keys")
    shop.keys.symlink_to(disk.folder / "keys")
    before = sorted(path.name for path in shop.keys.glob("kek*"))
    disk.fill()
    refused = shop.refused("keys", "rotate")
    assert refused.code == 4 and "no space left" in refused.err
    assert sorted(path.name for path in shop.keys.glob("kek*")) == before
    disk.make_room()
    shop.run("keys", "rotate")
    assert shop.use(lambda omonat: omonat.keystore.epochs())[-1].number == 2
    assert len(list(shop.keys.glob("kek*"))) == 1


def test_no_short_key_file_stays_on_a_full_disk(disk: SmallDisk) -> None:
    disk.fill()
    for make in (create_key_file, lambda path: write_private(path, b"private")):
        with pytest.raises(DiskFull):
            make(disk.folder / "kek")
        assert not (disk.folder / "kek").exists()


def test_an_installation_that_begins_on_a_full_disk_begins_again_with_space(disk: SmallDisk, tmp_path: Path) -> None:
    made = Shop(tmp_path)
    for place in ("data", "keys"):
        folder = disk.folder / f"{place}-of-{place}"
        folder.mkdir()
        words = ("init", "--data", made.data if place == "keys" else folder, "--keys",
                 folder if place == "keys" else made.keys, "--policy", POLICY)  # fmt: skip
        disk.fill()
        refused = made.refused(*words)
        assert refused.code == 4 and "no space left" in refused.err, place
        assert not [path for path in (*folder.glob("kek*"), *made.keys.glob("kek*")) if path.stat().st_size != 32]
        disk.make_room()
        assert "installation" in made.run(*words)
        shutil.rmtree(made.data, ignore_errors=True)
        shutil.rmtree(made.keys, ignore_errors=True)
