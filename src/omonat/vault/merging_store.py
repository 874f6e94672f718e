"""SQL of merging: rows change their subject by insert and delete, because `subject_id` says where they lie."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, and_, delete, insert, select, update

from omonat.kernel.ids import SubjectId
from omonat.storage import schema
from omonat.vault.model import HeldIdentifier

# What is moved as it is. Records, openings and identifiers are made anew; sessions, challenges and what a destruction
# left behind stay with the source and go with it. `subject_case` before its steps.
MOVED = (
    schema.submission, schema.submission_lookup, schema.submission_token, schema.consent_event,
    schema.consent_evidence, schema.consent_letter, schema.restriction,
    schema.hold, schema.journal, schema.disclosure, schema.subject_case, schema.case_step, schema.contract,
    schema.contract_document, schema.contract_lookup,
)  # fmt: skip


def move_rows(tx: Connection, source: SubjectId, target: SubjectId, rows: dict[str, list[str]]) -> None:
    """Move the named rows: deleted first, because some ids are keys on their own."""
    for table in MOVED:
        wanted = set(rows.get(table.name, ()))
        found = [row for row in _rows(tx, table, source) if _key(table, row) in wanted]
        for row in found:
            same = [column == row[column.name] for column in table.primary_key.columns]
            tx.execute(delete(table).where(and_(*same)))
        if found:
            tx.execute(insert(table), [{**row, "subject_id": target} for row in found])


def all_rows(tx: Connection, subject_id: SubjectId) -> dict[str, list[str]]:
    """Keys of every row that moves, by table."""
    found = {table.name: [_key(table, row) for row in _rows(tx, table, subject_id)] for table in MOVED}
    return {name: keys for name, keys in found.items() if keys}


def rows_around(
    tx: Connection, subject_id: SubjectId, *, submissions: frozenset[UUID], cases: frozenset[UUID]
) -> tuple[dict[str, list[str]], set[UUID]]:
    """(rows that came with some forms and cases, by table; the events of them). A case of a form is one of them."""
    all_cases = set(cases)
    for row in _rows(tx, schema.subject_case, subject_id):
        said = row["details"].get("submission")
        if said is not None and UUID(said) in submissions:
            all_cases.add(row["case_id"])
    found: dict[str, list[str]] = {}
    events: set[UUID] = set()
    for table in MOVED:
        for row in _rows(tx, table, subject_id):
            if row.get("submission_id") in submissions or row.get("case_id") in all_cases:
                found.setdefault(table.name, []).append(_key(table, row))
                events |= {row["event_id"]} if "event_id" in row else set()
    said = set(found.get("consent_event", ()))
    for table in (schema.consent_evidence, schema.consent_letter):
        if moved := [key for row in _rows(tx, table, subject_id) if (key := _key(table, row)) in said]:
            found[table.name] = moved
    return found, events


def _rows(tx: Connection, table: Table, subject_id: SubjectId) -> list[dict[str, Any]]:
    chosen = select(*table.columns).where(table.c.subject_id == subject_id)
    return [dict(row._mapping) for row in tx.execute(chosen)]


def _key(table: Table, row: dict[str, Any]) -> str:
    """The key of a row without its subject, as a word; without the tag of a contract, too, which may be rotated."""
    left_out = {"subject_id", "tag"}
    values = [row[column.name] for column in table.primary_key.columns if column.name not in left_out]
    return " ".join(value.hex() if isinstance(value, bytes) else str(value) for value in values)


def delete_opening(tx: Connection, source: SubjectId, event_id: UUID) -> None:
    c = schema.event_opening.c
    tx.execute(delete(schema.event_opening).where(c.subject_id == source, c.event_id == event_id))


def visit_days(tx: Connection, subject_id: SubjectId) -> set[date]:
    c = schema.visit_day.c
    return set(tx.scalars(select(c.day).where(c.subject_id == subject_id)))


def delete_days(tx: Connection, subject_id: SubjectId, days: Iterable[date]) -> None:
    c = schema.visit_day.c
    tx.execute(delete(schema.visit_day).where(c.subject_id == subject_id, c.day.in_(list(days))))


def insert_days(tx: Connection, subject_id: SubjectId, days: Iterable[date]) -> None:
    rows = [{"subject_id": subject_id, "day": day} for day in days]
    if rows:
        tx.execute(insert(schema.visit_day), rows)


def withdrawals_to_copy(
    tx: Connection, source: SubjectId, target: SubjectId, since: datetime | None
) -> list[dict[str, Any]]:
    """Withdrawals and refusals of purposes that the target has spoken about, as they lie at the source."""
    spoken = {(row["purpose"], row["channel"]) for row in _rows(tx, schema.consent_event, target)}
    return [
        row
        for row in _rows(tx, schema.consent_event, source)
        if row["action"] in ("withdrawn", "refused")
        and (since is None or row["at"] > since)
        and (row["purpose"], row["channel"]) in spoken
    ]


def insert_consents(tx: Connection, rows: list[dict[str, Any]]) -> None:
    if rows:
        tx.execute(insert(schema.consent_event), rows)


def copy_restrictions(
    tx: Connection, source: SubjectId, target: SubjectId, since: datetime | None, new_id: Callable[[], UUID]
) -> None:
    """Suspensions and objections in force that the target does not have."""
    there = {(row["kind"], row["purpose"]) for row in _rows(tx, schema.restriction, target) if not row["lifted_at"]}
    copied = [
        {**row, "subject_id": target, "restriction_id": new_id(), "case_id": None}
        for row in _rows(tx, schema.restriction, source)
        if not row["lifted_at"]
        and (since is None or row["since"] > since)
        and (row["kind"], row["purpose"]) not in there
    ]
    if copied:
        tx.execute(insert(schema.restriction), copied)


def delete_regroupings(tx: Connection, subject_id: SubjectId) -> None:
    tx.execute(delete(schema.regrouping).where(schema.regrouping.c.subject_id == subject_id))


def end_sessions(tx: Connection, subject_id: SubjectId) -> None:
    for table in (schema.portal_session, schema.challenge):
        tx.execute(delete(table).where(table.c.subject_id == subject_id))


def unprove(tx: Connection, held: HeldIdentifier) -> None:
    """Claimed again: the proof belongs to another."""
    c, p = schema.identifier.c, schema.proven_holder.c
    tx.execute(delete(schema.proven_holder).where(p.subject_id == held.subject_id,
                                                  p.identifier_id == held.identifier_id))  # fmt: skip
    chosen = and_(c.subject_id == held.subject_id, c.identifier_id == held.identifier_id)
    tx.execute(update(schema.identifier).where(chosen).values(state="claimed", proven_at=None))


def move_incidents(tx: Connection, source: SubjectId, target: SubjectId) -> None:
    """Incidents that concern the source, too, unless the target is named in the same one."""
    c = schema.incident_person.c
    there = set(tx.scalars(select(c.incident_id).where(c.subject_id == target)))
    rows = tx.execute(select(schema.incident_person).where(c.subject_id == source)).mappings().all()
    moved = [{**row, "subject_id": target} for row in rows if row["incident_id"] not in there]
    tx.execute(delete(schema.incident_person).where(c.subject_id == source))
    if moved:
        tx.execute(insert(schema.incident_person), moved)


def move_visit_days(tx: Connection, source: SubjectId, target: SubjectId) -> None:
    """Days of visit that the target does not have yet."""
    c = schema.visit_day.c
    delete_visit_events(tx, source)
    there = set(tx.scalars(select(c.day).where(c.subject_id == target)))
    days = [day for day in tx.scalars(select(c.day).where(c.subject_id == source)) if day not in there]
    tx.execute(delete(schema.visit_day).where(c.subject_id == source))
    if days:
        tx.execute(insert(schema.visit_day), [{"subject_id": target, "day": day} for day in days])


def delete_visit_events(tx: Connection, subject_id: SubjectId) -> None:
    """Which pages a browser showed never becomes part of what is known of another person."""
    tx.execute(delete(schema.visit_event).where(schema.visit_event.c.subject_id == subject_id))


def delete_identifiers(tx: Connection, source: SubjectId) -> None:
    """Identifiers and lookups of the source; none of them is proven."""
    for table in (schema.identifier_lookup, schema.identifier):
        tx.execute(delete(table).where(table.c.subject_id == source))


def moved_identifier(held: HeldIdentifier, target: SubjectId) -> HeldIdentifier:
    """The same identifier, named by the target: claimed there, until he proves it."""
    fields = {name: getattr(held, name) for name in HeldIdentifier.__struct_fields__}
    return HeldIdentifier(**{**fields, "subject_id": target, "state": "claimed", "proven_at": None})
