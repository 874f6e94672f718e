"""SQL of backups on a server."""

from sqlalchemy import Connection, func, select
from sqlalchemy.schema import DropSchema

from omonat.storage.schema import ledger_event


def drop_jobs(tx: Connection) -> None:
    """Forget the workflows in flight: the dispatcher makes them anew from the outbox."""
    tx.execute(DropSchema("omonat_jobs", cascade=True, if_exists=True))


def has_positions(tx: Connection) -> bool:
    """Whether an event was ever given its place in the tree."""
    return tx.scalar(select(func.max(ledger_event.c.position))) is not None
