"""Special and biometric data (Arts 25, 26): no page offers what only writing can give; each says how it is given."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from markupsafe import escape
from playwright.sync_api import expect
from web.portal_world import CONTACT, ORDER, World

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.policy_folder import Folder
from harness.server import Server
from harness.staff import signed_in, staff_token
from omonat.app import Omonat
from omonat.consent import preferences_url
from omonat.intake import Evidence
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.storage import schema

PDF = b"%PDF-1.7\nsigned\n"


def strict(folder: Path, number: int, category: str, nature: str) -> Folder:
    """The real policy, in which one category is of another nature."""
    made = Folder(folder).change('number = "3.2"', f'number = "3.{number}"')
    return made.change(f"[category.{category}]\n", f'[category.{category}]\nnature = "{nature}"\n')


@pytest.fixture(scope="module", params=["special", "biometric"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Somebody agreed to news before e-mail addresses became data of this nature."""
    folder = tmp_path_factory.mktemp("writing")
    made = World(folder)
    made.submit("contact", CONTACT, "email")
    made.submit("order", ORDER, "email", "sms")
    version = strict(folder / "strict", 3, "email", request.param)
    omonat = made.omonat
    omonat.policies.publish(version.path, author=omonat.actor(), reason="strict", now=omonat.clock.now())
    yield made
    made.close()


def subjects(omonat: Omonat) -> int:
    with omonat.database.read() as tx:
        return len(tx.execute(schema.subject.select()).all())


def state_in(page: str) -> str:
    found = re.search(r'name="state" value="([^"]+)"', page)
    assert found
    return found[1]


@pytest.mark.parametrize("language", ["en", "ru", "uz-Latn", "uz-Cyrl"])
def test_a_form_that_rests_on_such_a_consent_is_not_offered_and_says_how_it_is_given(
    world: World, language: str
) -> None:
    page = world.browser().send("GET", f"/{language}/contact")
    assert page.status_code == 200
    assert f'action="/{language}/contact"' not in page.text and 'name="state"' not in page.text
    note = page.text.partition('id="in-writing"')[2].partition("</div>")[0]
    assert "mailto:" in note
    to_sign = world.omonat.rights.consent_text("form", language, "support")  # as the console reads it out
    assert str(escape(to_sign)) in note
    operator = world.omonat.policies.in_force().facts.operator
    assert operator.email in note and operator.address[language].replace("'", "&#39;") in note


def test_a_form_that_rests_on_a_contract_is_offered_without_news(world: World) -> None:
    browser = world.browser()
    page = browser.send("GET", "/en/order")
    assert 'name="news_' not in page.text and 'id="news-in-writing"' in page.text
    sent = browser.send("POST", "/en/order", data={"state": state_in(page.text), **ORDER})
    assert sent.url.path == "/en/thanks"
    before = subjects(world.omonat)
    forced = browser.send("POST", "/en/order", data={"state": state_in(page.text), **ORDER, "news_email": "on"})
    assert forced.url.path == "/en/thanks" or forced.status_code == 422  # the same form again is taken once
    fresh = state_in(browser.send("GET", "/en/order").text)
    forced = browser.send("POST", "/en/order", data={"state": fresh, **ORDER, "news_email": "on"})
    assert forced.status_code == 422 and "in writing" in forced.text
    assert subjects(world.omonat) == before


def test_the_own_page_takes_it_back_but_does_not_give_it(world: World) -> None:
    browser = world.browser()
    browser.sign_in(ORDER["email"])
    page = browser.get()
    given = re.findall(r'action="/en/my/consents/give".*?</form>', page.text, re.DOTALL)
    assert not [form for form in given if 'value="news"' in form]
    how = page.text.partition("in writing only")[2][:300]
    assert world.omonat.policies.in_force().facts.operator.email in how
    refused = browser.post("/consents/give", purpose="news", channel="telegram")
    assert refused.status_code == 422 and "in writing" in refused.text
    browser.get()
    taken = browser.post("/consents/withdraw", purpose="news", channel="email")
    assert taken.status_code == 200


