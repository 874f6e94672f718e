"""Test vectors of the sealed formats: Omonat against them, and a reading of docs/security/formats.md without Omonat."""

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from harness.places import REPOSITORY
from omonat.crypto import FileKeyProvider, KeyRing, code_for, keyed_tag, open_sealed, sign_field, verify_field
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import EventId, KeyId, RecordId, SubjectId
from omonat.keystore import COMMITMENT, Compartment, SubjectKeys
from omonat.keystore.model import CompartmentKey, OlderVersion
from omonat.keystore.service import part_context
from omonat.vault.events import open_salts
from omonat.vault.files import open_parts
from omonat.vault.model import HeldRecord
from omonat.vault.sealing import open_value

VECTORS: dict[str, Any] = json.loads((REPOSITORY / "tests" / "vectors" / "sealed.json").read_text("utf-8"))
Case = dict[str, Any]


def cases(section: str) -> Any:
    """Every case of a section, by name."""
    found = VECTORS[section]["cases"]
    return pytest.mark.parametrize("case", [pytest.param(one, id=one.get("name") or one["code"]) for one in found])


def outcome(act: Callable[[], Any]) -> Any:
    """What comes out, or the class of the failure: as a case says it."""
    try:
        return act()
    except (OmonatError, Failure) as error:
        return {"error": error.code}


def expected(case: Case, name: str) -> Any:
    return {"error": case["error"]} if "error" in case else case[name]


# --- Omonat ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    for name, key in VECTORS["wrapped_keys"]["key_files"].items():
        (tmp_path / name).touch(mode=0o600)
        (tmp_path / name).write_bytes(bytes.fromhex(key))
    return KeyRing(FileKeyProvider(tmp_path / "kek"))


@cases("wrapped_keys")
def test_wrapped_keys(ring: KeyRing, case: Case) -> None:
    opened = outcome(lambda: ring.unwrap(bytes.fromhex(case["wrapped"]), bytes.fromhex(case["context"])).hex())
    assert opened == expected(case, "key")


@cases("compartment_keys")
def test_compartment_keys(case: Case) -> None:
    root, place = (
        bytes.fromhex(VECTORS["compartment_keys"]["subject_key"]),
        Compartment(case["purpose"], case["category"]),
    )
    context = part_context(SubjectId(UUID(case["subject_id"])), KeyId(UUID(case["key_id"])), place)
    assert outcome(lambda: open_sealed(root, bytes.fromhex(case["wrapped"]), context).hex()) == expected(case, "key")


@cases("records")
def test_records(case: Case) -> None:
    held = {
        Compartment(one["purpose"], one["category"]): CompartmentKey(
            KeyId(UUID(one["key_id"])), bytes.fromhex(one["key"])
        )
        for one in VECTORS["records"]["keys"]
    }
    older = {
        KeyId(UUID(one["key_id"])): OlderVersion(
            Compartment(one["purpose"], one["category"]), partial(bytes.fromhex, one["key"])
        )
        for one in VECTORS["records"]["keys"]
        if KeyId(UUID(one["key_id"])) not in {key.key_id for key in held.values()}
    }
    assert older
    subject_id = SubjectId(UUID(case["subject_id"]))
    record = _record(case, purpose=case["purpose"], category=case["category"], sealed=case["sealed"])
    keys = SubjectKeys(subject_id, bytes(32), held, older)
    assert outcome(lambda: open_value(keys, record)) == expected(case, "value")


def _record(case: Case, *, purpose: str, category: str, sealed: str = "") -> HeldRecord:
    return HeldRecord(
        subject_id=SubjectId(UUID(case["subject_id"])), record_id=RecordId(UUID(case["record_id"])),
        submission_id=None, case_id=None, purpose=purpose, category=category, field="x", ground="consent",
        source="test", key_id=KeyId(UUID(case["key_id"])), sealed_value=bytes.fromhex(sealed), tag=None,
        collected_at=datetime(2026, 11, 22, tzinfo=UTC), keep_until=None,
    )  # fmt: skip


@cases("files")
def test_files(case: Case) -> None:
    held = {
        Compartment("contract", str(number)): CompartmentKey(KeyId(UUID(one["key_id"])), bytes.fromhex(one["key"]))
        for number, one in enumerate(VECTORS["files"]["keys"])
    }
    record = _record(case, purpose="contract", category="name")
    keys, parts = SubjectKeys(record.subject_id, bytes(32), held), [bytes.fromhex(one) for one in case["sealed"]]
    opened = outcome(lambda: sha256(open_parts(keys, record, parts)).hexdigest())
    assert opened == expected(case, "sha256")


@cases("salts")
def test_salts(case: Case) -> None:
    key = CompartmentKey(KeyId(UUID(int=1)), bytes.fromhex(VECTORS["salts"]["commitment_key"]))
    subject_id, event_id = SubjectId(UUID(case["subject_id"])), EventId(UUID(case["event_id"]))
    keys = SubjectKeys(subject_id, bytes(32), {COMMITMENT: key})
    opened = outcome(lambda: _hex(open_salts(keys, event_id, bytes.fromhex(case["sealed"]))))
    assert opened == expected(case, "salts")


def _hex(salts: dict[str, bytes]) -> dict[str, str]:
    return {field: salt.hex() for field, salt in salts.items()}


@cases("tags")
def test_tags(case: Case) -> None:
    parts = [bytes.fromhex(part) for part in case["parts"]]
    assert keyed_tag(bytes.fromhex(case["key"]), *parts).hex() == case["tag"]


