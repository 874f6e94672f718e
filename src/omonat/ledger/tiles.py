"""The files of the tree, laid out as C2SP tlog-tiles: they can be served as they lie.

`tile/<L>/<N>` holds up to 256 hashes of level L, `tile/entries/<N>` the entries behind tile `0/<N>`, each after its
length in two bytes, big-endian. N is written `x001/x234/067`; a tile that is not full has `.p/<width>` behind it.
Wire format: never reorder. Files are replaced as a whole: a reader sees the old or the new one, also after a power cut.
"""

import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from omonat.kernel.disk import needing_space
from omonat.ledger.merkle import HASH_LENGTH, CompactRange, complete_root, joined, leaf_hash

WIDTH = 256
ENTRIES = -1
"""The `level` of entry bundles, which lie beside the hash tiles."""
CHECKPOINT = "checkpoint"
_LENGTH_BYTES = 2
_HASH_FOLLOWS = HASH_LENGTH.to_bytes(_LENGTH_BYTES)  # what stands before each of our entries: they are all hashes
_WIDTH = re.compile(r"[1-9][0-9]{0,2}")
_PATH = re.compile(r"tile/(entries|[0-7])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


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


def read_tile_path(path: str) -> tuple[int, int, int] | None:
    """(level, index, width) of a path that `tile_path` makes; None for any other text, however alike."""
    found = _PATH.fullmatch(path)
    if found is None:
        return None
    level = ENTRIES if found[1] == "entries" else int(found[1])
    index = int(found[2].replace("x", "").replace("/", ""))
    width = int(found[3] or WIDTH)
    return (level, index, width) if tile_path(level, index, width) == path else None


def width_at(level: int, index: int, size: int) -> int:
    """How many hashes of tile `index` there are in the tree of `size` leaves: 0 to 256."""
    per_hash = 1 if level == ENTRIES else WIDTH**level
    return max(0, min(WIDTH, size // per_hash - index * WIDTH))


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """Entries as a bundle: each behind its length in two bytes. Raises OverflowError above 65535 bytes."""
    if set(map(len, entries)) == {HASH_LENGTH}:
        return _HASH_FOLLOWS + _HASH_FOLLOWS.join(entries)
    return b"".join(len(entry).to_bytes(_LENGTH_BYTES) + entry for entry in entries)


def unpack_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises ValueError when it breaks off within one."""
    each = _LENGTH_BYTES + HASH_LENGTH
    count, rest = divmod(len(data), each)
    if not rest and all(data[n::each] == one * count for n, one in enumerate((b"\x00", bytes([HASH_LENGTH])))):
        return [data[at : at + HASH_LENGTH] for at in range(_LENGTH_BYTES, len(data), each)]
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

    def append_bundle(self, root: bytes) -> list[Tile]:
        """Take 256 entries at once by the root over their leaves; return the tiles above them that are full by it.

        Raises ValueError unless a bundle begins here.
        """
        if self.size % WIDTH:
            raise ValueError("not where a bundle begins")
        self.size += WIDTH
        return self._add_hash(root, above=1)

    def _add_hash(self, found: bytes, above: int = 0) -> list[Tile]:
        full = []
        for level in range(above, len(self.levels) + 1):
            if level == len(self.levels):
                self.levels.append([])
            hashes = self.levels[level]
            hashes.append(found)
            if len(hashes) < WIDTH:
                break
            found = complete_root(hashes)
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


class TileReader:
    """A tree as its files show it, wherever they lie. It believes nothing: whoever reads has to check."""

    def read(self, path: str) -> bytes | None:
        """The bytes of one file, by its path with slashes; None when it is not there."""
        raise NotImplementedError

    def find_checkpoint(self) -> bytes | None:
        """The signed head as it lies there; None when nothing was signed yet."""
        return self.read(CHECKPOINT)

    def find(self, level: int, index: int, width: int) -> list[bytes] | None:
        """The first `width` hashes (or entries) of a tile: from its partial file, or else from the full one.

        None when neither is there or it is shorter. Raises ValueError when it breaks off.
        """
        unpack = unpack_entries if level == ENTRIES else unpack_hashes
        for stored in (width, WIDTH):
            data = self.read(tile_path(level, index, stored))
            if data is not None and len(found := unpack(data)) >= width:
                return found[:width]
        return None

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


class TileFolder(TileReader):
    """The folder of one tree: its tiles and its checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._place = str(folder)  # a verification reads two files and looks for two more for every 256 events

    def read(self, path: str) -> bytes | None:
        """The bytes of one file. `path` is one of ours, never what somebody asked for."""
        try:
            with open(f"{self._place}/{path}", "rb", buffering=0) as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write_checkpoint(self, data: bytes) -> None:
        """Replace the signed head. Its tiles must be there already."""
        write_whole(self.folder / CHECKPOINT, data)

    def write(self, tile: Tile) -> None:
        """Store a tile, durably."""
        write_whole(self.folder / tile_path(tile.level, tile.index, tile.width), tile.data)

    def partials(self, level: int, index: int) -> list[tuple[int, bytes]]:
        """(width, bytes) of the partial versions of a tile that lie there."""
        found = ((width, self.read(tile_path(level, index, width))) for width in self._widths(level, index))
        return [(width, data) for width, data in found if data is not None]

    def _widths(self, level: int, index: int) -> list[int]:
        try:
            names = [path.name for path in (self.folder / (tile_path(level, index) + ".p")).iterdir()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [int(name) for name in names if _WIDTH.fullmatch(name)]

    def has_partials(self, level: int, index: int) -> bool:
        """Whether there may be partial versions of a tile."""
        return os.path.lexists(f"{self._place}/{tile_path(level, index)}.p")

    def drop_unsigned(self, tile: Tile, signed: int) -> None:
        """Remove partial versions of `tile` that no checkpoint up to the one over `signed` leaves covered.

        They are left by a crash before the checkpoint, and after a restore other entries may stand in their place.
        """
        for width in self._widths(tile.level, tile.index):
            if width_at(tile.level, tile.index, signed) < width < tile.width:
                (self.folder / tile_path(tile.level, tile.index, width)).unlink()

    def drop_partials(self, tile: Tile) -> None:
        """Remove the narrower versions of a full tile. Only after a checkpoint that covers the full one."""
        partials = self.folder / (tile_path(tile.level, tile.index) + ".p")
        if partials.is_dir():
            for path in partials.iterdir():
                path.unlink()
            partials.rmdir()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One writer of this folder at a time, whatever a lease says: a slow old holder must not step between."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` at `path` so that a crash leaves the old file or the new one, and the new one is durable.

    Raises DiskFull, with the old file in place.
    """
    with needing_space():
        _make_folder(path.parent)
    temporary = path.parent / f".{path.name}.new"
    with needing_space(), temporary.open("wb") as file:
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
