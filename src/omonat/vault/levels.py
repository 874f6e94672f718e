"""How far a destruction has come in each store, and until when a copy of what is gone may be left: as facts.

A certificate is issued with what is true at that moment. What comes after is added to it: the scrubbing, what
connected systems and recipients confirm, and each window when it has run out, which is an entry of the ledger, too.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import Clock
from omonat.kernel.codec import from_builtins, to_builtins
from omonat.kernel.errors import Overloaded
from omonat.kernel.ids import SubjectId
from omonat.kernel.settings import Backups
from omonat.ledger import Ledger
from omonat.storage import Database
from omonat.vault import erasure_store
from omonat.vault.model import Certificate, Closing, Reached

BATCH = 200
KEY_BACKUPS, DATA_BACKUPS, PAST_TERM, WAL = (
    "key_store_backups", "data_backups_unreadable_without_key", "data_backups_past_term", "wal_archives",
)  # fmt: skip


def window_ends(days: Backups, at: datetime, *, keys: bool, on_server: bool) -> dict[str, datetime]:
    """Which copies may be left of what was destroyed `at` a moment, and until when by the operator's own promise.

    `keys`: keys were destroyed, not rows alone. `on_server`: a database keeps a write-ahead log that is archived.
    """
    ends = {DATA_BACKUPS if keys else PAST_TERM: at + timedelta(days=days.data_days)}
    if keys:
        ends = {KEY_BACKUPS: at + timedelta(days=days.keys_days), **ends}
    return ends | ({WAL: at + timedelta(days=days.wal_days)} if on_server else {})


def first_levels(started_at: datetime, now: datetime, *, keys: bool) -> list[Reached]:
    """Of a certificate that is issued `now`."""
    gone = [Reached(store="key_store", level="key_destroyed", at=now)] if keys else []
    hidden = Reached(store="data", level="hidden", at=started_at)
    return [hidden, *gone, Reached(store="data", level="rows_deleted", at=now)]


def with_scrubbing(certificate: Certificate, scrubbed_at: datetime | None) -> Certificate:
    """The certificate as it stands, with what is kept beside it for many at once."""
    if scrubbed_at is None:
        return certificate
    names = [name for name in certificate.stores if certificate.files is None or name in certificate.files]
    scrubbed = [Reached(store=name, level="residue_scrubbed", at=scrubbed_at) for name in names]
    return msgspec.structs.replace(certificate, levels=[*certificate.levels, *scrubbed])


def next_end(certificate: Certificate) -> datetime | None:
    """When the next window of a certificate runs out; None: all are closed."""
    return min((end for name, end in certificate.window_ends.items() if name not in certificate.closed), default=None)


class Afterwards:
    """What is added to certificates after they were issued."""

    def __init__(self, database: Database, ledger: Ledger, clock: Clock) -> None:
        self._database = database
        self._ledger = ledger
        self._clock = clock

    def close_windows(self, now: datetime) -> int:
        """Close every window that has run out, with entries of the ledger. Returns how many windows."""
        closed = 0
        while True:
            batch = self._database.write(lambda tx: self._close_batch(tx, now))
            closed += batch
            if not batch:
                return closed

    def _close_batch(self, tx: Connection, now: datetime) -> int:
        due = erasure_store.run_out(tx, now, BATCH)
        if not due:
            return 0
        names = {row.event_id: _due_windows(row.certificate, now) for row in due}
        counts = Counter(name for some in names.values() for name in some)
        facts: dict[str, object] = {"windows": dict(sorted(counts.items())), "certificates": sorted(map(str, names))}
        entry = self._ledger.append(tx, kind="windows_closed", at=now, facts=facts)
        for row in due:
            certificate = from_builtins(row.certificate, Certificate)
            closings = dict.fromkeys(names[row.event_id], Closing(at=now, entry=str(entry)))
            self._keep(tx, row, msgspec.structs.replace(certificate, closed={**certificate.closed, **closings}))
        return counts.total()

    def arrived(self, tx: Connection, data: dict[str, object], url: str, now: datetime) -> None:
        """A watcher of webhooks: a connected system has acknowledged that somebody was erased."""
        subject, number = data.get("subject"), data.get("certificate")
        if subject and number:
            row = erasure_store.find_certified(tx, SubjectId(UUID(str(subject))), UUID(str(number)))
            if row is not None:
                self._confirm(tx, row, f"connected:{urlsplit(url).hostname}", "confirmed", now)

    def told(self, case_id: UUID, recipient: str) -> None:
        """A recipient was told to destroy, too. Raises Overloaded while the destruction of the case is under way."""
        now = self._clock.now()

        def unit(tx: Connection) -> None:
            for row in erasure_store.certified_of_case(tx, case_id):
                if row.certificate is None:
                    raise Overloaded()
                self._confirm(tx, row, f"recipient:{recipient}", "told", now)

        self._database.write(unit)

    def _confirm(self, tx: Connection, row: Any, store: str, level: str, now: datetime) -> None:
        certificate = from_builtins(row.certificate, Certificate)
        if any((one.store, one.level) == (store, level) for one in certificate.levels):
            return
        reached = [*certificate.levels, Reached(store=store, level=level, at=now)]
        self._keep(tx, row, msgspec.structs.replace(certificate, levels=reached))

    def _keep(self, tx: Connection, row: Any, certificate: Certificate) -> None:
        erasure_store.keep_certificate(tx, row, to_builtins(certificate), next_end(certificate))


def _due_windows(certificate: dict[str, Any], now: datetime) -> list[str]:
    read = from_builtins(certificate, Certificate)
    return [name for name, end in read.window_ends.items() if end <= now and name not in read.closed]
