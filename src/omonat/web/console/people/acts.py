"""What is done for a person who asks by phone, on paper or at the desk; deletion on a page of its own."""

from collections.abc import Callable
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.documents import export_csv, export_json, export_pdf
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import SubjectId
from omonat.people import Line, NotOpened
from omonat.web.console.pages import download
from omonat.web.console.people.pages import explained, page, said, to_card, to_subject
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted, filled
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest

Subject = FromPath[str]
_EXPORTS: dict[str, tuple[Callable[..., bytes], str]] = {
    "json": (export_json, "application/json"),
    "csv": (export_csv, "text/csv"),
    "pdf": (export_pdf, "application/pdf"),
}
_TYPED = ("name", "email", "phone", "text")


@post("/people/{subject_id:str}/act", right="person.correct", sync_to_thread=True)
def act(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Suspend, lift, object, allow or withdraw, as the person asked."""
    visit = console_visit(request, posted)
    done = _ACTS.get(posted.get("act", ""))
    if done is None:
        raise BadRequest
    try:
        return to_card(visit, subject_id, done=done(visit, to_subject(subject_id), posted))
    except NotOpened:
        return to_card(visit, subject_id)


def _suspend(visit: ConsoleVisit, subject_id: SubjectId, posted: dict[str, str]) -> str:
    visit.omonat.people_acts.suspend(visit.account, subject_id, how=posted.get("how", ""), now=visit.now)
    return "suspended"


def _lift(visit: ConsoleVisit, subject_id: SubjectId, posted: dict[str, str]) -> str:
    visit.omonat.people_acts.lift(visit.account, subject_id, how=posted.get("how", ""), now=visit.now)
    return "lifted"


def _object(visit: ConsoleVisit, subject_id: SubjectId, posted: dict[str, str]) -> str:
    purpose, how = posted.get("purpose", ""), posted.get("how", "")
    visit.omonat.people_acts.object(visit.account, subject_id, purpose, how=how, now=visit.now)
    return "objected"


def _allow(visit: ConsoleVisit, subject_id: SubjectId, posted: dict[str, str]) -> str:
    purpose, how = posted.get("purpose", ""), posted.get("how", "")
    visit.omonat.people_acts.allow(visit.account, subject_id, purpose, how=how, now=visit.now)
    return "allowed"


def _withdraw(visit: ConsoleVisit, subject_id: SubjectId, posted: dict[str, str]) -> str:
    """`consent`: purpose and channel in one choice."""
    purpose, _, channel = posted.get("consent", "").partition(" ")
    visit.omonat.people_acts.withdraw(
        visit.account, subject_id, purpose, channel or None, language=visit.language, how=posted.get("how", ""),
        now=visit.now,
    )  # fmt: skip
    return "withdrawn"


_ACTS = {"suspend": _suspend, "lift": _lift, "object": _object, "allow": _allow, "withdraw": _withdraw}


# --- correcting -----------------------------------------------------------------------------------------------------


@get("/people/{subject_id:str}/correct", right="person.correct", sync_to_thread=True)
def correct_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """One value and a field for the right one; `record` in the address is an opaque id."""
    visit = console_visit(request)
    record_id = visit.request.query_params.get("record", "")
    if not record_id:
        return to_card(visit, subject_id)
    try:
        line = _line(visit, subject_id, record_id)
    except NotOpened:
        return to_card(visit, subject_id)
    return _correct_page(visit, subject_id, line, {"value": visit.names.value(line)}, {}, 200)  # type: ignore[arg-type]  # a line has what a value has


@post("/people/{subject_id:str}/correct", right="person.correct", sync_to_thread=True)
def correct(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Replace the value wherever it is held in that category; recipients are told (Art. 11)."""
    visit = console_visit(request, posted)
    record_id = posted.get("record", "")
    try:
        line = _line(visit, subject_id, record_id)
        visit.omonat.people_acts.correct(
            visit.account, to_subject(subject_id), record_id, posted.get("value", ""), how=posted.get("how", ""),
            now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _correct_page(visit, subject_id, line, posted, error.problems, 422)
    except NotOpened:
        return to_card(visit, subject_id)
    return to_card(visit, subject_id, done="corrected")


def _line(visit: ConsoleVisit, subject_id: str, record_id: str) -> Line:
    card = visit.omonat.people.card(visit.account, to_subject(subject_id), visit.now, policy=visit.policy)
    found = next((line for line in card.lines if line.record_id == record_id and can_be_corrected(visit, line)), None)
    if found is None:
        raise NotFound
    return found


def can_be_corrected(visit: ConsoleVisit, line: Line) -> bool:
    """What a person typed, is shown, and belongs to no contract."""
    typed = line.category in visit.policy.categories and visit.policy.categories[line.category].kind in _TYPED
    return typed and not line.masked and line.source != "contract"


def _correct_page(
    visit: ConsoleVisit, subject_id: str, line: Line, typed: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:  # fmt: skip
    kind = visit.policy.categories[line.category].kind
    field = FieldView("value", visit.names.field(line), kind, True, 4000)  # type: ignore[arg-type]  # a line has what a value has
    return page(
        visit, "correct", title="Put right", status=status, subject_id=subject_id, line=line, typed=typed,
        problems=problems, fields=filled((field,), typed, problems, language=visit.language),
    )  # fmt: skip


# --- deleting, taking along -----------------------------------------------------------------------------------------


@get("/people/{subject_id:str}/erase", right="person.erase", sync_to_thread=True)
def erase_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """What would go and what a law or a contract keeps; nothing is done yet."""
    return _erase_page(console_visit(request), subject_id, "", 200)


def _erase_page(visit: ConsoleVisit, subject_id: str, wrong: str, status: int) -> Response[Any]:
    try:
        card = visit.omonat.people.card(visit.account, to_subject(subject_id), visit.now, policy=visit.policy)
    except NotOpened:
        return to_card(visit, subject_id)
    runs = any(contract.state == "running" for contract in card.contracts)
    return page(
        visit, "erase", title="Delete the data of this person", status=status, subject_id=subject_id, card=card,
        runs=runs, wrong=wrong,
    )  # fmt: skip


@post("/people/{subject_id:str}/erase", right="person.erase", sync_to_thread=True)
def erase(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Destroy what nothing keeps; the certificate is shown."""
    visit = console_visit(request, posted)
    if posted.get("sure") != "on":
        return _erase_page(visit, subject_id, said(visit, "Tick that the person demands it."), 422)
    try:
        outcome = visit.omonat.people_acts.erase(
            visit.account, to_subject(subject_id), how=posted.get("how", ""), now=visit.now
        )
    except NotOpened:
        return to_card(visit, subject_id)
    except (Conflict, InvalidInput) as error:
        return _erase_page(visit, subject_id, explained(visit, error), 422)
    return page(visit, "erased", title="What could be deleted is deleted", subject_id=subject_id, outcome=outcome)


@post("/people/{subject_id:str}/export", right="person.read", sync_to_thread=True)
def export(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """The whole file of the person, to hand over; the person sees that it was made."""
    visit = console_visit(request, posted)
    wanted = posted.get("format", "")
    if wanted not in _EXPORTS:
        raise BadRequest
    make, media_type = _EXPORTS[wanted]
    try:
        file = visit.omonat.people_acts.export(
            visit.account, to_subject(subject_id), wanted, how=posted.get("how", ""), now=visit.now
        )
    except NotOpened:
        return to_card(visit, subject_id)
    name = f"person-{local_date(visit.now).isoformat()}.{wanted}"
    return download(make(file, visit.names), name=name, media_type=media_type)


HANDLERS = (act, correct_page, correct, erase_page, erase, export)
