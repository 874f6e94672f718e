"""The page `/verify`: the same findings as `omonat verify FILE`, from a server and saved, without any network."""

import hashlib
import json
import random
import re
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.places import REPOSITORY
from harness.receipts import LIES, Archive, retold
from harness.server import Server
from omonat.consent import ConsentGiven
from omonat.crypto.signing import Signer
from omonat.grounds import STANDING
from omonat.kernel.codec import to_canonical_json
from omonat.kernel.ids import SubjectId
from omonat.ledger import VerifierKey, read_verifier_key
from omonat.ledger.note import verifier_key_of
from omonat.policy.public import GROUND_TERMS
from omonat.receipts import jws, verify_receipt
from omonat.receipts.contradictions import EVENT_KINDS, REFERS
from omonat.receipts.records import STATES
from omonat.storage import Database, data_tables, key_tables
from omonat.web.verify import NAME, verify_page, verify_page_hash

LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")
CHECK = "([bytes, key]) => verify(fromBase64(bytes), key)"  # a list of numbers takes the browser many times as long


class Samples(NamedTuple):
    """Receipts of every kind and of every state of a consent, and the key that signed them."""

    files: dict[str, bytes]
    key: VerifierKey
    signer: Signer


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samples]:
    folder = tmp_path_factory.mktemp("receipts")
    databases = [
        Database(f"sqlite:///{folder / name}", tables) for name, tables in (("a.db", data_tables), ("k.db", key_tables))
    ]
    for database in databases:
        database.create_tables()
    archive = Archive(*databases, folder)
    subject_id = archive.people.order(email="ali@example.uz", phone="+998901234567")
    _say(archive, subject_id, "granted")
    (consent,) = archive.lines(subject_id, "consent")
    files = {"without proof": archive.make(subject_id, consent).content}
    archive.integrate()
    files["consent"] = archive.make(subject_id, consent).content
    files["kantara"] = archive.make(subject_id, consent, "kantara").content
    files |= _of_every_state(archive, subject_id)
    archive.people.disclosures.disclose(
        subject_id, "contractor", "contract", actor="staff:sardor", reason="installation", now=archive.domain.now()
    )
    archive.integrate()
    files["disclosure"] = archive.make(subject_id, archive.lines(subject_id, "disclosure")[0]).content
    archive.people.rights.erase(subject_id, archive.domain.now())
    archive.integrate()
    files["destruction"] = archive.make(subject_id, archive.lines(subject_id, "destruction")[0]).content
    yield Samples(files, archive.key, archive.signer)
    for database in databases:
        database.close()


def _say(archive: Archive, subject_id: SubjectId, state: str) -> None:
    given = ConsentGiven(
        purpose="news", channel="email", action=state, language="en", text_hash="0" * 64, via="portal"
    )  # fmt: skip
    keys, now = archive.domain.keystore.open_subject(subject_id), archive.domain.now()
    archive.domain.database.write(lambda tx: archive.people.consents.record(tx, keys, given, now=now))


def _of_every_state(archive: Archive, subject_id: SubjectId) -> dict[str, bytes]:
    for state in STATES:
        _say(archive, subject_id, state)
    archive.integrate()
    newest = {line.what: line for line in reversed(archive.lines(subject_id, "consent"))}
    made = {state: archive.make(subject_id, newest[state]).content for state in STATES}
    return made | {"kantara renewed": archive.make(subject_id, newest["renewed"], "kantara").content}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(new_installation(tmp_path_factory.mktemp("verify"), adopt=False))
    yield server
    server.kill9()


@pytest.fixture(params=["served", "saved"])
def opened(request: pytest.FixtureRequest, open_page: OpenPage, server: Server, tmp_path: Path) -> Page:
    """The page from the server, and from a file; whatever it asks of a network fails the test."""
    page = open_page(locale="en-US", accept_downloads=True)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    if request.param == "served":
        page.goto(f"{server.url}/verify")
    else:
        (tmp_path / NAME).write_bytes(verify_page())
        page.goto((tmp_path / NAME).as_uri())
    request.addfinalizer(lambda: _nothing_more(asked))
    return page


def _nothing_more(asked: list[str]) -> None:
    assert len([url for url in asked if not url.endswith("favicon.ico")]) == 1, asked


