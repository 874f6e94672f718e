"""The ledger on both engines: append, integrate, crash, restore, and every kind of tampering that verify must find."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, text, update

from omonat.crypto.signing import Signer
from omonat.kernel.errors import Damaged, NotFound
from omonat.kernel.ids import EventId, new_id
from omonat.kernel.language import LANGUAGES, catalogue
from omonat.ledger import Ledger, Report, Sequencer, Tree, merkle, open_checkpoint, verifier_key_of, verify, words
from omonat.ledger.note import Checkpoint, sign_checkpoint
from omonat.ledger.sequencer import BATCH, LEASE_LASTS, LeaseLost
from omonat.ledger.tiles import TileFolder
from omonat.storage import Database
from omonat.storage.schema import ledger_event, ledger_lease

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORIGIN = "iptelefoniya.uz/omonat"
SIGNER = Signer(bytes(range(32)))
KEY = verifier_key_of(ORIGIN, SIGNER)


class Log:
    """A ledger, its folder and the sequencer of one node."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.folder = folder
        self.ledger = Ledger()
        self.sequencer = self.node()

    def node(self) -> Sequencer:
        """One more node, as after a restart or beside the first."""
        return Sequencer(self.database, self.folder, origin=ORIGIN, signer=SIGNER)

    def append(self, count: int) -> list[EventId]:
        """`count` events, in one transaction."""
        return self.database.write(
            lambda tx: [self.ledger.append(tx, kind="test", at=NOW, facts={"number": n}) for n in range(count)]
        )

    def integrate(self, count: int = 0) -> bytes:
        """Append `count` events, integrate, return the checkpoint."""
        self.append(count)
        self.sequencer.integrate_once(NOW)
        return Tree(self.folder).checkpoint()

    def verify(self, old: bytes | None = None) -> Report:
        return verify(self.database, self.folder, KEY, old_checkpoint=old)

    def head(self) -> Checkpoint:
        return open_checkpoint(Tree(self.folder).checkpoint(), KEY)

    def rows(self) -> list[Any]:
        with self.database.read() as tx:
            return list(tx.execute(select(ledger_event).order_by(ledger_event.c.position)))

    def positions(self) -> list[int | None]:
        return [row.position for row in self.rows()]

    def tamper(self, *statements: Any) -> None:
        """What somebody with the database does, past every door."""

        def unit(tx: Any) -> None:
            for statement in statements:
                tx.execute(statement)

        self.database.write(unit)


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path / "ledger")


def at(position: int) -> Any:
    return ledger_event.c.position == position


def codes(report: Report) -> set[str]:
    return {finding.code for finding in report.findings}


# --- append and integrate -------------------------------------------------------------------------------------------


def test_the_first_round_signs_the_empty_tree(log: Log) -> None:
    log.integrate()
    assert log.head() == Checkpoint(ORIGIN, 0, merkle.EMPTY_ROOT)
    report = log.verify()
    assert report.ok
    assert report.size == 0


def test_an_event_is_published_as_its_hash_and_nothing_else(log: Log) -> None:
    [event_id] = log.append(1)
    assert log.sequencer.integrate_once(NOW) == 1
    with log.database.read() as tx:
        event = log.ledger.get(tx, event_id)
    assert event.position == 0
    assert event.hash == sha256(event.body).digest()
    assert Tree(log.folder).entry(0, 1) == event.hash
    assert (log.folder / "tile/entries/000.p/1").read_bytes() == b"\x00\x20" + event.hash
    assert log.head().root == merkle.leaf_hash(event.hash)


def test_a_body_says_what_happened_and_cannot_be_guessed(log: Log) -> None:
    one, two = log.append(1) + log.append(1)
    with log.database.read() as tx:
        bodies = [log.ledger.get(tx, event_id).body for event_id in (one, two)]
    assert bodies[0].startswith(b'{"at":"2026-03-02T09:00:00.000000Z","facts":{"number":0},"id":"' + str(one).encode())
    assert bodies[0] != bodies[1]


def test_an_act_that_fails_leaves_no_event(log: Log) -> None:
    def act(tx: Any) -> None:
        log.ledger.append(tx, kind="test", at=NOW, facts={})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        log.database.write(act)
    assert log.rows() == []
    with log.database.read() as tx, pytest.raises(NotFound):
        log.ledger.get(tx, new_id())


