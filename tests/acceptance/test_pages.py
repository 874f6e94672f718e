"""Every page as the Stranger and as the Subject, made from the application's route table; and axe-core over them all.

A new route without an expectation fails.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Page

from harness.browser import OpenPage, axe
from harness.installation import new_installation
from harness.people import Invented, Visitor, case_of, invent
from harness.server import Server
from omonat.app import Omonat
from omonat.web import create_asgi

LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")
MY = "/{language:str}/my"
STAFF_AND_PROGRAMS = ("/{language:str}/console", "/api")
"""Their routes have expectations of their own: tests/acceptance/test_permissions.py."""
NO_CASE = "01a20511-0000-7000-8000-000000000000"

OPEN = (
    "", "/callback", "/contact", "/cookies", "/disagree", "/disagree/done", "/order", "/policy", "/policy/compare",
    "/policy/versions", "/policy/versions/{number:str}", "/thanks", "/my/sign-in",
    "/answered/{word:str}",
)  # fmt: skip
"""Pages for everybody, under each language."""

FOR_PROGRAMS = ("/.well-known/gpc.json", "/favicon.ico", "/healthz", "/policy.json", "/robots.txt", "/sitemap.xml",
                "/static/{name:str}", "/{language:str}/policy/feed.atom", "/omonat.js")  # fmt: skip

PERSONAL = ("", "/cases/{case_id:str}", "/complain", "/delete", "/receipts", "/stop", "/values/{record_id:str}")
"""Pages of a signed-in person, below `my`: a stranger is led to the sign-in."""

ACTS = (
    "/cases/{case_id:str}/letter", "/cases/{case_id:str}/message", "/complain/letter", "/consents/give",
    "/consents/withdraw", "/contracts/document", "/download", "/receipts/file", "/receipts/mail",
    "/stop/lift", "/stop/object", "/stop/object/lift", "/stop/suspend", "/values/{record_id:str}/prove",
)  # fmt: skip
"""Addresses of buttons, below `my`: opened as a page, they lead back to one."""

ELSEWHERE = ("/", "/my", f"{MY}/code", f"{MY}/who", f"{MY}/prove/{{challenge_id:str}}", f"{MY}/certificate",
             f"{MY}/sign-out",
             "/ledger/checkpoint", "/ledger/vkey", "/ledger/witnessed", "/ledger/tile/{rest:path}",
             "/ledger/proof/consistency", "/ledger/proof/inclusion", "/verify",
             "/verify/omonat-verify.html", "/embed/choice", "/{language:str}/visits",
             "/embed/{language:str}/banner.json",
             "/embed/{language:str}/settings.js", f"{MY}/consents/text", "/{language:str}/confirm/{token:str}",
             "/{language:str}/preferences/{token:str}", "/unsubscribe/{purpose:str}/{channel:str}/{token:str}",
             "/{language:str}/unsubscribe/{purpose:str}/{channel:str}/{token:str}")  # fmt: skip
"""Told apart: they lead on, or ask only in the middle of something; the ledger's are in tests/web/test_ledger.py,
`/verify` in test_verify_page.py, those of the banner on other sites in tests/banner/, links without sign-in in
test_consent_links.py and test_consent_pages.py."""


class Two(NamedTuple):
    """Two people with a form each. `record`, `case`: ids of the Subject's; `others`: of another person's."""

    server: Server
    person: Invented
    other: Invented
    ids: dict[str, str]
    others: dict[str, str]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    server = Server(new_installation(tmp_path_factory.mktemp("pages")))
    try:
        person, other = invent(), invent()
        yield Two(server, person, other, _ids(server, person), _ids(server, other))
    finally:
        server.kill9()


def _ids(server: Server, person: Invented) -> dict[str, str]:
    """Somebody sends an order with news; what the pages of his ids are called."""
    visitor = Visitor(server)
    typed = {"name": person.name, "phone": person.phone, "email": person.email, "service": "CRM"}
    case_id = case_of(visitor.send_form("order", typed, news=["email", "sms"]))
    style = re.search(r"/static/([^\"]+\.css)", visitor.get("").text)
    visitor.sign_in(person.phone)
    found = re.search(r"/my/values/([0-9a-f-]{36})", visitor.get("/my").text)
    assert style and found
    return {
        "case_id": case_id, "record_id": found[1], "number": "3.2", "name": style[1], "challenge_id": NO_CASE,
        "word": "confirmed", "token": "x", "purpose": "news", "channel": "email",
    }  # fmt: skip


def _routes(folder: Path) -> dict[str, set[str]]:
    """Path template and methods of every route of the application."""
    omonat = Omonat.open(new_installation(folder / "routes", adopt=False).data)
    try:
        return {route.path: set(getattr(route, "methods", ())) - {"OPTIONS"} for route in create_asgi(omonat).routes}
    finally:
        omonat.close()


def _filled(template: str, ids: dict[str, str], language: str = "en") -> str:
    return re.sub(r"\{(\w+):str\}", lambda found: {"language": language, **ids}[found[1]], template)


def _names(person: Invented) -> tuple[str, ...]:
    return (person.name.split()[0], person.phone[4:], person.shown_phone, person.email)


def _every_path() -> set[str]:
    return {
        *ELSEWHERE, *FOR_PROGRAMS, *(f"/{{language:str}}{path}" for path in OPEN),
        *(f"{MY}{path}" for path in (*PERSONAL, *ACTS)),
    }  # fmt: skip


def test_every_route_has_an_expectation(tmp_path: Path) -> None:
    assert {path for path in _routes(tmp_path) if not path.startswith(STAFF_AND_PROGRAMS)} == _every_path()


# --- the Stranger ---------------------------------------------------------------------------------------------------


def test_the_stranger_sees_nothing_of_anyone_anywhere(two: Two) -> None:
    for template in sorted(_every_path()):
        stranger = Visitor(two.server, "en")
        for path in {_filled(template, two.ids, language) for language in LANGUAGES}:
            text = stranger.get(path).text if path.startswith("/") else ""
            assert not [name for name in _names(two.person) if name in text], template
        assert stranger.cookies == {}, template


@pytest.mark.parametrize("path", [*PERSONAL, *ACTS, "/code", "/who", "/prove/{challenge_id:str}"])
def test_the_stranger_is_led_to_the_sign_in(two: Two, path: str) -> None:
    for language in LANGUAGES:
        stranger = Visitor(two.server, language)
        assert stranger.get(_filled(f"{MY}{path}", two.ids, language)).url.path == f"/{language}/my/sign-in"


def test_the_stranger_changes_nothing(two: Two, tmp_path: Path) -> None:
    posts = {path for path, methods in _routes(tmp_path).items() if "POST" in methods and path.startswith(MY)}
    before = _everything(two)
    for template in sorted(posts - {f"{MY}/sign-in"}):
        stranger = Visitor(two.server, "en")
        answer = stranger.post(_filled(template, two.ids), {"sure": "on", "purpose": "news", "value": "x", "text": "x"})
        assert answer.status_code in (200, 400, 403, 404), template
        assert not [name for name in _names(two.person) if name in answer.text], template
    assert _everything(two) == before


def _everything(two: Two) -> list[int]:
    installation = two.server.installation
    tables = (
        "subject",
        "record",
        "consent_event",
        "restriction",
        "subject_case",
        "case_step",
        "destruction",
        "journal",
    )
    return [installation.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables]


@pytest.mark.parametrize("path", OPEN)
def test_open_pages_are_open_to_everybody(two: Two, path: str) -> None:
    for language in LANGUAGES:
        answer = Visitor(two.server, language).get(_filled(f"/{{language:str}}{path}", two.ids, language))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'<html lang="{language}"' in answer.text


@pytest.mark.parametrize("path", FOR_PROGRAMS)
def test_what_programs_read_is_there(two: Two, path: str) -> None:
    assert Visitor(two.server, "en").get(_filled(path, two.ids)).status_code == 200


# --- the Subject ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def subject(two: Two) -> Visitor:
    visitor = Visitor(two.server, "en")
    visitor.sign_in(two.person.phone)
    return visitor


@pytest.mark.parametrize("path", [*PERSONAL, "/sign-out"])
def test_the_subject_sees_his_own(two: Two, subject: Visitor, path: str) -> None:
    for language in LANGUAGES:
        answer = subject.get(_filled(f"{MY}{path}", two.ids, language))
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        assert f'<html lang="{language}"' in answer.text
        assert not [name for name in _names(two.other) if name in answer.text]
    assert two.person.name in subject.get("/my").text


@pytest.mark.parametrize("path", [*ACTS, "/certificate", "/code", "/who"])
def test_the_address_of_a_button_leads_the_subject_back(two: Two, subject: Visitor, path: str) -> None:
    answer = subject.get(_filled(f"{MY}{path}", two.ids))
    assert answer.status_code == 200
    assert answer.url.path.startswith("/en/my")


@pytest.mark.parametrize("path", [path for path in (*PERSONAL, *ACTS) if "{" in path])
def test_another_persons_ids_are_simply_not_there(two: Two, subject: Visitor, path: str) -> None:
    answer = subject.get(_filled(f"{MY}{path}", two.others))
    assert answer.status_code == 404 or path in ACTS
    token = subject.form_to(subject.get("/my/stop"), "/my/stop/suspend").fields
    acted = subject.post(_filled(f"{MY}{path}", two.others), {**token, "value": "x"})
    assert acted.status_code in (404, 405)
    for each in (answer, acted):
        assert not [name for name in _names(two.other) if name in each.text]


# --- axe ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phone", "scheme"), [(True, "light"), (False, "dark")], ids=["phone-light", "desktop-dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_nothing(
    two: Two, subject: Visitor, open_page: OpenPage, *, language: str, phone: bool, scheme: str
) -> None:
    """First as the Stranger, with the banner; then as the Subject, without."""
    page = open_page(phone=phone, color_scheme=scheme)
    open_paths = [_filled(f"/{{language:str}}{path}", two.ids, language) for path in (*OPEN, "/nothing-here")]
    found = _violations(page, two.server, open_paths)
    page.goto(f"{two.server.url}/{language}/")
    page.click("#cookie-banner button[value=refuse]")
    found += _violations(page, two.server, [f"/{language}/contact"])
    _lend_session(page, subject)
    personal = [_filled(f"{MY}{path}", two.ids, language) for path in (*PERSONAL, "/sign-out")]
    assert found + _violations(page, two.server, personal) == []


def _lend_session(page: Page, subject: Visitor) -> None:
    """Codes for one number are few, so the browser goes on with the session of the subject."""
    name = "__Host-omonat_session"
    cookie = {"name": name, "value": subject.cookies[name], "domain": "localhost", "path": "/", "secure": True}
    page.context.add_cookies([cookie])  # type: ignore[list-item] # a cookie as Playwright takes it


def _violations(page: Page, server: Server, paths: list[str]) -> list[str]:
    found = []
    for path in paths:
        page.goto(f"{server.url}{path}")
        found += [f"{path}: {line}" for line in _looked_over(page)]
    return found


def _looked_over(page: Page) -> list[str]:
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return axe(page) + ([f"{wide} px too wide"] if wide > 0 else [])


@pytest.mark.parametrize(("language", "phone"), [("uz-Latn", True), ("uz-Cyrl", False), ("ru", True), ("en", False)])
def test_axe_finds_nothing_in_the_middle_of_something(
    two: Two, open_page: OpenPage, language: str, phone: bool
) -> None:
    """Forms with problems, thanks, the code, who are you, the confirmation of an address, after a deletion."""
    page, person, server = open_page(phone=phone), invent(), two.server
    found: list[str] = []

    def look(state: str) -> None:
        found.extend(f"{state}: {line}" for line in _looked_over(page))

    def send(**typed: str) -> None:
        for name, text in typed.items():
            page.fill(f"main #{name}", text)
        page.click("main form.form .buttons button >> nth=0")

    for _ in range(2):
        page.goto(f"{server.url}/{language}/contact")
        send(name="1", email="no", message="")
        look("problems")
        send(name=person.name, email=person.email, message="Salom")
        page.wait_for_url("**/thanks?*")
        look("thanks")
    page.goto(f"{server.url}/{language}/my/sign-in")
    send(identifier="?")
    look("no address")
    before = len(server.codes())
    send(identifier=person.email)
    send(code="1")
    look("wrong code")
    send(code=server.wait_for_code(before))
    page.wait_for_url("**/my/who")
    look("who")
    page.check("main input[type=checkbox] >> nth=0")
    page.click("main form.form .buttons button")
    page.wait_for_url("**/my")
    page.click("#consents form[action$='/withdraw'] button")
    look("withdrawn")
    page.goto(f"{server.url}/{language}/my/delete")
    send()
    look("not ticked")
    page.check("#sure")
    send()
    look("deleted")
    assert found == []
