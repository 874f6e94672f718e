"""Append: one event, in the transaction of the act that it records."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.clock import iso
from omonat.kernel.codec import to_canonical_json
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import EventId, new_id
from omonat.ledger import store
from omonat.ledger.model import Body, Event, Happened

FORMAT = 1
_NONCE_LENGTH = 16
Watcher = Callable[[Connection, Sequence[Happened]], None]
"""What else is written whenever things happen, in the same transaction. May run twice, as the unit may."""


class Ledger:
    """Appends events. They get their place in the tree from the Sequencer, within about a second."""

    def __init__(self) -> None:
        self._watchers: list[Watcher] = []

    def watch(self, watcher: Watcher) -> None:
        """From now on `watcher` takes part in every act: how webhooks hear of everything without being called."""
        self._watchers.append(watcher)

    def append(
        self, tx: Connection, *, kind: str, at: datetime, facts: dict[str, object], event_id: EventId | None = None,
        about: Mapping[str, str] = {},
    ) -> EventId:  # fmt: skip
        """Record that something happened; durable when the caller's unit is.

        `facts` hold words, ids, counts and commitments, never a personal value. `about` holds ids and words for the
        watchers; the ledger keeps nothing of it. Returns the id of the event.
        """
        happened = Happened(event_id or new_id(), kind, at, facts, dict(about))
        self.append_many(tx, [happened])
        return EventId(happened.event_id)

    def append_many(self, tx: Connection, happened: Sequence[Happened]) -> None:
        """The same for many at once, in their order: one statement, however many there are."""
        store.add_events(tx, [new_event(one.kind, one.at, one.facts, event_id=one.event_id) for one in happened])
        self._tell(tx, happened)

    def append_once(
        self, tx: Connection, *, kind: str, at: datetime, facts: dict[str, object], event_id: EventId | None
    ) -> None:
        """The same for an event whose id was chosen before: an act that is repeated after a crash enters it once."""
        if event_id is None or store.find_event(tx, event_id) is None:
            self.append(tx, kind=kind, at=at, facts=facts, event_id=event_id)

    def tell(
        self, tx: Connection, *, kind: str, at: datetime, facts: dict[str, object], about: Mapping[str, str]
    ) -> None:  # fmt: skip
        """Let the watchers take part in what is no event of the ledger, such as a step inside a case."""
        self._tell(tx, [Happened(new_id(), kind, at, facts, dict(about))])

    def _tell(self, tx: Connection, happened: Sequence[Happened]) -> None:
        for watcher in self._watchers:
            watcher(tx, happened)

    def get(self, tx: Connection, event_id: UUID) -> Event:
        """An event with its body, its hash and, once integrated, its position. Raises NotFound."""
        event = store.find_event(tx, event_id)
        if event is None:
            raise NotFound()
        return event


def new_event(kind: str, at: datetime, facts: dict[str, object], *, event_id: UUID | None = None) -> Event:
    """An event that has no position yet. The names in its body are part of the format: never rename one."""
    chosen = event_id or new_id()
    body = to_canonical_json(
        Body(v=FORMAT, id=str(chosen), kind=kind, at=iso(at), nonce=os.urandom(_NONCE_LENGTH).hex(), facts=facts)
    )
    return Event(chosen, kind, at, body, sha256(body).digest(), None)