def test_the_preferences_do_not_offer_it_either(world: World) -> None:
    omonat = world.omonat
    ((subject_id, _state),) = omonat.rights.find_person("email", CONTACT["email"])
    now = omonat.clock.now()
    path = preferences_url("", "en", omonat.by_link.preferences_token(SubjectId(subject_id), now).reveal())
    browser = world.browser()
    assert "checked" in browser.send("GET", path).text
    assert 'type="checkbox"' not in browser.send("POST", path, data={"none": ""}).text
    answer = browser.send("POST", path, data={"news email": "on"})
    assert answer.status_code == 200 and 'type="checkbox"' not in answer.text
    with omonat.database.read() as tx:
        words = [
            one["action"] for one in omonat.consents.history(tx, SubjectId(subject_id)) if one["purpose"] == "news"
        ]
    assert words == ["granted", "withdrawn"]


def test_the_console_records_it_only_with_what_the_law_wants(tmp_path: Path, open_page: OpenPage) -> None:
    installation = new_installation(tmp_path / "strict")
    server = Server(installation)
    omonat = Omonat.open(installation.data)
    try:
        subject_id = _held(omonat)
        page, now = open_page(locale="en-US"), omonat.clock.now()
        version = strict(tmp_path / "policy", 3, "email", "special")
        omonat.policies.publish(version.path, author=omonat.actor(), reason="strict", now=now)
        signed_in(page, staff_token(omonat, ["privacy_officer"], "Recorder"))
        account = omonat.staff.get_by_name("Recorder")
        omonat.people.open(account, subject_id, purpose="support", reason="asked at the desk", now=now)
        address = f"{server.url}/en/console/people/{subject_id}/consent"
        page.goto(address)
        assert "news" in page.locator("#in-writing").inner_text().lower() and axe(page) == []
        day = (now - timedelta(days=2)).date().isoformat()
        button = page.get_by_role("button", name="Record the consent")
        for method, reference, why in (
            ("call", "417", "in writing or as an electronic document"), ("paper", "", "Add the scan of the paper."),
            ("e_document", "", "Write the number of the call, message or document."),
        ):  # fmt: skip
            page.select_option("#pair", "news email")
            page.select_option("#method", method)
            page.fill("#reference", reference)
            page.fill("#given_on", day)
            with page.expect_navigation():
                button.click()
            expect(page.locator("main [role=alert]")).to_contain_text(why)
            assert _news(omonat, subject_id) == []
        page.select_option("#method", "paper")
        page.set_input_files("#paper", {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": PDF})
        button.click()
        page.wait_for_url(re.compile("done=recorded"))
        assert _news(omonat, subject_id) == [("granted", "paper", "written_or_edoc")]
        page.goto(address)
        page.select_option("#pair", "news sms")
        page.select_option("#method", "e_document")
        page.fill("#reference", "E-2026/17")
        button.click()
        page.wait_for_url(re.compile("done=recorded"))
        assert _news(omonat, subject_id, "sms") == [("granted", "e_document", "written_or_edoc")]
    finally:
        omonat.close()
        server.kill9()


def _held(omonat: Omonat) -> SubjectId:
    """Somebody who sent a form before."""

    now = omonat.clock.now()
    state = omonat.intake.prepare("order", "en", now).state
    evidence = Evidence(Sealed("203.0.113.7"), Sealed("Firefox/140"))
    omonat.intake.submit("order", state, ORDER, frozenset(), evidence=evidence, now=now)
    ((subject_id, _state),) = omonat.rights.find_person("email", ORDER["email"])
    return SubjectId(subject_id)


def _news(omonat: Omonat, subject_id: SubjectId, channel: str = "email") -> list[tuple[str, str, str]]:
    with omonat.database.read() as tx:
        lines = omonat.consents.history(tx, subject_id)
    mine = [line for line in lines if (line["purpose"], line["channel"]) == ("news", channel)]
    return [(str(line["action"]), line["evidence"].method, line["evidence"].form) for line in mine]  # type: ignore[attr-defined]  # as history gives it
