"""Putting a value right, and proving with a code that a further address or number is mine (clauses 7.1 b, 2.1)."""

from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.rights import WrongCode
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import ANSWERS, CODES, limited
from omonat.web.portal.overview import own_value, typed_records
from omonat.web.portal.pages import moved, page
from omonat.web.portal.person import PortalVisit, browser_tag, open_person
from omonat.web.portal.signing import code_field, digits
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.rights import HeldValue

_LONGEST = 4000


@get("/values/{record_id:str}", sync_to_thread=True)
def value_page(request: AnyRequest, record_id: FromPath[str]) -> Response[Any]:
    """One value and a field for the right one."""
    visit = open_person(request)
    value = _correctable(visit, record_id)
    return _value_page(visit, value, visit.names.value(value), "", status=200)


@post("/values/{record_id:str}", sync_to_thread=True)
def correct_value(request: AnyRequest, record_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Replace the value; a case keeps that it was done, recipients are told (Art. 11)."""
    visit = open_person(request, posted)
    value = _correctable(visit, record_id)
    typed = posted.get("value", "")
    try:
        visit.omonat.rights.correct(visit.subject_id, record_id, typed, visit.now)
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return _value_page(visit, value, typed, problem, status=422)
    return moved(visit, "/my?done=corrected")


def _correctable(visit: PortalVisit, record_id: str) -> "HeldValue":
    value = own_value(visit, record_id)
    if record_id not in typed_records(visit.policy, (value,)):
        raise NotFound
    return value


def _value_page(visit: PortalVisit, value: "HeldValue", typed: str, problem: str, *, status: int) -> Response[Any]:
    kind = visit.policy.categories[value.category].kind
    form = visit.policy.forms.get(value.source.removeprefix("form:"))
    longest = form.fields[value.field].max_length if form and value.field in form.fields else _LONGEST
    field = FieldView("value", visit.names.field(value), kind, True, longest, typed, problem)
    return page(
        visit, "value", title="Put right", status=status, signed_in=True, value=value, fields=(field,),
        identifies=visit.policy.categories[value.category].identifies,
    )  # fmt: skip


@post("/values/{record_id:str}/prove", guards=[limited(CODES)], sync_to_thread=True)
def ask_to_prove(request: AnyRequest, record_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Send a code to an address or number that I have typed, to show that it is mine."""
    visit = open_person(request, posted)
    value = own_value(visit, record_id)
    if value.proven is not False:
        raise NotFound
    challenge_id = visit.omonat.sign_in.confirm_start(
        visit.subject_id, record_id, _tag(visit), visit.language, visit.now
    )
    return moved(visit, f"/my/prove/{challenge_id}")


@get("/prove/{challenge_id:str}", sync_to_thread=True)
def prove_page(request: AnyRequest, challenge_id: FromPath[str]) -> Response[Any]:
    """Where the six digits go."""
    visit = open_person(request)
    return _prove_page(visit, challenge_id, "", status=200)


@post("/prove/{challenge_id:str}", guards=[limited(ANSWERS)], sync_to_thread=True)
def prove(request: AnyRequest, challenge_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The right code makes a claimed address or number a proven one."""
    visit = open_person(request, posted)
    try:
        visit.omonat.sign_in.confirm_answer(visit.subject_id, challenge_id, _tag(visit), digits(posted), visit.now)
    except WrongCode as error:
        return _prove_page(visit, challenge_id, translate(visit.language, "errors", error.message), status=422)
    return moved(visit, "/my?done=proven")


def _prove_page(visit: PortalVisit, challenge_id: str, problem: str, *, status: int) -> Response[Any]:
    fields = (code_field(visit, problem),)
    path = f"/my/prove/{to_id(challenge_id)}"
    return page(visit, "prove", title="Enter the code", status=status, signed_in=True, fields=fields, path=path)


def _tag(visit: PortalVisit) -> bytes:
    """The session is the browser that asked."""
    return browser_tag(visit.token.reveal())
