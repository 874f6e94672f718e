"""SQL of contracts and their documents."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, insert, or_, select, update

from omonat.contracts.model import Contract, Document
from omonat.kernel.ids import SubjectId
from omonat.storage.schema import contract, contract_document, contract_lookup, record
from omonat.vault.rows import newest_version

_CONTRACT = [contract.c[name] for name in Contract.__struct_fields__ if name != "documents"]
_DOCUMENT = [contract_document.c[name] for name in Document.__struct_fields__]


def insert_contract(tx: Connection, row: dict[str, Any], tag: bytes) -> None:
    tx.execute(insert(contract).values(row))
    ids = {"subject_id": row["subject_id"], "contract_id": row["contract_id"]}
    tx.execute(insert(contract_lookup).values(**ids, tag=tag, tag_version=newest_version()))


def find_contract(tx: Connection, contract_id: UUID) -> Contract | None:
    """One contract with its documents."""
    row = tx.execute(select(*_CONTRACT).where(contract.c.contract_id == contract_id)).first()
    if row is None:
        return None
    c = contract_document.c
    chosen = select(*_DOCUMENT).where(c.subject_id == row.subject_id, c.contract_id == contract_id)
    documents = tuple(Document(**found._mapping) for found in tx.execute(chosen.order_by(c.record_id)))
    return Contract(**row._mapping, documents=documents)


def contracts_of(tx: Connection, subject_id: SubjectId) -> list[Contract]:
    """The contracts of a person with their documents, newest first."""
    c, d = contract.c, contract_document.c
    rows = tx.execute(select(*_CONTRACT).where(c.subject_id == subject_id).order_by(c.contract_id.desc())).all()
    if not rows:
        return []
    found = tx.execute(select(*_DOCUMENT).where(d.subject_id == subject_id).order_by(d.record_id))
    documents = [Document(**row._mapping) for row in found]
    return [
        Contract(**row._mapping, documents=tuple(one for one in documents if one.contract_id == row.contract_id))
        for row in rows
    ]


def page(
    tx: Connection, states: Iterable[str], limit: int, after: tuple[date, UUID] | None
) -> list[Contract]:  # fmt: skip
    """Without documents, the latest first day first; `after` is (starts_on, contract_id) of the last one seen."""
    c = contract.c
    wanted = select(*_CONTRACT).where(c.state.in_(list(states)))
    if after is not None:
        day, contract_id = after
        wanted = wanted.where(or_(c.starts_on < day, and_(c.starts_on == day, c.contract_id < contract_id)))
    rows = tx.execute(wanted.order_by(c.starts_on.desc(), c.contract_id.desc()).limit(limit))
    return [Contract(**row._mapping) for row in rows]


def by_tags(tx: Connection, tags: Iterable[bytes]) -> list[tuple[SubjectId, UUID, str]]:
    """(subject, contract, state) of every contract with that number."""
    c, found = contract.c, contract_lookup.c
    rows = tx.execute(
        select(c.subject_id, c.contract_id, c.state)
        .join(contract_lookup, and_(found.subject_id == c.subject_id, found.contract_id == c.contract_id))
        .where(found.tag.in_(list(tags)))
        .order_by(c.contract_id)
    )
    return [(SubjectId(row.subject_id), row.contract_id, row.state) for row in rows]


def standing(tx: Connection, subject_id: SubjectId) -> list[tuple[UUID, str, date | None]]:
    """(contract, state, last day) of drafts and running ones."""
    c = contract.c
    chosen = and_(c.subject_id == subject_id, c.state.in_(("draft", "running")))
    rows = tx.execute(select(c.contract_id, c.state, c.ends_on).where(chosen))
    return [(row.contract_id, row.state, row.ends_on) for row in rows]


def run_out(tx: Connection, today: date, limit: int) -> list[Contract]:
    """Running contracts whose last day has passed."""
    c = contract.c
    chosen = and_(c.state == "running", c.ends_on < today)
    rows = tx.execute(select(*_CONTRACT).where(chosen).order_by(c.contract_id).limit(limit))
    return [Contract(**row._mapping) for row in rows]


def set_state(tx: Connection, held: Contract, state: str, ended_on: date | None) -> bool:
    """Whether this call changed it: somebody else may have been quicker."""
    c = contract.c
    chosen = and_(c.subject_id == held.subject_id, c.contract_id == held.contract_id, c.state == held.state)
    return tx.execute(update(contract).where(chosen).values(state=state, ended_on=ended_on)).rowcount == 1


def insert_document(tx: Connection, subject_id: SubjectId, document: Document) -> None:
    row = {name: getattr(document, name) for name in Document.__struct_fields__}
    tx.execute(insert(contract_document).values(subject_id=subject_id, **row))


def set_ends(tx: Connection, subject_id: SubjectId, purpose: str, category: str, keep_until: datetime) -> int:
    """The terms of what waited for the end of the contract begin."""
    c = record.c
    waiting = and_(c.subject_id == subject_id, c.purpose == purpose, c.category == category, c.keep_until.is_(None))
    return tx.execute(update(record).where(waiting).values(keep_until=keep_until)).rowcount


def clear_ends(tx: Connection, subject_id: SubjectId, purpose: str, category: str, now: datetime) -> int:
    """What had been counted from the end of a case waits for the end of the contract; what is due stays due."""
    c = record.c
    running = and_(c.subject_id == subject_id, c.purpose == purpose, c.category == category, c.keep_until > now)
    return tx.execute(update(record).where(running).values(keep_until=None)).rowcount
