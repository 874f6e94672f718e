"""The banner in the HTML of a site's own server: before any script, without one, and taken over by the script."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from urllib.parse import urlencode

import flask
import httpx
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from harness.acts import cookie_names
from harness.browser import OpenPage, axe
from harness.company import Company, page_with_banner
from harness.people import forms_of
from omonat.client.sites import asgi
from omonat.client.sites import django as sites_django
from omonat.client.sites import flask as sites_flask
from omonat.client.sites.asgi import Receive, Scope, Send
from omonat.client.sites.banner import SiteBanner
from omonat.client.sites.basis import Basis
from omonat.client.sites.choice import Visitor

FORM = "application/x-www-form-urlencoded"
HTML = {"accept": "text/html", "accept-language": "ru"}


@pytest.fixture
def banner(company: Company) -> SiteBanner:
    return SiteBanner(company.omonat.url, company.site.url)


def sent(banner: SiteBanner, word: str, shown: str) -> bytes:
    (form,) = forms_of(shown)
    return "&".join(f"{name}={text}" for name, text in {**form.fields, "choice": word}.items()).encode()


def cookie_in(headers: dict[str, str]) -> str:
    return headers["set-cookie"].partition(";")[0]


def test_a_plain_form_records_the_choice_and_leads_back(company: Company, banner: SiteBanner) -> None:
    shown = banner.html(HTML, "/ru/page?x=1")
    answer = banner.answer(HTML, sent(banner, "accept", shown), "198.51.100.9")
    assert (answer.status, answer.headers["location"]) == (303, "/ru/page?x=1")
    assert company.said()[-1] == ("improve", "granted", "banner:shop", "ru")
    later = {**HTML, "cookie": cookie_in(answer.headers)}
    assert banner.html(later, "/") == ""
    refused = banner.answer(later, sent(banner, "refuse", shown), "198.51.100.9")
    assert company.said()[-1] == ("improve", "withdrawn", "banner:shop", "ru")  # the same visitor
    assert cookie_in(refused.headers).startswith("omonat_choice=")


def test_the_signal_is_an_answer_and_other_sites_send_nothing(company: Company, banner: SiteBanner) -> None:
    shown = banner.html(HTML, "/")
    assert banner.html({**HTML, "sec-gpc": "1"}, "/") == ""
    before = company.said()
    foreign = {**HTML, "sec-fetch-site": "cross-site"}
    assert banner.answer(foreign, sent(banner, "accept", shown), "").status == 403
    assert banner.answer(HTML, "choice=принять".encode(), "").status == 400
    assert "set-cookie" not in banner.answer(HTML, b"choice=maybe&back=//evil.example", "").headers
    assert banner.answer(HTML, b"choice=maybe&back=//evil.example", "").headers["location"] == "/"
    assert company.said() == before


def test_without_omonat_nothing_is_asked_and_a_refusal_still_holds(company: Company, banner: SiteBanner) -> None:
    assert SiteBanner("http://localhost:1", company.site.url).html(HTML, "/") == ""
    shown = banner.html(HTML, "/")
    banner._client.base_url = "http://localhost:1"  # type: ignore[assignment]  # httpx takes text
    refused = banner.answer(HTML, sent(banner, "refuse", shown), "")
    assert cookie_in(refused.headers).endswith(".")  # not signed yet
    later = {**HTML, "cookie": cookie_in(refused.headers)}
    assert SiteBanner(company.omonat.url, company.site.url).html(later, "/") == ""
    visitor = Visitor(later, Basis(company.omonat.url))
    assert (visitor.untold(), visitor.signed(), visitor.permits("improve")) == ({"improve": False}, "", False)
    again = SiteBanner(company.omonat.url, company.site.url)
    accepting = sent(again, "accept", again.html(HTML, "/"))
    again._client.base_url = "http://localhost:1"  # type: ignore[assignment]  # httpx takes text
    assert "set-cookie" not in again.answer(HTML, accepting, "").headers


async def home(scope: Scope, receive: Receive, send: Send) -> None:
    """A page of an ASGI site with its banner."""
    text = f"<p>Home</p>{scope['state']['omonat_banner']('n-1')}"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": text.encode()})


async def _walk(app: asgi.OmonatBanner) -> None:
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type]  # our types of ASGI are plainer
    async with httpx.AsyncClient(transport=transport, base_url="http://shop.test") as client:
        shown = (await client.get("/", headers=HTML)).text
        assert '<style nonce="n-1">' in shown
        (form,) = forms_of(shown)
        answer = await client.post(form.action, data={**form.fields, "choice": "refuse"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        later = await client.get("/", headers={**HTML, "cookie": cookie_in(dict(answer.headers))})
        assert later.text == "<p>Home</p>"


def test_an_asgi_site_gets_it_by_one_line(company: Company) -> None:
    app = asgi.OmonatBanner(home, base_url=company.omonat.url, origin=company.site.url)
    with ThreadPoolExecutor(1) as apart:  # Playwright has a loop of its own in this thread
        apart.submit(asyncio.run, _walk(app)).result()
    assert company.said()[-1] == ("improve", "refused", "banner:shop", "ru")


def test_a_flask_site_gets_it_by_one_line(company: Company) -> None:
    app = flask.Flask("shop")
    sites_flask.OmonatBanner(app, base_url=company.omonat.url, origin=company.site.url)
    app.get("/")(lambda: f"<p>Home</p>{flask.g.omonat_banner('n-2')}")
    client = app.test_client()
    shown = client.get("/?x=1", headers=HTML).text
    assert '<style nonce="n-2">' in shown
    (form,) = forms_of(shown)
    answer = client.post(form.action, data={**form.fields, "choice": "refuse"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/?x=1")
    assert client.get("/", headers=HTML).text == "<p>Home</p>"  # the client keeps the cookie
    assert company.said()[-1] == ("improve", "refused", "banner:shop", "ru")


def test_a_django_site_gets_it_by_one_line(company: Company) -> None:
    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"])
    settings.OMONAT = {"base_url": company.omonat.url, "origin": company.site.url}
    site = sites_django.OmonatBanner(lambda asked: HttpResponse(f"<p>Home</p>{asked.omonat_banner()}"))
    factory = RequestFactory()
    named = {"HTTP_ACCEPT_LANGUAGE": "ru"}
    (form,) = forms_of(site(factory.get("/p", **named)).content.decode())
    answer = site(factory.post(form.action, urlencode({**form.fields, "choice": "refuse"}), FORM, **named))
    assert (answer.status_code, answer.headers["location"]) == (303, "/p")
    again = factory.get("/p", **named, HTTP_COOKIE=cookie_in({"set-cookie": answer.headers["set-cookie"]}))
    assert site(again).content == b"<p>Home</p>"


def test_the_page_says_its_language_before_the_browser_does(banner: SiteBanner) -> None:
    fixed = SiteBanner(banner._base, banner._origin, language="uz-Cyrl")
    for page, language in (("en-US", "en"), ("uz", "uz-Latn"), ("", "ru"), ("de", "ru")):
        (form,) = forms_of(shown := banner.html(HTML, "/", language=page))
        assert form.fields["language"] == language
        assert f' lang="{language}" dir="ltr">' in shown
        assert f'lang="{language if page in ("en-US", "uz") else "uz-Cyrl"}"' in fixed.html(HTML, "/", language=page)


def test_once_warm_nothing_is_asked_in_any_language(banner: SiteBanner) -> None:
    banner.warm(HTML)
    banner._client.base_url = "http://localhost:1"  # type: ignore[assignment]  # httpx takes text
    assert all(banner.html(HTML, "/", language=page) for page in ("en", "ru", "uz", "uz-Cyrl"))


@pytest.fixture
def included(company: Company, banner: SiteBanner) -> Iterator[str]:
    text = page_with_banner(company.omonat.url).replace("</body>", f"{banner.html(HTML, '/included')}</body>")
    yield company.site.put("/included", text)


@pytest.mark.parametrize("scripted", [True, False], ids=["script", "no-script"])
def test_it_is_there_without_a_script_and_the_script_takes_it_over(
    company: Company, included: str, open_page: OpenPage, scripted: bool
) -> None:
    page = open_page(locale="ru-RU", phone=True, java_script_enabled=scripted)
    page.goto(included)
    expect(page.locator("#omonat-banner")).to_have_count(1)
    looks = [page.locator(f"#omonat-banner button[value={word}]").bounding_box() for word in ("refuse", "accept")]
    assert looks[0] and looks[1]
    assert abs(looks[0]["width"] - looks[1]["width"]) <= 1
    assert looks[0]["height"] >= 44
    if not scripted:
        return  # where its form goes is tested above
    page.wait_for_function("() => document.documentElement.classList.contains('omonat-asks')")
    assert axe(page) == []
    page.click("#omonat-banner button[value=accept]")
    expect(page.locator("#omonat-banner")).to_have_count(0)
    assert page.url == included
    assert cookie_names(page) == {"omonat_choice"}
    page.goto(included)  # an old copy with the banner in it
    expect(page.locator("#omonat-entry")).to_be_visible()
    expect(page.locator("#omonat-banner")).to_have_count(0)


BOX = "#omonat-banner"
ACCEPT, REFUSE = f"{BOX} button[value=accept]", f"{BOX} button[value=refuse]"
TEXTS = """SELECT consent_event.action, consent_event.language, shown_text.text FROM consent_event
JOIN shown_text ON shown_text.hash = consent_event.text_hash WHERE channel = 'web' ORDER BY at, consent_event.rowid"""


def open_included(page: Page, company: Company, path: str, html: str) -> None:
    """An English page with this banner in it, which the script has taken over."""
    text = page_with_banner(company.omonat.url, lang="en").replace("</body>", f"{html}</body>")
    page.goto(company.site.put(path, text))
    page.wait_for_function("() => document.documentElement.classList.contains('omonat-asks')")


@pytest.mark.parametrize(("word", "action"), [("accept", "granted"), ("refuse", "refused"), ("Escape", "refused")])
def test_on_a_page_in_another_language_the_text_that_was_shown_is_recorded(
    company: Company, banner: SiteBanner, open_page: OpenPage, word: str, action: str
) -> None:
    page = open_page(locale="ru-RU")
    open_included(page, company, "/other-language", banner.html(HTML, "/"))
    expect(page.locator(ACCEPT)).to_have_text("Согласиться")
    shown = page.locator(f"{BOX} p").inner_text()
    with page.expect_response("**/embed/choice") as answered:
        page.locator(ACCEPT).press("Escape") if word == "Escape" else page.click(f"{BOX} button[value={word}]")
    assert answered.value.status == 200
    assert company.installation.rows(TEXTS)[-1] == (action, "ru", shown)


def test_a_refusal_that_is_told_later_keeps_the_text_that_was_shown(
    company: Company, banner: SiteBanner, open_page: OpenPage
) -> None:
    page = open_page(locale="ru-RU")
    page.route("**/embed/choice", lambda route: route.abort())
    open_included(page, company, "/told-later", banner.html(HTML, "/"))
    (form,) = forms_of(banner.html(HTML, "/"))
    page.click(REFUSE)
    expect(page.locator(BOX)).to_have_count(0)
    page.unroute("**/embed/choice")
    with page.expect_request("**/embed/choice") as told, page.expect_response("**/embed/choice"):
        page.goto(page.url)
    assert told.value.post_data_json.items() >= {"language": "ru", "text": form.fields["text"]}.items()
    assert company.said()[-1] == ("improve", "refused", "banner:shop", "ru")


def test_a_yes_to_an_old_text_is_not_recorded_and_the_text_in_force_is_asked(
    company: Company, banner: SiteBanner, open_page: OpenPage
) -> None:
    page = open_page(locale="ru-RU")
    html = banner.html(HTML, "/")
    (form,) = forms_of(html)
    open_included(page, company, "/old", html.replace(form.fields["text"], sha256(b"an older notice").hexdigest()))
    before = company.said()
    with page.expect_response("**/embed/choice") as answered:
        page.click(ACCEPT)
    assert answered.value.status == 409
    expect(page.locator(f"{BOX} h2")).to_have_text("Your choice about cookies")  # the script's own, in its place
    expect(page.locator(BOX)).to_be_focused()
    assert company.said() == before
    assert cookie_names(page) == set()
    page.click(ACCEPT)
    expect(page.locator(BOX)).to_have_count(0)
    assert company.said()[len(before) :] == [("improve", "granted", "banner:shop", "en")]


def test_an_old_text_of_page_and_script_is_asked_anew(
    company: Company, banner: SiteBanner, open_page: OpenPage
) -> None:
    page = open_page(locale="ru-RU")
    headers = {"Access-Control-Allow-Origin": company.site.url}
    page.route("**/embed/choice", lambda route: route.fulfill(status=409, headers=headers, body="{}"))
    open_included(page, company, "/both-old", banner.html(HTML, "/"))
    page.evaluate("window.before = true")
    page.click(ACCEPT)
    page.wait_for_function("() => !window.before")  # the script was fetched, and the page with it
    expect(page.locator(BOX)).to_be_visible()
    assert cookie_names(page) == set()


def test_a_refusal_that_the_sites_server_could_not_tell_is_told_by_the_script(
    company: Company, banner: SiteBanner, open_page: OpenPage
) -> None:
    shown = banner.html(HTML, "/")
    banner._client.base_url = "http://localhost:1"  # type: ignore[assignment]  # httpx takes text
    cookie = banner.answer(HTML, sent(banner, "refuse", shown), "").headers["set-cookie"]
    page, before = open_page(locale="ru-RU"), len(company.said())
    with page.expect_response("**/embed/choice") as told:
        page.goto(company.site.put("/untold", page_with_banner(company.omonat.url), Set_Cookie=cookie))
    assert told.value.status == 200
    page.wait_for_function("() => !document.cookie.endsWith('.')")
    expect(page.locator(BOX)).to_have_count(0)
    assert company.said()[before:] == [("improve", "refused", "banner:shop", "ru")]
