"""SQL of searching, opening and comparing people. Joining and separating are in `regrouping_store.py`."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Date, String, and_, cast, delete, func, insert, literal, null, select, union_all

from omonat.kernel.ids import SubjectId
from omonat.people.model import Opening
from omonat.storage.schema import (
    Moment,
    consent_event,
    contract,
    disclosure,
    identifier,
    identifier_lookup,
    record,
    staff_opening,
    staff_search,
    subject,
    subject_case,
    submission,
    tag_pair,
)
from omonat.vault import HeldRecord, rows

_RECORD = [record.c[name] for name in HeldRecord.__struct_fields__]
_OPENING = [staff_opening.c[name] for name in Opening.__struct_fields__]
_NO_WORDS = cast(null(), staff_opening.c.categories.type)
_NO_WORD, _NO_MOMENT, _NO_DAY = cast(null(), String), cast(null(), Moment), cast(null(), Date)


# --- searching ------------------------------------------------------------------------------------------------------


def count_searches(tx: Connection, actor: str, since: datetime) -> tuple[int, datetime | None]:
    """(how many, the oldest of them)."""
    c = staff_search.c
    row = tx.execute(select(func.count(), func.min(c.at)).where(c.actor == actor, c.at > since)).one()
    return int(row[0]), row[1]


def insert_search(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(staff_search).values(row))


def case_subjects(tx: Connection, case_id: UUID | None, number: str) -> list[tuple[SubjectId, UUID]]:
    """(subject, case) of a whole id, or of the number that people read aloud."""
    c = subject_case.c
    wanted = select(c.subject_id, c.case_id).where(c.case_id == case_id if case_id else c.number == number)
    return [(SubjectId(row.subject_id), row.case_id) for row in tx.execute(wanted.order_by(c.case_id).limit(20))]


def active(tx: Connection, ids: Iterable[SubjectId]) -> set[SubjectId]:
    """Those of them who are held as people."""
    c = subject.c
    chosen = and_(c.subject_id.in_(list(ids)), c.state == "active", c.kind == "person")
    return {SubjectId(found) for found in tx.scalars(select(c.subject_id).where(chosen))}


# --- opening --------------------------------------------------------------------------------------------------------


def count_openings(tx: Connection, actor: str, since: datetime) -> int:
    c = staff_opening.c
    return int(tx.scalar(select(func.count()).where(c.actor == actor, c.opened_at > since)) or 0)


def insert_opening(tx: Connection, opening: Opening) -> None:
    row = {name: getattr(opening, name) for name in Opening.__struct_fields__}
    tx.execute(insert(staff_opening).values({**row, "categories": list(opening.categories)}))


def openings(tx: Connection, subject_id: SubjectId, actor: str, now: datetime) -> list[Opening]:
    """Those of one member that still stand, the newest first."""
    c = staff_opening.c
    chosen = and_(c.subject_id == subject_id, c.actor == actor, c.until > now)
    rows = tx.execute(select(*_OPENING).where(chosen).order_by(c.opening_id.desc()))
    return [Opening(**{**row._mapping, "categories": tuple(row.categories)}) for row in rows]


def end_openings(tx: Connection, subject_id: SubjectId, actor: str) -> None:
    c = staff_opening.c
    tx.execute(delete(staff_opening).where(c.subject_id == subject_id, c.actor == actor))


def prune(tx: Connection, before: datetime) -> int:
    """Forget searches and openings that count for nothing any more."""
    searches = tx.execute(delete(staff_search).where(staff_search.c.at < before)).rowcount
    return searches + tx.execute(delete(staff_opening).where(staff_opening.c.until < before)).rowcount


# --- the card -------------------------------------------------------------------------------------------------------


def records_of(tx: Connection, subject_id: SubjectId) -> list[tuple[HeldRecord, str | None]]:
    """(record, claimed or proven where it holds an identifier), in the order in which they came."""
    c, i = record.c, identifier.c
    joined = record.outerjoin(identifier, and_(i.subject_id == c.subject_id, i.tag == c.tag))
    rows = tx.execute(
        select(*_RECORD, i.state.label("proof"))
        .select_from(joined)
        .where(c.subject_id == subject_id)
        .order_by(c.record_id)
    )
    found = []
    for row in rows:
        fields = dict(row._mapping)
        proof = fields.pop("proof")
        found.append((HeldRecord(**fields), proof))
    return found


def around(tx: Connection, subject_id: SubjectId, actor: str, now: datetime) -> dict[str, list[Any]]:
    """The openings of a member, cases, contracts and submissions in one statement; the newest first."""
    c, k, s, o = subject_case.c, contract.c, submission.c, staff_opening.c
    parts = (
        _part("case", c.case_id, c.kind, c.state, outcome=c.outcome, at=c.opened_at, due=c.due_at).where(
            c.subject_id == subject_id
        ),
        _part("contract", k.contract_id, k.state, first=k.starts_on, last=k.ends_on, ended=k.ended_on,
              record=k.number_record_id).where(k.subject_id == subject_id),
        _part("opening", o.opening_id, o.purpose, at=o.opened_at, due=o.until, words=o.categories).where(
            o.subject_id == subject_id, o.actor == actor, o.until > now
        ),
        _part("submission", s.submission_id, s.form, at=s.submitted_at).where(s.subject_id == subject_id),
    )  # fmt: skip
    found: dict[str, list[Any]] = {"case": [], "contract": [], "submission": [], "opening": []}
    for row in tx.execute(union_all(*parts)):
        found[row.part].append(row)
    sorted_ = {part: sorted(rows, key=lambda row: row.id, reverse=True) for part, rows in found.items()}
    return {**sorted_, "opening": [_opening(subject_id, actor, row) for row in sorted_["opening"]]}


def _opening(subject_id: SubjectId, actor: str, row: Any) -> Opening:
    return Opening(
        subject_id=subject_id, opening_id=row.id, actor=actor, purpose=row.a, categories=tuple(row.words),
        opened_at=row.at, until=row.due,
    )  # fmt: skip


def _part(part: str, key: Any, a: Any, b: Any = _NO_WORD, **more: Any) -> Any:
    of: dict[str, Any] = {"outcome": _NO_WORD, "at": _NO_MOMENT, "due": _NO_MOMENT, "first": _NO_DAY, "last": _NO_DAY,
          "ended": _NO_DAY, "record": cast(null(), key.type), "words": _NO_WORDS} | more  # fmt: skip
    columns = [column.label(name) for name, column in of.items()]
    return select(
        cast(literal(part), String).label("part"), key.label("id"), a.label("a"), b.label("b"), *columns
    )  # fmt: skip


def disclosures_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    """Who received what, newest first."""
    c = disclosure.c
    columns = (c.recipient, c.purpose, c.ground, c.categories, c.at, c.notified_at)
    return list(tx.execute(select(*columns).where(c.subject_id == subject_id).order_by(c.disclosure_id.desc())))


def consents_of(tx: Connection, subject_id: SubjectId) -> list[Any]:
    """What the person said, newest first."""
    c = consent_event.c
    columns = (c.at, c.action, c.purpose, c.channel, c.via, c.policy_number)
    chosen = select(*columns).where(c.subject_id == subject_id)
    return list(tx.execute(chosen.order_by(c.at.desc(), c.consent_id.desc())))


# --- likely matches -------------------------------------------------------------------------------------------------


def sharing(tx: Connection, subject_id: SubjectId) -> list[Any]:
    """(subject, since, kind, here, there) of every active person who names an identifier of this one."""
    mine, theirs = _under_every_tag(subject_id), identifier.alias("theirs")
    found = identifier_lookup.c
    rows = tx.execute(
        select(found.subject_id, subject.c.created_at, mine.c.kind, mine.c.state.label("here"),
               theirs.c.state.label("there"))
        .select_from(mine)
        .join(identifier_lookup, and_(found.kind == mine.c.kind, found.tag == mine.c.tag,
                                      found.subject_id != subject_id))
        .join(theirs, and_(theirs.c.subject_id == found.subject_id, theirs.c.identifier_id == found.identifier_id))
        .join(subject, subject.c.subject_id == found.subject_id)
        .where(subject.c.state == "active")
        .order_by(found.subject_id)
        .limit(200)
    )  # fmt: skip
    return list(rows)


def _under_every_tag(subject_id: SubjectId) -> Any:
    """(kind, state, tag) of a person's identifiers, a row more for each that is known by another tag, too."""
    i, p = identifier.c, tag_pair.c
    own = select(i.kind, i.state, i.tag).where(i.subject_id == subject_id)
    other = select(i.kind, i.state, p.same_as).join(tag_pair, p.tag == i.tag).where(i.subject_id == subject_id)
    return union_all(own, other).subquery("mine")


def submissions_of(tx: Connection, ids: Iterable[SubjectId]) -> list[Any]:
    """(subject, submission, form, moment), newest first."""
    c = submission.c
    columns = (c.subject_id, c.submission_id, c.form, c.submitted_at)
    return list(tx.execute(select(*columns).where(c.subject_id.in_(list(ids))).order_by(c.submission_id.desc())))


def proven_by(tx: Connection, ids: Iterable[SubjectId]) -> list[Any]:
    """(subject, kind, tag) of what they have proven."""
    c = identifier.c
    chosen = and_(c.subject_id.in_(list(ids)), c.state == "proven")
    return list(tx.execute(select(c.subject_id, c.kind, rows.newest(c.tag).label("tag")).where(chosen)))
