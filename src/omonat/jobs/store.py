"""The SQL of the outbox. Rows are claimed by a conditional UPDATE, so two nodes never claim one row."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as insert_on_server
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from omonat.jobs.model import Job
from omonat.storage.schema import outbox

_COLUMNS = (
    outbox.c.outbox_id, outbox.c.kind, outbox.c.business_key, outbox.c.payload,
    outbox.c.dispatched_at, outbox.c.done_at, outbox.c.failed,
)  # fmt: skip


def add(tx: Connection, row: dict[str, object]) -> None:
    """Insert the row unless its business key is there."""
    insert = insert_on_sqlite if tx.dialect.name == "sqlite" else insert_on_server
    tx.execute(insert(outbox).values(row).on_conflict_do_nothing(index_elements=["business_key"]))


def due(tx: Connection, now: datetime, limit: int) -> list[Job]:
    """Unclaimed rows whose time has come, oldest first."""
    found = (
        select(*_COLUMNS)
        .where(outbox.c.done_at.is_(None), outbox.c.dispatched_at.is_(None), outbox.c.not_before <= now)
        .order_by(outbox.c.created_at, outbox.c.outbox_id)
        .limit(limit)
    )
    return [_job(row) for row in tx.execute(found).mappings()]


def claimed(tx: Connection, before: datetime, limit: int) -> list[Job]:
    """Rows claimed before a moment and not finished, oldest claim first."""
    found = (
        select(*_COLUMNS)
        .where(outbox.c.done_at.is_(None), outbox.c.dispatched_at < before)
        .order_by(outbox.c.dispatched_at)
        .limit(limit)
    )
    return [_job(row) for row in tx.execute(found).mappings()]


def of_keys(tx: Connection, business_keys: Collection[str]) -> list[Job]:
    """The jobs of these keys."""
    found = select(*_COLUMNS).where(outbox.c.business_key.in_(list(business_keys)))
    return [_job(row) for row in tx.execute(found).mappings()]


def claim(tx: Connection, job: Job, now: datetime) -> bool:
    """Take the row if nobody has taken it since it was read."""
    unchanged = (
        outbox.c.dispatched_at.is_(None) if job.dispatched_at is None else outbox.c.dispatched_at == job.dispatched_at
    )
    taken = tx.execute(
        update(outbox)
        .where(outbox.c.outbox_id == job.outbox_id, outbox.c.done_at.is_(None), unchanged)
        .values(dispatched_at=now)
    )
    return taken.rowcount == 1


def unclaim(tx: Connection, outbox_id: UUID, back_to: datetime | None) -> None:
    """Give a row back that could not be started: unclaimed, or with the claim that it had before."""
    row = outbox.c.outbox_id == outbox_id
    tx.execute(update(outbox).where(row, outbox.c.done_at.is_(None)).values(dispatched_at=back_to))


def find(tx: Connection, outbox_id: UUID) -> Job | None:
    """The row, if it is still there."""
    row = tx.execute(select(*_COLUMNS).where(outbox.c.outbox_id == outbox_id)).mappings().one_or_none()
    return _job(row) if row is not None else None


def finish(tx: Connection, outbox_id: UUID, now: datetime, failed: str | None) -> None:
    """The job is over: done, or given up with a code."""
    tx.execute(update(outbox).where(outbox.c.outbox_id == outbox_id).values(done_at=now, failed=failed))


def note_failure(tx: Connection, outbox_id: UUID, code: str) -> None:
    """A try failed and another follows."""
    tx.execute(update(outbox).where(outbox.c.outbox_id == outbox_id).values(failed=code))


def reopen(tx: Connection, business_key: str) -> bool:
    """Make a job that was given up due again."""
    opened = tx.execute(
        update(outbox)
        .where(outbox.c.business_key == business_key, outbox.c.done_at.is_not(None), outbox.c.failed.is_not(None))
        .values(dispatched_at=None, done_at=None, failed=None)
    )
    return opened.rowcount == 1


def given_up(tx: Connection, limit: int) -> list[Job]:
    """Jobs that ended with a code, newest first."""
    found = (
        select(*_COLUMNS)
        .where(outbox.c.done_at.is_not(None), outbox.c.failed.is_not(None))
        .order_by(outbox.c.done_at.desc())
        .limit(limit)
    )
    return [_job(row) for row in tx.execute(found).mappings()]


def find_open(tx: Connection, kind: str) -> UUID | None:
    """An unfinished job of the kind."""
    found = select(outbox.c.outbox_id).where(outbox.c.kind == kind, outbox.c.done_at.is_(None)).limit(1)
    return tx.execute(found).scalar_one_or_none()


def find_key(tx: Connection, business_key: str) -> UUID | None:
    """The job of a business key."""
    return tx.execute(select(outbox.c.outbox_id).where(outbox.c.business_key == business_key)).scalar_one_or_none()


def prune(tx: Connection, *, done_before: datetime, failed_before: datetime) -> int:
    """Forget finished rows; how many."""
    done = tx.execute(delete(outbox).where(outbox.c.done_at < done_before, outbox.c.failed.is_(None)))
    failed = tx.execute(delete(outbox).where(outbox.c.done_at < failed_before))
    return done.rowcount + failed.rowcount


def _job(row: object) -> Job:
    return Job(**dict(row))  # type: ignore[call-overload]  # a RowMapping: its columns are the fields of Job