def test_many_rounds_make_one_tree(log: Log) -> None:
    heads = [log.head() for count in (0, 1, 254, 1, 1, 600) if log.integrate(count)]
    assert [head.size for head in heads] == [0, 1, 255, 256, 257, 857]
    assert log.positions() == list(range(857))
    tree = Tree(log.folder)
    for old in heads[1:]:
        proof = tree.consistency_proof(old.size, 857)
        assert merkle.is_consistent((old.size, old.root), (857, heads[-1].root), proof)
    for position in (0, 254, 255, 256, 856):
        leaf = merkle.leaf_hash(log.rows()[position].hash)
        proof = tree.inclusion_proof(position, 857)
        assert merkle.is_included(leaf, position, 857, proof=proof, root=heads[-1].root)
    assert log.verify().ok


def test_more_than_a_batch_is_integrated_in_one_call(log: Log) -> None:
    log.append(BATCH + 5)
    assert log.sequencer.integrate_once(NOW) == BATCH + 5
    assert log.head().size == BATCH + 5
    progress: list[tuple[int, int]] = []
    report = verify(log.database, log.folder, KEY, progress=lambda done, total: progress.append((done, total)))
    assert (report.ok, report.checked, report.pending) == (True, BATCH + 5, 0)
    assert progress[-1] == (BATCH + 5, BATCH + 5)


def test_nothing_to_do_writes_nothing(log: Log) -> None:
    first = log.integrate(3)
    lease = log.database.write(lambda tx: tx.execute(select(ledger_lease)).one())
    assert log.sequencer.integrate_once(NOW + timedelta(hours=1)) == 0
    assert log.database.write(lambda tx: tx.execute(select(ledger_lease)).one()) == lease
    assert Tree(log.folder).checkpoint() == first


def test_appending_from_many_sides_keeps_positions_contiguous(log: Log) -> None:
    def appends() -> None:
        for _ in range(15):
            log.append(2)

    threads = [threading.Thread(target=appends) for _ in range(4)]
    nodes = [log.node(), log.node()]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        for node in nodes:
            node.integrate_once(NOW)
    for thread in threads:
        thread.join()
    for node in nodes:
        node.integrate_once(NOW + 2 * LEASE_LASTS)
    assert log.positions() == list(range(4 * 15 * 2))
    assert log.verify().ok


def test_the_loop_integrates_after_a_wake_and_stops(log: Log) -> None:
    log.integrate()
    log.sequencer.start(lambda: NOW)
    try:
        log.append(3)
        log.sequencer.wake()
        waited = threading.Event()
        while log.head().size < 3:
            waited.wait(0.02)
    finally:
        log.sequencer.stop()
    assert log.node().integrate_once(NOW) == 0
    log.append(1)
    assert log.node().integrate_once(NOW) == 1  # stopping let the lease go


def test_the_loop_survives_a_failure_and_signs_nothing(log: Log, caplog: pytest.LogCaptureFixture) -> None:
    log.integrate(2)
    (log.folder / "checkpoint").write_bytes(b"not a checkpoint")
    log.sequencer.start(lambda: NOW)
    waited = threading.Event()
    while "code=damaged" not in caplog.text:
        waited.wait(0.02)
    log.sequencer.stop()
    assert (log.folder / "checkpoint").read_bytes() == b"not a checkpoint"


# --- one holder -----------------------------------------------------------------------------------------------------


def test_only_the_holder_of_the_lease_integrates(log: Log) -> None:
    first, second = log.node(), log.node()
    log.append(1)
    assert first.integrate_once(NOW) == 1
    log.append(1)
    assert second.integrate_once(NOW) == 0
    assert first.integrate_once(NOW) == 1
    log.append(1)
    assert second.integrate_once(NOW + LEASE_LASTS + timedelta(seconds=1)) == 1
    log.append(1)
    assert first.integrate_once(NOW + LEASE_LASTS + timedelta(seconds=2)) == 0
    assert log.head().size == 3


def test_a_lease_that_ends_impossibly_late_can_be_taken(log: Log) -> None:
    log.append(1)
    log.node().integrate_once(NOW + timedelta(days=365))
    log.append(1)
    assert log.node().integrate_once(NOW) == 1


