"""The SQL of the ledger."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    String,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
    union_all,
    update,
)  # fmt: skip

from omonat.kernel.clock import iso
from omonat.ledger.model import Event
from omonat.storage.engine import Database
from omonat.storage.schema import ledger_event, ledger_lease
from omonat.storage.statements import Command, Query

_EVENT = (
    ledger_event.c.event_id, ledger_event.c.kind, ledger_event.c.at, ledger_event.c.body, ledger_event.c.hash,
    ledger_event.c.position,
)  # fmt: skip
PAGE = 2000


def _event(row: Any) -> Event:
    return Event(row.event_id, row.kind, row.at, bytes(row.body), bytes(row.hash), row.position)


# --- events ---------------------------------------------------------------------------------------------------------


_ADD = Command(insert(ledger_event), [column.name for column in _EVENT])


def add_events(tx: Connection, events: Iterable[Event]) -> None:
    """Store events."""
    _ADD.run_many(tx, [{name: getattr(event, name) for name in Event.__struct_fields__} for event in events])


def find_event(tx: Connection, event_id: UUID) -> Event | None:
    """The event of that id."""
    row = tx.execute(select(*_EVENT).where(ledger_event.c.event_id == event_id)).one_or_none()
    return None if row is None else _event(row)


def events_of_kind(tx: Connection, kind: str) -> list[Event]:
    """Integrated events of one kind, in their order. For kinds that are rare."""
    wanted = (ledger_event.c.kind == kind) & ledger_event.c.position.is_not(None)
    rows = tx.execute(select(*_EVENT).where(wanted).order_by(ledger_event.c.position))
    return [_event(row) for row in rows]


def next_position(tx: Connection) -> int:
    """One more than the last position that was given out; 0 at the beginning."""
    last = tx.execute(select(func.max(ledger_event.c.position))).scalar()
    return 0 if last is None else int(last) + 1


def pending_ids(tx: Connection, limit: int) -> list[UUID]:
    """Events without a position, in the order in which they were made."""
    return [event_id for (event_id,) in _PENDING.all(tx, most=limit)]


_PENDING = Query(
    select(ledger_event.c.event_id)
    .where(ledger_event.c.position.is_(None))
    .order_by(ledger_event.c.event_id)
    .limit(bindparam("most", type_=Integer))
)


def give_positions(tx: Connection, positions: list[tuple[UUID, int]]) -> None:
    """Give each event its position in the tree, for ever."""
    _PLACE.run_many(tx, [{"of": event_id, "given": position} for event_id, position in positions])


_PLACE = Command(
    update(ledger_event)
    .where(ledger_event.c.event_id == bindparam("of"), ledger_event.c.position.is_(None))
    .values(position=bindparam("given"))
)


def pending_by_hash(tx: Connection, hashes: list[bytes]) -> dict[bytes, UUID]:
    """Those events without a position whose hash is one of `hashes`."""
    wanted = ledger_event.c.position.is_(None) & ledger_event.c.hash.in_(hashes)
    rows = tx.execute(select(ledger_event.c.hash, ledger_event.c.event_id).where(wanted))
    return {bytes(row.hash): row.event_id for row in rows}


def hashes_between(tx: Connection, start: int, end: int) -> list[tuple[int, bytes]]:
    """(position, hash) from `start` up to, not including, `end`, in order."""
    return [(position, bytes(hash_)) for position, hash_ in _HASHES.all(tx, start=start, end=end)]


_HASHES = Query(
    select(ledger_event.c.position, ledger_event.c.hash)
    .where(ledger_event.c.position >= bindparam("start"), ledger_event.c.position < bindparam("end"))
    .order_by(ledger_event.c.position)
)


def events_between(tx: Connection, start: int, end: int) -> list[Event]:
    """Events with a position from `start` up to, not including, `end`, in order; more than one to a position if so."""
    wanted = (ledger_event.c.position >= start) & (ledger_event.c.position < end)
    rows = tx.execute(select(*_EVENT).where(wanted).order_by(ledger_event.c.position, ledger_event.c.event_id))
    return [_event(row) for row in rows]


class Columns(NamedTuple):
    """Events in order, column by column: ids as 32 hex digits, moments as `iso` writes them. Not every value need be
    one of its column's kind: SQLite keeps what somebody has put there.
    """

    positions: Sequence[int] = ()
    ids: Sequence[str] = ()
    kinds: Sequence[str] = ()
    moments: Sequence[str] = ()
    bodies: Sequence[bytes] = ()
    hashes: Sequence[bytes] = ()

    def part(self, start: int, end: int) -> "Columns":
        """The events from index `start` up to, not including, `end`."""
        positions, ids, kinds, moments, bodies, hashes = self
        return Columns(
            positions[start:end], ids[start:end], kinds[start:end], moments[start:end], bodies[start:end],
            hashes[start:end],
        )  # fmt: skip


def columns_between(tx: Connection, start: int, end: int) -> Columns:
    """Events with a position from `start` up to, not including, `end`: several times as quick as `events_between`.

    SQLite gives ids and moments as the texts that lie there, and they are not converted to be compared with texts.
    Empty when a moment is no text.
    """
    found = _PLAIN.all(tx, start=start, end=end)
    if not found:
        return Columns()
    positions, ids, kinds, moments, bodies, hashes = zip(*found, strict=True)
    if isinstance(ids[0], str):
        written = _moments(moments)
        return Columns(positions, ids, kinds, written, bodies, hashes) if len(written) == len(ids) else Columns()
    return Columns(positions, [one.hex for one in ids], kinds, [iso(at) for at in moments], bodies, hashes)


def _moments(stored: Sequence[Any]) -> list[str]:
    """Moments as SQLite keeps them, all at once: long texts are quick. An empty list when one is no text."""
    try:
        together = "\n".join(stored)
    except TypeError:
        return []
    return f"{together}\n".replace(" ", "T").replace("\n", "Z\n").split("\n")[:-1]


_PLAIN = Query(
    select(
        ledger_event.c.position, type_coerce(ledger_event.c.event_id, String), ledger_event.c.kind,
        type_coerce(ledger_event.c.at, String), ledger_event.c.body, ledger_event.c.hash,
    )
    .where(ledger_event.c.position >= bindparam("start"), ledger_event.c.position < bindparam("end"))
    .order_by(ledger_event.c.position)
)  # fmt: skip


def events_outside(database: Database, size: int) -> Iterator[Event]:
    """Events that the tree of `size` leaves does not hold: with no position, a later or an impossible one.

    Page by page, each in a short read of its own, so that no reader stays open.
    """
    c = ledger_event.c
    outside = union_all(
        *(select(c.event_id).where(one) for one in (c.position.is_(None), c.position < 0, c.position >= size))
    )  # each by the index of the positions, which one condition of all three would not use
    query = select(*_EVENT).where(c.event_id.in_(outside)).order_by(c.event_id).limit(PAGE)
    last: UUID | None = None
    while True:
        page = _page(database, query if last is None else query.where(c.event_id > last))
        yield from page
        if len(page) < PAGE:
            return
        last = page[-1].event_id


def _page(database: Database, query: Select[Any]) -> list[Event]:
    with database.read() as tx:
        return [_event(row) for row in tx.execute(query)]


def find_position(tx: Connection, entry: bytes) -> int | None:
    """Where the event with that hash says that it is. A scan: for findings only."""
    wanted = (ledger_event.c.hash == entry) & ledger_event.c.position.is_not(None)
    position: int | None = tx.execute(select(ledger_event.c.position).where(wanted).limit(1)).scalar()
    return position


# --- the lease ------------------------------------------------------------------------------------------------------


def take_lease(tx: Connection, name: str, holder: str, *, now: datetime, lasts: timedelta) -> int | None:
    """Take the lease if it is free, run out, or ends impossibly late; its new fencing token, or None.

    Whoever had it before has an older token, and `keep_lease` refuses that.
    """
    until = ledger_lease.c.until
    free = or_(until <= now, until > now + 10 * lasts)
    taken = tx.execute(
        update(ledger_lease)
        .where(ledger_lease.c.name == name, free)
        .values(holder=holder, fence=ledger_lease.c.fence + 1, until=now + lasts)
    )
    if taken.rowcount:
        return int(tx.execute(select(ledger_lease.c.fence).where(ledger_lease.c.name == name)).scalar_one())
    if tx.execute(select(ledger_lease.c.fence).where(ledger_lease.c.name == name)).scalar() is not None:
        return None
    tx.execute(insert(ledger_lease).values(name=name, holder=holder, fence=1, until=now + lasts))
    return 1


def keep_lease(tx: Connection, name: str, fence: tuple[str, int], until: datetime) -> bool:
    """Prolong the lease; False when (holder, token) is not its present one. Belongs into the unit that it guards."""
    holder, token = fence
    kept = tx.execute(
        update(ledger_lease)
        .where(ledger_lease.c.name == name, ledger_lease.c.holder == holder, ledger_lease.c.fence == token)
        .values(until=until)
    )
    return bool(kept.rowcount)


def drop_lease(tx: Connection, name: str) -> None:
    """Whoever held it in the database that was put back holds it no more."""
    tx.execute(delete(ledger_lease).where(ledger_lease.c.name == name))
