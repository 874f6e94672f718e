"""Pages of consents in a browser: asked again, the text behind an old consent, recording by the staff, links (axe)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from harness.browser import OpenPage, axe
from harness.people import Visitor, invent
from harness.policy_folder import Folder, printing_house
from harness.server import Server
from harness.staff import signed_in, staff_token
from omonat.app import Omonat
from omonat.consent import preferences_url
from omonat.kernel.ids import SubjectId

PDF = b"%PDF-1.7\nsigned\n"
RECIPIENT = printing_house("name")


@pytest.fixture
def omonat(server: Server) -> Iterator[Omonat]:
    """The same installation, from this process."""
    opened = Omonat.open(server.installation.data)
    yield opened
    opened.close()


def subject_of(omonat: Omonat, email: str) -> SubjectId:
    ((subject_id, _state),) = omonat.rights.find_person("email", email)
    return subject_id


def test_clause_9_2_the_portal_asks_again_and_shows_the_text_behind_the_old_consent(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    person, visitor = invent(), Visitor(server, "en")
    visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Hello"}, news=["email"])
    page = open_page(locale="en-US", phone=True)
    visitor.sign_in(person.email)
    held = {"url": "https://localhost", "httpOnly": True, "secure": True}
    session = [{**held, "name": name, "value": value} for name, value in visitor.cookies.items()]
    page.context.add_cookies(session)  # type: ignore[arg-type]  # Playwright's own type of dict
    folder = Folder(tmp_path).change('number = "3.2"', 'number = "3.3"').change("# --- recipients (5.1)", RECIPIENT)
    server.installation.run("policy", "publish", folder.path, "--reason", "A printing house")
    page.goto(f"{server.url}/en/my#consents")
    asked = page.locator("#consents li", has=page.get_by_text("asked again"))
    assert "a printing house" in asked.inner_text()
    assert axe(page) == []
    asked.get_by_role("button").click()
    page.wait_for_url("**/my?done=given")
    assert page.locator("#consents").get_by_text("asked again").count() == 0
    page.goto(f"{server.url}/en/my#consents")
    page.locator("#consents summary").click()
    page.locator("#consents details a").last.click()
    page.wait_for_url("**/my/consents/text?hash=*")
    assert "version 3.2" in page.locator("blockquote").inner_text()
    assert axe(page) == []


def test_links_without_sign_in_are_plain_pages(server: Server, omonat: Omonat, open_page: OpenPage) -> None:
    person, visitor = invent(), Visitor(server, "en")
    visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Hello"}, news=["email"])
    subject_id = subject_of(omonat, person.email)
    page = open_page(locale="en-US", phone=True, java_script_enabled=False)
    look = open_page(locale="ru-RU", phone=True)
    token = omonat.by_link.preferences_token(subject_id, omonat.clock.now()).reveal()
    leave = omonat.consents.links.unsubscribe(subject_id, "news", "email").reveal()
    look.goto(server.url + preferences_url("", "ru", token))
    assert axe(look) == []
    page.goto(f"{server.url}/unsubscribe/news/email/{leave}")
    look.goto(f"{server.url}/ru/unsubscribe/news/email/{leave}")
    assert axe(look) == []
    page.get_by_role("button").last.click()
    page.wait_for_url("**/answered/unsubscribed")
    assert page.context.cookies() == []
    page.goto(server.url + preferences_url("", "en", token))
    box = page.get_by_role("checkbox")
    assert not box.is_checked()
    box.check()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**saved=yes")
    assert page.get_by_role("checkbox").is_checked()


def test_the_staff_record_a_consent_on_paper_with_its_scan(server: Server, omonat: Omonat, open_page: OpenPage) -> None:
    person, visitor = invent(), Visitor(server, "en")
    visitor.send_form("contact", {"name": person.name, "email": person.email, "message": "Hello"})
    subject_id, now = subject_of(omonat, person.email), omonat.clock.now()
    page = open_page(locale="en-US")
    signed_in(page, staff_token(omonat, ["privacy_officer"], "Recorder"))
    account = omonat.staff.get_by_name("Recorder")
    omonat.people.open(account, subject_id, purpose="support", reason="asked at the desk", now=now)
    page.goto(f"{server.url}/en/console/people/{subject_id}/consent")
    assert axe(page) == []
    page.select_option("#pair", "news email")
    page.select_option("#method", "paper")
    page.fill("#given_on", (now - timedelta(days=2)).date().isoformat())
    page.get_by_role("button", name="Record the consent").click()
    page.get_by_text("Add the scan of the paper.").first.wait_for()
    page.set_input_files("#paper", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": PDF})
    page.get_by_role("button", name="Record the consent").click()
    page.wait_for_url(re.compile("done=recorded"))
    with omonat.database.read() as tx:
        (line,) = [one for one in omonat.consents.history(tx, subject_id) if one["purpose"] == "news"]
    evidence = line["evidence"]
    assert (line["action"], evidence.form, evidence.method) == ("granted", "written_or_edoc", "paper")  # type: ignore[attr-defined]  # a struct
    assert evidence.paper_record_id is not None and evidence.actor == account.actor  # type: ignore[attr-defined]  # as above


def test_clause_1_2_a_yes_on_a_page_that_grew_old_is_not_taken_for_the_new_text(
    server: Server, omonat: Omonat, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(locale="ru-RU", phone=True, java_script_enabled=False)
    page.goto(f"{server.url}/ru/policy")
    folder = Folder(tmp_path).change('number = "3.2"', 'number = "3.3"')
    folder.change("для подсчёта посещений сайта", "для счёта визитов на сайт")
    omonat.policies.publish(folder.path, author=omonat.actor(), reason="clearer words", now=omonat.clock.now())
    Visitor(server, "ru").get("/policy")  # from here on the server knows the version
    page.click("#cookie-banner button[value=accept]")
    expect(page.get_by_role("alert")).to_contain_text("Ничего не записано")
    expect(page.locator("main form")).to_contain_text("для счёта визитов на сайт")
    assert page.context.cookies() == [] and server.installation.rows("SELECT 1 FROM consent_event") == []
    look = open_page(locale="ru-RU", phone=True)
    look.goto(page.url)
    assert axe(look) == []
    page.click("main button[value=accept]")
    expect(page.get_by_role("status")).to_be_visible()
    ((text,),) = server.installation.rows("SELECT text_hash FROM consent_event")
    assert text == omonat.consents.banner_text("ru")[1]
    assert "для счёта визитов на сайт" in omonat.consents.get_text(text)
