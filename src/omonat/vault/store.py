"""SQL of subjects, identifiers, records and submissions. Erasing is in `erasure_store.py`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Table, Uuid, and_, bindparam, delete, exists, insert, select, update

from omonat.kernel.ids import EventId, IdentifierId, RecordId, SubjectId, SubmissionId
from omonat.storage import Database
from omonat.storage.schema import (
    event_opening,
    identifier,
    identifier_lookup,
    journal,
    proven_holder,
    record,
    subject,
    submission,
    submission_lookup,
    submission_token,
)
from omonat.storage.statements import Command, Query
from omonat.vault.index_store import newest, newest_version, same
from omonat.vault.model import Candidate, HeldIdentifier, HeldRecord


def _with_newest_tag(table: Table, names: tuple[str, ...]) -> list[Any]:
    return [newest(table.c.tag).label("tag") if name == "tag" else table.c[name] for name in names]


_RECORD_COLUMNS = _with_newest_tag(record, HeldRecord.__struct_fields__)
_IDENTIFIER_COLUMNS = _with_newest_tag(identifier, HeldIdentifier.__struct_fields__)
_WHO = bindparam("who", type_=Uuid())

# What runs for every act, compiled once.
_ADD_SUBJECT = Command(insert(subject), [column.name for column in subject.c])
_ADD_RECORD = Command(insert(record), HeldRecord.__struct_fields__)
_ADD_IDENTIFIER = Command(insert(identifier).values(tag_version=newest_version()), HeldIdentifier.__struct_fields__)
_ADD_LOOKUP = Command(insert(identifier_lookup), [column.name for column in identifier_lookup.c])
_ADD_OPENING = Command(insert(event_opening), [column.name for column in event_opening.c])
_ADD_JOURNAL = Command(insert(journal), [column.name for column in journal.c])
_SUBJECT = Query(select(subject.c.kind, subject.c.state, subject.c.created_at).where(subject.c.subject_id == _WHO))
_RECORDS = Query(select(*_RECORD_COLUMNS).where(record.c.subject_id == _WHO).order_by(record.c.record_id))
_IDENTIFIERS = Query(
    select(*_IDENTIFIER_COLUMNS).where(identifier.c.subject_id == _WHO).order_by(identifier.c.identifier_id)
)


class FoundSubject(NamedTuple):
    """A row of `subject`."""

    kind: str
    state: str
    created_at: datetime


def insert_subjects(tx: Connection, subject_ids: Iterable[SubjectId], kind: str, now: datetime) -> None:
    shared = {"kind": kind, "state": "active", "created_at": now}
    _ADD_SUBJECT.run_many(tx, [{"subject_id": subject_id, **shared} for subject_id in subject_ids])


def find_subject(tx: Connection, subject_id: SubjectId) -> FoundSubject | None:
    found = _SUBJECT.first(tx, who=subject_id)
    return FoundSubject(*found) if found else None


def insert_record(tx: Connection, held: HeldRecord) -> None:
    insert_records(tx, [held])


def insert_records(tx: Connection, held: Iterable[HeldRecord]) -> None:
    _ADD_RECORD.run_many(tx, [msgspec.structs.asdict(one) for one in held])


def records_of(tx: Connection, subject_id: SubjectId) -> list[HeldRecord]:
    """All records of a subject, oldest first."""
    return [_held(row) for row in _RECORDS.all(tx, who=subject_id)]


def ask_records_of(database: Database, subject_id: SubjectId) -> list[HeldRecord]:
    """The same outside of a transaction."""
    return [_held(row) for row in database.ask(_RECORDS, who=subject_id)]


def _held(row: tuple[Any, ...]) -> HeldRecord:
    return HeldRecord(**dict(zip(HeldRecord.__struct_fields__, row, strict=True)))


def delete_record(tx: Connection, subject_id: SubjectId, record_id: RecordId) -> int:
    c = record.c
    return tx.execute(delete(record).where(c.subject_id == subject_id, c.record_id == record_id)).rowcount


def end_term(tx: Connection, subject_id: SubjectId, purpose: str, ground: str, keep_until: datetime) -> int:
    """Bring the end of a purpose's records forward to `keep_until`; a sooner end stays."""
    c = record.c
    later = (c.keep_until.is_(None)) | (c.keep_until > keep_until)
    chosen = and_(c.subject_id == subject_id, c.purpose == purpose, c.ground == ground, later)
    return tx.execute(update(record).where(chosen).values(keep_until=keep_until)).rowcount


def insert_identifier(tx: Connection, held: HeldIdentifier) -> None:
    insert_identifiers(tx, [held])


def insert_identifiers(tx: Connection, held: Iterable[HeldIdentifier]) -> None:
    rows = [msgspec.structs.asdict(one) for one in held]
    _ADD_IDENTIFIER.run_many(tx, rows)
    _ADD_LOOKUP.run_many(tx, rows)


def delete_identifier(tx: Connection, held: HeldIdentifier) -> None:
    for table in (identifier_lookup, proven_holder, identifier):
        c = table.c
        tx.execute(delete(table).where(c.subject_id == held.subject_id, c.identifier_id == held.identifier_id))


def identifiers_of(tx: Connection, subject_id: SubjectId) -> list[HeldIdentifier]:
    names = HeldIdentifier.__struct_fields__
    return [HeldIdentifier(**dict(zip(names, row, strict=True))) for row in _IDENTIFIERS.all(tx, who=subject_id)]


