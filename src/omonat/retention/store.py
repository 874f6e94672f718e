"""SQL of holds and of what the sweep looks for."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, exists, func, insert, select, update

from omonat.grounds import STANDING
from omonat.kernel.ids import HoldId, SubjectId
from omonat.retention.model import Hold
from omonat.storage.schema import (
    challenge,
    consent_event,
    hold,
    portal_session,
    record,
    subject,
    subject_case,
    submission_token,
    visit_day,
)

_HOLD_COLUMNS = [hold.c[name] for name in Hold.__struct_fields__]


# --- holds ----------------------------------------------------------------------------------------------------------


def insert_hold(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(hold).values(row))


def find_hold(tx: Connection, hold_id: HoldId) -> Hold | None:
    row = tx.execute(select(*_HOLD_COLUMNS).where(hold.c.hold_id == hold_id)).first()
    return None if row is None else Hold(**row._mapping)


def holds(tx: Connection, subject_id: SubjectId | None, *, released: bool) -> list[Hold]:
    """Of one subject or of all, oldest first."""
    query = select(*_HOLD_COLUMNS).order_by(hold.c.hold_id)
    if subject_id is not None:
        query = query.where(hold.c.subject_id == subject_id)
    if not released:
        query = query.where(hold.c.released_at.is_(None))
    return [Hold(**row._mapping) for row in tx.execute(query)]


def set_released(tx: Connection, held: Hold, now: datetime) -> int:
    c = hold.c
    chosen = and_(c.subject_id == held.subject_id, c.hold_id == held.hold_id, c.released_at.is_(None))
    return tx.execute(update(hold).where(chosen).values(released_at=now)).rowcount


# --- what is due ----------------------------------------------------------------------------------------------------


def due_subjects(tx: Connection, now: datetime, after: SubjectId | None, limit: int) -> list[SubjectId]:
    """A page of active subjects with a record whose term has run out, by id."""
    c = record.c
    query = (
        select(c.subject_id)
        .distinct()
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(c.keep_until <= now, subject.c.state == "active")
        .order_by(c.subject_id)
        .limit(limit)
    )
    return _page(tx, query, c.subject_id, after)


def count_due_subjects(tx: Connection, now: datetime) -> int:
    c = record.c
    return int(tx.scalar(select(func.count(c.subject_id.distinct())).where(c.keep_until <= now)) or 0)


def open_cases(tx: Connection, subject_id: SubjectId) -> int:
    c = subject_case.c
    return int(
        tx.scalar(select(func.count()).select_from(subject_case).where(c.subject_id == subject_id, c.state == "open"))
        or 0
    )


def empty_people(tx: Connection, made_before: datetime, after: SubjectId | None, limit: int) -> list[SubjectId]:
    """A page of people of whom no record is left."""
    c = subject.c
    no_record = ~exists().where(record.c.subject_id == c.subject_id)
    query = (
        select(c.subject_id)
        .where(c.kind == "person", c.state == "active", c.created_at < made_before, no_record)
        .order_by(c.subject_id)
        .limit(limit)
    )
    return _page(tx, query, c.subject_id, after)


def idle_visitors(tx: Connection, after: SubjectId | None, limit: int) -> list[tuple[SubjectId, datetime]]:
    """A page of pseudonymous visitors without any visit or record: (id, moment of the last word or of making)."""
    c = subject.c
    last = select(func.max(consent_event.c.at)).where(consent_event.c.subject_id == c.subject_id).scalar_subquery()
    query = (
        select(c.subject_id, func.coalesce(last, c.created_at).label("last_at"))
        .where(c.kind == "visitor", c.state == "active")
        .where(~exists().where(visit_day.c.subject_id == c.subject_id))
        .where(~exists().where(record.c.subject_id == c.subject_id))
        .order_by(c.subject_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(c.subject_id > after)
    return [(SubjectId(row.subject_id), row.last_at) for row in tx.execute(query)]


def _page(tx: Connection, query: Any, column: Any, after: SubjectId | None) -> list[SubjectId]:
    if after is not None:
        query = query.where(column > after)
    return [SubjectId(row.subject_id) for row in tx.execute(query)]


# --- consents that ran out ------------------------------------------------------------------------------------------


def _ran_out(now: datetime) -> list[Any]:
    """Granted consents that ran out and are still the last word for their purpose and channel."""
    c, later = consent_event.c, consent_event.alias("later")
    superseded = exists().where(
        later.c.subject_id == c.subject_id, later.c.purpose == c.purpose, later.c.channel == c.channel,
        (later.c.at > c.at) | ((later.c.at == c.at) & (later.c.consent_id > c.consent_id)),
    )  # fmt: skip
    return [c.action.in_(STANDING), c.expires_at <= now, subject.c.state == "active", ~superseded]


def expired_consents(tx: Connection, now: datetime, limit: int) -> list[dict[str, Any]]:
    """A page of them, with what their `expired` event repeats."""
    c = consent_event.c
    query = (
        select(c.subject_id, c.purpose, c.channel, c.language, c.text_hash)
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(*_ran_out(now))
        .order_by(c.subject_id, c.consent_id)
        .limit(limit)
    )
    return [dict(row._mapping) for row in tx.execute(query)]


def count_expired_consents(tx: Connection, now: datetime) -> int:
    c = consent_event.c
    query = select(func.count()).select_from(consent_event).join(subject, subject.c.subject_id == c.subject_id)
    return int(tx.scalar(query.where(*_ran_out(now))) or 0)


# --- short-lived rows -----------------------------------------------------------------------------------------------

SIGN_IN = (challenge, portal_session)
TOKENS = (submission_token,)


def count_expired(tx: Connection, tables: tuple[Table, ...], now: datetime) -> int:
    counts = (tx.scalar(select(func.count()).select_from(one).where(one.c.expires_at <= now)) for one in tables)
    return sum(int(count or 0) for count in counts)


def delete_expired(tx: Connection, tables: tuple[Table, ...], now: datetime) -> int:
    return sum(tx.execute(delete(one).where(one.c.expires_at <= now)).rowcount for one in tables)
