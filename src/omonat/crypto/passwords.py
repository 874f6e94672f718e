"""Passwords: Argon2id (RFC 9106) with a secret of the key store, so that a copy of the database cannot be tried."""

import os
import unicodedata
from typing import TypedDict

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

_SALT, _LENGTH = 16, 32


class Cost(TypedDict):
    """What one hash takes; `memory_cost` in KiB."""

    memory_cost: int
    iterations: int
    lanes: int


COST = Cost(memory_cost=32 * 1024, iterations=3, lanes=1)
"""About 50 ms of one core; above the OWASP minimum of 19 MiB and 2 passes."""


def hash_password(key: bytes, password: str) -> str:
    """What is kept of a password: salt, parameters and hash in PHC form. Slow on purpose: never within a unit."""
    made = Argon2id(salt=os.urandom(_SALT), length=_LENGTH, secret=key, **COST)
    return made.derive_phc_encoded(_bytes(password))


def is_password(key: bytes, password: str, kept: str) -> bool:
    """Whether the password is the one that was kept; takes as long when it is not."""
    try:
        Argon2id.verify_phc_encoded(_bytes(password), kept, secret=key)
    except InvalidKey:
        return False
    return True


def _bytes(password: str) -> bytes:
    """The same letters are the same password, however a keyboard puts them together (NFKC, RFC 8265)."""
    return unicodedata.normalize("NFKC", password).encode()
