"""Sealing one value: AES-256-GCM, `nonce (12) || ciphertext || tag (16)`."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from omonat.kernel.errors import Damaged

KEY_LENGTH = 32
_NONCE_LENGTH = 12


def new_key() -> bytes:
    """32 random bytes of the operating system."""
    return os.urandom(KEY_LENGTH)


def seal(key: bytes, value: bytes, associated: bytes) -> bytes:
    """Encrypt and bind to `associated`; opening under other associated data fails, so no value can be moved."""
    nonce = os.urandom(_NONCE_LENGTH)
    return nonce + AESGCM(key).encrypt(nonce, value, associated)


def open_sealed(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """The value. Raises Damaged when key, bytes or associated data are not those of sealing."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_LENGTH], sealed[_NONCE_LENGTH:], associated)
    except (InvalidTag, ValueError) as error:
        raise Damaged(what="A sealed value") from error
