"""What people do in a browser, each act as one call. Everything is done by visible fields and buttons."""

from collections.abc import Iterable

from playwright.sync_api import Page

from harness.people import case_of
from harness.server import Server


def open_form(page: Page, server: Server, form: str, *, language: str = "uz-Latn") -> None:
    page.goto(f"{server.url}/{language}/{form}")


def fill(page: Page, fields: dict[str, str], news: Iterable[str] = ()) -> None:
    """Type into the form of the page, tick the boxes for news."""
    for name, text in fields.items():
        page.fill(f"main #{name}", text)
    for channel in news:
        page.check(f"#news_{channel}")


def press_send(page: Page) -> None:
    """The button of the form in the main part of the page."""
    page.click("main form.form .buttons button >> nth=0")


def send_form(
    page: Page,
    server: Server,
    form: str,
    fields: dict[str, str],
    *,
    language: str = "uz-Latn",
    news: Iterable[str] = (),
) -> str:
    """Open, fill in, send; returns the case number of the page of thanks."""
    open_form(page, server, form, language=language)
    fill(page, fields, news)
    press_send(page)
    page.wait_for_url("**/thanks?*")
    return case_of(page.url)


def sign_in(page: Page, server: Server, identifier: str, *, language: str = "uz-Latn") -> None:
    """By a code, as it appears in the terminal with `--dev`; whatever is offered is one's own."""
    before = len(server.codes())
    page.goto(f"{server.url}/{language}/my")
    page.fill("#identifier", identifier)
    press_send(page)
    page.wait_for_url("**/my/code")
    page.fill("#code", server.wait_for_code(before))
    press_send(page)
    page.wait_for_url(lambda url: url.rstrip("/").endswith(("/my", "/my/who")))
    if page.url.endswith("/who"):
        for box in page.locator("main input[type=checkbox]").all():
            box.check()
        press_send(page)
    page.wait_for_url(lambda url: url.rstrip("/").endswith("/my"))


def cookie_names(page: Page) -> set[str]:
    return {str(cookie["name"]) for cookie in page.context.cookies()}


def stored_items(page: Page) -> int:
    """Everything in the browser's storage for this site."""
    count: int = page.evaluate("localStorage.length + sessionStorage.length")
    return count
