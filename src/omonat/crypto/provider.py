"""What a key provider is: who holds the key-encryption key. Those that there are stand in `crypto/providers/`.

A wrapped key says under which key-encryption key it lies: `"OK1" || length of the key id (1) || key id || body`. The
one exception is the first key in a file: exactly 60 bytes without a head (docs/security/formats.md).

A *name* says it exactly: the key id, and at OpenBao the version of its key, `openbao:transit/omonat#v2`.
"""

import logging
import re
from typing import Protocol

from omonat.kernel.errors import Damaged, Misconfigured, OmonatError

_HEAD = b"OK1"

_line = logging.getLogger("omonat.keys")


class KeysUnavailable(OmonatError):
    """The provider that holds the key-encryption key does not answer, or not to us. Nothing is lost by it."""

    code = "keys_unavailable"
    message = "The keys to the data cannot be reached at this moment."
    what_to_do = "Try again in a minute. What is stored is safe."
    temporary = True

    def __init__(self, provider: str = "", reason: str = "", **details: object) -> None:
        super().__init__(provider=provider, reason=reason, **details)


class KeyProvider(Protocol):
    """Wraps and unwraps keys under a key-encryption key that it does not hand out.

    Opening a provider reaches nothing over a network, so that one that is down hinders only what needs it.
    """

    @property
    def key_id(self) -> str:
        """Id of its key-encryption key, of the first one where it has several: `kind:words`, at most 255 bytes."""
        ...

    def holds(self, name: str) -> bool:
        """Whether the key of this name is one of its own."""
        ...

    def newest(self) -> str:
        """Name of the key that a new installation begins with. Raises KeysUnavailable."""
        ...

    def make(self, above: int) -> str:
        """Name of the key that a rotation goes to; made, and durable, where making it is ours.

        Its number is greater than `above` where keys have numbers. Raises KeysUnavailable.
        """
        ...

    def wrap(self, key: bytes, context: bytes, name: str = "") -> bytes:
        """`key`, wrapped under the key of this name and bound to `context`. Raises KeysUnavailable."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key. Raises Damaged when it is not what was wrapped in this context; KeysUnavailable, Misconfigured."""
        ...

    def end(self, retired: list[str], kept: str) -> list[str]:
        """Destroy the retired keys of its own where destroying is ours; returns what the operator has to do else."""
        ...


class OneKey:
    """What is the same for providers whose one key is made, named and destroyed by their administrator."""

    key_id: str

    def holds(self, name: str) -> bool:
        """Whether it is its one key."""
        return name == self.key_id

    def newest(self) -> str:
        """Its one key."""
        return self.key_id

    def make(self, above: int) -> str:
        """Its one key: another one is named in the settings."""
        return self.key_id

    def end(self, retired: list[str], kept: str) -> list[str]:
        """Destroying is the administrator's."""
        ours = [name for name in retired if self.holds(name)]
        return [f"Destroy the key {name} at its provider, and take it out of omonat.toml." for name in ours]


def unavailable(provider: str, reason: str) -> KeysUnavailable:
    """The error, told to the operator's log with a reason that people at the site are not told."""
    _line.warning("keys_unavailable provider=%s reason=%s", provider, reason)
    return KeysUnavailable(provider, reason)


def with_head(key_id: str, body: bytes) -> bytes:
    """A wrapped key that says under which key-encryption key it lies."""
    name = key_id.encode()
    return _HEAD + len(name).to_bytes(1) + name + body


def key_name(wrapped: bytes) -> str:
    """The name of the key under which it lies. Raises Damaged when it is nothing that was wrapped."""
    if len(wrapped) == FILE_LENGTH:
        return FIRST_FILE
    key_id, body = _split(wrapped)
    version = re.match(rb"vault:(v[1-9][0-9]*):", body) if key_id.startswith(b"openbao:") else None
    name = key_id.decode("utf-8", "replace")
    return f"{name}#{version[1].decode()}" if version else name


def head_of(name: str) -> bytes:
    """How everything begins that lies under the key of this name; not for the first key in a file, which has none."""
    key_id, mark, version = name.partition("#") if name.startswith("openbao:") else (name, "", "")
    return with_head(key_id, f"vault:{version}:".encode() if mark else b"")


def body_under(key_id: str, wrapped: bytes) -> bytes:
    """What follows the head. Raises Damaged when there is none, Misconfigured when it names another key."""
    if len(wrapped) == FILE_LENGTH:
        raise foreign(FIRST_FILE, key_id)
    found, body = _split(wrapped)
    if found != key_id.encode():
        raise foreign(found.decode("utf-8", "replace"), key_id)
    return body


FILE_LENGTH = 60  # nonce 12, key 32, tag 16
FIRST_FILE = "file:kek"


def _split(wrapped: bytes) -> tuple[bytes, bytes]:
    """(key id, body)."""
    start = len(_HEAD) + 1
    end = start + wrapped[start - 1] if len(wrapped) >= start else 0
    if wrapped[: len(_HEAD)] != _HEAD or len(wrapped) <= end:
        raise Damaged(what="A wrapped key")
    return wrapped[start:end], wrapped[end:]


def foreign(found: str, ours: str) -> Misconfigured:
    """What is wrapped lies under a key that the settings do not name."""
    what = f"A key lies under “{found}”, but [key_provider] names “{ours}”."
    fix = "Set [key_provider] in omonat.toml to the one under which the keys were made, or add it as "
    return Misconfigured(what=what, fix=fix + "[[old_key_provider]] until omonat keys rotate has moved them.")
