"""Empty databases with all tables, one for each test: copied or emptied, for making them costs more than most tests."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import MetaData

from harness.postgres import PostgresServer
from omonat.storage import Database

_WAITS = "SET lock_timeout = '2s'"
_TABLES = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"


class BlankFiles:
    """SQLite: a copy of a file that was made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def new(self, path: Path, tables: MetaData) -> Database:
        """A database of its own at `path`."""
        template = self._folder / f"{id(tables)}.db"
        if not template.exists():
            made = Database(f"sqlite:///{template}", tables)
            made.create_tables()
            made.scrub()
            made.close()
        shutil.copy(template, path)
        return Database(f"sqlite:///{path}", tables)


class BlankSchemas:
    """PostgreSQL: a database goes from test to test, unless one left more in it than rows."""

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._free: dict[int, list[str]] = {}

    @contextmanager
    def lent(self, tables: MetaData) -> Iterator[Database]:
        """Nobody else has it meanwhile."""
        free = self._free.setdefault(id(tables), [])
        url = free.pop() if free else self._server.new_database(tables)
        made = Database(url.replace("postgresql:", "postgresql+psycopg:", 1), tables)
        yield made
        made.close()
        if _is_emptied(url, tables):
            free.append(url)


def _is_emptied(url: str, tables: MetaData) -> bool:
    """Whether the database has our tables only, and they have no rows any more."""
    names = [table.name for table in reversed(tables.sorted_tables)]
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(_WAITS)
            if sorted(connection.execute(_TABLES).fetchall()) != sorted(("public", name) for name in names):
                return False
            with connection.pipeline():
                for name in names:
                    connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
    except psycopg.Error:  # a test left a transaction open, or stopped the server: the next one gets a new database
        return False
    return True
