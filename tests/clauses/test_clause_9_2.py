"""9.2 in force on publication: open forms come again, all versions stay, a feed follows, consent is asked anew."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from harness.acts import fill, open_form, press_send
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.policy_folder import Folder
from harness.server import Server

ATOM = "{http://www.w3.org/2005/Atom}"


def _publish(server: Server, place: Path, *changes: tuple[str, str]) -> None:
    folder = Folder(place).change('number = "3.2"', 'number = "3.3"')
    for old, new in changes:
        folder.change(old, new)
    server.installation.run("policy", "publish", folder.path, "--reason", "A change")


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_a_form_that_is_open_comes_again_filled_with_a_notice(
    server: Server, open_page: OpenPage, tmp_path: Path, scripted: bool
) -> None:
    page, person = open_page(locale="en-US", phone=True, java_script_enabled=scripted), invent()
    open_form(page, server, "contact", language="en")
    typed = {"name": person.name, "email": person.email, "message": "A long message.\nTwo lines."}
    fill(page, typed, news=["email"])
    _publish(server, tmp_path, ("1 year after", "2 years after"))
    press_send(page)
    assert "A new version of the privacy policy" in page.inner_text("main .note-open")
    assert {name: page.input_value(f"#{name}") for name in typed} == typed
    assert page.is_checked("#news_email")
    assert "version 3.3" in page.inner_text(".before-button")
    assert server.installation.json("case", "list", "--state", "all") == []
    press_send(page)
    page.wait_for_url("**/thanks?*")
    statement = "SELECT policy_number FROM submission"
    assert server.installation.rows(statement) == [("3.3",)]


def test_it_is_in_force_at_once_and_every_version_stays_readable(server: Server, tmp_path: Path) -> None:
    visitor = Visitor(server, "en")
    assert "version 3.2" in visitor.get("/policy").text
    _publish(server, tmp_path, ("1 year after", "2 years after"))
    assert "version 3.3" in visitor.get("/policy").text
    assert visitor.get("/policy.json").json()["number"] == "3.3"
    for number in ("3.1", "3.2", "3.3"):
        assert visitor.get(f"/policy/versions/{number}").status_code == 200
        assert visitor.get(f"/policy.json?version={number}").status_code == 200
    feed = ElementTree.fromstring(visitor.get("/policy/feed.atom").content)
    titles = [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")]
    assert len(titles) == 3
    assert "3.3" in str(titles[0])
    assert feed.findtext(f"{ATOM}updated")


def test_a_new_purpose_asks_for_consent_again(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page()
    page.goto(f"{server.url}/uz-Latn/policy")
    page.click("#cookie-banner button[value=accept]")
    assert not page.is_visible("#cookie-banner")
    _publish(
        server, tmp_path, ('[cookie.omonat_visit]\npurpose = "improve"', '[cookie.omonat_visit]\npurpose = "news"')
    )
    page.goto(f"{server.url}/uz-Latn/policy")
    assert page.is_visible("#cookie-banner")


def test_a_change_that_touches_no_cookie_does_not_ask_again(
    server: Server, open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page()
    page.goto(f"{server.url}/uz-Latn/policy")
    page.click("#cookie-banner button[value=refuse]")
    _publish(server, tmp_path, ("1 year after", "2 years after"))
    page.goto(f"{server.url}/uz-Latn/policy")
    assert not page.is_visible("#cookie-banner")
