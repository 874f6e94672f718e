"""The pictures of docs/images/: `make screenshots`.

Site and portal from a fresh installation with one invented person, the console from a month of `omonat demo`.
"""

import sys
import tempfile
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page

from harness.browser import Contexts, chromium
from harness.installation import Installation, new_installation, run_omonat
from harness.places import POLICY
from harness.server import Server
from harness.staff import signed_in as signed_in_staff
from harness.staff import staff_token
from omonat.app import Omonat
from omonat.staff import ROLES

IMAGES = Path(__file__).parents[1] / "docs" / "images"
ORDER = {
    "name": "Nodira Yoʻldosheva",
    "phone": "+998 90 000 00 01",
    "email": "nodira@example.uz",
    "company": "“Namuna savdo” MChJ",
    "service": "IP-telefoniya, 12 ta ish oʻrni",
    "comment": "Dushanba kuni qoʻngʻiroq qilsangiz.",
}


def picture(page: Page, name: str) -> None:
    """What the window shows now, as a JPEG of some 80 kB."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.jpg", type="jpeg", quality=72)


def refuse_cookies(page: Page) -> None:
    """Answer the banner, so that the page can be seen."""
    page.locator("#cookie-banner button[value=refuse]").click()
    page.wait_for_load_state("networkidle")


def sent_order(page: Page, server: Server) -> None:
    """Send the order form as the invented person."""
    page.goto(f"{server.url}/uz-Latn/order")
    for name, text in ORDER.items():
        page.locator(f"form.form [name={name}]").fill(text)
    page.locator("form.form button.button").click()
    page.wait_for_load_state("networkidle")


def signed_in(page: Page, server: Server) -> None:
    """Sign in with a code, as anybody does, and own up to the order."""
    page.goto(f"{server.url}/uz-Latn/my/sign-in")
    page.locator("form.form input:not([type=hidden])").first.fill(ORDER["email"])
    before = len(server.codes())
    page.locator("form.form button.button").click()
    page.locator("[name=code]").fill(server.wait_for_code(before))
    page.locator("form.form button.button").click()
    if page.url.endswith("/my/who"):
        for box in page.locator("form.form input[type=checkbox]").all():
            box.check()
        page.locator("form.form button.button").click()
    page.wait_for_url("**/my")


def take_all(contexts: Contexts, server: Server) -> None:
    """Banner and home on a phone and at a desk, the policy, the portal."""
    phone = contexts.open_page(phone=True, device_scale_factor=2)
    phone.goto(f"{server.url}/uz-Latn/")
    picture(phone, "banner")
    refuse_cookies(phone)
    picture(phone, "home-phone")
    desk = contexts.open_page()
    desk.goto(f"{server.url}/uz-Latn/")
    picture(desk, "home")
    refuse_cookies(desk)
    desk.goto(f"{server.url}/uz-Latn/policy")
    picture(desk, "policy")
    desk.goto(f"{server.url}/uz-Latn/policy/compare")
    picture(desk, "compare")
    sent_order(desk, server)
    signed_in(desk, server)
    picture(desk, "portal")


    desk.goto(f"{server.url}/uz-Latn/my/receipts")
    with desk.expect_download() as saved:
        desk.locator("button[value=receipt]").first.click()
    key = desk.locator("code.my-key").inner_text().rpartition(" ")[2]
    phone.goto(f"{server.url}/verify")
    phone.locator("[data-language='uz-Latn']").click()
    phone.locator("#file").set_input_files(saved.value.path())
    phone.locator("#key").fill(key)
    phone.locator("#go").click()
    phone.locator("#answer h2").scroll_into_view_if_needed()
    picture(phone, "verify")


# --- the console ----------------------------------------------------------------------------------------------------

PAGES = {
    "console-overview": "/console", "console-mailings": "/console/mailings", "console-policy": "/console/policy",
    "console-journal": "/console/journal", "console-ledger": "/console/ledger",
}  # fmt: skip


def demo_installation(folder: Path) -> Installation:
    """A month of invented people."""
    made = Installation(folder / "data", folder / "keys", folder)
    done = run_omonat(
        ["demo", "--data", made.data, "--keys", made.keys, "--policy", POLICY, "--admin", "Dilorom"], home=folder
    )
    assert done.returncode == 0, done.stderr
    return made


def member(contexts: Contexts, installation: Installation, *roles: str) -> Page:
    """A page of a signed-in member of the staff with these roles."""
    omonat = Omonat.open(installation.data)
    try:
        return signed_in_staff(contexts.open_page(locale="en-US"), staff_token(omonat, roles, "Nilufar"))
    finally:
        omonat.close()


def take_console(contexts: Contexts, server: Server) -> None:
    """What the tours of docs/start show."""
    everybody = member(contexts, server.installation, *ROLES)
    for name, path in PAGES.items():
        everybody.goto(f"{server.url}/en{path}")
        picture(everybody, name)
    take_case(everybody, server)
    take_person(everybody, server)
    everybody.goto(f"{server.url}/api/v1/docs")
    picture(everybody, "api-docs")


def take_case(page: Page, server: Server) -> None:
    """A case that was answered, with its thread."""
    ((case_id,),) = server.installation.rows(
        "SELECT case_id FROM subject_case WHERE kind = 'contact' AND EXISTS (SELECT 1 FROM record WHERE"
        " record.case_id = subject_case.case_id AND field = 'reply') ORDER BY opened_at DESC LIMIT 1"
    )
    page.goto(f"{server.url}/en/console/cases/{UUID(str(case_id))}")
    picture(page, "console-case")


def take_person(page: Page, server: Server) -> None:
    """A person who sent a contact form, looked up by his address for support."""


def main() -> int:
    """Write the files and say how large they are."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="omonat-pictures-") as folder, chromium() as browser:
        contexts = Contexts(browser)
        for make, take in (
            (lambda: new_installation(Path(folder) / "installation"), take_all),
            (lambda: demo_installation(Path(folder)), take_console),
        ):
            server = Server(make())
            try:
                take(contexts, server)
            finally:
                server.stop()
        contexts.close()
    for path in sorted(IMAGES.glob("*.jpg")):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
