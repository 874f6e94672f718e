"""Making, rotating and revoking API keys. What reaches far waits for a second person (four eyes)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.access import BROAD, KeyAsked, MadeKey
from omonat.access.service import LIFETIMES
from omonat.kernel.errors import Conflict, InvalidInput
from omonat.kernel.language import translate
from omonat.staff import RIGHTS, Waiting
from omonat.web.console.keys.pages import RIGHT, page, right_word, said, to_key_id
from omonat.web.console.pages import moved
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest

_RIGHT, _PURPOSE = "right_", "purpose_"
_OVERLAPS = ("0", "1", "3", "7")


@get("/keys/new", right=RIGHT, sync_to_thread=True)
def new_key(request: AnyRequest) -> Response[Any]:
    """What the key is to be."""
    return _form(console_visit(request), {}, {})


@post("/keys/new", right=RIGHT, sync_to_thread=True)
def make_key(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Make it and show its secret, or put it before a second person."""
    visit = console_visit(request, posted)
    days = posted.get("days", "")
    asked = KeyAsked(
        name=posted.get("name", "").strip(), rights=_ticked(posted, _RIGHT), purposes=_ticked(posted, _PURPOSE),
        origins=tuple(posted.get("origins", "").split()), days=int(days) if days in LIFETIMES else 0,
    )  # fmt: skip
    try:
        made = visit.omonat.api_keys.ask(visit.account, asked, posted.get("reason", ""), visit.now)
    except InvalidInput as error:
        return _form(visit, posted, error.problems)
    return _outcome(visit, made)


def _ticked(posted: dict[str, str], prefix: str) -> tuple[str, ...]:
    return tuple(name.removeprefix(prefix) for name in posted if name.startswith(prefix))


def _outcome(visit: ConsoleVisit, made: MadeKey | Waiting) -> Response[Any]:
    """The secret, this once; nothing of it is kept, so the page cannot be opened again."""
    if isinstance(made, Waiting):
        return moved(visit, f"/approvals/{made.approval_id}")
    return page(visit, "secret", title="The secret of the key", key=made.key, secret=made.secret.reveal())


def _form(visit: ConsoleVisit, typed: dict[str, str], problems: dict[str, str]) -> Response[Any]:
    problem = {name: translate(visit.language, "errors", text) for name, text in problems.items()}
    fields = (
        FieldView(
            "name", said(visit, "Name"), "code_name", True, 60, typed.get("name", ""), problem.get("name", ""),
            said(visit, "What the program is, such as site-forms. It appears in journals and cannot be used again."),
        ),
        FieldView(
            "origins", said(visit, "Origins of web pages"), "text", False, 2000, typed.get("origins", ""),
            problem.get("origins", ""),
            said(visit, "Only if browsers call the API from your pages: one per line, such as https://www.example.uz."),
        ),
        FieldView(
            "reason", said(visit, "Reason"), "text", False, 200, typed.get("reason", ""), problem.get("reason", ""),
            said(visit, "Needed where a second person has to approve the key."),
        ),
    )  # fmt: skip
    return page(
        visit, "form", title="Make an API key", status=422 if problems else 200, fields=fields,
        rights=[(right, right_word(visit, right), right in BROAD) for right in RIGHTS],
        purposes=sorted(visit.policy.purposes), chosen={name for name in typed if name.startswith((_RIGHT, _PURPOSE))},
        rights_problem=problem.get("rights", ""), purposes_problem=problem.get("purposes", ""),
        lifetimes=LIFETIMES, days=typed.get("days", "90"),
    )  # fmt: skip


@get("/keys/{key_id:str}/rotate", right=RIGHT, sync_to_thread=True)
def rotate_page(request: AnyRequest, key_id: FromPath[str]) -> Response[Any]:
    """What a new secret means."""
    visit = console_visit(request)
    return _rotation(visit, key_id, {})


def _rotation(visit: ConsoleVisit, key_id: str, problems: dict[str, str]) -> Response[Any]:
    key = visit.omonat.api_keys.get(to_key_id(key_id))
    problem = {name: translate(visit.language, "errors", text) for name, text in problems.items()}
    reason = FieldView(
        "reason", said(visit, "Reason"), "text", False, 200, "", problem.get("reason", ""),
        said(visit, "Needed where a second person has to approve the key."),
    )  # fmt: skip
    return page(
        visit, "rotate", title="New secret", status=422 if problems else 200, key=key, fields=(reason,),
        overlaps=_OVERLAPS,
    )  # fmt: skip


@post("/keys/{key_id:str}/rotate", right=RIGHT, sync_to_thread=True)
def rotate_key(request: AnyRequest, key_id: FromPath[str], posted: Posted) -> Response[Any]:
    """A new secret, shown this once, or the wait for a second person."""
    visit = console_visit(request, posted)
    overlap = posted.get("overlap_days", "")
    days = int(overlap) if overlap in _OVERLAPS else -1
    try:
        made = visit.omonat.api_keys.ask_rotation(
            visit.account, to_key_id(key_id), days, posted.get("reason", ""), visit.now
        )
    except InvalidInput as error:
        return _rotation(visit, key_id, error.problems)
    return _outcome(visit, made)


@post("/keys/{key_id:str}/secret", right=RIGHT, sync_to_thread=True)
def fetch_secret(request: AnyRequest, key_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The secret that a second person approved, this once."""
    visit = console_visit(request, posted)
    try:
        return _outcome(visit, visit.omonat.api_keys.issue(visit.account, to_key_id(key_id), visit.now))
    except Conflict:  # it was fetched already
        return moved(visit, f"/keys/{to_key_id(key_id)}")


@get("/keys/{key_id:str}/revoke", right=RIGHT, sync_to_thread=True)
def revoke_page(request: AnyRequest, key_id: FromPath[str]) -> Response[Any]:
    """What ends with it."""
    visit = console_visit(request)
    return page(visit, "revoke", title="Revoke the key", key=visit.omonat.api_keys.get(to_key_id(key_id)))


@post("/keys/{key_id:str}/revoke", right=RIGHT, sync_to_thread=True)
def revoke_key(request: AnyRequest, key_id: FromPath[str], posted: Posted) -> Response[Any]:
    """From the next call on it is refused."""
    visit = console_visit(request, posted)
    visit.omonat.api_keys.revoke(visit.account, to_key_id(key_id), visit.now)
    return moved(visit, f"/keys/{to_key_id(key_id)}", done="revoked")


HANDLERS = (new_key, make_key, rotate_page, rotate_key, fetch_secret, revoke_page, revoke_key)
