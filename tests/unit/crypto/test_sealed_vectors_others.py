"""Vectors of what staff, webhooks, invitations, joinings, passing files, links and suppression seal and tag.

Twice, too: by Omonat, through the functions that its services call, and by the words of docs/security/formats.md.
"""

import base64
import hmac
import json
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from cryptography.exceptions import InvalidKey, InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from harness.places import REPOSITORY
from omonat.access import ApiKeys
from omonat.consent.links import Links
from omonat.consent.suppression import Suppression
from omonat.crypto import keyed_tag, open_sealed
from omonat.crypto.passwords import is_password
from omonat.disclosure.mailing import Mailing
from omonat.intake import Intake
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import EventId, KeyId, StaffId, SubjectId
from omonat.kernel.secret import Sealed
from omonat.kernel.signed_message import signature
from omonat.keystore import COMMITMENT, SubjectKeys
from omonat.keystore.model import CompartmentKey
from omonat.people import regrouping
from omonat.staff import StaffSessions, invitations
from omonat.staff.secrets import recovery_tag
from omonat.staff.sign_in import StaffSignIn
from omonat.staff.signing_parts import SigningParts, totp_context
from omonat.web import csrf
from omonat.webhooks import secrets

VECTORS: dict[str, Any] = json.loads((REPOSITORY / "tests" / "vectors" / "sealed.json").read_text("utf-8"))
SEALED, TAGS = VECTORS["sealed_others"], VECTORS["tags_others"]
Case = dict[str, Any]
Words = list[str]


def cases(section: str) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in VECTORS[section]["cases"]])


def expected(case: Case, name: str) -> Any:
    return {"error": case["error"]} if "error" in case else case[name]


def lp(*parts: bytes) -> bytes:
    """Each part behind its length in four bytes, big-endian."""
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def tag(key: bytes, *parts: bytes) -> bytes:
    return hmac.digest(key, lp(*parts), "sha256")


# --- what is sealed -------------------------------------------------------------------------------------------------

STAFF, WEBHOOK = (bytes.fromhex(SEALED["secrets"][name]) for name in ("staff", "webhook"))
PARTS = SigningParts(None, lambda: STAFF, None)  # type: ignore[arg-type]  # keys and tags need neither database nor ledger
COMMITMENT_KEY, PASSING = bytes.fromhex(SEALED["commitment_key"]), bytes.fromhex(SEALED["passing_key"])
LETTERS = invitations.Members._seal_key(SimpleNamespace(_secret=lambda: STAFF))  # type: ignore[arg-type]  # all it asks

OPENS: dict[str, tuple[bytes, Callable[..., bytes]]] = {
    "totp": (PARTS.key("totp"), lambda one: totp_context(StaffId(one))),
    "webhook": (WEBHOOK, secrets._context),
    "invitation": (LETTERS, invitations._context),
    "staff_email": (LETTERS, invitations._email_context),
    "regrouping": (COMMITMENT_KEY, lambda one, other: regrouping._associated(SubjectId(one), other)),
    "passing": (PASSING, lambda run_id: run_id.bytes),
}
_LETTER_KEY = tag(STAFF, b"staff invitation letter")
BY_WORDS: dict[str, tuple[bytes, Callable[..., bytes]]] = {
    "totp": (tag(STAFF, b"staff key", b"totp"), lambda one: lp(b"staff totp", one.bytes)),
    "webhook": (WEBHOOK, lambda one: lp(b"omonat/webhook/1", one.bytes)),
    "invitation": (_LETTER_KEY, lambda one: lp(b"omonat/staff invitation/1", one.bytes)),
    "staff_email": (_LETTER_KEY, lambda one: lp(b"omonat/staff email/1", one.bytes)),
    "regrouping": (COMMITMENT_KEY, lambda one, other: lp(b"omonat/regrouping/1", one.bytes, other.bytes)),
    "passing": (PASSING, lambda run_id: run_id.bytes),
}


