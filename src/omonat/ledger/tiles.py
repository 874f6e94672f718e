"""The files of the tree, laid out as C2SP tlog-tiles: they can be served as they lie.

`tile/<L>/<N>` holds up to 256 hashes of level L, `tile/entries/<N>` the entries behind tile `0/<N>`, each after its
length in two bytes, big-endian. N is written `x001/x234/067`; a tile that is not full has `.p/<width>` behind it.
Wire format: never reorder. Files are replaced as a whole: a reader sees the old or the new one, also after a power cut.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from omonat.ledger.merkle import HASH_LENGTH, CompactRange, joined, leaf_hash, root_of

WIDTH = 256
ENTRIES = -1
"""The `level` of entry bundles, which lie beside the hash tiles."""
_LENGTH_BYTES = 2


class Tile(msgspec.Struct, frozen=True):
    """One file of the tree. `level` is 0 to 7 or ENTRIES; `width` is 1 to 256; `data` its bytes."""

    level: int
    index: int
    width: int
    data: bytes


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """The path of a tile below the folder, with slashes."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    folder = "entries" if level == ENTRIES else str(level)
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{folder}/{'/'.join(groups)}{partial}"


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes of tile `index` there are in the tree of `size` leaves: 0 to 256."""
    per_hash = 1 if level == ENTRIES else WIDTH**level
    return max(0, min(WIDTH, size // per_hash - index * WIDTH))


def pack_entries(entries: list[bytes]) -> bytes:
    """Entries as a bundle: each behind its length in two bytes. Raises OverflowError above 65535 bytes."""
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES) + entry for entry in entries)


def unpack_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when it breaks off within one."""
    entries, at = [], 0
    while at < len(data):
        start = at + _LENGTH_BYTES
        at = start + int.from_bytes(data[at:start])
        if at > len(data) or start > len(data):
            raise ValueError("the bundle breaks off")
        entries.append(data[start:at])
    return entries


def unpack_hashes(data: bytes) -> list[bytes]:
    """The hashes of a tile. Raises ValueError when it breaks off within one."""
    if len(data) % HASH_LENGTH:
        raise ValueError("the tile breaks off")
    return [data[at : at + HASH_LENGTH] for at in range(0, len(data), HASH_LENGTH)]


class Growth:
    """The right edge of a tree: give it entries in order, and it gives back the tiles that they fill.

    Holds at most 256 hashes per level. `levels[L]` are the hashes of the tile of level L that is not full yet.
    """

    def __init__(self, size: int = 0, levels: Sequence[Sequence[bytes]] = ((),), entries: Sequence[bytes] = ()) -> None:
        self.size = size
        self.levels = [list(hashes) for hashes in levels]
        self.entries = list(entries)

    def append(self, entry: bytes) -> list[Tile]:
        """Take one entry; return the tiles that are full by it, from below."""
        index = self.size // WIDTH
        self.size += 1
        self.entries.append(entry)
        full = []
        if len(self.entries) == WIDTH:
            full.append(Tile(ENTRIES, index, WIDTH, pack_entries(self.entries)))
            self.entries = []
        return full + self._add_hash(leaf_hash(entry))

    def _add_hash(self, found: bytes) -> list[Tile]:
        full = []
        for level in range(len(self.levels) + 1):
            if level == len(self.levels):
                self.levels.append([])
            hashes = self.levels[level]
            hashes.append(found)
            if len(hashes) < WIDTH:
                break
            found = root_of(hashes)
            full.append(Tile(level, self.size // WIDTH ** (level + 1) - 1, WIDTH, b"".join(hashes)))
            self.levels[level] = []
        return full

    def edge(self) -> list[Tile]:
        """The tiles that are not full, without the empty ones."""
        index = self.size // WIDTH
        tiles = [Tile(ENTRIES, index, len(self.entries), pack_entries(self.entries))] if self.entries else []
        for level, hashes in enumerate(self.levels):
            if hashes:
                tiles.append(Tile(level, self.size // WIDTH ** (level + 1), len(hashes), b"".join(hashes)))
        return tiles

    def root(self) -> bytes:
        """The root of everything appended so far."""
        nodes: list[bytes] = []
        for hashes in reversed(self.levels):
            nodes += CompactRange(hashes).nodes
        return joined(nodes)


class TileFolder:
    """The folder of one tree: its tiles and its checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_checkpoint(self) -> bytes | None:
        """The signed head as it lies there; None when nothing was signed yet."""
        return _find(self.folder / "checkpoint")

    def write_checkpoint(self, data: bytes) -> None:
        """Replace the signed head. Its tiles must be there already."""
        write_whole(self.folder / "checkpoint", data)

    def find(self, level: int, index: int, width: int) -> list[bytes] | None:
        """The first `width` hashes (or entries) of a tile: from its partial file, or else from the full one.

        None when neither is there or it is shorter. Raises ValueError when it breaks off.
        """
        unpack = unpack_entries if level == ENTRIES else unpack_hashes
        for stored in (width, WIDTH):
            data = _find(self.folder / tile_path(level, index, stored))
            if data is not None and len(found := unpack(data)) >= width:
                return found[:width]
        return None

    def write(self, tile: Tile) -> None:
        """Store a tile, durably."""
        write_whole(self.folder / tile_path(tile.level, tile.index, tile.width), tile.data)

    def drop_partials(self, tile: Tile) -> None:
        """Remove the narrower versions of a full tile. Only after a checkpoint that covers the full one."""
        partials = self.folder / (tile_path(tile.level, tile.index) + ".p")
        if partials.is_dir():
            for path in partials.iterdir():
                path.unlink()
            partials.rmdir()

    def find_growth(self, size: int) -> Growth | None:
        """The right edge of the tree of `size` leaves, from its tiles; None when one of them is not there."""
        levels: list[list[bytes]] = []
        while not levels or size // WIDTH ** len(levels):
            hashes = self._find_edge(len(levels), size // WIDTH ** (len(levels) + 1), size)
            if hashes is None:
                return None
            levels.append(hashes)
        entries = self._find_edge(ENTRIES, size // WIDTH, size)
        return None if entries is None else Growth(size, levels, entries)

    def _find_edge(self, level: int, index: int, size: int) -> list[bytes] | None:
        width = width_at(level, index, size)
        return self.find(level, index, width) if width else []

    def entries(self, start: int, end: int) -> Iterator[tuple[int, list[bytes] | None]]:
        """From `start` up to, not including, `end`: (position of the first, entries), bundle by bundle.

        None instead of the entries where the bundle is not there or is no bundle.
        """
        for index in range(start // WIDTH, -(-end // WIDTH)):
            first = index * WIDTH
            skipped = max(0, start - first)
            try:
                found = self.find(ENTRIES, index, width_at(ENTRIES, index, end))
            except ValueError:
                found = None
            yield first + skipped, None if found is None else found[skipped:]


def _find(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a crash leaves the old file or the new one, and the new one is durable."""
    _make_folder(path.parent)
    temporary = path.parent / f".{path.name}.new"
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    _sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
