"""The SQL of jobs that a member of the staff starts and watches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from omonat.jobs.model import Run
from omonat.storage.schema import job_run, outbox

_c = job_run.c
_COLUMNS = [_c[name] for name in Run.__struct_fields__]
OPEN = ("waiting", "running")


def insert_run(tx: Connection, run: Run) -> None:
    tx.execute(insert(job_run).values({name: getattr(run, name) for name in Run.__struct_fields__}))


def find_run(tx: Connection, run_id: UUID) -> Run | None:
    row = tx.execute(select(*_COLUMNS).where(_c.run_id == run_id)).first()
    return _run(row) if row else None


def runs(tx: Connection, kinds: Sequence[str], limit: int) -> list[Run]:
    """Newest first."""
    newest = select(*_COLUMNS).where(_c.kind.in_(kinds)).order_by(_c.asked_at.desc(), _c.run_id.desc())
    return [_run(row) for row in tx.execute(newest.limit(limit))]


def find_failure(tx: Connection, business_key: str) -> str | None:
    """The code with which the job behind a run was given up."""
    o = outbox.c
    found: str | None = tx.scalar(select(o.failed).where(o.business_key == business_key, o.done_at.is_not(None)))
    return found


def start(tx: Connection, run_id: UUID, now: datetime) -> bool:
    """Waiting becomes running; one that was running when its server fell starts anew."""
    chosen = (_c.run_id == run_id) & _c.state.in_(OPEN)
    return tx.execute(update(job_run).where(chosen).values(state="running", started_at=now, done=0)).rowcount == 1


def set_progress(tx: Connection, run_id: UUID, done: int, total: int) -> bool:
    chosen = (_c.run_id == run_id) & (_c.state == "running")
    return tx.execute(update(job_run).where(chosen).values(done=done, total=total)).rowcount == 1


def end(tx: Connection, run_id: UUID, values: dict[str, Any]) -> bool:
    """Give an open run its last state. False when it had one already."""
    chosen = (_c.run_id == run_id) & _c.state.in_(OPEN)
    return tx.execute(update(job_run).where(chosen).values(values)).rowcount == 1


def keep_sealed(tx: Connection, run_id: UUID, sealed: bytes, until: datetime) -> None:
    tx.execute(update(job_run).where(_c.run_id == run_id).values(sealed_result=sealed, result_until=until))


def sealed_result(tx: Connection, run_id: UUID, now: datetime) -> bytes | None:
    found: bytes | None = tx.scalar(select(_c.sealed_result).where(_c.run_id == run_id, _c.result_until > now))
    return found


def forget_result(tx: Connection, run_id: UUID, fetched_at: datetime | None) -> bool:
    chosen = (_c.run_id == run_id) & _c.sealed_result.is_not(None)
    values = {"sealed_result": None, "fetched_at": fetched_at}
    return tx.execute(update(job_run).where(chosen).values(values)).rowcount == 1


def with_old_results(tx: Connection, now: datetime) -> list[UUID]:
    """Runs whose result has been kept for its time."""
    rows = tx.execute(select(_c.run_id).where(_c.sealed_result.is_not(None), _c.result_until <= now))
    return [row.run_id for row in rows]


def _run(row: Any) -> Run:
    return Run(**row._mapping)
