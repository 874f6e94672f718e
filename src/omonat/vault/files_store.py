"""SQL of files, and of what goes when the record that it names has gone."""

from sqlalchemy import Connection, delete, insert, select

from omonat.kernel.ids import RecordId, SubjectId
from omonat.storage.schema import contract, contract_document, contract_lookup, record, record_part


def insert_parts(tx: Connection, subject_id: SubjectId, record_id: RecordId, sealed: list[bytes]) -> None:
    ids = {"subject_id": subject_id, "record_id": record_id}
    tx.execute(insert(record_part), [{**ids, "number": n, "sealed_bytes": piece} for n, piece in enumerate(sealed)])


def parts_of(tx: Connection, subject_id: SubjectId, record_id: RecordId) -> list[bytes]:
    """The sealed parts in order."""
    c = record_part.c
    chosen = select(c.sealed_bytes).where(c.subject_id == subject_id, c.record_id == record_id)
    return list(tx.scalars(chosen.order_by(c.number)))


def delete_parts(tx: Connection, subject_id: SubjectId, record_id: RecordId) -> None:
    c = record_part.c
    tx.execute(delete(record_part).where(c.subject_id == subject_id, c.record_id == record_id))


def drop_unheld(tx: Connection, subject_id: SubjectId) -> None:
    """Files, documents and contracts of a person whose record is no longer there."""
    held = select(record.c.record_id).where(record.c.subject_id == subject_id)
    for table in (record_part, contract_document):
        tx.execute(delete(table).where(table.c.subject_id == subject_id, table.c.record_id.not_in(held)))
    c = contract.c
    gone = list(
        tx.scalars(select(c.contract_id).where(c.subject_id == subject_id, c.number_record_id.not_in(held)))
    )  # fmt: skip
    if gone:
        tx.execute(delete(contract_lookup).where(contract_lookup.c.contract_id.in_(gone)))
        tx.execute(delete(contract_document).where(
            contract_document.c.subject_id == subject_id, contract_document.c.contract_id.in_(gone)))  # fmt: skip
        tx.execute(delete(contract).where(c.subject_id == subject_id, c.contract_id.in_(gone)))
