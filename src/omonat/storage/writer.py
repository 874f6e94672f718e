"""The one thread that writes to a SQLite file, and group commit: many units, one COMMIT, one fsync."""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from omonat.kernel.disk import is_disk_full
from omonat.kernel.errors import DiskFull, Overloaded

Answer = TypeVar("Answer")
Unit = Callable[[Connection], Answer]

QUEUE_LENGTH = 1000
BATCH = 200
LONGEST_WINDOW_SECONDS = 0.002
WRITES = "omonat_writes"
"""Execution option of the connections that may change something; all others are read-only."""


class _Item:
    """A unit that waits, and what became of it. `done` is released once that is durable."""

    __slots__ = ("answer", "done", "failure", "unit")

    def __init__(self, unit: Unit[Any]) -> None:
        self.unit = unit
        self.answer: Any = None
        self.failure: BaseException | None = None
        self.done = threading.Lock()
        self.done.acquire()


class Writer:
    """Runs units of work one after another. The thread starts with the first unit, and keeps its one connection."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: deque[_Item] = deque()
        self._filled = threading.Condition(threading.Lock())
        self._closed = False
        self._thread: threading.Thread | None = None
        self._connection: Connection | None = None
        self._wakes_at = 1  # how many units have to wait for the thread to be told
        self._answered = 0  # units of the last batch
        self._commit_seconds = 0.0

    def submit(self, unit: Unit[Answer]) -> Answer:
        """The answer of `unit`, once it is durable. Raises Overloaded, and whatever `unit` raised."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a unit of work may not start another one")
        item = _Item(unit)
        with self._filled:
            self._start()
            if len(self._queue) >= QUEUE_LENGTH:
                raise Overloaded()
            self._queue.append(item)
            if len(self._queue) >= self._wakes_at:
                self._filled.notify()
        item.done.acquire()
        if item.failure is not None:
            raise item.failure
        answer: Answer = item.answer
        return answer

    def waiting(self) -> int:
        """How many units wait for the thread."""
        return len(self._queue)

    def _start(self) -> None:
        if self._closed:
            raise RuntimeError("the database is closed")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="omonat-writer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish what is queued, then end the thread."""
        with self._filled:
            self._closed = True
            self._filled.notify()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while batch := self._next_batch():
            self._commit(batch)
        self._drop_connection()

    def _next_batch(self) -> list[_Item]:
        """What is queued now, at least one unit; none once the writer is closed and everything is done."""
        with self._filled:
            came_meanwhile = len(self._queue)
            while not self._queue and not self._closed:
                self._filled.wait()
            self._gather(came_meanwhile)
            return [self._queue.popleft() for _ in range(min(BATCH, len(self._queue)))]

    def _gather(self, came_meanwhile: int) -> None:
        """Where several ask at once, those who were just answered ask again: half of a COMMIT's time is spent waiting
        for them, so that all share the next one. Whoever is alone waits for nobody.
        """
        wanted = min(BATCH, self._answered + came_meanwhile)
        if self._answered > 1 and len(self._queue) < wanted and not self._closed:
            self._wakes_at = wanted
            self._filled.wait(min(LONGEST_WINDOW_SECONDS, self._commit_seconds / 2))
            self._wakes_at = 1

    def _commit(self, batch: list[_Item]) -> None:
        """One COMMIT for all. Answers go out only after it returned."""
        try:
            self._run_batch(batch)
        except Exception as error:  # the thread must live on, and every caller must hear of it
            _stop_if_not_durable(error)
            self._drop_connection()
            told = _told(error)
            for item in batch:
                item.failure = told
        self._answered = len(batch)
        for item in batch:
            item.done.release()

    def _run_batch(self, batch: list[_Item]) -> None:
        """All in one transaction. Where a unit fails, all is undone and run again, each in a savepoint of its own, so
        that it harms no other: savepoints cost every unit a sixth of its time, and few fail.
        """
        try:
            self._run_in_one(batch, _plainly)
        except _UnitFailed as failed:
            if len(batch) == 1:
                batch[0].failure = _told(failed.failure)
            else:
                self._run_in_one(batch, _in_savepoint)

    def _run_in_one(self, batch: list[_Item], run: Callable[[Connection, Any, _Item], None]) -> None:
        connection = self._connection or self._connect()
        with connection.begin():
            driver = connection.connection.driver_connection
            for item in batch:
                run(connection, driver, item)
            began = time.perf_counter()
        self._commit_seconds = time.perf_counter() - began

    def _connect(self) -> Connection:
        self._connection = self._engine.connect().execution_options(**{WRITES: True})
        return self._connection

    def _drop_connection(self) -> None:
        """After a failure the next batch begins with a fresh one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.invalidate()
            connection.close()


class _UnitFailed(Exception):
    """A unit raised `failure`; nothing of its batch is stored."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure


def _plainly(connection: Connection, _driver: Any, item: _Item) -> None:
    try:
        item.answer = item.unit(connection)
    except Exception as failure:  # whatever a unit raises belongs to its caller
        _stop_if_not_durable(failure)
        raise _UnitFailed(failure) from None


def _in_savepoint(connection: Connection, driver: Any, item: _Item) -> None:
    """The savepoint is asked of the driver: through SQLAlchemy it costs more than most units."""
    driver.execute("SAVEPOINT unit")
    try:
        item.answer = item.unit(connection)
    except Exception as failure:  # whatever a unit raises belongs to its caller, not to the batch
        _stop_if_not_durable(failure)
        if not driver.in_transaction:  # SQLite itself has undone the batch: the disk is full, for example
            raise
        driver.execute("ROLLBACK TO unit")
        item.answer, item.failure = None, _told(failure)
    driver.execute("RELEASE unit")


def _told(error: Exception) -> Exception:
    """Another program held the file for longer than the busy timeout, or the disk is full; else it is told as it is."""
    if is_disk_full(error):
        return DiskFull()
    return Overloaded() if "locked" in _operational(error) else error


def _stop_if_not_durable(error: Exception) -> None:
    """After a failed fsync nobody knows what is on the disk: stop, and start again from what is there."""
    if "disk I/O error" in _operational(error):
        os.abort()


def _operational(error: Exception) -> str:
    """What SQLite said, whether SQLAlchemy told it or the driver itself; empty for any other error."""
    said = error.orig if isinstance(error, OperationalError) else error
    return str(said) if isinstance(said, sqlite3.OperationalError) else ""
