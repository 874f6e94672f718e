"""What the policy needs from other areas."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.ids import EventId


class Event(Protocol):
    """What was appended."""

    @property
    def body(self) -> bytes:
        """Canonical JSON with `facts`."""
        ...

    @property
    def hash(self) -> bytes:
        """SHA-256 of `body`: what is in the tree."""
        ...


class Ledger(Protocol):
    """The tamper-evident ledger."""

    def get(self, tx: Connection, event_id: UUID) -> Event:
        """An event. Raises NotFound."""
        ...

    def append(self, tx: Connection, *, kind: str, at: datetime, facts: dict[str, object]) -> EventId:
        """Append an event in the transaction of the act."""
        ...
