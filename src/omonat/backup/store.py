"""SQL of backups on a server."""

from sqlalchemy import Connection
from sqlalchemy.schema import DropSchema


def drop_jobs(tx: Connection) -> None:
    """Forget the workflows in flight: the dispatcher makes them anew from the outbox."""
    tx.execute(DropSchema("omonat_jobs", cascade=True, if_exists=True))
