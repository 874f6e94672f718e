"""320 pixels are enough for every page of the site. axe-core looks at them in tests/acceptance/test_pages.py."""

import pytest

from harness.browser import OpenPage
from harness.server import Server
from omonat.kernel.language import LANGUAGES

PAGES = ("", "policy", "policy/versions", "policy/versions/3.1", "policy/compare", "cookies", "contact", "callback",
         "order", "disagree", "disagree/done", "thanks", "nothing-here")  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_runs_over_the_edge_of_a_small_phone(shared_server: Server, open_page: OpenPage, language: str) -> None:
    page = open_page(viewport={"width": 320, "height": 640})
    wide = {}
    for path in PAGES:
        page.goto(f"{shared_server.url}/{language}/{path}")
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert max(wide.values()) <= 320, wide
