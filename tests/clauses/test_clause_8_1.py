"""8.1 cookies: declared ones only, analysis with consent only, and real counts for the staff."""

from harness.acts import cookie_names, send_form, sign_in
from harness.browser import OpenPage
from harness.people import Visitor, invent
from harness.server import Server


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


def test_visits_are_counted_with_consent_and_shown_to_the_staff(server: Server, open_page: OpenPage) -> None:
    agrees, refuses, silent = open_page(phone=True, is_mobile=True, user_agent=_PHONE), open_page(), open_page()
    for page, choice in ((agrees, "accept"), (refuses, "refuse"), (silent, "")):
        page.goto(f"{server.url}/uz-Latn/policy")
        if choice:
            page.click(f"#cookie-banner button[value={choice}]")
        for path in ("/policy", "/contact", "/order"):
            page.goto(f"{server.url}/uz-Latn{path}")
    summary = server.installation.json("stats")
    (day,) = summary["days"]
    assert day["visitors"] == 1
    assert day["views"] == 4
    views = {share["name"]: share["views"] for share in summary["pages"]}
    assert views == {"/{language}/policy": 2, "/{language}/contact": 1, "/{language}/order": 1}
    assert summary["devices"] == [{"name": "phone", "views": 4}]
    assert "omonat_visit" in cookie_names(agrees)
    assert "omonat_visit" not in cookie_names(refuses) | cookie_names(silent)


_PHONE = "Mozilla/5.0 (Linux; Android 14; SM-A145F) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"


def test_pages_and_their_addresses_belong_to_nobody(shared_server: Server) -> None:
    visitor = Visitor(shared_server)
    visitor.send("/cookies", choice="accept")
    visitor.get("/policy")
    columns = {name for _, name, *_ in shared_server.installation.rows("PRAGMA table_info(page_count)")}
    assert columns == {"day", "page", "language", "device", "views"}
