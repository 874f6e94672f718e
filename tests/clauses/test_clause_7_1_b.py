"""7.1 b correct, delete, suspend: demanded online, carried out, a case each, told to recipients and to the person."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path

from harness.acts import cookie_names, press_send, send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


def _read(server: Server, phone: str, purpose: str, *, fails: bool = False) -> str:
    words = ("person", "show", "--phone", phone, "--purpose", purpose, "--reason", "test")
    done = server.installation.run(*words, fails=fails)
    return done.stdout + done.stderr


def test_a_value_is_put_right_everywhere_and_recipients_are_told(
    shared_server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page, person = open_page(locale="en-US", phone=True), invent()
    send_form(
        page, shared_server, "order", {"name": person.name, "phone": person.phone, "service": "CRM"}, language="en"
    )
    words = ("disclose", "--phone", person.phone, "--to", "contractor", "--purpose", "contract", "--reason", "visit")
    shared_server.installation.run(*words, "--out", tmp_path / "package.json")
    sign_in(page, shared_server, person.phone, language="en")
    page.click("#data tr:has-text('Your name') a")
    page.fill("#value", "Yangi G‘ulomova")
    press_send(page)
    page.wait_for_url("**/my?done=corrected")
    assert "Yangi Gʻulomova" in page.inner_text("#data")
    held = _read(shared_server, person.phone, "contract")
    assert "Yangi Gʻulomova" in held
    assert person.name not in held
    page.click("#cases a:has-text('orrect')")
    assert page.is_visible(".my-steps")
    (case_id,) = [page.url.rpartition("/")[2]]
    case = shared_server.installation.json("case", "show", case_id)
    assert (case["kind"], case["state"], case["term"]) == ("correct", "done", "correction")
    wanted = "SELECT count(*) FROM outbox WHERE kind = 'recipient_notice' AND payload LIKE ?"
    assert shared_server.installation.rows(wanted, f"%{case_id}%") == [(1,)]


def test_deletion_destroys_keys_and_rows_and_meets_a_stranger_afterwards(
    shared_server: Server, open_page: OpenPage
) -> None:
    page, person = open_page(java_script_enabled=False, phone=True), invent()
    page.goto(f"{shared_server.url}/uz-Latn/callback")
    page.click("#cookie-banner button[value=refuse]")
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone})
    sign_in(page, shared_server, person.phone)
    page.goto(f"{shared_server.url}/uz-Latn/my/delete")
    press_send(page)  # without the tick nothing happens
    assert page.is_visible(".note-wrong")
    page.check("#sure")
    press_send(page)
    number = page.inner_text("main dl code >> nth=0")
    with page.expect_download() as waited:
        page.click("button[value=json]")
    certificate = json.loads(Path(waited.value.path()).read_text("utf-8"))
    assert certificate["number"] == number
    assert certificate["records_by_category"] == {"device": 2, "name": 1, "phone": 1}
    assert person.phone not in json.dumps(certificate)
    assert cookie_names(page) == set()
    assert person.phone not in _read(shared_server, person.phone, "support", fails=True)
    assert "Certificate" in shared_server.output() or number in shared_server.output()
    page.goto(f"{shared_server.url}/uz-Latn/callback")
    assert page.is_visible("#cookie-banner")
    assert page.input_value("#name") == ""
    page.goto(f"{shared_server.url}/uz-Latn/my")
    assert page.url.endswith("/my/sign-in")


def test_what_a_hold_keeps_stays_with_law_and_day(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server, "en"), invent()
    visitor.send_form("order", {"name": person.name, "phone": person.phone, "service": "CRM"}, news=["sms"])
    today = datetime.now(UTC).date().isoformat()
    words = ("--phone", person.phone, "--law", "accounting", "--from", today, "--purpose", "contract")
    shared_server.installation.run("hold", "place", *words, "--reason", "invoice 3")
    visitor.sign_in(person.phone)
    done = visitor.send("/my/delete", sure="on")
    assert "What could be deleted is deleted" in done.text
    assert "On Accounting" in done.text
    assert visitor.cookies == {}
    visitor.sign_in(person.phone)
    file = visitor.send("/my/download", shown_at="/my", format="json").json()
    assert {value["purpose"] for value in file["values"]} == {"contract"}
    assert all(value["kept_by_law"] == "accounting" for value in file["values"])
    _read(shared_server, person.phone, "contract", fails=True)  # kept, used for nothing


def test_suspension_stops_every_use_until_it_is_lifted(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(locale="ru-RU"), invent()
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone}, language="ru")
    sign_in(page, shared_server, person.phone, language="ru")
    page.goto(f"{shared_server.url}/ru/my/stop")
    page.click("form[action$='/stop/suspend'] button")
    page.wait_for_url("**/my?done=suspended")
    assert "suspended" in _read(shared_server, person.phone, "support", fails=True)
    page.goto(f"{shared_server.url}/ru/my/stop")
    page.click("form[action$='/stop/lift'] button")
    page.wait_for_url("**/my?done=lifted")
    assert person.phone in _read(shared_server, person.phone, "support")


def test_an_objection_stops_one_purpose(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("order", {"name": person.name, "phone": person.phone, "service": "CRM"}, news=["sms"])
    visitor.sign_in(person.phone)
    form = visitor.form_to(visitor.get("/my/stop"), "/my/stop/object")
    visitor.post("/my/stop/object", {**form.fields, "purpose": "news"})
    mailing = ("mailing", "list", "--purpose", "news", "--channel", "sms", "--reason", "tariff")
    assert person.phone not in shared_server.installation.run(*mailing).stdout
    assert person.phone in _read(shared_server, person.phone, "contract")


def test_the_person_is_told_in_writing(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server, "en"), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    visitor.sign_in(person.phone)
    before = shared_server.output().count("sms to +998")
    visitor.send("/my/delete", sure="on")
    end = time.monotonic() + 30
    while shared_server.output().count("sms to +998") <= before:
        assert time.monotonic() < end
        time.sleep(0.1)
    assert "your data were destroyed" in shared_server.output()
