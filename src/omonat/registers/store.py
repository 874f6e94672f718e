"""The SQL of the registers: reads over the tables of many areas, each one statement, counts and words only."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from omonat.grounds import STANDING
from omonat.registers.model import (
    Asked,
    CaseCounts,
    CertificateLine,
    Counted,
    DisclosureLine,
    EntryLine,
    Glance,
    Glanced,
    Held,
    HoldLine,
    JournalLine,
    LastRun,
    Span,
    Work,
)  # fmt: skip
from omonat.registers.rules import read_cursor
from omonat.storage.schema import (
    consent_event,
    destruction,
    disclosure,
    hold,
    job_run,
    journal,
    ledger_event,
    outbox,
    record,
    subject,
    subject_case,
)  # fmt: skip


def _number(condition: ColumnElement[bool]) -> Any:
    """How many rows meet a condition, beside other counts of the same statement."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _in_spans(column: Column[Any], spans: Sequence[Span]) -> list[Any]:
    return [
        _number(and_(column >= span.start, column < span.end)).label(f"span_{number}")
        for number, span in enumerate(spans)
    ]


def _counted(row: Any, keys: int) -> Counted:
    values = tuple(row)
    return Counted(tuple(str(value) for value in values[:keys]), tuple(int(count) for count in values[keys:]))


# --- the overview ---------------------------------------------------------------------------------------------------


def _cases(now: datetime, soon: datetime, staff_id: UUID | None) -> Select[Any]:
    """One row: open, due soon, late, and those of one member of the staff."""
    c = subject_case.c
    due = and_(c.due_at >= now, c.due_at < soon)
    numbers = (func.count(), _number(due), _number(c.due_at < now), _number(c.assigned_to == staff_id))
    named = [number.label(f"cases_{place}") for place, number in enumerate(numbers)]
    return select(literal("").label("none"), literal("").label("no"), *named).where(c.state == "open")


def consents_by_span(tx: Connection, spans: Sequence[Span]) -> list[Counted]:
    """By purpose and what was said."""
    query = _consents(spans).order_by(consent_event.c.purpose, consent_event.c.action)
    return [_counted(row, 2) for row in tx.execute(query)]


def due_by_span(tx: Connection, spans: Sequence[Span]) -> list[Counted]:
    """Values whose term ends, by purpose and category; the first count is what should be gone by now."""
    query = _due(spans).order_by(record.c.purpose, record.c.category)
    return [_counted(row, 2) for row in tx.execute(query)]


def disclosures_by_span(tx: Connection, spans: Sequence[Span]) -> list[Counted]:
    """By recipient and purpose."""
    query = _disclosed(spans).order_by(disclosure.c.recipient, disclosure.c.purpose)
    return [_counted(row, 2) for row in tx.execute(query)]


def _consents(spans: Sequence[Span]) -> Select[Any]:
    c = consent_event.c
    counts = select(c.purpose, c.action, *_in_spans(c.at, spans))
    return counts.where(c.at >= spans[0].start, c.at < spans[-1].end).group_by(c.purpose, c.action)


def _due(spans: Sequence[Span]) -> Select[Any]:
    c = record.c
    late = _number(c.keep_until < spans[0].start).label("late")
    counts = select(c.purpose, c.category, late, *_in_spans(c.keep_until, spans))
    return counts.where(c.keep_until < spans[-1].end).group_by(c.purpose, c.category)


def _disclosed(spans: Sequence[Span]) -> Select[Any]:
    c = disclosure.c
    counts = select(c.recipient, c.purpose, *_in_spans(c.at, spans))
    return counts.where(c.at >= spans[0].start, c.at < spans[-1].end).group_by(c.recipient, c.purpose)


def together(tx: Connection, asked: Glance) -> Glanced:
    """Counts of several areas in one statement: only those that are asked for."""
    queries = {name: query for name, query in _glances(asked) if query is not None}
    found: dict[str, list[Counted]] = {name: [] for name in queries}
    widest = max((len(query.selected_columns) for query in queries.values()), default=0)
    parts = [_padded(name, query, widest) for name, query in queries.items()]
    if parts:
        for name, *values in tx.execute(union_all(*parts) if len(parts) > 1 else parts[0]):
            found[name].append(_counted(values[: len(queries[name].selected_columns)], 2))
    cases = found.pop("cases", None)
    return Glanced(
        CaseCounts(*cases[0].counts) if cases else None,
        {name: tuple(sorted(counted, key=lambda one: one.key)) for name, counted in found.items()},
    )


