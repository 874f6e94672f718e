"""The example of docs/banner.md, as its README says: `site.toml` appended to the policy, the page served elsewhere."""

from pathlib import Path

from playwright.sync_api import expect

from harness.acts import cookie_names
from harness.browser import OpenPage
from harness.company import Company
from harness.places import REPOSITORY
from harness.policy_folder import Folder

EXAMPLE = REPOSITORY / "examples" / "static_site"


def test_the_policy_with_the_lines_of_the_example_is_in_order(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    with (folder.path / "policy.toml").open("a") as file:
        file.write("\n" + (EXAMPLE / "site.toml").read_text("utf-8"))
    assert folder.found() == []


def test_the_page_of_the_example_asks_and_then_counts(company: Company, open_page: OpenPage) -> None:
    text = (EXAMPLE / "index.html").read_text("utf-8").replace("http://localhost:8080", company.omonat.url)
    company.site.put("/map.html", (EXAMPLE / "map.html").read_text("utf-8"))
    page = open_page(locale="ru-RU")
    page.goto(company.site.put("/example", text))
    expect(page.locator("#counted")).to_have_text("Этот визит не посчитан.")
    page.click("#omonat-banner button[value=accept]")
    expect(page.locator("#counted")).to_have_text("Этот визит посчитан.")
    expect(page.frame_locator("iframe").locator("p")).to_have_text("Здесь была бы карта.")
    assert cookie_names(page) == {"omonat_choice", "shop_path"}
    page.click("[data-omonat-open]")
    expect(page.locator("#omonat-settings")).to_be_focused()
    expect(page.locator("#omonat-entry")).to_have_count(0)  # the page has an entry of its own
