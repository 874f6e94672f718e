"""SQL of sealing values anew."""

from sqlalchemy import Connection, and_, select, update

from omonat.kernel.ids import KeyId, SubjectId
from omonat.storage.schema import record
from omonat.vault.model import HeldRecord

_COLUMNS = [record.c[name] for name in HeldRecord.__struct_fields__]


def records_under(tx: Connection, subject_id: SubjectId, key_ids: list[KeyId]) -> list[HeldRecord]:
    """Records of a subject that lie under some versions of keys."""
    c = record.c
    chosen = select(*_COLUMNS).where(c.subject_id == subject_id, c.key_id.in_(key_ids))
    return [HeldRecord(**row._mapping) for row in tx.execute(chosen.order_by(c.record_id))]


def replace_sealed(tx: Connection, held: HeldRecord, key_id: KeyId, sealed_value: bytes) -> bool:
    """Put the value under another version, unless it was corrected, moved or destroyed meanwhile."""
    c = record.c
    same = and_(
        c.subject_id == held.subject_id, c.record_id == held.record_id, c.key_id == held.key_id,
        c.sealed_value == held.sealed_value,
    )  # fmt: skip
    return tx.execute(update(record).where(same).values(key_id=key_id, sealed_value=sealed_value)).rowcount == 1