@cases("sealed_others")
def test_what_others_seal(case: Case) -> None:
    key, place = OPENS[case["what"]]
    try:
        opened: Any = open_sealed(key, bytes.fromhex(case["sealed"]), place(*map(UUID, case["ids"]))).hex()
    except OmonatError as error:
        opened = {"error": error.code}
    assert opened == expected(case, "value")


@cases("sealed_others")
def test_what_others_seal_by_the_words(case: Case) -> None:
    (key, place), sealed = BY_WORDS[case["what"]], bytes.fromhex(case["sealed"])
    try:
        opened: Any = AESGCM(key).decrypt(sealed[:12], sealed[12:], place(*map(UUID, case["ids"]))).hex()
    except InvalidTag:
        opened = {"error": "damaged"}
    assert opened == expected(case, "value")


# --- what is tagged -------------------------------------------------------------------------------------------------

SECRETS = {name: bytes.fromhex(key) for name, key in TAGS["secrets"].items()}
TOKEN = SECRETS["token"]
_SUPPRESSING: Any = SimpleNamespace(
    _vault=SimpleNamespace(keystore=SimpleNamespace(secret=lambda _name: SECRETS["suppression"]))
)
_SIGNING_IN: Any = SimpleNamespace(_parts=PARTS)
_INTAKE: Any = SimpleNamespace(_secret=lambda _name: TOKEN)


def _mailing_leaf(event: str, subject: str) -> bytes:
    key = CompartmentKey(KeyId(UUID(int=1)), SECRETS["commitment"])
    keys = SubjectKeys(SubjectId(UUID(subject)), bytes(32), {COMMITMENT: key})
    return Mailing._leaf(None, EventId(UUID(event)), keys)  # type: ignore[arg-type]  # it asks nothing of the mailing


MADE: dict[str, Callable[..., bytes]] = {
    "staff_key": PARTS.key,
    "ceremony": lambda token: PARTS.ceremony_tag(Sealed(token)),
    "derived": lambda what, token: PARTS.derived(what, Sealed(token)),
    "recovery": lambda staff, code: recovery_tag(PARTS, StaffId(UUID(staff)), code),
    "name": lambda name: StaffSignIn._name_tag(_SIGNING_IN, name),
    "second": lambda staff: PARTS.tag("second", UUID(staff).bytes),
    "identity": lambda issuer, sub: StaffSignIn._subject_tag(_SIGNING_IN, issuer, Sealed(sub)),
    "invitation": lambda token: invitations.Members._tag(SimpleNamespace(_secret=lambda: STAFF), Sealed(token)),  # type: ignore[arg-type]
    "letter_key": lambda: LETTERS,
    "staff_session": lambda token: StaffSessions(None, lambda: TOKEN)._tag(Sealed(token)),  # type: ignore[arg-type]
    "api_key": lambda secret: ApiKeys._tag(SimpleNamespace(_token_key=lambda: TOKEN), secret),  # type: ignore[arg-type]
    "idempotency": lambda holder, name: keyed_tag(TOKEN, b"idempotency", UUID(holder).bytes, name.encode()),
    "submission_once": lambda once: Intake._once(_INTAKE, once).bytes,
    "suppression": lambda *said: Suppression._tag(_SUPPRESSING, *said),
    "mailing": _mailing_leaf,
    "csrf": csrf._bound_to,
}  # fmt: skip


def _t(use: str, *parts: bytes) -> bytes:
    return tag(tag(STAFF, b"staff key", b"tag"), use.encode(), *parts)


def _leaf_by_words(event: str, subject: str) -> bytes:
    salt = tag(SECRETS["commitment"], b"omonat/mailing/1", UUID(event).bytes)
    return sha256(b"\0" + tag(salt, b"subject", subject.encode())).digest()


