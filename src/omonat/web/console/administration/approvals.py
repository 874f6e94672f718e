"""What waits for a second person, and what came of it (clause 6.2)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import to_id
from omonat.staff import APPROVAL_KINDS, Approval
from omonat.web.console.administration.pages import page, reason_field, said
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

PAGE = 50
SEES_ALL = "journal.read"
HEADS = ("Act", "State", "Asked by", "Asked", "Reason", "Decided by", "Decided")


@get("/approvals", right=SIGNED_IN, sync_to_thread=True)
def approval_list(request: AnyRequest) -> Response[Any]:
    """Those that the reader may decide on, and his own; whoever reads the journal sees all."""
    visit = console_visit(request)
    asked = visit.request.query_params
    after = to_id(asked["after"]) if asked.get("after") else None
    is_open = asked.get("state", "open") != "all"
    rights = None if visit.may(SEES_ALL) else visit.account.rights
    rows = visit.omonat.approvals.list(
        rights=rights, open_at=visit.now if is_open else None, after=after, limit=PAGE + 1
    )  # fmt: skip
    if wants_csv(visit):
        cells = (
            (one.kind, one.state, one.asked_by, one.asked_at, one.reason, one.decided_by, one.decided_at)
            for one in rows
        )
        return csv_file(visit, "approvals", [said(visit, head) for head in HEADS], cells)
    more = visit.url(f"/console/approvals?state=all&after={rows[PAGE - 1].approval_id}") if len(rows) > PAGE else ""
    return page(visit, "approvals", title="Approvals", rows=rows[:PAGE], is_open=is_open, more=more)


@get("/approvals/{approval_id:str}", right=SIGNED_IN, sync_to_thread=True)
def approval(request: AnyRequest, approval_id: FromPath[str]) -> Response[Any]:
    """One act: who asked for what and why; approve or refuse."""
    visit = console_visit(request)
    return _approval_page(visit, _seen(visit, approval_id), {}, {})


def _seen(visit: ConsoleVisit, approval_id: str) -> Approval:
    found = visit.omonat.approvals.get(to_id(approval_id))
    if not (visit.may(APPROVAL_KINDS[found.kind]) or visit.may(SEES_ALL) or found.asked_by == visit.actor):
        raise NotFound
    return found


def _approval_page(
    visit: ConsoleVisit, found: Approval, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:  # fmt: skip
    own = found.asked_id == visit.account.staff_id or found.asked_by == visit.actor
    right = visit.may(APPROVAL_KINDS[found.kind])
    return page(
        visit, "approval", title="Approval", status=422 if problems else 200, found=found, own=own,
        may_decide=right and not own and found.is_open(visit.now),
        may_repeat=right and found.state == "failed" and not found.alone,
        is_over=found.state == "waiting" and not found.is_open(visit.now), member=_member_name(visit, found),
        fields=(reason_field(visit, problems, typed.get("reason", "")),),
    )  # fmt: skip


def _member_name(visit: ConsoleVisit, found: Approval) -> str:
    """The name of the member whom an act is about."""
    whom = found.payload.get("staff", "")
    return next((one.name for one in visit.omonat.staff.list() if str(one.staff_id) == whom), whom) if whom else ""


@post("/approvals/{approval_id:str}/approve", right=SIGNED_IN, sync_to_thread=True)
def approve(request: AnyRequest, approval_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The second person says yes: it is carried out at once."""
    visit = console_visit(request, posted)
    found = _seen(visit, approval_id)
    decided = visit.omonat.approvals.decide(
        visit.account, found.approval_id, yes=True, reason=posted.get("reason", ""), now=visit.now
    )
    done = {"done": "approved", "approved": "approved_later"}.get(decided.state, "approved_failed")
    return moved(visit, f"/approvals/{found.approval_id}", done=done)


@post("/approvals/{approval_id:str}/refuse", right=SIGNED_IN, sync_to_thread=True)
def refuse(request: AnyRequest, approval_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The second person says no, and why."""
    visit = console_visit(request, posted)
    found = _seen(visit, approval_id)
    try:
        visit.omonat.approvals.decide(
            visit.account, found.approval_id, yes=False, reason=posted.get("reason", ""), now=visit.now
        )
    except InvalidInput as error:
        return _approval_page(visit, found, posted, error.problems)
    return moved(visit, f"/approvals/{found.approval_id}", done="refused")


@post("/approvals/{approval_id:str}/repeat", right=SIGNED_IN, sync_to_thread=True)
def repeat(request: AnyRequest, approval_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Carry out once more what failed."""
    visit = console_visit(request, posted)
    found = visit.omonat.approvals.repeat(visit.account, _seen(visit, approval_id).approval_id, visit.now)
    done = "approved" if found.state == "done" else "approved_failed"
    return moved(visit, f"/approvals/{found.approval_id}", done=done)


HANDLERS = (approval_list, approval, approve, refuse, repeat)
