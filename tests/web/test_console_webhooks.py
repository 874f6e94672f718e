"""Webhooks in the console: added, tested, repeated, rotated, switched off, removed; a real receiver listens."""

import re
from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.people import Visitor, invent
from harness.receiver import Receiver, receiver
from harness.server import Server
from harness.staff import Member, signed_in
from omonat.web import cookies
from omonat.webhooks import EVENTS

SECRET = re.compile(r"whsec_[A-Za-z0-9+/=]+")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("console_webhooks") / "installation", adopt=False))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def admin(server: Server) -> Member:
    return Member(server, "administrator")


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def add(admin: Member, url: str, *events: str, **fields: str) -> tuple[str, str]:
    """(id, secret) of a new webhook."""
    answer = admin.send("/console/webhooks/new", url=url, **{f"event_{event}": "on" for event in events}, **fields)
    (secret,) = SECRET.findall(answer.text.replace("&#43;", "+").replace("&#x2F;", "/"))
    found = re.search(r'/console/webhooks/([0-9a-f-]{36})"', answer.text)
    assert found and answer.headers["cache-control"] == "no-store"
    return found[1], secret


def press(member: Member, page: str, act: str, **fields: str) -> httpx.Response:
    """The button of a page that leads to `act`."""
    return member.send(act, shown_at=page, **fields)


def test_from_adding_to_a_message_that_arrives(server: Server, admin: Member, there: Receiver) -> None:
    empty = admin.get("/console/webhooks")
    endpoint_id, secret = add(admin, there.url, "case.opened", description="CRM")
    page = f"/console/webhooks/{endpoint_id}"
    assert "CRM" in admin.get(page).text and secret not in admin.get(page).text
    assert len(empty.content) < 60_000
    moved = press(admin, page, f"{page}/test")
    assert "done=test" in str(moved.url)
    person = invent()
    Visitor(server).send_form("callback", {"name": person.name, "phone": person.phone})
    came = there.wait_for(2)
    assert [event.type for event in there.events(secret)] == ["webhook.test", "case.opened"]
    assert person.name.encode() not in came[1].body
    shown = admin.get(page)
    assert came[1].id in shown.text and came[0].id in shown.text
    file = admin.get(f"{page}?format=csv")
    assert file.headers["content-type"].startswith("text/csv") and came[1].id in file.text
    assert len(shown.content) < 60_000


def test_again_by_the_button_under_the_same_id(admin: Member, there: Receiver) -> None:
    endpoint_id, _secret = add(admin, there.url, "case.opened")
    page = f"/console/webhooks/{endpoint_id}"
    press(admin, page, f"{page}/test")
    (first,) = there.wait_for(1)
    found = re.search(r"/messages/[0-9a-f-]{36}/repeat", admin.get(page).text)
    assert found
    press(admin, page, page + found[0])
    assert there.wait_for(2)[1].id == first.id


def test_a_new_secret_a_change_off_and_on_and_gone(admin: Member, there: Receiver) -> None:
    endpoint_id, secret = add(admin, there.url, "case.opened")
    page = f"/console/webhooks/{endpoint_id}"
    shown = admin.send(f"{page}/rotate")
    (fresh,) = SECRET.findall(shown.text.replace("&#43;", "+"))
    assert fresh != secret
    press(admin, page, f"{page}/test")
    there.wait_for(1)
    assert there.events(secret) == there.events(fresh)
    changed = admin.send(f"{page}/change", url=f"{there.url}/2", description="Other")
    assert "done=changed" in str(changed.url) and "Other" in changed.text
    off = press(admin, page, f"{page}/switch")
    assert "done=off" in str(off.url) and f"{page}/test" not in off.text
    assert "done=on" in str(press(admin, page, f"{page}/switch").url)
    gone = admin.send(f"{page}/remove")
    assert "done=removed" in str(gone.url) and endpoint_id not in gone.text
    assert admin.get(page).status_code == 404


def test_what_is_wrong_is_said_beside_the_field(admin: Member) -> None:
    before = admin.get("/console/webhooks").text.count("console/webhooks/0")
    answer = admin.send("/console/webhooks/new", url="http://crm.example.uz/x", description="kept")
    assert answer.status_code == 422 and "https only" in answer.text and 'value="kept"' in answer.text
    assert "at least one event" in answer.text
    assert admin.get("/console/webhooks").text.count("console/webhooks/0") == before


def test_a_form_sent_twice_adds_once_and_keeps_the_secret_to_itself(admin: Member, there: Receiver) -> None:
    form = admin.form_to(admin.get("/console/webhooks/new"), "/console/webhooks/new")
    fields = {**form.fields, "url": there.url, "event_case.opened": "on"}
    assert SECRET.search(admin.post("/console/webhooks/new", fields).text)
    again = admin.post("/console/webhooks/new", fields)
    assert again.url.path.endswith(form.fields["endpoint"]) and not SECRET.search(again.text)


def test_another_role_sees_nothing_and_a_message_belongs_to_its_webhook(
    server: Server, admin: Member, there: Receiver
) -> None:
    endpoint_id, _secret = add(admin, there.url, "case.opened")
    other_id, _other = add(admin, there.url, "case.closed")
    page = f"/console/webhooks/{endpoint_id}"
    press(admin, page, f"{page}/test")
    there.wait_for(1)
    repeat = re.search(r"/messages/[0-9a-f-]{36}/repeat", admin.get(page).text)
    assert repeat
    token = admin.form_to(admin.get(page), f"{page}/switch").fields["csrf_token"]
    assert admin.post(f"/console/webhooks/{other_id}{repeat[0]}", {"csrf_token": token}).status_code == 404
    assert admin.post(f"{page}/switch", {"on": "off"}).status_code == 403  # without the token
    support = Member(server, "support")
    for path in ("/console/webhooks", page, f"{page}/rotate"):
        assert support.get(path).status_code == 403
    assert len(there.came) == 1


@pytest.mark.parametrize("language", ["uz-Latn", "ru"])
def test_the_pages_in_a_browser(server: Server, there: Receiver, open_page: OpenPage, language: str) -> None:
    member = Member(server, "administrator", language=language)
    page: Page = signed_in(open_page(phone=language == "ru"), member.cookies[cookies.STAFF])
    page.goto(f"{server.url}/{language}/console/webhooks/new")
    assert axe(page) == []
    page.fill("#url", there.url)
    for event in EVENTS[:4]:
        page.check(f"[id='event_{event}']")
    page.click("main form.form button.button >> nth=0")
    page.wait_for_selector(".webhook-secret")
    assert axe(page) == []
    page.click("main p a.button")
    page.click("form[action$='/test'] button")
    page.wait_for_url("**done=test")
    there.wait_for(1)
    page.goto(page.url.partition("?")[0])
    assert axe(page) == [] and page.locator("tbody tr").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.goto(f"{server.url}/{language}/console/webhooks")
    assert axe(page) == []
