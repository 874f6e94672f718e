"""SQL of backups on a server."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, select
from sqlalchemy.schema import DropSchema

from omonat.storage.schema import destruction, ledger_event

PAGE = 1000


def drop_jobs(tx: Connection) -> None:
    """Forget the workflows in flight: the dispatcher makes them anew from the outbox."""
    tx.execute(DropSchema("omonat_jobs", cascade=True, if_exists=True))


def has_positions(tx: Connection) -> bool:
    """Whether an event was ever given its place in the tree."""
    return tx.scalar(select(func.max(ledger_event.c.position))) is not None


def certified(tx: Connection, after: UUID | None) -> list[Any]:
    """A page of (event, certificate) of the destructions that have ended, by their event."""
    c = destruction.c
    query = select(c.event_id, c.certificate).where(c.certificate.is_not(None), c.finished_at.is_not(None))
    if after is not None:
        query = query.where(c.event_id > after)
    return list(tx.execute(query.order_by(c.event_id).limit(PAGE)))


def unfinished(tx: Connection, events: Sequence[UUID]) -> set[UUID]:
    """Of some destructions, those that have begun and not ended."""
    c = destruction.c
    return set(tx.scalars(select(c.event_id).where(c.event_id.in_(events), c.finished_at.is_(None))))
