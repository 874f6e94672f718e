"""A verification by several processes finds what one alone finds, also when one of them ends in the middle."""

import os
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from store.ledger_log import KEY, Log, at

from omonat.ledger import Report, lanes, verify
from omonat.ledger.bundles import roots_between
from omonat.ledger.lanes import Lanes, Roots
from omonat.ledger.tiles import WIDTH, TileFolder
from omonat.storage import Database
from omonat.storage.schema import ledger_event

SIZE = 5 * WIDTH + 20


@pytest.fixture
def log(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """A ledger of six small spans, which is large enough for other processes."""
    for name, value in (("CHUNK", WIDTH), ("SPAN", WIDTH), ("WORTH", WIDTH)):
        monkeypatch.setattr(lanes, name, value)
    made = Log(database, tmp_path / "ledger")
    made.integrate(SIZE)
    return made


def waiting_for_others(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Before a span is looked at here, another process has said something or has ended. The starts of these spans."""
    here: list[int] = []
    started: list[lanes._Lane] = []

    class Noted(lanes._Lane):
        def __init__(self, url: str, folder: Path) -> None:
            super().__init__(url, folder)
            started.append(self)

    def look(database: Database, tiles: TileFolder, start: int, end: int) -> Roots:
        if running := [lane.connection for lane in started if not lane.connection.closed]:
            wait(running)
        here.append(start)
        return roots_between(database, tiles, start, end)

    monkeypatch.setattr(lanes, "_Lane", Noted)
    monkeypatch.setattr(lanes, "roots_between", look)
    return here


def by(log: Log, cores: int, old: bytes | None = None) -> tuple[Report, list[tuple[int, int]]]:
    steps: list[tuple[int, int]] = []
    report = verify(
        log.database, log.folder, KEY, old_checkpoint=old, cores=cores, progress=lambda *step: steps.append(step)
    )
    return report, steps


def test_several_processes_find_what_one_finds(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    within = log.folder / "checkpoint"
    old = within.read_bytes()
    log.integrate(2 * WIDTH)  # the older tree ends within a bundle
    alone = by(log, 1, old)
    assert (alone[0].ok, alone[0].checked) == (True, SIZE + 2 * WIDTH)
    here = waiting_for_others(monkeypatch)
    assert by(log, 2, old) == alone
    assert len(here) < 8  # the rest was looked at elsewhere
    log.tamper(
        update(ledger_event).where(at(5)).values(kind="other"),
        update(ledger_event).where(at(3 * WIDTH)).values(body=b"{}"),
        delete(ledger_event).where(at(4 * WIDTH + 1)),
    )
    (log.folder / "tile/0/002").unlink()
    (log.folder / "tile/0/001.p").mkdir()
    (log.folder / "tile/0/001.p/7").write_bytes(bytes(7 * 32))
    monkeypatch.setattr(lanes, "roots_between", roots_between)
    found = by(log, 1, old)
    codes = [finding.code for finding in found[0].findings]
    assert codes == ["columns_changed", "tile_differs", "tile_missing", "body_changed", "row_missing"]
    waiting_for_others(monkeypatch)
    assert by(log, 3, old) == found


def ends_at_once(connection: Connection, _url: str, _folder: Path) -> None:
    """A process that never gets so far as to say that it is there."""
    connection.close()


def ends_when_asked(connection: Connection, _url: str, _folder: Path) -> None:
    """A process that is killed while it looks."""
    connection.send(None)
    connection.recv()
    os._exit(9)


@pytest.mark.parametrize("look", [ends_at_once, ends_when_asked])
def test_what_a_process_that_ended_was_asked_is_looked_at_here(
    log: Log, look: Callable[[Connection, str, Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = by(log, 1)
    monkeypatch.setattr(lanes, "_look", look)
    here = waiting_for_others(monkeypatch)
    assert by(log, 2) == alone
    assert sorted(here) == list(range(0, SIZE, WIDTH))


def test_few_events_and_one_core_start_no_process(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(lanes, "_Lane", refuse)
    tiles = TileFolder(log.folder)
    for size, cores in ((SIZE, 1), (WIDTH - 1, 8)):
        with Lanes(log.database, tiles, size, cores) as alone:
            assert [end for _start, end, _roots in alone.roots()][-1] == size
