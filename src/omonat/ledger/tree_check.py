"""What every check of a ledger does with its files: checkpoint, older checkpoint, tiles, root. It collects findings."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from omonat.ledger.merkle import EMPTY_ROOT, complete_root, leaf_hashes
from omonat.ledger.model import Finding, Statement
from omonat.ledger.note import BadNote, Checkpoint, VerifierKey, open_checkpoint, parse_checkpoint, parse_note
from omonat.ledger.tiles import ENTRIES, WIDTH, Growth, Tile, TileFolder, pack_entries, tile_path
from omonat.ledger.words import FINDINGS, NO_OLD_CHECKPOINT, SINCE_OLD_CHECKPOINT

MOST_FINDINGS = 100

Progress = Callable[[int, int], None]
"""Called with (entries done, entries in all)."""


def no_progress(_done: int, _total: int) -> None:
    """Says nothing to nobody."""


class TreeCheck:
    """A check that is under way: the tree as it grows again from its entries, and what was found so far."""

    def __init__(self, tiles: TileFolder, key: VerifierKey) -> None:
        self.tiles = tiles
        self.key = key
        self.findings: list[Finding] = []
        self.found = 0
        self.growth: Growth | None = Growth()  # None once an entry is gone for good: no root follows any more
        self.old: Checkpoint | None = None

    def _find(self, code: str, position: int | None = None, **places: Any) -> None:
        self.found += 1
        if len(self.findings) < MOST_FINDINGS:
            if position is not None:
                places["position"] = position
            self.findings.append(Finding(code, position, Statement(FINDINGS[code], places)))

    # --- checkpoints ------------------------------------------------------------------------------------------------

    def _read_head(self) -> tuple[Checkpoint | None, int]:
        """The signed head, and the size to look at: of a forged head the one that it claims."""
        data = self.tiles.find_checkpoint()
        if data is None:
            return None, 0
        try:
            head = open_checkpoint(data, self.key)
        except BadNote:
            self._find("checkpoint_forged")
            return None, _claimed_size(data)
        return head, head.size

    def _read_old(self, data: bytes | None, size: int) -> Checkpoint | None:
        if data is None:
            return None
        try:
            old = open_checkpoint(data, self.key)
        except BadNote:
            self._find("old_checkpoint_invalid")
            return None
        if old.size > size:
            self._find("end_cut", size=size, old_size=old.size)
        return old

    def _compare_with_old(self, size: int) -> None:
        """Once the tree has grown to the size of the older checkpoint, their roots must be the same."""
        if self.old is None or self.old.size != size:
            return
        root = EMPTY_ROOT if size == 0 else self.growth.root() if self.growth is not None else b""
        if root != self.old.root:
            self._find("history_rewritten", old_size=size)

    def _compare_root(self, head: Checkpoint) -> None:
        if self.growth is None:
            return  # said already: something is missing for good
        for tile in self.growth.edge():
            self._check_tile(tile)
        if self.growth.root() != head.root:
            self._find("root_differs")

    # --- the tree ---------------------------------------------------------------------------------------------------

    def _grow(self, position: int, entry: bytes | None) -> None:
        if self.growth is None or entry is None:
            self.growth = None
            return
        for tile in self.growth.append(entry):
            self._check_tile(tile)
        self._compare_with_old(position + 1)

    def _grow_all(self, first: int, entries: Sequence[bytes]) -> None:
        """The same for the entries from `first` on: a whole bundle at once, unless the older tree ends within it."""
        if len(entries) != WIDTH or first % WIDTH or self._old_ends_within(first) or self.growth is None:
            for position, entry in enumerate(entries, first):
                self._grow(position, entry)
            return
        leaves = leaf_hashes(entries)
        self._check_tile(Tile(ENTRIES, first // WIDTH, WIDTH, pack_entries(entries)))
        self._check_tile(Tile(0, first // WIDTH, WIDTH, b"".join(leaves)))
        self._grow_bundle(first, complete_root(leaves))

    def _grow_bundle(self, first: int, root: bytes) -> None:
        """The same for 256 leaves whose own two files were looked at, by the root over them."""
        if self.growth is None:
            return
        for tile in self.growth.append_bundle(root):
            self._check_tile(tile)
        self._compare_with_old(first + WIDTH)

    def _old_ends_within(self, first: int) -> bool:
        """Whether the older tree ends within the bundle that begins at `first`."""
        return self.old is not None and first < self.old.size < first + WIDTH

    def _check_tile(self, tile: Tile) -> None:
        self._check_narrower(tile)
        if tile.level == ENTRIES:
            return  # it is where the entries came from
        path = tile_path(tile.level, tile.index, tile.width)
        try:
            stored = self.tiles.find(tile.level, tile.index, tile.width)
        except ValueError:
            stored = None
        if stored is None:
            self._find("tile_missing", path=path)
        elif b"".join(stored) != tile.data:
            self._find("tile_differs", path=path)

    def _check_narrower(self, tile: Tile) -> None:
        """What was signed while the tile was not so wide may still lie there, and others may hold links to it."""
        each = len(tile.data) // tile.width
        for width, data in self.tiles.partials(tile.level, tile.index):
            if width <= tile.width and data != tile.data[: width * each]:
                self._find("tile_differs", path=tile_path(tile.level, tile.index, width))

    def _unknown_history(self, size: int) -> Iterable[Statement]:
        """What an older checkpoint would show, and what even that one cannot."""
        if self.old is None:
            yield Statement(NO_OLD_CHECKPOINT)
        elif self.old.size < size:
            yield Statement(SINCE_OLD_CHECKPOINT, {"count": size - self.old.size})


def _claimed_size(data: bytes) -> int:
    try:
        return parse_checkpoint(parse_note(data).text).size
    except BadNote:
        return 0
