"""What comes due, holds by law, and certificates of destruction (clause 6.3; Art. 17)."""

from datetime import date
from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.documents import certificate_json, certificate_pdf, certificate_state
from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import SubjectId, to_id
from omonat.receipts import Wanted, receipt_pdf
from omonat.registers import CertificateLine, HoldLine, cursor
from omonat.staff import Waiting
from omonat.web.console.pages import download, moved, wants_csv
from omonat.web.console.registers.pages import asked_of, by_span, listed, page, said, table_file
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

_DUE_HEADS = ("Purpose", "Kind of data", "Overdue")
_HOLD_HEADS = ("Placed", "Law", "Purpose", "Kind of data", "Until", "Who", "Person")
_CERTIFICATE_HEADS = ("Certificate", "When", "Why", "Who", "Values", "Person")
_LONGEST_REASON = 500
TRIGGERS = ("demand", "withdrawal", "term", "disagree", "merged", "orphan")


@get("/retention", right="retention.read", sync_to_thread=True)
def due(request: AnyRequest) -> Response[Any]:
    """Values whose term ends, by purpose and kind of data, in the next twelve months."""
    visit = console_visit(request)
    months, counted = visit.omonat.registers.due(visit.account, visit.now)
    if wants_csv(visit):
        heads = [*(said(visit, head) for head in _DUE_HEADS), *(month.name for month in months)]
        rows = ((visit.names.purpose(one.key[0]), visit.names.category(one.key[1]), *one.counts) for one in counted)
        return table_file(visit, "retention", heads, rows)
    late = [(one.key, one.counts[0]) for one in counted if one.counts[0]]
    coming = [msgspec.structs.replace(one, counts=one.counts[1:]) for one in counted]
    coming = [one for one in coming if one.total]
    return page(
        visit, "retention", title="Retention", late=late, counted=coming, by_month=by_span(months, coming),
        months=[month.name for month in months], first_month=_first,
    )  # fmt: skip


def _first(counts: tuple[int, ...]) -> int:
    return next(number for number, count in enumerate(counts) if count)


# --- holds ----------------------------------------------------------------------------------------------------------


@get("/retention/holds", right="retention.read", sync_to_thread=True)
def holds(request: AnyRequest) -> Response[Any]:
    """Holds in force."""
    visit = console_visit(request)
    lines = visit.omonat.registers.holds(visit.account, asked_of(visit))
    if wants_csv(visit):
        rows = (
            (one.placed_at, one.law, one.purpose, one.category, one.until_on, one.placed_by, one.subject_id)
            for one in lines
        )
        return table_file(visit, "holds", _HOLD_HEADS, rows)
    return page(visit, "holds", title="Holds by law", list=listed(visit, lines, _hold_end))


def _hold_end(line: HoldLine) -> str:
    return cursor(line.placed_at, line.hold_id)


@get("/retention/holds/new", right="hold.place", sync_to_thread=True)
def hold_page(request: AnyRequest) -> Response[Any]:
    """Which law keeps whose data, from which day."""
    visit = console_visit(request)
    return _hold_page(visit, {"person": request.query_params.get("person", "")})


def _hold_page(visit: ConsoleVisit, typed: dict[str, str], *, problem: str = "", status: int = 200) -> Response[Any]:
    return page(
        visit, "hold", title="Place a hold", status=status, typed=typed, problem=problem,
        laws=[(key, visit.names.law(key)) for key in visit.policy.holds or visit.pack.holds],
        purposes=[("", visit.names.purpose(None)), *((key, visit.names.purpose(key)) for key in visit.policy.purposes)],
        categories=[
            ("", said(visit, "every kind of data")),
            *((key, visit.names.category(key)) for key in visit.policy.categories),
        ],
    )  # fmt: skip


@post("/retention/holds/new", right="hold.place", sync_to_thread=True)
def place_hold(request: AnyRequest, posted: Posted) -> Response[Any] | Redirect:
    """Place it; the last day comes from the rule pack."""
    visit = console_visit(request, posted)
    visit.require("hold.place")
    try:
        from_on, reason = _hold_facts(posted)
        visit.omonat.retention.holds.place(
            SubjectId(to_id(posted.get("person", "").strip())), posted.get("law", ""), from_on,
            purpose=posted.get("purpose") or None, category=posted.get("category") or None, actor=visit.actor,
            reason=reason, now=visit.now,
        )  # fmt: skip
    except InvalidInput:
        problem = said(visit, "A day and a reason are needed.")
        return _hold_page(visit, posted, problem=problem, status=422)
    except NotFound:
        problem = said(visit, "There is no person with that number.")
        return _hold_page(visit, posted, problem=problem, status=422)
    return moved(visit, "/retention/holds", done="held")


