"""API keys in the console: made, shown once, rotated, revoked; broad ones wait for a second person."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.programs import Program, installed_key
from harness.server import Server
from harness.staff import Member
from omonat.web import cookies

SECRET = re.compile(r"omk_[0-9A-Za-z]{8}_[0-9A-Za-z]{38}")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("keys"), adopt=False))
    yield running
    running.kill9()


@pytest.fixture
def administrator(server: Server) -> Member:
    return Member(server, "administrator", name="Anvar")


def key_address(member: Member, name: str) -> str:
    """The page of a key, as the list links it."""
    found = re.search(
        rf'href="/en(/console/keys/[0-9a-f-]{{36}})">{re.escape(name)}<', member.get("/console/keys").text
    )
    assert found, name
    return found[1]


def test_a_routine_key_is_shown_once_and_works(server: Server, administrator: Member) -> None:
    made = administrator.send("/console/keys/new", name="site-forms", right_collect="on", days="30")
    (secret,) = SECRET.findall(made.text)
    assert Program(server, secret).get("/forms").status_code == 200
    assert not SECRET.search(administrator.get("/console/keys").text)
    shown = administrator.get(key_address(administrator, "site-forms"))
    assert secret[:12] in shown.text
    assert not SECRET.search(shown.text)
    listed = administrator.get("/console/keys?format=csv").text
    assert "site-forms" in listed
    assert not SECRET.search(listed)


def test_what_is_wrong_is_said_beside_the_field_and_what_was_ticked_stays(administrator: Member) -> None:
    answer = administrator.send(
        "/console/keys/new", name="X Y", **{"right_case.read": "on"}, origins="https://a.uz/path", days="30"
    )
    assert answer.status_code == 422
    assert 'id="name-problem"' in answer.text
    assert 'id="origins-problem"' in answer.text
    assert re.search(r'name="right_case.read" value="on" checked', answer.text)


def test_a_rotation_gives_another_secret_and_the_old_one_lasts(server: Server, administrator: Member) -> None:
    made = administrator.send("/console/keys/new", name="rotated", right_collect="on", days="30")
    (old,) = SECRET.findall(made.text)
    address = key_address(administrator, "rotated")
    (new,) = SECRET.findall(administrator.send(f"{address}/rotate", overlap_days="1").text)
    assert new != old
    assert [Program(server, each).get("/forms").status_code for each in (old, new)] == [200, 200]
    (last,) = SECRET.findall(administrator.send(f"{address}/rotate", overlap_days="0").text)
    assert [Program(server, each).get("/forms").status_code for each in (new, last)] == [401, 200]


def test_a_revoked_key_is_refused_with_the_next_call(server: Server, administrator: Member) -> None:
    made = administrator.send("/console/keys/new", name="revoked", right_collect="on", days="7")
    (secret,) = SECRET.findall(made.text)
    address = key_address(administrator, "revoked")
    assert administrator.send(f"{address}/revoke").status_code == 200
    assert Program(server, secret).get("/forms").status_code == 401
    assert f"{address}/rotate" not in administrator.get(address).text


def test_a_key_that_reaches_far_is_approved_by_another_and_fetched_once(
    server: Server, administrator: Member
) -> None:  # fmt: skip
    second = Member(server, "administrator", name="Botir")
    fields = {"right_person.find": "on", "purpose_support": "on"}
    waits = administrator.send("/console/keys/new", name="crm", days="30", reason="Who calls?", **fields)
    assert "/console/approvals/" in str(waits.url)
    assert not SECRET.search(waits.text)
    page = str(waits.url.path).removeprefix("/en")
    second.send(f"{page}/approve", shown_at=page)
    address = key_address(administrator, "crm")
    fetched = administrator.send(f"{address}/secret", shown_at=address)
    (secret,) = SECRET.findall(fetched.text)
    found = Program(server, secret).post(
        "/people/find", {"kind": "phone", "value": "+998901112233", "purpose": "support", "reason": "A call."}
    )
    assert (found.status_code, found.json()) == (200, {"items": []})
    assert f"{address}/secret" not in administrator.get(address).text


def test_the_pages_are_for_administrators_of_keys(server: Server) -> None:
    for role in ("privacy_officer", "support", "auditor"):
        assert Member(server, role).get("/console/keys").status_code == 403


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_clean_for_axe_on_a_phone(
    server: Server, administrator: Member, open_page: OpenPage, scheme: str
) -> None:  # fmt: skip
    installed_key(server.installation, "collect")
    page: Page = open_page(phone=True, color_scheme=scheme)
    page.context.add_cookies(
        [{"name": cookies.STAFF, "value": administrator.cookies[cookies.STAFF], "domain": "localhost", "path": "/",
          "secure": True, "httpOnly": True, "sameSite": "Lax"}]
    )  # fmt: skip
    for path in ("/uz-Latn/console/keys", "/ru/console/keys/new", "/api/v1/docs?language=uz-Cyrl"):
        page.goto(server.url + path)
        assert axe(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
