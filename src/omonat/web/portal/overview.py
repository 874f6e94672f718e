"""Everything held about me on one page (clause 7.1 a), a case with its steps, and the file to take home."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.documents import export_csv, export_json, export_pdf
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.kernel.language import translate
from omonat.rights import CONVERSATION
from omonat.web.forms import FieldView, Posted
from omonat.web.limits import FORMS, limited
from omonat.web.portal.consents import consents_of
from omonat.web.portal.pages import download, moved, page, said
from omonat.web.portal.person import PortalVisit, open_person, portal_visit
from omonat.web.problems import BadRequest
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.incidents import Incident
    from omonat.policy import Policy
    from omonat.rights import Case, HeldValue, PersonFile

TYPED = ("name", "email", "phone", "text")
"""Kinds that a person types, and so can put right; the others are read from the connection."""

DONE = {
    "corrected": "Corrected. Everyone who had received the old value is being told.",
    "proven": "Confirmed: this address or number is yours.",
    "withdrawn": "Your consent is withdrawn. It counts from this moment.",
    "given": "Thank you, your consent is kept.",
    "objected": "Your objection is kept. The data are no longer used for this purpose.",
    "allowed": "Your objection is taken back.",
    "suspended": "Processing is suspended. Nobody uses your data until you allow it again.",
    "lifted": "Processing is allowed again.",
    "complained": "Your complaint has reached us.",
    "written": "Your message has reached us. The answer appears here.",
}
NOT_DONE = {
    "changed": "The text has changed since you opened this page, so your yes was not recorded. Read it and give it again if you agree.",  # noqa: E501 - one sentence of the page
}
_LINES = 100
_LONGEST = 4000
_EXPORTS = {
    "json": (export_json, "application/json"),
    "csv": (export_csv, "text/csv"),
    "pdf": (export_pdf, "application/pdf"),
}


class Group(NamedTuple):
    """What is held for one purpose."""

    purpose: str
    values: tuple["HeldValue", ...]


@get("/", sync_to_thread=True)
def overview(request: AnyRequest) -> Response[Any]:
    """My data by purpose, who received and read it, my consents, cases and restrictions."""
    visit = open_person(request)
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    return page(
        visit,
        "overview",
        title="My data",
        signed_in=True,
        file=file,
        groups=groups(visit.policy, file.values),
        consents=consents_of(visit, file),
        journal=newest_first(file.journal)[:_LINES],
        older=len(file.journal) > _LINES,
        objected=[visit.names.purpose(purpose) for kind, purpose, _since in file.restrictions if kind == "objected"],
        cases=newest_first(file.cases, by="opened_at"),
        suspended=is_suspended(file),
        typed=typed_records(visit.policy, file.values),
        to_confirm=any(".keep" in place for place in visit.policy.confirm),
        done=done(visit),
        not_done=_of_address(visit, "not_done", NOT_DONE),
        papers={value.record_id: value.value for value in file.values if value.field == "document"},
    )


def done(visit: PortalVisit) -> str:
    """What the last POST did, in the reader's language; the address carries one of our words and nothing else."""
    return _of_address(visit, "done", DONE)


def _of_address(visit: PortalVisit, name: str, texts: dict[str, str]) -> str:
    text = texts.get(visit.request.query_params.get(name, ""))
    return said(visit, text) if text else ""


def groups(policy: "Policy", values: Iterable["HeldValue"]) -> tuple[Group, ...]:
    """Values by purpose, in the order of the policy; purposes that it no longer names come last."""
    by_purpose: dict[str, list[HeldValue]] = {purpose: [] for purpose in policy.purposes}
    for value in values:
        by_purpose.setdefault(value.purpose, []).append(value)
    return tuple(Group(purpose, tuple(held)) for purpose, held in by_purpose.items() if held)


def typed_records(policy: "Policy", values: Iterable["HeldValue"]) -> frozenset[str]:
    """Records that their person may put right: what was typed, and is not another's address perhaps."""
    return frozenset(
        value.record_id
        for value in values
        if not value.masked
        and value.field not in CONVERSATION
        and value.category in policy.categories
        and policy.categories[value.category].kind in TYPED
    )


