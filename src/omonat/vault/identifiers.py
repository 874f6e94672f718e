"""Which identifiers a subject names, kept in step with the records that hold them."""

from datetime import datetime

from sqlalchemy import Connection

from omonat.kernel.ids import IdentifierId, RecordId, SubjectId, new_id
from omonat.vault import erasure_store, store
from omonat.vault.model import HeldIdentifier


def claim(tx: Connection, subject_id: SubjectId, kind: str, tag: bytes, *, record_id: RecordId, now: datetime) -> None:
    """A typed identifier is claimed, never more; a subject names one value once."""
    if any(held.kind == kind and held.tag == tag for held in store.identifiers_of(tx, subject_id)):
        return
    made = HeldIdentifier(
        subject_id=subject_id, identifier_id=IdentifierId(new_id()), kind=kind, tag=tag, state="claimed",
        record_id=record_id, claimed_at=now, proven_at=None,
    )  # fmt: skip
    store.insert_identifier(tx, made)


def drop_lost(tx: Connection, subject_id: SubjectId) -> int:
    """An identifier goes with the last record of its value; returns how many went."""
    remaining = erasure_store.records_by_tag(tx, subject_id)
    lost = 0
    for held in store.identifiers_of(tx, subject_id):
        if held.tag in remaining:
            erasure_store.point_identifier(tx, held, remaining[held.tag])
        else:
            store.delete_identifier(tx, held)
            lost += 1
    return lost
