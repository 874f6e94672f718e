"""SQL of visits: raw rows of visitors, and counts of days that are over."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Connection,
    Date,
    String,
    and_,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import insert as insert_on_server
from sqlalchemy.dialects.sqlite import insert as insert_on_sqlite

from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId
from omonat.statistics.model import Event, Fact, Kept
from omonat.storage.schema import consent_event, page_count, visit_count, visit_day, visit_event

_NO_DAY = cast(null(), Date)


def _insert(tx: Connection, table: Any) -> Any:
    return insert_on_sqlite(table) if tx.dialect.name == "sqlite" else insert_on_server(table)


# --- one visit ------------------------------------------------------------------------------------------------------


def add_event(tx: Connection, visitor_id: SubjectId, day: date, event: Event) -> None:
    """One more event of the visitor's day: two statements. The row of the day gives out the numbers."""
    first = _insert(tx, visit_day).values(subject_id=visitor_id, day=day, events=1)
    more = {"events": visit_day.c.events + 1}
    numbered = first.on_conflict_do_update(index_elements=["subject_id", "day"], set_=more)
    number = tx.scalar(numbered.returning(visit_day.c.events))
    row = {"subject_id": visitor_id, "day": day, "number": number, **msgspec.structs.asdict(event)}
    tx.execute(insert(visit_event).values(row))


def kept_of(tx: Connection, visitor_id: SubjectId) -> Kept:
    c = visit_event.c
    count, since = tx.execute(select(func.count(), func.min(c.day)).where(c.subject_id == visitor_id)).one()
    return Kept(int(count), since)


# --- facts of raw rows ----------------------------------------------------------------------------------------------


def raw_facts(tx: Connection, from_on: date, to_on: date) -> list[Fact]:
    """What raw rows say of some days, by day, in one statement."""
    parts = (_views(), _visitors(), _sources(), _paths(), _forms())
    bounded = (part.where(days.between(from_on, to_on)) for part, days in parts)
    return _facts(tx, union_all(*bounded))


def _facts(tx: Connection, query: Any) -> list[Fact]:
    """Sums come back as numbers of other kinds on other engines."""
    rows = tx.execute(query)
    return [Fact(day, fact, a, b, c, int(total), int(visitors)) for day, fact, a, b, c, total, visitors in rows]


def _fact(day: Any, fact: str, *words: Any, total: Any, visitors: Any) -> Any:
    padded: list[Any] = [*words, *(literal("") for _ in range(3 - len(words)))]
    named = (cast(word, String).label(name) for word, name in zip(padded, "abc", strict=True))
    of = cast(literal(fact), String).label("fact")
    return select(day.label("day"), of, *named, total.label("total"), visitors.label("visitors"))


def _views() -> tuple[Any, Any]:
    c = visit_event.c
    query = _fact(c.day, "view", c.page, c.language, c.device, total=func.count(), visitors=literal(0))
    return query.where(c.kind == "view").group_by(c.day, c.page, c.language, c.device), c.day


def _visitors() -> tuple[Any, Any]:
    c = visit_day.c
    return _fact(c.day, "visitors", total=func.count(), visitors=func.count()).group_by(c.day), c.day


def _sources() -> tuple[Any, Any]:
    """How visitors came to the site; who goes on from page to page has come already."""
    c = visit_event.c
    query = _fact(c.day, "source", c.source, total=func.count(), visitors=func.count(c.subject_id.distinct()))
    return query.where(c.kind == "view", c.source != "own").group_by(c.day, c.source), c.day


def _paths() -> tuple[Any, Any]:
    """Page and next page of one visitor's day, where the second was reached from a page of the site."""
    c = visit_event.c
    before = func.lag(c.page).over(partition_by=[c.subject_id, c.day], order_by=c.number).label("before")
    viewed = select(c.subject_id, c.day, c.page, c.source, before).where(c.kind == "view").subquery()
    v = viewed.c
    query = _fact(v.day, "path", v.before, v.page, total=func.count(), visitors=func.count(v.subject_id.distinct()))
    went_on = and_(v.source == "own", v.before.is_not(None), v.before != v.page)
    return query.where(went_on).group_by(v.day, v.before, v.page), v.day


def _forms() -> tuple[Any, Any]:
    c = visit_event.c
    step = case((c.kind == "view", "seen"), else_=c.kind)
    query = _fact(c.day, "form", c.form, step, total=func.count(), visitors=func.count(c.subject_id.distinct()))
    return query.where(c.form != "").group_by(c.day, c.form, c.kind), c.day


