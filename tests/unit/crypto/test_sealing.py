"""Sealing binds a value to its place; tags, signed fields and codes are keyed (clause 6.1)."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.crypto import (
    FileKeyProvider,
    code_for,
    create_key_file,
    keyed_tag,
    new_key,
    open_sealed,
    seal,
    sign_field,
    verify_field,
)
from omonat.kernel.errors import Damaged, Misconfigured

KEY = bytes(range(32))


@given(st.binary(max_size=300), st.binary(max_size=100))
def test_what_is_sealed_is_opened_and_never_looks_alike(value: bytes, associated: bytes) -> None:
    first, second = seal(KEY, value, associated), seal(KEY, value, associated)
    assert open_sealed(KEY, first, associated) == value
    assert first != second
    assert len(first) == len(value) + 28


@given(st.binary(max_size=100), st.binary(max_size=40), st.binary(max_size=40))
def test_another_place_does_not_open_it(value: bytes, here: bytes, there: bytes) -> None:
    if here == there:
        return
    with pytest.raises(Damaged):
        open_sealed(KEY, seal(KEY, value, here), there)


@given(st.binary(max_size=60), st.integers(min_value=0), st.integers(min_value=0, max_value=7))
def test_one_changed_bit_is_found(value: bytes, place: int, bit: int) -> None:
    sealed = bytearray(seal(KEY, value, b""))
    sealed[place % len(sealed)] ^= 1 << bit
    with pytest.raises(Damaged):
        open_sealed(KEY, bytes(sealed), b"")


def test_a_cut_value_is_damaged_not_a_crash() -> None:
    for length in range(28):
        with pytest.raises(Damaged):
            open_sealed(KEY, seal(KEY, b"", b"")[:length], b"")


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=3), st.lists(st.binary(max_size=8), min_size=1, max_size=3))
def test_two_lists_of_parts_never_share_a_tag(first: list[bytes], second: list[bytes]) -> None:
    assert (keyed_tag(KEY, *first) == keyed_tag(KEY, *second)) == (first == second)


@given(st.binary(max_size=200))
def test_a_signed_field_serves_one_use_only(value: bytes) -> None:
    text = sign_field(KEY, "form", value)
    assert verify_field(KEY, "form", text) == value
    assert verify_field(KEY, "choice", text) is None
    assert verify_field(new_key(), "form", text) is None


@given(st.text(max_size=80))
def test_any_text_at_all_is_refused_quietly(text: str) -> None:
    assert verify_field(KEY, "form", text) is None


def test_a_code_is_bound_to_challenge_and_browser() -> None:
    codes = {code_for(KEY, challenge, browser) for challenge in (b"1", b"2", b"3") for browser in (b"a", b"b", b"c")}
    assert all(len(code) == 6 and code.isdigit() for code in codes)
    assert len(codes) > 7
    assert code_for(KEY, b"1", b"a") == code_for(KEY, b"1", b"a")


def test_the_key_file_is_for_its_owner_and_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    create_key_file(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create_key_file(path)
    provider = FileKeyProvider(path)
    assert provider.unwrap(provider.wrap(KEY, b"here"), b"here") == KEY
    with pytest.raises(Damaged):
        provider.unwrap(provider.wrap(KEY, b"here"), b"there")


def test_a_key_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kek"
    create_key_file(path)
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="chmod 600"):
        raise _advice(path)


def _advice(path: Path) -> Misconfigured:
    try:
        FileKeyProvider(path)
    except Misconfigured as error:
        return Misconfigured(what=error.advice(), fix="")
    raise AssertionError("a readable key file was accepted")
