"""The SQL of incidents; of journal, disclosures and steps of cases it only reads."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, update

from omonat.incidents.model import Duty, Found, Incident, Search, Step
from omonat.kernel.ids import IncidentId, SubjectId
from omonat.storage.schema import (
    case_step,
    disclosure,
    incident,
    incident_duty,
    incident_person,
    incident_step,
    journal,
    subject,
)  # fmt: skip

_c = incident.c
_COLUMNS = [_c[name] for name in Incident.__struct_fields__]
BATCH = 500


def insert_incident(tx: Connection, made: Incident, event_id: UUID) -> None:
    row = {name: getattr(made, name) for name in Incident.__struct_fields__}
    tx.execute(insert(incident).values(**row, event_id=event_id))


def set_incident(tx: Connection, before: Incident, after: Incident) -> bool:
    row = {name: getattr(after, name) for name in Incident.__struct_fields__ if name != "incident_id"}
    same = (_c.incident_id == before.incident_id) & (_c.state == before.state)
    return tx.execute(update(incident).where(same).values(row)).rowcount == 1


def find_incident(tx: Connection, incident_id: UUID) -> Incident | None:
    row = tx.execute(select(*_COLUMNS).where(_c.incident_id == incident_id)).first()
    return Incident(**row._mapping) if row else None


def list_incidents(tx: Connection, *, only_open: bool, after: UUID | None, limit: int) -> list[Incident]:
    found = select(*_COLUMNS).order_by(_c.incident_id.desc()).limit(limit)
    if only_open:
        found = found.where(_c.state != "closed")
    if after is not None:
        found = found.where(_c.incident_id < after)
    return [Incident(**row._mapping) for row in tx.execute(found)]


# --- the time line and the duties -----------------------------------------------------------------------------------


def insert_step(tx: Connection, incident_id: IncidentId, made: Step) -> None:
    row = {name: getattr(made, name) for name in Step.__struct_fields__}
    tx.execute(insert(incident_step).values(**row, incident_id=incident_id))


def steps_of(tx: Connection, incident_id: UUID) -> list[Step]:
    c = incident_step.c
    rows = tx.execute(
        select(*(c[name] for name in Step.__struct_fields__)).where(c.incident_id == incident_id).order_by(c.step_id)
    )
    return [Step(**row._mapping) for row in rows]


def insert_duty(tx: Connection, incident_id: IncidentId, duty: Duty) -> None:
    row = {name: getattr(duty, name) for name in Duty.__struct_fields__}
    tx.execute(insert(incident_duty).values(**row, incident_id=incident_id))


def duties_of(tx: Connection, incident_ids: Sequence[UUID]) -> dict[IncidentId, list[Duty]]:
    c = incident_duty.c
    columns = [c[name] for name in Duty.__struct_fields__]
    rows = tx.execute(
        select(c.incident_id, *columns).where(c.incident_id.in_(incident_ids)).order_by(c.due_at, c.whom)
    )  # fmt: skip
    found: dict[IncidentId, list[Duty]] = {}
    for row in rows:
        facts = {name: getattr(row, name) for name in Duty.__struct_fields__}
        found.setdefault(IncidentId(row.incident_id), []).append(Duty(**facts))
    return found


def set_duty(tx: Connection, incident_id: UUID, duty: Duty) -> bool:
    c = incident_duty.c
    chosen = (c.incident_id == incident_id) & (c.whom == duty.whom) & (c.state == "open")
    row = {name: getattr(duty, name) for name in ("state", "note", "decided_by", "decided_at")}
    return tx.execute(update(incident_duty).where(chosen).values(row)).rowcount == 1


def count_late(tx: Connection, now: datetime) -> int:
    c = incident_duty.c
    return tx.scalar(select(func.count()).where(c.state == "open", c.due_at < now)) or 0


# --- the people concerned -------------------------------------------------------------------------------------------


def journal_entries(tx: Connection, search: Search) -> Iterator[tuple[SubjectId, list[str]]]:
    if search.recipient:
        return
    yield from _entries(tx, journal, search)


def disclosure_entries(tx: Connection, search: Search) -> Iterator[tuple[SubjectId, list[str]]]:
    yield from _entries(tx, disclosure, search)


def _entries(tx: Connection, table: Any, search: Search) -> Iterator[tuple[SubjectId, list[str]]]:
    c = table.c
    found = select(c.subject_id, c.categories).where(c.at >= search.since, c.at <= search.until)
    if search.actor:
        found = found.where(c.actor == search.actor)
    if search.purpose:
        found = found.where(c.purpose == search.purpose)
    if search.recipient:
        found = found.where(c.recipient == search.recipient)
    for row in tx.execute(found):
        yield SubjectId(row.subject_id), row.categories


def active_people(tx: Connection, subject_ids: Sequence[SubjectId]) -> set[SubjectId]:
    found: set[SubjectId] = set()
    for start in range(0, len(subject_ids), BATCH):
        part = subject_ids[start : start + BATCH]
        rows = tx.scalars(
            select(subject.c.subject_id).where(subject.c.subject_id.in_(part), subject.c.state == "active")
        )
        found |= {SubjectId(one) for one in rows}
    return found


def put_people(tx: Connection, incident_id: IncidentId, found: Sequence[Found]) -> None:
    tx.execute(delete(incident_person).where(incident_person.c.incident_id == incident_id))
    rows = [
        {"subject_id": one.subject_id, "incident_id": incident_id, "journal": one.journal,
         "disclosures": one.disclosures, "case_id": None} for one in found
    ]  # fmt: skip
    for start in range(0, len(rows), BATCH):
        tx.execute(insert(incident_person), rows[start : start + BATCH])


def people(tx: Connection, incident_id: UUID, after: UUID | None, limit: int) -> list[tuple[Found, UUID | None]]:
    c = incident_person.c
    found = select(*c).where(c.incident_id == incident_id).order_by(c.subject_id).limit(limit)
    if after is not None:
        found = found.where(c.subject_id > after)
    return [
        (Found(SubjectId(row.subject_id), row.journal, row.disclosures), row.case_id) for row in tx.execute(found)
    ]  # fmt: skip


def without_case(tx: Connection, incident_id: UUID, limit: int) -> list[SubjectId]:
    c = incident_person.c
    found = select(c.subject_id).where(c.incident_id == incident_id, c.case_id.is_(None)).limit(limit)
    return [SubjectId(one) for one in tx.scalars(found)]


def set_case(tx: Connection, incident_id: UUID, subject_id: SubjectId, case_id: UUID) -> bool:
    c = incident_person.c
    chosen = (c.incident_id == incident_id) & (c.subject_id == subject_id) & c.case_id.is_(None)
    return tx.execute(update(incident_person).where(chosen).values(case_id=case_id)).rowcount == 1


def drop_person(tx: Connection, incident_id: UUID, subject_id: SubjectId) -> None:
    c = incident_person.c
    tx.execute(delete(incident_person).where(c.incident_id == incident_id, c.subject_id == subject_id))


def progress(tx: Connection, incident_id: UUID) -> dict[str, int]:
    c, step = incident_person.c, case_step.c
    total = select(func.count().label("number")).where(c.incident_id == incident_id)
    opened = total.where(c.case_id.is_not(None))
    counts = {"people": tx.scalar(total) or 0, "opened": tx.scalar(opened) or 0}
    told = (
        select(step.kind, func.count(step.case_id.distinct()).label("number"))
        .join(incident_person, (c.subject_id == step.subject_id) & (c.case_id == step.case_id))
        .where(c.incident_id == incident_id, step.kind.in_(["notice_sent", "notice_not_possible", "notice_failed"]))
        .group_by(step.kind)
    )
    return counts | {row.kind: row.number for row in tx.execute(told)}
