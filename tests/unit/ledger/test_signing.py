"""Ed25519 against the vectors of RFC 8032, section 7.1."""

import pytest

from omonat.crypto.signing import Signer, is_signed_by

SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_the_published_vector() -> None:
    signer = Signer(SEED)
    assert signer.public_key == PUBLIC
    assert signer.sign(b"\x72") == SIGNATURE
    assert is_signed_by(PUBLIC, b"\x72", SIGNATURE)


def test_anything_else_is_not_signed() -> None:
    assert not is_signed_by(PUBLIC, b"\x73", SIGNATURE)
    assert not is_signed_by(PUBLIC, b"\x72", SIGNATURE[:-1])
    assert not is_signed_by(PUBLIC[:-1], b"\x72", SIGNATURE)
    assert not is_signed_by(b"\x00" * 32, b"\x72", SIGNATURE)


def test_a_signer_shows_nothing_and_needs_32_bytes() -> None:
    assert SEED.hex() not in repr(Signer(SEED))
    with pytest.raises(ValueError, match="32"):
        Signer(b"short")
