"""What waits for consent on another site, and what becomes of it; signals for tags and developers; bad days."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from harness.acts import cookie_names
from harness.browser import Contexts, OpenPage, launched
from harness.company import Company, page_with_banner

BOX, SETTINGS, PLACE = "#omonat-banner", "#omonat-settings", ".omonat-place"
ACCEPT, REFUSE = f"{BOX} button[value=accept]", f"{BOX} button[value=refuse]"
FRAMES = """
<iframe data-omonat="improve" data-omonat-src="/map" data-omonat-name="Карта офиса" title="Карта" height="220"></iframe>
<iframe data-omonat="improve" data-omonat-src="/film" title="Фильм" height="220"></iframe>
<img data-omonat="improve" data-omonat-src="/pixel" data-omonat-srcset="/pixel2 2x" alt="">"""
TRACKER = """<script type="text/plain" data-omonat="improve">
document.cookie = "_tr_root=1; Path=/"; document.cookie = "_tr_deep=1; Path=/a/b/"; document.cookie = "other=1; Path=/";
localStorage.setItem("tr.path", "1"); localStorage.setItem("basket", "1"); sessionStorage.setItem("tr9", "1");
const asked = indexedDB.open("tr-events"); asked.onsuccess = () => { asked.result.close(); window.tracked = true; };
</script>"""


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(locale="ru-RU", phone=True)


def open_shop(page: Page, company: Company, path: str, body: str = "", **options: str) -> None:
    page.goto(company.page(path, body, **options))
    expect(page.locator(BOX)).to_be_visible()


def test_the_place_of_a_frame_says_what_is_missing_and_can_show_it_alone(page: Page, company: Company) -> None:
    for path in ("/map", "/film"):
        company.site.put(path, f"<p>{path}</p>")
    open_shop(page, company, "/frames", FRAMES)
    expect(page.locator(PLACE)).to_have_count(2)
    expect(page.locator(PLACE).first).to_contain_text("Карта офиса")
    expect(page.locator(PLACE).first).to_contain_text("Улучшение работы сайта и качества услуг")
    assert not {"/map", "/film", "/pixel", "/pixel2"} & set(company.site.asked)
    before = company.said()
    page.locator(PLACE).first.get_by_role("button", name="Показать только это").click()
    expect(page.frame_locator("iframe >> nth=0").locator("p")).to_have_text("/map")
    expect(page.locator(PLACE)).to_have_count(1)
    assert "/film" not in company.site.asked
    assert cookie_names(page) == set()
    assert company.said() == before  # one frame, this once, is no consent to the purpose
    page.get_by_role("button", name="Разрешить и показать").click()
    expect(page.frame_locator("iframe >> nth=1").locator("p")).to_have_text("/film")
    expect(page.locator(PLACE)).to_have_count(0)
    expect(page.locator(BOX)).to_have_count(0)
    assert company.said()[-1] == ("improve", "granted", "placeholder:shop", "ru")
    page.wait_for_function("() => document.querySelector('img').currentSrc.includes('/pixel')")
    page.click("#omonat-entry")
    page.click(f"{SETTINGS} button[value=refuse]")
    expect(page.locator(PLACE)).to_have_count(2)
    expect(page.locator("img")).not_to_have_attribute("src", "/pixel")


def test_withdrawal_clears_what_is_declared_wherever_it_can_be_reached(page: Page, company: Company) -> None:
    open_shop(page, company, "/a/b/c", TRACKER)
    page.click(ACCEPT)
    page.wait_for_function("() => window.tracked")
    assert cookie_names(page) == {"_tr_root", "_tr_deep", "other", "omonat_choice"}
    page.click("#omonat-entry")
    page.click(f"{SETTINGS} button[value=refuse]")
    page.wait_for_function("() => !window.tracked && document.readyState === 'complete'")  # the page was loaded anew
    assert cookie_names(page) == {"other", "omonat_choice"}
    assert page.evaluate("[Object.keys(localStorage), Object.keys(sessionStorage)]") == [["basket"], []]
    page.wait_for_function("async () => !(await indexedDB.databases()).some(it => it.name === 'tr-events')")


SECURE = """<script>for (const it of ["__Secure-tr_deep=1; Path=/a/", "__Host-tr_one=1; Path=/",
  "__Secure-tr_wide=1; Path=/; Domain=company.test", "__Secure-tr_apart=1; Path=/; Partitioned",
  "__Host-tr_apart=1; Path=/; Partitioned", "__Host-other=1; Path=/"]) document.cookie = it + "; Secure";
