"""Every consent with its proof as one file, which two people answer for (Art. 31; clause 6.2).

Asked for with a reason, approved by another, downloaded once by whoever asked: the lines of `omonat consent export`,
made while they leave and kept nowhere. Where nobody else has the right, the answer to the form is the file.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from omonat.consent import EXPORT, EXPORT_RIGHT, export_consents
from omonat.kernel.clock import local_date
from omonat.kernel.codec import to_json
from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.staff import Waiting
from omonat.web.console.consents.pages import page
from omonat.web.console.pages import NO_STORE, moved
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

_LINES = 200


@get("/consents/export", right=EXPORT_RIGHT, sync_to_thread=True)
def export_page(request: AnyRequest) -> Response[Any]:
    """What is in the file, how a line is checked, and where the file is asked for or downloaded."""
    return _page(console_visit(request), {})


def _page(visit: ConsoleVisit, typed: dict[str, str], *, problem: str = "", status: int = 200) -> Response[Any]:
    asked = visit.omonat.approvals.list(rights=frozenset({EXPORT_RIGHT}), open_at=visit.now)
    mine = [one for one in asked if one.asked_by == visit.actor and visit.now < one.expires_at]
    return page(
        visit, "export", title="Export consents", status=status, typed=typed, problem=problem,
        waiting=[one for one in mine if one.state == "waiting"], ready=[one for one in mine if one.state == "approved"],
        alone=not visit.omonat.approvals.others(visit.account, EXPORT),
    )  # fmt: skip


@post("/consents/export", right=EXPORT_RIGHT, status_code=200, sync_to_thread=True)
def ask(request: AnyRequest, posted: Posted) -> Response[Any] | Redirect:
    """Ask a second person; the file at once where there is none. Raises SecondPersonMissing."""
    visit = console_visit(request, posted)
    try:
        outcome = visit.omonat.approvals.act(visit.account, EXPORT, {}, posted.get("reason", ""), visit.now)
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return _page(visit, posted, problem=problem, status=422)
    if isinstance(outcome, Waiting):
        return moved(visit, "/consents/export", done="waiting")
    return _file(visit)


@post("/consents/export/{approval_id:str}/fetch", right=EXPORT_RIGHT, status_code=200, sync_to_thread=True)
def fetch(request: AnyRequest, approval_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The file that was approved, once, for whoever asked. Raises NotFound, ApprovalOver."""
    visit = console_visit(request, posted)
    visit.omonat.approvals.take_up(visit.account, to_id(approval_id), EXPORT, {}, visit.now)
    return _file(visit)


def _file(visit: ConsoleVisit) -> Response[Any]:
    omonat = visit.omonat
    lines = export_consents(omonat.database, omonat.ledger, actor=visit.actor, now=visit.now)
    name = f"consents-{local_date(visit.now).isoformat()}.jsonl"
    headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(_in_pieces(lines), media_type="application/x-ndjson", headers=headers)


def _in_pieces(lines: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """As the command line writes them; some hundred lines leave together."""
    rest = iter(lines)
    while piece := b"".join(to_json(line) + b"\n" for line in islice(rest, _LINES)):
        yield piece


HANDLERS = (export_page, ask, fetch)
