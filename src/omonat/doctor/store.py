"""SQL that only counts."""

from datetime import datetime

from sqlalchemy import Connection, func, select, text

from omonat.storage.schema import destruction, ledger_event, outbox, record, subject_case


def open_destructions(tx: Connection, before: datetime) -> int:
    c = destruction.c
    return _count(
        tx, select(func.count()).select_from(destruction).where(c.finished_at.is_(None), c.started_at < before)
    )


def pending_events(tx: Connection, before: datetime) -> int:
    c = ledger_event.c
    return _count(tx, select(func.count()).select_from(ledger_event).where(c.position.is_(None), c.at < before))


def newest_event_at(tx: Connection) -> datetime | None:
    found: datetime | None = tx.scalar(select(func.max(ledger_event.c.at)))
    return found


def overdue_cases(tx: Connection, now: datetime) -> int:
    c = subject_case.c
    return _count(tx, select(func.count()).select_from(subject_case).where(c.state == "open", c.due_at < now))


def due_records(tx: Connection, before: datetime) -> int:
    return _count(tx, select(func.count()).select_from(record).where(record.c.keep_until < before))


def stuck_jobs(tx: Connection, before: datetime) -> int:
    c = outbox.c
    return _count(tx, select(func.count()).select_from(outbox).where(c.done_at.is_(None), c.not_before < before))


def has_page_sums(tx: Connection) -> bool:
    """Whether the server sums its pages (PostgreSQL only)."""
    return str(tx.scalar(text("SHOW data_checksums"))) == "on"


def _count(tx: Connection, query: object) -> int:
    return int(tx.scalar(query) or 0)  # type: ignore[call-overload]  # a SELECT of one number
