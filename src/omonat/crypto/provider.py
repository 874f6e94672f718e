"""What a key provider is: who holds the key-encryption key. Those that there are stand in `crypto/providers/`.

A wrapped key says under which key-encryption key it lies: `"OK1" || length of the key id (1) || key id || body`. The
one exception is the file: exactly 60 bytes without a head (docs/security/formats.md).
"""

import logging
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
        """Name of the key-encryption key under which `wrap` puts keys now: `kind:words`, at most 255 bytes."""
        ...

    def wrap(self, key: bytes, context: bytes) -> bytes:
        """`key`, wrapped and bound to `context`. Raises KeysUnavailable."""
        ...

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The key. Raises Damaged when it is not what was wrapped in this context; KeysUnavailable, Misconfigured."""
        ...


def unavailable(provider: str, reason: str) -> KeysUnavailable:
    """The error, told to the operator's log with a reason that people at the site are not told."""
    _line.warning("keys_unavailable provider=%s reason=%s", provider, reason)
    return KeysUnavailable(provider, reason)


def with_head(key_id: str, body: bytes) -> bytes:
    """A wrapped key that says under which key-encryption key it lies."""
    name = key_id.encode()
    return _HEAD + len(name).to_bytes(1) + name + body


def body_under(key_id: str, wrapped: bytes) -> bytes:
    """What follows the head. Raises Damaged when there is none, Misconfigured when it names another key."""
    start = len(_HEAD) + 1
    end = start + wrapped[start - 1] if len(wrapped) >= start else 0
    if wrapped[: len(_HEAD)] != _HEAD or len(wrapped) <= end:
        if len(wrapped) == FILE_LENGTH:
            raise _foreign("file:kek", key_id)
        raise Damaged(what="A wrapped key")
    found = wrapped[start:end]
    if found != key_id.encode():
        raise _foreign(found.decode("utf-8", "replace"), key_id)
    return wrapped[end:]


FILE_LENGTH = 60  # nonce 12, key 32, tag 16


def _foreign(found: str, ours: str) -> Misconfigured:
    what = f"A key lies under “{found}”, but [key_provider] names “{ours}”."
    return Misconfigured(what=what, fix="Set [key_provider] in omonat.toml to the one under which the keys were made.")
