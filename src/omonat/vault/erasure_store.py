"""SQL of destruction: intentions, and the rows that go."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, false, func, insert, or_, select, update

from omonat.kernel.codec import to_builtins
from omonat.kernel.ids import SubjectId
from omonat.keystore import Compartment
from omonat.storage import schema
from omonat.vault.index_store import newest
from omonat.vault.model import Certificate, Destruction, HeldIdentifier

# Children before what they refer to; `subject_case`, `case_step` and `destruction` stay: they hold no personal value
# and show that a demand was answered in time.
_ALL_OF_SUBJECT = (
    schema.proven_holder, schema.identifier_lookup, schema.identifier, schema.submission_token,
    schema.submission_lookup, schema.submission, schema.record, schema.consent_event,
    schema.consent_evidence, schema.restriction, schema.hold,
    schema.contract_lookup, schema.contract_document, schema.contract, schema.record_part, schema.regrouping,
    schema.staff_opening, schema.journal, schema.disclosure, schema.event_opening, schema.visit_event,
    schema.visit_day,
    schema.portal_session, schema.challenge,
    schema.incident_person,
)  # fmt: skip
_LOOK_UPS = (schema.identifier_lookup, schema.proven_holder)
_SIGN_IN = (schema.portal_session, schema.challenge, schema.submission_token)


def set_state(tx: Connection, subject_id: SubjectId, state: str) -> None:
    tx.execute(update(schema.subject).where(schema.subject.c.subject_id == subject_id).values(state=state))


def insert_destruction(tx: Connection, intent: Destruction) -> None:
    row = {name: getattr(intent, name) for name in Destruction.__struct_fields__}
    row |= {"scope": to_builtins(intent.scope), "keeps": list(intent.keeps)}
    tx.execute(insert(schema.destruction).values(row))


def find_destruction(tx: Connection, subject_id: SubjectId, event_id: Any) -> bool:
    c = schema.destruction.c
    return tx.scalar(select(c.event_id).where(c.subject_id == subject_id, c.event_id == event_id)) is not None


def open_destructions(tx: Connection) -> list[Destruction]:
    """Sagas that have begun and not ended, oldest first."""
    c = schema.destruction.c
    columns = [c[name] for name in Destruction.__struct_fields__]
    rows = tx.execute(select(*columns).where(c.finished_at.is_(None)).order_by(c.event_id))
    return [_intent(row._mapping) for row in rows]


def _intent(row: Any) -> Destruction:
    scope = row["scope"]
    parts = None if scope is None else tuple(Compartment(*part) for part in scope)
    return Destruction(**{**row, "scope": parts, "keeps": tuple(row["keeps"] or ())})


def finish(tx: Connection, intent: Destruction, certificate: Certificate, event_id: Any, now: datetime) -> None:
    c = schema.destruction.c
    tx.execute(
        update(schema.destruction)
        .where(c.subject_id == intent.subject_id, c.event_id == intent.event_id)
        .values(
            finished_at=now, certificate=to_builtins(certificate), certificate_event_id=event_id,
            next_window_at=min(certificate.window_ends.values(), default=None),
        )
    )  # fmt: skip


def note_scrubbed(tx: Connection, now: datetime) -> int:
    """Everything that was finished before the scrubbing; both files were scrubbed since."""
    c = schema.destruction.c
    waiting = and_(c.scrubbed_at.is_(None), c.finished_at <= now)
    return tx.execute(update(schema.destruction).where(waiting).values(scrubbed_at=now)).rowcount


def _certified() -> Any:
    c = schema.destruction.c
    return select(c.subject_id, c.event_id, c.certificate)


def run_out(tx: Connection, now: datetime, limit: int) -> list[Any]:
    """Certificates with a window that has run out, the longest overdue first."""
    c = schema.destruction.c
    query = _certified().where(c.next_window_at <= now).order_by(c.next_window_at, c.event_id).limit(limit)
    return list(tx.execute(query))


def find_certified(tx: Connection, subject_id: SubjectId, event_id: UUID) -> Any | None:
    c = schema.destruction.c
    chosen = and_(c.subject_id == subject_id, c.event_id == event_id, c.finished_at.is_not(None))
    return tx.execute(_certified().where(chosen)).one_or_none()


def certified_of_case(tx: Connection, case_id: UUID) -> list[Any]:
    """What was begun for a case; the certificate is null while it is under way."""
    return list(tx.execute(_certified().where(schema.destruction.c.case_id == case_id)))


def keep_certificate(tx: Connection, row: Any, certificate: Any, next_window_at: datetime | None) -> None:
    c = schema.destruction.c
    chosen = and_(c.subject_id == row.subject_id, c.event_id == row.event_id)
    changed = {"certificate": certificate, "next_window_at": next_window_at}
    tx.execute(update(schema.destruction).where(chosen).values(changed))


def is_finished(tx: Connection, intent: Destruction) -> bool:
    c = schema.destruction.c
    return (
        tx.scalar(select(c.finished_at).where(c.subject_id == intent.subject_id, c.event_id == intent.event_id))
        is not None
    )


def key_destructions(
    tx: Connection, subject_id: SubjectId, since: datetime
) -> list[tuple[UUID, frozenset[Compartment] | None]]:
    """(event, parts or None for the whole) of the destructions of keys that run, or have begun since a moment."""
    c = schema.destruction.c
    recent = c.finished_at.is_(None) | (c.started_at >= since)
    rows = tx.execute(select(c.event_id, c.scope, c.certificate).where(c.subject_id == subject_id, recent))
    return [
        (row.event_id, None if row.scope is None else frozenset(Compartment(*part) for part in row.scope))
        for row in rows
        if row.certificate is None or "key_store" in row.certificate["stores"]
    ]


def find_certificate(tx: Connection, subject_id: SubjectId, event_id: Any) -> Any | None:
    """(certificate, scrubbed_at) of a destruction that is finished."""
    c = schema.destruction.c
    chosen = and_(c.subject_id == subject_id, c.event_id == event_id, c.certificate.is_not(None))
    return tx.execute(select(c.certificate, c.scrubbed_at).where(chosen)).one_or_none()


def count_records(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...] | None) -> dict[str, int]:
    c = schema.record.c
    rows = tx.execute(
        select(c.category, func.count()).where(_in_scope(subject_id, scope)).group_by(c.category).order_by(c.category)
    )
    return {category: count for category, count in rows}


def tags_of(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...] | None) -> frozenset[bytes]:
    """The blind indexes of every identifying value in the scope; of the whole subject also those of its identifiers."""
    c = schema.record.c
    found = set(tx.scalars(select(c.tag).where(_in_scope(subject_id, scope), c.tag.is_not(None))))
    if scope is None:
        found |= set(tx.scalars(select(schema.identifier.c.tag).where(schema.identifier.c.subject_id == subject_id)))
    return frozenset(found)


def count_found(
    tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...] | None, tags: frozenset[bytes]
) -> int:
    """Rows that still hold one of the tags in the scope."""
    tables = (schema.record, *((schema.identifier, *_LOOK_UPS) if scope is None else ()))
    return sum(
        tx.scalar(
            select(func.count()).select_from(table).where(
                table.c.tag.in_(tags), table.c.subject_id == subject_id,
                *([_in_scope(subject_id, scope)] if table is schema.record else []),
            )
        ) or 0
        for table in tables
    )  # fmt: skip


def count_others(tx: Connection, subject_id: SubjectId, tags: frozenset[bytes]) -> int:
    """Other subjects that name one of the tags."""
    c = schema.identifier_lookup.c
    others = select(func.count(c.subject_id.distinct())).where(c.tag.in_(tags), c.subject_id != subject_id)
    return tx.scalar(others) or 0


def delete_sign_in(tx: Connection, subject_id: SubjectId) -> None:
    """End every session and open code of the subject at once."""
    for table in _SIGN_IN:
        tx.execute(delete(table).where(table.c.subject_id == subject_id))


def delete_subject_rows(tx: Connection, subject_id: SubjectId) -> dict[str, int]:
    """Every row of the subject; returns how many by table."""
    counts = {}
    for table in _ALL_OF_SUBJECT:
        counts[table.name] = tx.execute(delete(table).where(table.c.subject_id == subject_id)).rowcount
    return {name: count for name, count in counts.items() if count}


def delete_scope_rows(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...]) -> dict[str, int]:
    """The records of some compartments."""
    count = tx.execute(delete(schema.record).where(_in_scope(subject_id, scope))).rowcount
    return {"record": count} if count else {}


def end_terms(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...], now: datetime) -> None:
    """From now on no door opens these records."""
    tx.execute(update(schema.record).where(_in_scope(subject_id, scope)).values(keep_until=now))


def records_by_tag(tx: Connection, subject_id: SubjectId) -> dict[bytes, Any]:
    """One record id for every identifying value that is still held."""
    c = schema.record.c
    tag = newest(c.tag).label("tag")
    rows = tx.execute(select(tag, c.record_id).where(c.subject_id == subject_id, c.tag.is_not(None)))
    return {row.tag: row.record_id for row in rows}


def point_identifier(tx: Connection, held: HeldIdentifier, record_id: Any) -> None:
    """Let an identifier rest on another record of the same value."""
    c = schema.identifier.c
    chosen = and_(c.subject_id == held.subject_id, c.identifier_id == held.identifier_id)
    tx.execute(update(schema.identifier).where(chosen).values(record_id=record_id))


def _in_scope(subject_id: SubjectId, scope: tuple[Compartment, ...] | None) -> Any:
    c = schema.record.c
    if scope is None:
        return c.subject_id == subject_id
    parts = [and_(c.purpose == part.purpose, c.category == part.category) for part in scope]
    return and_(c.subject_id == subject_id, or_(false(), *parts))  # no part at all is nothing, not everything
