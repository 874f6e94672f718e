"""8.1 cookies: declared ones only, analysis with consent only, and real counts for the staff."""

import time
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from harness.acts import cookie_names, fill, press_send, send_form, sign_in
from harness.browser import OpenPage
from harness.installation import in_days
from harness.people import Visitor, invent
from harness.server import Server

PATIENCE = 60


def _declared(server: Server) -> dict[str, object]:
    found: dict[str, object] = Visitor(server).get("/policy.json").json()["cookies"]
    names = found if isinstance(found, dict) else {cookie["name"]: cookie for cookie in found}
    return dict(names)


def test_the_site_sets_declared_cookies_and_no_other(shared_server: Server, open_page: OpenPage) -> None:
    page, person = open_page(), invent()
    foreign: list[str] = []
    page.on("request", lambda request: foreign.append(request.url))
    page.goto(f"{shared_server.url}/uz-Latn/")
    page.click("#cookie-banner button[value=accept]")
    send_form(page, shared_server, "callback", {"name": person.name, "phone": person.phone})
    sign_in(page, shared_server, person.phone)
    names = cookie_names(page)
    assert names == set(_declared(shared_server)) - {"__Host-omonat_staff"}  # the staff's, never a visitor's
    assert len(names) == 4
    for cookie in page.context.cookies():
        assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, True, "Lax")
    assert {url.split("/")[2] for url in foreign} == {shared_server.url.split("/")[2]}
    page.goto(f"{shared_server.url}/en/cookies")
    assert all(name in page.inner_text("main table") for name in names)


def _kept(server: Server) -> list[tuple[Any, ...]]:
    """Every row of visits, in the order in which its visitor went."""
    return server.installation.rows(
        "SELECT kind, page, form, language, device, source FROM visit_event ORDER BY subject_id, day, number"
    )


def _eventually(server: Server, rows: int) -> list[tuple[Any, ...]]:
    """The rows, once there are so many: they are kept behind the answer."""
    until = time.monotonic() + PATIENCE
    while len(found := _kept(server)) != rows:
        assert time.monotonic() < until, found
        time.sleep(0.05)
    return found


def _asked(page: Page) -> list[str]:
    """Paths that the page asks for from now on."""
    paths: list[str] = []
    page.on("request", lambda request: paths.append(urlsplit(request.url).path))
    return paths


def test_visits_are_counted_with_consent_and_shown_to_the_staff(server: Server, open_page: OpenPage) -> None:
    agrees, refuses, silent = open_page(phone=True, is_mobile=True, user_agent=_PHONE), open_page(), open_page()
    signals = open_page(extra_http_headers={"Sec-GPC": "1"})
    asked = [_asked(page) for page in (refuses, silent, signals)]
    for page, choice in ((agrees, "accept"), (refuses, "refuse"), (silent, ""), (signals, "")):
        page.goto(f"{server.url}/uz-Latn/policy", referer="https://www.google.com/" if page is agrees else "")
        if choice:
            page.click(f"#cookie-banner button[value={choice}]")
            expect(page.locator("#cookie-banner")).to_have_count(0)
        for path in ("/policy", "/contact", "/order"):
            page.goto(f"{server.url}/uz-Latn{path}")
        page.fill("main #name", "Aziza")
    _eventually(server, 5)  # four pages, and one form begun
    summary = server.installation.json("stats")
    (day,) = summary["days"]
    assert (day["visitors"], day["views"]) == (1, 4)
    views = {share["name"]: share["views"] for share in summary["pages"]}
    assert views == {"/{language}/policy": 2, "/{language}/contact": 1, "/{language}/order": 1}
    assert summary["devices"] == [{"name": "phone", "views": 4}]
    assert "omonat_visit" in cookie_names(agrees)
    assert not {"omonat_visit"} & (cookie_names(refuses) | cookie_names(silent) | cookie_names(signals))
    assert not [path for paths in asked for path in paths if "visits" in path]  # neither the script nor a word of it
    assert {row[0] for row in server.installation.rows("SELECT subject_id FROM visit_event")} == {
        row[0] for row in server.installation.rows("SELECT subject_id FROM consent_event WHERE action = 'granted'")
    }


