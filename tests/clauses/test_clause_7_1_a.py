"""7.1 a information: the person sees everything held, and takes it home as JSON, CSV and PDF."""

import csv
import io
import json
from pathlib import Path

import pytest

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru", "en"])
def test_everything_held_is_on_one_page(shared_server: Server, open_page: OpenPage, language: str) -> None:
    page, person = open_page(phone=True, java_script_enabled=language != "uz-Cyrl"), invent()
    typed = {"name": person.name, "phone": person.phone, "email": person.email, "service": "IP ATS", "comment": "Tez"}
    send_form(page, shared_server, "order", typed, language=language, news=["sms"])
    sign_in(page, shared_server, person.phone, language=language)
    shown = page.inner_text("#data")
    for value in (person.name, person.shown_phone, "IP ATS", "Tez", "127.0.0.1", "Chrom"):
        assert value in shown, value
    assert person.email not in shown  # typed, not confirmed: it may be another's, so it is masked
    assert f"{person.email[0]}•••@" in shown
    policy = Visitor(shared_server).get("/policy.json").text
    assert all(json.dumps(word, ensure_ascii=False) in policy for word in ("contract", "news"))
    assert page.locator("#data caption").count() == 2
    assert page.locator("#consents li").count() >= 3
    assert page.locator("#cases tbody tr").count() == 1


def test_the_three_files_hold_the_same(shared_server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    page, person = open_page(), invent()
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone})
    shared_server.installation.run(
        "person", "show", "--phone", person.phone, "--purpose", "support", "--reason", "call back"
    )
    sign_in(page, shared_server, person.phone)
    files = {}
    for kind in ("json", "csv", "pdf"):
        with page.expect_download() as waited:
            page.click(f"#do button[value={kind}]")
        files[kind] = Path(waited.value.path()).read_bytes()
        assert person.phone[4:] not in waited.value.suggested_filename
    file = json.loads(files["json"])
    values = {value["field"]: value for value in file["values"]}
    assert values["phone"]["value"] == person.phone
    assert values["name"]["value"] == person.name
    assert all(value[key] for value in values.values() for key in ("purpose_name", "ground_name", "source_name"))
    assert values["phone"]["keep_until"]
    assert [line["reason"] for line in file["journal"] if line["operation"] == "read"] == ["call back"]
    table = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig")), delimiter=";"))
    assert any(person.name in row for row in table)
    assert any("call back" in row for row in table)
    assert files["pdf"].startswith(b"%PDF-")


def test_staff_can_hand_the_file_out_too(shared_server: Server, tmp_path: Path) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    words = ("person", "export", "--phone", person.phone, "--reason", "came to the office")
    shared_server.installation.run(*words, "--out", tmp_path / "file.json")
    file = json.loads((tmp_path / "file.json").read_text("utf-8"))
    assert person.name in json.dumps(file, ensure_ascii=False)
    visitor.sign_in(person.phone)
    journal = visitor.send("/my/download", shown_at="/my", format="json").json()["journal"]
    assert "came to the office" in {line["reason"] for line in journal}


def test_nobody_learns_whether_an_address_is_held(shared_server: Server) -> None:
    known, unknown = invent(), invent()
    Visitor(shared_server).send_form("contact", {"name": known.name, "email": known.email, "message": "Salom"})
    answers = []
    for person in (known, unknown):
        visitor = Visitor(shared_server)
        visitor.send("/my/sign-in", identifier=person.email)
        wrong = visitor.send("/my/code", code="000000")
        answers.append((wrong.status_code, len(wrong.text)))
    assert answers[0] == answers[1]
