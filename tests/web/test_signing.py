"""The staff signs in over the real pages: two factors, no fixation, no guessing, no way around (6.2)."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from web.signing_world import WORDS, App, new_account, with_app

from harness.installation import new_installation
from harness.people import Visitor
from harness.server import Server
from omonat.storage import register
from omonat.web import cookies


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(new_installation(tmp_path_factory.mktemp("signing")))
    yield running
    running.stop()


def first_step(server: Server, name: str, password: str = WORDS, to: str = "") -> tuple[Visitor, str]:
    member = Visitor(server, "en")
    path = f"/console/sign-in?to={to}" if to else "/console/sign-in"
    answer = member.send("/console/sign-in", shown_at=path, name=name, password=password)
    return member, answer.url.path


def test_a_stranger_gets_no_cookie_and_is_led_to_the_sign_in(server: Server) -> None:
    stranger = Visitor(server, "en")
    answer = stranger.get("/console/webhooks")
    assert answer.url.path == "/en/console/sign-in"
    assert 'name="to" value="/en/console/webhooks"' in answer.text
    assert stranger.cookies == {} and answer.headers["cache-control"] == "no-store"


def test_without_a_second_factor_only_the_account_is_open(server: Server) -> None:
    new_account(server, "Aziza", "administrator")
    member, path = first_step(server, "Aziza", to="/en/console/staff")
    assert path == "/en/console/account"
    for wanted in ("/console", "/console/webhooks"):
        assert member.get(wanted).url.path == "/en/console/account"
    page = member.get("/console/account").text
    assert "One step is left" in page and "/en/console/staff" not in page


def test_setting_up_an_app_opens_the_console_under_a_new_token(server: Server) -> None:
    new_account(server, "Bobur", "support")
    member, _ = first_step(server, "Bobur")
    limited = member.cookies[cookies.STAFF]
    app = App(member.send("/console/account/totp", shown_at="/console/account").text)
    wrong = member.send("/console/account/totp/confirm", shown_at="/console/account/totp", code="12345")
    assert wrong.status_code == 422 and member.get("/console").url.path == "/en/console/account"
    done = member.send("/console/account/totp/confirm", shown_at="/console/account/totp", code=app.code())
    assert "The authenticator app is set up." in done.text and "You have no recovery codes" in done.text
    assert member.cookies[cookies.STAFF] != limited
    assert member.get("/console").url.path.rstrip("/") == "/en/console"
    thief = Visitor(server, "en")
    thief.cookies[cookies.STAFF] = limited
    assert thief.get("/console/account").url.path == "/en/console/sign-in"


def test_both_factors_lead_back_to_the_page_that_was_wanted(server: Server) -> None:
    _, app = with_app(server, "Charos", "support")
    member, path = first_step(server, "Charos", to="/en/console/account")
    assert path == "/en/console/sign-in/second"
    before = member.cookies[cookies.STAFF]
    shown = "/console/sign-in/second?to=/en/console/account"
    answer = member.send("/console/sign-in/second", shown_at=shown, code=app.code())
    assert answer.url.path == "/en/console/account" and member.cookies[cookies.STAFF] != before
    assert "password and app" in answer.text


def test_after_the_first_step_nothing_is_open(server: Server) -> None:
    with_app(server, "Dilshod", "administrator")
    member, path = first_step(server, "Dilshod")
    assert path.endswith("/second")
    for wanted in ("/console", "/console/account", "/console/account/totp.svg", "/console/account/recovery-codes"):
        assert member.get(wanted).url.path == "/en/console/sign-in"


def test_a_code_signs_in_once(server: Server) -> None:
    _, app = with_app(server, "Elyor", "support")
    code = app.code()
    first, _ = first_step(server, "Elyor")
    assert first.send("/console/sign-in/second", code=code).url.path.rstrip("/") == "/en/console"
    second, _ = first_step(server, "Elyor")
    replayed = second.send("/console/sign-in/second", code=code)
    assert replayed.status_code == 422 and "used already" in replayed.text
    assert second.get("/console/account").url.path == "/en/console/sign-in"


def test_a_token_planted_before_the_sign_in_is_worth_nothing_after(server: Server) -> None:
    """Session fixation: at each step the server chooses a new token, whatever the browser brought."""
    _, app = with_app(server, "Farida", "support")
    victim = Visitor(server, "en")
    victim.cookies[cookies.STAFF] = planted = "planted-by-somebody-else"
    victim.send("/console/sign-in", name="Farida", password=WORDS)
    half = victim.cookies[cookies.STAFF]
    victim.send("/console/sign-in/second", code=app.code())
    assert len({planted, half, victim.cookies[cookies.STAFF]}) == 3
    for known in (planted, half):
        thief = Visitor(server, "en")
        thief.cookies[cookies.STAFF] = known
        assert thief.get("/console/account").url.path == "/en/console/sign-in"


def test_the_cookie_is_bound_to_the_host_and_hidden_from_scripts(server: Server) -> None:
    new_account(server, "Gulnora")
    with server.client(headers={"Origin": server.url}) as client:
        answer = client.post("/en/console/sign-in", data={"name": "Gulnora", "password": WORDS})
    said = answer.headers["set-cookie"].lower()
    assert said.startswith("__host-omonat_staff=")
    assert all(word in said for word in ("secure", "httponly", "samesite=lax", "path=/")) and "domain" not in said


def test_wrong_name_and_wrong_password_get_the_same_page(server: Server) -> None:
    new_account(server, "Hamid")
    pages = []
    for name, password in (("Hamid", "somebody's guess"), ("Nobody", WORDS), ("Nobody", "")):
        member = Visitor(server, "en")
        answer = member.send("/console/sign-in", name=name, password=password)
        assert answer.status_code == 422 and member.cookies == {}
        pages.append(answer.text.replace(name, "NAME"))
        assert password not in answer.text or not password
    assert pages[0] == pages[1] == pages[2]


@pytest.mark.parametrize("name", ["Iroda", "Nobody at all"])
def test_guessing_is_slowed_for_a_name_whether_there_is_one(server: Server, name: str) -> None:
    if name == "Iroda":
        new_account(server, name)
    for _ in range(5):
        assert first_step(server, name, "somebody's guess")[1].endswith("/sign-in")
    closed = Visitor(server, "en").send("/console/sign-in", name=name, password=WORDS)
    assert closed.status_code == 429 and int(closed.headers["retry-after"]) > 20
    assert "Wait 1 min" in closed.text


@pytest.mark.parametrize(
    "to", ["https://evil.example/en/console", "//evil.example", "/en/my", "/en/console/../my", "/en/console/sign-out",
           "/en\\console", "/en/consoles", "javascript:alert(1)"],
)  # fmt: skip
def test_the_way_back_leads_to_pages_of_the_console_only(server: Server, to: str) -> None:
    page = Visitor(server, "en").get(f"/console/sign-in?to={to}").text
    assert 'name="to"' not in page


def test_forms_need_the_token_of_their_session(server: Server) -> None:
    member, app = with_app(server, "Jahongir", "support")
    other, _ = with_app(server, "Kamola", "support")
    foreign = re.search(r'name="csrf_token" value="(\w+)"', other.get("/console/account").text)
    assert foreign
    for path in ("/console/sign-out", "/console/account/totp", "/console/account/recovery-codes",
                 "/console/account/sessions/end", "/console/account/passkeys/options"):  # fmt: skip
        for token in ("", foreign[1]):
            assert member.post(path, {"csrf_token": token}).status_code == 403, path
    assert member.get("/console/account").url.path == "/en/console/account"
    half, _ = first_step(server, "Jahongir")
    assert half.post("/console/sign-in/second", {"code": app.code()}).status_code == 403


def test_another_site_cannot_sign_a_browser_in(server: Server) -> None:
    new_account(server, "Laziz")
    for said in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        with server.client(headers=said) as client:
            for path in ("/en/console/sign-in", "/en/console/sign-in/passkey", "/en/console/sign-in/passkey/options"):
                answer = client.post(path, data={"name": "Laziz", "password": WORDS})
                assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_recovery_codes_are_shown_once_and_let_in_once_each(server: Server) -> None:
    member, _ = with_app(server, "Madina", "support")
    shown = member.send("/console/account/recovery-codes").text
    codes = re.findall(r"<code>([2-9A-Z]{5}-[2-9A-Z]{5})</code>", shown)
    assert len(codes) == 10
    again = member.get("/console/account/recovery-codes").text
    assert not any(code in again for code in codes) and "You have 10 left" in again
    newcomer, _ = first_step(server, "Madina")
    answer = newcomer.send("/console/sign-in/second", recovery=codes[3].lower(), code="")
    assert answer.url.path.rstrip("/") == "/en/console"
    account = newcomer.get("/console/account").text
    assert "Left: 9 of 10." in account and "Recovery code used" in account
    thief, _ = first_step(server, "Madina")
    assert thief.send("/console/sign-in/second", recovery=codes[3], code="").status_code == 422


def test_a_changed_password_signs_others_out_and_needs_the_old_one(server: Server) -> None:
    member, app = with_app(server, "Nodira", "support")
    other, _ = first_step(server, "Nodira")
    other.send("/console/sign-in/second", code=app.code())
    before = member.cookies[cookies.STAFF]
    fresh = "besh oq kaptar uchdi"
    wrong = member.send("/console/account/password", present="not it", new_password=fresh)
    assert wrong.status_code == 422 and "not your present password" in wrong.text and fresh not in wrong.text
    short = member.send("/console/account/password", present=WORDS, new_password="qisqa")
    assert short.status_code == 422 and "at least 12" in short.text
    done = member.send("/console/account/password", present=WORDS, new_password=fresh)
    assert "Your password is changed" in done.text and member.cookies[cookies.STAFF] != before
    assert other.get("/console/account").url.path == "/en/console/sign-in"
    assert first_step(server, "Nodira")[1] == "/en/console/sign-in"
    assert first_step(server, "Nodira", fresh)[1].endswith("/second")


def test_what_happened_is_listed_and_can_be_taken_along(server: Server) -> None:
    member, _ = with_app(server, "Oysha", "support")
    member.send("/console/account/recovery-codes")
    page = member.get("/console/account").text
    for what in ("Password set", "Signed in", "Authenticator app set up", "Recovery codes made"):
        assert page.count(f"<td>{what}</td>") == 1, what
    table = member.get("/console/account?format=csv")
    assert table.headers["content-type"].startswith("text/csv") and "Authenticator app set up" in table.text


def test_sessions_are_listed_and_ended(server: Server) -> None:
    member, app = with_app(server, "Otabek", "support")
    other, _ = first_step(server, "Otabek")
    other.send("/console/sign-in/second", code=app.code())
    page = member.get("/console/account").text
    ends = re.findall(r"/en(/console/account/sessions/[0-9a-f-]{36}/end)", page)
    assert len(ends) == 1 and "This browser" in page
    stranger, _ = with_app(server, "Parviz", "support")
    token = re.search(r'name="csrf_token" value="(\w+)"', stranger.get("/console/account").text)
    assert token and stranger.post(ends[0], {"csrf_token": token[1]}).status_code == 404
    assert other.get("/console/account").url.path == "/en/console/account"
    assert "signed out" in member.send(ends[0], shown_at="/console/account").text
    assert other.get("/console/account").url.path == "/en/console/sign-in"


def test_signing_out_ends_the_session_and_the_cookie(server: Server) -> None:
    member, _ = with_app(server, "Qodir", "support")
    token = member.cookies[cookies.STAFF]
    assert "Do you want to sign out" in member.get("/console/sign-out").text
    assert member.send("/console/sign-out").url.path == "/en/console/sign-out"
    assert cookies.STAFF not in member.cookies
    member.cookies[cookies.STAFF] = token
    assert member.get("/console/account").url.path == "/en/console/sign-in"


def test_the_secret_is_shown_to_its_member_only_and_never_kept(server: Server) -> None:
    new_account(server, "Rustam")
    member, _ = first_step(server, "Rustam")
    assert member.get("/console/account/totp.svg").status_code == 404
    page = member.send("/console/account/totp", shown_at="/console/account")
    image = member.get("/console/account/totp.svg")
    assert image.headers["content-type"].startswith("image/svg+xml") and b"<script" not in image.content
    assert image.headers["cache-control"] == page.headers["cache-control"] == "no-store"
    app = App(page.text)
    member.send("/console/account/totp/confirm", shown_at="/console/account/totp", code=app.code())
    assert member.get("/console/account/totp.svg").status_code == 404
    assert Visitor(server, "en").get("/console/account/totp.svg").url.path == "/en/console/sign-in"


def test_the_only_second_factor_cannot_be_removed(server: Server) -> None:
    member, _ = with_app(server, "Sarvar", "support")
    answer = member.send("/console/account/totp/remove")
    assert answer.status_code == 409 and "only second factor" in answer.text


def test_acts_of_weight_ask_again_for_the_password(server: Server) -> None:
    """A stolen or unguarded session adds no factor and makes no codes of its own."""
    member, _ = with_app(server, "Umida", "support")
    long_ago = datetime.now(UTC) - timedelta(minutes=16)
    with closing(sqlite3.connect(server.installation.data / "omonat.db", timeout=30)) as database:
        register(database)
        database.execute(
            "update staff_session set proved_at = ? where staff_id = (select staff_id from staff where name = 'Umida')",
            (long_ago.strftime("%Y-%m-%d %H:%M:%S.%f"),),
        )
        database.commit()
    for path in ("recovery-codes", "passkeys", "password", "totp", "totp/remove"):
        assert member.get(f"/console/account/{path}").url.path == "/en/console/account/prove", path
    assert member.send("/console/account/totp", shown_at="/console/account").url.path.endswith("/prove")
    wrong = member.send("/console/account/prove", password="somebody's guess")
    assert wrong.status_code == 422
    assert member.get("/console/account/recovery-codes").url.path.endswith("/prove")
    done = member.send("/console/account/prove", password=WORDS)
    assert done.url.path == "/en/console/account" and "repeat what you wanted" in done.text
    assert len(re.findall(r"<code>", member.send("/console/account/recovery-codes").text)) == 10


def test_the_question_for_the_password_cannot_be_guessed_either(server: Server) -> None:
    member, _ = with_app(server, "Visola", "support")
    for _ in range(5):
        assert member.send("/console/account/prove", password="somebody's guess").status_code == 422
    assert member.send("/console/account/prove", password=WORDS).status_code == 429


def test_nothing_of_a_sign_in_is_written_down(server: Server) -> None:
    _, app = with_app(server, "Tohir", "support")
    member, _ = first_step(server, "Tohir")
    code = app.code()
    member.send("/console/sign-in/second", code=code)
    output = server.output()
    assert not any(said in output for said in (WORDS, code, member.cookies[cookies.STAFF], "Tohir"))
