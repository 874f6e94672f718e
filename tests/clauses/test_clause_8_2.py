"""8.2 settings: banner and settings page, refusing as easy as accepting, nothing before a choice, GPC honoured."""

import base64
import json

import pytest

from harness.acts import cookie_names
from harness.browser import OpenPage
from harness.people import Visitor
from harness.server import Server


def _visitor_id(cookie: str) -> str:
    value = cookie.partition(".")[0]
    choice = json.loads(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)))
    return str(choice["visitor_id"]).replace("-", "")


def _said(server: Server, cookie: str) -> list[tuple[str, ...]]:
    statement = "SELECT purpose, action, via, language FROM consent_event WHERE subject_id = ? ORDER BY at"
    return server.installation.rows(statement, _visitor_id(cookie))


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_refusing_is_as_easy_as_accepting(
    shared_server: Server, open_page: OpenPage, scripted: bool, phone: bool
) -> None:
    page = open_page(phone=phone, java_script_enabled=scripted)
    page.goto(f"{shared_server.url}/uz-Latn/policy")
    assert cookie_names(page) == set()
    refuse, accept = (page.locator(f"#cookie-banner button[value={word}]") for word in ("refuse", "accept"))
    assert refuse.get_attribute("class") == accept.get_attribute("class")
    assert abs((refuse.bounding_box() or {})["height"] - (accept.bounding_box() or {})["height"]) < 1
    assert refuse.evaluate(_LOOK) == accept.evaluate(_LOOK)
    refuse.click()
    assert page.url.endswith("/uz-Latn/policy")
    assert cookie_names(page) == {"__Host-omonat_choice"}
    assert not page.is_visible("#cookie-banner")
    page.goto(f"{shared_server.url}/uz-Latn/contact")
    assert not page.is_visible("#cookie-banner")


_LOOK = "it => { const s = getComputedStyle(it); return [s.color, s.backgroundColor, s.fontSize, s.fontWeight] }"


def test_the_choice_is_kept_with_its_exact_text_and_can_be_changed(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page(locale="ru-RU")
    page.goto(f"{shared_server.url}/ru/policy")
    page.click("#cookie-banner button[value=accept]")
    page.click("footer a[href='/ru/cookies']")
    assert page.is_checked("#purpose_improve")
    page.uncheck("#purpose_improve")
    page.click("main button[value=some]")
    page.wait_for_url("**/cookies?saved=yes")
    assert not page.is_checked("#purpose_improve")
    (cookie,) = [str(it["value"]) for it in page.context.cookies() if it["name"] == "__Host-omonat_choice"]
    assert _said(shared_server, cookie) == [
        ("improve", "granted", "banner", "ru"), ("improve", "withdrawn", "settings", "ru"),
    ]  # fmt: skip


def test_global_privacy_control_is_a_refusal(shared_server: Server, open_page: OpenPage) -> None:
    page = open_page(extra_http_headers={"Sec-GPC": "1"}, phone=True)
    for path in ("/", "/policy", "/contact"):
        page.goto(f"{shared_server.url}/uz-Latn{path}")
        assert page.locator("#cookie-banner").count() == 0
    assert cookie_names(page) == set()
    page.goto(f"{shared_server.url}/en/cookies")
    assert "Global Privacy Control" in page.inner_text("main")


def test_the_signal_outweighs_an_older_choice_and_a_later_word_outweighs_it(shared_server: Server) -> None:
    visitor = Visitor(shared_server)
    visitor.send("/cookies", choice="accept")
    visitor.get("/policy")
    assert "omonat_visit" in visitor.cookies
    signalling = Visitor(shared_server, headers={"Sec-GPC": "1"})
    signalling.cookies = dict(visitor.cookies)
    signalling.get("/policy")
    assert "omonat_visit" not in signalling.cookies
    signalling.send("/cookies", choice="accept")
    signalling.get("/policy")
    assert "omonat_visit" in signalling.cookies
    said = _said(shared_server, signalling.cookies["__Host-omonat_choice"])
    assert said[-1][2] == "settings+gpc"


@pytest.mark.parametrize("value", ["0", "true", "1, 1", ""])
def test_only_exactly_1_is_the_signal(shared_server: Server, value: str) -> None:
    visitor = Visitor(shared_server, headers={"Sec-GPC": value})
    assert 'id="cookie-banner"' in visitor.get("/policy").text


def test_the_support_of_the_signal_is_published(shared_server: Server) -> None:
    answer = Visitor(shared_server).get("/.well-known/gpc.json")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["gpc"] is True
    assert "Sec-GPC" in Visitor(shared_server).get("/policy").headers["vary"]
