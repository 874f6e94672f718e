"""Likely matches, joining two people and separating one, each with a preview and seven days to undo it (2.1)."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotFound, OmonatError
from omonat.kernel.ids import SubjectId, to_id
from omonat.people import NotOpened, Stated
from omonat.web.console.people.pages import explained, page, said, to_card, to_subject
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted, filled
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.people import Preview

Subject = FromPath[str]


@get("/people/{subject_id:str}/matches", right="person.read", sync_to_thread=True)
def matches_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """Who may be the same person, and what was joined and separated before."""
    visit, subject = console_visit(request), to_subject(subject_id)
    try:
        found = visit.omonat.people.matches(visit.account, subject, visit.now)
        done = (
            visit.omonat.regroupings.of_subject(visit.account, subject, visit.now) if visit.may("person.merge") else []
        )
    except NotOpened:
        return to_card(visit, subject_id)
    return page(visit, "matches", title="Likely matches", subject_id=subject_id, matches=found, regroupings=done)


# --- joining --------------------------------------------------------------------------------------------------------


@get("/people/{subject_id:str}/join", right="person.merge", sync_to_thread=True)
def join_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """What would move; `with` in the address is the opaque id of the other one."""
    visit = console_visit(request)
    other = visit.request.query_params.get("with", "")
    if not other:
        return to_card(visit, subject_id)
    return _join_page(visit, to_subject(subject_id), to_subject(other), {}, None)


@post("/people/{subject_id:str}/join", right="person.merge", sync_to_thread=True)
def join(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Join the other one into this person."""
    visit, target = console_visit(request, posted), to_subject(subject_id)
    other = to_subject(posted.get("with", ""))
    try:
        visit.omonat.regroupings.join(visit.account, other, target, _stated(posted), visit.now)
    except (InvalidInput, Denied, Conflict) as error:
        return _join_page(visit, target, other, posted, error)
    except NotOpened:
        return to_card(visit, subject_id)
    return to_card(visit, subject_id, done="joined")


def _join_page(
    visit: ConsoleVisit, target: SubjectId, other: SubjectId, typed: dict[str, str], error: OmonatError | None
) -> Response[Any]:  # fmt: skip
    try:
        preview = visit.omonat.regroupings.preview_joining(visit.account, other, target, visit.now)
    except NotOpened:
        return to_card(visit, str(target))
    return _preview_page(visit, "join", "Join two records", preview, typed, error=error, subject_id=target, other=other)


def _stated(posted: dict[str, str]) -> Stated:
    return Stated(evidence=posted.get("evidence", ""), note=posted.get("note", ""), digest=posted.get("digest", ""))


def _preview_page(
    visit: ConsoleVisit, template: str, title: str, preview: "Preview", typed: dict[str, str],
    *, error: OmonatError | None, **more: Any,
) -> Response[Any]:  # fmt: skip
    problems = error.problems if isinstance(error, InvalidInput) else {}
    wrong = explained(visit, error) if error is not None and not problems else ""
    note = FieldView("note", said(visit, "What you have seen or heard"), "text", True, 500,
                     hint=said(visit, "Kept sealed beside it, for whoever asks later."))  # fmt: skip
    fields = filled((note,), typed, problems, language=visit.language)
    return page(
        visit, template, title=title, status=200 if error is None else 422, preview=preview, typed=typed,
        fields=fields, problems=problems, wrong=wrong, **more,
    )  # fmt: skip


# --- separating -----------------------------------------------------------------------------------------------------


@get("/people/{subject_id:str}/separate", right="person.merge", sync_to_thread=True)
def separate_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """Choose forms (`form` in the address: opaque ids), then see what would go with them."""
    visit = console_visit(request)
    chosen = visit.request.query_params.getall("form", [])
    return _separate_page(visit, to_subject(subject_id), chosen, {}, None)


@post("/people/{subject_id:str}/separate", right="person.merge", sync_to_thread=True)
def separate(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Make the sender of the chosen forms a person of his own."""
    visit, subject = console_visit(request, posted), to_subject(subject_id)
    chosen = posted.get("forms", "").split()
    try:
        visit.omonat.regroupings.separate(visit.account, subject, _ids(chosen), _stated(posted), visit.now)
    except (InvalidInput, Denied, Conflict) as error:
        return _separate_page(visit, subject, chosen, posted, error)
    except NotOpened:
        return to_card(visit, subject_id)
    return to_card(visit, subject_id, done="separated")


def _separate_page(
    visit: ConsoleVisit, subject: SubjectId, chosen: list[str], typed: dict[str, str], error: OmonatError | None
) -> Response[Any]:  # fmt: skip
    try:
        card = visit.omonat.people.card(visit.account, subject, visit.now, policy=visit.policy)
        if not chosen:
            wrong = explained(visit, error) if error else ""
            return page(visit, "choose", title="Separate what is another person's", subject_id=subject, card=card,
                        wrong=wrong, status=422 if error else 200)  # fmt: skip
        preview = visit.omonat.regroupings.preview_separating(visit.account, subject, _ids(chosen), visit.now)
    except NotOpened:
        return to_card(visit, str(subject))
    except InvalidInput as wrong:
        return page(visit, "choose", title="Separate what is another person's", subject_id=subject, card=card,
                    wrong=explained(visit, wrong), status=422)  # fmt: skip
    return _preview_page(
        visit, "separate", "Separate what is another person's", preview, typed, error=error, subject_id=subject,
        chosen=chosen,
    )  # fmt: skip


def _ids(chosen: list[str]) -> frozenset[UUID]:
    return frozenset(to_id(each) for each in chosen)


# --- undoing --------------------------------------------------------------------------------------------------------


@get("/people/{subject_id:str}/undo", right="person.merge", sync_to_thread=True)
def undo_page(request: AnyRequest, subject_id: Subject) -> Response[Any]:
    """What would go back; `act` in the address is the opaque id of the joining or separation."""
    visit, act = console_visit(request), console_visit(request).request.query_params.get("act", "")
    if not act:
        return to_card(visit, subject_id)
    return _undo_page(visit, to_subject(subject_id), to_id(act), None)


@post("/people/{subject_id:str}/undo", right="person.merge", sync_to_thread=True)
def undo(request: AnyRequest, subject_id: Subject, posted: Posted) -> Response[Any]:
    """Take it back."""
    visit, subject = console_visit(request, posted), to_subject(subject_id)
    act = to_id(posted.get("act", ""))
    try:
        visit.omonat.regroupings.undo(visit.account, subject, act, visit.now)
    except (Denied, Conflict) as error:
        return _undo_page(visit, subject, act, error)
    except NotOpened:
        return to_card(visit, subject_id)
    return to_card(visit, subject_id, done="undone")


def _undo_page(visit: ConsoleVisit, subject: SubjectId, act: UUID, error: OmonatError | None) -> Response[Any]:
    try:
        preview = visit.omonat.regroupings.preview_undo(visit.account, subject, act, visit.now)
    except NotOpened:
        return to_card(visit, str(subject))
    except Denied as over:
        return page(visit, "over", title="Too late", status=409, subject_id=subject, wrong=explained(visit, over))
    except NotFound:
        return to_card(visit, str(subject))
    return _preview_page(visit, "undo", "Undo it", preview, {}, error=error, subject_id=subject, act=act)


HANDLERS = (matches_page, join_page, join, separate_page, separate, undo_page, undo)