def _glances(asked: Glance) -> Iterator[tuple[str, Select[Any] | None]]:
    yield "cases", _cases(*asked.cases) if asked.cases else None
    yield "consents", _consents(asked.consents) if asked.consents else None
    yield "due", _due(asked.due) if asked.due else None
    yield "disclosures", _disclosed(asked.disclosures) if asked.disclosures else None


def _padded(name: str, query: Select[Any], widest: int) -> Select[Any]:
    """The name before, noughts behind: every part of a union has the same columns."""
    columns = list(query.selected_columns)
    missing = [literal(0).label(f"none_{number}") for number in range(widest - len(columns))]
    return query.with_only_columns(literal(name).label("what"), *columns, *missing)


def work(tx: Connection, kinds: Sequence[str]) -> tuple[list[Work], list[LastRun]]:
    """Of every kind of background work what was given up and when one was done last; the newest run of `kinds`."""
    rows = list(tx.execute(union_all(_newest_runs(kinds), _given_up())))
    return (
        [Work(row.kind, int(row.failed), row.at) for row in rows if row.what == "work"],
        [LastRun(row.kind, row.at, row.result or {}) for row in rows if row.what == "run"],
    )


def last_runs(tx: Connection, kinds: Sequence[str]) -> list[LastRun]:
    """The newest finished run of each kind."""
    return [LastRun(row.kind, row.at, row.result or {}) for row in tx.execute(_newest_runs(kinds))]


def _newest_runs(kinds: Sequence[str]) -> Select[Any]:
    c, later = job_run.c, job_run.alias("later")
    newer = exists().where(later.c.kind == c.kind, later.c.state == "done", later.c.ended_at > c.ended_at)
    columns = (literal("run").label("what"), c.kind, literal(0).label("failed"), c.ended_at.label("at"), c.result)
    return select(*columns).where(c.kind.in_(kinds), c.state == "done", ~newer)


def _given_up() -> Select[Any]:
    c = outbox.c
    given_up = and_(c.done_at.is_not(None), c.failed.is_not(None))
    last = func.max(case((c.failed.is_(None), c.done_at), else_=None))
    columns = (literal("work").label("what"), c.kind, _number(given_up).label("failed"), last.label("at"), null())
    return select(*columns).where(c.done_at.is_not(None)).group_by(c.kind)


# --- lists ----------------------------------------------------------------------------------------------------------


def _page(query: Select[Any], at: Column[Any], row_id: Column[Any], asked: Asked) -> Select[Any]:
    """Newest first, narrowed to a period, from where the page before ended."""
    after = read_cursor(asked.after)
    if after is not None:
        query = query.where(or_(at < after[0], and_(at == after[0], row_id < after[1])))
    if asked.from_at is not None:
        query = query.where(at >= asked.from_at)
    if asked.to_at is not None:
        query = query.where(at < asked.to_at)
    return query.order_by(at.desc(), row_id.desc()).limit(asked.limit)


def _lines(tx: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in tx.execute(query)]


def journal_lines(tx: Connection, asked: Asked) -> list[JournalLine]:
    c = journal.c
    query = select(*(c[name] for name in JournalLine.__struct_fields__))
    for column, wanted in ((c.actor, asked.actor), (c.operation, asked.operation), (c.purpose, asked.purpose)):
        if wanted:
            query = query.where(column == wanted)
    found = _lines(tx, _page(query, c.at, c.journal_id, asked))
    return [JournalLine(**{**row, "categories": tuple(row["categories"])}) for row in found]


def disclosure_lines(tx: Connection, asked: Asked) -> list[DisclosureLine]:
    c = disclosure.c
    query = select(*(c[name] for name in DisclosureLine.__struct_fields__))
    for column, wanted in ((c.recipient, asked.recipient), (c.purpose, asked.purpose)):
        if wanted:
            query = query.where(column == wanted)
    found = _lines(tx, _page(query, c.at, c.disclosure_id, asked))
    return [DisclosureLine(**{**row, "categories": tuple(row["categories"])}) for row in found]


def owed_notices(tx: Connection, now: datetime) -> tuple[int, int]:
    """Notices to people that are still to be sent, and of them those that are late (Art. 23)."""
    c = disclosure.c
    row = tx.execute(
        select(func.count(), _number(c.notice_due_at < now)).select_from(disclosure).where(c.notified_at.is_(None))
    ).one()
    return int(row[0]), int(row[1])


