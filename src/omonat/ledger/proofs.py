"""Proofs read from the tiles: that an entry is in the tree, that one tree grew out of another."""

from pathlib import Path

from omonat.kernel.errors import Damaged, NotFound
from omonat.ledger import merkle
from omonat.ledger.note import Checkpoint, VerifierKey, open_checkpoint
from omonat.ledger.tiles import ENTRIES, WIDTH, TileFolder, width_at

_TILE_HEIGHT = 8


class Tree:
    """The tree on disk, for reading. It trusts no tile: whoever gets a proof checks it against a signed root."""

    def __init__(self, folder: Path) -> None:
        self.tiles = TileFolder(folder)

    def checkpoint(self) -> bytes:
        """The signed head. Raises NotFound before the first one."""
        data = self.tiles.find_checkpoint()
        if data is None:
            raise NotFound()
        return data

    def head(self, key: VerifierKey) -> Checkpoint:
        """The signed head, verified. Raises NotFound or BadNote."""
        return open_checkpoint(self.checkpoint(), key)

    def entry(self, position: int, size: int) -> bytes:
        """The 32 bytes published at `position` of the tree of `size`. Raises NotFound or Damaged."""
        if not 0 <= position < size:
            raise NotFound()
        index = position // WIDTH
        return self._stored(ENTRIES, index, width_at(ENTRIES, index, size))[position % WIDTH]

    def inclusion_proof(self, position: int, size: int) -> list[bytes]:
        """The audit path of `position` in the tree of `size` leaves. Raises NotFound or Damaged."""
        if not 0 <= position < size:
            raise NotFound()
        return merkle.inclusion_proof(position, size, lambda start, end: self._subtree(start, end, size))

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        """That the tree of `new` leaves begins with the tree of `old`. Raises ValueError or Damaged."""
        return merkle.consistency_proof(old, new, lambda start, end: self._subtree(start, end, new))

    def _subtree(self, start: int, end: int, size: int) -> bytes:
        """The hash over leaves `start` to `end`; `start` is a multiple of the largest complete subtree within."""
        nodes = []
        while start < end:
            height = (end - start).bit_length() - 1
            nodes.append(self._node(height, start >> height, size))
            start += 1 << height
        return merkle.joined(nodes)

    def _node(self, height: int, index: int, size: int) -> bytes:
        level, within = divmod(height, _TILE_HEIGHT)
        first = index << within
        tile = first // WIDTH
        hashes = self._stored(level, tile, width_at(level, tile, size))
        start = first % WIDTH
        return merkle.root_of(hashes[start : start + (1 << within)])

    def _stored(self, level: int, index: int, width: int) -> list[bytes]:
        try:
            found = self.tiles.find(level, index, width)
        except ValueError:
            found = None
        if found is None:
            raise Damaged(what="A tile of the ledger")
        return found
