"""Uploading a policy, its plan, and putting it into force with a reason and a second person (clause 9.1)."""

from functools import partial
from typing import Any

from litestar import Response, get, post
from litestar.di import Provide
from litestar.params import FromPath
from litestar.response import Redirect

from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import to_id
from omonat.kernel.language import translate
from omonat.policy import Finding, PolicyNotReady, Version, term_words
from omonat.staff import Waiting
from omonat.web.console.pages import moved, wants_csv
from omonat.web.console.registers.pages import page, said, table_file
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.site.comparison import compare
from omonat.web.uploads import Uploaded, uploaded
from omonat.web.visit import AnyRequest

MOST_BYTES = 1_100_000
RIGHT = "policy.publish"


@get("/policy/upload", right=RIGHT, sync_to_thread=True)
def upload_page(request: AnyRequest) -> Response[Any]:
    """Where the zip of a policy folder goes."""
    return _upload_page(console_visit(request))


@post(
    "/policy/upload", right=RIGHT, request_max_body_size=MOST_BYTES, dependencies={"uploaded": Provide(uploaded)},
    sync_to_thread=True,
)  # fmt: skip
def upload(request: AnyRequest, uploaded: Uploaded) -> Response[Any]:
    """Check it; what is wrong is shown with file and line, what is right gets its plan."""
    visit = console_visit(request, uploaded.fields)
    try:
        draft = visit.omonat.drafts.keep(uploaded.files.get("folder", b""), by=visit.account, now=visit.now)
    except PolicyNotReady as error:
        return _upload_page(visit, findings=error.findings, status=422)
    except InvalidInput as error:
        return _upload_page(visit, problem=_problem(visit, error), status=422)
    return moved(visit, f"/policy/drafts/{draft.draft_id}")


def _upload_page(
    visit: ConsoleVisit, *, findings: list[Finding] | None = None, problem: str = "", status: int = 200
) -> Response[Any]:
    return page(
        visit, "upload", title="Upload a policy", status=status, findings=findings or [], problem=problem
    )  # fmt: skip


@get("/policy/drafts/{draft_id:str}", right=RIGHT, sync_to_thread=True)
def plan_page(request: AnyRequest, draft_id: FromPath[str]) -> Response[Any]:
    """What publishing it would change: the text, consents, data, recipients."""
    visit = console_visit(request)
    return _plan_file(visit, draft_id) if wants_csv(visit) else _plan_page(visit, draft_id)


def _plan_page(visit: ConsoleVisit, draft_id: str, *, problem: str = "", status: int = 200) -> Response[Any]:
    draft, version = visit.omonat.drafts.get(to_id(draft_id))
    in_force = visit.version
    return page(
        visit, "plan", title="Plan of a new version", status=status, problem=problem, draft=draft, version=version,
        earlier=in_force.number, later=version.number, recipient_name=partial(_recipient, visit, version),
        comparison=compare(in_force, version, visit.language),
        effect=visit.omonat.registers.plan(in_force, version, visit.now),
    )  # fmt: skip


_PLAN_HEADS = ("What changes", "Purpose", "Kind of data", "Number", "Until now", "From now on")
_CHANGES = {"added": "comes in", "removed": "goes", "changed": "changes"}


def _plan_file(visit: ConsoleVisit, draft_id: str) -> Response[Any]:
    """The four lists of the plan in one: consents, blocked data, terms, recipients."""
    _draft, version = visit.omonat.drafts.get(to_id(draft_id))
    effect, names = visit.omonat.registers.plan(visit.version, version, visit.now), visit.names
    consents, blocked, terms, recipients = (
        said(visit, text)
        for text in ("Consents that become void", "Data that is blocked", "Terms that change", "Recipients affected")
    )
    rows = [
        *((consents, names.purpose(one.purpose), names.channel(one.channel), one.count, "", "")
          for one in effect.consents),
        *((blocked, names.purpose(one.purpose), names.category(one.category), one.count, "", "")
          for one in effect.blocked),
        *((terms, names.purpose(one.purpose), names.category(one.category), one.count,
           term_words(one.old, visit.language), term_words(one.new, visit.language)) for one in effect.terms),
        *((recipients, _recipient(visit, version, one.recipient), "", one.count, "", said(visit, _CHANGES[one.change]))
          for one in effect.recipients),
    ]  # fmt: skip
    return table_file(visit, "policy-plan", _PLAN_HEADS, rows)


def _recipient(visit: ConsoleVisit, version: Version, key: str) -> str:
    """What the new version calls it; one that goes, as the version in force does."""
    declared = version.facts.recipients.get(key)
    return declared.labels[visit.language] if declared else visit.names.recipient(key)


@post("/policy/drafts/{draft_id:str}/publish", right=RIGHT, sync_to_thread=True)
def publish(request: AnyRequest, draft_id: FromPath[str], posted: Posted) -> Response[Any] | Redirect:
    """Put it into force, or ask a second person to."""
    visit = console_visit(request, posted)
    try:
        outcome = visit.omonat.drafts.want_published(
            to_id(draft_id), posted.get("reason", ""), by=visit.account, now=visit.now
        )
    except InvalidInput as error:
        return _plan_page(visit, draft_id, problem=_problem(visit, error), status=422)
    if isinstance(outcome, Waiting):
        return moved(visit, f"/policy/drafts/{draft_id}", done="waiting")
    return moved(visit, "/policy", done="published")


@post("/policy/drafts/{draft_id:str}/drop", right=RIGHT, sync_to_thread=True)
def drop(request: AnyRequest, draft_id: FromPath[str], posted: Posted) -> Redirect:
    """Throw an uploaded policy away."""
    visit = console_visit(request, posted)
    visit.omonat.drafts.drop(to_id(draft_id), by=visit.account, now=visit.now)
    return moved(visit, "/policy", done="dropped")


def _problem(visit: ConsoleVisit, error: InvalidInput) -> str:
    return translate(visit.language, "errors", next(iter(error.problems.values())))


HANDLERS = (upload_page, upload, plan_page, publish, drop)
