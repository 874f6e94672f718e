"""axe-core finds nothing on any page of the site, on a phone by day and at a desk by night; 320 pixels are enough."""

import pytest

from harness.browser import OpenPage, axe
from harness.server import Server
from omonat.kernel.language import LANGUAGES

PAGES = ("", "policy", "policy/versions", "policy/versions/3.1", "policy/compare", "cookies", "contact", "callback",
         "order", "disagree", "disagree/done", "thanks", "nothing-here")  # fmt: skip


@pytest.mark.parametrize(("phone", "scheme"), [(True, "light"), (False, "dark")], ids=["phone-light", "desktop-dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(shared_server: Server, open_page: OpenPage, language: str, phone: bool, scheme: str) -> None:
    page = open_page(phone=phone, color_scheme=scheme)
    found = {}
    for path in PAGES:
        page.goto(f"{shared_server.url}/{language}/{path}")
        found[path] = axe(page)
    assert not any(found.values()), {path: lines for path, lines in found.items() if lines}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_runs_over_the_edge_of_a_small_phone(shared_server: Server, open_page: OpenPage, language: str) -> None:
    page = open_page(viewport={"width": 320, "height": 640})
    wide = {}
    for path in PAGES:
        page.goto(f"{shared_server.url}/{language}/{path}")
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert max(wide.values()) <= 320, wide
