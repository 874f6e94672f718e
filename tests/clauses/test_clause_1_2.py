"""1.2 use means acceptance: which version, which language, the hash of the exact text shown, when; and nothing more."""

import hashlib
import json
import re

import pytest
from playwright.sync_api import Page

from harness.acts import fill, open_form, press_send
from harness.browser import OpenPage
from harness.installation import Installation
from harness.people import Visitor, invent
from harness.server import Server

_COLUMNS = "policy_number, policy_hash, language, notice_hash, event_id, hex(subject_id)"


def _newest(installation: Installation, form: str, language: str) -> tuple[str, ...]:
    statement = f"SELECT {_COLUMNS} FROM submission WHERE form = ? AND language = ? ORDER BY submitted_at DESC"
    return installation.rows(statement, form, language)[0]


def _shown_notice(page: Page) -> str:
    return re.sub(r"\s+", " ", page.inner_text(".before-button p")).strip()


@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru", "en"])
def test_the_stored_version_language_and_hash_are_those_of_the_text_shown(
    shared_server: Server, open_page: OpenPage, language: str
) -> None:
    page, person = open_page(phone=True, java_script_enabled=language != "ru"), invent()
    open_form(page, shared_server, "order", language=language)
    shown = _shown_notice(page)
    fill(page, {"name": person.name, "phone": person.shown_phone, "service": "IP PBX"})
    press_send(page)
    page.wait_for_url("**/thanks?*")
    installation = shared_server.installation
    number, policy_hash, stored_language, notice_hash, event_id, _ = _newest(installation, "order", language)
    public = Visitor(shared_server).get("/policy.json").json()
    assert number in shown
    assert stored_language == language
    assert notice_hash == hashlib.sha256(shown.encode()).hexdigest()
    assert policy_hash in json.dumps(public)
    ((text,),) = installation.rows("SELECT text FROM shown_text WHERE hash = ?", notice_hash)
    assert text == shown
    ((body,),) = installation.rows("SELECT body FROM ledger_event WHERE event_id = ?", event_id)
    event = json.loads(body)["facts"]
    assert (event["policy"], event["notice"], event["language"]) == (policy_hash, notice_hash, language)


def test_acceptance_of_the_policy_is_no_consent_to_news(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Salom"})
    visitor.sign_in(person.email)
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    assert {line["purpose"] for line in file["consents"]} == {"support"}


def test_signing_in_accepts_the_version_in_force(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server, "ru"), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    visitor.sign_in(person.phone)
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    subject = file["subject"].replace("-", "")
    statement = (
        "SELECT body FROM ledger_event JOIN event_opening USING (event_id) WHERE kind = 'signed_in' AND subject_id = ?"
    )
    ((body,),) = shared_server.installation.rows(statement, subject)
    event = json.loads(body)["facts"]
    public = Visitor(shared_server).get("/policy.json").text
    assert event["policy"] in public
    assert event["language"] == "ru"
    ((text,),) = shared_server.installation.rows("SELECT text FROM shown_text WHERE hash = ?", event["notice"])
    assert file["policy"] in text


def test_an_anonymous_visitor_leaves_nothing(server: Server, open_page: OpenPage) -> None:
    page = open_page()
    before = _everything(server.installation)
    for path in ("", "/policy", "/policy/versions", "/policy/compare", "/contact", "/order", "/cookies", "/my/sign-in"):
        page.goto(f"{server.url}/uz-Latn{path}")
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert _everything(server.installation) == before


def _everything(installation: Installation) -> dict[str, int]:
    """Row counts of every table but the ones of background work."""
    names = installation.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    return {
        name: installation.rows(f'SELECT count(*) FROM "{name}"')[0][0]
        for (name,) in names
        if not name.startswith(("outbox", "ledger_lease"))
    }
