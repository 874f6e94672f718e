"""SQL of merging: rows change their subject by insert and delete, because `subject_id` says where they lie."""

from sqlalchemy import Connection, Table, delete, insert, select

from omonat.kernel.ids import SubjectId
from omonat.storage import schema
from omonat.vault.model import HeldIdentifier

# What is moved as it is. Records, openings and identifiers are made anew; sessions, challenges and what a destruction
# left behind stay with the source and go with it. `subject_case` before its steps.
MOVED = (
    schema.submission, schema.submission_lookup, schema.submission_token, schema.consent_event, schema.restriction,
    schema.hold, schema.journal, schema.disclosure, schema.subject_case, schema.case_step, schema.contract,
    schema.contract_document, schema.contract_lookup,
)  # fmt: skip


def move(tx: Connection, table: Table, source: SubjectId, target: SubjectId) -> None:
    """Move every row of `source`: deleted first, because some ids are keys on their own."""
    found = tx.execute(select(*table.columns).where(table.c.subject_id == source))
    rows = [{**row._mapping, "subject_id": target} for row in found]
    tx.execute(delete(table).where(table.c.subject_id == source))
    if rows:
        tx.execute(insert(table), rows)


def delete_openings(tx: Connection, source: SubjectId) -> None:
    tx.execute(delete(schema.event_opening).where(schema.event_opening.c.subject_id == source))


def move_visit_days(tx: Connection, source: SubjectId, target: SubjectId) -> None:
    """Days of visit that the target does not have yet."""
    c = schema.visit_day.c
    there = set(tx.scalars(select(c.day).where(c.subject_id == target)))
    days = [day for day in tx.scalars(select(c.day).where(c.subject_id == source)) if day not in there]
    tx.execute(delete(schema.visit_day).where(c.subject_id == source))
    if days:
        tx.execute(insert(schema.visit_day), [{"subject_id": target, "day": day} for day in days])


def delete_identifiers(tx: Connection, source: SubjectId) -> None:
    """Identifiers and lookups of the source; none of them is proven."""
    for table in (schema.identifier_lookup, schema.identifier):
        tx.execute(delete(table).where(table.c.subject_id == source))


def moved_identifier(held: HeldIdentifier, target: SubjectId) -> HeldIdentifier:
    """The same identifier, named by the target: claimed there, until he proves it."""
    fields = {name: getattr(held, name) for name in HeldIdentifier.__struct_fields__}
    return HeldIdentifier(**{**fields, "subject_id": target, "state": "claimed", "proven_at": None})
