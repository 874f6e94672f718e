"""Floor 1: keys, sealing, blind-index tags, signed fields, one-time codes, signatures. Nothing here is configurable.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D), HMAC-SHA-256 (RFC 2104), Ed25519 (RFC 8032).
Clause 6.1; formats are described in docs/security/formats.md.
"""

from omonat.crypto.aead import KEY_LENGTH, new_key, open_sealed, seal
from omonat.crypto.fields import code_for, keyed_tag, new_token, sign_field, verify_field
from omonat.crypto.provider import KeyProvider, KeysUnavailable, head_of, key_name
from omonat.crypto.providers import FileKeyProvider, open_provider, open_ring
from omonat.crypto.providers.file import create_key_file, is_key_file, key_files
from omonat.crypto.ring import KeyRing

__all__ = [
    "KEY_LENGTH", "FileKeyProvider", "KeyProvider", "KeyRing", "KeysUnavailable", "code_for", "create_key_file",
    "head_of", "is_key_file", "key_files", "key_name", "keyed_tag", "new_key", "new_token", "open_provider",
    "open_ring", "open_sealed", "seal", "sign_field", "verify_field",
]  # fmt: skip