def test_an_old_holder_that_wakes_up_does_nothing(log: Log) -> None:
    """It has passed its own check of the lease when another node takes over: the fencing token stops it."""
    old, new = log.node(), log.node()
    log.append(1)
    old.integrate_once(NOW)
    old._hold_lease(NOW)
    log.append(2)
    later = NOW + LEASE_LASTS + timedelta(seconds=1)
    assert new.integrate_once(later) == 2
    log.append(1)
    with pytest.raises(LeaseLost):
        log.database.write(lambda tx: old._give_positions(tx, 1, later))
    assert log.positions().count(None) == 1
    before = log.head()
    with pytest.raises(LeaseLost):
        new_positions(log)
        old._write_tree(later)
    assert log.head() == before
    assert log.verify().ok


def new_positions(log: Log) -> None:
    """What the new holder committed just before the old one comes to write files."""
    pending = [row for row in log.rows() if row.position is None]
    first = 1 + max(row.position for row in log.rows() if row.position is not None)
    log.tamper(*(
        update(ledger_event).where(ledger_event.c.event_id == row.event_id).values(position=first + n)
        for n, row in enumerate(pending)
    ))  # fmt: skip


# --- crash at every seam --------------------------------------------------------------------------------------------


class Crash(BaseException):
    """The power goes off here."""


