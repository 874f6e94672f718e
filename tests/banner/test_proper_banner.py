"""The 18 points of a proper banner, each by its name: on our own pages (`own`), on another site by a tag (`shop`)."""

import base64
import json
import re
from hashlib import sha256, sha384
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect

import omonat.web.embed.content
from harness.acts import cookie_names, stored_items
from harness.browser import OpenPage, axe
from harness.company import Company
from harness.people import Visitor

RECIPIENT = "дата-центр, в котором стоят серверы"
CSS = Path(omonat.web.embed.content.__file__).parent / "source"


class Place(NamedTuple):
    """Where the banner is: its address, its box, the box of the settings and the cookie that keeps the choice."""

    name: str
    url: str
    box: str
    settings: str
    cookie: str
    company: Company

    def open(self, page: Page) -> Page:
        page.goto(self.url)
        expect(page.locator(self.box)).to_be_visible()
        return page

    def press(self, page: Page, word: str) -> None:
        """One click in the first layer, and what follows from it."""
        with page.expect_response(lambda answer: answer.request.method == "POST") as sent:
            page.click(f"{self.box} button[value={word}]")
        assert sent.value.status in (200, 303)
        expect(page.locator(self.box)).to_have_count(0)
        page.wait_for_function("() => document.readyState === 'complete'")

    def open_settings(self, page: Page) -> Locator:
        """From the banner or from the permanent entry: one click."""
        banner = page.locator(f"{self.box} .omonat-more, {self.box} a.banner-more")
        entry = page.locator("#omonat-entry, footer a[href='/ru/cookies']")
        (banner if banner.count() else entry.first).click()
        shown = page.locator(self.settings)
        expect(shown.locator("button[value=some]")).to_be_visible()
        return shown


@pytest.fixture(params=["own", "shop"])
def place(request: pytest.FixtureRequest, company: Company) -> Place:
    if request.param == "own":
        return Place(
            "own", f"{company.omonat.url}/ru/policy", "#cookie-banner", "main", "__Host-omonat_choice", company
        )
    return shop_of(company)


def shop_of(company: Company) -> Place:
    body = '<p><a href="/about">Далее</a></p>'
    return Place("shop", company.page("/", body), "#omonat-banner", "#omonat-settings", "omonat_choice", company)


@pytest.fixture
def shop(company: Company) -> Place:
    return shop_of(company)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    return open_page(locale="ru-RU", phone=True)


def cookie_of(page: Page, name: str) -> dict[str, Any]:
    return next(dict(it) for it in page.context.cookies() if it["name"] == name)


def payload(cookie: dict[str, Any]) -> dict[str, Any]:
    text = str(cookie["value"]).partition(".")[0]
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return read


def test_point_01_nothing_is_stored_or_sent_before_a_choice(place: Place, page: Page) -> None:
    sent: list[tuple[str, str]] = []
    page.on("request", lambda it: sent.append((it.method, it.url)))
    place.open(page)
    page.wait_for_load_state("networkidle")
    assert cookie_names(page) == set()
    assert stored_items(page) == 0
    assert {method for method, _ in sent} == {"GET"}
    ours = [url.removeprefix(place.company.omonat.url) for _, url in sent if url.startswith(place.company.omonat.url)]
    others = [url for _, url in sent if not url.startswith((place.company.omonat.url, place.company.site.url))]
    assert others == []
    assert place.name == "own" or ours == ["/omonat.js"]


def test_point_02_refuse_is_in_the_first_layer_as_large_and_as_near_as_accept(place: Place, page: Page) -> None:
    place.open(page)
    looks = page.locator(f"{place.box} button[name=choice]").evaluate_all(
        """all => all.map(it => { const s = getComputedStyle(it), r = it.getBoundingClientRect();
        return [it.value, it.tagName, it.tabIndex, s.fontSize, s.fontWeight, s.fontFamily, s.color, s.backgroundColor,
                s.borderColor, s.opacity, s.textTransform, Math.round(r.width), Math.round(r.height)] })"""
    )
    (refuse, accept) = looks
    assert (refuse[0], accept[0]) == ("refuse", "accept")  # in this order, so never later by Tab
    assert refuse[1:11] == accept[1:11]
    assert abs(refuse[11] - accept[11]) <= 1
    assert abs(refuse[12] - accept[12]) <= 1
    place.press(page, "refuse")


def test_point_03_both_are_real_buttons_with_short_plain_words(place: Place, page: Page) -> None:
    place.open(page)
    box = page.locator(place.box)
    for word in ("Отказаться", "Согласиться"):
        button = box.get_by_role("button", name=word, exact=True)
        expect(button).to_be_enabled()
        assert button.evaluate("it => it.tagName") == "BUTTON"


