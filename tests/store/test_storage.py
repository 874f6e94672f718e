"""The unit of work on both engines, group commit, repeats after a race, and scrubbing."""

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, event, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from omonat.kernel.errors import Overloaded
from omonat.kernel.ids import new_id
from omonat.storage import Database, data_tables
from omonat.storage import writer as writer_module
from omonat.storage.schema import identifier, page_count, subject

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def add_subject(tx: Connection, subject_id: UUID | None = None, created_at: datetime = NOW) -> UUID:
    made = subject_id or new_id()
    tx.execute(insert(subject).values(subject_id=made, kind="person", state="active", created_at=created_at))
    return made


def held(database: Database) -> int:
    with database.read() as tx:
        return int(tx.execute(select(func.count()).select_from(subject)).scalar_one())


class Wrong(Exception):
    pass


def adds_and_fails(tx: Connection) -> None:
    add_subject(tx)
    raise Wrong


def test_an_answer_comes_after_the_commit(database: Database) -> None:
    made = database.write(add_subject)
    with database.read() as tx:
        assert tx.execute(select(subject.c.subject_id)).scalar_one() == made


def test_a_unit_that_fails_stores_nothing(database: Database) -> None:
    with pytest.raises(Wrong):
        database.write(adds_and_fails)
    assert held(database) == 0


def test_tables_can_be_made_again(database: Database) -> None:
    database.write(add_subject)
    database.create_tables()
    assert held(database) == 1


def test_reading_can_change_nothing(database: Database) -> None:
    with database.read() as tx, pytest.raises(DBAPIError):
        add_subject(tx)
    assert held(database) == 0
    database.write(add_subject)
    assert held(database) == 1


def test_reading_sees_one_moment(database: Database) -> None:
    with database.read() as tx:
        before = tx.execute(select(func.count()).select_from(subject)).scalar_one()
        database.write(add_subject)
        assert tx.execute(select(func.count()).select_from(subject)).scalar_one() == before == 0
    assert held(database) == 1


def test_a_unit_may_not_start_another_one(database: Database) -> None:
    with pytest.raises(RuntimeError, match="may not start another"):
        database.write(lambda tx: database.write(add_subject))
    assert held(database) == 0
    database.write(add_subject)
    assert held(database) == 1


def test_foreign_keys_are_on(database: Database) -> None:
    orphan = {
        "subject_id": new_id(), "identifier_id": new_id(), "kind": "email", "tag": b"t" * 32, "tag_version": 1,
        "state": "claimed", "record_id": new_id(), "claimed_at": NOW,
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        database.write(lambda tx: tx.execute(insert(identifier).values(orphan)))


def test_the_same_key_twice_is_refused_once(database: Database) -> None:
    made = database.write(add_subject)
    with pytest.raises(IntegrityError):
        database.write(lambda tx: add_subject(tx, made))
    assert held(database) == 1


def test_many_threads_lose_nothing(database: Database) -> None:
    def one(number: int) -> UUID | None:
        try:
            return database.write(add_subject if number % 5 else adds_and_fails)
        except Wrong:
            return None

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(one, range(100)))
    with database.read() as tx:
        stored = set(tx.execute(select(subject.c.subject_id)).scalars())
    assert stored == {subject_id for subject_id in made if subject_id}
    assert len(stored) == 80


def test_counters_under_a_race_are_exact(database: Database) -> None:
    """Read, add one, write back: on PostgreSQL this fails to serialize, and the whole unit is repeated."""
    key = {"day": NOW.date(), "page": "/", "language": "ru", "device": "phone"}
    database.write(lambda tx: tx.execute(insert(page_count).values(**key, views=0)))

    def count(tx: Connection) -> None:
        views = tx.execute(select(page_count.c.views)).scalar_one()
        tx.execute(update(page_count).values(views=views + 1))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: database.write(count), range(30)))
    with database.read() as tx:
        assert tx.execute(select(page_count.c.views)).scalar_one() == 30


@pytest.mark.parametrize("engine_name", ["postgresql"], indirect=True)
def test_the_loser_of_a_race_is_repeated_and_sees_the_winner(database: Database) -> None:
    """Two units look whether a key is free and then take it: one gets it, the other finds it taken."""
    wanted, both_looked, tries = new_id(), threading.Barrier(2), []

    def take(tx: Connection) -> bool:
        free = tx.execute(select(subject.c.kind).where(subject.c.subject_id == wanted)).first() is None
        tries.append(free)
        if len(tries) <= 2:
            both_looked.wait(30)
        if free:
            add_subject(tx, wanted)
        return free

    with ThreadPoolExecutor(2) as pool:
        won = list(pool.map(lambda _: database.write(take), range(2)))
    assert sorted(won) == [False, True]
    assert tries == [True, True, False]