def newest_first(lines: Iterable[Any], by: str = "at") -> list[Any]:
    """Lines of a journal, the last one on top."""
    return sorted(lines, key=lambda line: getattr(line, by), reverse=True)


def is_suspended(file: "PersonFile") -> bool:
    """Whether all processing is suspended."""
    return any(kind == "suspended" and purpose is None for kind, purpose, _since in file.restrictions)


@get(
    [
        "/cases/{case_id:str}/letter", "/cases/{case_id:str}/message", "/certificate", "/complain/letter",
        "/consents/give", "/consents/withdraw", "/contracts/document", "/download", "/stop/lift",
        "/stop/object", "/stop/object/lift", "/stop/suspend", "/values/{record_id:str}/prove",
    ],
    sync_to_thread=False,
)  # fmt: skip
def only_a_button(request: AnyRequest) -> Response[Any]:
    """What a button does is no page: whoever follows its address, by the language switch perhaps, comes back."""
    return moved(portal_visit(request), "/my")


@post("/download", sync_to_thread=True)
def download_file(request: AnyRequest, posted: Posted) -> Response[Any]:
    """The whole file as `json`, `csv` or `pdf`; the download itself is journalled."""
    visit = open_person(request, posted)
    wanted = posted.get("format", "")
    if wanted not in _EXPORTS:
        raise BadRequest
    export, media_type = _EXPORTS[wanted]
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    visit.omonat.rights.note_export(visit.subject_id, wanted, visit.now)
    name = f"my-data-{local_date(visit.now).isoformat()}.{wanted}"
    return download(export(file, visit.names), name=name, media_type=media_type)


@get("/cases/{case_id:str}", sync_to_thread=True)
def case_page(request: AnyRequest, case_id: FromPath[str]) -> Response[Any]:
    """One case of mine: what was asked, the term, every step. Another person's number is simply not there."""
    visit = open_person(request)
    case = visit.omonat.rights.get_own_case(visit.subject_id, case_id)
    steps: tuple[str, ...] = ()
    if case.kind == "complain":
        steps = visit.omonat.rights.complaint_pack(case_id, visit.now, language=visit.language).steps
    return show_case(visit, case_id, advice=steps)


def _told_of(visit: PortalVisit, case: "Case") -> "tuple[Incident, str] | None":
    """The incident that a case tells of, and what happened, in the reader's language."""
    incident = case.details.get("incident")
    return visit.omonat.incidents.told(UUID(incident), visit.language) if incident else None


def show_case(
    visit: PortalVisit, case_id: str, *, advice: tuple[str, ...] = (), typed: str = "", problem: str = "",
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    """The page of a case with its thread, and a field to write further while it is open."""
    case = visit.omonat.rights.get_own_case(visit.subject_id, case_id)
    thread = visit.omonat.support.threads.own(visit.subject_id, case_id, visit.now)
    field = FieldView("text", said(visit, "Write further"), "text", True, _LONGEST, typed, problem)
    return page(
        visit, "case", title="Your case", status=status, signed_in=True, case=case, advice=advice, thread=thread,
        told_of=_told_of(visit, case),
        further=field, done=done(visit),
    )  # fmt: skip


@post("/cases/{case_id:str}/message", guards=[limited(FORMS)], sync_to_thread=True)
def write_further(request: AnyRequest, case_id: FromPath[str], posted: Posted) -> Response[Any]:
    """A further message in an open case of mine."""
    visit = open_person(request, posted)
    text = posted.get("text", "")
    try:
        visit.omonat.support.threads.write(visit.subject_id, case_id, text, now=visit.now)
    except InvalidInput as error:
        problem = translate(visit.language, "errors", next(iter(error.problems.values())))
        return show_case(visit, case_id, typed=text, problem=problem, status=422)
    except Denied:  # closed meanwhile, or its consent is withdrawn
        problem = said(visit, "This case can no longer be written in. Please write to us anew.")
        return show_case(visit, case_id, typed=text, problem=problem, status=409)
    return moved(visit, f"/my/cases/{case_id}?done=written")


def own_value(visit: PortalVisit, record_id: str) -> "HeldValue":
    """Raises NotFound for whatever is not a value of this person."""
    file = visit.omonat.rights.person_file(visit.subject_id, visit.now)
    for value in file.values:
        if value.record_id == record_id:
            return value
    raise NotFound
