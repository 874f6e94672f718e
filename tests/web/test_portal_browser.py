"""The portal in a real browser, on a real server, without JavaScript on a phone."""

import json

from playwright.sync_api import Page

from harness.browser import OpenPage
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
