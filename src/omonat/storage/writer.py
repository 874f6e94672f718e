"""The one thread that writes to a SQLite file, and group commit: many units, one COMMIT, one fsync."""

import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from omonat.kernel.disk import SQLITE_SAYS
from omonat.kernel.errors import DiskFull, Overloaded

Answer = TypeVar("Answer")
Unit = Callable[[Connection], Answer]
_Item = tuple[Unit[Any], "Future[Any]"]
_Outcome = tuple[Any, Exception | None]

QUEUE_LENGTH = 1000
BATCH = 200
WRITES = "omonat_writes"
"""Execution option of the connections that may change something; all others are read-only."""


class Writer:
    """Runs units of work one after another. The thread starts with the first unit."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.Queue[_Item | None] = queue.Queue(QUEUE_LENGTH)
        self._lock = threading.Lock()  # between the last unit and the end mark nothing may slip in
        self._closed = False
        self._thread: threading.Thread | None = None

    def submit(self, unit: Unit[Answer]) -> Answer:
        """The answer of `unit`, once it is durable. Raises Overloaded, and whatever `unit` raised."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("a unit of work may not start another one")
        future: Future[Answer] = Future()
        with self._lock:
            self._start()
            try:
                self._queue.put_nowait((unit, future))
            except queue.Full:
                raise Overloaded() from None
        return future.result()

    def _start(self) -> None:
        if self._closed:
            raise RuntimeError("the database is closed")
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="omonat-writer", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Finish what is queued, then end the thread."""
        with self._lock:
            ends = not self._closed and self._thread is not None
            self._closed = True
        if ends:
            self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            batch, ended = self._next_batch()
            self._commit(batch)

    def _next_batch(self) -> tuple[list[_Item], bool]:
        """What is queued now, at least one unit unless the end mark came; and whether it came."""
        batch: list[_Item] = []
        item = self._queue.get()
        while item is not None:
            batch.append(item)
            if len(batch) == BATCH:
                return batch, False
            try:
                item = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _commit(self, batch: list[_Item]) -> None:
        """One COMMIT for all. Answers go out only after it returned."""
        if not batch:
            return
        try:
            outcomes = self._run_batch(batch)
        except Exception as error:  # the thread must live on, and every caller must hear of it
            _stop_if_not_durable(error)
            for _unit, future in batch:
                future.set_exception(_told(error))
            return
        for (_unit, future), (answer, failure) in zip(batch, outcomes, strict=True):
            if failure is not None:
                future.set_exception(failure)
            else:
                future.set_result(answer)

    def _run_batch(self, batch: list[_Item]) -> list[_Outcome]:
        """All as one transaction; when a unit fails, all once more, each in a savepoint of its own.

        Most batches fail nowhere, and a savepoint costs as much as the unit itself; units may be repeated.
        """
        try:
            with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
                return [(unit(connection), None) for unit, _future in batch]
        except Exception as error:  # whatever it is comes again below, and is told to its own caller
            _stop_if_not_durable(error)
        with self._engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            return [_in_savepoint(connection, unit) for unit, _future in batch]


def _in_savepoint(connection: Connection, unit: Unit[Any]) -> _Outcome:
    savepoint = connection.begin_nested()
    try:
        answer = unit(connection)
        savepoint.commit()
    except Exception as failure:  # whatever a unit raises belongs to its caller, not to the batch
        savepoint.rollback()
        return None, _told(failure)
    return answer, None


def _told(error: Exception) -> Exception:
    """Another program held the file for longer than the busy timeout, or the disk is full; else it is told as it is."""
    if isinstance(error, OperationalError) and SQLITE_SAYS in str(error.orig):
        return DiskFull()
    return Overloaded() if isinstance(error, OperationalError) and "locked" in str(error.orig) else error


def _stop_if_not_durable(error: Exception) -> None:
    """After a failed fsync nobody knows what is on the disk: stop, and start again from what is there."""
    if isinstance(error, OperationalError) and "disk I/O error" in str(error.orig):
        os.abort()
