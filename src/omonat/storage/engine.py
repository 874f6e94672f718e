"""Engines and the unit of work.

`Database.write` is the only way to change anything. On SQLite one writer thread takes units from a bounded queue, runs
each in a SAVEPOINT and commits the batch once (group commit, synchronous FULL); a caller gets its answer after that
COMMIT returned. On PostgreSQL every unit is a transaction of its own, repeated whole on a serialization failure.
"""

import os
import queue
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from omonat.kernel.errors import Overloaded

Answer = TypeVar("Answer")
Unit = Callable[[Connection], Answer]

QUEUE_LENGTH = 1000
BATCH = 200
TRIES = 8
_RETRIED_STATES = {"40001", "40P01"}


class Database:
    """One database, of either engine. `tables` is `schema.data` or `schema.keys`."""

    def __init__(self, url: str, tables: MetaData) -> None:
        self.url = url
        self.tables = tables
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.is_sqlite else _server(url)
        self._writer: _Writer | None = None
        self._lock = threading.Lock()

    def create_tables(self) -> None:
        """Make what is missing. Safe to repeat."""
        self.tables.create_all(self.engine)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment and changes nothing."""
        with self.engine.connect() as connection:
            yield connection

    def write(self, unit: Unit[Answer]) -> Answer:
        """Run `unit` in a transaction; return its answer after the commit is durable.

        `unit` may run more than once, so it changes nothing but the database. Raises Overloaded when the
        queue of the writer is full, and whatever `unit` raises, with nothing of it stored.
        """
        if not self.is_sqlite:
            return self._write_on_server(unit)
        with self._lock:
            if self._writer is None:
                self._writer = _Writer(self.engine)
        return self._writer.submit(unit)

    def _write_on_server(self, unit: Unit[Answer]) -> Answer:
        for attempt in range(TRIES):
            try:
                with self.engine.begin() as connection:
                    return unit(connection)
            except DBAPIError as error:
                if not _is_worth_repeating(error) or attempt == TRIES - 1:
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret
        raise AssertionError("unreachable")

    def scrub(self) -> bool:
        """Empty the write-ahead log into the main file, so that deleted bytes are in no file. False: a reader was open.

        SQLite only; on PostgreSQL the destroyed key is what counts (docs/security/threat-model.md).
        """
        if not self.is_sqlite:
            return True
        for attempt in range(TRIES):
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                busy = connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)")).scalar()
            if not busy:
                return True
            time.sleep(0.005 * 2**attempt)
        return False

    def close(self) -> None:
        """Finish what is queued, then let go of every connection."""
        if self._writer is not None:
            self._writer.stop()
        self.engine.dispose()


def _is_worth_repeating(error: DBAPIError) -> bool:
    """Serialization failure, deadlock, or two units that raced for one key: the repeat sees the winner."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _RETRIED_STATES or state == "23505"


class _Writer:
    """The one thread that writes to a SQLite file."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.Queue[tuple[Unit[Any], Future[Any]] | None] = queue.Queue(QUEUE_LENGTH)
        self._thread = threading.Thread(target=self._run, name="omonat-writer", daemon=True)
        self._thread.start()

    def submit(self, unit: Unit[Answer]) -> Answer:
        if threading.current_thread() is self._thread:
            raise RuntimeError("a unit of work may not start another one")
        future: Future[Answer] = Future()
        try:
            self._queue.put_nowait((unit, future))
        except queue.Full:
            raise Overloaded() from None
        return future.result()

    def stop(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            batch, ended = [first], False
            while len(batch) < BATCH:
                try:
                    item = self._queue.get_nowait()
                except queue.Empty:
                    break
                if item is None:
                    ended = True
                    break
                batch.append(item)
            self._commit(batch)
            if ended:
                return

    def _commit(self, batch: list[tuple[Unit[Any], Future[Any]]]) -> None:
        """One COMMIT for all. Answers go out only after it returned; if it fails, the program stops."""
        try:
            with self._engine.connect() as connection, connection.begin():
                answers = [_in_savepoint(connection, unit) for unit, _ in batch]
        except OperationalError as error:
            _stop_if_not_durable(error)
            for _, future in batch:
                future.set_exception(Overloaded() if "locked" in str(error) else error)
            return
        for (_, future), (answer, failure) in zip(batch, answers, strict=True):
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(answer)


def _in_savepoint(connection: Connection, unit: Unit[Any]) -> tuple[Any, BaseException | None]:
    savepoint = connection.begin_nested()
    try:
        answer = unit(connection)
        savepoint.commit()
    except Exception as failure:  # whatever a unit raises belongs to its caller, not to the batch
        savepoint.rollback()
        return None, failure
    return answer, None


def _stop_if_not_durable(error: OperationalError) -> None:
    """After a failed fsync nobody knows what is on the disk: stop, and start again from what is there."""
    if "disk I/O error" in str(error):
        os.abort()


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, poolclass=QueuePool, pool_size=8, max_overflow=56, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy's BEGIN below, not the driver's
        for pragma in (
            "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "busy_timeout=10000",
        ):  # fmt: skip
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        in_writer = threading.current_thread().name == "omonat-writer"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if in_writer else "BEGIN")

    return engine


def _server(url: str) -> Engine:
    return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True, isolation_level="SERIALIZABLE")
