"""SQL of cases and their steps, restrictions, and what the person's file reads. Sign-in is in `sign_in_store.py`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, func, insert, or_, select, update

from omonat.kernel.ids import SubjectId, new_id
from omonat.rights.model import Case, CaseStep
from omonat.storage.schema import (
    case_step,
    consent_event,
    destruction,
    disclosure,
    hold,
    record,
    restriction,
    subject,
    subject_case,
    submission,
    visit_day,
)

_CASE = (
    subject_case.c.subject_id, subject_case.c.case_id, subject_case.c.kind, subject_case.c.state,
    subject_case.c.opened_at, subject_case.c.due_at, subject_case.c.term, subject_case.c.closed_at,
    subject_case.c.outcome, subject_case.c.details,
)  # fmt: skip


def _case(row: Any, steps: tuple[CaseStep, ...] = ()) -> Case:
    ids = {"subject_id": str(row.subject_id), "case_id": str(row.case_id)}
    return Case(**{**row._mapping, **ids}, steps=steps)


# --- cases ----------------------------------------------------------------------------------------------------------


def insert_case(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(subject_case).values(row))


def insert_step(tx: Connection, subject_id: UUID, case_id: UUID, step: CaseStep) -> None:
    ids = {"subject_id": subject_id, "case_id": case_id, "step_id": new_id()}
    tx.execute(insert(case_step).values(**ids, at=step.at, actor=step.actor, kind=step.kind, details=step.details))


def find_case(tx: Connection, case_id: UUID) -> Case | None:
    """A case with its steps, oldest first."""
    row = tx.execute(select(*_CASE).where(subject_case.c.case_id == case_id)).first()
    return _case(row, _steps(tx, row.subject_id, case_id)) if row else None


def _steps(tx: Connection, subject_id: UUID, case_id: UUID) -> tuple[CaseStep, ...]:
    c = case_step.c
    chosen = and_(c.subject_id == subject_id, c.case_id == case_id)
    rows = tx.execute(select(c.at, c.actor, c.kind, c.details).where(chosen).order_by(c.step_id))
    return tuple(CaseStep(row.at, row.actor, row.kind, row.details) for row in rows)


def cases_of(tx: Connection, subject_id: SubjectId) -> list[Case]:
    """The cases of one person with their steps, newest first."""
    rows = tx.execute(
        select(*_CASE).where(subject_case.c.subject_id == subject_id).order_by(subject_case.c.case_id.desc())
    ).all()
    return [_case(row, _steps(tx, row.subject_id, row.case_id)) for row in rows]


def cases(tx: Connection, state: str | None, limit: int, after: tuple[datetime, UUID] | None) -> list[Case]:
    """Without steps, first due first; `after` is (due_at, case_id) of the last one seen."""
    c = subject_case.c
    wanted = select(*_CASE).order_by(c.due_at, c.case_id).limit(limit)
    if state is not None:
        wanted = wanted.where(c.state == state)
    if after is not None:
        due_at, case_id = after
        wanted = wanted.where(or_(c.due_at > due_at, and_(c.due_at == due_at, c.case_id > case_id)))
    return [_case(row) for row in tx.execute(wanted)]


def close_case(tx: Connection, case: Case, state: str, outcome: str, now: datetime) -> bool:
    """Whether this call closed it: somebody else may have been quicker."""
    c = subject_case.c
    chosen = and_(c.subject_id == UUID(case.subject_id), c.case_id == UUID(case.case_id), c.state == "open")
    return (
        tx.execute(update(subject_case).where(chosen).values(state=state, outcome=outcome, closed_at=now)).rowcount == 1
    )


def reopen_case(tx: Connection, case: Case) -> bool:
    """Whether this call opened it again."""
    c = subject_case.c
    chosen = and_(c.subject_id == UUID(case.subject_id), c.case_id == UUID(case.case_id), c.state != "open")
    return (
        tx.execute(update(subject_case).where(chosen).values(state="open", outcome=None, closed_at=None)).rowcount == 1
    )


def finished_erasures(tx: Connection) -> list[tuple[Case, str]]:
    """Open cases whose destruction is done, with the number of its certificate."""
    c, d = subject_case.c, destruction.c
    rows = tx.execute(
        select(*_CASE, d.event_id)
        .join(destruction, and_(d.subject_id == c.subject_id, d.case_id == c.case_id))
        .where(c.state == "open", d.finished_at.is_not(None))
    )
    return [(_case_of(row), str(row.event_id)) for row in rows]


def _case_of(row: Any) -> Case:
    named = {name: value for name, value in row._mapping.items() if name != "event_id"}
    return Case(**{**named, "subject_id": str(row.subject_id), "case_id": str(row.case_id)})


def records_of_case(tx: Connection, subject_id: UUID, case_id: UUID, submission_id: UUID | None) -> list[Any]:
    """(record_id, purpose, category) of what came with a case and has no end yet."""
    c = record.c
    came = (
        c.case_id == case_id if submission_id is None else or_(c.case_id == case_id, c.submission_id == submission_id)
    )
    chosen = and_(c.subject_id == subject_id, c.keep_until.is_(None), came)
    return list(tx.execute(select(c.record_id, c.purpose, c.category).where(chosen)))


def ended_records_of_case(tx: Connection, case: Case) -> list[Any]:
    """(record_id, purpose, category, keep_until) of what came with a case and has an end."""
    c = record.c
    came = c.case_id == UUID(case.case_id)
    if submission_id := case.details.get("submission"):
        came = or_(came, c.submission_id == UUID(submission_id))
    chosen = and_(c.subject_id == UUID(case.subject_id), c.keep_until.is_not(None), came)
    return list(tx.execute(select(c.record_id, c.purpose, c.category, c.keep_until).where(chosen)))


def set_end(tx: Connection, subject_id: UUID, record_id: UUID, keep_until: datetime | None) -> None:
    """The term of a record has begun; None: it has not begun after all."""
    c = record.c
    tx.execute(update(record).where(c.subject_id == subject_id, c.record_id == record_id).values(keep_until=keep_until))


# --- the person -----------------------------------------------------------------------------------------------------


def subject_state(tx: Connection, subject_id: UUID) -> str | None:
    """active, erasing or erased; None: never held."""
    found: str | None = tx.scalar(select(subject.c.state).where(subject.c.subject_id == subject_id))
    return found


def language_of(tx: Connection, subject_id: UUID) -> str | None:
    """The language in which the person last said or sent something."""
    c, s = consent_event.c, submission.c
    said = tx.execute(select(c.at, c.language).where(c.subject_id == subject_id).order_by(c.at.desc()).limit(1)).first()
    sent = tx.execute(
        select(s.submitted_at, s.language).where(s.subject_id == subject_id).order_by(s.submitted_at.desc()).limit(1)
    ).first()
    newest = max((row for row in (said, sent) if row is not None), key=lambda row: row[0], default=None)
    return None if newest is None else str(newest[1])


def holds_of(tx: Connection, subject_id: SubjectId, today: date) -> list[Any]:
    """(purpose, category, law, until_on, reason) of the holds that stand."""
    c = hold.c
    chosen = and_(c.subject_id == subject_id, c.released_at.is_(None), c.until_on >= today)
    return list(
        tx.execute(select(c.purpose, c.category, c.law, c.until_on, c.reason).where(chosen).order_by(c.hold_id))
    )


def disclosures_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    """Who received what, newest first."""
    c = disclosure.c
    columns = (c.disclosure_id, c.recipient, c.purpose, c.ground, c.categories, c.at, c.notified_at)
    return list(tx.execute(select(*columns).where(c.subject_id == subject_id).order_by(c.disclosure_id.desc())))


def find_disclosure(tx: Connection, disclosure_id: UUID) -> Any | None:
    c = disclosure.c
    columns = (c.subject_id, c.recipient, c.purpose, c.ground, c.categories, c.at, c.notified_at)
    return tx.execute(select(*columns).where(c.disclosure_id == disclosure_id)).first()


def set_notified(tx: Connection, subject_id: UUID, disclosure_id: UUID, now: datetime) -> None:
    c = disclosure.c
    chosen = and_(c.subject_id == subject_id, c.disclosure_id == disclosure_id, c.notified_at.is_(None))
    tx.execute(update(disclosure).where(chosen).values(notified_at=now))


def count_visit_days(tx: Connection, subject_id: SubjectId) -> int:
    return int(tx.scalar(select(func.count()).select_from(visit_day).where(visit_day.c.subject_id == subject_id)) or 0)


# --- restrictions ---------------------------------------------------------------------------------------------------


def restrictions_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    """(kind, purpose, since) of those in force, oldest first."""
    c = restriction.c
    chosen = and_(c.subject_id == subject_id, c.lifted_at.is_(None))
    return list(tx.execute(select(c.kind, c.purpose, c.since).where(chosen).order_by(c.restriction_id)))


def insert_restriction(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(restriction).values({**row, "restriction_id": new_id()}))


def lift(tx: Connection, subject_id: SubjectId, kind: str, purpose: str | None, now: datetime) -> int:
    """End restrictions of a kind; how many."""
    c = restriction.c
    same = c.purpose.is_(None) if purpose is None else c.purpose == purpose
    chosen = and_(c.subject_id == subject_id, c.kind == kind, same, c.lifted_at.is_(None))
    return tx.execute(update(restriction).where(chosen).values(lifted_at=now)).rowcount
