"""The portal in a real browser, on a real server: without JavaScript on a phone, and looked over by axe-core."""

import json

import pytest
from playwright.sync_api import Page

from harness.browser import OpenPage, axe
from harness.server import Server

NAME, PHONE = "Dilafruz Qodirova", "+998 93 555 44 33"


def send_callback(page: Page, server: Server, language: str) -> None:
    page.goto(f"{server.url}/{language}/callback")
    page.fill("#name", NAME)
    page.fill("#phone", PHONE)
    page.click("main form.form button")
    assert "/thanks" in page.url


def sign_in(page: Page, server: Server, language: str) -> None:
    page.goto(f"{server.url}/{language}/my")
    page.fill("#identifier", PHONE)
    before = len(server.codes())
    page.click("main form.form button")
    page.fill("#code", server.wait_for_code(before))
    page.click("main form.form button")
    assert page.url.endswith(f"/{language}/my")


def looked_over(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return axe(page) + ([f"{page.url} is {wide} px too wide"] if wide > 0 else [])


def test_from_a_form_to_deletion_without_a_script(server: Server, open_page: OpenPage) -> None:
    page = open_page(phone=True, java_script_enabled=False)
    send_callback(page, server, "uz-Latn")
    sign_in(page, server, "uz-Latn")
    assert NAME in page.content() and PHONE in page.content()
    with page.expect_download() as download:
        page.click("button[name=format][value=json]")
    held = json.loads(download.value.path().read_bytes())
    assert NAME in {value["value"] for value in held["values"]}
    page.click("form[action$='/consents/withdraw'] button")
    assert "done=withdrawn" in page.url
    page.goto(f"{server.url}/uz-Latn/my/delete")
    page.check("#sure")
    page.click("main .button-grave")
    assert NAME not in page.content()
    with page.expect_download() as download:
        page.click("button[name=format][value=json]")
    assert json.loads(download.value.path().read_bytes())["whole"] is True
    assert page.context.cookies() == []
    page.goto(f"{server.url}/uz-Latn/my")
    assert page.url.endswith("/my/sign-in")
    assert page.locator("#cookie-banner").count() == 1


@pytest.mark.parametrize(("language", "phone"), [("uz-Latn", True), ("uz-Cyrl", True), ("ru", False), ("en", False)])
def test_nothing_stands_in_the_way(shared_server: Server, open_page: OpenPage, language: str, phone: bool) -> None:
    page = open_page(phone=phone, color_scheme="dark" if language == "ru" else "light")
    send_callback(page, shared_server, language)
    page.click("#cookie-banner button[value=refuse]")
    found = []
    page.goto(f"{shared_server.url}/{language}/my/sign-in")
    page.fill("#identifier", "abc")
    page.click("main form.form button")
    found += looked_over(page)
    sign_in(page, shared_server, language)
    for path in ("", "/stop", "/complain", "/delete", "/sign-out"):
        page.goto(f"{shared_server.url}/{language}/my{path}")
        found += looked_over(page)
    page.goto(f"{shared_server.url}/{language}/my")
    page.locator("a[href*='/my/values/']").first.click()
    found += looked_over(page)
    page.goto(f"{shared_server.url}/{language}/my")
    page.locator("a[href*='/my/cases/']").first.click()
    found += looked_over(page)
    page.goto(f"{shared_server.url}/{language}/my/delete")
    page.check("#sure")
    page.click("main .button-grave")
    found += looked_over(page)
    assert found == []
