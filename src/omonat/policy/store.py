"""The SQL of policy versions."""

from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from omonat.kernel.ids import EventId
from omonat.storage import Database
from omonat.storage.schema import policy_version as table
from omonat.storage.statements import Query


class StoredVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A row, as it is stored."""

    number: str
    sequence: int
    kind: str
    hash: str
    canonical: bytes
    author: str
    reason: str
    issued_on: date | None
    in_force_at: datetime
    event_id: EventId


class Head(msgspec.Struct, frozen=True):
    """Which version a row is, without its bytes."""

    number: str
    sequence: int
    kind: str
    hash: str


def find_last(tx: Connection) -> Head | None:
    """The newest version: one read of an index."""
    row = _LAST.first(tx)
    return Head(*row) if row else None


def ask_last(database: Database) -> Head | None:
    """The same outside of a transaction."""
    found = database.ask(_LAST)
    return Head(*found[0]) if found else None


def find_head(tx: Connection, number: str) -> Head | None:
    """The version of that number, without its bytes."""
    row = tx.execute(_heads().where(table.c.number == number)).first()
    return Head(row.number, row.sequence, row.kind, row.hash) if row else None


def list_heads(tx: Connection) -> list[Head]:
    """Every version, the oldest first."""
    rows = tx.execute(_heads().order_by(table.c.sequence))
    return [Head(row.number, row.sequence, row.kind, row.hash) for row in rows]


def find_version(tx: Connection, number: str) -> StoredVersion | None:
    """A whole row."""
    columns = (
        table.c.number, table.c.sequence, table.c.kind, table.c.hash, table.c.canonical, table.c.author,
        table.c.reason, table.c.issued_on, table.c.in_force_at, table.c.event_id,
    )  # fmt: skip
    row = tx.execute(select(*columns).where(table.c.number == number)).first()
    return _stored(row) if row else None


def insert_version(tx: Connection, version: StoredVersion) -> None:
    """Store a new version. Raises IntegrityError when its number or its place is taken."""
    tx.execute(insert(table).values(**msgspec.structs.asdict(version)))


def _heads() -> Any:
    return select(table.c.number, table.c.sequence, table.c.kind, table.c.hash)


_LAST = Query(_heads().order_by(table.c.sequence.desc()).limit(1))


def _stored(row: Row[*tuple[Any, ...]]) -> StoredVersion:
    return StoredVersion(
        number=row.number,
        sequence=row.sequence,
        kind=row.kind,
        hash=row.hash,
        canonical=bytes(row.canonical),
        author=row.author,
        reason=row.reason,
        issued_on=row.issued_on,
        in_force_at=row.in_force_at,
        event_id=EventId(row.event_id),
    )
