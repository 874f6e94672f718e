"""SQL of joinings and separations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from omonat.kernel.ids import SubjectId
from omonat.people.regrouping_model import Regrouping
from omonat.storage.schema import identifier, regrouping

_COLUMNS = [regrouping.c[name] for name in Regrouping.__struct_fields__]


def insert_regrouping(tx: Connection, made: Regrouping, event_id: UUID) -> None:
    row = {name: getattr(made, name) for name in Regrouping.__struct_fields__}
    tx.execute(insert(regrouping).values(**row, event_id=event_id))


def find(tx: Connection, subject_id: SubjectId, regrouping_id: UUID) -> Regrouping | None:
    c = regrouping.c
    row = tx.execute(select(*_COLUMNS).where(c.subject_id == subject_id, c.regrouping_id == regrouping_id)).first()
    return None if row is None else Regrouping(**row._mapping)


def of_subject(tx: Connection, subject_id: SubjectId) -> list[Regrouping]:
    """Newest first."""
    c = regrouping.c
    rows = tx.execute(select(*_COLUMNS).where(c.subject_id == subject_id).order_by(c.regrouping_id.desc()))
    return [Regrouping(**row._mapping) for row in rows]


def set_undone(tx: Connection, subject_id: SubjectId, regrouping_id: UUID, now: datetime) -> bool:
    """Whether this call did it; what was needed for it is forgotten."""
    c = regrouping.c
    open_ = (c.subject_id == subject_id, c.regrouping_id == regrouping_id, c.undone_at.is_(None), c.undo_until > now)
    return tx.execute(update(regrouping).where(*open_).values(undone_at=now, sealed_map=b"")).rowcount == 1


def forget_maps(tx: Connection, now: datetime) -> int:
    """Nothing can be undone after its time: the map is nobody's business any more."""
    c = regrouping.c
    late = (c.undo_until <= now, c.sealed_map != b"")
    return tx.execute(update(regrouping).where(*late).values(sealed_map=b"")).rowcount


def identifiers(tx: Connection, subject_id: SubjectId) -> list[Any]:
    """(id, kind, tag) of a person."""
    c = identifier.c
    return list(tx.execute(select(c.identifier_id, c.kind, c.tag).where(c.subject_id == subject_id)))