window.were = document.cookie.split("; ").length;</script>"""


def test_cookies_that_are_secure_by_name_or_partitioned_go_as_well(page: Page, company: Company) -> None:
    """Over https, which is answered here for hosts that are not there; the policy names them with `*`."""

    def answer(route: Route) -> None:
        asked = urlsplit(route.request.url)
        if asked.hostname == "omonat.company.test":
            fetched = route.fetch(url=company.omonat.url + asked.path)
            text = fetched.text().replace('"c:_tr*"', '"c:__Secure-tr_*","c:__Host-tr_*"')
            route.fulfill(response=fetched, body=text)
        else:
            text = page_with_banner("https://omonat.company.test", head=SECURE)
            route.fulfill(body=text, content_type="text/html; charset=utf-8")

    page.context.route("https://*.company.test/**", answer)
    page.goto("https://shop.company.test/a/b")
    expect(page.locator(BOX)).to_be_visible()
    assert page.evaluate("window.were") == 6
    page.wait_for_function("() => document.cookie === '__Host-other=1'")


def test_google_hears_the_default_first_and_one_update_per_choice(page: Page, company: Company) -> None:
    tag = """<script type="text/plain" data-omonat="improve">gtag("config", "G-1")</script>"""
    modes = 'data-consent-mode="analytics_storage=improve ad_storage=ads"'
    open_shop(page, company, "/google", tag, tag=modes)
    page.click(ACCEPT)
    expect(page.locator("#omonat-entry")).to_be_visible()
    page.wait_for_function("() => dataLayer.length === 3")
    heard = page.evaluate("dataLayer.map(it => [...it])")
    assert [it[:2] for it in heard] == [["consent", "default"], ["consent", "update"], ["config", "G-1"]]
    default, update = heard[0][2], heard[1][2]
    assert default.pop("wait_for_update") == 500
    assert default.pop("security_storage") == "granted"
    assert set(default.values()) == {"denied"}
    assert set(default) == {"ad_storage", "ad_user_data", "ad_personalization", "analytics_storage",
                            "functionality_storage", "personalization_storage"}  # fmt: skip
    assert {name for name, word in update.items() if word == "granted"} == {"analytics_storage"}
    page.goto(page.url)
    page.wait_for_function("() => window.dataLayer && dataLayer.length === 3")


def test_without_the_attribute_google_hears_nothing(page: Page, company: Company) -> None:
    open_shop(page, company, "/no-google")
    page.click(REFUSE)
    expect(page.locator(BOX)).to_have_count(0)
    assert page.evaluate("[typeof dataLayer, typeof gtag]") == ["undefined", "undefined"]


def test_developers_get_callbacks_and_events(page: Page, company: Company) -> None:
    early = """<script>window.heard = [];
    (window.omonat = window.omonat || []).push(it => it.on(s => heard.push(["on", s.via])));
    for (const name of ["omonat:ready", "omonat:choice"]) document.addEventListener(name, e =>
      heard.push([name, e.detail.via || "", e.detail.purposes.improve, e.detail.chosen]));</script>"""
    open_shop(page, company, "/events", head=early)
    page.evaluate("omonat.on(() => { throw new Error('a listener of the site that fails') })")
    page.click(ACCEPT)
    page.wait_for_function("() => heard.some(it => it[0] === 'omonat:choice')")
    heard = [it for it in page.evaluate("heard") if it[0] != "on"]
    assert heard == [["omonat:ready", "", False, False], ["omonat:choice", "banner", True, True]]
    assert ["on", "banner"] in page.evaluate("heard")
    assert page.evaluate("omonat.permits('improve')") is True
    assert page.evaluate("omonat.permits('news')") is False


@pytest.mark.parametrize(
    ("lang", "locale", "word"),
    [("uz", "ru-RU", "Rad etaman"), ("uz-Cyrl-UZ", "en-US", "Рад этаман"), ("ru-KZ", "en-US", "Отказаться"),
     ("de", "ru-RU", "Отказаться"), ("", "en-GB", "Refuse"), ("fr", "fr-FR", "Rad etaman")],
)  # fmt: skip
def test_the_language_is_the_pages_then_the_browsers(
    open_page: OpenPage, company: Company, lang: str, locale: str, word: str
) -> None:
    page = open_page(locale=locale)
    open_shop(page, company, "/language", lang=lang)
    expect(page.locator(REFUSE)).to_have_text(word)


def test_an_ad_blocker_that_eats_the_script_leaves_a_whole_page_on_which_nothing_runs(
    page: Page, company: Company
) -> None:
    page.route("**/omonat.js", lambda route: route.abort())
    page.goto(company.page("/eaten", FRAMES + TRACKER))
    expect(page.locator("footer a")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert cookie_names(page) == set()
    assert page.evaluate("[typeof omonat, window.tracked]") == ["undefined", None]


def test_a_refusal_holds_without_a_connection_and_is_told_later(page: Page, company: Company) -> None:
    page.route("**/embed/choice", lambda route: route.abort())
    open_shop(page, company, "/offline")
    before = company.said()
    page.click(REFUSE)
    expect(page.locator(BOX)).to_have_count(0)
    assert cookie_names(page) == {"omonat_choice"}
    page.unroute("**/embed/choice")
    with page.expect_response("**/embed/choice"):
        page.goto(page.url)
    page.wait_for_function("() => !document.cookie.endsWith('.')")  # signed by now
    expect(page.locator(BOX)).to_have_count(0)
    assert company.said()[len(before) :] == [("improve", "refused", "banner:shop", "ru")]


def test_without_proof_nothing_runs_and_the_banner_says_so(page: Page, company: Company) -> None:
    page.route("**/embed/choice", lambda route: route.abort())
    open_shop(page, company, "/unproven", TRACKER)
    page.click(ACCEPT)
    expect(page.locator(f"{BOX} [role=alert]")).to_contain_text("не удалось сохранить")
    assert cookie_names(page) == set()
    page.unroute("**/embed/choice")
    page.click(ACCEPT)
    expect(page.locator(BOX)).to_have_count(0)
    page.wait_for_function("() => window.tracked")


def test_allow_and_show_without_proof_says_so_and_leaves_no_error_behind(page: Page, company: Company) -> None:
    errors: list[object] = []
    page.on("pageerror", lambda error: errors.append(error))
    page.route("**/embed/choice", lambda route: route.abort())
    company.site.put("/plan", "<p>/plan</p>")
    frame = '<iframe data-omonat="improve" data-omonat-src="/plan" title="План" height="220"></iframe>'
    open_shop(page, company, "/frame-unproven", frame)
    place = page.locator(PLACE)
    always = place.get_by_role("button", name="Разрешить и показать")
    always.click()
    expect(place.locator("[role=alert]")).to_contain_text("не удалось сохранить")
    expect(always).to_be_focused()
    page.evaluate("new Promise(done => setTimeout(done))")  # a rejection is told at the end of its task
    assert errors == []
    page.unroute("**/embed/choice")
    always.click()
    expect(page.frame_locator("iframe").locator("p")).to_have_text("/plan")


def test_a_notice_that_is_no_longer_in_force_is_asked_anew(page: Page, company: Company) -> None:
    headers = {"Access-Control-Allow-Origin": company.site.url}
    page.route("**/embed/choice", lambda route: route.fulfill(status=409, headers=headers, body="{}"))
    open_shop(page, company, "/changed", TRACKER)
    page.evaluate("window.before = true")
    page.click(ACCEPT)
    page.wait_for_function("() => !window.before")
    expect(page.locator(BOX)).to_be_visible()
    assert cookie_names(page) == set()


def test_the_keyboard_alone_is_enough(open_page: OpenPage, company: Company) -> None:
    page = open_page(locale="ru-RU")
    open_shop(page, company, "/keyboard")
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
    assert reached[1:] == ["Отказаться", "Согласиться", "Настройки cookie"]  # the link to the policy came first
    page.keyboard.press("Enter")
    expect(page.locator(SETTINGS)).to_be_focused()
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.locator(f"{SETTINGS} input")).to_be_checked()
    page.locator(f"{SETTINGS} button[value=some]").focus()
    page.keyboard.press("Enter")
    expect(page.locator(SETTINGS)).to_have_count(0)
    expect(page.locator("#omonat-entry")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(SETTINGS)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#omonat-entry")).to_be_focused()
    assert page.evaluate("omonat.permits('improve')") is True  # closing the settings later changes nothing


@pytest.fixture(scope="module")
def large_text(browser: Browser) -> Iterator[Contexts]:
    """Chromium of a reader who has set text to 200 %."""
    with launched(browser.browser_type, "--blink-settings=defaultFontSize=32") as running:
        contexts = Contexts(running)
        yield contexts
        contexts.close()


@pytest.mark.parametrize("where", ["own", "shop"])
def test_text_of_twice_the_size_fits_a_phone(large_text: Contexts, company: Company, where: str) -> None:
    page = large_text.open_page(locale="ru-RU", phone=True)
    page.goto(f"{company.omonat.url}/ru/policy" if where == "own" else company.page("/large"))
    box = page.locator("#cookie-banner" if where == "own" else BOX)
    expect(box).to_be_visible()
    assert box.evaluate("it => it.scrollWidth <= it.clientWidth")
    bounds = box.bounding_box()
    assert bounds is not None
    assert bounds["height"] < 844 * 0.75
    for word in ("refuse", "accept"):
        button = box.locator(f"button[value={word}]")
        button.focus()
        expect(button).to_be_in_viewport()
        assert button.evaluate("it => parseFloat(getComputedStyle(it).fontSize)") >= 30
        assert button.evaluate("it => it.scrollWidth <= it.clientWidth + 1")
