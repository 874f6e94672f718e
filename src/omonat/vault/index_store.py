"""SQL of the blind index while two versions of its keys stand side by side."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Connection,
    LargeBinary,
    ScalarSelect,
    Select,
    Uuid,
    and_,
    bindparam,
    delete,
    exists,
    false,
    func,
    insert,
    literal,
    or_,
    select,
    union,
    union_all,
    update,
)

from omonat.kernel.ids import IdentifierId, RecordId, SubjectId
from omonat.keystore import Compartment
from omonat.storage.schema import (
    challenge,
    contract,
    contract_lookup,
    identifier,
    identifier_lookup,
    index_version,
    proven_holder,
    record,
    tag_pair,
)
from omonat.storage.statements import Query
from omonat.vault.kinds import IDENTIFYING
from omonat.vault.model import IndexVersion

_VERSION = [index_version.c[name] for name in IndexVersion.__struct_fields__]


class OldIdentifier(NamedTuple):
    """An identifier whose tag is of an older version, as it lies there."""

    subject_id: SubjectId
    identifier_id: IdentifierId
    kind: str
    tag: bytes
    record_id: RecordId


class OldContract(NamedTuple):
    """A contract whose number has a tag of an older version."""

    contract_id: UUID
    tag: bytes
    record_id: RecordId


# --- tags of one value ----------------------------------------------------------------------------------------------


def same(tag: bytes) -> Any:
    """The tag and those of the same value under another version, for `column.in_(...)`."""
    c = tag_pair.c
    return union_all(select(literal(tag, LargeBinary)), select(c.same_as).where(c.tag == tag))


def newest(column: Any) -> Any:
    """A column of tags, each as the newest version has it: two of one value are equal, whatever version they are of."""
    p = tag_pair.alias()
    paired: ScalarSelect[Any] = (
        select(p.c.same_as).where(p.c.tag == column, p.c.newer).order_by(p.c.version.desc()).limit(1).scalar_subquery()
    )
    return func.coalesce(paired, column)


def newest_of(tx: Connection, tag: bytes) -> bytes:
    """One tag as the newest version has it."""
    c = tag_pair.c
    while found := tx.scalar(select(c.same_as).where(c.tag == tag, c.newer).order_by(c.version.desc()).limit(1)):
        tag = found
    return tag


def newest_version() -> Any:
    """The version under which tags are written, within a statement."""
    return select(func.coalesce(func.max(index_version.c.version), 1)).scalar_subquery()


def remember_pair(tx: Connection, old: bytes, new: bytes, version: int) -> None:
    """That two tags are of one value; whoever writes a tag while two versions stand side by side says so."""
    c = tag_pair.c
    if tx.scalar(select(c.tag).where(c.tag == old, c.same_as == new)) is None:
        tx.execute(insert(tag_pair), [
            {"tag": old, "same_as": new, "newer": True, "version": version},
            {"tag": new, "same_as": old, "newer": False, "version": version},
        ])  # fmt: skip


def with_pairs(tx: Connection, tags: Iterable[bytes]) -> frozenset[bytes]:
    """The tags, and those of the same values under another version."""
    known = frozenset(tags)
    c = tag_pair.c
    return known | frozenset(tx.scalars(select(c.same_as).where(c.tag.in_(known))) if known and has_pairs(tx) else ())


def drop_pairs(tx: Connection, tags: frozenset[bytes]) -> None:
    """Pairs of tags that nobody names any more; what a destruction leaves is in no table."""
    if not tags or not has_pairs(tx):
        return
    p, c, k = tag_pair.c, identifier_lookup.c, contract_lookup.c
    named = or_(
        exists().where(c.kind.in_(IDENTIFYING), c.tag.in_([p.tag, p.same_as])).correlate(tag_pair),
        exists().where(k.tag.in_([p.tag, p.same_as])).correlate(tag_pair),
    )
    tx.execute(delete(tag_pair).where(or_(p.tag.in_(tags), p.same_as.in_(tags)), ~named))


def contract_tags(tx: Connection, subject_id: SubjectId, scope: Sequence[Compartment] | None) -> frozenset[bytes]:
    """Of the numbers of the subject's contracts; `scope`: of those whose number lies there alone."""
    if scope is None:
        return frozenset(tag for (tag,) in _CONTRACT_TAGS.all(tx, who=subject_id))
    c, k, r = contract_lookup.c, contract.c, record.c
    parts = [and_(r.purpose == part.purpose, r.category == part.category) for part in scope]
    numbers = (
        select(c.tag)
        .join(contract, and_(k.subject_id == c.subject_id, k.contract_id == c.contract_id))
        .join(record, and_(r.subject_id == c.subject_id, r.record_id == k.number_record_id))
    )
    return frozenset(tx.scalars(numbers.where(c.subject_id == subject_id, or_(false(), *parts))))


_CONTRACT_TAGS = Query(
    select(contract_lookup.c.tag).where(contract_lookup.c.subject_id == bindparam("who", type_=Uuid()))
)


# --- versions -------------------------------------------------------------------------------------------------------


def find_newest(tx: Connection) -> IndexVersion | None:
    """The newest version; None: the first, and no rotation has begun."""
    row = _NEWEST.first(tx)
    return None if row is None else IndexVersion(**dict(zip(IndexVersion.__struct_fields__, row, strict=True)))


