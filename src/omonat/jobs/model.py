"""The shapes of background work."""

from datetime import datetime, time, timedelta
from uuid import UUID

import msgspec

from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import OutboxId


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the outbox. `payload` holds ids and words; `failed` is the code of its last failure."""

    outbox_id: UUID
    kind: str
    business_key: str
    payload: dict[str, str]
    dispatched_at: datetime | None = None
    done_at: datetime | None = None
    failed: str | None = None

    @property
    def id(self) -> OutboxId:
        """The typed id."""
        return OutboxId(self.outbox_id)


class Periodic(msgspec.Struct, frozen=True, kw_only=True):
    """Work that returns: every day at `daily_at` (Asia/Tashkent), or else every `every`, counted from midnight UTC.

    Only the newest turn is due; turns that passed while nothing ran are not made up for.
    """

    kind: str
    daily_at: time | None = None
    every: timedelta | None = None
    payload: dict[str, str] = {}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """How a dispatcher works; the defaults are for production. Durations are seconds."""

    poll: float = 0.25
    pauses: tuple[float, ...] = (1, 5, 30, 120, 600)  # before the second, third, ... try
    threads: int = 8
    stale_after: float = 3600.0  # a job claimed so long ago belongs to a node that died
    node: str = ""


class UnknownJob(OmonatError):
    """No work is registered for a kind: a newer node wrote the row. Temporary, for that node may take it."""

    code = "unknown_job"
    message = "This program does not know the background job “{kind}”."
    what_to_do = "Run the same version of Omonat on every node."
    temporary = True
