"""Writing intentions into the outbox, and looking at what became of them."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from omonat.jobs import store
from omonat.jobs.model import Job
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import new_id


class Outbox:
    """Intentions of background work, stored with the act that wants them."""

    def add(
        self, tx: Connection, *, kind: str, business_key: str, payload: Mapping[str, str], now: datetime,
        not_before: datetime | None = None,
    ) -> None:  # fmt: skip
        """Want `kind` done with `payload` (ids and words only), once per `business_key` (at most 120 characters).

        Part of the caller's transaction: committed with it or not at all. Adding a key again is harmless.
        After the commit `Dispatcher.wake()` saves the wait for the next poll.
        """
        row = {
            "outbox_id": new_id(), "kind": kind, "business_key": business_key, "payload": dict(payload),
            "created_at": now, "not_before": not_before or now,
        }  # fmt: skip
        store.add(tx, row)

    def find(self, tx: Connection, business_keys: Collection[str]) -> dict[str, Job]:
        """The jobs of these keys that are still known, by key."""
        return {job.business_key: job for job in store.of_keys(tx, business_keys)}

    def given_up(self, tx: Connection, *, limit: int = 100) -> list[Job]:
        """Jobs that ended with a code in `failed`, newest first: for `omonat doctor`."""
        return store.given_up(tx, limit)

    def repeat(self, tx: Connection, business_key: str) -> None:
        """Make a job that was given up due again. Raises NotFound when there is none under that key."""
        if not store.reopen(tx, business_key):
            raise NotFound()
