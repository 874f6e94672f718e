"""Canaries: random words entered by several people lie nowhere in clear; of the erased not even sealed bytes stay."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from harness.acts import fill, open_form, press_send, send_form, sign_in
from harness.browser import Contexts
from harness.installation import Installation, new_installation
from harness.people import Visitor, random_word
from harness.server import Server
from harness.traces import needles_of_bytes, needles_of_texts, search, text_encodings

_SEALED = {
    "sealed value": "SELECT sealed_value FROM record WHERE subject_id = ?",
    "tag of a record": "SELECT tag FROM record WHERE subject_id = ? AND tag IS NOT NULL",
    "tag of an identifier": "SELECT tag FROM identifier WHERE subject_id = ?",
    "tag of a look-up": "SELECT tag FROM identifier_lookup WHERE subject_id = ?",
    "salts": "SELECT sealed_salts FROM event_opening WHERE subject_id = ?",
    "tag of a token": "SELECT token_tag FROM submission_token WHERE subject_id = ?",
}
_KEYS = {
    "wrapped key": "SELECT wrapped FROM subject_key WHERE subject_id = ?",
    "wrapped key of a part": "SELECT wrapped FROM compartment_key WHERE subject_id = ?",
}


class Canary(NamedTuple):
    """A person of random words only."""

    name: str
    phone: str
    email: str
    company: str
    message: str
    agent: str

    @property
    def marks(self) -> list[str]:
        """What is searched for. Apostrophes are searched in their stored form."""
        return [
            self.name.split()[0], self.phone.removeprefix("+998"), self.email.partition("@")[0],
            self.company.split()[0], self.message.split()[0], self.agent,
        ]  # fmt: skip

    @property
    def order(self) -> dict[str, str]:
        return {
            "name": self.name, "phone": self.phone, "email": self.email, "company": self.company,
            "service": self.company, "comment": self.message,
        }  # fmt: skip


def _canary(number: int) -> Canary:
    word = random_word
    return Canary(
        name=f"Oʻ{word()} Gʻ{word()}",
        phone=f"+99893{number}{int.from_bytes(word(6).encode()) % 10**6:06d}",
        email=f"{word(16)}@example.uz",
        company=f"{word(16)} қўшма",
        message=f"{word(20)}\n{'қ' * 1970}",  # longer in bytes than a page of the database
        agent=f"Kanareyka/{word(16)}",
    )


class Flock:
    """Everybody of this module, and what was noted of each: (what, bytes) out of both databases."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.people = {role: _canary(number) for number, role in enumerate(_ROLES)}
        self.also = [random_word(18) for _ in range(5)]  # typed and never taken: wrong fields, addresses, searches
        self.noted: dict[str, list[tuple[str, bytes]]] = {}
        self.subjects: dict[str, str] = {}

    @property
    def texts(self) -> list[str]:
        return [mark for canary in self.people.values() for mark in canary.marks] + self.also

    def note(self, role: str, case_id: str) -> None:
        installation = self.server.installation
        statement = "SELECT subject_id FROM subject_case WHERE case_id = ?"
        ((subject_id,),) = installation.rows(statement, case_id.replace("-", ""))
        self.subjects[role] = subject_id
        rows = [(what, row[0]) for what, sql in _SEALED.items() for row in installation.rows(sql, subject_id)]
        keys = [(what, row[0]) for what, sql in _KEYS.items() for row in installation.key_rows(sql, subject_id)]
        assert len(rows) >= 12
        assert len(keys) >= 5
        self.noted[role] = rows + keys

    def note_again(self, role: str) -> None:
        """What came since: after sign-in, a correction, a complaint."""
        held, installation = dict.fromkeys(self.noted[role]), self.server.installation
        subject_id = self.subjects[role]
        rows = [(what, row[0]) for what, sql in _SEALED.items() for row in installation.rows(sql, subject_id)]
        keys = [(what, row[0]) for what, sql in _KEYS.items() for row in installation.key_rows(sql, subject_id)]
        self.noted[role] = list(dict.fromkeys([*held, *rows, *keys]))


_ROLES = ("portal", "command line", "disagrees", "stays")
_TWICE = "portal, second form"  # joined with the first at sign-in: everything is sealed anew
_ERASED = (*_ROLES[:3], _TWICE)


@pytest.fixture(scope="module")
def flock(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flock]:
    """Four people through the real forms; three of them are erased, each in another way."""
    installation = new_installation(tmp_path_factory.mktemp("canary"))
    temporary = installation.home / "tmp"
    temporary.mkdir()
    server = Server(installation, env={"TMPDIR": str(temporary)})
    made, contexts = Flock(server), Contexts(browser)
    try:
        _live(made, contexts)
        yield made
    finally:
        contexts.close()
        server.kill9()


def _live(flock: Flock, contexts: Contexts) -> None:
    pages: dict[str, Page] = {}
    for role, canary in flock.people.items():
        pages[role] = contexts.open_page(user_agent=canary.agent, phone=True)
        _mistype(pages[role], flock)
        case_id = send_form(pages[role], flock.server, "order", canary.order, news=["email", "sms"])
        flock.note(role, case_id)
    flock.note(_TWICE, send_form(pages["portal"], flock.server, "order", flock.people["portal"].order))
    _use_the_portal(pages["portal"], flock)
    _look_around(flock)
    for role in (*_ROLES, _TWICE):
        flock.note_again(role)
    _delete_in_the_portal(pages["portal"], flock)
    words = ("person", "erase", "--phone", flock.people["command line"].phone, "--yes")
    flock.server.installation.run(*words)
    _disagree(pages["disagrees"], flock)


