"""Two optional purposes: each has its own answer, its own basis and the text that was really shown (8.1, 8.2, 9.2)."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from harness.acts import cookie_names
from harness.browser import OpenPage
from harness.company import Company, page_with_banner
from harness.people import forms_of
from omonat.client.sites import Basis, SiteBanner, Visitor

BOX, SETTINGS, PLACE, ENTRY = "#omonat-banner", "#omonat-settings", ".omonat-place", "#omonat-entry"
FACTS = """
[cookie.ads]
purpose = "news"
necessary = false
keep_days = 30
first_party = true
name = "_ad*"
[cookie.ads.labels]
uz-Latn = "reklama natijasini oʻlchash uchun"
uz-Cyrl = "реклама натижасини ўлчаш учун"
ru = "чтобы мерить отдачу рекламы"
en = "to measure advertising"

[site.branch]
origins = ["http://a.shop.localhost:{port}", "http://b.shop.localhost:{port}"]
share = "shop.localhost"
"""
WAITING = """
<script type="text/plain" data-omonat="improve">window.improves = true; document.cookie = "_tr=1; Path=/";</script>
<script type="text/plain" data-omonat="news">window.advertises = true; document.cookie = "_ad=1; Path=/";</script>"""
FRAME = (
    """<iframe data-omonat="{}" data-omonat-src="/map" data-omonat-name="Карта" title="Карта" height="400"></iframe>"""
)
LINES = """it => [...it.children].filter(one => !one.matches("strong, div:not(.omonat-purpose)"))
  .flatMap(one => one.innerText.split("\\n")).map(line => line.trim()).filter(Boolean).join("\\n")"""
SAID = "SELECT purpose, action, via, text_hash FROM consent_event WHERE channel = 'web' ORDER BY at, rowid"


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    made = Company(tmp_path_factory.mktemp("purposes"), FACTS)
    yield made
    made.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(locale="ru-RU")


def text_of(company: Company, hash_: str) -> str:
    """As the command line shows it."""
    return company.installation.run("consent", "show-text", hash_).stdout.rstrip("\n")


def kept(page: Page) -> dict[str, Any]:
    (value,) = [it["value"] for it in page.context.cookies() if it["name"] == "omonat_choice"]  # type: ignore[typeddict-item]  # always there
    text = value.partition(".")[0]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read


def as_headers(page: Page) -> dict[str, str]:
    """What the site's own server hears from this browser."""
    named = [f"{it['name']}={it['value']}" for it in page.context.cookies()]  # type: ignore[typeddict-item]  # always there
    return {"accept": "text/html", "accept-language": "ru", "cookie": "; ".join(named)}


def open_settings(page: Page) -> None:
    page.locator(f"{BOX} .omonat-more, {ENTRY}:visible").first.click()
    expect(page.locator(SETTINGS)).to_be_focused()


def choose(page: Page, **purposes: bool) -> None:
    """In the settings."""
    for name, allowed in purposes.items():
        page.locator(f"#omonat-{name}").set_checked(allowed)
    page.click(f"{SETTINGS} button[value=some]")


@pytest.mark.parametrize("gpc", [False, True], ids=["plain", "gpc"])
def test_a_yes_in_the_settings_cites_the_text_of_the_settings(company: Company, open_page: OpenPage, gpc: bool) -> None:
    page = open_page(locale="ru-RU")
    if gpc:
        page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {get: () => true})")
    page.goto(company.page("/settings-text", WAITING))
    open_settings(page)
    shown = page.locator(SETTINGS).evaluate(LINES)
    before = len(company.said())
    choose(page, improve=True, news=False)
    expect(page.locator(SETTINGS)).to_have_count(0)
    page.wait_for_function("() => window.improves && !window.advertises")
    said = company.installation.rows(SAID)[before:]
    via = "settings:shop+gpc" if gpc else "settings:shop"
    assert sorted(row[:3] for row in said) == [("improve", "granted", via), ("news", "refused", via)]
    (hash_,) = {row[3] for row in said}
    assert text_of(company, hash_) == shown
    assert ("Global Privacy Control" in shown) == gpc
    assert {"_tr*", "_ad*"} <= {line.partition(" ")[0] for line in shown.splitlines()}


