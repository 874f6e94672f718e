"""SQL of destruction: intentions, and the rows that go."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Uuid,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    union_all,
    update,
)  # fmt: skip

from omonat.kernel.codec import to_builtins
from omonat.kernel.ids import SubjectId
from omonat.keystore import Compartment
from omonat.storage import schema
from omonat.storage.statements import Command, Query
from omonat.vault.index_store import newest
from omonat.vault.kinds import IDENTIFYING
from omonat.vault.model import Certificate, Destruction, HeldIdentifier

# Children before what they refer to; `subject_case`, `case_step` and `destruction` stay: they hold no personal value
# and show that a demand was answered in time.
_ALL_OF_SUBJECT = (
    schema.proven_holder, schema.identifier_lookup, schema.identifier, schema.submission_token,
    schema.submission_lookup, schema.submission, schema.record, schema.consent_event,
    schema.consent_evidence, schema.consent_letter, schema.restriction, schema.hold,
    schema.contract_lookup, schema.contract_document, schema.contract, schema.record_part, schema.regrouping,
    schema.staff_opening, schema.journal, schema.disclosure, schema.event_opening, schema.visit_event,
    schema.visit_day,
    schema.portal_session, schema.challenge,
    schema.incident_person,
)  # fmt: skip
_LOOK_UPS = (schema.identifier_lookup, schema.proven_holder)
_SIGN_IN = (schema.portal_session, schema.challenge, schema.submission_token)

# A sweep destroys tens of thousands: what runs for each of them is compiled once.
_WHO, _EVENT = bindparam("who", type_=Uuid()), bindparam("event", type_=Uuid())
_OF_DESTRUCTION = and_(schema.destruction.c.subject_id == _WHO, schema.destruction.c.event_id == _EVENT)
_SET_STATE = Command(
    update(schema.subject).where(schema.subject.c.subject_id == _WHO).values(state=bindparam("new_state"))
)
_ADD_DESTRUCTION = Command(insert(schema.destruction), Destruction.__struct_fields__)
_FINISHED_AT = Query(select(schema.destruction.c.finished_at).where(_OF_DESTRUCTION))
_CERTIFICATE = Query(
    select(schema.destruction.c.certificate, schema.destruction.c.scrubbed_at).where(
        _OF_DESTRUCTION, schema.destruction.c.certificate.is_not(None)
    )
)
_FINISH = Command(
    update(schema.destruction).where(_OF_DESTRUCTION).values(
        finished_at=bindparam("now"), certificate=bindparam("document"), certificate_event_id=bindparam("certified"),
        next_window_at=bindparam("next_window"),
    )
)  # fmt: skip
_DELETE_ALL = {table.name: Command(delete(table).where(table.c.subject_id == _WHO)) for table in _ALL_OF_SUBJECT}


_TAGS_AT_ONCE = 8  # few people name more; the places that are left name the first tag again


def _tag_places() -> list[Any]:
    return [bindparam(f"tag{n}", type_=schema.record.c.tag.type) for n in range(_TAGS_AT_ONCE)]


def _tag_counts() -> Iterator[Any]:
    """Rows of one subject that hold one of the tags, table by table."""
    for table in (schema.record, schema.identifier, *_LOOK_UPS):
        c = table.c
        found = select(func.count()).select_from(table).where(c.subject_id == _WHO, c.tag.in_(_tag_places()))
        yield found.where(c.kind.in_([literal(kind) for kind in IDENTIFYING])) if "kind" in c else found


_WITH_TAGS = Query(union_all(*_tag_counts()))
_OTHERS = Query(
    select(func.count(schema.identifier_lookup.c.subject_id.distinct())).where(
        schema.identifier_lookup.c.kind.in_([literal(kind) for kind in IDENTIFYING]),
        schema.identifier_lookup.c.tag.in_(_tag_places()), schema.identifier_lookup.c.subject_id != _WHO,
    )
)  # fmt: skip
_HOW_MANY = Query(
    union_all(*(
        select(literal(table.name), func.count()).select_from(table).where(table.c.subject_id == _WHO)
        for table in _ALL_OF_SUBJECT
    ))
)  # fmt: skip
_COUNT_ALL = Query(
    select(schema.record.c.category, func.count())
    .where(schema.record.c.subject_id == _WHO)
    .group_by(schema.record.c.category)
    .order_by(schema.record.c.category)
)
_ALL_TAGS = tuple(
    Query(select(table.c.tag).where(table.c.subject_id == _WHO, table.c.tag.is_not(None)))
    for table in (schema.record, schema.identifier)
)
_DESTROYED_KEYS = Query(
    select(schema.destruction.c.event_id, schema.destruction.c.scope, schema.destruction.c.certificate).where(
        schema.destruction.c.subject_id == _WHO,
        schema.destruction.c.finished_at.is_(None) | (schema.destruction.c.started_at >= bindparam("since")),
    )
)


def set_state(tx: Connection, subject_id: SubjectId, state: str) -> None:
    _SET_STATE.run(tx, {"who": subject_id, "new_state": state})


def insert_destruction(tx: Connection, intent: Destruction) -> None:
    row = {name: getattr(intent, name) for name in Destruction.__struct_fields__}
    row |= {"scope": to_builtins(intent.scope), "keeps": list(intent.keeps)}
    _ADD_DESTRUCTION.run(tx, row)


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
    row = {
        "who": intent.subject_id, "event": intent.event_id, "now": now, "document": to_builtins(certificate),
        "certified": event_id, "next_window": min(certificate.window_ends.values(), default=None),
    }  # fmt: skip
    _FINISH.run(tx, row)


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
    found = _FINISHED_AT.first(tx, who=intent.subject_id, event=intent.event_id)
    return found is not None and found[0] is not None


def key_destructions(
    tx: Connection, subject_id: SubjectId, since: datetime
) -> list[tuple[UUID, frozenset[Compartment] | None]]:
    """(event, parts or None for the whole) of the destructions of keys that run, or have begun since a moment."""
    return [
        (event_id, None if scope is None else frozenset(Compartment(*part) for part in scope))
        for event_id, scope, certificate in _DESTROYED_KEYS.all(tx, who=subject_id, since=since)
        if certificate is None or "key_store" in certificate["stores"]
    ]


def find_certificate(tx: Connection, subject_id: SubjectId, event_id: Any) -> tuple[Any, datetime | None] | None:
    """(certificate, scrubbed_at) of a destruction that is finished."""
    found = _CERTIFICATE.first(tx, who=subject_id, event=event_id)
    return None if found is None else (found[0], found[1])


def count_records(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...] | None) -> dict[str, int]:
    if scope is None:
        return {category: count for category, count in _COUNT_ALL.all(tx, who=subject_id)}
    c = schema.record.c
    rows = tx.execute(
        select(c.category, func.count()).where(_in_scope(subject_id, scope)).group_by(c.category).order_by(c.category)
    )
    return {category: count for category, count in rows}


def records_of_whole(tx: Connection, people: Sequence[SubjectId]) -> dict[SubjectId, list[UUID]]:
    """Ids of the records of many whole subjects, in one statement; who has none is not in it."""
    c, found = schema.record.c, dict[SubjectId, list[UUID]]()
    if people:
        for who, record_id in tx.execute(select(c.subject_id, c.record_id).where(c.subject_id.in_(people))):
            found.setdefault(SubjectId(who), []).append(record_id)
    return found


def records_in(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...]) -> list[UUID]:
    """The same of some parts of one."""
    return list(tx.scalars(select(schema.record.c.record_id).where(_in_scope(subject_id, scope))))


def every_record(tx: Connection, after: tuple[UUID, UUID] | None, limit: int) -> list[tuple[UUID, UUID]]:
    """A page of (subject, record) of all records there are, in their order."""
    c = schema.record.c
    query = select(c.subject_id, c.record_id).order_by(c.subject_id, c.record_id).limit(limit)
    if after is not None:
        later = and_(c.subject_id == after[0], c.record_id > after[1])
        query = query.where(or_(c.subject_id > after[0], later))
    return [(who, record_id) for who, record_id in tx.execute(query)]


def joined_into(tx: Connection, subject_id: SubjectId) -> SubjectId | None:
    """Whom the staff have joined a subject into, as long as that can be undone."""
    c = schema.regrouping.c
    found = tx.scalar(select(c.subject_id).where(c.other_id == subject_id, c.kind == "merged").limit(1))
    return None if found is None else SubjectId(found)


def tags_of(tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...] | None) -> frozenset[bytes]:
    """The blind indexes of every identifying value in the scope; of the whole subject also those of its identifiers."""
    if scope is None:
        return frozenset(tag for query in _ALL_TAGS for (tag,) in query.all(tx, who=subject_id))
    c = schema.record.c
    return frozenset(tx.scalars(select(c.tag).where(_in_scope(subject_id, scope), c.tag.is_not(None))))


def count_found(
    tx: Connection, subject_id: SubjectId, scope: tuple[Compartment, ...] | None, tags: frozenset[bytes]
) -> int:
    """Rows that still hold one of the tags in the scope."""
    if scope is None:
        return sum(row[0] for some in _places(tags) for row in _WITH_TAGS.all(tx, who=subject_id, **some))
    c = schema.record.c
    held = select(func.count()).where(c.tag.in_(tags), _in_scope(subject_id, scope))
    return tx.scalar(held) or 0


def count_found_numbers(tx: Connection, subject_id: SubjectId, numbers: frozenset[bytes]) -> int:
    """Contracts of the subject that are still found by one of the numbers."""
    c = schema.contract_lookup.c
    held = select(func.count()).where(c.subject_id == subject_id, c.tag.in_(numbers))
    return (tx.scalar(held) or 0) if numbers else 0


def count_others(
    tx: Connection, subject_id: SubjectId, tags: frozenset[bytes], numbers: frozenset[bytes] = frozenset()
) -> int:
    """Other subjects that name one of the tags, or have a contract of one of the numbers."""
    if len(tags) <= _TAGS_AT_ONCE and not numbers:
        return sum(count for some in _places(tags) for (count,) in _OTHERS.all(tx, who=subject_id, **some))
    c, k = schema.identifier_lookup.c, schema.contract_lookup.c
    named = select(c.subject_id).where(c.kind.in_(IDENTIFYING), c.tag.in_(tags), c.subject_id != subject_id)
    under = select(k.subject_id).where(k.tag.in_(numbers), k.subject_id != subject_id)
    found = union(named, under).subquery()
    return tx.scalar(select(func.count()).select_from(found)) or 0


def _places(tags: frozenset[bytes]) -> Iterator[dict[str, bytes]]:
    """The tags, as many at a time as the statements have places."""
    left = sorted(tags)
    for start in range(0, len(left), _TAGS_AT_ONCE):
        some = left[start : start + _TAGS_AT_ONCE]
        yield {f"tag{n}": some[n] if n < len(some) else some[0] for n in range(_TAGS_AT_ONCE)}


def delete_sign_in(tx: Connection, subject_id: SubjectId) -> None:
    """End every session and open code of the subject at once."""
    for table in _SIGN_IN:
        _DELETE_ALL[table.name].run(tx, {"who": subject_id})


def delete_subject_rows(tx: Connection, subject_id: SubjectId) -> dict[str, int]:
    """Every row of the subject; returns how many by table."""
    there = {name for name, count in _HOW_MANY.all(tx, who=subject_id) if count}
    return {name: command.run(tx, {"who": subject_id}) for name, command in _DELETE_ALL.items() if name in there}


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
