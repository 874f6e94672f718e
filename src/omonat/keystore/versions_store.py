"""SQL of the versions of compartment keys."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Select, and_, delete, func, insert, select, update

from omonat.kernel.ids import KeyId, SubjectId
from omonat.keystore.model import COMMITMENT, Compartment, CompartmentRotation, Retired
from omonat.storage.schema import compartment_key, compartment_rotation, retired_key

_ROTATION = [compartment_rotation.c[name] for name in CompartmentRotation.__struct_fields__]
_RETIRED = [retired_key.c[name] for name in ("subject_id", "key_id", "purpose", "category", "replaced_at")]


def find_unended(tx: Connection) -> CompartmentRotation | None:
    c = compartment_rotation.c
    row = tx.execute(select(*_ROTATION).where(c.ended_at.is_(None)).order_by(c.rotation_id).limit(1)).first()
    return None if row is None else CompartmentRotation(**row._mapping)


def get_rotation(tx: Connection, rotation_id: UUID) -> CompartmentRotation:
    row = tx.execute(select(*_ROTATION).where(compartment_rotation.c.rotation_id == rotation_id)).one()
    return CompartmentRotation(**row._mapping)


def insert_rotation(tx: Connection, made: CompartmentRotation) -> None:
    row = {name: getattr(made, name) for name in CompartmentRotation.__struct_fields__}
    tx.execute(insert(compartment_rotation).values(row))


def note_keys(tx: Connection, rotation_id: UUID, count: int) -> None:
    c = compartment_rotation.c
    tx.execute(update(compartment_rotation).where(c.rotation_id == rotation_id).values({c["keys"]: c["keys"] + count}))


def note_records(tx: Connection, rotation_id: UUID, count: int) -> None:
    c = compartment_rotation.c
    tx.execute(update(compartment_rotation).where(c.rotation_id == rotation_id).values(records=c.records + count))


def end_rotation(tx: Connection, rotation_id: UUID, now: datetime) -> None:
    c = compartment_rotation.c
    chosen = and_(c.rotation_id == rotation_id, c.ended_at.is_(None))
    tx.execute(update(compartment_rotation).where(chosen).values(ended_at=now))


def _chosen(rotation: CompartmentRotation) -> Any:
    """The salts of commitments are never rotated: what was committed has to be opened as long as the person lives."""
    c = compartment_key.c
    wanted = [c.created_at < rotation.made_before, c.purpose != COMMITMENT.purpose]
    wanted += [c.purpose == rotation.purpose] if rotation.purpose else []
    wanted += [c.category == rotation.category] if rotation.category else []
    return and_(*wanted)


def count_chosen(tx: Connection, rotation: CompartmentRotation) -> int:
    return tx.scalar(select(func.count()).select_from(compartment_key).where(_chosen(rotation))) or 0


def chosen_subjects(
    tx: Connection, rotation: CompartmentRotation, *, after: SubjectId | None, limit: int
) -> list[SubjectId]:
    c = compartment_key.c
    wanted = select(c.subject_id).distinct().where(_chosen(rotation)).order_by(c.subject_id).limit(limit)
    found = tx.scalars(wanted if after is None else wanted.where(c.subject_id > after))
    return [SubjectId(subject_id) for subject_id in found]


def chosen_of(
    tx: Connection, rotation: CompartmentRotation, subject_id: SubjectId
) -> list[tuple[KeyId, Compartment]]:  # fmt: skip
    c = compartment_key.c
    rows = tx.execute(select(c.key_id, c.purpose, c.category).where(c.subject_id == subject_id, _chosen(rotation)))
    return [(KeyId(row.key_id), Compartment(row.purpose, row.category)) for row in rows]


def replace_key(
    tx: Connection, subject_id: SubjectId, old_id: KeyId, key_id: KeyId, wrapped: bytes, *, now: datetime
) -> int:  # fmt: skip
    """Retire a version and put the next one in its place, unless it was destroyed meanwhile. Returns 0 or 1."""
    c = compartment_key.c
    held = and_(c.subject_id == subject_id, c.key_id == old_id)
    row = tx.execute(select(*compartment_key.columns).where(held)).first()
    if row is None or not tx.execute(delete(compartment_key).where(held)).rowcount:
        return 0
    old = dict(row._mapping)
    tx.execute(insert(retired_key).values(**old, replaced_at=now, resealed_at=None))
    tx.execute(insert(compartment_key).values(**{**old, "key_id": key_id, "wrapped": wrapped, "created_at": now}))
    return 1


def retired_unresealed(
    tx: Connection, *, after: SubjectId | None, limit: int
) -> dict[SubjectId, list[Retired]]:  # fmt: skip
    return _next(tx, retired_key.c.resealed_at.is_(None), after, limit)


def retired_of(tx: Connection, subjects: list[SubjectId]) -> dict[SubjectId, list[Retired]]:
    return _next(tx, retired_key.c.subject_id.in_(subjects), None, len(subjects))


def retired_before(
    tx: Connection, moment: datetime, *, after: SubjectId | None, limit: int
) -> dict[SubjectId, list[Retired]]:
    return _next(tx, retired_key.c.replaced_at <= moment, after, limit)


def _next(tx: Connection, wanted: Any, after: SubjectId | None, limit: int) -> dict[SubjectId, list[Retired]]:
    """All that are wanted of the next people by id."""
    c = retired_key.c
    beyond = wanted if after is None else and_(wanted, c.subject_id > after)
    people: Select[Any] = select(c.subject_id).distinct().where(beyond).order_by(c.subject_id).limit(limit)
    ids = list(tx.scalars(people))
    rows = tx.execute(select(*_RETIRED).where(wanted, c.subject_id.in_(ids)).order_by(c.subject_id, c.key_id))
    found: dict[SubjectId, list[Retired]] = {}
    for row in rows if ids else ():
        found.setdefault(SubjectId(row.subject_id), []).append(Retired(*row))
    return found


def mark_resealed(tx: Connection, one: Retired, now: datetime) -> int:
    c = retired_key.c
    chosen = and_(c.subject_id == one.subject_id, c.key_id == one.key_id)
    return tx.execute(update(retired_key).where(chosen).values(resealed_at=now)).rowcount


def delete_retired(tx: Connection, one: Retired) -> int:
    c = retired_key.c
    return tx.execute(delete(retired_key).where(c.subject_id == one.subject_id, c.key_id == one.key_id)).rowcount


def counts(tx: Connection) -> list[dict[str, Any]]:
    """By purpose and category."""
    c, r = compartment_key.c, retired_key.c
    older = {
        (row.purpose, row.category): row
        for row in tx.execute(
            select(r.purpose, r.category, func.count().label("held"), func.min(r.replaced_at).label("oldest"))
            .group_by(r.purpose, r.category)
        )
    }  # fmt: skip
    rows = tx.execute(
        select(c.purpose, c.category, func.count().label("held"), func.min(c.created_at).label("oldest"))
        .where(c.purpose != COMMITMENT.purpose)
        .group_by(c.purpose, c.category)
        .order_by(c.purpose, c.category)
    )
    found = []
    for row in rows:
        retired = older.get((row.purpose, row.category))
        found.append({
            "purpose": row.purpose, "category": row.category, "keys": row.held, "oldest": row.oldest,
            "older": retired.held if retired else 0, "replaced": retired.oldest if retired else None,
        })  # fmt: skip
    return found