@contextmanager
def crash_at(monkeypatch: pytest.MonkeyPatch, name: str, call: int) -> Iterator[None]:
    """The machine dies when the `call`-th file operation `name` of TileFolder begins."""
    real, calls = getattr(TileFolder, name), iter(range(1000))

    def dying(*arguments: Any) -> Any:
        if next(calls) == call:
            raise Crash
        return real(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(TileFolder, name, dying)
        with pytest.raises(Crash):
            yield


@pytest.mark.parametrize(
    ("name", "call"),
    [("write", 0), ("write", 1), ("write", 3), ("write_checkpoint", 0), ("drop_partials", 0)],
)
@pytest.mark.parametrize("before", [0, 3, 250])
def test_a_crash_at_any_seam_is_repaired(
    log: Log, monkeypatch: pytest.MonkeyPatch, name: str, call: int, before: int
) -> None:
    old = log.integrate(before)
    log.append(300)
    with crash_at(monkeypatch, name, call):
        log.sequencer.integrate_once(NOW)
    crashed = log.verify(old)
    assert crashed.ok
    assert crashed.size + crashed.pending == before + 300
    log.append(2)
    later = NOW + 2 * LEASE_LASTS
    assert log.node().integrate_once(later) == 2
    assert log.positions() == list(range(before + 302))
    report = log.verify(old)
    assert report.ok
    assert (report.size, report.pending) == (before + 302, 0)


def test_a_crash_before_the_very_first_tile_is_repaired_without_new_events(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append(5)
    with crash_at(monkeypatch, "write", 0):
        log.sequencer.integrate_once(NOW)
    assert log.node().integrate_once(NOW + 2 * LEASE_LASTS) == 0
    assert log.head().size == 5
    assert log.verify().ok


def test_tiles_that_were_never_signed_are_written_again_after_a_restore(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiles written, power off, an older backup comes back: other events take the places that nobody signed."""
    log.integrate(250)
    saved = log.rows()
    log.append(40)
    with crash_at(monkeypatch, "write_checkpoint", 0):
        log.sequencer.integrate_once(NOW)
    restore(log, saved)
    log.append(50)
    assert log.node().integrate_once(NOW + 2 * LEASE_LASTS) == 50
    report = log.verify()
    assert (report.ok, report.size, report.lost) == (True, 300, 0)


# --- restore of an older backup -------------------------------------------------------------------------------------


def restore(log: Log, rows: list[Any]) -> None:
    """The database is what it was; the tiles are not in the backup and stay."""
    log.tamper(delete(ledger_event), *(insert(ledger_event).values(**row._mapping) for row in rows))
    log.sequencer = log.node()


def test_a_restore_does_not_shrink_the_tree(log: Log) -> None:
    log.integrate(10)
    saved = log.rows()
    before = log.integrate(300)
    restore(log, saved)
    at_once = log.verify(before)
    assert (at_once.ok, at_once.size, at_once.checked, at_once.lost) == (True, 310, 10, 300)
    log.append(5)
    later = NOW + 2 * LEASE_LASTS
    assert log.sequencer.integrate_once(later) == 5
    assert log.positions() == [*range(10), *range(310, 316)]
    report = log.verify(before)
    assert (report.ok, report.size, report.checked, report.lost) == (True, 316, 16, 300)
    assert "known only by their hash (lost in a restore): 300." in " ".join(map(str, report.unknowns))
    log.integrate(300)
    assert log.verify(before).ok


def test_events_that_the_backup_held_without_a_place_get_theirs_back(log: Log) -> None:
    log.integrate(4)
    log.append(3)
    saved = log.rows()
    before = log.integrate(2)
    positions = {row.event_id: row.position for row in log.rows()}
    restore(log, saved)
    log.sequencer.integrate_once(NOW + 2 * LEASE_LASTS)
    for row in saved:
        with log.database.read() as tx:
            assert log.ledger.get(tx, row.event_id).position == positions[row.event_id]
    report = log.verify(before)
    assert (report.ok, report.size, report.lost) == (True, 10, 2)


def test_two_restores_one_after_the_other(log: Log) -> None:
    log.integrate(3)
    saved = log.rows()
    for lost in (4, 9):
        log.integrate(4)
        restore(log, saved)
        log.sequencer.integrate_once(NOW + 2 * LEASE_LASTS)
        report = log.verify()
        assert (report.ok, report.lost) == (True, lost)


def test_a_deleted_event_is_not_explained_by_a_restore_that_was_elsewhere(log: Log) -> None:
    log.integrate(10)
    saved = log.rows()
    log.integrate(5)
    restore(log, saved)
    log.sequencer.integrate_once(NOW + 2 * LEASE_LASTS)
    log.tamper(delete(ledger_event).where(at(7)))
    report = log.verify()
    assert [(finding.code, finding.position) for finding in report.findings] == [("row_missing", 7)]


def test_a_newly_filled_folder_continues_only_the_tree_that_was_signed(log: Log) -> None:
    log.integrate(300)
    path = log.folder / "tile/0/001.p/44"
    path.write_bytes(bytes(44 * 32))
    log.append(1)
    with pytest.raises(Damaged):
        log.sequencer.integrate_once(NOW)
    path.unlink()
    with pytest.raises(Damaged):
        log.sequencer.integrate_once(NOW)
    assert log.head().size == 300


def test_a_lost_folder_is_made_again_from_the_events(log: Log) -> None:
    old = log.integrate(300)
    log.folder.rename(log.folder.with_name("gone"))
    assert log.integrate() == old
    assert log.verify(old).ok


# --- tampering ------------------------------------------------------------------------------------------------------


def rewritten(row: Any) -> bytes:
    return re.sub(rb'"number":\d+', b'"number":777', bytes(row.body))


def change_body(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(body=rewritten(log.rows()[5])))


def change_body_and_hash(log: Log) -> None:
    body = rewritten(log.rows()[5])
    log.tamper(update(ledger_event).where(at(5)).values(body=body, hash=sha256(body).digest()))


def change_hash(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(hash=b"h" * 32))


def change_kind(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(kind="other"))


def change_time(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(at=NOW + timedelta(days=1)))


def swap(log: Log) -> None:
    log.tamper(
        update(ledger_event).where(at(5)).values(position=-1),
        update(ledger_event).where(at(6)).values(position=5),
        update(ledger_event).where(at(-1)).values(position=6),
    )


def remove_one(log: Log) -> None:
    log.tamper(delete(ledger_event).where(at(5)))


def remove_and_close_up(log: Log) -> None:
    log.tamper(
        delete(ledger_event).where(at(5)),
        *(update(ledger_event).where(at(n)).values(position=n - 1) for n in range(6, 300)),
    )


def take_place_away(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(position=None))


def impossible_place(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(position=-7))


def duplicate(log: Log) -> None:
    """The unique index is dropped first: who owns the database can."""
    row = {**log.rows()[5]._mapping, "event_id": new_id()}
    if log.database.is_sqlite:
        columns = "event_id, kind, at, body, hash, position"
        log.tamper(
            text("CREATE TABLE copy AS SELECT " + columns + " FROM ledger_event"),
            text("DROP TABLE ledger_event"),
            text("ALTER TABLE copy RENAME TO ledger_event"),
        )
    else:
        log.tamper(text("ALTER TABLE ledger_event DROP CONSTRAINT ledger_event_position_key"))
    log.tamper(insert(ledger_event).values(**row))


def garble_pending(log: Log) -> None:
    [event_id] = log.append(1)
    log.tamper(update(ledger_event).where(ledger_event.c.event_id == event_id).values(body=b"{}"))


def change_entry(log: Log) -> None:
    path = log.folder / "tile/entries/000"
    data = bytearray(path.read_bytes())
    data[5 * 34 + 7] ^= 1
    path.write_bytes(data)


def break_bundle(log: Log) -> None:
    path = log.folder / "tile/entries/000"
    path.write_bytes(path.read_bytes()[:-1])


def remove_bundle(log: Log) -> None:
    (log.folder / "tile/entries/001.p/44").unlink()


def change_tile(log: Log) -> None:
    path = log.folder / "tile/0/000"
    path.write_bytes(bytes(32) + path.read_bytes()[32:])


def remove_tile(log: Log) -> None:
    (log.folder / "tile/1/000.p/1").unlink()


def remove_checkpoint(log: Log) -> None:
    (log.folder / "checkpoint").unlink()


def forge_checkpoint(log: Log) -> None:
    """Signed by another key under the same name."""
    TileFolder(log.folder).write_checkpoint(sign_checkpoint(log.head(), Signer(b"f" * 32)))


def garble_checkpoint(log: Log) -> None:
    (log.folder / "checkpoint").write_bytes(b"\x00\xff")


def change_size_in_checkpoint(log: Log) -> None:
    path = log.folder / "checkpoint"
    path.write_bytes(path.read_bytes().replace(b"\n300\n", b"\n299\n"))


def sign_another_root(log: Log) -> None:
    TileFolder(log.folder).write_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, 300, b"r" * 32), SIGNER))


def sign_a_size_that_is_not_there(log: Log) -> None:
    TileFolder(log.folder).write_checkpoint(sign_checkpoint(Checkpoint(ORIGIN, 2**62, b"r" * 32), SIGNER))


def remove_everything_of_one_bundle(log: Log) -> None:
    log.tamper(delete(ledger_event).where(ledger_event.c.position >= 256))
    remove_bundle(log)


@pytest.mark.parametrize(
    ("tamper", "code", "position"),
    [
        (change_body, "body_changed", 5),
        (change_body_and_hash, "event_replaced", 5),
        (change_hash, "hash_changed", 5),
        (change_kind, "columns_changed", 5),
        (change_time, "columns_changed", 5),
        (swap, "reordered", 5),
        (remove_one, "row_missing", 5),
        (remove_and_close_up, "reordered", 7),
        (take_place_away, "row_missing", 5),
        (impossible_place, "position_impossible", -7),
        (duplicate, "duplicate_position", 5),
        (garble_pending, "body_changed", None),
        (change_entry, "event_replaced", 5),
        (break_bundle, "bundle_missing", 0),
        (remove_bundle, "bundle_missing", 256),
        (change_tile, "tile_differs", None),
        (remove_tile, "tile_missing", None),
        (remove_checkpoint, "checkpoint_missing", None),
        (forge_checkpoint, "checkpoint_forged", None),
        (garble_checkpoint, "checkpoint_forged", None),
        (change_size_in_checkpoint, "checkpoint_forged", None),
        (sign_another_root, "root_differs", None),
        (sign_a_size_that_is_not_there, "bundle_missing", 256),
        (remove_everything_of_one_bundle, "entry_missing", 256),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_tampering_is_found(log: Log, tamper: Callable[[Log], None], code: str, position: int | None) -> None:
    log.integrate(300)
    assert log.verify().ok
    tamper(log)
    report = log.verify()
    assert not report.ok
    assert (code, position) in {(finding.code, finding.position) for finding in report.findings}
    for finding in report.findings:
        assert "{" not in finding.message


# --- the operator, who has everything -------------------------------------------------------------------------------


def start_again(log: Log, rows: list[Any]) -> None:
    """Throw the tree away, and sign a new one of the same name over `rows`."""
    log.folder.rename(log.folder.with_name(f"thrown-away-{new_id().hex}"))
    restore(log, rows)
    log.tamper(update(ledger_event).values(position=None), delete(ledger_lease))
    log.sequencer.integrate_once(NOW)


def test_a_cut_end_that_was_signed_again_shows_only_against_an_older_checkpoint(log: Log) -> None:
    log.integrate(20)
    old = log.integrate(10)
    start_again(log, log.rows()[:25])
    alone = log.verify()
    assert alone.ok
    assert words.NO_OLD_CHECKPOINT in [unknown.msgid for unknown in alone.unknowns]
    assert codes(log.verify(old)) == {"end_cut"}


def test_a_rewritten_history_that_was_signed_again_shows_only_against_an_older_checkpoint(log: Log) -> None:
    log.integrate(20)
    old = log.integrate(10)
    change_body_and_hash(log)
    rows = log.rows()
    start_again(log, rows)
    log.integrate(5)
    assert log.verify().ok
    report = log.verify(old)
    assert codes(report) == {"history_rewritten"}
    assert not report.ok


def test_with_an_older_checkpoint_only_what_came_after_it_is_open(log: Log) -> None:
    old = log.integrate(20)
    now = log.integrate(10)
    report = log.verify(old)
    assert report.ok
    assert "Entries after the older checkpoint: 10." in str(report.unknowns[0])
    assert [unknown.msgid for unknown in log.verify(now).unknowns] == [words.NEVER_ENTERED]


def test_the_empty_checkpoint_is_an_older_checkpoint_of_anything(log: Log) -> None:
    empty = log.integrate()
    log.integrate(3)
    assert log.verify(empty).ok


@pytest.mark.parametrize(
    "old", [b"", b"nonsense", sign_checkpoint(Checkpoint(ORIGIN, 1, b"r" * 32), Signer(b"x" * 32))]
)
def test_an_older_checkpoint_of_somebody_else_is_named(log: Log, old: bytes) -> None:
    log.integrate(3)
    assert codes(log.verify(old)) == {"old_checkpoint_invalid"}


def test_an_older_tree_put_back_beside_newer_events_is_said(log: Log) -> None:
    log.integrate(20)
    older = (log.folder / "checkpoint").read_bytes()
    newer = log.integrate(10)
    (log.folder / "checkpoint").write_bytes(older)
    assert codes(log.verify(newer)) == {"end_cut"}
    report = log.verify()
    assert (report.size, report.pending) == (20, 10)
    assert "the signed tree does not reach: 10." in " ".join(map(str, report.unknowns))
    log.append(1)
    log.sequencer.integrate_once(NOW)
    assert log.verify(newer).ok


def test_events_that_wait_are_counted_and_said(log: Log) -> None:
    log.integrate(3)
    log.append(2)
    report = log.verify()
    assert (report.ok, report.size, report.pending) == (True, 3, 2)
    assert str(report.unknowns[1]).startswith("Events that are not in the signed tree yet: 2.")


def test_many_findings_are_counted_and_the_list_stays_short(log: Log) -> None:
    log.integrate(300)
    log.tamper(update(ledger_event).values(kind="other"))
    report = log.verify()
    assert (report.found, len(report.findings)) == (300, 100)


# --- the words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_sentence_is_translated_with_its_places(language: str) -> None:
    known = catalogue(language, "ledger")
    for msgid in [*words.FINDINGS.values(), *words.UNKNOWNS]:
        assert msgid in known
        assert set(re.findall(r"{\w+}", known[msgid])) == set(re.findall(r"{\w+}", msgid))


def test_a_report_speaks_the_language_of_its_reader(log: Log) -> None:
    log.integrate(10)
    remove_one(log)
    facts = {language: log.verify().facts(language) for language in LANGUAGES}
    assert len({facts[language]["findings"][0]["message"] for language in LANGUAGES}) == 4  # type: ignore[index]
    assert "5" in facts["uz-Latn"]["findings"][0]["message"]  # type: ignore[index]