_NEWEST = Query(select(*_VERSION).order_by(index_version.c.version.desc()).limit(1))


def versions(tx: Connection) -> list[IndexVersion]:
    return [IndexVersion(**row._mapping) for row in tx.execute(select(*_VERSION).order_by(index_version.c.version))]


def insert_version(tx: Connection, made: IndexVersion) -> None:
    tx.execute(insert(index_version).values({name: getattr(made, name) for name in IndexVersion.__struct_fields__}))


def note_retagged(tx: Connection, version: int, count: int) -> None:
    c = index_version.c
    tx.execute(update(index_version).where(c.version == version).values(retagged=c.retagged + count))


def retire_before(tx: Connection, version: int, now: datetime) -> None:
    """From now on nobody looks for, or writes, a tag of an older version."""
    c = index_version.c
    tx.execute(update(index_version).where(c.version <= version, c.retired_at.is_(None)).values(retired_at=now))


def end(tx: Connection, version: int, now: datetime) -> None:
    c = index_version.c
    tx.execute(update(index_version).where(c.version <= version, c.ended_at.is_(None)).values(ended_at=now))


def forget_pairs(tx: Connection, before: datetime) -> int:
    """Pairs of rotations that ended before a moment."""
    c = index_version.c
    ended = select(c.version).where(c.ended_at < before)
    return tx.execute(delete(tag_pair).where(tag_pair.c.version.in_(ended))).rowcount


# --- writing tags anew ----------------------------------------------------------------------------------------------


def count_left(tx: Connection, version: int) -> int:
    """Identifiers and contract numbers whose tag is of an older version."""
    return sum(
        tx.scalar(select(func.count()).select_from(table).where(table.c.tag_version < version)) or 0
        for table in (identifier, contract_lookup)
    )


def subjects_left(tx: Connection, version: int, *, after: SubjectId | None, limit: int) -> list[SubjectId]:
    """Whose they are, by id."""
    chosen: list[Select[Any]] = []
    for table in (identifier, contract_lookup):
        c = table.c
        beyond = c.tag_version < version if after is None else and_(c.tag_version < version, c.subject_id > after)
        chosen.append(select(c.subject_id).where(beyond))
    found = union(*chosen).subquery()
    return [SubjectId(one) for one in tx.scalars(select(found.c.subject_id).order_by(found.c.subject_id).limit(limit))]


def old_identifiers(tx: Connection, subject_id: SubjectId, version: int) -> list[OldIdentifier]:
    c = identifier.c
    columns = [c[name] for name in OldIdentifier._fields]
    rows = tx.execute(select(*columns).where(c.subject_id == subject_id, c.tag_version < version))
    return [OldIdentifier(*row) for row in rows]


def old_contracts(tx: Connection, subject_id: SubjectId, version: int) -> list[OldContract]:
    c, k = contract_lookup.c, contract.c
    rows = tx.execute(
        select(c.contract_id, c.tag, k.number_record_id)
        .join(contract, and_(k.subject_id == c.subject_id, k.contract_id == c.contract_id))
        .where(c.subject_id == subject_id, c.tag_version < version)
    )
    return [OldContract(*row) for row in rows]


def retag_identifier(tx: Connection, held: OldIdentifier, tag: bytes, version: int) -> None:
    """Identifier, records, look-up and proof of one value of a subject; rows whose key is the tag are made anew."""
    owner = {"subject_id": held.subject_id, "identifier_id": held.identifier_id}
    r, i, p = record.c, identifier.c, proven_holder.c
    tx.execute(update(record).where(r.subject_id == held.subject_id, r.tag == held.tag).values(tag=tag))
    mine = and_(i.subject_id == held.subject_id, i.identifier_id == held.identifier_id)
    tx.execute(update(identifier).where(mine).values(tag=tag, tag_version=version))
    c = identifier_lookup.c
    named = and_(c.subject_id == held.subject_id, c.identifier_id == held.identifier_id)
    tx.execute(delete(identifier_lookup).where(named))
    tx.execute(insert(identifier_lookup).values(**owner, kind=held.kind, tag=tag))
    proof = and_(p.subject_id == held.subject_id, p.identifier_id == held.identifier_id)
    holder = tx.scalar(select(p.holder).where(proof))
    if holder is not None:
        tx.execute(delete(proven_holder).where(proof))
        tx.execute(insert(proven_holder).values(**owner, kind=held.kind, tag=tag, holder=holder))


def retag_contract(tx: Connection, subject_id: SubjectId, held: OldContract, tag: bytes, version: int) -> None:
    c = contract_lookup.c
    tx.execute(delete(contract_lookup).where(c.tag == held.tag, c.contract_id == held.contract_id))
    row = {"subject_id": subject_id, "contract_id": held.contract_id, "tag": tag, "tag_version": version}
    tx.execute(insert(contract_lookup).values(row))


def newest_code(tx: Connection, *, since: datetime, until: datetime) -> datetime | None:
    """When the last code was asked for between two moments: how often an address was asked for counts by its tag."""
    c = challenge.c
    found: datetime | None = tx.scalar(
        select(func.max(c.created_at)).where(c.created_at > since, c.created_at <= until)
    )
    return found


def has_pairs(tx: Connection) -> bool:
    return _A_PAIR.first(tx) is not None


_A_PAIR = Query(select(tag_pair.c.tag).limit(1))
