"""A witness: it remembers the last tree that it saw of a ledger, and cosigns only what grew out of it.

Whoever holds the ledger's folder, database and signing key can make another history, but cannot make a witness that
stands elsewhere forget. What it saw is durable before its cosignature goes out: after a power cut in between, it knows
of a tree that it has not cosigned, never the other way round.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from omonat.crypto.signing import Signer
from omonat.kernel.errors import Damaged
from omonat.ledger.cosignature import cosign, with_cosignatures
from omonat.ledger.merkle import EMPTY_ROOT, is_consistent
from omonat.ledger.note import BadNote, Checkpoint, VerifierKey, open_checkpoint, open_note
from omonat.ledger.proofs import Tree
from omonat.ledger.refusals import BadCheckpoint, NotConsistent, TreeShrank
from omonat.ledger.tiles import TileReader, write_whole


class Cosigned(msgspec.Struct, frozen=True):
    """A checkpoint with the witness's line under it. `before`: the tree it was compared with, None at first sight."""

    note: bytes
    head: Checkpoint
    before: Checkpoint | None


class Witness:
    """One witness of one ledger.

    `name` and `signer` are its own key, `log` the ledger's. `state` is the file with the last checkpoint that it saw:
    losing it means to begin anew, so it belongs in a backup, and it can be used as an older checkpoint by `verify`.
    """

    def __init__(self, name: str, signer: Signer, log: VerifierKey, state: Path) -> None:
        self.name, self.log, self.state = name, log, state
        self._signer = signer

    def cosign(self, place: TileReader, now: datetime) -> Cosigned:
        """Fetch the newest checkpoint, compare it with the last one seen, and cosign it at `now`.

        Raises BadCheckpoint, TreeShrank or NotConsistent, and has signed nothing then; a checkpoint that contradicts
        the last one is kept beside the state, for together they are the evidence.
        """
        with self._locked():
            data = place.find_checkpoint()
            if data is None:
                raise BadCheckpoint(origin=self.log.name, why="there is none")
            head, before = self._opened(data), self._last()
            self._compare(place, head, before, data)
            note = open_note(data, [self.log])  # without the lines of others: each witness answers for itself
            write_whole(self.state, note.data())
            line = cosign(note.text, self.name, self._signer, now)
            return Cosigned(with_cosignatures(note.data(), [line]), head, before)

    def _opened(self, data: bytes) -> Checkpoint:
        try:
            return open_checkpoint(data, self.log)
        except BadNote as error:
            raise BadCheckpoint(origin=self.log.name, why=str(error)) from error

    def _last(self) -> Checkpoint | None:
        """What it saw last. A state that cannot be read stops the witness: it must not begin anew by accident."""
        return self._opened(self.state.read_bytes()) if self.state.exists() else None

    def _compare(self, place: TileReader, head: Checkpoint, before: Checkpoint | None, data: bytes) -> None:
        if before is not None and head.size < before.size:
            self._keep(data)
            raise TreeShrank(origin=head.origin, size=head.size, old_size=before.size)
        grown = _is_there(place, head) if before is None else grew(place, before, head)
        if not grown:
            self._keep(data)
            raise NotConsistent(origin=head.origin, size=head.size, old_size=before.size if before else 0)

    def _keep(self, data: bytes) -> None:
        write_whole(self.state.with_name(self.state.name + ".refused"), data)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One run at a time: two that read the same state could cosign two trees that contradict each other."""
        with self.state.with_name(self.state.name + ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def grew(place: TileReader, old: Checkpoint, new: Checkpoint) -> bool:
    """Whether the tiles at `place` prove that the tree of `new` begins with the tree of `old`.

    The proof is made from files that nobody vouches for, and is checked against both roots: false ones cannot help.
    """
    try:
        proof = Tree(place).consistency_proof(old.size, new.size)
    except (Damaged, ValueError):
        return False
    return is_consistent((old.size, old.root), (new.size, new.root), proof)


def _is_there(place: TileReader, head: Checkpoint) -> bool:
    """At first sight there is nothing to compare with; at least the tree must be the one that was signed."""
    if head.size == 0:
        return head.root == EMPTY_ROOT
    try:
        growth = place.find_growth(head.size)
    except ValueError:
        return False
    return growth is not None and growth.root() == head.root