def test_a_yes_in_the_place_of_a_frame_cites_its_text_and_answers_for_its_purposes_alone(
    company: Company, page: Page
) -> None:
    company.site.put("/map", "<p>/map</p>")
    page.goto(company.page("/place-text", FRAME.format("improve") + WAITING))
    expect(page.locator(PLACE)).to_be_visible()
    shown = page.locator(PLACE).evaluate(LINES)
    before = len(company.said())
    page.get_by_role("button", name="Разрешить и показать").click()
    expect(page.frame_locator("iframe").locator("p")).to_have_text("/map")
    (row,) = company.installation.rows(SAID)[before:]
    assert row[:3] == ("improve", "granted", "placeholder:shop")
    assert text_of(company, row[3]) == shown
    assert "Улучшение работы сайта" in shown
    expect(page.locator(f"{BOX} p")).to_contain_text("чтобы мерить отдачу рекламы")  # what nobody has answered yet
    expect(page.locator(f"{BOX} p")).not_to_contain_text("чтобы видеть путь покупателя")
    text = page.locator(f"{BOX} p").inner_text()
    page.click(f"{BOX} button[value=refuse]")
    expect(page.locator(BOX)).to_have_count(0)
    page.wait_for_function("() => !document.cookie.endsWith('.')")
    row = company.installation.rows(SAID)[-1]
    assert row[:3] == ("news", "refused", "banner:shop")
    assert text_of(company, row[3]) == text
    assert page.evaluate("[omonat.permits('improve'), omonat.permits('news')]") == [True, False]


def test_a_frame_for_two_purposes_names_both_and_one_that_nobody_declared_cannot_be_allowed(
    company: Company, page: Page
) -> None:
    page.goto(company.page("/places", FRAME.format("news improve") + FRAME.format("spying")))
    expect(page.locator(PLACE)).to_have_count(2)
    text = page.locator(PLACE).first.evaluate(LINES)
    expect(page.locator(PLACE).nth(1).get_by_role("button")).to_have_count(1)
    page.locator(PLACE).first.get_by_role("button", name="Разрешить и показать").click()
    expect(page.locator(PLACE)).to_have_count(1)
    said = company.installation.rows(SAID)[-2:]
    assert {row[:3] for row in said} == {(name, "granted", "placeholder:shop") for name in ("improve", "news")}
    (hash_,) = {row[3] for row in said}
    assert text_of(company, hash_) == text


def test_taking_one_back_and_allowing_another_without_a_connection_takes_back_at_once(
    company: Company, page: Page
) -> None:
    url = company.page("/mixed", WAITING)
    page.goto(url)
    open_settings(page)
    choose(page, improve=True, news=False)
    page.wait_for_function("() => window.improves")
    before = len(company.said())
    page.route("**/embed/choice", lambda route: route.abort())
    open_settings(page)
    choose(page, improve=False, news=True)
    page.wait_for_function("() => !window.improves && document.readyState === 'complete'")  # loaded anew
    expect(page.locator(BOX)).to_contain_text("чтобы мерить отдачу рекламы")  # the yes has no proof: asked again
    expect(page.locator(BOX)).not_to_contain_text("чтобы видеть путь покупателя")
    assert cookie_names(page) == {"omonat_choice"}
    assert page.evaluate("[window.advertises, omonat.permits('improve'), omonat.permits('news')]") == [
        None,
        False,
        False,
    ]
    assert len(company.said()) == before
    page.unroute("**/embed/choice")
    page.goto(url)
    page.wait_for_function("() => !document.cookie.endsWith('.')")  # told
    assert [row[:2] for row in company.said()[before:]] == [("improve", "withdrawn")]
    page.click(f"{BOX} button[value=accept]")
    page.wait_for_function("() => window.advertises && !window.improves")
    assert [row[:2] for row in company.said()[before:]] == [("improve", "withdrawn"), ("news", "granted")]