def test_point_04_nothing_is_ticked_and_closing_is_refusing(place: Place, page: Page) -> None:
    page.clock.install()
    place.open(page)
    page.mouse.wheel(0, 700)
    page.clock.fast_forward(600_000)
    expect(page.locator(place.box)).to_be_visible()
    assert cookie_names(page) == set()  # neither scrolling nor waiting is a consent
    before = len(place.company.said())
    page.focus(f"{place.box} button[value=accept]")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Escape")
    expect(page.locator(place.box)).to_have_count(0)
    assert [row[:2] for row in place.company.said()[before:]] == [("improve", "refused")]
    settings = place.open_settings(page)
    assert settings.locator("input[type=checkbox]:checked").count() == 0


def test_point_05_purpose_by_purpose_with_named_recipients_one_click_away(place: Place, page: Page) -> None:
    place.open(page)
    settings = place.open_settings(page)
    expect(settings).to_contain_text(RECIPIENT)
    box = settings.get_by_role("checkbox")
    expect(box).to_have_count(1)
    expect(box).to_have_accessible_name(_has("Улучшение работы сайта"))
    box.check()
    before = len(place.company.said())
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        settings.locator("button[value=some]").click()
    page.wait_for_function("name => name.startsWith('__') || document.cookie.includes(name)", arg=place.cookie)
    assert [row[:2] for row in place.company.said()[before:]] == [("improve", "granted")]


def _has(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text))


def test_point_06_no_second_list_of_legitimate_interests(place: Place, page: Page) -> None:
    place.open(page)
    settings = place.open_settings(page)
    text = settings.inner_text().lower()
    assert not [
        word for word in ("законн", "legitimate", "qonuniy manfaat") if f"{word} интерес" in text or word in text
    ]
    optional = {
        key for key, it in Visitor(place.company.omonat).get("/policy.json").json()["purposes"].items()
        if it["grounds"] == ["consent"] and it["optional"] and not it["channels"]
    }  # fmt: skip
    assert settings.locator("input[type=checkbox]").count() == len(optional)


def test_point_07_withdrawing_takes_two_clicks_and_takes_everything_back(place: Place, page: Page) -> None:
    if place.name == "shop":
        place = place._replace(url=place.company.page("/tracked", TRACKER))
    place.open(page)
    place.press(page, "accept")
    if place.name == "shop":
        page.wait_for_function("() => document.cookie.includes('_tr_id')")
    else:
        assert "omonat_visit" in cookie_names(page)
    before = len(place.company.said())
    settings = place.open_settings(page)  # the first click
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        settings.locator("button[value=refuse]").click()  # the second
    page.wait_for_function("() => window.ran === undefined && document.readyState === 'complete'")
    assert [row[:2] for row in place.company.said()[before:]] == [("improve", "withdrawn")]
    page.goto(place.url)
    expect(page.locator("#omonat-entry, footer a[href='/ru/cookies']").first).to_be_visible()
    assert cookie_names(page) == {place.cookie}
    assert stored_items(page) == 0
    assert page.evaluate("window.ran") is None


TRACKER = """<script type="text/plain" data-omonat="improve">
window.ran = true; document.cookie = "_tr_id=1; Path=/";
localStorage.setItem("tr.path", "1"); sessionStorage.setItem("tr1", "1");
</script>"""


def test_point_08_a_refusal_is_remembered_as_long_as_a_consent(place: Place, open_page: OpenPage) -> None:
    days = []
    for word in ("refuse", "accept"):
        page = place.open(open_page(locale="ru-RU"))
        place.press(page, word)
        kept = cookie_of(page, place.cookie)
        days.append(round((kept["expires"] - page.evaluate("Date.now() / 1000")) / 86_400))
        page.goto(place.url)
        expect(page.locator("footer")).to_be_visible()
        expect(page.locator(place.box)).to_have_count(0)
    assert days == [180, 180]
    if place.name == "shop":
        _asked_again_only_for_a_reason(place, page, kept)


def _asked_again_only_for_a_reason(place: Place, page: Page, kept: dict[str, Any]) -> None:
    """By what the choice rests on, and by its age; never by the number of the version alone."""
    for change, asked in (
        ({"policy_number": "9.9"}, False), ({"basis": "another"}, True), ({"at": "2020-01-01T00:00:00Z"}, True),
    ):  # fmt: skip
        text = base64.urlsafe_b64encode(json.dumps(payload(kept) | change).encode()).decode().rstrip("=")
        page.context.add_cookies([{"name": place.cookie, "value": f"{text}.signed", "url": place.company.site.url}])
        page.goto(place.url)
        expect(page.locator(place.box if asked else "#omonat-entry")).to_be_visible()


