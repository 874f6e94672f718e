"""What was destroyed, kept outside the backup set, so that a restore cannot bring it back (clause 6.2).

One line per destruction in `ledger/tombstones`: JSON with opaque ids and words, no personal value; then `#` and the
first 16 hex digits of its SHA-256. A changed line is refused, never passed over: behind it somebody might come back.
"""

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

import msgspec

from omonat.kernel.codec import from_json, to_json
from omonat.kernel.disk import needing_space
from omonat.kernel.errors import Damaged
from omonat.kernel.ids import EventId, RecordId, SubjectId
from omonat.keystore import Compartment

_SUM_LENGTH = 16
_ID = 16


class Tombstone(msgspec.Struct, frozen=True):
    """A subject, or some of its compartments, that must not be there any more.

    `keys`: how many there were when the line was written, before any was destroyed; None in lists of older releases.
    `records`: ids of the values that lay there, as `packed`: an older copy of the data may hold them under another
    number. `into`: whom the emptied subject was joined into.
    """

    subject_id: SubjectId
    event_id: EventId
    trigger: str
    scope: tuple[Compartment, ...] | None
    keys: int | None = None
    records: str = ""
    into: SubjectId | None = None

    def record_ids(self) -> Iterator[RecordId]:
        """Of the values that lay there."""
        ids = b64decode(self.records)
        return (RecordId(UUID(bytes=ids[at : at + _ID])) for at in range(0, len(ids), _ID))


def packed(records: Iterable[UUID]) -> str:
    """Ids as a line holds them: 16 bytes each, together in base64."""
    return b64encode(b"".join(one.bytes for one in sorted(records))).decode()


class Tombstones:
    """The file. Appending is durable when `add` returns; repeating a line is harmless."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, *stones: Tombstone) -> None:
        """A line each, flushed to the disk together. Raises Damaged, DiskFull."""
        with needing_space(), self._path.open("a+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._end_last_line(file)
            file.write(b"".join(_line(stone) for stone in stones))
            file.flush()
            os.fsync(file.fileno())

    def _end_last_line(self, file: BinaryIO) -> None:
        """A crash or a full disk may have cut off the last line: its destruction had not begun, so it goes."""
        end = file.seek(0, os.SEEK_END)
        file.seek(max(0, end - 1))
        if end == 0 or file.read(1) == b"\n":
            return
        file.seek(0)
        rest = file.read().rpartition(b"\n")[2]
        if not _is_cut_off(rest):
            raise Damaged(what="The list of destructions")
        file.truncate(end - len(rest))

    def all(self) -> Iterator[Tombstone]:
        """Oldest first. A last line that a crash cut off is passed over: its destruction had not begun.

        Raises Damaged for any other line that is not as it was written.
        """
        if not self._path.exists():
            return
        *lines, rest = self._path.read_bytes().split(b"\n")
        for line in lines:
            yield _read(line)
        if rest and not _is_cut_off(rest):
            yield _read(rest)

    def check(self) -> int:
        """How many there are, once each was read. Raises Damaged."""
        return sum(1 for _stone in self.all())


def _line(stone: Tombstone) -> bytes:
    text = to_json(stone)
    return text + b"#" + _sum(text) + b"\n"


def _sum(text: bytes) -> bytes:
    return sha256(text).hexdigest()[:_SUM_LENGTH].encode()


def _read(line: bytes) -> Tombstone:
    text, _, seen = line.rpartition(b"#")
    try:
        if seen != _sum(text):
            raise Damaged(what="The list of destructions")
        return from_json(text, Tombstone)
    except msgspec.DecodeError:
        raise Damaged(what="The list of destructions") from None


def _is_cut_off(rest: bytes) -> bool:
    """Whether a last line without its end was never whole; a whole one whose end was changed is damage."""
    return len(rest.rpartition(b"#")[2]) < _SUM_LENGTH if b"#" in rest else True
