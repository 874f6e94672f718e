"""Every page of the console, from the route table, over a month of invented events (`omonat demo`).

Each is small and asks the database little (asserted, so that a list does not start to ask row by row), axe-core finds
nothing in it in four languages on a phone and at a desk, and what the auditor reads holds nobody's values.
"""

import getpass
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event

from harness import registers
from harness.apart import run_apart
from harness.browser import OpenPage, axe
from harness.installation import Installation, run_omonat
from harness.places import POLICY
from harness.server import Server
from harness.staff import signed_in, staff_token
from omonat.app import Omonat
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.staff import ROLES
from omonat.web import cookies, create_asgi

LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")
CONSOLE = "/{language:str}/console"
ORIGIN = "http://localhost:8080"
MOST_BYTES = 60_000
MOST_STATEMENTS = 10  # as the issue asks: "under 10", the session's own among them

IDS = {
    "case_id": "SELECT case_id FROM subject_case WHERE state = 'open' LIMIT 1",
    "certificate_id": "SELECT event_id FROM destruction WHERE finished_at IS NOT NULL LIMIT 1",
    "draft_id": "SELECT draft_id FROM policy_draft LIMIT 1",
    "hold_id": "SELECT hold_id FROM hold WHERE released_at IS NULL LIMIT 1",
    "mailing_id": "SELECT run_id FROM job_run WHERE kind = 'mailing_count' LIMIT 1",
    "sweep_id": "SELECT run_id FROM job_run WHERE kind = 'sweep' LIMIT 1",
    "verification_id": "SELECT run_id FROM job_run WHERE kind = 'verify' LIMIT 1",
    "number": "SELECT number FROM policy_version ORDER BY sequence DESC LIMIT 1",
    "staff_id": "SELECT staff_id FROM staff LIMIT 1",
    "subject_id": "SELECT subject_id FROM subject_case WHERE state = 'open' LIMIT 1",
}
"""Where the id in a route comes from. A route with a place that is not named here fails."""

NOT_PAGES: tuple[str, ...] = (".svg",)
"""Routes answered with a picture, a file, or only in the middle of something: told apart by their own tests."""


class Demo(NamedTuple):
    """The month, with a session of somebody who holds every role, and one of the auditor."""

    installation: Installation
    omonat: Omonat
    everything: str
    auditor: str
    ids: dict[str, str]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("console")
    installation = Installation(folder / "data", folder / "keys", folder)
    words = ["demo", "--data", installation.data, "--keys", installation.keys, "--policy", POLICY]
    done = run_omonat([*words, "--admin", getpass.getuser()], home=folder)
    assert done.returncode == 0, done.stderr
    omonat = Omonat.open(installation.data)
    registers.runs(omonat)
    everything = staff_token(omonat, tuple(ROLES), "Every role")
    yield Demo(installation, omonat, everything, staff_token(omonat, ["auditor"]), _ids(installation))
    omonat.close()


def _ids(installation: Installation) -> dict[str, str]:
    with closing(sqlite3.connect(installation.data / "omonat.db")) as connection:
        found = {name: connection.execute(statement).fetchone() for name, statement in IDS.items()}
    return {name: _dashed(str(row[0])) for name, row in found.items() if row}


def _dashed(text: str) -> str:
    """SQLite keeps ids without hyphens."""
    return re.sub(r"^(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})$", r"\1-\2-\3-\4-\5", text)


def _pages(demo: Demo) -> list[str]:
    """Paths of all pages, the language left as a place."""
    templates = [
        route.path
        for route in create_asgi(demo.omonat).routes
        if route.path.startswith(CONSOLE) and "GET" in getattr(route, "methods", ())
    ]
    return [_filled(template, demo.ids) for template in sorted(templates) if not template.endswith(NOT_PAGES or "\0")]


def _filled(template: str, ids: dict[str, str]) -> str:
    return re.sub(r"\{(\w+):\w+\}", lambda found: ids.get(found[1], "{" + found[1] + "}"), template)


@contextmanager
def _statements(omonat: Omonat) -> Iterator[list[str]]:
    """What both databases are asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")):
            asked.append(statement)

    engines = (omonat.database.engine, omonat.keystore.database.engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)


def _open(demo: Demo, paths: list[str], token: str) -> dict[str, tuple[httpx.Response, list[str]]]:
    """Each page with the statements that it took; redirects are not followed."""
    app = create_asgi(demo.omonat)

    async def all_of_them() -> dict[str, tuple[httpx.Response, list[str]]]:
        transport = httpx.ASGITransport(app, client=("127.0.0.1", 5000))
        found = {}
        async with httpx.AsyncClient(
            transport=transport, base_url=ORIGIN, cookies={cookies.STAFF: token}, headers={"Accept": "text/html"}
        ) as client:
            await client.get("/healthz")
            await client.get("/en/policy")  # the policy in force is in memory from the first page on
            for path in paths:
                with _statements(demo.omonat) as asked:
                    found[path] = (await client.get(path), asked)
        return found

    return run_apart(all_of_them())


def test_every_page_is_small_and_asks_little(demo: Demo) -> None:
    paths = [path.replace("{language}", "uz-Latn") for path in _pages(demo)]
    assert [path for path in paths if "{" in path] == [], "name in IDS where these ids come from"
    wrong = []
    for path, (answer, asked) in _open(demo, paths, demo.everything).items():
        if answer.status_code >= 400 or len(answer.content) > MOST_BYTES or len(asked) >= MOST_STATEMENTS:
            wrong.append((path, answer.status_code, len(answer.content), asked))
    assert not wrong


def _values(demo: Demo) -> set[str]:
    """Names, addresses and numbers of everybody in the month, as the system itself opens them."""
    omonat, now = demo.omonat, demo.omonat.clock.now()
    found: set[str] = set()
    with closing(sqlite3.connect(demo.installation.data / "omonat.db")) as connection:
        subjects = [row[0] for row in connection.execute("SELECT DISTINCT subject_id FROM subject_case")]
    for subject_id in subjects:
        try:
            file = omonat.rights.person_file(SubjectId(UUID(subject_id)), now)
        except NotFound:  # erased meanwhile: nothing of them is left to look for
            continue
        found |= {
            value.value for value in file.values if value.field in ("name", "email", "phone") and not value.masked
        }
    return found


def test_the_auditor_reads_about_processing_and_nobodys_values(demo: Demo) -> None:
    values = _values(demo)
    assert len(values) > 10
    paths = [path.replace("{language}", "en") for path in _pages(demo)]
    lists = [f"{path}?format=csv" for path in paths]
    answers = _open(demo, paths + lists, demo.auditor)
    shown = {path: answer.text for path, (answer, _asked) in answers.items() if answer.status_code == 200}
    assert len(shown) > 10
    assert [(path, value) for path, text in shown.items() for value in values if value in text] == []


# --- in a browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[Server]:
    server = Server(demo.installation)
    yield server
    server.kill9()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desk"])
def test_axe_finds_nothing_and_nothing_runs_over_the_edge(
    demo: Demo, served: Server, open_page: OpenPage, language: str, phone: bool
) -> None:
    page = signed_in(open_page(phone=phone, color_scheme="dark" if language == "ru" else "light"), demo.everything)
    findings = {}
    for path in _pages(demo):
        page.goto(served.url + path.replace("{language}", language))
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        found = axe(page) + (["the page scrolls sideways"] if wide else [])
        if found:
            findings[path] = found
    assert not findings
