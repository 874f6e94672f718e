"""Notes and checkpoints against the vectors of their first implementation, and against anything else."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.crypto.signing import Signer
from omonat.ledger.note import (
    BadNote,
    Checkpoint,
    checkpoint_text,
    open_checkpoint,
    open_note,
    parse_checkpoint,
    parse_note,
    read_verifier_key,
    sign_checkpoint,
    sign_note,
    verifier_key_of,
)  # fmt: skip

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "ledger_note.json").read_text("utf-8"))
SIGNED = VECTORS["signed"]
PETER = Signer(b64decode(SIGNED["private"])[1:])
PETERS_KEY = read_verifier_key(VECTORS["verifier_keys"][0])
PETERS_NOTE = (SIGNED["text"] + "\n" + SIGNED["signature_line"]).encode()
ORIGIN = "iptelefoniya.uz/omonat"
SIGNER = Signer(bytes(range(32)))
KEY = verifier_key_of(ORIGIN, SIGNER)


def signature_line(note: bytes) -> bytes:
    return note.rpartition(b"\n\n")[2]


@pytest.mark.parametrize("text", VECTORS["verifier_keys"])
def test_published_keys_are_read_and_written_the_same(text: str) -> None:
    assert read_verifier_key(text).text() == text


@pytest.mark.parametrize("case", VECTORS["bad_verifier_keys"], ids=lambda case: case["why"])
def test_bad_keys_are_refused(case: dict) -> None:
    with pytest.raises(BadNote):
        read_verifier_key(case["key"])


def test_no_piece_of_a_key_is_a_key() -> None:
    whole = VECTORS["verifier_keys"][0]
    for start in range(len(whole)):
        for end in range(start + 1, len(whole) + 1):
            if end - start < len(whole):
                with pytest.raises(BadNote):
                    read_verifier_key(whole[start:end])


def test_the_published_note_is_made_byte_for_byte() -> None:
    assert sign_note(SIGNED["text"], SIGNED["name"], PETER) == PETERS_NOTE
    assert open_note(PETERS_NOTE, [PETERS_KEY]).text == SIGNED["text"]


@pytest.mark.parametrize("case", VECTORS["bad_notes"], ids=lambda case: case["why"])
def test_bad_notes_are_refused(case: dict) -> None:
    with pytest.raises(BadNote):
        parse_note(case["note"].encode())


def test_a_note_that_is_not_utf_8_or_endless_is_refused() -> None:
    for data in (b"\xff" + PETERS_NOTE, b"a" * 1_000_001 + PETERS_NOTE):
        with pytest.raises(BadNote):
            parse_note(data)


def test_signatures_of_strangers_are_passed_over() -> None:
    stranger = sign_note(SIGNED["text"], "witness.example/one", Signer(b"w" * 32))
    both = PETERS_NOTE + signature_line(stranger)
    assert len(parse_note(both).signatures) == 2
    assert [line.name for line in open_note(both, [PETERS_KEY]).signatures] == ["PeterNeumann"]
    with pytest.raises(BadNote, match="not signed by"):
        open_note(stranger, [PETERS_KEY])


def test_sixteen_signatures_are_read_and_a_hundred_and_one_refused() -> None:
    lines = [
        signature_line(sign_note(SIGNED["text"], f"witness.example/{n}", Signer(bytes([n]) * 32))) for n in range(101)
    ]
    assert open_note(PETERS_NOTE + b"".join(lines[:15]), [PETERS_KEY]).text == SIGNED["text"]
    with pytest.raises(BadNote, match="too many"):
        open_note(PETERS_NOTE + b"".join(lines), [PETERS_KEY])


def test_one_bad_signature_of_a_known_key_spoils_the_note() -> None:
    other = sign_note("another text\n", ORIGIN, SIGNER)
    with pytest.raises(BadNote, match="does not belong"):
        open_note(PETERS_NOTE + signature_line(other), [PETERS_KEY, KEY])


def test_the_published_checkpoint_is_read() -> None:
    known = VECTORS["checkpoint"]
    assert parse_note(known["note"].encode()).text == known["text"]
    head = parse_checkpoint(known["text"])
    assert (head.origin, head.size, head.root.hex()) == (known["origin"], known["size"], known["root"])
    assert checkpoint_text(head) == known["text"]


@pytest.mark.parametrize("case", VECTORS["bad_checkpoints"], ids=lambda case: case["why"])
def test_bad_checkpoints_are_refused(case: dict) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(case["text"])


lines = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029"), min_size=1, max_size=20
)


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(lines, max_size=3))
def test_a_checkpoint_comes_back_as_it_was_signed(size: int, root: bytes, extensions: list[str]) -> None:
    head = Checkpoint(ORIGIN, size, root, tuple(extensions))
    assert open_checkpoint(sign_checkpoint(head, SIGNER), KEY) == head


@given(st.data())
def test_a_changed_checkpoint_is_not_opened(data: st.DataObject) -> None:
    signed = sign_checkpoint(Checkpoint(ORIGIN, 7, b"r" * 32), SIGNER)
    at = data.draw(st.integers(0, len(signed) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda value: value != signed[at]))
    with pytest.raises(BadNote):
        open_checkpoint(signed[:at] + bytes([other]) + signed[at + 1 :], KEY)


@given(st.binary(max_size=300))
def test_nothing_else_is_ever_opened(data: bytes) -> None:
    with pytest.raises(BadNote):
        open_checkpoint(data, KEY)


def test_a_checkpoint_signed_for_another_log_is_refused() -> None:
    text = checkpoint_text(Checkpoint("other.example/log", 7, b"r" * 32))
    with pytest.raises(BadNote, match="another log"):
        open_checkpoint(sign_note(text, ORIGIN, SIGNER), KEY)


@pytest.mark.parametrize("name", ["", "with space", "with+plus", "with\u00a0space"])
def test_a_key_needs_a_name_that_can_stand_in_a_line(name: str) -> None:
    with pytest.raises(BadNote):
        verifier_key_of(name, SIGNER)
