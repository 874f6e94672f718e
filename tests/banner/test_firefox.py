"""Debian's Firefox ESR, through puppeteer-core, with its real setting of Global Privacy Control switched on (8.2)."""

from collections.abc import Iterator

import pytest

from harness.company import Company
from harness.firefox import GPC, Firefox

OWN_ENTRY = "footer a[href='/ru/cookies']"


@pytest.fixture(scope="module")
def firefox() -> Iterator[Firefox]:
    running = Firefox({**GPC, "intl.accept_languages": "ru"})
    yield running
    running.close()


def _settings(firefox: Firefox, url: str, entry: str, shown: str) -> None:
    firefox.open(url)
    firefox.wait_for(f"return !!document.querySelector({entry!r})")
    firefox.click(entry)
    firefox.wait_for(f"return !!document.querySelector({shown!r})")


def test_firefox_says_so_in_header_and_page(firefox: Firefox, company: Company) -> None:
    assert firefox.version.startswith("firefox/")
    firefox.open(f"{company.omonat.url}/ru/cookies")
    assert firefox.run("return navigator.globalPrivacyControl") is True
    assert "Global Privacy Control" in firefox.run("return document.querySelector('main').innerText")


def test_our_pages_ask_nothing_and_an_explicit_word_counts(firefox: Firefox, company: Company) -> None:
    for path in ("/ru/", "/ru/policy", "/ru/contact"):
        firefox.open(company.omonat.url + path)
        assert firefox.run("return document.querySelectorAll('[role=dialog]').length") == 0
    assert firefox.cookies() == set()
    _settings(firefox, f"{company.omonat.url}/ru/policy", OWN_ENTRY, "#purpose_improve")
    firefox.click("#purpose_improve")
    firefox.click("main button[value=some]")
    firefox.wait_for("return !!document.querySelector('[role=status]')")
    assert company.said()[-1] == ("improve", "granted", "settings+gpc", "ru")
    assert firefox.cookies() >= {"__Host-omonat_choice"}
    firefox.forget()


def test_another_site_asks_nothing_and_an_explicit_word_counts(firefox: Firefox, company: Company) -> None:
    script = '<script type="text/plain" data-omonat="improve">window.ran = true</script>'
    url = company.page("/firefox", script)
    for _ in range(2):
        firefox.open(url)
        firefox.wait_for("return !!document.querySelector('#omonat-entry')")
        assert firefox.run("return document.querySelectorAll('[role=dialog]').length") == 0
    assert firefox.run("return [document.cookie, window.ran === undefined]") == ["", True]
    _settings(firefox, url, "#omonat-entry", "#omonat-settings button[value=some]")
    assert "Global Privacy Control" in firefox.run("return document.querySelector('#omonat-settings').innerText")
    firefox.click("#omonat-improve")
    firefox.click("#omonat-settings button[value=some]")
    firefox.wait_for("return window.ran === true")
    assert company.said()[-1] == ("improve", "granted", "settings:shop+gpc", "ru")
    firefox.open(url)
    firefox.wait_for("return window.ran === true")  # it is remembered
    firefox.forget()
