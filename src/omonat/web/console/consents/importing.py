"""Taking over consents that the company already has: a file is looked at, then taken over (Art. 31; clause 3.1).

The rules are those of `omonat consent import`. Rows are named by their line; no value of a row is shown.
"""

from datetime import timedelta
from typing import Any

from litestar import Response, get, post
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.consent import (
    CHANNEL_KINDS,
    IMPORT_CHECK,
    IMPORT_COLUMNS,
    IMPORT_FILE_PROBLEMS,
    IMPORT_KINDS,
    IMPORT_RIGHT,
    MOST_IMPORT_BYTES,
    UnreadableTable,
    file_is_there,
)
from omonat.documents import csv_table
from omonat.jobs import Run
from omonat.kernel.clock import local_date
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import to_id
from omonat.rights import grant_text
from omonat.web.console.consents.pages import page, said
from omonat.web.console.consents.words import CODES, COLUMNS, REFUSED
from omonat.web.console.pages import csv_file, download, moved, part_of, wants_csv
from omonat.web.console.registers.pages import run_of, run_state
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.problems import answer_error
from omonat.web.uploads import Uploaded, uploaded
from omonat.web.visit import AnyRequest

SHOWN = 100
_MEGABYTES = MOST_IMPORT_BYTES // 1_000_000
_FORM_BYTES = 2 * MOST_IMPORT_BYTES
_LAST = 30
_HEADS = ("When", "Who", "What", "State", "Taken", "Taken before", "Refused")
ImportPath = FromPath[str]


@get("/consents/import", right=IMPORT_RIGHT, sync_to_thread=True)
def imports(request: AnyRequest) -> Response[Any]:
    """Where the file goes, its columns, and the files so far."""
    visit = console_visit(request)
    if not wants_csv(visit):
        return _imports_page(visit)
    if part_of(visit) == "template":
        name = f"consents-template-{visit.language}.csv"
        return download(_template(visit), name=name, media_type="text/csv")
    rows = (
        (one.asked_at, one.actor, said(visit, _what(one)), run_state(visit, one), *_counts(one).values())
        for one in visit.omonat.runs.newest(IMPORT_KINDS, 1000)
    )
    return csv_file(visit, "consent-imports", [said(visit, head) for head in _HEADS], rows)


def _imports_page(visit: ConsoleVisit, *, problem: str = "", status: int = 200) -> Response[Any]:
    runs = visit.omonat.runs.newest(IMPORT_KINDS, _LAST)
    return page(
        visit, "import", title="Import consents", status=status, problem=problem,
        columns=[(name, said(visit, COLUMNS[name], **CODES)) for name in IMPORT_COLUMNS],
        offered=_offered(visit), megabytes=_MEGABYTES,
        runs=[(one, said(visit, _what(one)), run_state(visit, one), _counts(one)) for one in runs],
    )  # fmt: skip


def _what(run: Run) -> str:
    return "looked at" if run.kind == IMPORT_CHECK else "taken over"


def _counts(run: Run) -> dict[str, int | None]:
    result = run.result or {}
    return {word: result.get(word) for word in ("taken", "known", "refused")}


def _offered(visit: ConsoleVisit) -> list[tuple[str, str]]:
    """What a row may name: purpose and channel."""
    declared = visit.policy.purposes.items()
    return [(name, channel) for name, one in declared for channel in one.channels if channel in CHANNEL_KINDS]


def _template(visit: ConsoleVisit) -> bytes:
    """The columns with one invented row that fits the policy in force. Raises NotFound where no row would."""
    policy, offered = visit.policy, _offered(visit)
    if not offered:
        raise NotFound
    purpose, channel = offered[0]
    row = {
        "address": "dilnoza@example.uz" if CHANNEL_KINDS[channel] == "email" else "+998901234567",
        "purpose": purpose, "channel": channel, "given_at": local_date(visit.now - timedelta(days=30)).isoformat(),
        "method": "call", "language": visit.language, "text": grant_text(policy, purpose, channel, visit.language),
        "reference": "call-1024", "offset_seconds": "17", "script": "3", "given_by": "person", "offer": "",
    }  # fmt: skip
    return csv_table(visit.language, IMPORT_COLUMNS, [[row[name] for name in IMPORT_COLUMNS]])


