"""SQL of disclosures."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, insert, select, update

from omonat.disclosure.model import DisclosureRow
from omonat.kernel.ids import DisclosureId, SubjectId
from omonat.storage.schema import disclosure

_COLUMNS = [disclosure.c[name] for name in DisclosureRow.__struct_fields__]


def insert_disclosure(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(disclosure).values(row))


def disclosures_of(tx: Connection, subject_id: SubjectId) -> list[DisclosureRow]:
    """Newest first."""
    rows = tx.execute(
        select(*_COLUMNS).where(disclosure.c.subject_id == subject_id).order_by(disclosure.c.disclosure_id.desc())
    )
    return [_row(row) for row in rows]


def find_disclosure(tx: Connection, subject_id: SubjectId, disclosure_id: DisclosureId) -> DisclosureRow | None:
    c = disclosure.c
    row = tx.execute(select(*_COLUMNS).where(c.subject_id == subject_id, c.disclosure_id == disclosure_id)).first()
    return None if row is None else _row(row)


def set_notified(tx: Connection, subject_id: SubjectId, disclosure_id: DisclosureId, now: datetime) -> int:
    c = disclosure.c
    chosen = and_(c.subject_id == subject_id, c.disclosure_id == disclosure_id, c.notified_at.is_(None))
    return tx.execute(update(disclosure).where(chosen).values(notified_at=now)).rowcount


def overdue_notices(tx: Connection, now: datetime, limit: int) -> list[DisclosureRow]:
    """Disclosures whose notice to the person is late, oldest first."""
    c = disclosure.c
    late = select(*_COLUMNS).where(c.notified_at.is_(None), c.notice_due_at < now).order_by(c.notice_due_at)
    return [_row(row) for row in tx.execute(late.limit(limit))]


def _row(row: Any) -> DisclosureRow:
    return DisclosureRow(**{**row._mapping, "categories": tuple(row.categories)})