def candidates(tx: Connection, kind: str, tag: bytes) -> list[Candidate]:
    """Whom this identifier may open: where it is proven, or claimed and nothing at all is proven there."""
    other = identifier.alias("other")
    foreign = exists().where(other.c.subject_id == identifier.c.subject_id, other.c.state == "proven")
    c = identifier.c
    rows = tx.execute(
        select(c.subject_id, c.identifier_id, (c.state == "proven").label("proven"), subject.c.created_at)
        .select_from(identifier_lookup)
        .join(identifier, and_(c.subject_id == identifier_lookup.c.subject_id,
                               c.identifier_id == identifier_lookup.c.identifier_id))
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(identifier_lookup.c.kind == kind, identifier_lookup.c.tag.in_(same(tag)))
        .where(subject.c.state == "active", (c.state == "proven") | ~foreign)
        .order_by(c.subject_id)
    )  # fmt: skip
    return [Candidate(**row._mapping) for row in rows]


def subjects_naming(tx: Connection, kind: str, *tags: bytes) -> list[tuple[SubjectId, str]]:
    """Every subject that names the identifier, with its state there: what staff see as matches."""
    c = identifier.c
    rows = tx.execute(
        select(c.subject_id, c.state)
        .join(identifier_lookup, and_(c.subject_id == identifier_lookup.c.subject_id,
                                      c.identifier_id == identifier_lookup.c.identifier_id))
        .where(identifier_lookup.c.kind == kind, identifier_lookup.c.tag.in_(tags))
        .order_by(c.subject_id)
    )  # fmt: skip
    return [(SubjectId(row.subject_id), row.state) for row in rows]


def holders(tx: Connection, kind: str, tag: bytes) -> list[tuple[int, SubjectId]]:
    """Who has proven the identifier, under whichever version of the index keys."""
    c = proven_holder.c
    rows = tx.execute(select(c.holder, c.subject_id).where(c.kind == kind, c.tag.in_(same(tag))).order_by(c.holder))
    return [(row.holder, SubjectId(row.subject_id)) for row in rows]


def prove(tx: Connection, held: HeldIdentifier, holder: int, now: datetime) -> None:
    """Mark as proven; the primary key of `proven_holder` decides a race."""
    tx.execute(
        insert(proven_holder).values(
            kind=held.kind, tag=held.tag, holder=holder, subject_id=held.subject_id, identifier_id=held.identifier_id
        )
    )
    c = identifier.c
    chosen = and_(c.subject_id == held.subject_id, c.identifier_id == held.identifier_id)
    tx.execute(update(identifier).where(chosen).values(state="proven", proven_at=now))


def insert_submission(tx: Connection, row: dict[str, Any], token_tag: bytes, token_until: datetime) -> None:
    ids = {name: row[name] for name in ("subject_id", "submission_id")}
    tx.execute(insert(submission).values(row))
    tx.execute(insert(submission_lookup).values(ids))
    tx.execute(insert(submission_token).values(**ids, token_tag=token_tag, expires_at=token_until))


def find_submission_subject(tx: Connection, submission_id: SubmissionId) -> SubjectId | None:
    c = submission_lookup.c
    found = tx.scalar(select(c.subject_id).where(c.submission_id == submission_id))
    return SubjectId(found) if found else None


def find_by_token(tx: Connection, token_tag: bytes, now: datetime) -> tuple[SubjectId, SubmissionId] | None:
    c = submission_token.c
    row = tx.execute(select(c.subject_id, c.submission_id).where(c.token_tag == token_tag, c.expires_at > now)).first()
    return (SubjectId(row.subject_id), SubmissionId(row.submission_id)) if row else None


def submissions_of(tx: Connection, subject_id: SubjectId) -> list[dict[str, Any]]:
    c = submission.c
    columns = (c.submission_id, c.form, c.policy_number, c.policy_hash, c.language, c.notice_hash, c.submitted_at)
    rows = tx.execute(select(*columns).where(c.subject_id == subject_id).order_by(c.submission_id))
    return [dict(row._mapping) for row in rows]


def insert_opening(tx: Connection, subject_id: SubjectId, event_id: EventId, sealed_salts: bytes) -> None:
    insert_openings(tx, [(subject_id, event_id, sealed_salts)])


def insert_openings(tx: Connection, openings: Iterable[tuple[SubjectId, EventId, bytes]]) -> None:
    """(subject, event, sealed salts) of each."""
    names = ("subject_id", "event_id", "sealed_salts")
    _ADD_OPENING.run_many(tx, [dict(zip(names, one, strict=True)) for one in openings])


def openings_of(tx: Connection, subject_id: SubjectId) -> list[tuple[Any, bytes]]:
    c = event_opening.c
    rows = tx.execute(select(c.event_id, c.sealed_salts).where(c.subject_id == subject_id))
    return [(row.event_id, row.sealed_salts) for row in rows]


def insert_journal(tx: Connection, rows: Iterable[dict[str, Any]]) -> None:
    _ADD_JOURNAL.run_many(tx, list(rows))


def journal_of(tx: Connection, subject_id: SubjectId) -> list[dict[str, Any]]:
    """Who read or used what, newest first."""
    c = journal.c
    columns = (c.operation, c.at, c.actor, c.purpose, c.categories, c.reason)
    rows = tx.execute(select(*columns).where(c.subject_id == subject_id).order_by(c.journal_id.desc()))
    return [dict(row._mapping) for row in rows]


def find_identifier(tx: Connection, subject_id: SubjectId, identifier_id: IdentifierId) -> HeldIdentifier | None:
    c = identifier.c
    row = tx.execute(
        select(*_IDENTIFIER_COLUMNS).where(c.subject_id == subject_id, c.identifier_id == identifier_id)
    ).first()
    return HeldIdentifier(**row._mapping) if row else None
