"""Each row of SQLite carries a checksum of itself, so that a bit that flips on the disk is noticed by `verify`.

PostgreSQL has checksums of its pages; SQLite has none that Python's build could use. So every table that we create
there gets a stored generated column over all its others: the engine computes it whenever a row is written, and
`damaged_rows` computes it again. It finds accidents, not attackers: those the ledger finds.
"""

import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.schema import CreateTable

COLUMN, FUNCTION = "row_sum", "omonat_row_sum"
_creating = threading.local()


def row_sum(*values: object) -> int:
    """CRC-32 of a row as SQLite gives it: numbers, texts, bytes, None."""
    return crc32(repr(values).encode("utf-8", "surrogatepass"))


def register(connection: sqlite3.Connection) -> None:
    """Whoever writes into our tables needs it; who only reads does not."""
    connection.create_function(FUNCTION, -1, row_sum, deterministic=True)


@contextmanager
def summed_tables() -> Iterator[None]:
    """Tables that this thread creates meanwhile carry sums; those of other programs in this process do not."""
    _creating.on = True
    try:
        yield
    finally:
        _creating.on = False


@compiles(CreateTable, "sqlite")
def _create_table(element: Any, compiler: Any, **named: Any) -> str:
    text: str = compiler.visit_create_table(element, **named)
    if not getattr(_creating, "on", False):
        return text
    names = ", ".join(f'"{column.name}"' for column in element.element.columns)
    column = f"\t{COLUMN} INTEGER GENERATED ALWAYS AS ({FUNCTION}({names})) STORED, \n"
    return text.replace("\tPRIMARY KEY (", f"{column}\tPRIMARY KEY (", 1)


def damaged_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """Tables with rows that are not as they were written; how many. Raises DatabaseError where it cannot be read."""
    register(connection)
    tables = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()
    found = {}
    for name, sql in tables:
        written = re.search(rf"{FUNCTION}\([^)]*\)", sql or "")
        if written:
            query = f'SELECT count(*) FROM "{name}" WHERE {COLUMN} IS NOT {written[0]}'  # noqa: S608 - our own schema
            found[name] = int(connection.execute(query).fetchone()[0])
    return {name: count for name, count in found.items() if count}


def schema_sum(connection: sqlite3.Connection) -> int:
    """Of every table and index of the file and of its migrations: 31 bits, never 0."""
    schema = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name").fetchall()
    steps = [
        connection.execute(f"SELECT version_num FROM {name}").fetchall()  # noqa: S608 - the name is written below
        for name in ("alembic_version",)
        if any(row[1] == name for row in schema)
    ]
    return row_sum(*schema, *steps) & 0x7FFFFFFF or 1


def note_schema(connection: sqlite3.Connection) -> None:
    """Keep the sum of the schema in the header of the file, where SQLite leaves a number to its user."""
    connection.execute(f"PRAGMA user_version = {schema_sum(connection)}")


def structure(connection: sqlite3.Connection) -> bool:
    """Whether SQLite finds pages, indexes and references of the file whole, and its schema is what we made."""
    (noted,) = connection.execute("PRAGMA user_version").fetchone()
    if noted not in (0, schema_sum(connection)):  # 0: from before there were sums
        return False
    answer = [row[0] for row in connection.execute("PRAGMA integrity_check(10)")]
    return answer == ["ok"] and connection.execute("PRAGMA foreign_key_check").fetchone() is None


def is_whole(connection: sqlite3.Connection) -> bool:
    """Whether every page and row of a file is as it was written."""
    try:
        return structure(connection) and not damaged_rows(connection)
    except (sqlite3.DatabaseError, ValueError):  # a text that is no text any more
        return False