def _in_page(page: Page, content: bytes, key: str) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(CHECK, [b64encode(content).decode(), key])
    return answer


def _by_program(content: bytes, key: str) -> tuple[list[str], list[str], list[str]]:
    outcome = verify_receipt(content, read_verifier_key(key) if key else None)
    return tuple([one.code for one in part] for part in (outcome.findings, outcome.proven, outcome.not_proven))  # type: ignore[return-value]


def _differs(page: Page, content: bytes, key: str) -> list[Any]:
    """What the page says, beside what the program says; empty when they agree."""
    said = _in_page(page, content, key)
    by_page = tuple([code for code, _places in said[part]] for part in ("findings", "proven", "notProven"))
    by_program = _by_program(content, key)
    return [] if by_page == by_program else [by_page, by_program]


def test_the_page_knows_the_kinds_and_states_of_the_program(opened: Page) -> None:
    assert opened.evaluate("() => STATES") == STATES
    assert opened.evaluate("() => EVENT_KINDS") == {kind: list(events) for kind, events in EVENT_KINDS.items()}
    assert opened.evaluate("() => REFERS") == {kind: list(words) for kind, words in REFERS.items()}
    assert opened.evaluate("() => STANDING") == list(STANDING)
    assert opened.evaluate("() => GROUND_TERMS") == GROUND_TERMS


def test_every_kind_of_receipt_holds_with_its_key(opened: Page, samples: Samples) -> None:
    for kind, content in samples.files.items():
        assert _differs(opened, content, samples.key.text()) == [], kind
        expected = ["proof_missing"] if kind == "without proof" else []
        assert [code for code, _ in _in_page(opened, content, samples.key.text())["findings"]] == expected


def test_without_a_key_and_with_anothers(opened: Page, samples: Samples) -> None:
    other = verifier_key_of(samples.key.name, Signer(b"o" * 32)).text()
    for content in samples.files.values():
        assert _differs(opened, content, "") == []
        assert _differs(opened, content, other) == []
        assert _in_page(opened, content, other)["proven"] == []


def test_what_is_changed_anywhere_is_found_as_the_program_finds_it(opened: Page, samples: Samples) -> None:
    chance = random.Random(7)
    key = samples.key.text()
    for kind, content in samples.files.items():
        for _ in range(15):
            changed = bytearray(content)
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
            assert _differs(opened, bytes(changed), key) == [], (kind, changed)
            assert _in_page(opened, bytes(changed), key)["proven"] == []


