"""A store of backups that is cheap to repeat: every block lies there once, under its hash; a set lists blocks.

    STORE/store.json          what may go in here: data or keys, never both
    STORE/blocks/ab/ab12...   one block, named by its SHA-256
    STORE/sets/MOMENT-SUM.json  one backup: its files as lists of blocks; SUM is of the file itself

A file of SQLite is cut every 64 KiB, so a changed page is one new block. A dump of PostgreSQL is cut at rows whose
hash says so, so that a row that came or went moves no boundary but its own.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import msgspec

from omonat.backup.manifest import BadBackup, Copied, Engine, Kind, Manifest, read_manifest, write_manifest
from omonat.backup.sqlite import sync
from omonat.kernel.codec import from_json, to_json

FORMAT = "omonat/blocks/1"
BLOCK = 64 * 1024
_MASK, _MOST = 0xFF, 1024 * 1024  # a boundary after one row of 256, and at the latest after 1 MiB
_MOMENT = "%Y%m%dT%H%M%S%fZ"


class Blocks(msgspec.Struct, frozen=True):
    """One file of a set."""

    sha256: str
    size: int
    blocks: list[str]


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """Format of a set: add to it, never rename."""

    format: str
    kind: Kind
    engine: Engine
    made_at: datetime
    files: dict[str, Blocks]


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    """What a repeated backup cost: blocks and bytes that were new, of how many bytes in all; sets that went."""

    name: str
    blocks: int
    bytes_written: int
    bytes_total: int
    dropped: int


class _Kind(msgspec.Struct, frozen=True):
    format: str
    kind: Kind


class BlockStore:
    """One store, on one disk. `kind`: data or keys."""

    def __init__(self, folder: Path, kind: Kind) -> None:
        self._folder = folder
        self._kind = kind
        self._blocks, self._sets = folder / "blocks", folder / "sets"

    @contextmanager
    def opened(self) -> Iterator[Path]:
        """Hold while a set is made; gives an empty folder to copy into. Raises BadBackup for a store of another kind.

        What an interrupted backup left is removed first, and the copy itself afterwards.
        """
        for folder in (self._folder, self._blocks, self._sets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        with (self._folder / ".lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self._claim()
            _remove(self._folder / ".copy")
            for left in self._sets.glob(".*.new"):
                left.unlink()
            try:
                yield self._folder / ".copy"
            finally:
                _remove(self._folder / ".copy")

    def _claim(self) -> None:
        path = self._folder / "store.json"
        if not path.exists():
            _write(path, to_json(_Kind(FORMAT, self._kind)))
        self._check_kind()

    def _check_kind(self) -> None:
        try:
            found = from_json((self._folder / "store.json").read_bytes(), _Kind)
        except (OSError, msgspec.DecodeError):
            raise BadBackup(folder=self._folder, what="it is no store of backups") from None
        if found != _Kind(FORMAT, self._kind):
            raise BadBackup(folder=self._folder, what=f"it is a store of {found.kind}")

    # --- making -----------------------------------------------------------------------------------------------------

    def save(self, source: Path, manifest: Manifest, keep: timedelta) -> Saved:
        """Take an archive in, read it back from here, then drop the sets that are older than `keep`."""
        written: dict[str, int] = {}
        files = {name: self._save_file(source / name, manifest, written) for name in manifest.files}
        made = Set(
            format=FORMAT, kind=manifest.kind, engine=manifest.engine, made_at=manifest.made_at, files=files
        )  # fmt: skip
        os.sync()
        for name, copied in manifest.files.items():
            self._check(files[name], copied, name)
        content = to_json(made)
        name = f"{made.made_at:{_MOMENT}}-{_sum(content)}"
        self._enter(_beside(self._sets / f"{name}.json", content))
        return Saved(
            name=name, blocks=len(written), bytes_written=sum(written.values()) + len(content),
            bytes_total=sum(one.size for one in manifest.files.values()), dropped=self._drop(made.made_at - keep),
        )  # fmt: skip

    def _save_file(self, path: Path, manifest: Manifest, written: dict[str, int]) -> Blocks:
        digest, size, names = sha256(), 0, []
        for block in _fixed(path) if manifest.engine == "sqlite" else _by_rows(path):
            digest.update(block)
            size += len(block)
            name = sha256(block).hexdigest()
            names.append(name)
            if name not in written and not self._path(name).exists():
                self._path(name).parent.mkdir(exist_ok=True, mode=0o700)
                _write(self._path(name), block, durable=False)
                written[name] = len(block)
        return Blocks(digest.hexdigest(), size, names)

    def _enter(self, fresh: Path) -> None:
        """From here on the set is there, and stays so."""
        fresh.replace(_named(fresh))
        sync(self._sets)

    def _drop(self, before: datetime) -> int:
        """Remove the sets of before a moment, and every block that no set needs."""
        sets = {path: self._read(path) for path in self._sets.glob("*.json")}
        old = [path for path, one in sets.items() if one.made_at < before]
        for path in old:
            path.unlink()
            del sets[path]
        needed = {name for one in sets.values() for file in one.files.values() for name in file.blocks}
        for path in self._blocks.glob("*/*"):
            if path.name not in needed:
                path.unlink()
        return len(old)

    # --- reading ----------------------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """The sets that are there, oldest first."""
        return sorted(path.stem for path in self._sets.glob("*.json"))

    def bring_out(self, name: str | None, target: Path) -> None:
        """Make the archive of a set, or of the newest one, in a new folder. Raises BadBackup."""
        self._check_kind()
        known = self.names()
        chosen = known[-1] if name is None and known else name
        if chosen is None or chosen not in known:
            raise BadBackup(folder=self._folder, what=f"it has no set {name or ''}".rstrip())
        found = self._read(self._sets / f"{chosen}.json")
        target.mkdir(mode=0o700)
        for file, one in found.files.items():
            (target / file).parent.mkdir(exist_ok=True, mode=0o700)
            with open(os.open(target / file, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as writing:
                for block in self._content(one, file):
                    writing.write(block)
        write_manifest(
            target, kind=found.kind, engine=found.engine, made_at=found.made_at, names=list(found.files)
        )  # fmt: skip
        again = read_manifest(target, found.kind, found.engine)
        for file, one in found.files.items():
            if again.files[file] != Copied(one.sha256, one.size):
                raise BadBackup(folder=self._folder, what=f"{file} is not what was written")

    def _read(self, path: Path) -> Set:
        content = path.read_bytes()
        if path.stem.rpartition("-")[2] != _sum(content):
            raise BadBackup(folder=self._folder, what=f"{path.name} is not what was written")
        return from_json(content, Set)

    def _content(self, one: Blocks, file: str) -> Iterator[bytes]:
        for name in one.blocks:
            try:
                block = self._path(name).read_bytes()
            except FileNotFoundError:
                block = b""
            if sha256(block).hexdigest() != name:
                raise BadBackup(folder=self._folder, what=f"a block of {file} is not what was written")
            yield block

    def _check(self, one: Blocks, copied: Copied, file: str) -> None:
        digest = sha256()
        for block in self._content(one, file):
            digest.update(block)
        if Copied(digest.hexdigest(), one.size) != copied:
            raise BadBackup(folder=self._folder, what=f"{file} is not what was written")

    def _path(self, name: str) -> Path:
        return self._blocks / name[:2] / name


def holds_sets(folder: Path) -> bool:
    """Whether a folder is a store of backups, not one archive."""
    return (folder / "store.json").exists()


def _fixed(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            yield block


def _by_rows(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from cut_at_rows(file)


def cut_at_rows(rows: Iterable[bytes]) -> Iterator[bytes]:
    """Blocks of whole rows. Where they end depends on the rows alone, not on where they stand."""
    held: list[bytes] = []
    size = 0
    for row in rows:
        held.append(row)
        size += len(row)
        if not crc32(row) & _MASK or size >= _MOST:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def _sum(content: bytes) -> str:
    return sha256(content).hexdigest()[:16]


def _write(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Whole or not at all: what a full disk or a crash leaves has another name."""
    _beside(path, content, durable=durable).replace(path)


def _beside(path: Path, content: bytes, *, durable: bool = True) -> Path:
    """What is to be `path`, under another name as yet."""
    fresh = path.with_name(f".{path.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    return fresh


def _named(fresh: Path) -> Path:
    return fresh.with_name(fresh.name.removeprefix(".").removesuffix(".new"))


def _remove(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    if folder.exists():
        folder.rmdir()
