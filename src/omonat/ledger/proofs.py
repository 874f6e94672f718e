"""Proofs read from the tiles: that an entry is in the tree, that one tree grew out of another."""

from collections.abc import Sequence
from pathlib import Path

from omonat.kernel.errors import Damaged, NotFound
from omonat.ledger import merkle
from omonat.ledger.note import Checkpoint, VerifierKey, open_checkpoint
from omonat.ledger.tiles import ENTRIES, WIDTH, TileFolder, TileReader, width_at

_TILE_HEIGHT = 8
_MOST_TILES = 64  # about 2 MB
_Nodes = list[Sequence[bytes]]


class Tree:
    """A tree as it was published, for reading. It trusts no tile: whoever gets a proof checks it against a signed root.

    `signed`: the size of the newest checkpoint. With it, proofs can be had for every smaller size, also for one that
    never had a checkpoint (and so no tiles) of its own. Every size that is asked for was signed, so what a tile of some
    width holds never changes, and the last tiles are remembered.
    """

    def __init__(self, place: Path | TileReader, signed: int = 0) -> None:
        self.tiles = place if isinstance(place, TileReader) else TileFolder(place)
        self._signed = signed
        self._kept: dict[tuple[int, int, int], _Nodes] = {}  # by level, index and width; the last used is the last

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
        return self._stored(ENTRIES, index, width_at(ENTRIES, index, max(size, self._signed)))[position % WIDTH]

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
        tile, at = divmod(index, WIDTH >> within)
        return self._nodes(level, tile, size)[within][at]

    def _nodes(self, level: int, index: int, size: int) -> _Nodes:
        """The nodes of a tile, read and hashed once; never of one that was narrower than it is now."""
        place = level, index, width_at(level, index, max(size, self._signed))
        found = self._kept.pop(place, None) or merkle.complete_levels(self._stored(*place))
        self._kept[place] = found
        if len(self._kept) > _MOST_TILES:
            del self._kept[next(iter(self._kept))]
        return found

    def _stored(self, level: int, index: int, width: int) -> list[bytes]:
        try:
            found = self.tiles.find(level, index, width)
        except ValueError:
            found = None
        if found is None:
            raise Damaged(what="A tile of the ledger")
        return found
