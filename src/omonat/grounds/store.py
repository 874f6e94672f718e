"""SQL: the state of a person, as the decision needs it. One statement, because every door asks it."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection, Date, String, cast, literal, null, select, union_all

from omonat.grounds.model import ConsentState, ContractState, HoldState, PersonState, RestrictionState
from omonat.kernel.ids import SubjectId
from omonat.storage.schema import Moment, consent_event, contract, hold, record, restriction, subject

_NO_WORD, _NO_MOMENT, _NO_DAY = cast(null(), String), cast(null(), Moment), cast(null(), Date)
_BEST: tuple[ContractState, ...] = ("running", "draft", "ended")


def load_state(tx: Connection, subject_id: SubjectId, today: date) -> PersonState:
    """The state inside `tx`; a subject that is not there counts as erased."""
    rows = tx.execute(union_all(*_parts(subject_id, today))).all()
    of: dict[str, list[Any]] = {}
    for row in rows:
        of.setdefault(row.part, []).append(row)
    if "subject" not in of:
        return PersonState(state="erased")
    return PersonState(
        state=of["subject"][0].a,
        consents=_consents(of.get("consent", [])),
        restrictions=tuple(RestrictionState(row.a, row.b) for row in of.get("restriction", [])),
        holds=tuple(HoldState(row.a, row.b, row.c, row.on_day) for row in of.get("hold", [])),
        grounds=frozenset((row.a, row.b) for row in of.get("ground", [])),
        contract=_contract(of.get("contract", []), today),
    )


def _parts(subject_id: SubjectId, today: date) -> Iterable[Any]:
    """Selects of one shape: the part, four words, two moments, a day."""
    s, e, r, h, k = subject.c, consent_event.c, restriction.c, hold.c, contract.c
    yield _part("subject", s.state).where(s.subject_id == subject_id)
    yield _part("consent", e.purpose, e.channel, e.action, e.policy_number, at=e.at, until=e.expires_at,
                key=e.consent_id).where(e.subject_id == subject_id)  # fmt: skip
    yield _part("restriction", r.kind, r.purpose, key=r.restriction_id).where(
        r.subject_id == subject_id, r.lifted_at.is_(None)
    )
    yield _part("hold", h.purpose, h.category, h.law, on_day=h.until_on, key=h.hold_id).where(
        h.subject_id == subject_id, h.released_at.is_(None), h.until_on >= today
    )
    yield _part("ground", record.c.purpose, record.c.ground).where(record.c.subject_id == subject_id).distinct()
    yield _part("contract", k.state, on_day=k.ends_on).where(k.subject_id == subject_id)


def _part(part: str, *words: Any, at: Any = _NO_MOMENT, until: Any = _NO_MOMENT, on_day: Any = _NO_DAY,
          key: Any = None) -> Any:  # fmt: skip
    padded: list[Any] = [*words, _NO_WORD, _NO_WORD, _NO_WORD, _NO_WORD]
    return select(
        cast(literal(part), String).label("part"), *(padded[place].label(name) for place, name in enumerate("abcd")),
        at.label("at"), until.label("until"), on_day.label("on_day"),
        (subject.c.subject_id if part == "subject" else _NO_KEY if key is None else key).label("key"),
    )  # fmt: skip


_NO_KEY = cast(null(), subject.c.subject_id.type)


def _consents(rows: list[Any]) -> dict[tuple[str, str], ConsentState]:
    """The last word for each purpose and channel; ids are made in time's order."""
    said = sorted(rows, key=lambda row: (row.at, row.key))
    return {(row.a, row.b): ConsentState(row.c, row.at, row.until, row.d) for row in said}


def _contract(rows: list[Any], today: date) -> ContractState:
    """The best of his contracts; one whose last day has passed is over, whether or not it was ended by hand."""
    return best_contract({_state(row, today) for row in rows})


def best_contract(found: Collection[str]) -> ContractState:
    """The one that counts of the states of a person's contracts; `none` where there is no contract."""
    return next((state for state in _BEST if state in found), "none")


def _state(row: Any, today: date) -> str:
    if row.a == "running" and row.on_day is not None and row.on_day < today:
        return "ended"
    return "ended" if row.a == "annulled" else str(row.a)
