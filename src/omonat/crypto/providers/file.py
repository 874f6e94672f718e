"""The default: key-encryption keys in files beside the key store. `kek` is the first, `kek.2` that of epoch 2, ..."""

import os
import re
from contextlib import suppress
from pathlib import Path

from omonat.crypto.aead import KEY_LENGTH, new_key, open_sealed, seal
from omonat.crypto.provider import FILE_LENGTH, FIRST_FILE, body_under, foreign, key_name, with_head
from omonat.kernel.disk import needing_space
from omonat.kernel.errors import Misconfigured


class FileKeyProvider:
    """Key-encryption keys in files of 32 bytes that only their owner may read.

    A file that a rotation makes later is read when it is first needed: a running server notices it.
    """

    key_id = FIRST_FILE

    def __init__(self, path: Path, *, may_be_empty: bool = False) -> None:
        """`path` of the first key; `may_be_empty`: keys are only going to be moved here, or were moved away."""
        self._path = path
        found = key_files(path)
        if not found and not may_be_empty:
            raise _missing(path)
        self._keys: dict[str, bytes] = {}
        for file in found:
            with suppress(FileNotFoundError):  # a rotation ended it in this moment
                self._keys[_name(path, file)] = _read(file)

    def holds(self, name: str) -> bool:
        """Whether it names a file."""
        return name == FIRST_FILE or re.fullmatch(r"file:kek\.[1-9][0-9]*", name) is not None

    def newest(self) -> str:
        """The first key."""
        return FIRST_FILE

    def make(self, above: int) -> str:
        """A new file. Files of an epoch that is not known here, as after a restore, are passed over."""
        numbers = [_number(file) for file in key_files(self._path)]
        number = max([above, *numbers]) + 1
        fresh = self._path.with_name(f"{self._path.name}.{number}")
        beside = fresh.with_name(fresh.name + ".new")
        beside.unlink(missing_ok=True)
        create_key_file(beside)
        with needing_space():
            os.link(beside, fresh)  # whole or not there; fails when it is there
        beside.unlink()
        _sync(fresh.parent)
        return f"{FIRST_FILE}.{number}"

    def wrap(self, key: bytes, context: bytes, name: str = "") -> bytes:
        """AES-256-GCM under the file's key; the first one's without a head."""
        name = name or FIRST_FILE
        sealed = seal(self._key(name), key, context)
        return sealed if name == FIRST_FILE else with_head(name, sealed)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The opposite of wrap. Raises Misconfigured for what another provider has wrapped, or a lost file."""
        if len(wrapped) <= FILE_LENGTH:
            return open_sealed(self._key(FIRST_FILE), wrapped, context)
        name = key_name(wrapped)
        if not self.holds(name):
            raise foreign(name, self.key_id)
        return open_sealed(self._key(name), body_under(name, wrapped), context)

    def end(self, retired: list[str], kept: str) -> list[str]:
        """Overwrite and unlink every key file but the one that is kept: what nothing lies under is of no use."""
        for file in key_files(self._path):
            if _name(self._path, file) != kept:
                _destroy(file)
        for begun in self._path.parent.glob(f"{self._path.name}.*.new"):  # a crash left it half made
            begun.unlink()
        self._keys = {name: key for name, key in self._keys.items() if name == kept}
        return []

    def _key(self, name: str) -> bytes:
        if name not in self._keys:
            suffix = name.removeprefix(FIRST_FILE)
            file = self._path.with_name(self._path.name + suffix)
            if not file.exists():
                what = f"A key lies under “{name}”, but the key file {file} is not there: lost, or ended by a rotation."
                fix = "Restore a backup of the keys, which brings its key files: omonat restore --keys-from FOLDER"
                raise Misconfigured(what=what, fix=fix)
            self._keys[name] = _read(file)
        return self._keys[name]


def key_files(path: Path) -> list[Path]:
    """The files of key-encryption keys that there are, oldest epoch first; `path` is that of the first one."""
    later = [file for file in path.parent.glob(f"{path.name}.*") if is_key_file(file.name, path.name)]
    first = [path] if path.exists() else []
    return first + sorted(later, key=_number)


def is_key_file(name: str, first: str = "kek") -> bool:
    """Whether a file of this name holds a key-encryption key."""
    return re.fullmatch(rf"{re.escape(first)}(\.[1-9][0-9]*)?", name) is not None


def create_key_file(path: Path) -> None:
    """A fresh key-encryption key, mode 0600, durable. Raises FileExistsError: a key is never overwritten; DiskFull.

    A file that could not be written whole goes again: a short one would stop whoever reads it.
    """
    with needing_space():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(new_key())
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink()
            raise


def _number(file: Path) -> int:
    suffix = file.suffix.removeprefix(".")
    return int(suffix) if suffix.isdigit() else 1


def _name(first: Path, file: Path) -> str:
    return FIRST_FILE + file.name.removeprefix(first.name)


def _destroy(file: Path) -> None:
    """On a disk that keeps old blocks the overwriting may miss them: docs/operate-keys.md."""
    _overwrite(file)
    file.unlink()
    _sync(file.parent)


def _overwrite(file: Path) -> None:
    with file.open("r+b", buffering=0) as opened:
        opened.write(bytes(KEY_LENGTH))
        os.fsync(opened.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _missing(path: Path) -> Misconfigured:
    return Misconfigured(what=f"The key file {path} is missing.", fix="Restore the key store from its own backup.")


def _read(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise Misconfigured(what=f"Others may read the key file {path}.", fix=f"Run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_LENGTH:
        raise Misconfigured(what=f"The key file {path} is damaged.", fix="Restore it from the backup of the keys.")
    return key
