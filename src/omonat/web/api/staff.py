"""The staff, roles, approvals and API keys (clause 6.2)."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from omonat.access import ApiKey, KeyAsked, MadeKey
from omonat.kernel.errors import NotAllowed
from omonat.kernel.ids import ApiKeyId, StaffId
from omonat.staff import StaffAccount, Waiting
from omonat.web.api.call import Call, each_shaped
from omonat.web.api.operations import operation
from omonat.web.api.shapes import NO_NUL, Day, Language, Moment, Page, PageQuery, Reason, Sent, Shape, Word

STAFF, APPROVALS, KEYS = "Staff", "Approvals", "API keys"
Origin = Annotated[str, Meta(max_length=300, pattern=NO_NUL, examples=["https://www.example.uz"])]
Words = Annotated[list[Word], Meta(max_length=60)]


class MemberShape(Shape, frozen=True, kw_only=True):
    """A member of the staff, or an account that was one."""

    staff_id: UUID
    name: str
    roles: list[str]
    active: bool
    created_at: Moment


class MemberList(Shape, frozen=True, kw_only=True):
    """Every account, by name."""

    items: list[MemberShape]


class RolesSent(Sent, frozen=True, kw_only=True):
    """The roles that a member has from now on."""

    roles: Annotated[list[Word], Meta(min_length=1, max_length=20)]
    reason: Reason


class InvitationSent(Sent, frozen=True, kw_only=True):
    """Who is invited; the letter with the link goes to `email`."""

    name: Annotated[str, Meta(min_length=1, max_length=110, pattern=NO_NUL, examples=["Madina Yusupova"])]
    roles: Annotated[list[Word], Meta(min_length=1, max_length=20)]
    email: Annotated[str, Meta(min_length=3, max_length=320, pattern=NO_NUL, examples=["madina@example.uz"])]
    language: Language = "uz-Latn"


class RoleShape(Shape, frozen=True, kw_only=True):
    """A role: rights, and the purposes for which it may open values."""

    name: str
    rights: list[str]
    purposes: list[str]
    built_in: bool
    members: int


class RoleList(Shape, frozen=True, kw_only=True):
    """Every role."""

    items: list[RoleShape]


class RoleSent(Sent, frozen=True, kw_only=True):
    """What a role may do from now on."""

    rights: Words
    purposes: Words
    reason: Reason


class ApprovalShape(Shape, frozen=True, kw_only=True):
    """An act that two people answer for."""

    approval_id: UUID
    kind: Annotated[str, Meta(examples=["release_hold"])]
    state: Annotated[str, Meta(examples=["waiting"])]
    payload: dict[str, str]
    reason: str
    asked_by: str
    asked_at: Moment
    expires_at: Moment
    decided_by: str
    decided_at: Moment | None
    alone: bool
    result: dict[str, str]
    failed: str


class ApprovalPage(Page, frozen=True, kw_only=True):
    """Approvals of the kinds that the rights of the key name, the newest first."""

    items: list[ApprovalShape]


class KeyShape(Shape, frozen=True, kw_only=True):
    """An API key, without its secret."""

    key_id: UUID
    name: Annotated[str, Meta(examples=["site-forms"])]
    prefix: Annotated[str, Meta(examples=["omk_1a2B3c4D"])]
    rights: list[str]
    purposes: list[str]
    origins: list[str]
    created_at: Moment
    created_by: str
    expires_at: Moment
    revoked_at: Moment | None
    last_used_on: Day | None
    secret_waits: Annotated[bool, Meta(description="A new secret was approved and waits to be fetched.")]


class KeyPage(Page, frozen=True, kw_only=True):
    """Keys by name, revoked ones too."""

    items: list[KeyShape]


class KeySent(Sent, frozen=True, kw_only=True):
    """What a new key is to be; where it reaches far, `reason` is for the second person."""

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9._-]{1,58}[a-z0-9]$", examples=["site-forms"])]
    rights: Annotated[list[Word], Meta(min_length=1, max_length=60, examples=[["collect"]])]
    purposes: Words = msgspec.field(default_factory=list)
    origins: Annotated[list[Origin], Meta(max_length=20)] = msgspec.field(default_factory=list)
    days: Annotated[int, Meta(ge=1, le=365)] = 90
    reason: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] = ""


class RotationSent(Sent, frozen=True, kw_only=True):
    """How long the old secret works on."""

    overlap_days: Annotated[int, Meta(ge=0, le=7)] = 1
    reason: Annotated[str, Meta(max_length=200, pattern=NO_NUL)] = ""


class MadeShape(Shape, frozen=True, kw_only=True):
    """The key with its secret, told here and never again; or the approval that it waits for."""

    key: KeyShape | None
    secret: str | None
    approval_id: UUID | None


# --- staff and roles ------------------------------------------------------------------------------------------------


@operation("GET", "/staff", id="listStaff", right="staff.read", tag=STAFF)
def list_staff(call: Call) -> MemberList:
    """Every account, inactive ones too."""
    return MemberList(items=each_shaped(call.omonat.staff.list(), MemberShape))


@operation("GET", "/staff/{staff_id}", id="getMember", right="staff.read", tag=STAFF)
def get_member(call: Call, staff_id: UUID) -> MemberShape:
    """One account."""
    return _member(call.omonat.staff.get(StaffId(staff_id)))


@operation(
    "POST", "/staff/invitations", id="inviteMember", right="staff.administer", tag=STAFF, status=201,
    errors=("conflict",),
)  # fmt: skip
def invite_member(call: Call, sent: InvitationSent) -> MemberShape:
    """Invite a member; the link goes by letter and is not told here, for it opens an account."""
    _within(call, sent.roles)
    invited = call.omonat.members.invite(
        call.key, sent.name, sent.roles, email=sent.email, language=sent.language, now=call.now
    )
    return _member(invited.account)


@operation(
    "PUT", "/staff/{staff_id}/roles", id="setMemberRoles", right="staff.administer", tag=STAFF, status=202,
    if_match=get_member, errors=("last_administrator", "second_person_missing"),
)  # fmt: skip
def set_member_roles(call: Call, staff_id: UUID, sent: RolesSent) -> MemberShape:
    """What a member is from now on; see `listApprovals` where it waits for a second person."""
    _within(call, sent.roles)
    call.omonat.role_changes.set_roles(call.key, StaffId(staff_id), sent.roles, reason=sent.reason, now=call.now)
    return _member(call.omonat.staff.get(StaffId(staff_id)))


@operation(
    "POST", "/staff/{staff_id}/block", id="blockMember", right="staff.administer", tag=STAFF,
    errors=("last_administrator",),
)  # fmt: skip
def block_member(call: Call, staff_id: UUID) -> MemberShape:
    """Whoever leaves may do nothing from this moment on, anywhere."""
    return _member(call.omonat.members.block(call.key, StaffId(staff_id), call.now))


def _within(call: Call, roles: list[str]) -> None:
    """A key gives nobody a right that it has not itself. Raises NotAllowed."""
    known = call.omonat.staff.roles()
    for name in roles:
        if name in known and not known[name].rights <= call.key.rights:
            raise NotAllowed(right=f"role:{name}")


def _member(account: StaffAccount) -> MemberShape:
    return MemberShape(
        staff_id=account.staff_id, name=account.name, roles=list(account.roles), active=account.active,
        created_at=account.created_at,
    )  # fmt: skip


@operation("GET", "/roles", id="listRoles", right="staff.read", tag=STAFF)
def list_roles(call: Call) -> RoleList:
    """Every role, the built-in ones first."""
    items = [
        RoleShape(
            name=row.name, rights=sorted(row.role.rights), purposes=sorted(row.role.purposes), built_in=row.built_in,
            members=row.members,
        )
        for row in call.omonat.roles.list()
    ]  # fmt: skip
    return RoleList(items=items)


@operation("GET", "/roles/{role}", id="getRole", right="staff.read", tag=STAFF)
def get_role(call: Call, role: str) -> RoleShape:
    """One role."""
    row = call.omonat.roles.get(role)
    return RoleShape(
        name=row.name, rights=sorted(row.role.rights), purposes=sorted(row.role.purposes), built_in=row.built_in,
        members=row.members,
    )  # fmt: skip


@operation(
    "PUT", "/roles/{role}", id="changeRole", right="staff.administer", tag=STAFF, if_match=get_role,
    errors=("last_administrator", "second_person_missing"),
)  # fmt: skip
def change_role(call: Call, role: str, sent: RoleSent) -> RoleShape:
    """Say what a role may do from now on; see `listApprovals` where it waits for a second person."""
    if not set(sent.rights) <= call.key.rights:
        raise NotAllowed(right=", ".join(sorted(set(sent.rights) - call.key.rights))[:200])
    call.omonat.role_changes.put(call.key, role, sent.rights, sent.purposes, reason=sent.reason, now=call.now)
    return get_role(call, role)


# --- approvals ------------------------------------------------------------------------------------------------------


@operation("GET", "/approvals", id="listApprovals", right="staff.read", tag=APPROVALS)
def list_approvals(call: Call, query: PageQuery) -> ApprovalPage:
    """Acts that two people answer for; a key may ask, and never decides."""
    after = call.after(query.cursor)
    found = call.omonat.approvals.list(
        rights=call.key.rights, after=UUID(after) if after else None, limit=query.limit + 1
    )
    shown, following = call.page(found, query.limit, lambda one: str(one.approval_id))
    return ApprovalPage(items=each_shaped(shown, ApprovalShape), next=following)


# --- keys -----------------------------------------------------------------------------------------------------------


@operation("GET", "/keys", id="listKeys", right="key.administer", tag=KEYS)
def list_keys(call: Call, query: PageQuery) -> KeyPage:
    """Every key, revoked ones too."""
    found = call.omonat.api_keys.page(call.after(query.cursor) or "", query.limit + 1)
    shown, following = call.page(found, query.limit, lambda key: key.name)
    return KeyPage(items=[_key(key) for key in shown], next=following)


@operation("GET", "/keys/{key_id}", id="getKey", right="key.administer", tag=KEYS)
def get_key(call: Call, key_id: UUID) -> KeyShape:
    """One key."""
    return _key(call.omonat.api_keys.get(ApiKeyId(key_id)))


@operation(
    "POST", "/keys", id="makeKey", right="key.administer", tag=KEYS, status=201, once=True,
    errors=("conflict", "second_person_missing"),
)  # fmt: skip
def make_key(call: Call, sent: KeySent) -> MadeShape:
    """Make a key; one that reaches far waits for a second person."""
    asked = KeyAsked(
        name=sent.name, rights=tuple(sent.rights), purposes=tuple(sent.purposes), origins=tuple(sent.origins),
        days=sent.days,
    )  # fmt: skip
    return _made(call.omonat.api_keys.ask(call.key, asked, sent.reason, call.now))


@operation(
    "POST", "/keys/{key_id}/rotate", id="rotateKey", right="key.administer", tag=KEYS, once=True,
    errors=("conflict", "second_person_missing"),
)  # fmt: skip
def rotate_key(call: Call, key_id: UUID, sent: RotationSent) -> MadeShape:
    """A new secret; the old one works for a while."""
    made = call.omonat.api_keys.ask_rotation(
        call.key, ApiKeyId(key_id), sent.overlap_days, sent.reason, call.now
    )  # fmt: skip
    return _made(made)


@operation(
    "POST", "/keys/{key_id}/secret", id="fetchKeySecret", right="key.administer", tag=KEYS, once=True,
    errors=("conflict",),
)  # fmt: skip
def fetch_key_secret(call: Call, key_id: UUID) -> MadeShape:
    """The secret that a second person approved, once."""
    return _made(call.omonat.api_keys.issue(call.key, ApiKeyId(key_id), call.now))


@operation("DELETE", "/keys/{key_id}", id="revokeKey", right="key.administer", tag=KEYS)
def revoke_key(call: Call, key_id: UUID) -> KeyShape:
    """A key does nothing any more, from the next call on."""
    return _key(call.omonat.api_keys.revoke(call.key, ApiKeyId(key_id), call.now))


def _made(made: MadeKey | Waiting) -> MadeShape:
    if isinstance(made, Waiting):
        return MadeShape(key=None, secret=None, approval_id=made.approval_id)
    return MadeShape(key=_key(made.key), secret=made.secret.reveal(), approval_id=None)


def _key(key: ApiKey) -> KeyShape:
    return KeyShape(
        key_id=key.key_id, name=key.name, prefix=key.prefix, rights=sorted(key.granted.rights),
        purposes=sorted(key.granted.purposes), origins=list(key.origins), created_at=key.created_at,
        created_by=key.created_by, expires_at=key.expires_at, revoked_at=key.revoked_at,
        last_used_on=key.last_used_on, secret_waits=key.due_overlap_days is not None,
    )  # fmt: skip
