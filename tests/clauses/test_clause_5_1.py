"""5.1 third parties: registered recipients only, on a ground, journalled, shown to the person, told in time."""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from harness.acts import send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server

TASHKENT = ZoneInfo("Asia/Tashkent")


def test_a_disclosure_is_bound_journalled_shown_and_told(
    shared_server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page, person = open_page(locale="en-US"), invent()
    typed = {"name": person.name, "phone": person.phone, "email": person.email, "service": "IP PBX"}
    send_form(page, shared_server, "order", typed, language="en")
    sign_in(page, shared_server, person.email, language="en")
    given = tmp_path / "package.json"
    words = ("disclose", "--email", person.email, "--to", "contractor", "--purpose", "contract", "--category", "phone")
    done = shared_server.installation.json(*words, "--reason", "Installation on Monday", "--out", given)
    due = datetime.fromisoformat(done["notice_due_at"]).astimezone(TASHKENT).date()
    assert due - datetime.now(TASHKENT).date() == timedelta(days=3)
    package = given.read_text("utf-8")
    assert person.phone in package
    assert person.email not in package
    assert "1/M" in json.dumps(json.loads(package))  # the undertaking of confidentiality
    _wait_until_told(page, shared_server)
    received = page.inner_text("#received").lower()
    assert "the contractor who installs equipment" in received
    assert "phone number" in received
    assert "not yet" not in received
    assert "third party" in shared_server.output() or "Article 23" in shared_server.output()


def _wait_until_told(page: object, server: Server) -> None:
    end = time.monotonic() + 60
    while True:
        page.goto(f"{server.url}/en/my")  # type: ignore[attr-defined]
        if "not yet" not in page.inner_text("#received"):  # type: ignore[attr-defined]
            return
        assert time.monotonic() < end, server.output()
        time.sleep(0.2)


@pytest.mark.parametrize(
    ("recipient", "purpose", "form"),
    [
        ("nobody", "contract", "order"),  # not registered
        ("contractor", "support", "callback"),  # registered for another purpose
        ("contractor", "contract", "callback"),  # there is no contract with this person
        ("state", "legal", "order"),  # nothing is held for it
        ("sms_gateway", "news", "order"),  # no consent to news
    ],
)
def test_the_gate_refuses_everything_else(
    shared_server: Server, tmp_path: Path, recipient: str, purpose: str, form: str
) -> None:
    visitor, person = Visitor(shared_server), invent()
    typed = {"name": person.name, "phone": person.phone} | ({"service": "CRM"} if form == "order" else {})
    visitor.send_form(form, typed)
    words = ("disclose", "--phone", person.phone, "--to", recipient, "--purpose", purpose, "--reason", "x")
    refused = shared_server.installation.run(*words, "--out", tmp_path / "package.json", fails=True)
    assert person.phone not in refused.stdout + refused.stderr
    assert not (tmp_path / "package.json").exists()
    visitor.sign_in(person.phone)
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    assert file["disclosures"] == []


def test_recipients_countries_and_agreements_are_published(shared_server: Server) -> None:
    for language in ("uz-Latn", "uz-Cyrl", "ru", "en"):
        shown = Visitor(shared_server, language).get("/policy").text
        section = shown[shown.index('id="s5"') : shown.index('id="s6"')]
        assert "<table" in section
    public = json.dumps(Visitor(shared_server).get("/policy.json").json())
    assert all(name in public for name in ("contractor", "hosting", "sms_gateway", "state"))
