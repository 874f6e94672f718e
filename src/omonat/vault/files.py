"""Files of a person: the name is the value of a record, the bytes are sealed beside it under the same key (6.1).

They live and die with the record: whoever destroys or moves records calls `drop_unheld` or `move_file`.
"""

from sqlalchemy import Connection

from omonat.crypto import open_sealed, seal
from omonat.kernel.codec import length_prefixed
from omonat.kernel.ids import RecordId, SubjectId
from omonat.keystore import Compartment, SubjectKeys
from omonat.vault import files_store
from omonat.vault.files_store import drop_unheld
from omonat.vault.model import HeldRecord

PART_BYTES = 256 * 1024
_FORMAT = b"omonat/file/1"

__all__ = ["add_file", "drop_unheld", "move_file", "open_file", "reseal_file"]


def add_file(tx: Connection, keys: SubjectKeys, record_id: RecordId, part: Compartment, content: bytes) -> None:
    """Seal the bytes of a file beside the record that holds its name, which lies in `part`."""
    held = keys.compartment(part)
    pieces = [content[start : start + PART_BYTES] for start in range(0, len(content), PART_BYTES)] or [b""]
    sealed = [
        seal(held.key, piece, _associated(keys.subject_id, record_id, number, len(pieces)))
        for number, piece in enumerate(pieces)
    ]
    files_store.insert_parts(tx, keys.subject_id, record_id, sealed)


def open_file(tx: Connection, keys: SubjectKeys, held: HeldRecord) -> bytes:
    """The bytes. Raises Damaged when a part is missing, changed or moved; Denied when the key is destroyed."""
    return open_parts(keys, held, files_store.parts_of(tx, held.subject_id, held.record_id))


def open_parts(keys: SubjectKeys, held: HeldRecord, parts: list[bytes]) -> bytes:
    """The same for parts that were read."""
    key = keys.by_id(held.key_id)
    return b"".join(
        open_sealed(key, sealed, _associated(held.subject_id, held.record_id, number, len(parts)))
        for number, sealed in enumerate(parts)
    )


def move_file(tx: Connection, source: SubjectKeys, target: SubjectKeys, held: HeldRecord) -> None:
    """Open under the source's keys, seal under the target's; does nothing for a record without a file."""
    if not files_store.parts_of(tx, held.subject_id, held.record_id):
        return
    content = open_file(tx, source, held)
    files_store.delete_parts(tx, held.subject_id, held.record_id)
    add_file(tx, target, held.record_id, held.compartment, content)


def reseal_file(tx: Connection, keys: SubjectKeys, held: HeldRecord) -> None:
    """Open under the version of `held`, seal under the newest; does nothing for a record without a file."""
    move_file(tx, keys, keys, held)


def _associated(subject_id: SubjectId, record_id: RecordId, number: int, count: int) -> bytes:
    """Wire format: never reorder. The count keeps a file whole."""
    return length_prefixed(_FORMAT, subject_id.bytes, record_id.bytes, str(number).encode(), str(count).encode())
