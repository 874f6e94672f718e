"""Every kind of tampering, by a stranger in the database and by the operator, is found by verify."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from store.ledger_log import NOW, ORIGIN, SIGNER, Log, at, change_body_and_hash, codes, remove_one, restore, rewritten

from omonat.crypto.signing import Signer
from omonat.kernel.ids import new_id
from omonat.ledger import words
from omonat.ledger.note import Checkpoint, sign_checkpoint
from omonat.ledger.tiles import TileFolder
from omonat.storage import Database
from omonat.storage.schema import ledger_event, ledger_lease


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path / "ledger")


# --- tampering ------------------------------------------------------------------------------------------------------


def change_body(log: Log) -> None:
    log.tamper(update(ledger_event).where(at(5)).values(body=rewritten(log.rows()[5])))


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
    forged = sign_checkpoint(Checkpoint(ORIGIN, 0, b"r" * 32), SIGNER)
    assert codes(log.verify(forged)) == {"history_rewritten"}


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
