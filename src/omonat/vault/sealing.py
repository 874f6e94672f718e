"""Sealing a record so that its value cannot be moved to another person, record, purpose or category (clause 6.1)."""

from omonat.crypto import open_sealed, seal
from omonat.kernel.codec import length_prefixed
from omonat.kernel.ids import KeyId, RecordId, SubjectId
from omonat.keystore import Compartment, SubjectKeys
from omonat.vault.model import HeldRecord

_FORMAT = b"omonat/record/1"


def seal_value(keys: SubjectKeys, record_id: RecordId, part: Compartment, value: str) -> tuple[KeyId, bytes]:
    """(key id, sealed value)."""
    held = keys.compartment(part)
    return held.key_id, seal(held.key, value.encode(), _associated(keys.subject_id, record_id, held.key_id, part))


def open_value(keys: SubjectKeys, held: HeldRecord) -> str:
    """The value. Raises Damaged when anything about it was changed or moved; Denied when its key is destroyed."""
    associated = _associated(held.subject_id, held.record_id, held.key_id, held.compartment)
    return open_sealed(keys.by_id(held.key_id), held.sealed_value, associated).decode()


def _associated(subject_id: SubjectId, record_id: RecordId, key_id: KeyId, part: Compartment) -> bytes:
    """Wire format: never reorder."""
    return length_prefixed(
        _FORMAT, key_id.bytes, subject_id.bytes, record_id.bytes, part.purpose.encode(), part.category.encode()
    )