_ANSWERS = {"granted": "granted", "renewed": "granted", "refused": "refused", "withdrawn": "withdrawn"}


def consent_facts(tx: Connection, purpose: str, from_at: datetime, to_at: datetime) -> list[Fact]:
    """What visitors answered from `from_at` until before `to_at`, by day; not what came along to a person's account."""
    c = consent_event.c
    asked = (c.purpose == purpose, c.channel == "web", c.via != "visitor", c.action.in_(tuple(_ANSWERS)))
    said = tx.execute(select(c.at, c.action).where(*asked, c.at >= from_at, c.at < to_at))
    counted = Counter((local_date(at), _ANSWERS[action]) for at, action in said)
    return [Fact(day, "consent", action, "", "", count, count) for (day, action), count in sorted(counted.items())]


# --- days that are over ---------------------------------------------------------------------------------------------


def closed_until(tx: Connection) -> date | None:
    """The last day that is counted up."""
    found: date | None = tx.scalar(select(func.max(visit_count.c.day)).where(visit_count.c.fact == "closed"))
    return found


def add_counts(tx: Connection, facts: Iterable[Fact]) -> None:
    """Views go to their own table, where those of before are; everything else beside it."""
    views, others = [], []
    for one in facts:
        if one.fact == "view":
            views.append({"day": one.day, "page": one.a, "language": one.b, "device": one.c, "views": one.total})
        else:
            others.append({"day": one.day, "fact": one.fact, "name": one.a, "next_name": one.b, "total": one.total,
                           "visitors": one.visitors})  # fmt: skip
    if views:
        adding = _insert(tx, page_count)
        more = {"views": page_count.c.views + adding.excluded.views}
        tx.execute(adding.on_conflict_do_update(index_elements=["day", "page", "language", "device"], set_=more), views)
    if others:
        tx.execute(insert(visit_count), others)


def kept_facts(tx: Connection, from_on: date, to_on: date) -> list[Fact]:
    """What is counted of days that are over, in one statement: daily where a chart needs the days, else summed.

    With it the number of different visitors whose visits are still kept (`different`).
    """
    d, parts = visit_day.c, [_daily(), _summed(), _daily_views(), *_summed_views()]
    different = _fact(_NO_DAY, "different", total=func.count(d.subject_id.distinct()), visitors=literal(0))
    bounded = [part.where(day.between(from_on, to_on)) for part, day in parts]
    return _facts(tx, union_all(*bounded, different.where(d.day.between(from_on, to_on))))


_DAILY = ("visitors", "consent")


def _daily() -> tuple[Any, Any]:
    c = visit_count.c
    query = select(c.day.label("day"), c.fact, c.name, c.next_name, cast(literal(""), String), c.total, c.visitors)
    return query.where(c.fact.in_(_DAILY)), c.day


def _summed() -> tuple[Any, Any]:
    c = visit_count.c
    sums = (func.sum(c.total), func.sum(c.visitors))
    query = select(_NO_DAY.label("day"), c.fact, c.name, c.next_name, cast(literal(""), String), *sums)
    return query.where(c.fact.in_(("source", "path", "form"))).group_by(c.fact, c.name, c.next_name), c.day


def _daily_views() -> tuple[Any, Any]:
    c = page_count.c
    return _fact(c.day, "views", total=func.sum(c.views), visitors=literal(0)).group_by(c.day), c.day


def _summed_views() -> Iterable[tuple[Any, Any]]:
    c = page_count.c
    for column in (c.page, c.language, c.device):
        query = _fact(_NO_DAY, column.name, column, total=func.sum(c.views), visitors=literal(0))
        yield query.group_by(column), c.day


# --- what has run out -----------------------------------------------------------------------------------------------


def visit_days(tx: Connection) -> list[date]:
    """Every day of which visits are kept."""
    return [row.day for row in tx.execute(select(visit_day.c.day).distinct())]


def count_visits_on(tx: Connection, days: list[date]) -> tuple[int, int]:
    """(marks of days, rows)."""
    counts = (
        select(func.count()).select_from(table).where(table.c.day.in_(days)) for table in (visit_day, visit_event)
    )
    marks, rows = (int(tx.scalar(query) or 0) for query in counts)
    return marks, rows


def delete_visits_on(tx: Connection, days: list[date]) -> tuple[int, int]:
    """(marks of days, rows) that went."""
    marks, rows = (
        tx.execute(delete(table).where(table.c.day.in_(days))).rowcount for table in (visit_day, visit_event)
    )
    return marks, rows