TAGGED: dict[str, Callable[..., bytes]] = {
    "staff_key": lambda use: tag(STAFF, b"staff key", use.encode()),
    "ceremony": lambda token: _t("ceremony", token.encode()),
    "derived": lambda what, token: _t(f"derived {what}", token.encode()),
    "recovery": lambda one, code: _t("recovery", UUID(one).bytes, code.translate({45: "", 32: ""}).upper().encode()),
    "name": lambda name: _t("name", " ".join(name.replace("\u2018", "'").casefold().split()).encode()),
    "second": lambda staff: _t("second", UUID(staff).bytes),
    "identity": lambda *said: _t("identity", *(one.encode() for one in said)),
    "invitation": lambda token: tag(STAFF, b"staff invitation", token.encode()),
    "letter_key": lambda: _LETTER_KEY,
    "staff_session": lambda token: tag(TOKEN, b"staff session", token.encode()),
    "api_key": lambda secret: tag(TOKEN, b"api key", secret.encode()),
    "idempotency": lambda holder, name: tag(TOKEN, b"idempotency", UUID(holder).bytes, name.encode()),
    "submission_once": lambda once: UUID(bytes=tag(TOKEN, b"submission once", once.encode())[:16], version=4).bytes,
    "suppression": lambda *said: tag(SECRETS["suppression"], *(one.encode() for one in said)),
    "mailing": _leaf_by_words,
    "csrf": lambda token: hmac.digest(token.encode(), b"omonat csrf v1", "sha256"),
}  # fmt: skip


@pytest.mark.parametrize("made", [MADE, TAGGED], ids=["by Omonat", "by the words"])
@cases("tags_others")
def test_what_others_tag(case: Case, made: dict[str, Callable[..., bytes]]) -> None:
    assert made[case["what"]](*case["parts"]).hex() == case["tag"]


# --- links, passwords, webhooks -------------------------------------------------------------------------------------


@cases("links")
def test_links(case: Case) -> None:
    told = Links(lambda: bytes.fromhex(VECTORS["links"]["key"]))._read(
        case["what"].encode(), case["text"], {"confirm": 32, "preferences": 20}.get(case["what"], 16)
    )
    assert (told.hex() if told is not None else {"error": "refused"}) == expected(case, "told")


@cases("links")
def test_links_by_the_words(case: Case) -> None:
    read = base64.urlsafe_b64decode(case["text"] + "=" * (-len(case["text"]) % 4))
    length = {"confirm": 32, "preferences": 20}.get(case["what"], 16)
    told, mark = read[:length], read[length:]
    right = tag(bytes.fromhex(VECTORS["links"]["key"]), b"omonat consent link", case["what"].encode(), told)[:16]
    assert (told.hex() if mark == right else {"error": "refused"}) == expected(case, "told")


@cases("passwords")
def test_passwords(case: Case) -> None:
    right = is_password(bytes.fromhex(VECTORS["passwords"]["key"]), case["password"], case["kept"])
    assert (right or {"error": "refused"}) == expected(case, "right")


@cases("passwords")
def test_passwords_by_the_words(case: Case) -> None:
    typed, key = unicodedata.normalize("NFKC", case["password"]).encode(), VECTORS["passwords"]["key"]
    assert case["kept"].startswith("$argon2id$v=19$m=32768,t=3,p=1$")
    try:
        Argon2id.verify_phc_encoded(typed, case["kept"], secret=bytes.fromhex(key))
        right: Any = True
    except InvalidKey:
        right = {"error": "refused"}
    assert right == expected(case, "right")


@cases("webhook_signatures")
def test_webhook_signatures(case: Case) -> None:
    secret = VECTORS["webhook_signatures"]["secret"]
    made = signature(secret, case["id"], case["timestamp"], bytes.fromhex(case["body"]))
    assert (made == case["signature"] or {"error": "refused"}) == expected(case, "right")
    signed = b".".join((case["id"].encode(), case["timestamp"].encode(), bytes.fromhex(case["body"])))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert made == "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
