"""Consents over `/api/v1`: recorded with their proof, taken over from lists, given out with all proofs (Art. 31)."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness.installation import Installation, new_installation
from harness.people import invent
from harness.policy_folder import Folder
from harness.programs import Program, installed_key
from harness.server import Server
from omonat.staff import ROLES

PDF = base64.b64encode(b"%PDF-1.7\nsigned\n").decode()
AGREED = "I agree to news of the company by e-mail."


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    return new_installation(tmp_path_factory.mktemp("api-consents"), adopt=False)


@pytest.fixture(scope="module")
def server(installation: Installation) -> Iterator[Server]:
    running = Server(installation)
    yield running
    running.kill9()


@pytest.fixture(scope="module")
def program(server: Server) -> Program:
    return Program(server, installed_key(server.installation))


def person(program: Program) -> str:
    """Somebody who sent the contact form; the id under which he is held."""
    invented = invent()
    sent = program.submit("contact", {"name": invented.name, "email": invented.email, "message": "Hello"})
    assert sent.status_code == 201
    found = program.post("/consents/find", {"kind": "email", "value": invented.email}).json()["items"]
    return str(found[0]["subject_id"])


def word(**changes: Any) -> dict[str, Any]:
    given = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    return {"purpose": "news", "channel": "email", "language": "en", "method": "call", "given_at": given,
            "reference": "call-7", "offset_seconds": 12, "script": "3", **changes}  # fmt: skip


def row(**changes: str) -> dict[str, str]:
    given = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()
    return {"address": invent().email, "purpose": "news", "channel": "email", "given_at": given, "method": "call",
            "language": "en", "text": AGREED, "reference": "call-7", **changes}  # fmt: skip


def news(program: Program, subject_id: str) -> list[dict[str, Any]]:
    items = program.get(f"/people/{subject_id}/consents").json()["items"]
    return [one for one in items if one["purpose"] == "news"]


def role_key(server: Server, role: str) -> Program:
    held = ROLES[role]
    return Program(server, installed_key(server.installation, *sorted(held.rights), purposes=sorted(held.purposes)))


def refusal(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"].startswith("application/problem+json")
    return answer.status_code, answer.json()["code"]


# --- recorded ---------------------------------------------------------------------------------------------------------


def test_a_consent_is_recorded_with_its_proof_once(program: Program) -> None:
    subject_id = person(program)
    sent = word()
    made = program.post(f"/people/{subject_id}/consents/record", sent, Idempotency_Key="record-1")
    again = program.post(f"/people/{subject_id}/consents/record", sent, Idempotency_Key="record-1")
    assert (made.status_code, again.status_code, again.content) == (201, 201, made.content)
    assert again.headers["idempotency-replayed"] == "true"
    (line,) = news(program, subject_id)
    assert line["action"] == "granted" and line["current"]
    assert {name: line["evidence"][name] for name in ("form", "method", "reference", "offset_seconds", "script")} == {
        "form": "any_provable", "method": "call", "reference": "call-7", "offset_seconds": 12, "script": "3",
    }  # fmt: skip
    assert line["evidence"]["actor"].startswith("key:")
    other = program.post(f"/people/{subject_id}/consents/record", word(script="4"), Idempotency_Key="record-1")
    assert other.status_code in (409, 422) and len(news(program, subject_id)) == 1


WRONG = {
    "reference": {"reference": ""}, "paper": {"method": "paper"}, "proof": {"method": "e_document",
    "given_by": "representative"}, "method": {"method": "sms", "offer": True},
    "given_at": {"given_at": "2999-01-01T00:00:00Z"},
}  # fmt: skip


def test_a_word_whose_evidence_does_not_hold_is_refused_by_field(program: Program) -> None:
    subject_id = person(program)
    for field, changes in WRONG.items():
        answer = program.post(f"/people/{subject_id}/consents/record", word(**changes))
        assert refusal(answer) == (422, "invalid_input"), field
        assert field in answer.json()["problems"]
    spoken = program.post(f"/people/{subject_id}/consents/record", word(given_by="representative", proof=PDF))
    assert refusal(spoken)[1] == "wrong_consent_form"  # who acts for another does it in writing
    assert news(program, subject_id) == []


def test_only_who_may_correct_records_and_takes_over(server: Server, program: Program) -> None:
    for role in ROLES:
        caller, may = role_key(server, role), "person.correct" in ROLES[role].rights
        recorded = caller.post(f"/people/{person(program)}/consents/record", word())
        taken = caller.post("/consents/import", {"items": [row()]})
        assert (recorded.status_code, taken.status_code) == ((201, 200) if may else (403, 403)), role


# --- taken over -------------------------------------------------------------------------------------------------------


def test_rows_are_looked_at_then_taken_once(program: Program) -> None:
    by_another = row(given_by="representative", method="paper")
    rows = [row(), row(method="pigeon"), by_another, row(reference=""), row(method="paper", reference="")]
    told = ["", "wrong_method", "record_by_hand", "wrong_reference", "wrong_reference"]
    codes = [("refused" if code else "taken", code) for code in told]
    dry = program.post("/consents/import", {"items": rows, "dry_run": True})
    first = program.post("/consents/import", {"items": rows}, Idempotency_Key="import-1")
    replayed = program.post("/consents/import", {"items": rows}, Idempotency_Key="import-1")
    later = program.post("/consents/import", {"items": rows}, Idempotency_Key="import-2")
    for answer in (dry, first):
        assert [(one["outcome"], one["code"]) for one in answer.json()["items"]] == codes
    assert replayed.content == first.content and replayed.headers["idempotency-replayed"] == "true"
    assert [one["outcome"] for one in later.json()["items"]] == ["known", *["refused"] * 4]
    found = program.post("/consents/find", {"kind": "email", "value": rows[0]["address"]}).json()["items"]
    assert [(one["state"], len(one["standing"])) for one in found] == [("proven", 1)]


# --- given out --------------------------------------------------------------------------------------------------------


def test_all_consents_go_out_page_by_page_with_proofs_and_without_values(server: Server, program: Program) -> None:
    rows = [row() for _ in range(5)]
    assert program.post("/consents/import", {"items": rows}).status_code == 200
    exports = "SELECT count(*) FROM ledger_event WHERE kind = 'consents_exported'"
    before = server.installation.rows(exports)[0][0]
    items: list[dict[str, Any]] = []
    cursor, pages = None, 0
    while pages == 0 or cursor is not None:
        page = program.get("/consents/export", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        assert page.status_code == 200 and not any(one["address"] in page.text for one in rows)
        found = page.json()
        texts = {one["hash"]: one["text"] for one in found["texts"]}
        assert all(sha256(text.encode()).hexdigest() == hash_ for hash_, text in texts.items())
        for one in found["items"]:
            entry = one["entry"]
            assert sha256(entry["event"].encode()).hexdigest() == entry["hash"]
            assert one["consent_id"] in entry["event"] and one["text_hash"] in texts
        assert ('rel="next"' in page.headers.get("link", "")) == (found["next"] is not None)
        items, cursor, pages = items + found["items"], found["next"], pages + 1
    ids = [one["consent_id"] for one in items]
    assert len(ids) == len(set(ids)) == server.installation.rows("SELECT count(*) FROM consent_event")[0][0] >= 5
    assert server.installation.rows(exports)[0][0] == before + pages  # each page is entered before it leaves


def test_only_who_checks_the_ledger_gets_all_consents(server: Server) -> None:
    for role, held in ROLES.items():
        may = "ledger.verify" in held.rights
        assert role_key(server, role).get("/consents/export").status_code == (200 if may else 403), role


# --- data that need writing (Arts 25, 26) -----------------------------------------------------------------------------


def test_special_and_biometric_data_need_writing_before_anything_rests_on_it(tmp_path: Path) -> None:
    installation = new_installation(tmp_path / "strict", adopt=False)
    server = Server(installation)
    try:
        program = Program(server, installed_key(installation))
        held = person(program)
        for number, nature in enumerate(("special", "biometric"), 3):
            folder = Folder(tmp_path / nature).change('number = "3.2"', f'number = "3.{number}"')
            folder.change("[category.email]\n", f'[category.email]\nnature = "{nature}"\n')
            installation.run("policy", "publish", folder.path, "--reason", "what is written there")
            _only_in_writing(program, held)
    finally:
        server.kill9()


def _only_in_writing(program: Program, subject_id: str) -> None:
    text = program.get("/consents/texts/email", params={"language": "en"}).json()["hash"]
    ticked = {"purpose": "news", "channel": "email", "language": "en", "text": text}
    form = program.filled("contact", {"name": "A", "email": invent().email, "message": "Hello"})
    before = news(program, subject_id)
    for path, sent in (("/forms/contact/submissions", form), (f"/people/{subject_id}/consents", ticked),
                       (f"/people/{subject_id}/consents/record", word())):  # fmt: skip
        answer = program.post(path, sent)
        assert refusal(answer) == (422, "wrong_consent_form"), path
        assert "in writing" in answer.text
    assert news(program, subject_id) == before
    rows = [row(), row(method="e_document", reference="doc-1"), row(method="paper", reference="")]
    taken = program.post("/consents/import", {"items": rows}).json()["items"]
    assert [one["code"] for one in taken] == ["wrong_form", "", "wrong_reference"]
    written = program.post(f"/people/{subject_id}/consents/record", word(method="paper", paper=PDF))
    assert written.status_code == 201
    assert news(program, subject_id)[-1]["evidence"]["form"] == "written_or_edoc"
