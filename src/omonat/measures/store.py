"""The SQL of the register of measures."""

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from omonat.kernel.ids import MeasureId
from omonat.measures.model import Change, Measure
from omonat.storage.schema import measure, measure_change

_c = measure.c
_COLUMNS = [_c[name] for name in Measure.__struct_fields__]


def insert_measure(tx: Connection, made: Measure) -> None:
    tx.execute(insert(measure).values({name: getattr(made, name) for name in Measure.__struct_fields__}))


def set_measure(tx: Connection, before: Measure, after: Measure) -> bool:
    row = {name: getattr(after, name) for name in Measure.__struct_fields__ if name != "measure_id"}
    same = (_c.measure_id == before.measure_id) & (_c.changed_at == before.changed_at)
    return tx.execute(update(measure).where(same).values(row)).rowcount == 1


def find_measure(tx: Connection, measure_id: MeasureId) -> Measure | None:
    row = tx.execute(select(*_COLUMNS).where(_c.measure_id == measure_id)).first()
    return _measure(row) if row else None


def list_measures(tx: Connection) -> list[Measure]:
    return [_measure(row) for row in tx.execute(select(*_COLUMNS).order_by(_c.kind, _c.made_at, _c.measure_id))]


def words(tx: Connection) -> set[str]:
    return set(tx.scalars(select(_c.word).where(_c.word != "")))


def insert_change(tx: Connection, measure_id: MeasureId, made: Change, event_id: UUID) -> None:
    row = {name: getattr(made, name) for name in Change.__struct_fields__}
    tx.execute(insert(measure_change).values(**row, measure_id=measure_id, event_id=event_id))


def changes_of(tx: Connection, measure_id: MeasureId) -> list[Change]:
    c = measure_change.c
    columns = [c[name] for name in Change.__struct_fields__]
    rows = tx.execute(select(*columns).where(c.measure_id == measure_id).order_by(c.change_id.desc()))
    return [Change(**row._mapping) for row in rows]


def _measure(row: Any) -> Measure:
    return Measure(**row._mapping)
