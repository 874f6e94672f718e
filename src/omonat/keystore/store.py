"""SQL of the key store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    Connection,
    Row,
    Select,
    Uuid,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    or_,
    select,
    true,
    union_all,
    update,
)  # fmt: skip

from omonat.kernel.ids import KeyId, SubjectId
from omonat.keystore.model import Compartment, Epoch
from omonat.storage import Database
from omonat.storage.schema import compartment_key, key_epoch, retired_key, secret, subject_key
from omonat.storage.statements import Command, Query


def insert_secret(tx: Connection, name: str, version: int, wrapped: bytes, now: datetime) -> None:
    tx.execute(insert(secret).values(name=name, version=version, wrapped=wrapped, created_at=now))


def find_secret(tx: Connection, name: str) -> Row[Any, Any] | None:
    """The newest version of a secret: (version, wrapped)."""
    newest = select(secret.c.version, secret.c.wrapped).where(secret.c.name == name).order_by(secret.c.version.desc())
    return tx.execute(newest.limit(1)).first()


def find_secret_version(tx: Connection, name: str, version: int) -> bytes | None:
    found: bytes | None = tx.scalar(select(secret.c.wrapped).where(secret.c.name == name, secret.c.version == version))
    return found


def versions_of(tx: Connection, names: Iterable[str]) -> list[tuple[str, int, datetime]]:
    """(name, version, made at) of every version of some secrets."""
    c = secret.c
    rows = tx.execute(select(c.name, c.version, c.created_at).where(c.name.in_(list(names))).order_by(c.version))
    return [(row.name, row.version, row.created_at) for row in rows]


def delete_versions_before(tx: Connection, names: Iterable[str], version: int) -> int:
    c = secret.c
    return tx.execute(delete(secret).where(c.name.in_(list(names)), c.version < version)).rowcount


def delete_secret(tx: Connection, name: str) -> int:
    return tx.execute(delete(secret).where(secret.c.name == name)).rowcount


def secrets_made_before(tx: Connection, prefix: str, moment: datetime) -> list[str]:
    rows = tx.execute(select(secret.c.name).where(secret.c.name.startswith(prefix), secret.c.created_at < moment))
    return [row.name for row in rows]


_ADD_SUBJECT = Command(insert(subject_key), [column.name for column in subject_key.c])
_ADD_COMPARTMENT = Command(insert(compartment_key), [column.name for column in compartment_key.c])


def insert_subjects(tx: Connection, wrapped: Iterable[tuple[SubjectId, bytes]], now: datetime) -> None:
    """(subject, wrapped key) of each."""
    _ADD_SUBJECT.run_many(tx, [{"subject_id": who, "wrapped": key, "created_at": now} for who, key in wrapped])


def find_subject(tx: Connection, subject_id: SubjectId) -> bytes | None:
    found: bytes | None = tx.scalar(select(subject_key.c.wrapped).where(subject_key.c.subject_id == subject_id))
    return found


class HeldKey(NamedTuple):
    """A wrapped compartment key; `present`: the version that seals."""

    key_id: KeyId
    part: Compartment
    wrapped: bytes
    present: bool


Held = tuple[bytes, list[HeldKey]]


def ask_all_of(database: Database, subject_id: SubjectId) -> tuple[bytes | None, list[HeldKey]]:
    """The wrapped key of a subject, None when there is none, and those of its compartments: in one statement."""
    return _by_subject(database.ask(_ALL_OF, who=subject_id)).get(subject_id, (None, []))


def all_of(tx: Connection, subject_id: SubjectId) -> tuple[bytes | None, list[HeldKey]]:
    """The same inside a transaction."""
    return _by_subject(_ALL_OF.all(tx, who=subject_id)).get(subject_id, (None, []))


def all_of_many(tx: Connection, people: Sequence[SubjectId]) -> dict[SubjectId, Held]:
    """The same for a page of subjects, in one statement; those without keys are not in it."""
    return _by_subject(tx.execute(_held_keys(lambda column: column.in_(people))))


def part_of_many(tx: Connection, people: Sequence[SubjectId], part: Compartment) -> dict[SubjectId, Held]:
    """The wrapped keys of many with the present one of a single part, in one statement for each 256 of them."""
    found: dict[SubjectId, Held] = {}
    for first in range(0, len(people), _SIZES[-1]):
        page = people[first : first + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(page))
        asked = {name: page[n % len(page)] for n, name in enumerate(_names(size))}  # filled up with the same again
        found |= _by_subject(_PART_OF[size].all(tx, **asked, purpose=part.purpose, category=part.category))
    return found


def _by_subject(rows: Iterable[Any]) -> dict[SubjectId, Held]:
    found: dict[SubjectId, Held] = {}
    for subject_id, root, key_id, purpose, category, wrapped, present in rows:
        _root, parts = found.setdefault(subject_id, (root, []))
        if key_id:
            parts.append(HeldKey(KeyId(key_id), Compartment(purpose, category), wrapped, bool(present)))
    return found


def _held_keys(whose: Callable[[Any], Any]) -> Select[Any]:
    versions = union_all(*(
        select(table.c.subject_id, table.c.key_id, table.c.purpose, table.c.category, table.c.wrapped,
               present.label("present")).where(whose(table.c.subject_id))
        for table, present in ((compartment_key, true()), (retired_key, false()))
    )).subquery()  # fmt: skip
    s, c = subject_key.c, versions.c
    return (
        select(s.subject_id, s.wrapped.label("root"), c.key_id, c.purpose, c.category, c.wrapped, c.present)
        .select_from(subject_key.outerjoin(versions, c.subject_id == s.subject_id))
        .where(whose(s.subject_id))
    )


_WHO = bindparam("who", type_=Uuid())
_ALL_OF = Query(_held_keys(lambda column: column == _WHO))


def _names(size: int) -> list[str]:
    return [f"who{n}" for n in range(size)]


def _part_of(size: int) -> Query:
    s, c = subject_key.c, compartment_key.c
    whom = s.subject_id.in_([bindparam(name, type_=Uuid()) for name in _names(size)])
    part = and_(c.purpose == bindparam("purpose"), c.category == bindparam("category"))
    return Query(
        select(s.subject_id, s.wrapped.label("root"), c.key_id, c.purpose, c.category, c.wrapped, true())
        .select_from(subject_key.outerjoin(compartment_key, and_(c.subject_id == s.subject_id, part)))
        .where(whom)
    )


_SIZES = (1, 4, 16, 64, 256)
_PART_OF = {size: _part_of(size) for size in _SIZES}
"""By how many are asked for: few sizes, so that each is compiled once."""


def insert_compartments(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    _ADD_COMPARTMENT.run_many(tx, rows)


def compartments_of(tx: Connection, subject_id: SubjectId) -> list[tuple[KeyId, Compartment, bytes]]:
    c = compartment_key.c
    rows = tx.execute(select(c.key_id, c.purpose, c.category, c.wrapped).where(c.subject_id == subject_id))
    return [(KeyId(row.key_id), Compartment(row.purpose, row.category), row.wrapped) for row in rows]


_VERSIONS = (compartment_key, retired_key)


def delete_compartments(tx: Connection, subject_id: SubjectId, parts: Iterable[Compartment]) -> int:
    """Every version of the keys of `parts`; returns how many."""
    chosen = list(parts)
    return sum(tx.execute(delete(table).where(_of(table, subject_id, chosen))).rowcount for table in _VERSIONS)


def delete_subject(tx: Connection, subject_id: SubjectId) -> int:
    """Every version of every key of a subject; returns how many."""
    return sum(command.run(tx, {"who": subject_id}) for command in _DELETE_ALL)


def count_keys(tx: Connection, subject_id: SubjectId, parts: Iterable[Compartment] | None) -> int:
    """Every version counts, and the key of the subject when `parts` is None."""
    if parts is None:
        return count_keys_of_whole(tx, [subject_id]).get(subject_id, 0)
    chosen = list(parts)
    counts = (
        tx.scalar(select(func.count()).select_from(table).where(_of(table, subject_id, chosen))) for table in _VERSIONS
    )
    return sum(count or 0 for count in counts)


def count_keys_of_whole(tx: Connection, people: Sequence[SubjectId]) -> dict[SubjectId, int]:
    """The same for many whole subjects, in one statement; who has none is not in it."""
    if not people:
        return {}
    each = (select(table.c.subject_id).where(table.c.subject_id.in_(people)) for table in (*_VERSIONS, subject_key))
    found = union_all(*each).subquery()
    rows = tx.execute(select(found.c.subject_id, func.count()).group_by(found.c.subject_id))
    return {SubjectId(who): count for who, count in rows}


_DELETE_ALL = tuple(Command(delete(table).where(table.c.subject_id == _WHO)) for table in (*_VERSIONS, subject_key))


def delete_older_compartments(tx: Connection, subject_id: SubjectId, parts: Iterable[Compartment], before: UUID) -> int:
    """Keys of `parts` that were made before the event `before`, and every version that came of them since.

    Ids sort by time of making. A part whose oldest version is younger than the event belongs to a later consent.
    """
    return delete_compartments(tx, subject_id, _older_parts(tx, subject_id, list(parts), before))


def count_older_compartments(tx: Connection, subject_id: SubjectId, parts: Iterable[Compartment], before: UUID) -> int:
    """How many that would delete."""
    return count_keys(tx, subject_id, _older_parts(tx, subject_id, list(parts), before))


def _older_parts(tx: Connection, subject_id: SubjectId, chosen: list[Compartment], before: UUID) -> list[Compartment]:
    """Those whose oldest version was made before the event."""
    oldest = dict[Compartment, UUID]()
    for table in _VERSIONS:
        c = table.c
        rows = tx.execute(
            select(c.purpose, c.category, c.key_id).where(_of(table, subject_id, chosen)).order_by(c.key_id)
        )
        for row in rows:
            part = Compartment(row.purpose, row.category)
            oldest[part] = min(row.key_id, oldest.get(part, row.key_id))
    return [part for part, key_id in oldest.items() if key_id < before]


def _of(table: Any, subject_id: SubjectId, parts: list[Compartment] | None) -> Any:
    c = table.c
    if parts is None:
        return c.subject_id == subject_id
    chosen = [and_(c.purpose == part.purpose, c.category == part.category) for part in parts]
    return and_(c.subject_id == subject_id, or_(false(), *chosen))  # no part at all is nothing, not everything


def subjects_made_before(tx: Connection, moment: datetime) -> list[SubjectId]:
    rows = tx.execute(select(subject_key.c.subject_id).where(subject_key.c.created_at < moment))
    return [SubjectId(row.subject_id) for row in rows]


# --- epochs of the key-encryption key -------------------------------------------------------------------------------


def epochs(tx: Connection) -> list[Epoch]:
    """Every epoch, oldest first; none in a key store of before there were epochs."""
    names = Epoch.__struct_fields__
    return [Epoch(**dict(zip(names, row, strict=True))) for row in _EPOCHS.all(tx)]


_EPOCHS = Query(select(*(key_epoch.c[name] for name in Epoch.__struct_fields__)).order_by(key_epoch.c.number))


def insert_epoch(tx: Connection, epoch: Epoch) -> None:
    tx.execute(insert(key_epoch).values({name: getattr(epoch, name) for name in Epoch.__struct_fields__}))


def note_subjects(tx: Connection, number: int, count: int, *, to: SubjectId) -> None:
    c = key_epoch.c
    moved = {c.rewrapped_subjects: c.rewrapped_subjects + count, c.rewrapped_to: to}
    tx.execute(update(key_epoch).where(c.number == number).values(moved))


def note_secrets(tx: Connection, number: int, count: int) -> None:
    c = key_epoch.c
    tx.execute(update(key_epoch).where(c.number == number).values(rewrapped_secrets=c.rewrapped_secrets + count))


def retire_before(tx: Connection, number: int, now: datetime) -> None:
    c = key_epoch.c
    tx.execute(update(key_epoch).where(c.number < number, c.retired_at.is_(None)).values(retired_at=now))


def destroyed_before(tx: Connection, number: int, now: datetime) -> None:
    c = key_epoch.c
    tx.execute(update(key_epoch).where(c.number < number, c.destroyed_at.is_(None)).values(destroyed_at=now))


def secrets_not_under(tx: Connection, head: bytes) -> list[tuple[str, int, bytes]]:
    """(name, version, wrapped) of the secrets that lie under another key."""
    c = secret.c
    rows = tx.execute(select(c.name, c.version, c.wrapped).where(_not_under(c.wrapped, head)))
    return [(row.name, row.version, row.wrapped) for row in rows]


def subjects_not_under(
    tx: Connection, head: bytes, *, after: SubjectId | None, limit: int
) -> list[tuple[SubjectId, bytes]]:
    """(subject, wrapped key) of those that lie under another key, by id."""
    c = subject_key.c
    chosen = select(c.subject_id, c.wrapped).where(_not_under(c.wrapped, head)).order_by(c.subject_id).limit(limit)
    rows = tx.execute(chosen if after is None else chosen.where(c.subject_id > after))
    return [(SubjectId(row.subject_id), row.wrapped) for row in rows]


def count_not_under(tx: Connection, head: bytes) -> int:
    """How many subjects and secrets lie under another key."""
    return sum(
        tx.scalar(select(func.count()).select_from(table).where(_not_under(table.c.wrapped, head))) or 0
        for table in (subject_key, secret)
    )


def replace_subject(tx: Connection, subject_id: SubjectId, old: bytes, new: bytes) -> int:
    """Put the same key under another one, unless it was destroyed or moved meanwhile. Returns how many: 0 or 1."""
    c = subject_key.c
    held = and_(c.subject_id == subject_id, c.wrapped == old)
    return tx.execute(update(subject_key).where(held).values(wrapped=new)).rowcount


def replace_secret(tx: Connection, name: str, version: int, old: bytes, new: bytes) -> int:
    """The same for a secret."""
    c = secret.c
    held = and_(c.name == name, c.version == version, c.wrapped == old)
    return tx.execute(update(secret).where(held).values(wrapped=new)).rowcount


def _not_under(wrapped: Any, head: bytes) -> Any:
    return func.substr(wrapped, 1, len(head)) != head
