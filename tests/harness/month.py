"""A month of invented events (`omonat demo`), one of everything that it lacks, and the pages that show it."""

import getpass
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import httpx
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import event

from harness import registers
from harness.apart import run_apart
from harness.installation import Installation, run_omonat
from harness.places import POLICY
from harness.staff import staff_token
from omonat.access import KeyAsked
from omonat.app import Omonat
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.staff import ROLES, StaffAccount
from omonat.web import cookies, create_asgi
from omonat.works import carry_out

CONSOLE = "/{language:str}/console"
ORIGIN = "http://localhost:8080"
NOT_THERE = "01a20511-0000-7000-8000-000000000000"

IDS = {
    "approval_id": "SELECT approval_id FROM approval LIMIT 1",
    "case_id": "SELECT case_id FROM subject_case WHERE state = 'open' AND kind = 'contact' LIMIT 1",
    "certificate_id": "SELECT event_id FROM destruction WHERE certificate IS NOT NULL LIMIT 1",
    "contract_id": "SELECT contract_id FROM contract LIMIT 1",
    "draft_id": "SELECT draft_id FROM policy_draft LIMIT 1",
    "endpoint_id": "SELECT endpoint_id FROM webhook_endpoint LIMIT 1",
    "hold_id": "SELECT hold_id FROM hold LIMIT 1",
    "import_id": "SELECT run_id FROM job_run WHERE kind = 'consent_check' LIMIT 1",
    "incident_id": "SELECT incident_id FROM incident LIMIT 1",
    "key_id": "SELECT key_id FROM api_key LIMIT 1",
    "mailing_id": "SELECT run_id FROM job_run WHERE kind = 'mailing_count' LIMIT 1",
    "measure_id": "SELECT measure_id FROM measure LIMIT 1",
    "role": "SELECT 'support'",
    "staff_id": "SELECT staff_id FROM staff WHERE name = 'Madina'",
    "subject_id": "SELECT subject_id FROM staff_opening LIMIT 1",
    "sweep_id": "SELECT run_id FROM job_run WHERE kind = 'sweep' LIMIT 1",
    "verification_id": "SELECT run_id FROM job_run WHERE kind = 'verify' LIMIT 1",
}
"""Where the id in a route comes from. A route with a place that is named neither here nor in ELSEWHERE fails."""

ELSEWHERE = ("{passkey_id:str}", "{token:str}", "/oidc/back", "/totp.svg", "/totp/remove")
"""Only in the middle of something: tests/web/test_signing_*, test_administration_*."""


class Month(NamedTuple):
    """The month, with a session of somebody who holds every role, and one of the auditor."""

    installation: Installation
    omonat: Omonat
    everything: str
    auditor: str
    ids: dict[str, str]


def new_month(folder: Path) -> Month:
    """Made through the command line, as anybody makes it; the application is opened in this process."""
    installation = Installation(folder / "data", folder / "keys", folder)
    words: list[str | Path] = ["demo", "--data", installation.data, "--keys", installation.keys, "--policy", POLICY]
    done = run_omonat([*words, "--admin", getpass.getuser()], home=folder)
    assert done.returncode == 0, done.stderr
    omonat = Omonat.open(installation.data)
    registers.runs(omonat)
    everything = staff_token(omonat, tuple(ROLES), "Every role")
    _more_than_a_month(omonat, omonat.staff.get_by_name("Every role"))
    return Month(installation, omonat, everything, staff_token(omonat, ["auditor"]), _ids(installation))


def _more_than_a_month(omonat: Omonat, account: StaffAccount) -> None:
    """What the month lacks, so that no page is empty: one of each."""
    now = omonat.clock.now()
    omonat.webhooks.add("https://crm.example.uz/omonat", ["case.opened"], actor=account, now=now)
    wrong = (
        b"address,purpose,channel,given_at,method,language,text\n" + b"nobody,news,email,2026-10-01,desk,en,Yes\n" * 120
    )
    carry_out(omonat, str(omonat.consent_files.look_at(wrong, by=account, now=now).run_id))
    omonat.incidents.open(account, "A laptop was lost", "It was encrypted.", detected_at=now, now=now)
    omonat.api_keys.ask(account, KeyAsked(name="site", rights=("collect",)), "the site", now)
    omonat.approvals.ask(account, "publish_policy", {"draft": NOT_THERE}, "for the tests", now)
    case = next(case for case in omonat.rights.cases("open", 50) if case.kind == "contact")
    _open_card(omonat, account, SubjectId(UUID(case.subject_id)))


