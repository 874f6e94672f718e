"""Compact JWS (RFC 7515) with Ed25519 (RFC 8037), the one algorithm: nothing in a file can choose another."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import msgspec

from omonat.crypto.signing import Signer, is_signed_by
from omonat.kernel.codec import from_json, to_canonical_json


class BadSignature(ValueError):
    """Not a JWS of this kind, or not signed by the key that was given."""


def sign(payload: bytes, signer: Signer, *, header: dict[str, str]) -> str:
    """`header.payload.signature`; `alg` is put into the header. What is signed holds no newline, so that the same
    key can sign notes of the ledger, which always do: neither can be passed off as the other."""
    head = _text(to_canonical_json({**header, "alg": "EdDSA"}))
    signed = f"{head}.{_text(payload)}"
    return f"{signed}.{_text(signer.sign(signed.encode()))}"


def verify(text: str, public_key: bytes) -> bytes:
    """The signed payload. Raises BadSignature."""
    signed, _, signature = text.rpartition(".")
    if header(text).get("alg") != "EdDSA" or not is_signed_by(public_key, signed.encode(), _bytes(signature)):
        raise BadSignature
    return payload(text)


def payload(text: str) -> bytes:
    """The payload, unverified. Raises BadSignature."""
    parts = text.split(".")
    if len(parts) != 3:
        raise BadSignature
    return _bytes(parts[1])


def header(text: str) -> dict[str, Any]:
    """The header, unverified. Raises BadSignature."""
    try:
        return from_json(_bytes(text.partition(".")[0]), dict[str, Any])
    except (msgspec.MsgspecError, UnicodeError):
        raise BadSignature from None


def _text(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    """Base64url without padding, in its one canonical spelling."""
    try:
        value = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise BadSignature from None
    if _text(value) != text:
        raise BadSignature
    return value