@cases("signed_fields")
def test_signed_fields(case: Case) -> None:
    key = bytes.fromhex(VECTORS["signed_fields"]["key"])
    value = verify_field(key, case["use"], case["text"])
    assert (value.hex() if value is not None else {"error": "refused"}) == expected(case, "value")
    if value is not None:
        assert sign_field(key, case["use"], value) == case["text"]


@cases("codes")
def test_codes(case: Case) -> None:
    key, tag = bytes.fromhex(VECTORS["codes"]["key"]), bytes.fromhex(case["browser_tag"])
    assert code_for(key, UUID(case["challenge_id"]).bytes, tag) == case["code"]


def test_every_class_of_failure_is_there() -> None:
    found = {one.get("error") for section in VECTORS.values() if isinstance(section, dict) for one in section["cases"]}
    assert found == {None, "damaged", "misconfigured", "denied", "refused"}


# --- by the words of docs/security/formats.md, with `cryptography` only ---------------------------------------------


class Failure(Exception):
    """A class of failure."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def lp(*parts: bytes) -> bytes:
    """Each part behind its length in four bytes, big-endian."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def unseal(key: bytes, sealed: bytes, associated: bytes) -> bytes:
    """nonce (12) || AES-256-GCM ciphertext || tag (16)."""
    if len(sealed) < 28:
        raise Failure("damaged")
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], associated)
    except InvalidTag:
        raise Failure("damaged") from None


def unwrap(wrapped: bytes, context: bytes, files: dict[str, str]) -> bytes:
    """Exactly 60 bytes: under the first key file, no head; else "OK1" || length (1) || key id || body."""
    if len(wrapped) <= 60:
        return unseal(bytes.fromhex(files["kek"]), wrapped, context)
    end = 4 + wrapped[3]
    if wrapped[:3] != b"OK1" or len(wrapped) <= end:
        raise Failure("damaged")
    kind, _, name = wrapped[4:end].decode().partition(":")
    if kind != "file" or name not in files:
        raise Failure("misconfigured")
    return unseal(bytes.fromhex(files[name]), wrapped[end:], context)


def ids(case: Case, *names: str) -> list[bytes]:
    return [UUID(case[name]).bytes for name in names]


def words(case: Case) -> list[bytes]:
    return [case["purpose"].encode(), case["category"].encode()]


@cases("wrapped_keys")
def test_wrapped_keys_by_the_words(case: Case) -> None:
    files = VECTORS["wrapped_keys"]["key_files"]
    opened = outcome(lambda: unwrap(bytes.fromhex(case["wrapped"]), bytes.fromhex(case["context"]), files).hex())
    assert opened == expected(case, "key")


@cases("compartment_keys")
def test_compartment_keys_by_the_words(case: Case) -> None:
    key = bytes.fromhex(VECTORS["compartment_keys"]["subject_key"])
    associated = lp(b"part", *ids(case, "subject_id", "key_id"), *words(case))
    assert outcome(lambda: unseal(key, bytes.fromhex(case["wrapped"]), associated).hex()) == expected(case, "key")


@cases("records")
def test_records_by_the_words(case: Case) -> None:
    keys = {one["key_id"]: bytes.fromhex(one["key"]) for one in VECTORS["records"]["keys"]}

    def opened() -> str:
        if case["key_id"] not in keys:
            raise Failure("denied")
        associated = lp(b"omonat/record/1", *ids(case, "key_id", "subject_id", "record_id"), *words(case))
        return unseal(keys[case["key_id"]], bytes.fromhex(case["sealed"]), associated).decode()

    assert outcome(opened) == expected(case, "value")


@cases("files")
def test_files_by_the_words(case: Case) -> None:
    keys = {one["key_id"]: bytes.fromhex(one["key"]) for one in VECTORS["files"]["keys"]}
    parts = [bytes.fromhex(one) for one in case["sealed"]]

    def opened() -> str:
        place = [b"omonat/file/1", *ids(case, "subject_id", "record_id")]
        plain = [
            unseal(keys[case["key_id"]], part, lp(*place, str(number).encode(), str(len(parts)).encode()))
            for number, part in enumerate(parts)
        ]
        return sha256(b"".join(plain)).hexdigest()

    assert outcome(opened) == expected(case, "sha256")


@cases("salts")
def test_salts_by_the_words(case: Case) -> None:
    key = bytes.fromhex(VECTORS["salts"]["commitment_key"])
    associated = lp(b"omonat/salts/1", *ids(case, "subject_id", "event_id"))
    opened = outcome(lambda: json.loads(unseal(key, bytes.fromhex(case["sealed"]), associated)))
    assert opened == expected(case, "salts")


@cases("tags")
def test_tags_by_the_words(case: Case) -> None:
    parts = [bytes.fromhex(part) for part in case["parts"]]
    assert hmac.digest(bytes.fromhex(case["key"]), lp(*parts), "sha256").hex() == case["tag"]


@cases("signed_fields")
def test_signed_fields_by_the_words(case: Case) -> None:
    def opened() -> str:
        value, dot, tag = case["text"].partition(".")
        decoded = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        wanted = hmac.digest(
            bytes.fromhex(VECTORS["signed_fields"]["key"]), lp(case["use"].encode(), decoded), "sha256"
        )
        if not dot or tag != base64.urlsafe_b64encode(wanted).rstrip(b"=").decode():
            raise Failure("refused")
        return decoded.hex()

    assert outcome(opened) == expected(case, "value")


@cases("codes")
def test_codes_by_the_words(case: Case) -> None:
    message = lp(b"code", UUID(case["challenge_id"]).bytes, bytes.fromhex(case["browser_tag"]))
    digest = hmac.digest(bytes.fromhex(VECTORS["codes"]["key"]), message, "sha256")
    assert f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}" == case["code"]
