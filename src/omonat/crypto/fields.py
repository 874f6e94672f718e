"""Keyed tags, random tokens, fields that a form carries signed, one-time codes."""

import base64
import hmac
import secrets
from hashlib import sha256

from omonat.kernel.codec import length_prefixed


def keyed_tag(key: bytes, *parts: bytes) -> bytes:
    """HMAC-SHA-256 over the length-prefixed parts, 32 bytes: a blind index, or what is stored of a token."""
    return hmac.digest(key, length_prefixed(*parts), "sha256")


def new_token() -> str:
    """A random token of 256 bits, URL-safe."""
    return secrets.token_urlsafe(32)


def sign_field(key: bytes, use: str, value: bytes) -> str:
    """`value` with its tag, as text for a hidden field or a cookie. `use` keeps one kind from serving as another."""
    return f"{_text(value)}.{_text(keyed_tag(key, use.encode(), value))}"


def verify_field(key: bytes, use: str, text: str) -> bytes | None:
    """The signed value, or None when it was not signed by us for this use. Compared in constant time."""
    value_text, _, tag_text = text.partition(".")
    try:
        value, tag = _bytes(value_text), _bytes(tag_text)
    except ValueError:
        return None
    return value if hmac.compare_digest(tag, keyed_tag(key, use.encode(), value)) else None


def code_for(key: bytes, challenge: bytes, browser_tag: bytes) -> str:
    """The six digits of one challenge: derived, so that the code itself is stored nowhere."""
    number = int.from_bytes(keyed_tag(key, b"code", challenge, browser_tag)[:8])
    return f"{number % 1_000_000:06d}"


def text_hash(text: str) -> str:
    """SHA-256 of the UTF-8 bytes, hex: the name under which an exact text is kept (clause 1.2)."""
    return sha256(text.encode()).hexdigest()


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
