"""SQL of visit counts."""

from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert as insert_on_server
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from omonat.kernel.ids import SubjectId
from omonat.storage.schema import page_count, visit_day


def _insert(tx: Connection, table: Any) -> Any:
    return insert_on_sqlite(table) if tx.dialect.name == "sqlite" else insert_on_server(table)


def add_visit_day(tx: Connection, visitor_id: SubjectId, day: date) -> None:
    """Once per visitor and day."""
    tx.execute(_insert(tx, visit_day).values(subject_id=visitor_id, day=day).on_conflict_do_nothing())


def add_view(tx: Connection, day: date, page: str, language: str, device: str) -> None:
    """One more view."""
    row = {"day": day, "page": page, "language": language, "device": device, "views": 1}
    more = {"views": page_count.c.views + 1}
    keys = ["day", "page", "language", "device"]
    tx.execute(_insert(tx, page_count).values(row).on_conflict_do_update(index_elements=keys, set_=more))


def visitors_by_day(tx: Connection, from_on: date, to_on: date) -> dict[date, int]:
    c = visit_day.c
    rows = tx.execute(select(c.day, func.count()).where(c.day.between(from_on, to_on)).group_by(c.day))
    return {day: int(count) for day, count in rows}


def views_by(tx: Connection, column: Column[Any], from_on: date, to_on: date) -> dict[Any, int]:
    """Views per value of one column of page_count."""
    c = page_count.c
    rows = tx.execute(select(column, func.sum(c.views)).where(c.day.between(from_on, to_on)).group_by(column))
    return {value: int(count) for value, count in rows}


def visit_days(tx: Connection) -> list[date]:
    """Every day of which visits are kept."""
    return [row.day for row in tx.execute(select(visit_day.c.day).distinct())]


def count_visits_on(tx: Connection, days: list[date]) -> int:
    query = select(func.count()).select_from(visit_day).where(visit_day.c.day.in_(days))
    return int(tx.scalar(query) or 0)


def delete_visits_on(tx: Connection, days: list[date]) -> int:
    return tx.execute(delete(visit_day).where(visit_day.c.day.in_(days))).rowcount