def _hold_facts(posted: dict[str, str]) -> tuple[date, str]:
    reason = posted.get("reason", "").strip()
    try:
        from_on = date.fromisoformat(posted.get("from", ""))
    except ValueError:
        from_on = None
    if from_on is None or not 0 < len(reason) <= _LONGEST_REASON:
        raise InvalidInput({"reason": "A reason is needed."})
    return from_on, reason


@get("/retention/holds/{hold_id:str}/release", right="hold.release", sync_to_thread=True)
def release_page(request: AnyRequest, hold_id: FromPath[str]) -> Response[Any]:
    """What ends with the hold, before it does."""
    return _release_page(console_visit(request), hold_id)


def _release_page(visit: ConsoleVisit, hold_id: str, *, problem: str = "", status: int = 200) -> Response[Any]:
    hold = visit.omonat.registers.hold(visit.account, to_id(hold_id))
    return page(visit, "release", title="Release a hold", status=status, hold=hold, problem=problem)


@post("/retention/holds/{hold_id:str}/release", right="hold.release", sync_to_thread=True)
def release_hold(request: AnyRequest, hold_id: FromPath[str], posted: Posted) -> Response[Any] | Redirect:
    """Release it, or ask a second person to."""
    visit = console_visit(request, posted)
    hold = visit.omonat.registers.hold(visit.account, to_id(hold_id))
    reason = posted.get("reason", "").strip()
    if not reason:
        return _release_page(visit, hold_id, problem=said(visit, "Say why."), status=422)
    outcome = visit.omonat.approvals.act(
        visit.account, "release_hold", {"hold": str(hold.hold_id)}, reason, visit.now
    )  # fmt: skip
    waits = isinstance(outcome, Waiting)
    return moved(visit, "/retention/holds", done="waiting" if waits else "released")


# --- certificates ---------------------------------------------------------------------------------------------------


@get("/retention/certificates", right="retention.read", sync_to_thread=True)
def certificates(request: AnyRequest) -> Response[Any]:
    """Certified destructions, newest first."""
    visit = console_visit(request)
    lines = visit.omonat.registers.certificates(visit.account, asked_of(visit, "kind"))
    if wants_csv(visit):
        rows = ((one.event_id, one.finished_at, one.trigger, one.actor, one.records, one.subject_id) for one in lines)
        return table_file(visit, "certificates", _CERTIFICATE_HEADS, rows)
    return page(
        visit, "certificates", title="Certificates of destruction", list=listed(visit, lines, _certificate_end),
        triggers=TRIGGERS,
    )  # fmt: skip


def _certificate_end(line: CertificateLine) -> str:
    return cursor(line.finished_at, line.event_id)


@get("/retention/certificates/{certificate_id:str}", right="retention.read", sync_to_thread=True)
def certificate(request: AnyRequest, certificate_id: FromPath[str]) -> Response[Any]:
    """One certificate; `?format=` `pdf`, `json` are files, `receipt`, `receipt-pdf` the same signed and proven."""
    visit = console_visit(request)
    line = visit.omonat.registers.certificate(visit.account, to_id(certificate_id))
    read = line.whole
    name = f"certificate-{line.event_id}"
    match request.query_params.get("format"):
        case "receipt" | "receipt-pdf" as wanted:
            return _receipt(visit, line, wanted)
        case "pdf":
            return download(certificate_pdf(read, visit.names), name=f"{name}.pdf", media_type="application/pdf")
        case "json":
            return download(certificate_json(read, visit.names), name=f"{name}.json", media_type="application/json")
    return page(
        visit,
        "certificate",
        title="Certificate of destruction",
        line=line,
        certificate=read,
        state=certificate_state(read, visit.names),
    )


def _receipt(visit: ConsoleVisit, line: CertificateLine, wanted: str) -> Response[Any]:
    """With signature, proof and checkpoint; the name says when the proof is missing. It names nobody."""
    receipt = Wanted(kind="destruction", subject_id=SubjectId(line.subject_id), id=line.event_id)
    made = visit.omonat.receipts.make(receipt, visit.now)
    name = f"receipt-destruction-{line.event_id}{'' if made.proven else '-without-proof'}"
    if wanted == "receipt-pdf":
        return download(receipt_pdf(made, visit.names), name=f"{name}.pdf", media_type="application/pdf")
    return download(made.content, name=f"{name}.json", media_type="application/json")


HANDLERS = (due, holds, hold_page, place_hold, release_page, release_hold, certificates, certificate)
