"""What was destroyed, kept outside the backup set, so that a restore cannot bring it back (clause 6.2).

One JSON line per destruction in `ledger/tombstones`: an opaque id and words, no personal value.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from omonat.kernel.codec import from_json, to_json
from omonat.kernel.ids import EventId, SubjectId
from omonat.keystore import Compartment


class Tombstone(msgspec.Struct, frozen=True):
    """A subject, or some of its compartments, that must not be there any more."""

    subject_id: SubjectId
    event_id: EventId
    trigger: str
    scope: tuple[Compartment, ...] | None


class Tombstones:
    """The file. Appending is durable when `add` returns; repeating a line is harmless."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, stone: Tombstone) -> None:
        """One line, flushed to the disk."""
        self.add_many([stone])

    def add_many(self, stones: Iterable[Tombstone]) -> None:
        """A line each, flushed to the disk together."""
        with self._path.open("ab") as file:
            file.write(b"".join(to_json(stone) + b"\n" for stone in stones))
            file.flush()
            os.fsync(file.fileno())

    def all(self) -> Iterator[Tombstone]:
        """Oldest first. A last line that a crash cut off is passed over: its destruction had not begun."""
        if not self._path.exists():
            return
        for line in self._path.read_bytes().splitlines():
            try:
                yield from_json(line, Tombstone)
            except msgspec.DecodeError:
                continue
