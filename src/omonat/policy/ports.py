"""What the policy needs from other areas."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

from omonat.kernel.ids import EventId


class Ledger(Protocol):
    """The tamper-evident ledger."""

    def append(self, tx: Connection, *, kind: str, at: datetime, facts: dict[str, object]) -> EventId:
        """Append an event in the transaction of the act."""
        ...