def open_again(month: Month) -> None:
    """A card stays open for a quarter of an hour only, and a run over all pages takes longer on a slow machine."""
    omonat = month.omonat
    _open_card(omonat, omonat.staff.get_by_name("Every role"), SubjectId(UUID(month.ids["subject_id"])))


def _open_card(omonat: Omonat, account: StaffAccount, subject_id: SubjectId) -> None:
    omonat.people.open(account, subject_id, purpose="support", reason="call back", now=omonat.clock.now())


def _ids(installation: Installation) -> dict[str, str]:
    with closing(sqlite3.connect(installation.data / "omonat.db")) as connection:
        found = {name: connection.execute(statement).fetchone() for name, statement in IDS.items()}
    return {name: _dashed(str(row[0])) for name, row in found.items() if row}


def _dashed(text: str) -> str:
    """SQLite keeps ids without hyphens."""
    return re.sub(r"^(\w{8})(\w{4})(\w{4})(\w{4})(\w{12})$", r"\1-\2-\3-\4-\5", text)


# --- its pages --------------------------------------------------------------------------------------------------------


def console_routes(month: Month, method: str) -> list[str]:
    """Path templates of the console that answer this method."""
    return sorted(
        {
            route.path
            for route in create_asgi(month.omonat).routes
            if route.path.startswith(CONSOLE)
            for handler, _scope in getattr(route, "route_handler_map", {}).values()
            if isinstance(handler, HTTPRouteHandler) and method in handler.http_methods
        }
    )


def pages_of(month: Month) -> list[str]:
    """Paths of all pages, the language left as a place."""
    templates = console_routes(month, "GET")
    return [filled(one, month.ids) for one in templates if not any(part in one for part in ELSEWHERE)]


def filled(template: str, ids: dict[str, str]) -> str:
    """A path template with ids in its places; a place without one stays."""
    return re.sub(r"\{(\w+):\w+\}", lambda found: ids.get(found[1], "{" + found[1] + "}"), template)


@contextmanager
def statements(omonat: Omonat) -> Iterator[list[str]]:
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


class Shown(NamedTuple):
    """A page, and the statements that it took."""

    answer: httpx.Response
    asked: list[str]


def open_pages(month: Month, paths: list[str], token: str) -> dict[str, Shown]:
    """Each page in this process; redirects are not followed."""
    app = create_asgi(month.omonat)

    async def all_of_them() -> dict[str, Shown]:
        found = {}
        async with _client(app, token) as client:
            await client.get("/healthz")
            await client.get("/en/policy")  # the policy in force is in memory from the first page on
            for path in paths:
                with statements(month.omonat) as asked:
                    found[path] = Shown(await client.get(path), asked)
        return found

    return run_apart(all_of_them())


def send_forms(month: Month, forms: dict[str, dict[str, str]], token: str) -> dict[str, httpx.Response]:
    """Each form sent to its address, as somebody who is signed in sends it from a page of ours."""
    app = create_asgi(month.omonat)

    async def all_of_them() -> dict[str, httpx.Response]:
        async with _client(app, token, Origin=ORIGIN) as client:
            return {path: await client.post(path, data=fields) for path, fields in forms.items()}

    return run_apart(all_of_them())


class ApiCall(NamedTuple):
    """A call of the API; `sent` is its JSON."""

    method: str
    path: str
    sent: object = None


def call_api(month: Month, calls: list[ApiCall], secret: str) -> list[httpx.Response]:
    """Each call in this process with one key; `If-Match: *`, so that an act is tried whatever its thing's state."""
    app = create_asgi(month.omonat)
    headers = {"Authorization": f"Bearer {secret}", "If-Match": "*"}

    async def all_of_them() -> list[httpx.Response]:
        async with _client(app, "", **headers) as client:
            return [await client.request(one.method, one.path, **_sent(one)) for one in calls]

    return run_apart(all_of_them())


def _sent(call: ApiCall) -> dict[str, Any]:
    return {} if call.sent is None else {"json": call.sent}


def _client(app: Any, token: str, **headers: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
    said = {"Accept": "text/html", **headers}
    return httpx.AsyncClient(
        transport=transport, base_url=ORIGIN, cookies={cookies.STAFF: token} if token else {}, headers=said
    )


def personal_values(month: Month) -> set[str]:
    """Names, addresses and numbers of everybody in the month, as the system itself opens them."""
    omonat, now = month.omonat, month.omonat.clock.now()
    found: set[str] = set()
    with closing(sqlite3.connect(month.installation.data / "omonat.db")) as connection:
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
