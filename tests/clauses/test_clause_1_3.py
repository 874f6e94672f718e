"""1.3 no agreement means stop: session, cookies, storage and what this browser sent are gone; the banner is back."""

import pytest
from playwright.sync_api import Page

from harness.acts import cookie_names, send_form, sign_in, stored_items
from harness.browser import OpenPage
from harness.people import Invented, Visitor, invent
from harness.server import Server


def _subjects_naming(server: Server, person: Invented) -> int:
    """1 when staff find exactly this person, 0 when nobody is found."""
    words = ("person", "show", "--phone", person.phone, "--purpose", "support", "--reason", "test")
    done = server.installation.run(*words, fails=not _is_held(server, person))
    return int(done.returncode == 0)


def _is_held(server: Server, person: Invented) -> bool:
    words = ("person", "show", "--phone", person.phone, "--purpose", "support", "--reason", "test", "--json")
    try:
        return person.phone in server.installation.run(*words).stdout
    except AssertionError:
        return False


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_i_do_not_agree_leaves_nothing_behind(shared_server: Server, open_page: OpenPage, scripted: bool) -> None:
    page, person = open_page(phone=True, java_script_enabled=scripted), invent()
    page.goto(f"{shared_server.url}/uz-Latn/policy")
    page.click("#cookie-banner button[value=accept]")
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone})
    assert {"__Host-omonat_choice", "__Host-omonat_submission", "omonat_visit"} <= cookie_names(page)
    assert _is_held(shared_server, person)
    _disagree_from_the_policy(page, shared_server)
    assert cookie_names(page) == set()
    assert stored_items(page) == 0
    assert not _is_held(shared_server, person)
    page.goto(f"{shared_server.url}/uz-Latn/policy")
    assert page.is_visible("#cookie-banner")


def _disagree_from_the_policy(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/uz-Latn/policy")
    page.click("main a[href='/uz-Latn/disagree']")
    page.check("#erase")
    page.click("main form .button")
    page.wait_for_url("**/disagree/done?outcome=erased")


def test_it_ends_the_session_on_the_server_too(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(), invent()
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone})
    sign_in(page, shared_server, person.phone)
    kept = page.context.cookies()
    page.goto(f"{shared_server.url}/uz-Latn/cookies")
    page.click("main a[href='/uz-Latn/disagree']")
    page.click("main form .button")
    page.wait_for_url("**/disagree/done?*")
    assert cookie_names(page) == set()
    page.context.add_cookies(kept)  # somebody who had copied the cookies
    page.goto(f"{shared_server.url}/uz-Latn/my")
    assert page.url.endswith("/my/sign-in")


def test_without_the_tick_what_was_sent_stays(shared_server: Server) -> None:
    visitor, person = Visitor(shared_server), invent()
    visitor.send_form("callback", {"name": person.name, "phone": person.phone})
    visitor.send("/disagree")
    assert visitor.cookies == {}
    assert _is_held(shared_server, person)


def test_it_reaches_this_browsers_submission_only(shared_server: Server) -> None:
    person = invent()
    first, second = Visitor(shared_server), Visitor(shared_server)
    first.send_form("callback", {"name": person.name, "phone": person.phone})
    second.send_form("contact", {"name": person.name, "email": person.email, "message": "Ikkinchi"})
    second.send("/disagree", erase="on")
    assert _is_held(shared_server, person)
    assert "erase" in first.get("/disagree").text
    found = shared_server.installation.run(
        "person", "show", "--email", person.email, "--purpose", "support", "--reason", "test", fails=True
    )
    assert person.email not in found.stdout + found.stderr
