"""Ed25519 signatures (RFC 8032), the only kind that Omonat makes."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

SEED_LENGTH = 32
PUBLIC_KEY_LENGTH = 32


class Signer:
    """A private key, made from its 32-byte seed. Its `repr` shows nothing."""

    __slots__ = ("_key", "public_key")

    def __init__(self, seed: bytes) -> None:
        """Raises ValueError unless `seed` is 32 bytes."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key: bytes = self._key.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        """The 64-byte signature of `message`; equal messages have equal signatures."""
        return self._key.sign(message)

    def __repr__(self) -> str:
        return "Signer(…)"


def is_signed_by(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` over `message` was made with the private half of `public_key` (32 bytes).

    A key or signature of the wrong form is simply no signature: False.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
