"""SQL: the state of many people, one row each, in one statement: for snapshots and for lists of people.

What `store.load_state` reads row by row comes here as words that the engine has put together, and a moment as whether
it is over: `read_words` makes of them the same that `table.reduced` makes of the whole state (a test compares).
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Connection, Select, String, case, exists, func, literal, select, type_coerce

from omonat.grounds.model import ConsentState, ContractState, PersonState, RestrictionState
from omonat.grounds.store import best_contract
from omonat.grounds.table import PAST, AnswerTable, Snapshot, Words
from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId
from omonat.storage.schema import consent_event, contract, record, restriction, subject

_BETWEEN, _INSIDE = " ", "|"
_PAGE = 1000


def states_of(now: datetime, today: date, *, purposes: Sequence[str] | None = None) -> Select[Any]:
    """A statement with a row per subject: its id, then the words that `read_words` reads. Restrict it with `where`.

    `purposes`: only what is known for these, which is all that questions about them need; None: for all.
    """
    return select(
        subject.c.subject_id, subject.c.state, _consents(now, purposes), _restrictions(), _grounds(purposes),
        _contracts(today),
    )  # fmt: skip


def load_snapshot(
    tx: Connection, table: AnswerTable, people: Sequence[SubjectId], now: datetime,
    *, purposes: Sequence[str] | None = None,
) -> Snapshot:  # fmt: skip
    """The people of a list, each once, in its order, in one statement per page. Who is not there counts as erased."""
    nobody = table.class_of(PersonState(state="erased"), now)
    classes = dict.fromkeys(people, nobody)
    found = states_of(now, local_date(now), purposes=purposes)
    ids = list(classes)
    for start in range(0, len(ids), _PAGE):
        for subject_id, *words in tx.execute(found.where(subject.c.subject_id.in_(ids[start : start + _PAGE]))):
            classes[subject_id] = table.class_of_words(tuple(words), read_words)
    return Snapshot(table, classes)


def _consents(now: datetime, purposes: Sequence[str] | None) -> Any:
    """The last word for each purpose and channel, and whether its term runs."""
    e, later = consent_event.c, consent_event.alias("later")
    same = [e[name] == later.c[name] for name in ("subject_id", "purpose", "channel")]
    after = (later.c.at > e.at) | ((later.c.at == e.at) & (later.c.consent_id > e.consent_id))
    superseded = exists().where(*same, after).correlate(consent_event)
    runs = case((e.expires_at.is_(None) | (e.expires_at > now), "1"), else_="0")
    word = _joined(e.purpose, e.channel, e.action, e.policy_number, runs)
    said = _mine(select(func.aggregate_strings(word, _BETWEEN)), e).where(~superseded)
    return (said if purposes is None else said.where(e.purpose.in_(purposes))).scalar_subquery()


def _restrictions() -> Any:
    r = restriction.c
    word = _joined(r.kind, func.coalesce(r.purpose, ""))
    return _mine(select(func.aggregate_strings(word, _BETWEEN)), r).where(r.lifted_at.is_(None)).scalar_subquery()


def _grounds(purposes: Sequence[str] | None) -> Any:
    c = record.c
    held = _mine(select(_joined(c.purpose, c.ground).label("word")).distinct(), c)
    rows = (held if purposes is None else held.where(c.purpose.in_(purposes))).subquery()
    return select(func.aggregate_strings(rows.c.word, _BETWEEN)).scalar_subquery()


def _contracts(today: date) -> Any:
    k = contract.c
    state = case((k.state == "annulled", "ended"), ((k.state == "running") & (k.ends_on < today), "ended"),
                 else_=k.state)  # fmt: skip
    return _mine(select(func.aggregate_strings(state, _BETWEEN)), k).scalar_subquery()


def _mine(chosen: Select[Any], columns: Any) -> Select[Any]:
    return chosen.where(columns.subject_id == subject.c.subject_id).correlate(subject)


def _joined(*words: Any) -> Any:
    text: Any = type_coerce(words[0], String)
    for word in words[1:]:
        text = text + literal(_INSIDE) + type_coerce(word, String)
    return text


def read_words(words: Words) -> PersonState:
    """What `states_of` says of a person, as `table.reduced` has it; restrictions in the order of their names."""
    state, consents, restrictions, grounds, contracts = words
    return PersonState(
        state=state or "erased",
        consents={
            (purpose, channel): ConsentState(action, PAST, None if runs == "1" else PAST, number)
            for purpose, channel, action, number, runs in _read(consents)
        },
        restrictions=tuple(RestrictionState(kind, purpose or None) for kind, purpose in sorted(_read(restrictions))),
        grounds=frozenset(cast("list[tuple[str, str]]", _read(grounds))),
        contract=best_contract(set(cast("list[ContractState]", (contracts or "").split()))),
    )


def _read(text: str | None) -> list[tuple[str, ...]]:
    return [tuple(word.split(_INSIDE)) for word in (text or "").split(_BETWEEN) if word]
