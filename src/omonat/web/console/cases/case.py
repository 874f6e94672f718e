"""The page of one case: what is demanded, its thread, its history, and what a member may do with it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import Conflict, Denied, InvalidInput
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.rights import HeldValue
from omonat.rights.rules import REFUSALS
from omonat.support import CaseChanged, OpenedField
from omonat.support import rules as support_rules
from omonat.web.console.cases.pages import explained, page, reason, said
from omonat.web.console.pages import moved
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.support import CaseView

Case = FromPath[str]


@get("/cases/{case_id:str}", right="case.read", sync_to_thread=True)
def case_page(request: AnyRequest, case_id: Case) -> Response[Any]:
    """A case; `?open=1` opens its values for its purpose, which the person sees."""
    visit = console_visit(request)
    return _show(visit, case_id, {"open": visit.request.query_params.get("open", "")})


def _show(
    visit: ConsoleVisit, case_id: str, typed: dict[str, str], *, problems: dict[str, str] | None = None,
    wrong: str = "", status: int = 200,
) -> Response[Any]:  # fmt: skip
    """The page, with what was typed where something went wrong: nothing is lost."""
    support = visit.omonat.support
    opens = typed.get("open") == "1"
    view = support.threads.look(case_id, visit.now, reader=visit.account if opens else None, policy=visit.policy)
    may_open = view.is_held and view.purpose in visit.account.purposes
    problems = problems or {}
    return page(
        visit, "case", title="Case", status=status, view=view, case=view.case, opens=opens, may_open=may_open,
        members=support.queue.members() if visit.may("case.work") else (), typed=typed, wrong=wrong,
        problems=problems, reply_field=_text(visit, "text", typed, problems),
        comment_field=_text(visit, "comment", typed, problems), outcomes=support_rules.outcomes_for(view.case.kind),
        refusals=REFUSALS, may_reopen=support_rules.may_reopen(view.case, visit.now),
        letter_is_out=support_rules.is_letter_out(view.case), closed_reason=_closed_reason(visit, view),
        late=_is_late(visit, view), label=lambda field: _label(visit, field),
        written=lambda field: _written(visit, field),
    )  # fmt: skip


def _is_late(visit: ConsoleVisit, view: "CaseView") -> bool:
    return view.case.state == "open" and view.case.due_at < visit.now


def _closed_reason(visit: ConsoleVisit, view: "CaseView") -> str:
    """Why the values are shut, where it is not that nobody asked."""
    if view.closed_to in ("", "not_asked"):
        return ""
    if view.closed_to == "role":
        return reason(visit, "purpose_not_of_your_role")
    return ", ".join(reason(visit, code) for code in view.closed_to.split(", "))


def _text(visit: ConsoleVisit, name: str, typed: dict[str, str], problems: dict[str, str]) -> FieldView:
    label = said(visit, "Your answer") if name == "text" else said(visit, "Note for the other members")
    problem = translate(visit.language, "errors", problems[name]) if name in problems else ""
    return FieldView(name, label, "text", True, support_rules.TEXT_LENGTH, typed.get(name, ""), problem)


def _label(visit: ConsoleVisit, field: OpenedField) -> str:
    """What the form calls a value."""
    return visit.names.field(_held(field))


def _written(visit: ConsoleVisit, field: OpenedField) -> str:
    """A value as people write it."""
    return visit.names.value(_held(field))


def _held(field: OpenedField) -> HeldValue:
    return HeldValue(
        record_id="", field=field.field, category=field.category, purpose="", ground="", source=field.source,
        collected_at=None, keep_until=None, kept_by_law=None, value=field.value.reveal(), masked=False, proven=None,  # type: ignore[arg-type]  # only named and written
    )  # fmt: skip


# --- acts -------------------------------------------------------------------------------------------------------------


def _act(
    request: AnyRequest, case_id: str, posted: dict[str, str], do: Callable[[ConsoleVisit, int | None], str]
) -> Response[Any]:
    """Do it and come back; where it cannot be done the page says why and keeps what was typed."""
    visit = console_visit(request, posted)
    seen = int(posted["seen"]) if posted.get("seen", "").isdecimal() else None
    try:
        done = do(visit, seen)
    except InvalidInput as error:
        return _show(visit, case_id, posted, problems=error.problems, status=422)
    except (CaseChanged, Conflict, Denied) as error:
        return _show(visit, case_id, posted, wrong=explained(visit, error), status=409)
    opened = {"open": "1"} if posted.get("open") == "1" else {}
    return moved(visit, f"/cases/{case_id}", done=done, **opened)


@post("/cases/{case_id:str}/reply", right="case.work", sync_to_thread=True)
def reply(request: AnyRequest, case_id: Case, posted: Posted) -> Response[Any]:
    """Answer the person; with `close` the case is answered with it."""
    closes = posted.get("close") == "on"

    def do(visit: ConsoleVisit, seen: int | None) -> str:
        threads = visit.omonat.support.threads
        threads.reply(case_id, visit.account, posted.get("text", ""), now=visit.now, seen=seen, close=closes)
        return "closed_with_reply" if closes else "replied"

    return _act(request, case_id, posted, do)


@post("/cases/{case_id:str}/comment", right="case.work", sync_to_thread=True)
def comment(request: AnyRequest, case_id: Case, posted: Posted) -> Response[Any]:
    """A note between the staff."""

    def do(visit: ConsoleVisit, _seen: int | None) -> str:
        visit.omonat.support.threads.comment(case_id, visit.account, posted.get("comment", ""), now=visit.now)
        return "commented"

    return _act(request, case_id, posted, do)


@post("/cases/{case_id:str}/assign", right="case.work", sync_to_thread=True)
def assign(request: AnyRequest, case_id: Case, posted: Posted) -> Response[Any]:
    """Give the case to a member, or to nobody."""

    def do(visit: ConsoleVisit, seen: int | None) -> str:
        to = _member(posted.get("to", ""))
        visit.omonat.support.desk.assign(case_id, visit.account, to, now=visit.now, seen=seen)
        return "taken" if to == visit.account.staff_id else "assigned"

    return _act(request, case_id, posted, do)


def _member(text: str) -> UUID | None:
    """Whom; empty is nobody. Raises InvalidInput."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput({"to": "This member may not work on cases."}) from None


