"""Roles as data: what each may do, and for which purposes (clause 6.2)."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import InvalidInput
from omonat.staff import RIGHTS, Role, RoleRow, Waiting
from omonat.web.console.administration.pages import error_text, field, page, reason_field, said, ticked
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import Posted
from omonat.web.visit import AnyRequest

READ, ADMINISTER = "staff.read", "staff.administer"


@get("/roles", right=READ, sync_to_thread=True)
def role_list(request: AnyRequest) -> Response[Any]:
    """Every role."""
    visit = console_visit(request)
    rows = visit.omonat.roles.list()
    if wants_csv(visit):
        heads = [said(visit, head) for head in ("Role", "Rights", "Purposes", "Members", "Changed by", "Changed")]
        cells = (
            (row.name, " ".join(sorted(row.role.rights)), " ".join(sorted(row.role.purposes)), row.members,
             row.changed_by, row.changed_at) for row in rows
        )  # fmt: skip
        return csv_file(visit, "roles", heads, cells)
    return page(visit, "roles", title="Roles", rows=rows, may_administer=visit.may(ADMINISTER), rights=RIGHTS)


@get("/roles/new", right=ADMINISTER, sync_to_thread=True)
def new_role_page(request: AnyRequest) -> Response[Any]:
    """A role of one's own."""
    visit = console_visit(request)
    return _role_page(visit, RoleRow(name="", role=Role(frozenset()), built_in=False), {}, {})


@post("/roles/new", right=ADMINISTER, sync_to_thread=True)
def new_role(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Make it; with a second person, where there is one."""
    visit = console_visit(request, posted)
    name = posted.get("name", "").strip()
    known = {row.name for row in visit.omonat.roles.list()}
    if name in known:
        return _role_page(visit, _typed(name, posted), posted, {"name": "This name is taken."})
    return _put(visit, name, posted, is_new=True)


@get("/roles/{role:str}", right=READ, sync_to_thread=True)
def role_page(request: AnyRequest, role: FromPath[str]) -> Response[Any]:
    """What one role may do; with the right to change it, as a form."""
    visit = console_visit(request)
    return _role_page(visit, visit.omonat.roles.get(role), {}, {})


@post("/roles/{role:str}", right=ADMINISTER, sync_to_thread=True)
def change_role(request: AnyRequest, role: FromPath[str], posted: Posted) -> Response[Any]:
    """Change it; with a second person, where there is one."""
    visit = console_visit(request, posted)
    return _put(visit, visit.omonat.roles.get(role).name, posted, is_new=False)


def _put(visit: ConsoleVisit, name: str, posted: dict[str, str], *, is_new: bool) -> Response[Any]:
    rights, purposes = ticked(posted, "right_"), ticked(posted, "purpose_")
    try:
        waiting = visit.omonat.role_changes.put(
            visit.account, name, rights, purposes, reason=posted.get("reason", ""), now=visit.now
        )
    except InvalidInput as error:
        row = _typed(name, posted) if is_new else visit.omonat.roles.get(name)
        return _role_page(visit, row, posted, error.problems)
    return _after(visit, waiting, "role")


def _after(visit: ConsoleVisit, waiting: Waiting | None, done: str) -> Response[Any]:
    if waiting is not None:
        return moved(visit, f"/approvals/{waiting.approval_id}", done="waiting")
    return moved(visit, "/roles", done=done)


def _typed(name: str, posted: dict[str, str]) -> RoleRow:
    role = Role(frozenset(ticked(posted, "right_")), frozenset(ticked(posted, "purpose_")))
    return RoleRow(name=name, role=role, built_in=False)


def _role_page(
    visit: ConsoleVisit, row: RoleRow, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:  # fmt: skip
    role = _typed(row.name, typed).role if typed else row.role
    is_new = typed.get("is_new") == "on" or not row.name
    name_field = field(
        visit, "name", "Name", value=row.name, problem=problems.get("name", ""), longest=40,
        hint="Small Latin letters, digits and _, such as archive_keeper.",
    )  # fmt: skip
    others = {name: error_text(visit, text) for name, text in problems.items() if name in ("rights", "purposes")}
    return page(
        visit, "role", title="New role" if is_new else "Role", status=422 if problems else 200, row=row, role=role,
        is_new=is_new, fields=(name_field,) if is_new else (),
        reason=(reason_field(visit, problems, typed.get("reason", "")),),
        rights=RIGHTS, purposes=sorted(set(visit.policy.purposes) | role.purposes), problems=others,
        may_administer=visit.may(ADMINISTER), waits=visit.may(ADMINISTER) and _waits(visit),
    )  # fmt: skip


def _waits(visit: ConsoleVisit) -> bool:
    """Whether a second person will be asked; where four eyes are a must and there is nobody, sending it says so."""
    return bool(visit.omonat.approvals.others(visit.account, "change_role"))


@post("/roles/{role:str}/reset", right=ADMINISTER, sync_to_thread=True)
def reset_role(request: AnyRequest, role: FromPath[str], posted: Posted) -> Response[Any]:
    """A built-in role as Omonat brings it; one's own deleted."""
    visit = console_visit(request, posted)
    row = visit.omonat.roles.get(role)
    try:
        waiting = visit.omonat.role_changes.reset(
            visit.account, row.name, reason=posted.get("reason", ""), now=visit.now
        )  # fmt: skip
    except InvalidInput as error:
        return _role_page(visit, row, {}, error.problems)
    return _after(visit, waiting, "role_reset" if row.built_in else "role_deleted")


HANDLERS = (role_list, new_role_page, new_role, role_page, change_role, reset_role)