def too_large(request: AnyRequest, error: HTTPException) -> Response[Any]:
    """More than is read at all: the same page says how much a file may hold."""
    if error.status_code != 413:
        return answer_error(request, error)
    visit = console_visit(request)
    return _imports_page(visit, problem=_problem(visit, UnreadableTable("too_large", megabytes=_MEGABYTES)), status=413)


@post(
    "/consents/import", right=IMPORT_RIGHT, request_max_body_size=_FORM_BYTES, sync_to_thread=True,
    dependencies={"uploaded": Provide(uploaded)}, exception_handlers={HTTPException: too_large},
)  # fmt: skip
def look_at(request: AnyRequest, uploaded: Uploaded) -> Response[Any] | Redirect:
    """Have a file looked at; nothing of it is taken over yet."""
    visit = console_visit(request, uploaded.fields)
    try:
        run = visit.omonat.consent_files.look_at(uploaded.files.get("file", b""), by=visit.account, now=visit.now)
    except UnreadableTable as error:
        return _imports_page(visit, problem=_problem(visit, error), status=422)
    return moved(visit, f"/consents/import/{run.run_id}")


def _problem(visit: ConsoleVisit, error: UnreadableTable) -> str:
    return said(visit, IMPORT_FILE_PROBLEMS[error.word], **error.details)


# --- one file ---------------------------------------------------------------------------------------------------------


@get("/consents/import/{import_id:str}", right=IMPORT_RIGHT, sync_to_thread=True)
def one_import(request: AnyRequest, import_id: ImportPath) -> Response[Any]:
    """How far it is; what would be or was taken over, and each row that is refused, with its line and reason."""
    visit = console_visit(request)
    run = run_of(visit, import_id, *IMPORT_KINDS)
    problems = [(line, said(visit, REFUSED[code], **CODES)) for line, code in (run.result or {}).get("problems", ())]
    if wants_csv(visit):
        return csv_file(visit, "consents-refused", [said(visit, "Line"), said(visit, "Reason")], problems)
    mine, only_looked = run.actor == visit.actor, run.kind == IMPORT_CHECK
    return page(
        visit, "file", title="A file of consents", run=run, state=run_state(visit, run), mine=mine,
        only_looked=only_looked, counts=_counts(run), problems=problems[:SHOWN],
        is_there=only_looked and file_is_there(run, visit.now),
    )  # fmt: skip


@post("/consents/import/{import_id:str}/take", right=IMPORT_RIGHT, sync_to_thread=True)
def take(request: AnyRequest, import_id: ImportPath, posted: Posted) -> Redirect:
    """Take over what was looked at; it goes on in the background."""
    visit = console_visit(request, posted)
    run = visit.omonat.consent_files.take_over(to_id(import_id), by=visit.account, now=visit.now)
    return moved(visit, f"/consents/import/{run.run_id}")


@post("/consents/import/{import_id:str}/drop", right=IMPORT_RIGHT, sync_to_thread=True)
def drop(request: AnyRequest, import_id: ImportPath, posted: Posted) -> Redirect:
    """Throw the file away, or stop taking it over."""
    visit = console_visit(request, posted)
    which = to_id(import_id)
    files = visit.omonat.consent_files
    try:
        files.drop(which, by=visit.account, now=visit.now)
    except NotFound:
        stopped = files.stop(which, by=visit.account, now=visit.now)
        return moved(visit, f"/consents/import/{which}", **({"done": "stopped"} if stopped else {}))
    return moved(visit, "/consents/import", done="dropped")


HANDLERS = (imports, look_at, one_import, take, drop)
