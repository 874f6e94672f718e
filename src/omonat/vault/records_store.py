"""SQL of records as they lie there, for whoever writes their tags or seals their values anew."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Connection, select

from omonat.kernel.ids import SubjectId
from omonat.storage.schema import record
from omonat.vault.model import HeldRecord

_COLUMNS = [record.c[name] for name in HeldRecord.__struct_fields__]


def tagged_records(tx: Connection, subject_id: SubjectId, ids: Iterable[UUID] | None = None) -> list[HeldRecord]:
    """Records of a subject that hold an identifier, or the named ones; with their tags as they lie there."""
    c = record.c
    wanted = c.tag.is_not(None) if ids is None else c.record_id.in_(list(ids))
    rows = tx.execute(select(*_COLUMNS).where(c.subject_id == subject_id, wanted).order_by(c.record_id))
    return [HeldRecord(**row._mapping) for row in rows]