def test_point_09_the_choice_is_proven_by_who_when_which_text_and_where(place: Place, page: Page) -> None:
    place.open(page)
    shown = page.locator(f"{place.box} p").first.inner_text()
    place.press(page, "accept")
    visitor = payload(cookie_of(page, place.cookie))["visitor_id"].replace("-", "")
    ((at, number, policy, language, text, action, via, event),) = place.company.installation.rows(
        "SELECT at, policy_number, policy_hash, language, text_hash, action, via, event_id FROM consent_event"
        " WHERE subject_id = ?", visitor,
    )  # fmt: skip
    assert at
    assert (number, language, action) == ("3.3", "ru", "granted")
    assert via == ("banner" if place.name == "own" else "banner:shop")
    assert text == sha256(shown.encode()).hexdigest()
    assert place.company.installation.rows("SELECT text FROM shown_text WHERE hash = ?", text) == [(shown,)]
    assert place.company.installation.rows("SELECT kind FROM ledger_event WHERE event_id = ?", event) == [
        ("consent_granted",)
    ]
    assert policy == Visitor(place.company.omonat).get("/policy.json").json()["hash"].removeprefix("sha256:")


def test_point_10_the_page_stays_usable(place: Place, page: Page) -> None:
    place.open(page)
    assert page.locator(place.box).get_attribute("aria-modal") == "false"
    page.mouse.move(150, 150)
    page.mouse.wheel(0, 900)
    page.wait_for_function("() => document.scrollingElement.scrollTop > 100")
    page.evaluate("scrollTo(0, 0)")
    link = page.locator("main a[href='/about'], .languages a[lang=en]").first
    link.click()
    page.wait_for_url(lambda url: url != place.url)


def test_point_11_necessary_cookies_are_listed_and_have_no_switch(place: Place, page: Page) -> None:
    place.open(page)
    settings = place.open_settings(page)
    row = settings.locator("li, tr", has_text=place.cookie).first
    expect(row).to_be_visible()
    assert row.locator("input, button").count() == 0
    assert settings.locator("input[disabled]").count() == 0


