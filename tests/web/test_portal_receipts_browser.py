"""Receipts in a real browser, checked by the `omonat` command with no installation; axe-core looks at the page."""

from pathlib import Path

from playwright.sync_api import Page
from web.test_portal_browser import send_callback, sign_in

from harness.browser import OpenPage, axe
from harness.installation import run_omonat
from harness.server import Server


def saved(page: Page, button: str, to: Path) -> Path:
    with page.expect_download() as download:
        page.locator(f"button[name=format][value={button}]").first.click()
    assert "without-proof" not in download.value.suggested_filename
    download.value.save_as(to)
    return to


def test_from_a_form_to_checked_receipts_without_a_script(server: Server, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(phone=True, java_script_enabled=False)
    send_callback(page, server, "ru")
    sign_in(page, server, "ru")
    page.click("a[href$='/my/receipts']")
    key = page.inner_text(".my-key").rpartition(" ")[2]
    consent = saved(page, "receipt", tmp_path / "consent.json")
    page.goto(f"{server.url}/ru/my/delete")
    page.check("#sure")
    page.click("main .button-grave")
    certificate = saved(page, "receipt", tmp_path / "certificate.json")
    for path in (consent, certificate):
        said = run_omonat(["verify", path, "--key", key, "--language", "ru"], home=tmp_path)
        assert said.returncode == 0 and "подлинная" in said.stdout, said.stdout + said.stderr
    assert saved(page, "receipt-pdf", tmp_path / "certificate.pdf").read_bytes().startswith(b"%PDF-")


def test_nothing_stands_in_the_way(server: Server, open_page: OpenPage) -> None:
    page = open_page(phone=True)
    send_callback(page, server, "uz-Latn")
    page.click("#cookie-banner button[value=refuse]")
    sign_in(page, server, "uz-Latn")
    found = []
    for language in ("uz-Latn", "ru"):
        page.goto(f"{server.url}/{language}/my/receipts")
        found += axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert found == []
