"""The three forms as people use them: what stands beside the button, what is wrong, what comes back, what is kept."""

import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from harness.acts import cookie_names, fill, open_form, press_send, send_form
from harness.browser import OpenPage, axe
from harness.installation import Installation
from harness.people import Visitor, invent
from harness.places import POLICY
from harness.server import Server
from omonat.kernel.language import LANGUAGES

FORMS = ("callback", "order", "contact")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", FORMS)
def test_purpose_ground_and_policy_stand_beside_the_button(shared_server: Server, form: str, language: str) -> None:
    visitor = Visitor(shared_server, language)
    text = visitor.get(f"/{form}").text
    beside = text[text.index('class="before-button"') : text.index("</form>", text.index('class="before-button"'))]
    facts = visitor.get("/policy.json").json()
    purpose = facts["purposes"][facts["forms"][form]["purpose"]]["labels"][language]
    assert purpose.casefold() in beside.casefold()
    assert f'href="/{language}/policy"' in beside
    assert not re.findall(r'type="checkbox"[^>]*checked', text), "a box is ticked beforehand"


def test_a_call_back_gets_a_number_and_a_day_and_only_then_a_cookie(shared_server: Server, page: Page) -> None:
    person = invent()
    open_form(page, shared_server, "callback")
    assert cookie_names(page) == set()
    case = send_form(page, shared_server, "callback", {"name": person.name, "phone": person.shown_phone})
    expect(page.locator("main")).to_contain_text(case)
    expect(page.locator("main time")).to_be_visible()
    assert cookie_names(page) == {"__Host-omonat_submission"}
    assert person.phone not in page.url
    assert person.name not in page.content()


def test_nothing_typed_is_lost_and_problems_stand_beside_the_fields(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU", phone=True)
    open_form(page, shared_server, "order", language="ru")
    message = 'Нужны 5 номеров <b>и</b> «CRM» & "ATS"\nсрочно'
    fill(page, {"name": "Гʻуломжон", "phone": "12", "email": "not an address", "comment": message}, news=["email"])
    press_send(page)
    expect(page.locator(".note-wrong")).to_be_focused()
    expect(page.locator("#phone")).to_have_attribute("aria-invalid", "true")
    assert "phone-problem" in str(page.get_attribute("#phone", "aria-describedby"))
    expect(page.locator("#phone-problem")).to_contain_text("Это не номер телефона")
    expect(page.locator("#email-problem")).to_contain_text("Это не адрес эл. почты")
    assert page.input_value("#comment") == message
    assert page.input_value("#name") == "Гʻуломжон"
    assert page.is_checked("#news_email")
    assert cookie_names(page) == set()
    page.click(".note-wrong a[href='#email']")
    expect(page.locator("#email")).to_be_focused()
    assert axe(page) == []


def test_fields_help_a_phones_keyboard(shared_server: Server, page: Page) -> None:
    open_form(page, shared_server, "order")
    assert page.get_attribute("#phone", "inputmode") == "tel"
    assert page.get_attribute("#phone", "autocomplete") == "tel"
    assert page.get_attribute("#email", "autocomplete") == "email"
    assert page.get_attribute("#name", "autocomplete") == "name"


def test_forms_work_without_a_script_and_twice_sent_is_taken_once(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    form = visitor.form_to(visitor.get("/callback"), "/callback")
    typed = {**form.fields, "name": person.name, "phone": person.phone}
    first, second = visitor.post("/callback", typed), visitor.post("/callback", typed)
    assert first.url.path == second.url.path == "/uz-Latn/thanks"
    found = shared_server.installation.run(
        "person", "show", "--phone", person.phone, "--purpose", "support", "--reason", "test"
    )
    assert found.stdout


@pytest.mark.parametrize("name", ["passport", "news_fax", "is_admin"])
def test_what_the_policy_does_not_declare_is_refused_by_the_door(shared_server: Server, name: str) -> None:
    visitor, person = Visitor(shared_server), invent()
    answer = visitor.send("/callback", name=person.name, phone=person.phone, **{name: "on"})
    assert answer.status_code == 422
    assert visitor.cookies == {}


def test_a_state_that_is_not_ours_shows_the_form_again_filled(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    answer = visitor.send("/callback", name=person.name, phone=person.phone, state="forged")
    assert answer.status_code == 409
    assert f'value="{person.phone}"' in answer.text
    assert visitor.cookies == {}


def _publish_next(installation: Installation, folder: Path) -> None:
    shutil.copytree(POLICY, folder)
    facts = folder / "policy.toml"
    facts.write_text(facts.read_text("utf-8").replace('number = "3.2"', 'number = "3.3"', 1), "utf-8")
    assert '"3.3"' in facts.read_text("utf-8")
    text = folder / "text" / "en.md"
    text.write_text(text.read_text("utf-8").replace("protected servers", "strongly protected servers", 1), "utf-8")
    assert "strongly protected" in text.read_text("utf-8")
    installation.run("policy", "publish", folder, "--reason", "Servers are described better")


def test_a_version_published_in_between_is_shown_before_anything_is_sent(
    server: Server, page: Page, tmp_path: Path
) -> None:
    person = invent()
    open_form(page, server, "contact", language="en")
    fill(page, {"name": person.name, "email": person.email, "message": "Hello"})
    _publish_next(server.installation, tmp_path / "next")
    press_send(page)
    expect(page.locator(".note-open").first).to_contain_text("A new version of the privacy policy is in force")
    assert page.input_value("#message") == "Hello"
    assert cookie_names(page) == set()
    page.click(".note-open a")
    expect(page.locator("h1")).to_contain_text("3.2")
    expect(page.locator("main ins .hidden").first).to_have_text("[added: ")
    expect(page.locator("main article ins").filter(has_text="strongly")).to_be_visible()
    page.go_back()
    page.go_back()
    page.reload()
    fill(page, {"name": person.name, "email": person.email, "message": "Hello"})
    press_send(page)
    page.wait_for_url("**/thanks?*")


PUBLIC = ("/", "/policy", "/policy/versions", "/policy/compare", "/cookies", "/contact", "/callback", "/order",
          "/disagree", "/disagree/done", "/thanks", "/my", "/my/sign-in", "/policy.json", "/nothing")  # fmt: skip


def test_a_stranger_sees_nothing_of_anybody_on_any_page(shared_server: Server) -> None:
    sender, stranger, person = Visitor(shared_server), Visitor(shared_server), invent()
    typed = {
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "service": "CRM",
        "comment": person.name,
    }
    thanks = sender.send_form("order", typed)
    assert thanks.url.path.endswith("/thanks")
    wrong = sender.send("/contact", name=person.name, email="nonsense", message=person.email)
    assert person.name in wrong.text, "the search finds what is there"
    query = f"/thanks?{thanks.url.query.decode()}"
    for path in (*PUBLIC, query):
        text = stranger.get(path).text
        for marker in (person.name, person.name.split()[0], person.phone, person.shown_phone, person.email):
            assert marker not in text, path
    assert stranger.cookies == {}


def test_the_cookie_of_a_submission_opens_no_page_of_the_portal(shared_server: Server) -> None:
    sender, person = Visitor(shared_server), invent()
    sender.send_form("callback", {"name": person.name, "phone": person.phone})
    answer = sender.get("/my")
    assert answer.url.path.endswith("/my/sign-in")
    assert person.name not in answer.text
