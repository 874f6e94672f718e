"""Complaining: to whom, with which evidence, and the company's own side of it (clause 7.1 d; Art. 30)."""

from typing import TYPE_CHECKING, Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.documents import complaint_pdf
from omonat.kernel.clock import local_date
from omonat.kernel.errors import InvalidInput
from omonat.kernel.language import translate
from omonat.web.forms import FieldView, Posted
from omonat.web.portal.pages import download, moved, page, said
from omonat.web.portal.person import PortalVisit, open_person
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.rights import PersonFile

_LONGEST = 4000


@get("/complain", sync_to_thread=True)
def complain_page(request: AnyRequest) -> Response[Any]:
    """The authority, how to turn to it, and a form for the company itself."""
    return _complain_page(open_person(request), "", "", status=200)


@post("/complain", sync_to_thread=True)
def complain(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Complain to the company: a case with a term."""
    visit = open_person(request, posted)
    text = posted.get("text", "")
    if problem := _problem(text):
        return _complain_page(visit, text, problem, status=422)
    try:
        case = visit.omonat.rights.complain(visit.subject_id, text, visit.now)
    except InvalidInput as error:
        return _complain_page(visit, text, next(iter(error.problems.values())), status=422)
    return moved(visit, f"/my/cases/{case.case_id}?done=complained")


@post("/complain/letter", sync_to_thread=True)
def complaint_letter(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The complaint as a letter to the authority, with everything that is held as its evidence, for printing."""
    visit = open_person(request, posted)
    text = posted.get("text", "")
    if problem := _problem(text):
        return _complain_page(visit, text, problem, status=422)
    return _letter(visit, visit.omonat.rights.person_file(visit.subject_id, visit.now), text)


@post("/cases/{case_id:str}/letter", sync_to_thread=True)
def case_letter(request: AnyRequest, case_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The same letter with the text of a complaint that the company already has."""
    visit = open_person(request, posted)
    case = visit.omonat.rights.get_own_case(visit.subject_id, case_id)
    pack = visit.omonat.rights.complaint_pack(case.case_id, visit.now, language=visit.language)
    return _letter(visit, pack.file, pack.text)


def _letter(visit: PortalVisit, file: "PersonFile", text: str) -> Response[Any]:
    visit.omonat.rights.note_export(visit.subject_id, "pdf", visit.now)
    name = f"complaint-{local_date(visit.now).isoformat()}.pdf"
    return download(complaint_pdf(file, text, visit.names), name=name, media_type="application/pdf")


def _problem(text: str) -> str:
    """An English msgid of the domain `errors`; empty when the text will do."""
    if not text.strip():
        return "Please fill this in."
    return "This is too long." if len(text) > _LONGEST else ""


def _complain_page(visit: PortalVisit, text: str, problem: str, *, status: int) -> Response[Any]:
    shown = translate(visit.language, "errors", problem) if problem else ""
    field = FieldView("text", said(visit, "What is wrong?"), "text", True, _LONGEST, text, shown)
    return page(
        visit, "complain", title="Complain", status=status, signed_in=True, fields=(field,), pack=visit.pack,
    )  # fmt: skip
