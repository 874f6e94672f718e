"""Disclosures, recipients, and giving a person's data to a recipient (clause 5.1; Arts 13, 18, 23)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import Denied, InvalidInput
from omonat.kernel.ids import SubjectId, to_id
from omonat.registers import DisclosureLine, cursor
from omonat.web.console.pages import download, wants_csv
from omonat.web.console.registers.pages import asked_of, by_span, listed, page, said, table_file
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

_HEADS = ("When", "Recipient", "Purpose", "Ground", "Kinds of data", "Who", "Notice due", "Notice sent", "Person")
_RECIPIENT_HEADS = ("Recipient", "Country", "Ground", "Purposes", "Kinds of data", "Agreement", "Signed on")
_LONGEST_REASON = 200


@get("/disclosures", right="disclosure.read", sync_to_thread=True)
def disclosures(request: AnyRequest) -> Response[Any]:
    """Who received what, newest first, with the notices owed."""
    visit = console_visit(request)
    registers, by = visit.omonat.registers, visit.account
    lines = registers.disclosures(by, asked_of(visit, "recipient", "purpose"))
    if wants_csv(visit):
        rows = (
            (one.at, one.recipient, one.purpose, one.ground, " ".join(one.categories), one.actor, one.notice_due_at,
             one.notified_at, one.subject_id) for one in lines
        )  # fmt: skip
        return table_file(visit, "disclosures", _HEADS, rows)
    months, counted = registers.disclosed(by, visit.now)
    owed, late = registers.owed_notices(by, visit.now)
    return page(
        visit, "disclosures", title="Disclosures", list=listed(visit, lines, _end), owed=owed, late=late,
        counted=counted, by_month=by_span(months, counted),
    )  # fmt: skip


def _end(line: DisclosureLine) -> str:
    return cursor(line.at, line.disclosure_id)


@get("/recipients", right="disclosure.read", sync_to_thread=True)
def recipients(request: AnyRequest) -> Response[Any]:
    """Who may receive what, with agreement and country."""
    visit = console_visit(request)
    found = visit.policy.recipients
    if wants_csv(visit):
        rows = (
            (visit.names.recipient(key), one.country, one.ground, " ".join(one.purposes), " ".join(one.categories),
             one.agreement.number if one.agreement else "", one.agreement.signed_on if one.agreement else "")
            for key, one in found.items()
        )  # fmt: skip
        return table_file(visit, "recipients", _RECIPIENT_HEADS, rows)
    return page(visit, "recipients", title="Recipients", recipients=found)


# --- disclosing -------------------------------------------------------------------------------------------------------


@get("/people/{subject_id:str}/disclose", right="disclose", sync_to_thread=True)
def disclose_page(request: AnyRequest, subject_id: FromPath[str]) -> Response[Any]:
    """To whom, what for, which kinds of data, and why."""
    visit = console_visit(request)
    return _disclose_page(visit, subject_id, {})


def _disclose_page(
    visit: ConsoleVisit, subject_id: str, typed: dict[str, str], *, problem: str = "", reasons: tuple[str, ...] = (),
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    return page(
        visit, "disclose", title="Disclose data", status=status, subject_id=str(to_id(subject_id)), typed=typed,
        problem=problem, reasons=reasons, recipients=visit.policy.recipients, purposes=visit.policy.purposes,
        categories=visit.policy.categories,
    )  # fmt: skip


@post("/people/{subject_id:str}/disclose", right="disclose", sync_to_thread=True)
def disclose(request: AnyRequest, subject_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The package for the recipient, if the door says yes; its reasons, if it says no."""
    visit = console_visit(request, posted)
    visit.require("disclose")
    chosen = tuple(name for name in visit.policy.categories if posted.get(f"category_{name}"))
    try:
        done = visit.omonat.disclosures.disclose(
            SubjectId(to_id(subject_id)), posted.get("recipient", ""), posted.get("purpose", ""), chosen or None,
            actor=visit.actor, reason=_reason(posted), now=visit.now,
        )  # fmt: skip
    except Denied as error:
        reasons = tuple(str(error.details.get("reasons", "")).split(", "))
        return _disclose_page(visit, subject_id, posted, reasons=reasons, status=403)
    except InvalidInput:
        problem = said(visit, "Say why: the person sees it, at most 200 characters.")
        return _disclose_page(visit, subject_id, posted, problem=problem, status=422)
    return download(done.package, name=done.file_name, media_type="application/json")


def _reason(posted: dict[str, str]) -> str:
    reason = posted.get("reason", "").strip()
    if not 0 < len(reason) <= _LONGEST_REASON:
        raise InvalidInput({"reason": "A reason is needed."})
    return reason


HANDLERS = (disclosures, recipients, disclose_page, disclose)
