"""The default: the key-encryption key in a file beside the key store."""

import os
from pathlib import Path

from omonat.crypto.aead import KEY_LENGTH, new_key, open_sealed, seal
from omonat.crypto.provider import FILE_LENGTH, body_under
from omonat.kernel.errors import Misconfigured


class FileKeyProvider:
    """The key-encryption key in a file of 32 bytes that only its owner may read."""

    key_id = "file:kek"

    def __init__(self, path: Path) -> None:
        self._key = _read(path)

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """AES-256-GCM under the file's key."""
        return seal(self._key, key, context)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The opposite of wrap. Raises Misconfigured for what another provider has wrapped."""
        if len(wrapped) > FILE_LENGTH:
            body_under(self.key_id, wrapped)
        return open_sealed(self._key, wrapped, context)


def create_key_file(path: Path) -> None:
    """A fresh key-encryption key, mode 0600. Raises FileExistsError: a key is never overwritten."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(new_key())
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    if not path.exists():
        raise Misconfigured(what=f"The key file {path} is missing.", fix="Restore the key store from its own backup.")
    if path.stat().st_mode & 0o077:
        raise Misconfigured(what=f"Others may read the key file {path}.", fix=f"Run: chmod 600 {path}")
    key = path.read_bytes()
    if len(key) != KEY_LENGTH:
        raise Misconfigured(what=f"The key file {path} is damaged.", fix="Restore it from the backup of the keys.")
    return key