def test_point_12_the_signal_of_the_browser_is_a_refusal(place: Place, open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU", extra_http_headers={"Sec-GPC": "1"})
    page.add_init_script("Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})")
    for _ in range(2):
        page.goto(place.url)
        expect(page.locator("#omonat-entry, footer a[href='/ru/cookies']").first).to_be_visible()
        expect(page.locator(place.box)).to_have_count(0)
    assert cookie_names(page) == set()
    settings = place.open_settings(page)
    expect(settings).to_contain_text("Global Privacy Control")
    settings.get_by_role("checkbox").check()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        settings.locator("button[value=some]").click()
    page.wait_for_function("name => name.startsWith('__') || document.cookie.includes(name)", arg=place.cookie)
    assert payload(cookie_of(page, place.cookie))["gpc"] is True
    via = "settings" if place.name == "own" else "settings:shop"
    assert place.company.said()[-1] == ("improve", "granted", f"{via}+gpc", "ru")
    support = Visitor(place.company.omonat).get("/.well-known/gpc.json")
    assert support.json()["gpc"] is True
    assert "Sec-GPC" in Visitor(place.company.omonat).get("/policy").headers["vary"]


def test_point_13_everybody_can_read_and_reach_it(place: Place, open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU", viewport={"width": 320, "height": 640}, color_scheme="dark")
    place.open(page)
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    sizes = page.locator(f"{place.box} button").evaluate_all(
        "all => all.map(it => it.getBoundingClientRect()).map(it => Math.min(it.width, it.height))"
    )
    assert min(sizes) >= 44
    link = page.locator("footer a").last
    link.focus()
    page.wait_for_function(_UNCOVERED, arg="footer a")
    settings = place.open_settings(page)
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    assert settings.evaluate("it => it.scrollWidth <= it.clientWidth")


_UNCOVERED = """selector => {
const it = [...document.querySelectorAll(selector)].pop(), r = it.getBoundingClientRect();
const top = document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2);
return top && (it === top || it.contains(top)); }"""


@pytest.mark.parametrize(
    ("code", "word"), [("uz-Latn", "Rad etaman"), ("uz-Cyrl", "Рад этаман"), ("ru", "Отказаться"), ("en", "Refuse")]
)
def test_point_14_language_and_direction_are_right(place: Place, open_page: OpenPage, code: str, word: str) -> None:
    page = open_page(locale="de-DE")
    other = place.company.page("/lang", lang=code) if place.name == "shop" else place.url.replace("/ru/", f"/{code}/")
    page.goto(other)
    box = page.locator(place.box)
    expect(box.locator("button[value=refuse]")).to_have_text(word)
    said = box.evaluate("it => [it.closest('[lang]').lang, getComputedStyle(it).direction]")
    assert said == [code, "ltr"]
    sheets = [*CSS.glob("*.css"), CSS.parents[1] / "static" / "omonat.css"]
    physical = [f"{edge}-{side}" for edge in ("margin", "padding", "border") for side in ("left", "right")]
    assert not [name for path in sheets for name in physical if name in path.read_text("utf-8")]


def test_point_15_without_javascript_nothing_runs_and_a_plain_form_works(place: Place, open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU", java_script_enabled=False)
    if place.name == "own":
        page.goto(place.url)
        page.click(f"{place.box} button[value=refuse]")
        expect(page.locator(place.box)).to_have_count(0)
    else:
        link = f'<a href="{place.company.omonat.url}/ru/cookies" data-omonat-open>Настройки cookie</a>'
        pixel = '<img data-omonat="improve" data-omonat-src="/pixel-15" alt="">'
        page.goto(place.company.page("/plain", f"{link}{pixel}{TRACKER}"))
        assert cookie_names(page) == set()
        assert "/pixel-15" not in place.company.site.asked
        page.click("[data-omonat-open]")
        page.click("main button[value=refuse]")
        expect(page.locator("[role=status]")).to_be_visible()
    assert cookie_names(page) == {"__Host-omonat_choice"}


def test_point_16_an_extension_can_find_and_press_it(place: Place, page: Page) -> None:
    place.open(page)
    pressed = page.evaluate(
        """() => { const found = [...document.querySelectorAll('body [role=dialog]')].filter(it =>
        getComputedStyle(it).position === 'fixed' && /cookie/i.test(it.textContent));
        const all = [...found[0].querySelectorAll('button')];
        const button = all.find(it => /отказаться|reject|refuse/i.test(it.textContent));
        const many = found.length; button.click(); return [many, button.tagName]; }"""
    )
    assert pressed == [1, "BUTTON"]
    expect(page.locator(place.box)).to_have_count(0)
    page.wait_for_function("() => !document.querySelector('[role=dialog]')")


def test_point_17_a_strict_policy_of_the_page_is_not_violated(place: Place, open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU")
    page.add_init_script(
        "window.broken = []; addEventListener('securitypolicyviolation', it => broken.push(it.violatedDirective))"
    )
    if place.name == "shop":
        omonat = place.company.omonat.url
        page_text = place.company.page("/strict", INLINE, tag='nonce="n-17"')
        strict = f"default-src 'none'; script-src 'nonce-n-17'; connect-src {omonat}; base-uri 'none'"
        answer = place.company.site.pages["/strict"]
        place.company.site.put("/strict", answer.body, Content_Security_Policy=strict)
        place = place._replace(url=page_text)
    place.open(page)
    settings = place.open_settings(page)
    with page.expect_response(lambda sent: sent.request.method == "POST"):
        settings.locator("button[value=accept]").click()
    if place.name == "shop":
        page.wait_for_function("() => window.inline === 'n-17'")
        background = page.locator("#omonat-entry").evaluate("it => getComputedStyle(it).position")
        assert background == "fixed"  # the style is there
    assert page.evaluate("broken") == []


INLINE = (
    '<script type="text/plain" data-omonat="improve" nonce="n-17">window.inline = document.currentScript.nonce</script>'
)


def test_point_18_scripts_are_revived_once_each_in_order_with_nonce_and_integrity(shop: Place, page: Page) -> None:
    site = shop.company.site
    second = "order.push(2); window.nonce2 = document.currentScript.nonce;"
    digest = base64.b64encode(sha384(second.encode()).digest()).decode()
    site.put_script("/second.js", second)
    site.put_script("/forged.js", "order.push('forged')")
    site.put_script("/seventh.js", "order.push(7)")
    marked = 'type="text/plain" data-omonat="improve"'
    body = f"""<script>window.order = []</script>
<script {marked}>order.push(1)</script>
<script {marked} src="/second.js" nonce="abc" integrity="sha384-{digest}" crossorigin="anonymous"></script>
<script {marked}>order.push(3)</script>
<script {marked} src="/missing.js"></script>
<script {marked}>order.push(4); throw new Error("one that fails")</script>
<script {marked} src="/forged.js" integrity="sha384-{digest}" crossorigin="anonymous"></script>
<script {marked} data-omonat-type="module">order.push(5)</script>
<script {marked}>order.push(6)</script>
<script {marked} data-omonat-src="/seventh.js"></script>"""
    page.goto(shop.company.page("/scripts", body))
    expect(page.locator(shop.box)).to_be_visible()
    assert page.evaluate("order") == []
    shop.press(page, "accept")
    page.wait_for_function("() => order.includes(7) && order.includes(5)")
    page.evaluate("omonat.refresh()")
    assert [it for it in page.evaluate("order") if it != 5] == [1, 2, 3, 4, 6, 7]  # a module runs when it is ready
    assert page.evaluate("order").count(5) == 1
    assert page.evaluate("nonce2") == "abc"