@post("/cases/{case_id:str}/close", right="case.close", sync_to_thread=True)
def close(request: AnyRequest, case_id: Case, posted: Posted) -> Response[Any]:
    """Close with an outcome; a refusal needs a reason that the law knows."""

    def do(visit: ConsoleVisit, seen: int | None) -> str:
        outcome = posted.get("outcome", "")
        refusal = posted.get("reason", "") if outcome == "refused" else ""
        visit.omonat.support.desk.close(case_id, visit.account, outcome, now=visit.now, reason=refusal, seen=seen)
        return "closed"

    return _act(request, case_id, posted, do)


@post("/cases/{case_id:str}/reopen", right="case.close", sync_to_thread=True)
def reopen(request: AnyRequest, case_id: Case, posted: Posted) -> Response[Any]:
    """Take a wrong end back."""

    def do(visit: ConsoleVisit, seen: int | None) -> str:
        desk = visit.omonat.support.desk
        desk.reopen(case_id, visit.account, now=visit.now, note=posted.get("note", ""), seen=seen)
        return "reopened"

    return _act(request, case_id, posted, do)


@post("/cases/{case_id:str}/send-again", right="case.work", sync_to_thread=True)
def send_again(request: AnyRequest, case_id: Case, posted: Posted) -> Response[Any]:
    """Try once more to deliver an answer that was given up."""

    def do(visit: ConsoleVisit, _seen: int | None) -> str:
        threads = visit.omonat.support.threads
        threads.send_again(case_id, visit.account, posted.get("message", ""), now=visit.now)
        return "repeated"

    return _act(request, case_id, posted, do)


_ACTS = ("reply", "comment", "assign", "close", "reopen", "send-again")


@get([f"/cases/{{case_id:str}}/{act}" for act in _ACTS], right="case.read", sync_to_thread=False)
def only_a_button(request: AnyRequest, case_id: Case) -> Response[Any]:
    """What a button does is no page: whoever follows its address comes back to the case."""
    return moved(console_visit(request), f"/cases/{to_id(case_id)}")


HANDLERS = (case_page, reply, comment, assign, close, reopen, send_again, only_a_button)
