"""Endpoints of connected systems, and what is on its way to them. Frozen data."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from omonat.kernel.secret import Sealed

WAITING, ARRIVED, GIVEN_UP = "waiting", "arrived", "given_up"


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a connected system listens, and to what.

    `off_because`: empty while it is on; else a word: `staff`, `no_answer`, `gone`. `old_secret_until`: until then
    messages carry a signature with the secret before the present one, too.
    """

    endpoint_id: UUID
    url: str
    description: str
    events: tuple[str, ...]
    off_because: str
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None

    @property
    def active(self) -> bool:
        """Whether messages go there."""
        return not self.off_because


class NewEndpoint(NamedTuple):
    """An endpoint with its secret, which nobody is shown again."""

    endpoint: Endpoint
    secret: Sealed[str]


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one endpoint.

    `message_id` stays the same over tries and repeats. `state`: waiting, arrived, given_up. `status` and `problem`
    are those of the last try; `turn` counts jobs, `tries` what was really sent since the last repeat.
    """

    delivery_id: UUID
    endpoint_id: UUID
    message_id: UUID
    event: str
    at: datetime
    data: dict[str, object]
    state: str
    turn: int
    tries: int
    created_at: datetime
    next_at: datetime | None
    tried_at: datetime | None
    status: int | None
    problem: str