def test_the_same_where_nothing_ran_keeps_the_settings_open_and_says_so(company: Company, page: Page) -> None:
    company.site.put("/map", "<p>/map</p>")
    page.goto(company.page("/mixed-frame", FRAME.format("improve")))
    open_settings(page)
    choose(page, improve=True, news=False)
    expect(page.frame_locator("iframe").locator("p")).to_have_text("/map")
    page.route("**/embed/choice", lambda route: route.abort())
    open_settings(page)
    choose(page, improve=False, news=True)
    expect(page.locator(f"{SETTINGS} [role=alert]")).to_contain_text("не удалось сохранить")
    expect(page.locator(PLACE)).to_be_visible()
    assert page.evaluate("[omonat.permits('improve'), omonat.permits('news')]") == [False, False]


def test_a_server_that_hangs_holds_up_no_withdrawal(company: Company, page: Page) -> None:
    held: list[Route] = []
    page.goto(company.page("/hanging", WAITING))
    page.click(f"{BOX} button[value=accept]")
    page.wait_for_function("() => window.improves && window.advertises")
    page.route("**/embed/choice", lambda route: held.append(route))  # answered by nobody
    open_settings(page)
    page.click(f"{SETTINGS} button[value=refuse]")
    page.wait_for_function("() => !window.improves && document.readyState === 'complete'")
    assert held
    assert cookie_names(page) == {"omonat_choice"}


def test_a_database_that_cannot_be_listed_is_deleted_by_name_and_leaves_no_error_behind(
    company: Company, page: Page
) -> None:
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    made = """<script>const asked = indexedDB.open("tr-events");
    asked.onsuccess = () => { asked.result.close(); window.there = true; };</script>"""
    refusing = "<script>IDBFactory.prototype.databases = () => Promise.reject(new Error('not here'));</script>"
    page.goto(company.page("/database", made))
    page.wait_for_function("() => window.there")
    page.goto(company.page("/unlisted", head=refusing))
    expect(page.locator(BOX)).to_be_visible()
    page.goto(company.page("/database-gone"))
    page.wait_for_function("async () => !(await indexedDB.databases()).some(it => it.name === 'tr-events')")
    assert errors == []


def test_hosts_below_a_domain_share_one_choice_when_the_policy_says_so(company: Company, page: Page) -> None:
    """Two host names of this machine (`*.localhost`, which Chromium takes to loopback), and a published `share`."""
    company.page("/shared", WAITING)
    first, second = (f"http://{name}.shop.localhost:{company.site.port}/shared" for name in "ab")
    page.goto(first)
    page.click(f"{BOX} button[value=accept]")
    page.wait_for_function("() => window.improves && window.advertises")
    assert {it["domain"] for it in page.context.cookies() if it["name"] == "omonat_choice"} == {".shop.localhost"}  # type: ignore[typeddict-item]  # always there
    assert company.said()[-1][2] == "banner:branch"
    page.goto(second)
    page.wait_for_function("() => window.improves && window.advertises")
    expect(page.locator(BOX)).to_have_count(0)
    open_settings(page)
    page.click(f"{SETTINGS} button[value=refuse]")
    page.wait_for_function("() => !window.improves && document.readyState === 'complete'")
    page.goto(first)
    expect(page.locator(ENTRY)).to_be_visible()
    assert page.evaluate("window.improves") is None
    page.goto(company.site.url + "/shared")  # another site of the company
    expect(page.locator(BOX)).to_be_visible()


