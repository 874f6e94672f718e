"""SQL: the state of a person, as the decision needs it."""

from datetime import date

from sqlalchemy import Connection, select

from omonat.grounds.model import ConsentState, HoldState, PersonState, RestrictionState
from omonat.kernel.ids import SubjectId
from omonat.storage.schema import consent_event, hold, record, restriction, subject


def load_state(tx: Connection, subject_id: SubjectId, today: date) -> PersonState:
    """The state inside `tx`; a subject that is not there counts as erased. Five statements."""
    state = tx.scalar(select(subject.c.state).where(subject.c.subject_id == subject_id))
    if state is None:
        return PersonState(state="erased")
    return PersonState(
        state=state,
        consents=_consents(tx, subject_id),
        restrictions=_restrictions(tx, subject_id),
        holds=_holds(tx, subject_id, today),
        grounds=_grounds(tx, subject_id),
    )


def _consents(tx: Connection, subject_id: SubjectId) -> dict[tuple[str, str], ConsentState]:
    c = consent_event.c
    rows = tx.execute(
        select(c.purpose, c.channel, c.action, c.at, c.expires_at, c.policy_number)
        .where(c.subject_id == subject_id)
        .order_by(c.at, c.consent_id)
    )
    return {(r.purpose, r.channel): ConsentState(r.action, r.at, r.expires_at, r.policy_number) for r in rows}


def _restrictions(tx: Connection, subject_id: SubjectId) -> tuple[RestrictionState, ...]:
    c = restriction.c
    rows = tx.execute(select(c.kind, c.purpose).where(c.subject_id == subject_id, c.lifted_at.is_(None)))
    return tuple(RestrictionState(row.kind, row.purpose) for row in rows)


def _holds(tx: Connection, subject_id: SubjectId, today: date) -> tuple[HoldState, ...]:
    c = hold.c
    rows = tx.execute(
        select(c.purpose, c.category, c.law, c.until_on).where(
            c.subject_id == subject_id, c.released_at.is_(None), c.until_on >= today
        )
    )
    return tuple(HoldState(row.purpose, row.category, row.law, row.until_on) for row in rows)


def _grounds(tx: Connection, subject_id: SubjectId) -> frozenset[tuple[str, str]]:
    c = record.c
    rows = tx.execute(select(c.purpose, c.ground).where(c.subject_id == subject_id).distinct())
    return frozenset((row.purpose, row.ground) for row in rows)
