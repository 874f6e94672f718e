"""The shapes of background work."""

from datetime import datetime, time, timedelta
from typing import Any
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


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A job that somebody watches. `details` say what was asked for, `result` what came out: words, ids and counts.

    `state`: waiting, running, done, failed or cancelled. `total` 0: not known. `result_until`: how long a list of
    people may be fetched; `fetched_at`: when it was, once, and destroyed.
    """

    run_id: UUID
    kind: str
    state: str
    actor: str
    details: dict[str, str]
    asked_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    done: int = 0
    total: int = 0
    result: dict[str, Any] | None = None
    failed: str | None = None
    result_until: datetime | None = None
    fetched_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def share(self) -> int:
        """How much is done, in percent."""
        return min(100, 100 * self.done // self.total) if self.total else 0


class RunCancelled(Exception):
    """Leads out of the work of a run that was cancelled."""


class UnknownJob(OmonatError):
    """No work is registered for a kind: a newer node wrote the row. Temporary, for that node may take it."""

    code = "unknown_job"
    message = "This program does not know the background job “{kind}”."
    what_to_do = "Run the same version of Omonat on every node."
    temporary = True
