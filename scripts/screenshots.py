"""The pictures of docs/images/, taken from a fresh installation with one invented person: `make screenshots`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from harness.browser import Contexts, chromium
from harness.installation import new_installation
from harness.server import Server

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


def main() -> int:
    """Write the files and say how large they are."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="omonat-pictures-") as folder, chromium() as browser:
        server = Server(new_installation(Path(folder) / "installation"))
        contexts = Contexts(browser)
        try:
            take_all(contexts, server)
        finally:
            contexts.close()
            server.stop()
    for path in sorted(IMAGES.glob("*.jpg")):
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
