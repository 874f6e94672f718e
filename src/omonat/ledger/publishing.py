"""What the whole world may read of the ledger: signed heads, hashes, proofs; nothing beyond what is signed."""

from pathlib import Path

import msgspec

from omonat.kernel.errors import Damaged, NotFound
from omonat.ledger.merkle import leaf_hash
from omonat.ledger.note import BadNote, VerifierKey, open_checkpoint
from omonat.ledger.proofs import Tree
from omonat.ledger.tiles import ENTRIES, TileFolder, pack_entries, read_tile_path, width_at
from omonat.ledger.witnessed import WITNESSED


class OutsideTree(ValueError):
    """A position or size that the signed tree does not have. `names`: which of the two arguments are wrong."""

    def __init__(self, *names: str) -> None:
        self.names = names
        super().__init__("outside the signed tree")


class Inclusion(msgspec.Struct, frozen=True):
    """That `entry` stands at `position` of the tree of `size` leaves. Hashes in lower-case hex, the lowest first."""

    position: int
    size: int
    entry: str
    leaf_hash: str
    proof: tuple[str, ...]


class Consistency(msgspec.Struct, frozen=True):
    """That the tree of `new` leaves begins with the tree of `old`. Hashes in hex, as RFC 6962 orders them."""

    old: int
    new: int
    proof: tuple[str, ...]


class Published:
    """The public face of one ledger folder."""

    def __init__(self, folder: Path, key: VerifierKey) -> None:
        self.key = key
        self._tiles = TileFolder(folder)

    def checkpoint(self) -> bytes:
        """The newest signed head, with the cosignatures that it has. Raises NotFound before the first."""
        return self._there("checkpoint")

    def witnessed(self) -> bytes:
        """The newest head that a witness cosigned. Raises NotFound before the first."""
        return self._there(WITNESSED)

    def _there(self, path: str) -> bytes:
        data = self._tiles.read(path)
        if data is None:
            raise NotFound()
        return data

    def size(self) -> int:
        """How many leaves are signed. Raises NotFound or Damaged."""
        try:
            return open_checkpoint(self.checkpoint(), self.key).size
        except BadNote as error:
            raise Damaged(what="The checkpoint of the ledger") from error

    def tile(self, path: str) -> bytes:
        """A tile or entry bundle by its path. Raises NotFound for any other path, and beyond the signed tree.

        Every width up to the signed one can be had, read from the widest file: that one is what `fsck` checks.
        """
        place = read_tile_path(path)
        if place is None:
            raise NotFound()
        level, index, width = place
        signed = width_at(level, index, self.size())
        if width > signed:
            raise NotFound()
        try:
            found = self._tiles.find(level, index, signed)
        except ValueError:
            found = None
        if found is None:
            raise Damaged(what="A tile of the ledger")
        return pack_entries(found[:width]) if level == ENTRIES else b"".join(found[:width])

    def inclusion(self, position: int, size: int | None = None) -> Inclusion:
        """The proof for one entry; `size` is the signed one unless a smaller is named. Raises OutsideTree."""
        signed = self.size()
        size = signed if size is None else size
        if size > signed:
            raise OutsideTree("size")
        if position >= size:
            raise OutsideTree("position")
        tree = Tree(self._tiles, signed)
        proof, entry = tree.inclusion_proof(position, size), tree.entry(position, size)
        return Inclusion(position, size, entry.hex(), leaf_hash(entry).hex(), _in_hex(proof))

    def consistency(self, old: int, new: int | None = None) -> Consistency:
        """The proof that a tree grew out of an older one. Raises OutsideTree."""
        signed = self.size()
        new = signed if new is None else new
        if new > signed:
            raise OutsideTree("new")
        if old > new:
            raise OutsideTree("old")
        return Consistency(old, new, _in_hex(Tree(self._tiles, signed).consistency_proof(old, new)))


def _in_hex(hashes: list[bytes]) -> tuple[str, ...]:
    return tuple(one.hex() for one in hashes)
