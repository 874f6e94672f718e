"""Engines and the unit of work.

`Database.write` is the only way to change anything. On SQLite one writer thread takes units from a bounded queue and
commits a batch of them once (group commit, synchronous FULL); a caller gets its answer after that COMMIT returned. On
PostgreSQL every unit is a transaction of its own, repeated whole on a serialization failure.
"""

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from omonat.kernel.disk import is_disk_full
from omonat.kernel.errors import DiskFull, Overloaded
from omonat.storage import sums
from omonat.storage.statements import Query
from omonat.storage.writer import WRITES, Writer

Answer = TypeVar("Answer")
Unit = Callable[[Connection], Answer]

TRIES = 8
CLASHES = 3
_SERIALIZATION_FAILURES = {"40001", "40P01"}
_UNIQUE_VIOLATION = "23505"
_SCRUB_WAITS_MS = 200
_PRAGMAS = (
    "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", "temp_store=MEMORY",
    "busy_timeout=10000",
)  # fmt: skip


class Database:
    """One database, of either engine. `tables` is `schema.data` or `schema.keys`."""

    def __init__(self, url: str, tables: MetaData) -> None:
        self.url = url
        self.tables = tables
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite(url) if self.is_sqlite else _server(url)
        self._writer = Writer(self.engine) if self.is_sqlite else None
        self._unit = threading.local()
        self._asking: deque[sqlite3.Connection] = deque()  # connections for `ask` that nobody uses now

    def create_tables(self) -> None:
        """Make what is missing. Safe to repeat."""
        with self.engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            with sums.summed_tables():
                self.tables.create_all(connection)
            self.note_schema(connection)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one moment (from its first statement on) and can change nothing."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    def ask(self, query: Query, **given: Any) -> list[tuple[Any, ...]]:
        """The rows of one query, which sees one moment by itself: quicker than `read` for it alone."""
        if not self.is_sqlite or self.engine.dispatch.before_cursor_execute:
            with self.read() as tx:
                return query.all(tx, **given)
        try:
            driver = self._asking.pop()
        except IndexError:
            driver = self._open_for_asking()
        found = query.text(self.engine.dialect).ask(driver, given, self.engine.dialect)
        self._asking.append(driver)  # one that failed is not used again
        return found

    def _open_for_asking(self) -> sqlite3.Connection:
        """No transaction is ever open on it, so that it keeps no scrub from its work."""
        pooled = self.engine.raw_connection()
        driver: sqlite3.Connection = pooled.driver_connection  # type: ignore[assignment]  # sqlite3's
        pooled.detach()
        driver.execute("PRAGMA query_only=ON")
        return driver

    def write(self, unit: Unit[Answer]) -> Answer:
        """Run `unit` in a transaction; return its answer after the commit is durable.

        `unit` may run more than once, so it changes nothing but the database. Raises Overloaded when the
        queue of the writer is full, and whatever `unit` raises, with nothing of it stored.
        """
        if self._writer is not None:
            return self._writer.submit(unit)
        if getattr(self._unit, "runs", False):
            raise RuntimeError("a unit of work may not start another one")
        self._unit.runs = True
        try:
            return self._write_on_server(unit)
        finally:
            self._unit.runs = False

    def _write_on_server(self, unit: Unit[Answer]) -> Answer:
        attempt = clashes = 0
        while True:
            try:
                with self.engine.begin() as connection:
                    return unit(connection)
            except DBAPIError as error:
                attempt, clashes = attempt + 1, clashes + _is_clash(error)
                if attempt >= TRIES or clashes >= CLASHES or not (_is_passing(error) or _is_clash(error)):
                    if _is_passing(error):
                        raise Overloaded() from None
                    if is_disk_full(error):
                        raise DiskFull() from error
                    raise
                time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - jitter, not a secret

    def scrub(self) -> bool:
        """Empty the write-ahead log into the main file, so that deleted bytes are in no file. False: a reader was open.

        SQLite only; on PostgreSQL the destroyed key is what counts (docs/security/threat-model.md).
        """
        if not self.is_sqlite:
            return True
        for attempt in range(TRIES):
            if self._truncate_log():
                return True
            time.sleep(0.005 * 2**attempt)
        return False

    def _truncate_log(self) -> bool:
        """The checkpoint runs outside a transaction, and waits a short while only for readers to end."""
        driver = self.engine.raw_connection()
        try:
            driver.cursor().execute(f"PRAGMA busy_timeout={_SCRUB_WAITS_MS}")
            busy, _frames, _moved = driver.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        finally:
            driver.invalidate()  # never back into the pool with the short wait
            driver.close()

    def note_schema(self, tx: Connection) -> None:
        """After tables were made or changed: from now on `is_whole` knows this schema."""
        if self.is_sqlite:
            sums.note_schema(tx.connection.driver_connection)  # type: ignore[arg-type]  # of SQLite's own driver

    def is_whole(self) -> bool:
        """Whether every page and row is as it was written; a server looks after its pages itself."""
        if not self.is_sqlite:
            return True
        try:
            driver = self.engine.raw_connection()
        except (sqlite3.DatabaseError, SQLAlchemyError, ValueError):  # not even a connection can be made
            return False
        try:
            driver.cursor().execute("PRAGMA query_only=ON")
            return sums.is_whole(driver.driver_connection)  # type: ignore[arg-type]  # of SQLite's own driver
        finally:
            driver.close()

    def close(self) -> None:
        """Finish what is queued, then let go of every connection. A later `write` raises RuntimeError on SQLite."""
        if self._writer is not None:
            self._writer.stop()
        while self._asking:
            self._asking.pop().close()
        self.engine.dispose()


def _is_clash(error: DBAPIError) -> bool:
    """A unique violation: units that raced for one key, and the repeat sees the winner; or a fault of the unit.

    So it is repeated, but not as often as what always passes; and what passed before it does not count against it.
    """
    return getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION


def _is_passing(error: DBAPIError) -> bool:
    """Whether units that ran at once are the only reason."""
    return getattr(error.orig, "sqlstate", None) in _SERIALIZATION_FAILURES


def _sqlite(url: str) -> Engine:
    engine = create_engine(
        url, poolclass=QueuePool, pool_size=8, max_overflow=56, connect_args={"check_same_thread": False}
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the BEGIN below, not the driver's
        sums.register(connection)
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        """Asked of the driver itself: every read and every batch begins so."""
        writes, driver = connection.get_execution_options().get(WRITES, False), connection.connection.driver_connection
        if connection.info.get(WRITES) is not writes:
            driver.execute(f"PRAGMA query_only={'OFF' if writes else 'ON'}")  # type: ignore[union-attr]  # sqlite3's
            connection.info[WRITES] = writes
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")  # type: ignore[union-attr]  # as above

    return engine


def _server(url: str) -> Engine:
    return create_engine(url, pool_size=10, max_overflow=30, pool_pre_ping=True, isolation_level="SERIALIZABLE")
