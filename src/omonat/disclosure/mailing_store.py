"""SQL of mailings: whom one may reach, a page of people in one statement, ordered by id."""

from collections.abc import Iterator, Sequence
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
    """One of them: what is so of him in words, the category of his proven address, the language of his consent."""

    subject_id: SubjectId
    words: Words
    category: str | None
    language: str | None


def page_of(tx: Connection, audience: Audience, *, after: SubjectId | None, limit: int) -> list[Member]:
    """The next living members."""
    e = consent_event.c
    asked = exists().where(
        e.subject_id == subject.c.subject_id, e.purpose == audience.purpose, e.channel == audience.channel,
        e.at <= audience.now,
    )  # fmt: skip
    found = _members(audience).where(subject.c.state == "active", asked).order_by(subject.c.subject_id).limit(limit)
    if after is not None:
        found = found.where(subject.c.subject_id > after)
    return list(_read(tx, found))


def among(tx: Connection, audience: Audience, people: Sequence[SubjectId]) -> list[Member]:
    """Those of `people` who are there, in the order of their ids."""
    found = _members(audience).where(subject.c.subject_id.in_(people)).order_by(subject.c.subject_id)
    return list(_read(tx, found))


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


def _members(audience: Audience) -> Select[Any]:
    known = states_of(audience.now, local_date(audience.now), purposes=[audience.purpose])
    return known.add_columns(_category(audience), _language(audience))


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


def _language(audience: Audience) -> Any:
    """That of the newest word about it: the one in which the person is written to."""
    e = consent_event.c
    mine = and_(
        e.subject_id == subject.c.subject_id, e.purpose == audience.purpose, e.channel == audience.channel
    )  # fmt: skip
    newest = select(e.language).where(mine).order_by(e.at.desc(), e.consent_id.desc()).limit(1)
    return newest.correlate(subject).scalar_subquery()


def _read(tx: Connection, found: Select[Any]) -> Iterator[Member]:
    for subject_id, *words, category, language in tx.execute(found):
        yield Member(subject_id, tuple(words), category, language)
