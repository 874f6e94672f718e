"""A receipt's file: any changed byte is found; the signature is the one of RFC 8037; the PDF carries the file."""

import json
import re
import zlib
from base64 import urlsafe_b64decode
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.places import POLICY
from harness.receipts import Archive
from omonat.crypto.signing import Signer
from omonat.documents import Names
from omonat.kernel.clock import Clock
from omonat.kernel.language import LANGUAGES
from omonat.law import read_rule_pack
from omonat.ledger import VerifierKey
from omonat.policy import draft
from omonat.receipts import Made, jws, receipt_pdf, verify_receipt
from omonat.receipts.words import FINDINGS, NOT_PROVEN, PROVEN, Sentence
from omonat.storage import Database, data_tables, key_tables


@cache
def receipt() -> tuple[Made, VerifierKey]:
    """A real one, made once: a consent with its proof."""
    folder = Path(mkdtemp(prefix="omonat-receipt-"))
    databases = [
        Database(f"sqlite:///{folder / name}", tables) for name, tables in (("a.db", data_tables), ("k.db", key_tables))
    ]
    for database in databases:
        database.create_tables()
    archive = Archive(*databases, folder)
    subject_id = archive.people.contact(email="ali@example.uz")
    archive.integrate()
    made = archive.make(subject_id, archive.lines(subject_id, "consent")[0])
    for database in databases:
        database.close()
    return made, archive.key


@settings(max_examples=400, deadline=None)
@given(at=st.integers(0, 10**9), bit=st.integers(0, 7))
def test_a_changed_bit_anywhere_is_found(at: int, bit: int) -> None:
    made, key = receipt()
    changed = bytearray(made.content)
    changed[at % len(changed)] ^= 1 << bit
    outcome = verify_receipt(bytes(changed), key)
    assert not outcome.ok and not outcome.proven
    assert all(one.text("ru") for one in outcome.findings)


@settings(max_examples=100, deadline=None)
@given(at=st.integers(0, 10**9), more=st.binary(max_size=3), less=st.integers(0, 3))
def test_a_longer_or_shorter_file_is_found(at: int, more: bytes, less: int) -> None:
    made, key = receipt()
    place = at % len(made.content)
    changed = made.content[:place] + more + made.content[place + less :]
    assert verify_receipt(changed, key).ok == (changed == made.content)


@given(content=st.binary(max_size=300))
@example(content=b"%PDF-")
def test_what_is_no_receipt_is_said_to_be_none(content: bytes) -> None:
    outcome = verify_receipt(content, receipt()[1])
    expected = "is_pdf" if content.startswith(b"%PDF-") else "unreadable"
    assert [one.code for one in outcome.findings] == [expected] and outcome.statement is None


def test_deep_json_is_no_receipt() -> None:
    assert not verify_receipt(b"[" * 100_000, receipt()[1]).ok


def test_signature_of_rfc_8037() -> None:
    """Appendix A.4: the key of A.1 over “Example of Ed25519 signing”."""
    seed = urlsafe_b64decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=")
    signed = jws.sign(b"Example of Ed25519 signing", Signer(seed), header={})
    assert signed == (
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    )
    assert jws.verify(signed, Signer(seed).public_key) == b"Example of Ed25519 signing"


@pytest.mark.parametrize("alg", ["none", "HS256", "ES256", "eddsa"])
def test_no_other_algorithm_can_be_chosen(alg: str) -> None:
    signer = Signer(bytes(32))
    head = jws._text(json.dumps({"alg": alg}).encode())
    signed = f"{head}.{jws._text(b'{}')}"
    with pytest.raises(jws.BadSignature):
        jws.verify(f"{signed}.{jws._text(signer.sign(signed.encode()))}", signer.public_key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_carries_the_file_byte_for_byte(language: str) -> None:
    made, _key = receipt()
    version = draft(POLICY, Clock().now())
    pdf = receipt_pdf(made, Names(language, version.facts, read_rule_pack(version.facts.law)))
    assert b"receipt.json" in pdf and b"pdfaid" in pdf
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    assert made.content in [_inflated(stream) for stream in streams]


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def test_a_pdf_is_told_what_to_do_with() -> None:
    assert [one.code for one in verify_receipt(b"%PDF-1.7 ...", None).findings] == ["is_pdf"]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_sentence_is_said_in_the_language(language: str) -> None:
    for sentences in (FINDINGS, PROVEN, NOT_PROVEN):
        for code, msgid in sentences.items():
            places = {name: "x" for name in ("words", "origin", "moment", "kind", "subject", "position", "size")}
            sentence = Sentence(code, msgid, places)
            assert sentence.text(language) != sentence.text("en")
