"""SQL of the queue, of saved views and of acts on several cases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, and_, case, delete, func, insert, or_, select, update

from omonat.kernel.clock import TASHKENT
from omonat.kernel.codec import to_builtins
from omonat.rights import Case, CaseStep
from omonat.storage.schema import case_bulk, case_step, case_view, staff, subject, subject_case
from omonat.support.model import Bulk, BulkItem, CaseFilter, Counts, QueueRow, SavedView

CLOSED_COUNTED = 1000

_C = subject_case.c
_ROW = (_C.case_id, _C.kind, _C.form, _C.state, _C.outcome, _C.opened_at, _C.due_at, _C.term, _C.closed_at,
        _C.assigned_to, staff.c.name.label("assigned_name"))  # fmt: skip
_WITH_NAME = subject_case.outerjoin(staff, staff.c.staff_id == _C.assigned_to)


class Moments:
    """The moments that the tabs are cut by, and whose own cases are `mine`."""

    def __init__(self, now: datetime, soon: datetime, me: UUID | None) -> None:
        self.now, self.soon, self.me = now, soon, me


def queue(
    tx: Connection, wanted: CaseFilter, moments: Moments, *, after: tuple[datetime, UUID] | None, limit: int
) -> list[QueueRow]:
    """Rows of one page, in the order of the filter."""
    chosen = and_(_in_tab(wanted.tab, moments), *_conditions(wanted))
    newest = wanted.sort == "opened"
    by = _C.opened_at if newest else _C.due_at
    order = [each.desc() if newest else each.asc() for each in (by, _C.case_id)]
    found = select(*_ROW).select_from(_WITH_NAME).where(chosen).order_by(*order).limit(limit)
    if after is not None:
        found = found.where((_before if newest else _behind)(by, after))
    return [QueueRow(**row._mapping) for row in tx.execute(found)]


def _behind(by: Any, after: tuple[datetime, UUID]) -> ColumnElement[bool]:
    return or_(by > after[0], and_(by == after[0], _C.case_id > after[1]))


def _before(by: Any, after: tuple[datetime, UUID]) -> ColumnElement[bool]:
    return or_(by < after[0], and_(by == after[0], _C.case_id < after[1]))


def _in_tab(tab: str, moments: Moments) -> ColumnElement[bool]:
    if tab == "closed":
        return _C.state.in_(("done", "refused"))
    further = {
        "overdue": _C.due_at < moments.now,
        "soon": and_(_C.due_at >= moments.now, _C.due_at < moments.soon),
        "mine": _C.assigned_to == moments.me,
        "nobody": _C.assigned_to.is_(None),
    }
    return and_(_C.state == "open", further[tab]) if tab in further else _C.state == "open"


def _conditions(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(_C.kind == wanted.kind)
    if wanted.form:
        found.append(_C.form == wanted.form)
    if wanted.number:
        found.append(_C.number == wanted.number)
    if wanted.assigned:
        nobody = wanted.assigned == "nobody"
        found.append(_C.assigned_to.is_(None) if nobody else _C.assigned_to == UUID(wanted.assigned))
    if wanted.since:
        start = datetime(wanted.since.year, wanted.since.month, wanted.since.day, tzinfo=TASHKENT)
        found.append(_C.opened_at >= start)
    return found


def counts(tx: Connection, moments: Moments) -> Counts:
    """How many there are in each tab, in one statement."""
    capped = select(_C.case_id).where(_in_tab("closed", moments)).limit(CLOSED_COUNTED).subquery()
    closed = select(func.count()).select_from(capped).scalar_subquery()
    tabs = ("overdue", "soon", "mine", "nobody")
    sums = [func.coalesce(func.sum(case((_in_tab(tab, moments), 1), else_=0)), 0).label(tab) for tab in tabs]
    found = select(func.count().label("open"), *sums, closed.label("closed")).where(_C.state == "open")
    row = tx.execute(found).one()
    return Counts(**{name: int(number) for name, number in row._mapping.items()})


def find_case(tx: Connection, case_id: UUID) -> tuple[QueueRow, Case, bool] | None:
    """A case with the name of its member, with its steps, and whether its person's data are held: two statements."""
    joined = _WITH_NAME.outerjoin(subject, subject.c.subject_id == _C.subject_id)
    further = (_C.subject_id, _C.details, subject.c.state.label("held"))
    row = tx.execute(select(*_ROW, *further).select_from(joined).where(_C.case_id == case_id)).first()
    if row is None:
        return None
    named = dict(row._mapping)
    listed = QueueRow(**{name: named[name] for name in QueueRow.__struct_fields__})
    s = case_step.c
    mine = and_(s.subject_id == row.subject_id, s.case_id == case_id)
    steps = tx.execute(select(s.at, s.actor, s.kind, s.details).where(mine).order_by(s.step_id))
    ids = {"subject_id": str(row.subject_id), "case_id": str(case_id)}
    facts = {name: named[name] for name in Case.__struct_fields__ if name in named}
    whole = Case(
        **{**facts, **ids}, steps=tuple(CaseStep(each.at, each.actor, each.kind, each.details) for each in steps)
    )
    return listed, whole, row.held == "active"