def holds_in_force(tx: Connection, asked: Asked) -> list[HoldLine]:
    c = hold.c
    query = select(*(c[name] for name in HoldLine.__struct_fields__)).where(c.released_at.is_(None))
    return [HoldLine(**row) for row in _lines(tx, _page(query, c.placed_at, c.hold_id, asked))]


def find_hold_line(tx: Connection, hold_id: UUID) -> HoldLine | None:
    c = hold.c
    query = select(*(c[name] for name in HoldLine.__struct_fields__))
    row = tx.execute(query.where(c.hold_id == hold_id, c.released_at.is_(None))).first()
    return HoldLine(**row._mapping) if row else None


def _certificates() -> Select[Any]:
    c = destruction.c
    return select(*(c[name] for name in CertificateLine.__struct_fields__)).where(c.certificate.is_not(None))


def certificates(tx: Connection, asked: Asked) -> list[CertificateLine]:
    c = destruction.c
    query = _certificates().where(c.finished_at.is_not(None))
    if asked.kind:
        query = query.where(c.trigger == asked.kind)
    return [CertificateLine(**row) for row in _lines(tx, _page(query, c.finished_at, c.event_id, asked))]


def find_certificate(tx: Connection, event_id: UUID) -> CertificateLine | None:
    c = destruction.c
    row = tx.execute(_certificates().where(c.event_id == event_id, c.finished_at.is_not(None))).first()
    return CertificateLine(**row._mapping) if row else None


# --- the ledger -----------------------------------------------------------------------------------------------------


def entries(tx: Connection, kind: str, before: int | None, limit: int) -> list[EntryLine]:
    """Integrated entries, newest first."""
    c = ledger_event.c
    query = select(c.position, c.at, c.kind, c.hash).where(c.position.is_not(None))
    if before is not None:
        query = query.where(c.position < before)
    if kind:
        query = query.where(c.kind == kind)
    rows = tx.execute(query.order_by(c.position.desc()).limit(limit))
    return [EntryLine(position=row.position, at=row.at, kind=row.kind, hash=bytes(row.hash).hex()) for row in rows]


def entries_by_span(tx: Connection, spans: Sequence[Span]) -> list[Counted]:
    """By kind."""
    c = ledger_event.c
    query = (
        select(c.kind, *_in_spans(c.at, spans))
        .where(c.at >= spans[0].start, c.at < spans[-1].end)
        .group_by(c.kind)
        .order_by(c.kind)
    )
    return [_counted(row, 1) for row in tx.execute(query)]


# --- the plan of a policy -------------------------------------------------------------------------------------------


def held(tx: Connection, now: datetime) -> Held:
    """What there is, counted."""
    return Held(records=_records(tx), consents=_standing(tx, now), disclosures=_disclosures(tx))


def _records(tx: Connection) -> dict[tuple[str, str, str], int]:
    c = record.c
    rows = tx.execute(select(c.purpose, c.category, c.ground, func.count()).group_by(c.purpose, c.category, c.ground))
    return {(row[0], row[1], row[2]): int(row[3]) for row in rows}


def _standing(tx: Connection, now: datetime) -> dict[tuple[str, str, str], int]:
    """Consents that are the last word for their purpose and channel and have not run out, by their version."""
    c, later = consent_event.c, consent_event.alias("later")
    superseded = exists().where(
        later.c.subject_id == c.subject_id, later.c.purpose == c.purpose, later.c.channel == c.channel,
        or_(later.c.at > c.at, and_(later.c.at == c.at, later.c.consent_id > c.consent_id)),
    )  # fmt: skip
    query = (
        select(c.purpose, c.channel, c.policy_number, func.count())
        .join(subject, subject.c.subject_id == c.subject_id)
        .where(c.action.in_(STANDING), or_(c.expires_at.is_(None), c.expires_at > now), subject.c.state == "active")
        .where(~superseded)
        .group_by(c.purpose, c.channel, c.policy_number)
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in tx.execute(query)}


def _disclosures(tx: Connection) -> dict[str, int]:
    c = disclosure.c
    rows = tx.execute(select(c.recipient, func.count()).group_by(c.recipient))
    return {row[0]: int(row[1]) for row in rows}
