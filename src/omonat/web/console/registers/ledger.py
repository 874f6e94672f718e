"""The ledger for whoever checks it (clause 6.2): its signed head, entries as kind and hash, and a verification."""

from typing import Any

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.kernel.codec import from_builtins
from omonat.kernel.errors import NotFound
from omonat.ledger import BadNote, Published, Report, cosigned_at, open_checkpoint, read_witness_keys, witnessed_by
from omonat.web.console.pages import moved, wants_csv
from omonat.web.console.registers.pages import PAGE, WHOLE, Listed, by_span, page, run_of, run_state, table_file
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.uploads import Uploaded, uploaded
from omonat.web.visit import AnyRequest

RIGHT = "ledger.verify"
KIND = "verify"
_HEADS = ("Position", "When", "Kind", "SHA-256")
_LONGEST_CHECKPOINT = 10_000


@get("/ledger", right=RIGHT, sync_to_thread=True)
def ledger(request: AnyRequest) -> Response[Any]:
    """The head, who vouches for it, the entries."""
    visit = console_visit(request)
    query = visit.request.query_params
    kind, before = query.get("kind", "")[:40], query.get("before", "")
    csv = wants_csv(visit)
    lines = visit.omonat.registers.entries(
        visit.account,
        kind,
        int(before) if before.isdecimal() and len(before) < 18 else None,
        WHOLE if csv else PAGE + 1,
    )
    if csv:
        rows = ((one.position, one.at, one.kind, one.hash) for one in lines)
        return table_file(visit, "ledger", _HEADS, rows)
    days, counted = visit.omonat.registers.entries_by_day(visit.account, visit.now)
    more = f"?kind={kind}&before={lines[PAGE - 1].position}" if len(lines) > PAGE else ""
    listed = Listed(lines[:PAGE], more, f"?kind={kind}&format=csv", {"kind": kind})
    return page(
        visit, "ledger", title="Ledger", list=listed, counted=counted, by_day=by_span(days, counted),
        days=[day.name[5:] for day in days], last=visit.omonat.runs.newest((KIND,), 1), run_state=run_state,
        kinds=sorted({one.key[0] for one in counted} | ({kind} if kind else set())), problem="", **head_of(visit),
    )  # fmt: skip


def head_of(visit: ConsoleVisit) -> dict[str, Any]:
    """The checkpoint as text, its size, the key, and the witnesses who signed it."""
    omonat = visit.omonat
    key = omonat.verifier_key()
    try:
        data = Published(omonat.settings.ledger, key).checkpoint()
        size = open_checkpoint(data, key).size
    except (NotFound, BadNote):
        return {"vkey": key.text(), "checkpoint": "", "size": 0, "witnesses": []}
    return {"vkey": key.text(), "checkpoint": data.decode("utf-8", "replace"), "size": size,
            "witnesses": _witnesses(visit, data)}  # fmt: skip


def _witnesses(visit: ConsoleVisit, data: bytes) -> list[tuple[str, Any]]:
    """(name, moment of the cosignature or None) of every witness in the settings."""
    try:
        keys = read_witness_keys(visit.omonat.settings.witnesses)
    except BadNote:
        return []
    signed = {line.name: cosigned_at(line) for line in witnessed_by(data, keys)}
    return [(key.name, signed.get(key.name)) for key in keys]


@post("/ledger/verify", right=RIGHT, dependencies={"uploaded": Provide(uploaded)}, sync_to_thread=True)
def verify_now(request: AnyRequest, uploaded: Uploaded) -> Redirect:
    """Recompute everything in the background; with a checkpoint that was kept elsewhere, against it."""
    visit = console_visit(request, uploaded.fields)
    visit.require(RIGHT)
    kept = uploaded.files.get("checkpoint", b"")[:_LONGEST_CHECKPOINT].decode("utf-8", "replace")
    details = {"checkpoint": kept} if kept else {}
    run = visit.omonat.runs.start(KIND, details, actor=visit.actor, now=visit.now)
    return moved(visit, f"/ledger/verifications/{run.run_id}")


@get("/ledger/verifications/{verification_id:str}", right=RIGHT, sync_to_thread=True)
def verification(request: AnyRequest, verification_id: FromPath[str]) -> Response[Any]:
    """How far it is, and what was found."""
    visit = console_visit(request)
    run = run_of(visit, verification_id, KIND)
    report = None
    if run.result is not None:
        told = {name: value for name, value in run.result.items() if name != "files"}
        report = from_builtins(told, Report).facts(visit.language)
    return page(
        visit, "verification", title="Verification of the ledger", run=run, state=run_state(visit, run), report=report,
        files=(run.result or {}).get("files"), against=bool(run.details.get("checkpoint")),
    )  # fmt: skip


HANDLERS = (ledger, verify_now, verification)
