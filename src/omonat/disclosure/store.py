"""SQL of disclosures and of the people whom a mailing may reach."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from omonat.disclosure.model import DisclosureRow
from omonat.grounds import STANDING
from omonat.kernel.ids import DisclosureId, SubjectId
from omonat.storage.schema import consent_event, disclosure, identifier, record, subject

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


def consenting(
    tx: Connection, purpose: str, channel: str, kind: str, *, after: SubjectId | None, before: datetime, limit: int
) -> list[SubjectId]:
    """A page of subjects who once granted consent and have proven an identifier; the door decides on each."""
    c, held = consent_event.c, identifier.c
    found = (
        select(c.subject_id)
        .distinct()
        .join(subject, subject.c.subject_id == c.subject_id)
        .join(identifier, held.subject_id == c.subject_id)
        .where(c.purpose == purpose, c.channel == channel, c.action.in_(STANDING), c.at <= before)
        .where(subject.c.state == "active", held.kind == kind, held.state == "proven")
        .order_by(c.subject_id)
        .limit(limit)
    )
    if after is not None:
        found = found.where(c.subject_id > after)
    return [SubjectId(row.subject_id) for row in tx.execute(found)]


def asked(
    tx: Connection, purpose: str, channel: str, *, after: SubjectId | None, before: datetime, limit: int
) -> list[SubjectId]:
    """A page of living subjects who ever said anything about a purpose and channel."""
    c = consent_event.c
    found = (
        select(c.subject_id)
        .distinct()
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(c.purpose == purpose, c.channel == channel, c.at <= before, subject.c.state == "active")
        .order_by(c.subject_id)
        .limit(limit)
    )
    if after is not None:
        found = found.where(c.subject_id > after)
    return [SubjectId(row.subject_id) for row in tx.execute(found)]


def count_asked(tx: Connection, purpose: str, channel: str, before: datetime) -> int:
    c = consent_event.c
    found = (
        select(func.count(c.subject_id.distinct()))
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(c.purpose == purpose, c.channel == channel, c.at <= before, subject.c.state == "active")
    )
    return int(tx.scalar(found) or 0)


def address_of(tx: Connection, subject_id: SubjectId, kind: str, purpose: str, now: datetime) -> Any:
    """The record id and category of a proven address whose term runs; one collected for the purpose comes first."""
    held, c = identifier.c, record.c
    found = (
        select(c.record_id, c.category)
        .join(identifier, and_(held.subject_id == c.subject_id, held.tag == c.tag))
        .where(c.subject_id == subject_id, held.kind == kind, held.state == "proven")
        .where(c.keep_until.is_(None) | (c.keep_until > now))
        .order_by((c.purpose == purpose).desc(), c.record_id.desc())
        .limit(1)
    )
    return tx.execute(found).first()


def consent_language(tx: Connection, subject_id: SubjectId, purpose: str, channel: str) -> str:
    """The language of the newest consent event: the one in which the person is written to."""
    c = consent_event.c
    found = (
        select(c.language)
        .where(c.subject_id == subject_id, c.purpose == purpose, c.channel == channel)
        .order_by(c.at.desc(), c.consent_id.desc())
        .limit(1)
    )
    return str(tx.scalar(found))


def _row(row: Any) -> DisclosureRow:
    return DisclosureRow(**{**row._mapping, "categories": tuple(row.categories)})