MOMENTS = st.datetimes(
    min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1),
    timezones=st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moment=MOMENTS)
def test_a_moment_comes_back_as_the_same_moment_in_utc(database: Database, moment: datetime) -> None:
    made = database.write(lambda tx: add_subject(tx, created_at=moment))
    with database.read() as tx:
        found = tx.execute(select(subject.c.created_at).where(subject.c.subject_id == made)).scalar_one()
        due = tx.execute(select(subject.c.subject_id).where(subject.c.created_at <= moment)).scalars().all()
    assert found == moment
    assert found.utcoffset() == timedelta()
    assert made in due


def test_a_moment_without_zone_is_refused(database: Database) -> None:
    with pytest.raises((ValueError, StatementError), match="without a zone"):
        database.write(lambda tx: add_subject(tx, created_at=datetime(2026, 1, 1)))


# --- SQLite: one writer, one commit for many ------------------------------------------------------------------------

only_sqlite = pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)


class Gate:
    """A unit that holds the writer until it is opened, so that what comes meanwhile is one batch."""

    def __init__(self) -> None:
        self.entered, self.open = threading.Event(), threading.Event()

    def __call__(self, tx: Connection) -> None:
        self.entered.set()
        assert self.open.wait(30)


def run_as_one_batch(database: Database, units: list[Callable[[Connection], Any]]) -> list[Any]:
    """The outcome of each unit, an exception as itself, in order."""
    gate = Gate()
    assert database._writer is not None
    with ThreadPoolExecutor(len(units) + 1) as pool:
        first = pool.submit(database.write, gate)
        assert gate.entered.wait(30)
        futures = []
        for number, unit in enumerate(units, start=1):
            futures.append(pool.submit(database.write, unit))
            while database._writer.waiting() < number:
                pass
        gate.open.set()
        first.result()
        return [future.exception() or future.result() for future in futures]


def counted(database: Database, name: str) -> list[object]:
    seen: list[object] = []
    event.listen(database.engine, name, lambda *_: seen.append(name))
    return seen


@only_sqlite
def test_a_batch_is_one_commit_and_its_failures_harm_nobody(database: Database) -> None:
    database.write(add_subject)
    commits = counted(database, "commit")
    outcomes = run_as_one_batch(database, [add_subject, adds_and_fails, add_subject, adds_and_fails, add_subject])
    assert len(commits) == 2, "the gate, then the batch"
    assert [type(outcome) for outcome in outcomes] == [UUID, Wrong, UUID, Wrong, UUID]
    assert held(database) == 4


@only_sqlite
def test_a_failed_statement_leaves_the_rest_of_the_batch_alone(database: Database) -> None:
    taken = database.write(add_subject)
    outcomes = run_as_one_batch(database, [add_subject, lambda tx: add_subject(tx, taken), add_subject])
    assert isinstance(outcomes[1], IntegrityError)
    assert held(database) == 3


@only_sqlite
def test_units_of_a_batch_see_what_came_before_them(database: Database) -> None:
    def count(tx: Connection) -> int:
        return int(tx.execute(select(func.count()).select_from(subject)).scalar_one())

    outcomes = run_as_one_batch(database, [count, add_subject, count, adds_and_fails, count])
    assert [outcomes[0], outcomes[2], outcomes[4]] == [0, 1, 1]


