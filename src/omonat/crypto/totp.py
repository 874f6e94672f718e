"""Time-based one-time passwords (RFC 6238) as every authenticator app knows them: SHA-1, six digits, 30 seconds."""

import base64
import hmac
import os
from collections.abc import Iterable

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECONDS = 30
_DIGITS, _SECRET_LENGTH = 6, 20


def new_totp_secret() -> bytes:
    """160 random bits, as RFC 4226 recommends."""
    return os.urandom(_SECRET_LENGTH)


def totp_code(secret: bytes, step: int) -> str:
    """The six digits of a step: the number of half minutes since 1970."""
    # SHA-1 within HMAC is what the apps implement; collisions of SHA-1 do not touch it.
    return HOTP(secret, _DIGITS, SHA1()).generate(step).decode()  # noqa: S303


def matching_step(secret: bytes, code: str, steps: Iterable[int]) -> int | None:
    """The step whose code was typed, or None. Every step is compared, in constant time."""
    found = None
    for step in steps:
        if hmac.compare_digest(totp_code(secret, step).encode(), code.encode()):
            found = step
    return found


def totp_text(secret: bytes) -> str:
    """The secret as it is typed into an app: base32 in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(text[at : at + 4] for at in range(0, len(text), 4))


def totp_uri(secret: bytes, *, account: str, issuer: str) -> str:
    """The address that the QR code holds; the app shows issuer and account beside the code."""
    return TOTP(secret, _DIGITS, SHA1(), SECONDS).get_provisioning_uri(account, issuer)  # noqa: S303
