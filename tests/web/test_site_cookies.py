"""The question about cookies: refusing is as easy as accepting, nothing before a choice, the signal counts."""

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.acts import cookie_names, stored_items
from harness.browser import OpenPage, axe
from harness.people import Visitor
from harness.server import Server

CHOICE, VISIT = "__Host-omonat_choice", "omonat_visit"
BANNER = "#cookie-banner"


def _looks(button: Locator) -> tuple[object, ...]:
    look = button.evaluate(
        """it => { const s = getComputedStyle(it); return [it.tagName, s.backgroundColor, s.color, s.fontSize,
        s.fontWeight, s.borderColor, Math.round(it.getBoundingClientRect().height)] }"""
    )
    return tuple(look)


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_refusing_is_as_easy_as_accepting(shared_server: Server, open_page: OpenPage, phone: bool) -> None:
    page = open_page(phone=phone)
    page.goto(f"{shared_server.url}/uz-Latn/policy")
    buttons = page.locator(f"{BANNER} button")
    assert buttons.count() == 2
    refuse, accept = buttons.nth(0), buttons.nth(1)
    assert refuse.get_attribute("value") == "refuse"
    assert _looks(refuse) == _looks(accept)
    boxes = refuse.bounding_box(), accept.bounding_box()
    assert boxes[0] and boxes[1] and abs(boxes[0]["width"] - boxes[1]["width"]) < 1
    assert boxes[0]["height"] >= 44
    assert cookie_names(page) == set()
    assert axe(page) == []


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize(("word", "stored"), [("refuse", {CHOICE}), ("accept", {CHOICE, VISIT})])
def test_the_answer_comes_back_to_the_same_page(
    shared_server: Server, open_page: OpenPage, word: str, stored: set[str], scripted: bool
) -> None:
    page = open_page(java_script_enabled=scripted)
    address = f"{shared_server.url}/ru/policy/compare?from=3.1&to=3.2"
    page.goto(address)
    page.click(f"{BANNER} button[value={word}]")
    assert page.url == address
    expect(page.locator(BANNER)).to_have_count(0)
    assert cookie_names(page) == stored
    page.goto(f"{shared_server.url}/ru/contact")
    expect(page.locator(BANNER)).to_have_count(0)
    assert cookie_names(page) == stored


def test_our_cookies_are_closed_to_scripts_and_to_other_sites(shared_server: Server, page: Page) -> None:
    page.goto(f"{shared_server.url}/uz-Latn/")
    page.click(f"{BANNER} button[value=accept]")
    for cookie in page.context.cookies():
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, True, "Lax", "/")
    choice = next(cookie for cookie in page.context.cookies() if cookie["name"] == CHOICE)
    assert 179 < (choice["expires"] - page.evaluate("Date.now() / 1000")) / 86_400 <= 180
    assert stored_items(page) == 0


def test_escape_refuses(shared_server: Server, page: Page) -> None:
    page.goto(f"{shared_server.url}/uz-Latn/")
    page.focus(f"{BANNER} button[value=accept]")
    page.keyboard.press("Escape")
    expect(page.locator(BANNER)).to_have_count(0)
    assert cookie_names(page) == {CHOICE}


def test_a_choice_is_changed_as_easily_as_it_was_made(shared_server: Server, page: Page) -> None:
    page.goto(f"{shared_server.url}/en/")
    page.click(f"{BANNER} button[value=accept]")
    assert VISIT in cookie_names(page)
    page.click("footer a[href='/en/cookies']")
    expect(page.locator("#purpose_improve")).to_be_checked()
    page.uncheck("#purpose_improve")
    page.click("main button[value=some]")
    expect(page.locator("[role=status]")).to_be_visible()
    assert cookie_names(page) == {CHOICE}
    page.check("#purpose_improve")
    page.click("main button[value=some]")
    assert cookie_names(page) == {CHOICE, VISIT}
    page.click("main button[value=refuse]")
    assert cookie_names(page) == {CHOICE}
    expect(page.locator("#purpose_improve")).not_to_be_checked()


def test_the_signal_of_the_browser_is_an_answer(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page(extra_http_headers={"Sec-GPC": "1"})
    for path in ("/uz-Latn/", "/uz-Latn/policy", "/uz-Latn/cookies"):
        page.goto(shared_server.url + path)
        expect(page.locator(BANNER)).to_have_count(0)
        assert cookie_names(page) == set()
    expect(page.locator("main .note")).to_contain_text("Global Privacy Control")


def test_a_later_explicit_word_counts_in_spite_of_the_signal(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page(extra_http_headers={"Sec-GPC": "1"})
    page.goto(f"{shared_server.url}/uz-Latn/cookies")
    page.check("#purpose_improve")
    page.click("main button[value=some]")
    assert VISIT in cookie_names(page)


def test_a_signal_switched_on_later_outweighs_an_older_yes(shared_server: Server) -> None:
    visitor = Visitor(shared_server)
    visitor.send("/cookies", shown_at="/policy", choice="accept")
    assert VISIT in visitor.cookies
    signalling = Visitor(shared_server, headers={"Sec-GPC": "1"})
    signalling.cookies = visitor.cookies
    signalling.get("/policy")
    assert VISIT not in signalling.cookies


@pytest.mark.parametrize("signal", ["0", "true", "1.0", "1, 1"])
def test_only_exactly_one_is_the_signal(shared_server: Server, signal: str) -> None:
    assert 'id="cookie-banner"' in Visitor(shared_server, headers={"Sec-GPC": signal}).get("/policy").text


@pytest.mark.parametrize("word", ["", "maybe", "accept refuse"])
def test_an_unknown_word_is_no_choice(shared_server: Server, word: str) -> None:
    visitor = Visitor(shared_server)
    assert visitor.send("/cookies", shown_at="/policy", choice=word).status_code == 400
    assert visitor.cookies == {}


def test_a_forged_choice_is_no_choice(shared_server: Server) -> None:
    visitor = Visitor(shared_server)
    visitor.send("/cookies", shown_at="/policy", choice="accept")
    visitor.cookies[CHOICE] = visitor.cookies[CHOICE][:-3] + "AAA"
    assert 'id="cookie-banner"' in visitor.get("/policy").text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/\\evil.example", "/ru//evil", "/my", "", "/ruin"]
)
def test_the_way_back_stays_on_the_site(shared_server: Server, back: str) -> None:
    with shared_server.client(headers={"Origin": shared_server.url}) as client:
        answer = client.post("/ru/cookies", data={"choice": "refuse", "via": "banner", "back": back})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/ru/"


def test_every_cookie_is_named_with_purpose_and_term(shared_server: Server, page: Page) -> None:
    page.goto(f"{shared_server.url}/uz-Latn/cookies")
    for name in (CHOICE, VISIT, "__Host-omonat_submission", "__Host-omonat_session"):
        expect(page.locator("main table")).to_contain_text(name)
