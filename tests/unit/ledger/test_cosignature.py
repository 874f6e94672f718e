"""Cosignatures against those of real witnesses, and against anything else."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.crypto.signing import Signer
from omonat.kernel.errors import Misconfigured
from omonat.ledger.cosignature import LATEST, WitnessKey, cosign, cosigned_at, read_witness_key, with_cosignatures
from omonat.ledger.note import (
    BadNote,
    Checkpoint,
    Note,
    Signature,
    checkpoint_text,
    open_checkpoint,
    open_note,
    parse_note,
    read_verifier_key,
    sign_checkpoint,
    verifier_key_of,
)  # fmt: skip
from omonat.ledger.witness_key import WitnessKeyFile

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ledger_cosignature.json").read_text("utf-8"))
NOTE = VECTORS["note"].encode()
WITNESSES = [read_witness_key(text) for text in VECTORS["witness_keys"]]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NAME = "witness.example.uz/one"
SIGNER = Signer(b"w" * 32)
KEY = WitnessKey(NAME, SIGNER.public_key)
LOG = Signer(bytes(range(32)))
HEAD = Checkpoint("iptelefoniya.uz/omonat", 7, b"r" * 32, ("an extension",))
TEXT = checkpoint_text(HEAD)
SIGNED = sign_checkpoint(HEAD, LOG)


@pytest.mark.parametrize("text", VECTORS["witness_keys"])
def test_published_keys_are_read_and_written_the_same(text: str) -> None:
    assert read_witness_key(text).text() == text
    with pytest.raises(BadNote):
        read_verifier_key(text)  # a witness is no log


@pytest.mark.parametrize("case", VECTORS["bad_witness_keys"], ids=lambda case: case["why"])
def test_bad_keys_are_refused(case: dict[str, str]) -> None:
    with pytest.raises(BadNote):
        read_witness_key(case["key"])


def test_the_cosignatures_of_real_witnesses_are_verified() -> None:
    head = open_checkpoint(NOTE, read_verifier_key(VECTORS["log_key"]))
    assert head.size == VECTORS["size"]
    lines = open_note(NOTE, WITNESSES).signatures
    assert sorted(line.name for line in lines) == VECTORS["cosigned_by"]
    assert {cosigned_at(line).timestamp() for line in lines} == {VECTORS["cosigned_at"]}


@pytest.mark.parametrize("key", VECTORS["witness_keys"][:4])
def test_a_real_cosignature_does_not_fit_another_tree(key: str) -> None:
    changed = NOTE.replace(b"1432088532", b"1432088533")
    with pytest.raises(BadNote, match="does not belong"):
        open_note(changed, [read_witness_key(key)])


def test_our_line_is_what_the_specification_says() -> None:
    line = cosign(TEXT, NAME, SIGNER, NOW)
    seconds = int(NOW.timestamp())
    assert line.signature[:8] == seconds.to_bytes(8)
    assert line.signature[8:] == SIGNER.sign(f"cosignature/v1\ntime {seconds}\n{TEXT}".encode())
    assert (len(line.signature), line.key_id, cosigned_at(line)) == (72, KEY.key_id, NOW)
    assert KEY.text() == f"{NAME}+{KEY.key_id.hex()}+{KEY.text().rpartition('+')[2]}"


@given(st.integers(0, LATEST), st.integers(0, 71), st.integers(1, 255))
def test_a_cosignature_holds_until_a_bit_of_it_changes(seconds: int, at: int, flip: int) -> None:
    line = cosign(TEXT, NAME, SIGNER, datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    assert KEY.has_signed(TEXT, line.signature)
    changed = bytes(value ^ (flip if n == at else 0) for n, value in enumerate(line.signature))
    assert not KEY.has_signed(TEXT, changed)


@given(st.binary(max_size=90))
def test_nothing_else_is_a_cosignature(data: bytes) -> None:
    assert not KEY.has_signed(TEXT, data)


def test_a_moment_beyond_all_calendars_is_refused() -> None:
    for seconds in (LATEST + 1, 2**63 - 1, 2**64 - 1):
        signature = seconds.to_bytes(8) + SIGNER.sign(f"cosignature/v1\ntime {seconds}\n{TEXT}".encode())
        assert not KEY.has_signed(TEXT, signature)


def test_a_plain_signature_of_the_witness_is_no_cosignature() -> None:
    line = Signature(NAME, KEY.key_id, SIGNER.sign(TEXT.encode()))
    with pytest.raises(BadNote):
        open_note(Note(TEXT, (line,)).data(), [KEY])


def test_lines_are_merged_the_newest_of_each_key() -> None:
    other = cosign(TEXT, "witness.example.uz/two", Signer(b"v" * 32), NOW)
    old, new = (cosign(TEXT, NAME, SIGNER, NOW + timedelta(hours=hours)) for hours in (0, 1))
    for order in ([old, other, new], [new, other, old]):
        data = SIGNED
        for line in order:
            data = with_cosignatures(data, [line])
        lines = parse_note(data).signatures
        assert [line.name for line in lines] == [HEAD.origin, *dict.fromkeys(line.name for line in order)]
        assert new in lines and old not in lines
        assert open_checkpoint(data, verifier_key_of(HEAD.origin, LOG)) == HEAD


def test_a_key_file_is_read_by_its_owner_only(tmp_path: Path) -> None:
    made, path = WitnessKeyFile.new(NAME), tmp_path / "key"
    path.write_text(made.text())
    path.chmod(0o600)
    again = WitnessKeyFile.read(path)
    assert (again.name, again.public) == (NAME, made.public)
    assert made.text().startswith(f"PRIVATE+KEY+{NAME}+{made.public.key_id.hex()}+")
    assert made.text().strip().split("+", 4)[4] not in repr(again)
    path.chmod(0o640)
    with pytest.raises(Misconfigured, match="Others"):
        WitnessKeyFile.read(path)


@pytest.mark.parametrize(
    "change", [("PRIVATE", "PUBLIC"), (NAME, "a"), ("\n", "AAAA\n"), ("PRIVATE+KEY+", ""), ("+", "-")]
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    path = tmp_path / "key"
    path.write_text(WitnessKeyFile.new(NAME).text().replace(*change))
    path.chmod(0o600)
    with pytest.raises(Misconfigured, match="no key of a witness"):
        WitnessKeyFile.read(path)


@pytest.mark.parametrize("name", ["", "with space", "with+plus"])
def test_a_witness_needs_a_name_that_can_stand_in_a_line(name: str) -> None:
    with pytest.raises(BadNote):
        WitnessKeyFile.new(name)
