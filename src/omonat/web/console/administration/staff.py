"""The register of the staff: invite, look, change roles, block, let back (clause 6.2)."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.errors import Conflict, InvalidInput
from omonat.kernel.ids import StaffId, to_id
from omonat.kernel.language import LANGUAGE_NAMES
from omonat.staff import Invited, MemberRow
from omonat.web.console.administration.pages import error_text, field, page, reason_field, said, ticked
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.signing.proving import lately_proved
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest

READ, ADMINISTER = "staff.read", "staff.administer"
HEADS = ("Name", "State", "Roles", "Second factor", "Undertaking accepted", "Last seen", "Since")


@get("/staff", right=READ, sync_to_thread=True)
def staff_list(request: AnyRequest) -> Response[Any]:
    """Everybody who may act or once could."""
    visit = console_visit(request)
    rows = visit.omonat.staff_register.list(visit.now)
    if wants_csv(visit):
        return _csv(visit, rows)
    return page(visit, "staff", title="Staff", rows=rows, may_administer=visit.may(ADMINISTER))


def _csv(visit: ConsoleVisit, rows: Sequence[MemberRow]) -> Response[bytes]:
    return csv_file(
        visit, "staff", [said(visit, head) for head in HEADS],
        (
            (row.account.name, row.state, " ".join(row.account.roles), " ".join(row.factors),
             row.accepted_at if row.accepted_in_force else None, row.seen_at,
             row.account.created_at)
            for row in rows
        ),
    )  # fmt: skip


# --- inviting -------------------------------------------------------------------------------------------------------


@get("/staff/invite", right=ADMINISTER, guards=[lately_proved], sync_to_thread=True)
def invite_page(request: AnyRequest) -> Response[Any]:
    """Whom to invite, as what."""
    return _invite_page(console_visit(request), {}, {})


@post("/staff/invite", right=ADMINISTER, guards=[lately_proved], sync_to_thread=True)
def invite(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Make the account and its link; the link is shown here and nowhere again."""
    visit = console_visit(request, posted)
    try:
        invited = visit.omonat.members.invite(
            visit.account, posted.get("name", ""), ticked(posted, "role_"), email=posted.get("email", "").strip(),
            language=_language(visit, posted), now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _invite_page(visit, posted, error.problems)
    except Conflict:
        return _invite_page(visit, posted, {"name": "This name is taken."})
    return _link_page(visit, invited)


def _language(visit: ConsoleVisit, posted: dict[str, str]) -> str:
    chosen = posted.get("language", "")
    return chosen if chosen in LANGUAGE_NAMES else visit.language


def _invite_page(visit: ConsoleVisit, typed: dict[str, str], problems: dict[str, str]) -> Response[Any]:
    fields = (
        field(visit, "name", "Name", value=typed.get("name", ""), problem=problems.get("name", ""), longest=110,
              hint="As colleagues, journals and the people concerned will read it."),
        field(visit, "email", "Work e-mail", value=typed.get("email", ""), problem=problems.get("email", ""),
              required=False, kind="email",
              hint="The link is mailed there, and later word of the member's own work. The address is kept sealed."),
    )  # fmt: skip
    return page(
        visit, "invite", title="Invite a member", status=422 if problems else 200, fields=fields,
        roles=visit.omonat.roles.names(), chosen=ticked(typed, "role_"), languages=list(LANGUAGE_NAMES.items()),
        language=_language(visit, typed), roles_problem=_problem(visit, problems, "roles"),
    )  # fmt: skip


def _problem(visit: ConsoleVisit, problems: dict[str, str], name: str) -> str:
    return error_text(visit, problems[name]) if name in problems else ""


def _link_page(visit: ConsoleVisit, invited: Invited) -> Response[Any]:
    """The link, once: it is kept nowhere, so it cannot be shown again."""
    language = invited.invitation.language
    base = visit.omonat.settings.base_url.rstrip("/")
    return page(
        visit, "link", title="The link for a member", invited=invited,
        link=f"{base}/{language}/console/invitation/{invited.token.reveal()}",
    )  # fmt: skip


# --- one member -----------------------------------------------------------------------------------------------------


@get("/staff/{staff_id:str}", right=READ, sync_to_thread=True)
def member(request: AnyRequest, staff_id: FromPath[str]) -> Response[Any]:
    """One member: roles, state, sign-in, undertaking, and what he leaves behind."""
    visit = console_visit(request)
    return _member_page(visit, staff_id, (), 200)


def _row(visit: ConsoleVisit, staff_id: str) -> MemberRow:
    return visit.omonat.staff_register.get(StaffId(to_id(staff_id)), visit.now)


def _member_page(visit: ConsoleVisit, staff_id: str, fields: tuple[FieldView, ...], status: int) -> Response[Any]:
    administers = visit.may(ADMINISTER)
    row, roles = visit.omonat.staff_register.look(StaffId(to_id(staff_id)), visit.now)
    return page(
        visit, "member", title="Member of the staff", status=status, row=row, may_administer=administers,
        roles=roles,
        fields=fields or (reason_field(visit, {}),), left=visit.omonat.left_behind(row.account),
        is_self=row.account.staff_id == visit.account.staff_id, languages=list(LANGUAGE_NAMES.items()),
    )  # fmt: skip


@post("/staff/{staff_id:str}/roles", right=ADMINISTER, sync_to_thread=True)
def change_roles(request: AnyRequest, staff_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Other roles from now on; one's own by two people."""
    visit = console_visit(request, posted)
    row = _row(visit, staff_id)
    reason = posted.get("reason", "")
    try:
        waiting = visit.omonat.role_changes.set_roles(
            visit.account, row.account.staff_id, ticked(posted, "role_"), reason=reason, now=visit.now
        )
    except InvalidInput as error:
        return _member_page(visit, staff_id, (reason_field(visit, error.problems, reason),), 422)
    if waiting is not None:
        return moved(visit, f"/approvals/{waiting.approval_id}", done="waiting")
    return moved(visit, f"/staff/{row.account.staff_id}", done="roles")


@get("/staff/{staff_id:str}/block", right=ADMINISTER, sync_to_thread=True)
def block_page(request: AnyRequest, staff_id: FromPath[str]) -> Response[Any]:
    """What blocking does, before it is done."""
    visit = console_visit(request)
    row = _row(visit, staff_id)
    return page(visit, "block", title="Block a member", row=row, left=visit.omonat.left_behind(row.account))


@post("/staff/{staff_id:str}/block", right=ADMINISTER, sync_to_thread=True)
def block(request: AnyRequest, staff_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Whoever leaves is out, everywhere, at once."""
    visit = console_visit(request, posted)
    left = visit.omonat.members.block(visit.account, StaffId(to_id(staff_id)), visit.now)
    return moved(visit, f"/staff/{left.staff_id}", done="blocked")


@post("/staff/{staff_id:str}/link", right=ADMINISTER, guards=[lately_proved], sync_to_thread=True)
def new_link(request: AnyRequest, staff_id: FromPath[str], posted: Posted) -> Response[Any]:
    """A fresh link: for who is locked out, whose link ran out, or who comes back."""
    visit = console_visit(request, posted)
    invited = visit.omonat.members.new_link(
        visit.account, StaffId(to_id(staff_id)), language=_language(visit, posted), now=visit.now
    )
    return _link_page(visit, invited)


@post("/staff/{staff_id:str}/revoke", right=ADMINISTER, sync_to_thread=True)
def revoke(request: AnyRequest, staff_id: FromPath[str], posted: Posted) -> Response[Any]:
    """The open link of a member works no longer."""
    visit = console_visit(request, posted)
    visit.omonat.members.revoke(visit.account, StaffId(to_id(staff_id)), visit.now)
    return moved(visit, f"/staff/{to_id(staff_id)}", done="revoked")


@get("/staff/{staff_id:str}/undertaking", right=READ, sync_to_thread=True)
def accepted_text(request: AnyRequest, staff_id: FromPath[str]) -> Response[Any]:
    """Exactly what a member accepted, and when."""
    visit = console_visit(request)
    row = _row(visit, staff_id)
    texts = [(one, visit.omonat.undertakings.shown(one.text_hash)) for one in _newest_three(visit, row)]
    return page(visit, "accepted", title="Accepted undertakings", row=row, texts=texts)


def _newest_three(visit: ConsoleVisit, row: MemberRow) -> list[Any]:
    return visit.omonat.undertakings.of(row.account.staff_id)[:3]


HANDLERS = (
    staff_list, invite_page, invite, member, change_roles, block_page, block, new_link, revoke, accepted_text,
)  # fmt: skip
