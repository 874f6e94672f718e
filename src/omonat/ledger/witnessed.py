"""What witnesses hand back: their cosignatures are verified and put under the checkpoints that the ledger serves.

A fresh checkpoint has no cosignature until a witness has seen it. So the newest cosigned one is kept beside it, in the
file `witnessed`: on a busy day it is a little older than `checkpoint`, and it is the one that outsiders vouch for.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from omonat.ledger.cosignature import WitnessKey, read_witness_key, with_cosignatures
from omonat.ledger.note import BadNote, Checkpoint, Note, Signature, VerifierKey, open_checkpoint, open_note
from omonat.ledger.refusals import BadCheckpoint, NotConsistent
from omonat.ledger.tiles import TileFolder, write_whole
from omonat.ledger.witness import grew

WITNESSED = "witnessed"


class Kept(msgspec.Struct, frozen=True):
    """What was taken: the head, whose cosignatures, and whether it is the checkpoint that is served now."""

    head: Checkpoint
    lines: tuple[Signature, ...]
    is_newest: bool


class Cosignatures:
    """The cosignatures of one ledger: `folder` and `key` are its own, `witnesses` those whose word counts."""

    def __init__(self, folder: Path, key: VerifierKey, witnesses: Sequence[WitnessKey]) -> None:
        self._tiles = TileFolder(folder)
        self._key, self._witnesses = key, list(witnesses)

    def add(self, data: bytes) -> Kept:
        """Keep the cosignatures under the checkpoint `data`.

        Raises BadCheckpoint when it is none of this ledger or no configured witness signed it, NotConsistent when the
        tree on disk did not grow out of it: then this ledger has been rewritten since the witness saw it.
        """
        head, note = self._opened(data)
        lines = self._verified(data)
        with self._tiles.locked():
            present, now = self._present()
            if head.size > now.size or not grew(self._tiles, head, now):
                raise NotConsistent(origin=head.origin, size=now.size, old_size=head.size)
            is_newest = open_note(present, [self._key]).text == note.text
            if is_newest:
                self._tiles.write_checkpoint(with_cosignatures(present, lines))
            self._keep(note, head, lines)
        return Kept(head, lines, is_newest)

    def _keep(self, note: Note, head: Checkpoint, lines: tuple[Signature, ...]) -> None:
        data = self._tiles.read(WITNESSED)
        if data is not None:
            before, kept = self._opened(data)
            if before.size > head.size:
                return
            if kept.text == note.text:
                note = Note(note.text, (*note.signatures, *self._verified(data)))
        write_whole(self._tiles.folder / WITNESSED, with_cosignatures(note.data(), lines))

    def _present(self) -> tuple[bytes, Checkpoint]:
        data = self._tiles.find_checkpoint()
        if data is None:
            raise BadCheckpoint(origin=self._key.name, why="nothing was signed here yet")
        return data, self._opened(data)[0]

    def _opened(self, data: bytes) -> tuple[Checkpoint, Note]:
        """The head, and the note with the ledger's own signature only."""
        try:
            return open_checkpoint(data, self._key), open_note(data, [self._key])
        except BadNote as error:
            raise BadCheckpoint(origin=self._key.name, why=str(error)) from error

    def _verified(self, data: bytes) -> tuple[Signature, ...]:
        try:
            return open_note(data, self._witnesses).signatures
        except BadNote as error:
            why = f"{error}; witnesses named in the settings: {len(self._witnesses)}"
            raise BadCheckpoint(origin=self._key.name, why=why) from error


def read_witness_keys(texts: Sequence[str]) -> list[WitnessKey]:
    """The keys of the setting `witnesses`. Raises BadNote."""
    return [read_witness_key(text) for text in texts]


def witnessed_by(data: bytes, keys: Sequence[WitnessKey]) -> tuple[Signature, ...]:
    """The cosignatures of `keys` under a checkpoint; none where nobody of them signed."""
    try:
        return open_note(data, list(keys)).signatures if keys else ()
    except BadNote:
        return ()
