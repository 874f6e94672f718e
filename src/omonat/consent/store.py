"""SQL of consents and of the texts that were shown."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection, Uuid, bindparam, delete, exists, func, insert, select, update

from omonat.consent.model import ConsentLetter, Evidence
from omonat.grounds import STANDING
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.storage.schema import (
    consent_event,
    consent_evidence,
    consent_import,
    consent_letter,
    identifier_lookup,
    ledger_event,
    record,
    shown_text,
    subject,
    visit_day,
    visit_event,
)
from omonat.storage.statements import Command

_ADD_CONSENT = Command(insert(consent_event), [column.name for column in consent_event.c])
_LEFT_OUT = {column.name: None for column in consent_event.c if column.nullable}


def insert_consents(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """In one statement."""
    _ADD_CONSENT.run_many(tx, [{**_LEFT_OUT, **row} for row in rows])


def consents_of(tx: Connection, subject_id: SubjectId) -> list[dict[str, Any]]:
    """The whole history of a subject, oldest first."""
    c = consent_event.c
    columns = (
        c.consent_id, c.purpose, c.channel, c.action, c.at, c.expires_at, c.policy_number, c.policy_hash, c.language,
        c.text_hash, c.categories, c.third_party, c.cross_border, c.via,
    )  # fmt: skip
    rows = tx.execute(select(*columns).where(c.subject_id == subject_id).order_by(c.at, c.consent_id))
    return [dict(row._mapping) for row in rows]


def insert_evidence(tx: Connection, subject_id: SubjectId, consent_id: ConsentId, evidence: Evidence) -> None:
    row = {**msgspec.structs.asdict(evidence), "subject_id": subject_id, "consent_id": consent_id}
    tx.execute(insert(consent_evidence).values(row))


def evidence_of(tx: Connection, subject_id: SubjectId) -> dict[ConsentId, Evidence]:
    """What proves consents that were not given on a page of ours, by consent."""
    c = consent_evidence.c
    columns = [c[name] for name in Evidence.__struct_fields__]
    rows = tx.execute(select(c.consent_id, *columns).where(c.subject_id == subject_id)).mappings()
    return {ConsentId(row["consent_id"]): Evidence(**{n: row[n] for n in Evidence.__struct_fields__}) for row in rows}


def put_letter(tx: Connection, subject_id: SubjectId, consent_id: ConsentId, letter: ConsentLetter) -> None:
    """The letter that asked for a consent; a letter that was sent again takes the place of the first."""
    c = consent_letter.c
    tx.execute(delete(consent_letter).where(c.subject_id == subject_id, c.consent_id == consent_id))
    row = {**letter._asdict(), "subject_id": subject_id, "consent_id": consent_id}
    tx.execute(insert(consent_letter).values(row))


def find_letter(tx: Connection, subject_id: SubjectId, consent_id: ConsentId) -> ConsentLetter | None:
    c = consent_letter.c
    columns = [c[name] for name in ConsentLetter._fields]
    found = tx.execute(select(*columns).where(c.subject_id == subject_id, c.consent_id == consent_id)).first()
    return ConsentLetter(*found) if found is not None else None


class StandingLine(msgspec.Struct, frozen=True):
    """A consent that is the last word of an active subject for its purpose and channel, and has not run out."""

    subject_id: SubjectId
    purpose: str
    channel: str
    language: str
    text_hash: str


def _standing(number: str, purpose: str, channel: str, now: datetime) -> list[Any]:
    c, later = consent_event.c, consent_event.alias("later")
    superseded = exists().where(
        later.c.subject_id == c.subject_id, later.c.purpose == c.purpose, later.c.channel == c.channel,
        (later.c.at > c.at) | ((later.c.at == c.at) & (later.c.consent_id > c.consent_id)),
    )  # fmt: skip
    return [
        c.policy_number == number, c.purpose == purpose, c.channel == channel, c.action.in_(STANDING),
        c.expires_at.is_(None) | (c.expires_at > now), subject.c.state == "active", ~superseded,
    ]  # fmt: skip


def standing_lines(
    tx: Connection, number: str, purpose: str, channel: str, now: datetime, *, after: SubjectId | None, limit: int
) -> list[StandingLine]:
    """A page of the consents that were given under a version, in the order of their subjects."""
    c = consent_event.c
    query = (
        select(c.subject_id, c.purpose, c.channel, c.language, c.text_hash)
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(*_standing(number, purpose, channel, now))
        .order_by(c.subject_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(c.subject_id > after)
    return [StandingLine(**row) for row in tx.execute(query).mappings()]


def count_standing(tx: Connection, number: str, purpose: str, channel: str, now: datetime) -> int:
    c = consent_event.c
    query = select(func.count()).select_from(consent_event).join(subject, subject.c.subject_id == c.subject_id)
    return int(tx.scalar(query.where(*_standing(number, purpose, channel, now))) or 0)


def was_imported(tx: Connection, tag: bytes) -> bool:
    return tx.scalar(select(consent_import.c.at).where(consent_import.c.row_tag == tag)) is not None


def insert_import(tx: Connection, tag: bytes, now: datetime) -> None:
    tx.execute(insert(consent_import).values(row_tag=tag, at=now))


def imported_holder(tx: Connection, kind: str, tags: Iterable[bytes], source: str) -> SubjectId | None:
    """The person whom an earlier row of a file made for this address, before he proved it."""
    c, held = identifier_lookup.c, record.c
    query = (
        select(c.subject_id)
        .join(record, held.subject_id == c.subject_id)
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(
            c.kind == kind, c.tag.in_(list(tags)), held.tag == c.tag, held.source == source, subject.c.state == "active"
        )
        .order_by(c.subject_id)
        .limit(1)
    )
    found = tx.scalar(query)
    return SubjectId(found) if found is not None else None


def exported(tx: Connection, after: tuple[SubjectId, ConsentId] | None, limit: int) -> list[dict[str, Any]]:
    """A page of every consent event of everybody, with its evidence and its entry in the ledger."""
    c, e, k = consent_event.c, consent_evidence.c, ledger_event.c
    names = ("purpose", "channel", "action", "at", "expires_at", "policy_number", "policy_hash", "language",
             "text_hash", "categories", "third_party", "cross_border", "via")  # fmt: skip
    proof = ("form", "method", "given_by", "given_at", "reference", "offset_seconds", "script", "actor")
    query = (
        select(c.subject_id, c.consent_id, *(c[name] for name in names), *(e[name] for name in proof),
               k.body, k.hash, k.position)
        .outerjoin(consent_evidence, (e.subject_id == c.subject_id) & (e.consent_id == c.consent_id))
        .join(ledger_event, k.event_id == c.event_id)
        .order_by(c.subject_id, c.consent_id)
        .limit(limit)
    )  # fmt: skip
    if after is not None:
        here, last = c.subject_id > after[0], c.consent_id > after[1]
        query = query.where(here | ((c.subject_id == after[0]) & last))
    return [dict(row) for row in tx.execute(query).mappings()]


def texts(tx: Connection, hashes: set[str]) -> list[dict[str, Any]]:
    t = shown_text.c
    rows = tx.execute(select(t.hash, t.language, t.text, t.first_shown_at).where(t.hash.in_(sorted(hashes))))
    return [{str(name): value for name, value in row.items()} for row in rows.mappings()]


def insert_text(tx: Connection, hash_: str, language: str, text: str, now: datetime) -> None:
    """Keep a text once; the same text shown again changes nothing."""
    if find_text(tx, hash_) is None:
        tx.execute(insert(shown_text).values(hash=hash_, language=language, text=text, first_shown_at=now))


def find_text(tx: Connection, hash_: str) -> str | None:
    found: str | None = tx.scalar(select(shown_text.c.text).where(shown_text.c.hash == hash_))
    return found


def set_keep_until(tx: Connection, subject_id: SubjectId, record_id: UUID, keep_until: datetime | None) -> None:
    c = record.c
    chosen = update(record).where(c.subject_id == subject_id, c.record_id == record_id)
    tx.execute(chosen.values(keep_until=keep_until))


_NO_VISITS = tuple(
    Command(delete(table).where(table.c.subject_id == bindparam("who", type_=Uuid())))
    for table in (visit_event, visit_day)
)


def delete_visits(tx: Connection, people: Iterable[SubjectId]) -> None:
    """Every trace of these visitors' visits (7.1 c, 8.1). Counts of days that are over belong to nobody, and stay."""
    rows = [{"who": subject_id} for subject_id in people]
    for command in _NO_VISITS:
        command.run_many(tx, rows)