@only_sqlite
def test_a_full_queue_is_said_at_once(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(writer_module, "QUEUE_LENGTH", 2)
    small = Database(f"sqlite:///{tmp_path / 'small.db'}", data_tables)
    small.create_tables()
    gate = Gate()
    with ThreadPoolExecutor(3) as pool:
        running = pool.submit(small.write, gate)
        assert gate.entered.wait(30)
        waiting = [pool.submit(small.write, add_subject) for _ in range(2)]
        while small._writer.waiting() < 2:
            pass
        with pytest.raises(Overloaded):
            small.write(add_subject)
        gate.open.set()
        assert running.result() is None
        assert all(isinstance(future.result(), UUID) for future in waiting)
    assert held(small) == 2
    small.close()


@only_sqlite
def test_closing_finishes_what_is_queued_and_refuses_the_rest(database: Database) -> None:
    gate = Gate()
    with ThreadPoolExecutor(4) as pool:
        running = pool.submit(database.write, gate)
        assert gate.entered.wait(30)
        queued = pool.submit(database.write, add_subject)
        while database._writer.waiting() < 1:
            pass
        closing = pool.submit(database.close)
        gate.open.set()
        closing.result()
        assert running.result() is None
        assert isinstance(queued.result(), UUID)
    with pytest.raises(RuntimeError, match="closed"):
        database.write(add_subject)


@only_sqlite
def test_a_commit_that_fails_is_told_to_everybody_and_the_writer_lives_on(database: Database) -> None:
    def breaks(_connection: Connection) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    event.listen(database.engine, "commit", breaks)
    outcomes = run_outcomes(database, 1)
    event.remove(database.engine, "commit", breaks)
    assert [type(outcome) for outcome in outcomes] == [sqlite3.OperationalError]
    assert held(database) == 0
    database.write(add_subject)
    assert held(database) == 1


STOPS = """
import sqlite3, sys
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from omonat.storage import Database, data_tables

def breaks(connection):
    raise OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))

database = Database("sqlite:///" + sys.argv[1], data_tables)
database.create_tables()
event.listen(database.engine, "commit", breaks)
try:
    database.write(lambda tx: None)
finally:
    print("answered")
"""


def test_a_failed_fsync_stops_the_program_before_anybody_is_answered(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", STOPS, tmp_path / "a.db"], capture_output=True, check=False)
    assert done.returncode == -signal.SIGABRT, done.stderr
    assert b"answered" not in done.stdout


def run_outcomes(database: Database, times: int) -> list[Any]:
    with ThreadPoolExecutor(times) as pool:
        futures = [pool.submit(database.write, add_subject) for _ in range(times)]
        return [future.exception() or future.result() for future in futures]


@only_sqlite
def test_another_program_that_holds_the_file_makes_it_busy(database: Database, tmp_path: Path) -> None:
    event.listen(database.engine, "connect", lambda raw, _record: raw.execute("PRAGMA busy_timeout=1"))
    other = sqlite3.connect(tmp_path / "omonat.db", isolation_level=None)
    database.engine.dispose()
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Overloaded):
        database.write(add_subject)
    other.execute("ROLLBACK")
    other.close()
    database.write(add_subject)


# --- SQLite: scrubbing -----------------------------------------------------------------------------------------------


def residue(folder: Path, marker: bytes) -> int:
    return sum(path.read_bytes().count(marker) for path in folder.iterdir() if path.is_file())


def fill(database: Database, marker: bytes) -> None:
    def add(tx: Connection) -> None:
        for number in range(300):
            subject_id = add_subject(tx)
            tx.execute(
                insert(identifier).values(
                    subject_id=subject_id, identifier_id=new_id(), kind="email", tag_version=1, state="claimed",
                    tag=marker + number.to_bytes(32 - len(marker)), record_id=new_id(), claimed_at=NOW,
                )
            )  # fmt: skip

    database.write(add)


@only_sqlite
def test_scrubbing_leaves_no_deleted_byte_in_any_file(database: Database, tmp_path: Path) -> None:
    marker = b"\x07omonat-marker\x07"
    fill(database, marker)
    assert residue(tmp_path, marker) >= 300, "the search finds what is there"
    database.write(lambda tx: tx.execute(delete(identifier)))
    assert residue(tmp_path, marker) > 0, "deleted, but still in the write-ahead log"
    assert database.scrub()
    assert residue(tmp_path, marker) == 0
    assert held(database) == 300


@only_sqlite
def test_scrubbing_says_when_a_reader_is_in_the_way(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omonat.storage.engine._SCRUB_WAITS_MS", 1)
    marker = b"\x07omonat-marker\x07"
    fill(database, marker)
    with database.read() as tx:
        assert tx.execute(select(func.count()).select_from(identifier)).scalar_one() == 300
        database.write(lambda tx: tx.execute(delete(identifier)))
        assert not database.scrub()
        assert residue(tmp_path, marker) > 0
    assert database.scrub()
    assert residue(tmp_path, marker) == 0


@only_sqlite
def test_every_connection_is_durable_and_deletes_securely(database: Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "temp_store": 2}

    def pragmas(tx: Connection) -> dict[str, object]:
        return {name: tx.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert database.write(pragmas) == wanted
    with database.read() as tx:
        assert pragmas(tx) == wanted