def test_a_form_is_counted_when_it_is_seen_begun_and_sent_and_without_a_script_too(
    server: Server, open_page: OpenPage
) -> None:
    person, visitors = invent(), [open_page(), open_page(java_script_enabled=False)]
    for page in visitors:
        page.goto(f"{server.url}/ru/callback")
        page.click("#cookie-banner button[value=accept]")
        expect(page.locator("#cookie-banner")).to_have_count(0)
        fill(page, {"name": person.name, "phone": person.phone})
        press_send(page)
        page.wait_for_url("**/thanks?*")
    found = _eventually(server, 5)
    assert sorted(row[0] for row in found) == ["finished", "finished", "started", "view", "view"]
    assert {row[1:4] for row in found} == {("/{language}/callback", "callback", "ru")}
    (funnel,) = server.installation.json("stats")["forms"]
    assert funnel == {"form": "callback", "seen": 2, "started": 1, "finished": 2}
    assert not server.installation.rows(  # a sent form and a visit are not tied to each other
        "SELECT 1 FROM submission WHERE subject_id IN (SELECT subject_id FROM visit_event)"
    )

    first, second = visitors
    first.goto(f"{server.url}/ru/cookies")
    expect(first.locator("#kept-visits")).to_contain_text("записей 3,")  # he sees how much is kept, and how to end it
    first.uncheck("#purpose_improve")
    first.click("main button[value=some]")
    expect(first.locator("[role=status]")).to_be_visible()
    expect(first.locator("#kept-visits")).to_have_count(0)
    assert "omonat_visit" not in cookie_names(first)  # withdrawn: the cookie goes, and every row
    _eventually(server, 2)
    assert len(server.installation.rows("SELECT 1 FROM visit_day")) == 1
    first.goto(f"{server.url}/ru/order")
    first.fill("main #name", "Aziza")
    second.goto(f"{server.url}/ru/")
    _eventually(server, 3)

    report = server.installation.json("retention", "sweep", env=in_days(181))  # what is left goes with its term
    assert (report["visit_days"], report["visit_events"]) == (1, 3)
    assert _kept(server) == []
    since = (date.today() - timedelta(days=2)).isoformat()
    (day,) = server.installation.json("stats", "--from", since)["days"]
    assert (day["visitors"], day["views"]) == (1, 2)  # as it was counted up


@pytest.mark.parametrize("said", [{"User-Agent": "Googlebot/2.1"}, {"Sec-Purpose": "prefetch;prerender"}])
def test_where_nobody_looks_nothing_is_counted(shared_server: Server, said: dict[str, str]) -> None:
    person = Visitor(shared_server)
    (before,) = shared_server.installation.rows("SELECT count(*) FROM visit_event")
    person.send("/cookies", choice="accept")
    nobody = Visitor(shared_server, headers=said)
    nobody.cookies = dict(person.cookies)
    assert nobody.get("/policy").status_code == 200
    assert nobody.post("/visits", {"form": "order"}).status_code == 204
    person.get("/policy")
    _eventually_more(shared_server, before[0], 2)  # the settings page after the choice, and the policy


def _eventually_more(server: Server, before: int, more: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        ((count,),) = server.installation.rows("SELECT count(*) FROM visit_event")
        if count == before + more:
            return
        assert count < before + more and time.monotonic() < until, count
        time.sleep(0.05)


_PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A145F) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def test_only_our_own_pages_say_that_a_form_was_begun(shared_server: Server) -> None:
    person = Visitor(shared_server)
    person.send("/cookies", choice="accept")
    stranger = Visitor(shared_server, headers={"Origin": "https://evil.example"})
    stranger.cookies = dict(person.cookies)
    assert stranger.post("/visits", {"form": "order"}).status_code == 403
    assert person.post("/visits", {"form": "invented"}).status_code == 400
    assert Visitor(shared_server).post("/visits", {"form": "order"}).status_code == 204  # and nothing is kept
    said = person.post("/visits", {"form": "order"})
    assert (said.status_code, said.content) == (204, b"")


def test_rows_hold_no_moment_no_address_and_no_browser(shared_server: Server) -> None:
    columns = {
        table: {name for _, name, *_ in shared_server.installation.rows(f"PRAGMA table_info({table})")}
        for table in ("page_count", "visit_count", "visit_event")
    }
    assert columns["page_count"] == {"day", "page", "language", "device", "views"}  # these belong to nobody
    assert columns["visit_count"] == {"day", "fact", "name", "next_name", "total", "visitors"}
    assert columns["visit_event"] == {
        "subject_id", "day", "number", "kind", "page", "form", "language", "device", "source",
    }  # fmt: skip