def assigned_to(tx: Connection, case_id: UUID) -> UUID | None:
    """Whom a case is given to."""
    found: UUID | None = tx.scalar(select(_C.assigned_to).where(_C.case_id == case_id))
    return found


def rows_of(tx: Connection, case_ids: Sequence[UUID]) -> list[QueueRow]:
    """Cases by id, first due first."""
    if not case_ids:
        return []
    found = select(*_ROW).select_from(_WITH_NAME).where(_C.case_id.in_(case_ids)).order_by(_C.due_at, _C.case_id)
    return [QueueRow(**row._mapping) for row in tx.execute(found)]


def due_before(tx: Connection, moment: datetime, limit: int) -> tuple[list[QueueRow], int]:
    """Open cases that are due before a moment, first due first, and how many there are."""
    chosen = and_(_C.state == "open", _C.due_at < moment)
    found = select(*_ROW).select_from(_WITH_NAME).where(chosen).order_by(_C.due_at, _C.case_id).limit(limit)
    count = tx.scalar(select(func.count()).select_from(subject_case).where(chosen))
    return [QueueRow(**row._mapping) for row in tx.execute(found)], int(count or 0)


def set_assigned(tx: Connection, subject_id: UUID, case_id: UUID, to: UUID | None) -> None:
    chosen = and_(_C.subject_id == subject_id, _C.case_id == case_id)
    tx.execute(update(subject_case).where(chosen).values(assigned_to=to))


# --- saved views ----------------------------------------------------------------------------------------------------


def views_of(tx: Connection, staff_id: UUID) -> list[SavedView]:
    c = case_view.c
    rows = tx.execute(select(c.view_id, c.name, c.words).where(c.staff_id == staff_id).order_by(c.name))
    return [SavedView(**row._mapping) for row in rows]


def insert_view(tx: Connection, staff_id: UUID, view: SavedView, now: datetime) -> None:
    row = {"view_id": view.view_id, "name": view.name, "words": view.words}
    tx.execute(insert(case_view).values(staff_id=staff_id, created_at=now, **row))


def set_view_words(tx: Connection, view_id: UUID, words: dict[str, str]) -> None:
    tx.execute(update(case_view).where(case_view.c.view_id == view_id).values(words=words))


def delete_view(tx: Connection, staff_id: UUID, view_id: UUID) -> bool:
    c = case_view.c
    return tx.execute(delete(case_view).where(c.view_id == view_id, c.staff_id == staff_id)).rowcount == 1


# --- acts on several cases ------------------------------------------------------------------------------------------

_BULK = [case_bulk.c[name] for name in Bulk.__struct_fields__]


def insert_bulk(tx: Connection, act: Bulk) -> None:
    row = {name: getattr(act, name) for name in Bulk.__struct_fields__}
    tx.execute(insert(case_bulk).values({**row, "results": to_builtins(act.results)}))


def set_results(tx: Connection, bulk_id: UUID, results: Sequence[BulkItem], undone_at: datetime | None) -> None:
    values = {"results": to_builtins(tuple(results)), "undone_at": undone_at}
    tx.execute(update(case_bulk).where(case_bulk.c.bulk_id == bulk_id).values(values))


def claim_undo(tx: Connection, bulk_id: UUID, now: datetime) -> bool:
    """Whether this call undoes it: once."""
    c = case_bulk.c
    return tx.execute(update(case_bulk).where(c.bulk_id == bulk_id, c.undone_at.is_(None)).values(undone_at=now)
                      ).rowcount == 1  # fmt: skip


def bulks_of(tx: Connection, staff_id: UUID, limit: int) -> list[Bulk]:
    """A member's own acts, newest first."""
    c = case_bulk.c
    rows = tx.execute(select(*_BULK).where(c.staff_id == staff_id).order_by(c.at.desc(), c.bulk_id.desc()).limit(limit))
    return [_bulk(row) for row in rows]


def find_bulk(tx: Connection, bulk_id: UUID) -> Bulk | None:
    row = tx.execute(select(*_BULK).where(case_bulk.c.bulk_id == bulk_id)).first()
    return _bulk(row) if row is not None else None


def _bulk(row: Any) -> Bulk:
    return Bulk(**{**row._mapping, "results": tuple(BulkItem(**item) for item in row.results)})
