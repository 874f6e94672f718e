"""Signing in with a browser: a passkey of Chromium's virtual device, an app, the keyboard alone, and axe (6.2)."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect
from web.signing_world import WORDS, App, new_account

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.people import Visitor
from harness.server import Server
from omonat.web import cookies

DEVICE = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
          "isUserVerified": True, "automaticPresenceSimulation": True}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("signing-browser")))
    yield running
    running.stop()


class Device:
    """A virtual authenticator of one page."""

    def __init__(self, page: Page, **options: Any) -> None:
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.send("WebAuthn.enable")
        added = self.session.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **options}})
        self.id = added["authenticatorId"]

    def keys(self) -> list[dict[str, Any]]:
        """The passkeys that it holds, with their private keys."""
        found = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(found["credentials"])

    def put(self, key: dict[str, Any]) -> None:
        """A passkey as it was some time ago: a copy."""
        self.session.send("WebAuthn.clearCredentials", {"authenticatorId": self.id})
        self.session.send("WebAuthn.addCredential", {"authenticatorId": self.id, "credential": key})

    def verified(self, *, is_verified: bool) -> None:
        """Whether the person shows finger or PIN."""
        self.session.send(
            "WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": is_verified}
        )  # fmt: skip


def first_step(server: Server, page: Page, name: str) -> None:
    page.goto(f"{server.url}/en/console/sign-in")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Password").fill(WORDS)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("My account|Second step"))


def with_passkey(server: Server, page: Page, name: str) -> Device:
    """A member who sets up a passkey as the first second factor, by the real pages."""
    new_account(server, name, "support")
    device = Device(page)
    first_step(server, page, name)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("My phone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")
    return device


def sign_out(page: Page) -> None:
    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out")


def by_passkey(server: Server, page: Page) -> None:
    page.goto(f"{server.url}/en/console/sign-in?to=/en/console/account")
    page.get_by_role("button", name="Sign in with a passkey").click()


def test_a_passkey_alone_signs_in(server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    device = with_passkey(server, page, "Asal")
    assert len(device.keys()) == 1
    expect(page.get_by_text("My phone", exact=True)).to_be_visible()
    sign_out(page)
    by_passkey(server, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    expect(page.get_by_role("cell", name="passkey", exact=True)).to_be_visible()


def test_an_answer_that_was_seen_once_opens_nothing(server: Server, open_page: OpenPage) -> None:
    """A captured assertion sent again: with its own spent ceremony, with a fresh one, from another browser."""
    page = open_page(locale="en-GB")
    with_passkey(server, page, "Botir")
    sign_out(page)
    sent: list[dict[str, str]] = []

    def keep(route: Any) -> None:
        sent.append({"answer": route.request.post_data_json["answer"], **_cookie(page)})
        route.continue_()

    page.route("**/console/sign-in/passkey", keep)
    by_passkey(server, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    answer, spent = sent[0]["answer"], sent[0]["cookie"]
    assert json.loads(answer)["response"]["signature"]
    for fresh in (False, True):
        thief = Visitor(server, "en")
        thief.cookies[cookies.STAFF] = spent
        if fresh:
            assert thief.post("/console/sign-in/passkey/options", {}).status_code == 200
        refused = thief.post("/console/sign-in/passkey", {"answer": answer})
        assert refused.status_code == 422
        assert thief.get("/console/account").url.path == "/en/console/sign-in"


def _cookie(page: Page) -> dict[str, str]:
    held = [one["value"] for one in page.context.cookies() if one["name"] == cookies.STAFF]
    return {"cookie": held[0]}


def test_a_copied_passkey_is_noticed_by_its_counter(server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    device = with_passkey(server, page, "Davron")
    sign_out(page)
    old = device.keys()[0]
    for _ in range(2):
        by_passkey(server, page)
        expect(page.get_by_role("heading", level=1)).to_have_text("My account")
        sign_out(page)
    device.put({**old, "signCount": 1})
    by_passkey(server, page)
    expect(page.get_by_role("alert").first).to_contain_text("This passkey was not accepted.")
    first_step(server, page, "Davron")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second step")


def test_a_device_that_does_not_ask_who_is_there_is_not_enough(server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    device = with_passkey(server, page, "Eldor")
    sign_out(page)
    device.verified(is_verified=False)
    by_passkey(server, page)
    expect(page.get_by_text("The device gave no passkey.")).to_be_visible()
    expect(page).to_have_url(f"{server.url}/en/console/sign-in?to=/en/console/account")


def test_a_passkey_is_renamed_and_removed_but_the_last_one_stays(server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    with_passkey(server, page, "Feruza")
    page.get_by_role("link", name=re.compile("Rename.*My phone")).click()
    page.get_by_label("Name of the passkey").fill("Blue phone")
    page.get_by_role("button", name="Keep the name").click()
    page.get_by_role("link", name=re.compile("Remove.*Blue phone")).click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("alert")).to_contain_text("This is your only second factor")
    other = Device(page, transport="usb")
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name of the passkey").fill("Key ring")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is added.")
    assert other.keys()
    page.get_by_role("link", name=re.compile("Remove.*Blue phone")).click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    expect(page.get_by_text("Blue phone", exact=True)).to_have_count(0)


def test_a_passkey_that_was_removed_opens_nothing(server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    device = with_passkey(server, page, "Gavhar")
    key = device.keys()[0]
    page.get_by_role("button", name="Set up an app").click()
    page.get_by_label("Code of six digits").fill(App(page.content()).code())
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("link", name=re.compile("Remove.*My phone")).click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("status")).to_contain_text("The passkey is removed.")
    sign_out(page)
    device.put(key)
    by_passkey(server, page)
    expect(page.get_by_role("alert").first).to_contain_text("This passkey was not accepted.")


def test_an_app_is_set_up_and_signs_in_by_keyboard_alone_without_a_script(server: Server, open_page: OpenPage) -> None:
    new_account(server, "Husan", "support")
    page = open_page(locale="en-GB", java_script_enabled=False)
    page.goto(f"{server.url}/en/console/sign-in")
    page.get_by_label("Name", exact=True).focus()
    page.keyboard.type("Husan")
    page.keyboard.press("Tab")
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("My account")
    page.get_by_role("button", name="Set up an app").focus()
    page.keyboard.press("Enter")
    picture = page.get_by_role("img", name="QR code")
    assert picture.evaluate("it => it.naturalWidth") > 100
    app = App(page.content())
    page.get_by_label("Code of six digits").focus()
    page.keyboard.type(app.code(-1))
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The authenticator app is set up.")
    sign_out(page)
    page.goto(f"{server.url}/en/console/sign-in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Husan")
    page.get_by_label("Password").fill(WORDS)
    page.keyboard.press("Enter")
    page.get_by_label("Code of six digits").focus()
    page.keyboard.type(app.code())
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Husan")).to_be_visible()


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_clean_for_axe(server: Server, open_page: OpenPage, phone: bool, scheme: str) -> None:
    name = f"Axe {scheme} {phone}"
    page = open_page(locale="uz-UZ", phone=phone, color_scheme=scheme)
    page.goto(f"{server.url}/uz-Latn/console/sign-in")
    found = {"sign-in": axe(page)}
    new_account(server, name, "support")
    first_step(server, page, name)
    for path in ("account", "account/password", "account/passkeys", "account/recovery-codes", "account/prove",
                 "sign-out"):  # fmt: skip
        page.goto(f"{server.url}/ru/console/{path}")
        found[path] = axe(page) + _too_wide(page)
    page.goto(f"{server.url}/en/console/account")
    page.get_by_role("button", name="Set up an app").click()
    found["totp"] = axe(page) + _too_wide(page)
    page.get_by_label("Code of six digits").fill(App(page.content()).code(-1))
    page.get_by_role("button", name="Confirm").click()
    page.goto(f"{server.url}/en/console/account/recovery-codes")
    page.get_by_role("button", name="Make ten codes").click()
    found["codes"] = axe(page) + _too_wide(page)
    page.goto(f"{server.url}/en/console/account")
    found["finished"] = axe(page) + _too_wide(page)
    sign_out(page)
    first_step(server, page, name)
    found["second"] = axe(page) + _too_wide(page)
    assert not {path: said for path, said in found.items() if said}


def _too_wide(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return ["the page scrolls sideways"] if wide else []
