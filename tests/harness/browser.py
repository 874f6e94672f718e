"""Chromium of the system, driven by Playwright, and axe-core over what it shows."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from harness.places import find_program

OpenPage = Callable[..., Page]

_FLAGS = (
    "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-quic", "--disable-dev-shm-usage",
)  # fmt: skip
_PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The same engine without the windows of a desktop comes first: it takes half of the processor's time."""
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running Chromium. Fails when there is none: a browser test is never skipped."""
    with sync_playwright() as playwright, launched(playwright.chromium) as browser:
        yield browser


@contextmanager
def launched(kind: BrowserType, *more: str) -> Iterator[Browser]:
    """One more Chromium, with `more` flags: `launched(browser.browser_type, "--flag")` beside one that runs."""
    program = find_program(*_PROGRAMS, hint="On Debian: apt-get install chromium-headless-shell. Or: make setup")
    flags = [*_FLAGS, *more, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    browser = kind.launch(executable_path=program, args=flags, headless=True)
    try:
        yield browser
    finally:
        browser.close()


class Contexts:
    """Makes pages, each in a browser context of its own (own cookies, own storage); closes them at the end."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._made: list[BrowserContext] = []

    def open_page(self, *, locale: str = "uz-UZ", phone: bool = False, **options: Any) -> Page:
        """A page of a fresh person. `options` go to Playwright's `new_context` (java_script_enabled, ...)."""
        viewport = PHONE if phone else DESKTOP
        settings: dict[str, Any] = {"viewport": viewport, "locale": locale, "has_touch": phone, **options}
        context = self._browser.new_context(**settings)
        self._made.append(context)
        return context.new_page()

    def close(self) -> None:
        """Close what was opened."""
        for context in self._made:
            context.close()


def axe(page: Page, *, colours: bool = True) -> list[str]:
    """What axe-core finds on the page as it is now: one line per violation and place; empty is good.

    Without `colours` it looks at no contrast, which takes two thirds of its time and is the same in every language.
    """
    page.evaluate(_axe_source())
    found = page.evaluate(
        "([tags, colours]) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],"
        " rules: {'color-contrast': {enabled: colours}}})",
        [TAGS, colours],
    )
    return [
        f"{violation['id']}: {violation['help']}: {' '.join(map(str, node['target']))}: {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@cache
def _axe_source() -> str:
    """axe-core as packed in axe-playwright-python, pinned by its hash in requirements/test.txt."""
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