def _retold(content: bytes) -> Iterator[bytes]:
    """The file with something said otherwise, spelled as the format asks."""
    whole = json.loads(content)
    for change in (
        lambda file: file["evidence"].update(position=0),
        lambda file: file["evidence"].update(position=10**6),
        lambda file: file["evidence"].update(position=-1),
        lambda file: file["evidence"].update(proof=[]),
        lambda file: file["evidence"].update(proof=["00"]),
        lambda file: file["evidence"].update(proof=["zz"]),
        lambda file: file["evidence"].update(checkpoint=file["evidence"]["checkpoint"].replace("\n", "\n\n", 1)),
        lambda file: file["evidence"].update(openings={}),
        lambda file: file["evidence"].update(event=file["evidence"]["event"].replace('"v":1', '"v":2')),
        lambda file: file.update(statement=file["statement"] + "A"),
        lambda file: file.update(statement=file["statement"].partition(".")[2]),
        lambda file: file.update(format="omonat-receipt/2"),
        lambda file: file.update(more=1),
    ):
        file = json.loads(json.dumps(whole))
        change(file)  # type: ignore[no-untyped-call]
        yield json.dumps(file, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def test_what_is_told_otherwise_is_found_as_the_program_finds_it(opened: Page, samples: Samples) -> None:
    for content in (samples.files["consent"], samples.files["destruction"]):
        for changed in _retold(content):
            assert _differs(opened, changed, samples.key.text()) == [], changed[:200]
    for other in (b"", b"%PDF-1.7", b"[]", b"null", b'{"format":"omonat-receipt/1"}', b"\xff\xfe", b"[" * 5000):
        assert _differs(opened, other, samples.key.text()) == []


def test_a_signed_lie_about_the_event_is_found(opened: Page, samples: Samples) -> None:
    """Whoever has the key signs a statement that its event does not bear out."""
    signer = Signer(b"k" * 32)
    key = verifier_key_of(samples.key.name, signer)
    whole = json.loads(samples.files["consent"])
    _head, payload, _signature = whole["statement"].split(".")
    statement = json.loads(_from_base64url(payload))
    whole["evidence"]["key"] = key.text()
    statement["evidence"] = hashlib.sha256(to_canonical_json(whole["evidence"])).hexdigest()
    for lie in ({"refers": {**statement["refers"], "purpose": "support"}}, {"subject": None}, {"kind": "disclosure"}):
        whole["statement"] = jws.sign(to_canonical_json(statement | lie), signer, header={"kid": "x"})
        content = json.dumps(whole, indent=2, sort_keys=True, ensure_ascii=False).encode() + b"\n"
        assert _differs(opened, content, key.text()) == [], lie


def test_no_statement_contradicts_what_the_ledger_holds(opened: Page, samples: Samples) -> None:
    for kind, lies in LIES.items():
        for number, (words, lie) in enumerate(lies):
            content = retold(samples.signer, samples.files[kind], lie)
            said = _in_page(opened, content, samples.key.text())
            assert said["findings"] == [["says_other", {"words": words}]], (kind, number)
            assert _differs(opened, content, samples.key.text()) == [], (kind, number)


ODD_RECORDS: tuple[dict[str, object], ...] = (
    {},
    {"purposes": [1, None, {}], "event": 2, "processing": [3]},
    {"record_id": {}, "consentReceiptID": None, "language": ["en"]},
    {"processing": {"shown_text": ["sha256:0"], "privacy_notice": {"hash": 1}, "purposes": {}}, "purposes": None},
    {"party_identification": [1, None, {}], "pii_information": {"category": "phone"}, "lawful_basis": []},
    {"certificate": {"keys": True, "records_by_category": [1], "searched": {}, "number": 1}},
)


def test_a_record_of_any_shape_is_looked_at_as_the_program_looks_at_it(opened: Page, samples: Samples) -> None:
    for kind in ("consent", "disclosure", "destruction"):
        for odd in ODD_RECORDS:
            content = retold(samples.signer, samples.files[kind], lambda said, odd=odd: said.update(record=odd))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            outcome = verify_receipt(content, samples.key)
            said = _in_page(opened, content, samples.key.text())
            assert said["findings"] == [[one.code, one.places] for one in outcome.findings] != [], (kind, odd)


def _from_base64url(said: str) -> bytes:
    return urlsafe_b64decode(said + "=" * (-len(said) % 4))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_person_checks_a_receipt(
    open_page: OpenPage, server: Server, samples: Samples, tmp_path: Path, language: str
) -> None:
    page = open_page(phone=True, locale="en-US", color_scheme="dark" if language == "ru" else "light")
    page.goto(f"{server.url}/verify")
    page.locator(f"[data-language='{language}']").click()
    assert page.locator("html").get_attribute("lang") == language
    page.locator("#go").click()
    assert page.locator("#trouble").is_visible()
    (tmp_path / "receipt.json").write_bytes(samples.files["consent"])
    page.locator("#file").set_input_files(tmp_path / "receipt.json")
    page.locator("#key").fill(samples.key.text())
    page.locator("#go").click()
    page.locator("#answer h2").wait_for()
    assert "good" in (page.locator("#answer").get_attribute("class") or "")
    assert page.locator("#answer .proven li").count() == 4
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shown = page.locator("body").inner_text()
    assert not re.search(r"\{\w+\}", shown)


def test_the_page_is_the_one_that_was_published(server: Server) -> None:
    published = (REPOSITORY / "docs" / "security" / "verify.sha256").read_text("utf-8")
    assert published == f"{verify_page_hash()}  {NAME}\n", "run: python scripts/verify_page.py --write"
    with server.client() as client:
        answer, kept = client.get("/verify"), client.get(f"/verify/{NAME}")
    assert answer.content == kept.content == verify_page()
    assert "attachment" in kept.headers["content-disposition"]
    assert "set-cookie" not in answer.headers
    assert "'unsafe" not in unquote(answer.headers["content-security-policy"])