def _mistype(page: Page, flock: Flock) -> None:
    """What is typed wrongly is not stored either."""
    open_form(page, flock.server, "contact")
    fill(page, {"name": flock.also[0], "email": flock.also[1], "message": flock.also[0]})
    press_send(page)
    assert page.is_visible("#email-problem")


def _use_the_portal(page: Page, flock: Flock) -> None:
    """Both forms become one record; then files, a correction, a complaint."""
    sign_in(page, flock.server, flock.people["portal"].email)
    assert page.locator("#cases tbody tr").count() == 2
    for kind in ("json", "csv", "pdf"):
        with page.expect_download():
            page.click(f"#do button[value={kind}]")
    page.click("#data a[href*='/my/values/'] >> nth=0")
    page.fill("#value", f"Yangi {flock.also[2]}")
    press_send(page)
    page.wait_for_url("**/my?done=corrected")
    page.goto(f"{flock.server.url}/uz-Latn/my/complain")
    page.fill("#text", flock.also[3])
    page.click("main form.form button:not([formaction])")
    page.wait_for_url("**/my/cases/*")


def _look_around(flock: Flock) -> None:
    """Addresses, headers and searches that hold a canary, and staff who read."""
    stranger = Visitor(flock.server, headers={"User-Agent": flock.also[4], "Referer": f"http://x/{flock.also[4]}"})
    stranger.get(f"/{flock.also[4]}?q={flock.also[4]}")
    stranger.get(f"/thanks?case={flock.also[4]}")
    stranger.send("/my/sign-in", identifier=f"{flock.also[4]}@example.uz")
    stranger.send("/my/code", code=flock.also[4])
    stranger.post("/callback", {"state": flock.also[4], "name": flock.also[4]})
    stays = flock.people["stays"]
    words = ("person", "show", "--phone", stays.phone, "--purpose", "contract", "--reason", "a call")
    assert stays.company in flock.server.installation.run(*words).stdout
    mailing = ("mailing", "list", "--purpose", "news", "--channel", "email", "--reason", "tariff")
    flock.server.installation.run(*mailing)


def _delete_in_the_portal(page: Page, flock: Flock) -> None:
    page.goto(f"{flock.server.url}/uz-Latn/my/delete")
    page.check("#sure")
    press_send(page)
    assert page.is_visible("button[value=json]")


def _disagree(page: Page, flock: Flock) -> None:
    page.goto(f"{flock.server.url}/uz-Latn/disagree")
    page.check("#erase")
    page.click("main form .button")
    page.wait_for_url("**/disagree/done?outcome=erased")


# --- the searches ---------------------------------------------------------------------------------------------------


def test_the_search_finds_what_is_there(flock: Flock, tmp_path: Path) -> None:
    """The control: each encoding planted in a file is found, and the sealed bytes of the living are."""
    text = flock.people["stays"].message[:60]
    for number, needle in enumerate(text_encodings(text).values()):
        (tmp_path / f"planted-{number}").write_bytes(b"\0before" + needle + b"after\xff")
    found = search(sorted(tmp_path.iterdir()), needles_of_texts([text]))
    assert {line.split(":")[0] for line in found} == {path.name for path in tmp_path.iterdir()}
    installation = flock.server.installation
    for what, content in flock.noted["stays"]:
        assert search(_database_files(installation), needles_of_bytes([(what, content[:_SHORT])])), what


_SHORT = 24


def test_no_canary_lies_anywhere_in_clear(flock: Flock) -> None:
    assert search(flock.server.installation.files(), needles_of_texts(flock.texts)) == []


def test_of_the_erased_not_even_sealed_bytes_are_left(flock: Flock) -> None:
    noted = [pair for role in _ERASED for pair in flock.noted[role]]
    assert search(flock.server.installation.files(), needles_of_bytes(noted)) == []


def test_nor_after_the_server_was_stopped_and_started(flock: Flock) -> None:
    flock.server.stop()
    noted = [pair for role in _ERASED for pair in flock.noted[role]]
    needles = needles_of_bytes(noted) | needles_of_texts(flock.texts)
    assert search(flock.server.installation.files(), needles) == []
    flock.server.start()
    assert search(flock.server.installation.files(), needles) == []


def test_the_lines_and_letters_were_written(flock: Flock) -> None:
    """The control of the two above: there was something to search in."""
    printed = flock.server.output()
    assert "[omonat dev] email to" in printed
    assert "omonat.access" in printed
    names = {path.name for path in flock.server.installation.files()}
    assert {"omonat.db", "keys.db", "jobs.db", "tombstones", "serve.stdout", "serve.stderr"} <= names


def test_the_living_still_open(flock: Flock) -> None:
    stays = flock.people["stays"]
    visitor = Visitor(flock.server)
    visitor.sign_in(stays.phone)
    values = visitor.send("/my/download", shown_at="/my", format="json").json()["values"]
    assert stays.message in {value["value"] for value in values}
    flock.server.installation.run("verify")


def _database_files(installation: Installation) -> list[Path]:
    return [path for path in installation.files() if ".db" in path.name]
