"""The administrator's walk in a browser: invite, come in, work, block; the next click of who is blocked is refused."""

import base64
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.server import Server
from harness.staff import signed_in, staff_token
from omonat.app import Omonat
from omonat.crypto.totp import totp_code

PASSWORD = "seven slow rivers turn"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(new_installation(tmp_path_factory.mktemp("walk")))
    yield server
    server.kill9()


@pytest.fixture
def admin(office: Server, open_page: OpenPage) -> Page:
    omonat = Omonat.open(office.installation.data)
    try:
        token = staff_token(omonat, ["administrator"], "Aziza")
    finally:
        omonat.close()
    return signed_in(open_page(), token)


def second_factor(office: Server, name: str) -> str:
    """The code of the app that the newcomer has just begun to set up."""
    omonat = Omonat.open(office.installation.data)
    try:
        offer = omonat.staff_secrets.totp_offer(omonat.staff.get_by_name(name), "Omonat")
        assert offer is not None
        text = offer.text.reveal().replace(" ", "")
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
        return totp_code(secret, int(omonat.clock.now().timestamp()) // 30)
    finally:
        omonat.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_invite_come_in_work_and_block(office: Server, admin: Page, open_page: OpenPage, script: bool) -> None:
    name = f"Dilnoza {int(script)}"
    admin.goto(f"{office.url}/en/console/staff")
    admin.get_by_role("link", name="Invite a member").click()
    admin.get_by_label("Name").fill(name)
    admin.get_by_label("Support").check()
    admin.get_by_label("Language of the link and the letter").select_option("en")
    admin.get_by_role("button", name="Make the link").click()
    link = admin.locator(".admin-link code").inner_text()

    newcomer = open_page(java_script_enabled=script)
    newcomer.goto(link)
    if script:
        assert not axe(newcomer)
    newcomer.get_by_label("Password").fill(PASSWORD)
    newcomer.get_by_role("button", name="Go on").click()
    expect(newcomer).to_have_url(f"{office.url}/en/console/account")
    newcomer.goto(link)
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("This link is not valid any more")
    newcomer.goto(f"{office.url}/en/console/account/totp")
    if newcomer.get_by_label("Code").count() == 0:
        newcomer.get_by_role("button").filter(has_text="app").first.click()
    newcomer.get_by_label("Code").fill(second_factor(office, name))
    newcomer.get_by_label("Code").press("Enter")
    newcomer.goto(f"{office.url}/en/console/cases")
    expect(newcomer.get_by_role("heading", level=1)).to_have_text("Confidentiality undertaking")
    newcomer.get_by_role("button", name="I accept").click()
    expect(newcomer).to_have_url(f"{office.url}/en/console/cases")

    admin.goto(f"{office.url}/en/console/staff")
    admin.get_by_role("link", name=name).click()
    expect(admin.get_by_text("authenticator app")).to_be_visible()
    admin.get_by_role("link", name="Block…").click()
    admin.get_by_role("button", name="Block this member now").click()
    expect(admin.get_by_role("status")).to_contain_text("blocked, everywhere")

    newcomer.get_by_role("link", name="Find a person").first.click()
    expect(newcomer).to_have_url(f"{office.url}/en/console/sign-in?to=%2Fen%2Fconsole%2Fpeople")
