"""A day of each role in a browser: once with the mouse, once with the keyboard alone (Tab, typing, Enter, space).

Support's walk is in tests/web/test_cases_console.py, the administrator's way from the invitation to the block in
tests/web/test_administration_browser.py.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.browser import OpenPage
from harness.installation import new_installation
from harness.people import Invented
from harness.registers import archive, fill
from harness.server import Server
from harness.staff import signed_in, staff_token
from omonat.app import Omonat

MOST_TABS = 150
RELOADS = 200


class Office(NamedTuple):
    """A server with people in every register, and a way to sign members of the staff in."""

    server: Server
    people: list[Invented]

    def next_version(self) -> str:
        """The number after the version in force: whichever of the two walks comes second publishes a later one."""
        omonat = Omonat.open(self.server.installation.data)
        try:
            first, second = omonat.policies.in_force().number.split(".")
            return f"{first}.{int(second) + 1}"
        finally:
            omonat.close()

    def token(self, *roles: str, name: str) -> str:
        omonat = Omonat.open(self.server.installation.data)
        try:
            return staff_token(omonat, roles, name)
        finally:
            omonat.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    installation = new_installation(tmp_path_factory.mktemp("walks"))
    omonat = Omonat.open(installation.data)
    people = fill(omonat)
    omonat.close()
    server = Server(installation)
    yield Office(server, people)
    server.kill9()


class Hand:
    """Works a page: with the mouse, or with the keyboard alone, reaching things as Tab does."""

    def __init__(self, page: Page, *, keyboard: bool) -> None:
        self.page, self.keyboard = page, keyboard

    def press(self, name: str, role: str = "button", *, leads_on: bool = True) -> None:
        """A button or link by its name; the page that it leads to is there when this returns."""
        target = self.page.get_by_role(role, name=re.compile(rf"^{re.escape(name)}"))  # type: ignore[arg-type]
        first = target.locator("visible=true").first
        if not leads_on:
            self._do(first, "Enter")
            return
        with self.page.expect_navigation():
            self._do(first, "Enter")

    def tick(self, name: str) -> None:
        """A box by its id."""
        self._do(self.page.locator(f"#{name}"), "Space")

    def fill(self, name: str, text: str) -> None:
        """A field by its id."""
        field = self.page.locator(f"#{name}")
        if not self.keyboard:
            field.fill(text)
            return
        self._reach(field)
        if field.get_attribute("type") == "date":
            year, month, day = text.split("-")
            text = month + day + year  # as the browser of an American asks for it
        self.page.keyboard.type(text)

    def choose(self, name: str, text: str) -> None:
        """An entry of a select, by the beginning of its text."""
        field = self.page.locator(f"#{name}")
        if not self.keyboard:
            field.select_option(label=field.locator("option", has_text=text).first.inner_text())
            return
        self._reach(field)
        self.page.keyboard.press("Home")
        while text not in field.locator("option:checked").inner_text():
            self.page.keyboard.press("ArrowDown")

    def _do(self, target: Locator, key: str) -> None:
        if not self.keyboard:
            target.click()
            return
        self._reach(target)
        self.page.keyboard.press(key)

    def _reach(self, target: Locator) -> None:
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate("it => it === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")


@pytest.fixture(params=["mouse", "keyboard"])
def hand(request: pytest.FixtureRequest, office: Office, open_page: OpenPage) -> Callable[..., Hand]:
    """`hand("sales")`: somebody with these roles, on the overview."""

    def made(*roles: str, name: str = "") -> Hand:
        how = str(request.param)
        page = signed_in(open_page(locale="en-US"), office.token(*roles, name=name or f"{' '.join(roles)} by {how}"))
        page.goto(f"{office.server.url}/en/console")
        return Hand(page, keyboard=how == "keyboard")

    return made


def until(page: Page, text: str) -> None:
    """Until a job that the server carries out is shown as done: the page is asked for again, as a person would."""
    for _ in range(RELOADS):
        if page.get_by_text(text).count():
            return
        page.reload()
    raise AssertionError(page.locator("main").inner_text())


def test_marketing_draws_a_mailing_list(office: Office, hand: Callable[..., Hand]) -> None:
    marketing = hand("marketing")
    marketing.press("Mailing lists", "link")
    marketing.choose("what", "news")
    marketing.fill("reason", "New tariffs")
    marketing.press("Count")
    until(marketing.page, "may be written to")
    assert office.people[0].email not in marketing.page.content()
    marketing.press("Draw the list")
    until(marketing.page, "people are on the list")
    with marketing.page.expect_download() as saved:
        marketing.press("Fetch the list", leads_on=False)
    assert office.people[0].email in Path(saved.value.path()).read_text("utf-8-sig")


def test_the_auditor_checks_the_ledger(hand: Callable[..., Hand]) -> None:
    auditor = hand("auditor")
    auditor.press("Ledger", "link")
    auditor.press("Verify now")
    until(auditor.page, "Nothing was changed")
    assert auditor.page.get_by_text("What this could not know").count() == 1
    auditor.press("Journal", "link")
    assert auditor.page.locator("table").count() == 1


def test_sales_opens_a_contract(office: Office, hand: Callable[..., Hand]) -> None:
    sales = hand("sales")
    sales.press("Find a person", "link")
    sales.choose("kind", "Phone")
    sales.fill("value", office.people[1].phone)
    sales.choose("purpose", "concluding")
    sales.fill("reason", "the contract")
    sales.press("Look")
    sales.press("Open the card")
    assert office.people[1].email in sales.page.content()
    sales.press("A new contract", "link")
    number = "2026/901" if sales.keyboard else "2026/900"
    sales.fill("number", number)
    sales.fill("about", "Twelve desks")
    sales.fill("starts_on", "2026-11-01")
    sales.press("Draft")
    sales.press("Start")
    assert sales.page.get_by_text("runs: from now on").count() == 1


def test_the_officer_publishes_a_version_with_a_second_person(
    office: Office, hand: Callable[..., Hand], tmp_path: Path
) -> None:
    officer, number = hand("privacy_officer"), office.next_version()
    officer.press("Policy", "link")
    officer.press("Upload a policy", "link")
    packed = tmp_path / "policy.zip"
    packed.write_bytes(archive(number, ('consent_term = "3 years"', f'consent_term = "1{number[-1]} years"')))
    officer.page.locator("#folder").set_input_files(packed)  # the dialogue of the system is not ours
    officer.press("Check and show the plan")
    officer.fill("reason", "Consents stand shorter")
    officer.press(f"Publish version {number}")
    expect(officer.page.get_by_text("second person").first).to_be_visible()
    second = hand("privacy_officer", name=f"Second for {number}")
    second.press("Approvals", "link")
    second.page.goto(_approval(office, number))
    second.press("Approve")
    second.page.goto(f"{office.server.url}/en/console/policy")
    assert second.page.get_by_role("row", name=re.compile(rf"^{re.escape(number)}.*in force")).count() == 1


def _approval(office: Office, number: str) -> str:
    """The address of the newest open approval, as the list links it."""
    omonat = Omonat.open(office.server.installation.data)
    try:
        newest = omonat.approvals.list(open_at=omonat.clock.now(), limit=1)[0]
        return f"{office.server.url}/en/console/approvals/{newest.approval_id}"
    finally:
        omonat.close()


def test_the_administrator_rotates_an_api_key(office: Office, hand: Callable[..., Hand]) -> None:
    admin = hand("administrator")
    name = "site-k" if admin.keyboard else "site-m"
    admin.press("API keys", "link")
    admin.press("Make an API key", "link")
    admin.fill("name", name)
    admin.tick("right_collect")
    admin.press("Make the key")
    first = admin.page.locator("code", has_text="omk_").first.inner_text()
    admin.press("API keys", "link")
    admin.press(name, "link")
    admin.press("New secret", "link")
    admin.press("Make a new secret")
    second = admin.page.locator("code", has_text="omk_").first.inner_text()
    assert first != second
    with office.server.client() as client:
        for secret in (first, second):
            assert client.get("/api/v1/forms", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
