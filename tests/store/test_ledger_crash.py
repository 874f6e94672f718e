"""The ledger after a crash at any seam, and after an older backup of the database came back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from store.ledger_log import KEY, NOW, ORIGIN, SIGNER, Log, at, codes, restore

from omonat.kernel.errors import Damaged
from omonat.ledger import BadNote, DatabaseBehind, FolderLost, Sequencer, open_checkpoint, verify
from omonat.ledger.sequencer import LEASE_LASTS
from omonat.ledger.tiles import TileFolder
from omonat.storage import Database
from omonat.storage.schema import ledger_event


@pytest.fixture
def log(database: Database, tmp_path: Path) -> Log:
    return Log(database, tmp_path / "ledger")


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


def recorded(log: Log) -> None:
    """What `omonat restore` does last."""
    log.sequencer.record_restore(NOW + 2 * LEASE_LASTS, {})
    log.sequencer.integrate_once(NOW + 2 * LEASE_LASTS)


# --- restore of an older backup -------------------------------------------------------------------------------------


def test_a_restore_does_not_shrink_the_tree(log: Log) -> None:
    log.integrate(10)
    saved = log.rows()
    before = log.integrate(300)
    restore(log, saved)
    at_once = log.verify(before)
    assert (at_once.ok, at_once.size, at_once.checked, at_once.lost) == (False, 310, 10, 0)
    assert (codes(at_once), at_once.found) == ({"row_missing"}, 300)
    log.append(5)
    later = NOW + 2 * LEASE_LASTS
    with pytest.raises(DatabaseBehind):  # nobody explains away by himself what may have been deleted
        log.sequencer.integrate_once(later)
    assert log.sequencer.record_restore(later, {"actor": "staff:anor"}) == 300
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
    recorded(log)
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
        recorded(log)
        report = log.verify()
        assert (report.ok, report.lost) == (True, lost)


def test_a_deleted_event_is_not_explained_by_a_restore_that_was_elsewhere(log: Log) -> None:
    log.integrate(10)
    saved = log.rows()
    log.integrate(5)
    restore(log, saved)
    recorded(log)
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


def test_a_lost_folder_is_made_again_from_the_events_when_somebody_says_so(log: Log) -> None:
    old = log.integrate(300)
    log.folder.rename(log.folder.with_name("gone"))
    log.append(1)
    with pytest.raises(FolderLost):
        log.sequencer.integrate_once(NOW)
    assert not (log.folder / "checkpoint").exists()
    assert log.sequencer.rebuild(NOW) == 300
    assert (log.folder / "checkpoint").read_bytes() == old
    log.integrate()
    assert log.verify(old).ok


def test_a_lost_folder_and_an_older_database_go_on_under_a_new_name_that_cites_the_old_one(log: Log) -> None:
    old_root = open_checkpoint(log.integrate(20), KEY).root.hex()
    saved = log.rows()
    log.integrate(10)
    log.folder.rename(log.folder.with_name("gone"))
    restore(log, saved)
    node = Sequencer(log.database, log.folder, origin=f"{ORIGIN}/again-1", signer=SIGNER)
    node.rebuild(NOW + 2 * LEASE_LASTS, former=ORIGIN)
    node.record_restore(NOW + 2 * LEASE_LASTS, {})
    node.integrate_once(NOW + 2 * LEASE_LASTS)
    signed = (log.folder / "checkpoint").read_bytes()
    with pytest.raises(BadNote):  # nobody takes it for a second tree of the old name
        open_checkpoint(signed, KEY)
    assert open_checkpoint(signed, node.key).size == 22
    cites = next(row for row in log.rows() if row.kind == "ledger.begun_again")
    assert (ORIGIN in cites.body.decode(), old_root in cites.body.decode()) == (True, True)
    assert verify(log.database, log.folder, node.key).ok


def test_nobody_deletes_the_newest_events_unnoticed(log: Log) -> None:
    """Rows go, tiles stay: it is a finding, and the sequencer signs nothing over it."""
    log.integrate(10)
    log.tamper(delete(ledger_event).where(ledger_event.c.position >= 7))
    report = log.verify()
    assert [(one.code, one.position) for one in report.findings] == [("row_missing", n) for n in (7, 8, 9)]
    log.append(1)
    head = log.head()
    with pytest.raises(DatabaseBehind):
        log.sequencer.integrate_once(NOW)
    assert log.head() == head