def test_the_sites_own_server_shares_it_as_well(company: Company, page: Page) -> None:
    port = company.site.port
    banner = SiteBanner(company.omonat.url, f"http://a.shop.localhost:{port}")
    headers = {"accept": "text/html", "accept-language": "ru"}
    (form,) = forms_of(banner.html(headers, "/"))
    body = "&".join(f"{name}={text}" for name, text in {**form.fields, "choice": "accept"}.items()).replace(" ", "+")
    cookie = banner.answer(headers, body.encode(), "198.51.100.9").headers["set-cookie"]
    assert "; Domain=shop.localhost" in cookie and "; Path=/" in cookie
    company.page("/shared", WAITING)
    company.site.put("/sets", page_with_banner(company.omonat.url, WAITING), Set_Cookie=cookie)
    page.goto(f"http://a.shop.localhost:{port}/sets")
    page.wait_for_function("() => window.improves && window.advertises")
    page.goto(f"http://b.shop.localhost:{port}/shared")
    page.wait_for_function("() => window.improves && window.advertises")
    alone = SiteBanner(company.omonat.url, company.site.url)
    assert "Domain" not in alone.answer(headers, body.encode(), "198.51.100.9").headers["set-cookie"]


def test_clause_9_2_a_new_recipient_of_one_purpose_asks_about_that_one_and_leaves_the_other(
    company: Company, page: Page
) -> None:
    """By the tag, in the banner of the site's own server, and for what that server itself permits."""
    url = company.page("/new-version", WAITING)
    page.goto(url)
    page.click(f"{BOX} button[value=accept]")
    page.wait_for_function("() => window.improves && window.advertises")
    visitor = Visitor(as_headers(page), Basis(company.omonat.url))
    assert (visitor.permits("improve"), visitor.permits("news")) == (True, True)

    gets = 'purposes = ["contract"]\ncategories = ["name"'  # of the contractor
    company.publish("3.4", (gets, 'purposes = ["contract", "improve"]\ncategories = ["visits", "name"'))
    with page.expect_response("**/omonat.js") as fetched:
        page.route("**/omonat.js", lambda route: route.continue_())  # past what the browser keeps for five minutes
        page.goto(url)
    assert fetched.value.status == 200
    page.wait_for_function("() => window.advertises")
    expect(page.locator(f"{BOX} p")).to_contain_text("чтобы видеть путь покупателя")
    expect(page.locator(f"{BOX} p")).not_to_contain_text("чтобы мерить отдачу рекламы")
    assert page.evaluate("window.improves") is None

    visitor = Visitor(as_headers(page), Basis(company.omonat.url))
    assert (visitor.permits("improve"), visitor.permits("news")) == (False, True)
    assert not Visitor(as_headers(page), Basis("http://localhost:1")).permits("news")  # nobody says what holds
    banner = SiteBanner(company.omonat.url, company.site.url)
    html = banner.html(as_headers(page), "/")
    assert "чтобы видеть путь покупателя" in html and "чтобы мерить отдачу рекламы" not in html
    (form,) = forms_of(html)
    assert form.fields["asked"] == "improve"

    before, first = len(company.said()), kept(page)
    page.click(f"{BOX} button[value=refuse]")
    expect(page.locator(BOX)).to_have_count(0)
    page.wait_for_function("() => !document.cookie.endsWith('.')")
    assert [row[:2] for row in company.said()[before:]] == [("improve", "withdrawn")]
    assert kept(page)["purposes"] == {"improve": False, "news": True}
    assert kept(page)["since"]["news"] == first["at"]  # its own term goes on
    assert page.evaluate("[window.advertises, omonat.permits('news')]") == [True, True]

    body = f"choice=accept&back=/&language=ru&text={form.fields['text']}&asked=improve"
    cookie = banner.answer(as_headers(page), body.encode(), "198.51.100.9").headers["set-cookie"]
    assert [row[:2] for row in company.said()[before:]][1:] == [("improve", "granted")]
    later = Visitor({"cookie": cookie.partition(";")[0]}, Basis(company.omonat.url))
    assert (later.permits("improve"), later.permits("news")) == (True, True)
