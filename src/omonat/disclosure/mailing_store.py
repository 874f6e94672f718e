"""SQL of mailings: whom one may reach, a page of people in one statement, ordered by id."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, and_, exists, func, select

from omonat.grounds import Words, states_of
from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId
from omonat.storage.schema import consent_event, identifier, record, subject
from omonat.vault import HeldRecord

_RECORD = [record.c[name] for name in HeldRecord.__struct_fields__]


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """Those who said anything about a purpose and channel before `now`; `kind` of identifier is what is written to."""

    purpose: str
    channel: str
    kind: str
    now: datetime


class Member(msgspec.Struct, frozen=True):
    """One of them: what is so of him in words, and the category of his proven address."""

    subject_id: SubjectId
    words: Words
    category: str | None


class Alike(msgspec.Struct, frozen=True):
    """How many of a page have the same words and the same category."""

    words: Words
    category: str | None
    count: int


def page_of(tx: Connection, audience: Audience, *, after: SubjectId | None, limit: int) -> list[Member]:
    """The next living members."""
    found = _asked(_members(audience), audience, after).order_by(subject.c.subject_id).limit(limit)
    return _read(tx, found)


def count_alike(
    tx: Connection, audience: Audience, *, after: SubjectId | None, limit: int
) -> tuple[SubjectId | None, list[Alike]]:
    """The last of the next living members, and how many are alike: counted by the engine, no row for each comes here.

    None when there is nobody.
    """
    ids = _asked(select(subject.c.subject_id), audience, after).order_by(subject.c.subject_id).limit(limit).subquery()
    last = tx.scalar(select(ids.c.subject_id).order_by(ids.c.subject_id.desc()).limit(1))
    if last is None:
        return None, []
    members = _asked(_members(audience), audience, after).where(subject.c.subject_id <= last).subquery()
    _id, *kind = members.c
    found = tx.execute(select(*kind, func.count()).group_by(*kind))
    return last, [Alike(tuple(words), category, count) for *words, category, count in found]


def among(tx: Connection, audience: Audience, people: Sequence[SubjectId]) -> list[Member]:
    """Those of `people` who are there, in the order of their ids."""
    found = _members(audience).where(subject.c.subject_id.in_(people)).order_by(subject.c.subject_id)
    return _read(tx, found)


def count_asked(tx: Connection, audience: Audience) -> int:
    """How many living members there are."""
    e = consent_event.c
    found = (
        select(func.count(e.subject_id.distinct()))
        .join(subject, subject.c.subject_id == e.subject_id)
        .where(e.purpose == audience.purpose, e.channel == audience.channel, e.at <= audience.now)
        .where(subject.c.state == "active")
    )
    return int(tx.scalar(found) or 0)


def addresses(tx: Connection, audience: Audience, people: Sequence[SubjectId]) -> dict[SubjectId, HeldRecord]:
    """The record with the address of each who has one: the same that gave a member's category."""
    found = _proven(select(*_RECORD), audience).where(record.c.subject_id.in_(people))
    best: dict[SubjectId, HeldRecord] = {}
    for row in tx.execute(found.order_by(record.c.subject_id, *_best_first(audience))):
        best.setdefault(row.subject_id, HeldRecord(**row._mapping))
    return best


def languages(tx: Connection, audience: Audience, people: Sequence[SubjectId]) -> dict[SubjectId, str]:
    """The language of each one's newest word about it: the one in which he is written to."""
    e = consent_event.c
    found = (
        select(e.subject_id, e.language)
        .where(e.subject_id.in_(people), e.purpose == audience.purpose, e.channel == audience.channel)
        .order_by(e.at, e.consent_id)
    )
    return {subject_id: language for subject_id, language in tx.execute(found)}


def _members(audience: Audience) -> Select[Any]:
    known = states_of(audience.now, local_date(audience.now), purposes=[audience.purpose])
    return known.add_columns(_category(audience))


def _asked(chosen: Select[Any], audience: Audience, after: SubjectId | None) -> Select[Any]:
    """Those of living subjects behind `after` who said anything about it."""
    e = consent_event.c
    said = exists().where(
        e.subject_id == subject.c.subject_id, e.purpose == audience.purpose, e.channel == audience.channel,
        e.at <= audience.now,
    )  # fmt: skip
    found = chosen.where(subject.c.state == "active", said)
    return found if after is None else found.where(subject.c.subject_id > after)


def _category(audience: Audience) -> Any:
    found = _proven(select(record.c.category), audience).where(record.c.subject_id == subject.c.subject_id)
    return found.order_by(*_best_first(audience)).limit(1).correlate(subject).scalar_subquery()


def _proven(chosen: Select[Any], audience: Audience) -> Select[Any]:
    """Records that hold a proven identifier and whose term runs."""
    held, c = identifier.c, record.c
    return (
        chosen.select_from(record)
        .join(identifier, and_(held.subject_id == c.subject_id, held.tag == c.tag))
        .where(held.kind == audience.kind, held.state == "proven")
        .where(c.keep_until.is_(None) | (c.keep_until > audience.now))
    )


def _best_first(audience: Audience) -> tuple[Any, ...]:
    """One collected for the purpose comes first, then the newest."""
    return (record.c.purpose == audience.purpose).desc(), record.c.record_id.desc()


def _read(tx: Connection, found: Select[Any]) -> list[Member]:
    return [Member(subject_id, tuple(words), category) for subject_id, *words, category in tx.execute(found)]
