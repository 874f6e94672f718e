"""SQL: the state of a person, as the decision needs it. One statement, because every door asks it."""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Date, String, Uuid, bindparam, cast, literal, null, select, union_all

from omonat.grounds.model import ConsentState, ContractState, HoldState, PersonState, RestrictionState
from omonat.kernel.ids import SubjectId
from omonat.storage.schema import Moment, consent_event, contract, hold, record, restriction, subject
from omonat.storage.statements import Query

_NO_WORD, _NO_MOMENT, _NO_DAY = cast(null(), String), cast(null(), Moment), cast(null(), Date)
_BEST: tuple[ContractState, ...] = ("running", "draft", "ended")


def load_state(tx: Connection, subject_id: SubjectId, today: date) -> PersonState:
    """The state inside `tx`; a subject that is not there counts as erased."""
    of: dict[str, list[_Row]] = {}
    for row in map(_Row._make, _STATE.all(tx, who=subject_id, today=today)):
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


class _Row(NamedTuple):
    """A row of any part: the part, four words, two moments, a day, the id that orders."""

    part: str
    a: Any
    b: Any
    c: Any
    d: Any
    at: datetime
    until: datetime | None
    on_day: date
    key: UUID


def _parts() -> Iterable[Any]:
    """Selects of one shape, of the subject `who` on the day `today`."""
    who, today = bindparam("who", type_=Uuid()), bindparam("today", type_=Date())
    s, e, r, h, k = subject.c, consent_event.c, restriction.c, hold.c, contract.c
    yield _part("subject", s.state).where(s.subject_id == who)
    yield _part("consent", e.purpose, e.channel, e.action, e.policy_number, at=e.at, until=e.expires_at,
                key=e.consent_id).where(e.subject_id == who)  # fmt: skip
    yield _part("restriction", r.kind, r.purpose, key=r.restriction_id).where(
        r.subject_id == who, r.lifted_at.is_(None)
    )
    yield _part("hold", h.purpose, h.category, h.law, on_day=h.until_on, key=h.hold_id).where(
        h.subject_id == who, h.released_at.is_(None), h.until_on >= today
    )
    yield _part("ground", record.c.purpose, record.c.ground).where(record.c.subject_id == who).distinct()
    yield _part("contract", k.state, on_day=k.ends_on).where(k.subject_id == who)


def _part(part: str, *words: Any, at: Any = _NO_MOMENT, until: Any = _NO_MOMENT, on_day: Any = _NO_DAY,
          key: Any = None) -> Any:  # fmt: skip
    padded: list[Any] = [*words, _NO_WORD, _NO_WORD, _NO_WORD, _NO_WORD]
    return select(
        cast(literal(part), String).label("part"), *(padded[place].label(name) for place, name in enumerate("abcd")),
        at.label("at"), until.label("until"), on_day.label("on_day"),
        (subject.c.subject_id if part == "subject" else _NO_KEY if key is None else key).label("key"),
    )  # fmt: skip


_NO_KEY = cast(null(), subject.c.subject_id.type)
_STATE = Query(union_all(*_parts()))


def _consents(rows: list[_Row]) -> dict[tuple[str, str], ConsentState]:
    """The last word for each purpose and channel; ids are made in time's order."""
    said = sorted(rows, key=lambda row: (row.at, row.key))
    return {(row.a, row.b): ConsentState(row.c, row.at, row.until, row.d) for row in said}


def _contract(rows: list[_Row], today: date) -> ContractState:
    """The best of his contracts; one whose last day has passed is over, whether or not it was ended by hand."""
    return best_contract({_state(row, today) for row in rows})


def best_contract(found: Collection[str]) -> ContractState:
    """The one that counts of the states of a person's contracts; `none` where there is no contract."""
    return next((state for state in _BEST if state in found), "none")


def _state(row: _Row, today: date) -> str:
    if row.a == "running" and row.on_day is not None and row.on_day < today:
        return "ended"
    return "ended" if row.a == "annulled" else str(row.a)
