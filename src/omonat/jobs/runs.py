"""Runs: jobs that a member of the staff starts and watches, such as a sweep or a mailing list (clauses 3.1, 6.3).

A run is a row beside its row of the outbox: who asked for what, how far it is, what came out as counts. It may be
cancelled while it waits or runs. What a run makes that names people is sealed by its area and kept for a day.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.jobs import runs_store as store
from omonat.jobs.model import Run, RunCancelled
from omonat.jobs.service import Outbox
from omonat.kernel.errors import NotFound, OmonatError
from omonat.kernel.ids import new_id
from omonat.storage import Database

OUTBOX_KIND = "run"
Progress = Callable[[int, int], None]
Carrier = Callable[[Run, Progress], "Outcome"]
"""Carries out a run of one kind. It may be called again after a crash, from the start."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came out: counts and words; `sealed`, kept until `until`, is for whoever may fetch it."""

    counts: dict[str, Any]
    sealed: bytes | None = None
    until: datetime | None = None


class Runs:
    """The runs of one installation."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self._database = database
        self._outbox = outbox

    def ask(
        self, tx: Connection, kind: str, details: Mapping[str, str], *, actor: str, now: datetime,
        run_id: UUID | None = None,
    ) -> Run:  # fmt: skip
        """Want a run, in the caller's transaction. `details`: words and ids only. A `run_id` twice is one run."""
        known = store.find_run(tx, run_id) if run_id else None
        if known is not None:
            return known
        run = Run(
            run_id=run_id or new_id(), kind=kind, state="waiting", actor=actor, details=dict(details), asked_at=now
        )
        store.insert_run(tx, run)
        self._outbox.add(tx, kind=OUTBOX_KIND, business_key=_key(run.run_id), payload={"run": str(run.run_id)}, now=now)
        return run

    def start(self, kind: str, details: Mapping[str, str], *, actor: str, now: datetime) -> Run:
        """Want a run, in a transaction of its own."""
        return self._database.write(lambda tx: self.ask(tx, kind, details, actor=actor, now=now))

    def get(self, run_id: UUID) -> Run:
        """Raises NotFound. A run whose job was given up is failed, whatever its row says."""
        with self._database.read() as tx:
            run = store.find_run(tx, run_id)
            if run is None:
                raise NotFound
            failed = store.find_failure(tx, _key(run_id)) if run.is_open else None
        return msgspec.structs.replace(run, state="failed", failed=failed) if failed else run

    def newest(self, kinds: Sequence[str], limit: int = 20) -> list[Run]:
        """The newest runs of some kinds."""
        with self._database.read() as tx:
            return store.runs(tx, kinds, limit)

    def cancel(self, run_id: UUID, now: datetime) -> bool:
        """Stop it: one that waits is never begun, one that runs ends at its next step. False when it had ended."""
        return self._database.write(lambda tx: store.end(tx, run_id, {"state": "cancelled", "ended_at": now}))

    def note(self, kind: str, counts: dict[str, Any], *, actor: str, now: datetime) -> None:
        """Keep the outcome of work that nobody had to ask for, such as the nightly sweep."""
        run = Run(
            run_id=new_id(), kind=kind, state="done", actor=actor, details={}, asked_at=now, started_at=now,
            ended_at=now, result=counts,
        )  # fmt: skip
        self._database.write(lambda tx: store.insert_run(tx, run))

    def carry_out(self, run_id: UUID, carriers: Mapping[str, Carrier], clock: Callable[[], datetime]) -> None:
        """The work of the dispatcher. An error that no repeat cures ends the run with its code."""
        if not self._database.write(lambda tx: store.start(tx, run_id, clock())):
            return
        run = self.get(run_id)
        try:
            outcome = carriers[run.kind](run, lambda done, total: self._progress(run_id, done, total))
        except RunCancelled:
            return
        except OmonatError as error:
            if error.temporary:
                raise
            failed = {"state": "failed", "failed": error.code, "ended_at": clock()}
            self._database.write(lambda tx: store.end(tx, run_id, failed))
            return
        ended = {
            "state": "done", "ended_at": clock(), "result": outcome.counts,
            **({} if outcome.sealed is None else {"sealed_result": outcome.sealed, "result_until": outcome.until}),
        }  # fmt: skip
        self._database.write(lambda tx: store.end(tx, run_id, ended))

    def _progress(self, run_id: UUID, done: int, total: int) -> None:
        if not self._database.write(lambda tx: store.set_progress(tx, run_id, done, total)):
            raise RunCancelled

    # --- what names people, sealed ---------------------------------------------------------------------------------

    def keep(self, tx: Connection, run_id: UUID, sealed: bytes, until: datetime) -> None:
        """Keep what a run is to work on, such as an uploaded file, beside it in the same transaction."""
        store.keep_sealed(tx, run_id, sealed, until)

    def kept(self, run_id: UUID, now: datetime) -> bytes:
        """What is kept beside a run, still sealed. Raises NotFound when it is gone."""
        with self._database.read() as tx:
            sealed = store.sealed_result(tx, run_id, now)
        if sealed is None:
            raise NotFound
        return bytes(sealed)

    def forget(self, run_id: UUID, now: datetime) -> bool:
        """What is kept beside a run goes; False when it was gone."""
        return self._database.write(lambda tx: store.forget_result(tx, run_id, now))

    def fetch(self, tx: Connection, run_id: UUID, now: datetime) -> bytes:
        """The sealed result, which is forgotten in the same transaction. Raises NotFound when there is none."""
        sealed = store.sealed_result(tx, run_id, now)
        if sealed is None:
            raise NotFound
        store.forget_result(tx, run_id, now)
        return bytes(sealed)

    def forget_old_results(self, now: datetime) -> list[UUID]:
        """Results whose day is over go. Returns whose they were."""
        with self._database.read() as tx:
            old = store.with_old_results(tx, now)
        if not old:
            return []
        return self._database.write(lambda tx: [one for one in old if store.forget_result(tx, one, None)])


def _key(run_id: UUID) -> str:
    return f"run:{run_id}"
