"""What a role may do, and one's own roles, are changed by two people (clause 6.2): acts as words, and their carrier."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import StaffId
from omonat.staff.approvals import Approvals
from omonat.staff.approvals_model import Act, Waiting
from omonat.staff.invitations import Members
from omonat.staff.model import Actor, require
from omonat.staff.roles import ADMINISTER, Roles

KIND = "change_role"


def put_role(name: str, rights: Collection[str], purposes: Collection[str]) -> dict[str, str]:
    """The payload of: this role may do this, for these purposes."""
    return {
        "act": "put", "role": name, "rights": " ".join(sorted(rights)), "purposes": " ".join(sorted(purposes)),
    }  # fmt: skip


def reset_role(name: str) -> dict[str, str]:
    """The payload of: the built-in role as Omonat brings it; one's own role deleted."""
    return {"act": "reset", "role": name}


def own_roles(staff_id: StaffId, roles: Collection[str]) -> dict[str, str]:
    """The payload of: a member has these roles from now on."""
    return {"act": "member", "staff": str(staff_id), "roles": " ".join(roles)}


def carry_role_change(roles: Roles, members: Members, act: Act) -> dict[str, str]:
    """The carrier of KIND. Raises what the services raise."""
    asked = act.payload
    match asked["act"]:
        case "put":
            roles.put(act.asker, asked["role"], asked["rights"].split(), asked["purposes"].split(), act.now)
        case "reset":
            roles.reset(act.asker, asked["role"], act.now)
        case "member":
            members.set_roles(act.asker, StaffId(UUID(asked["staff"])), asked["roles"].split(), act.now)
        case _:
            raise InvalidInput({"act": "There is no such act."})
    return {name: asked[name] for name in ("role", "staff") if name in asked}


class RoleChanges:
    """What the faces call: a change of rights waits for a second person where there is one."""

    def __init__(self, approvals: Approvals, roles: Roles, members: Members) -> None:
        self._approvals = approvals
        self._roles = roles
        self._members = members

    def put(
        self, actor: Actor, name: str, rights: Collection[str], purposes: Collection[str], *, reason: str,
        now: datetime,
    ) -> Waiting | None:  # fmt: skip
        """Make a role or change it. None: done. Raises NotAllowed, InvalidInput, LastAdministrator."""
        require(actor, ADMINISTER)
        self._roles.check(name, rights, purposes)
        return self._act(actor, put_role(name, rights, purposes), reason, now)

    def reset(self, actor: Actor, name: str, *, reason: str, now: datetime) -> Waiting | None:
        """As Omonat brings it, or deleted. None: done. Raises NotAllowed, NotFound, RoleInUse."""
        self._roles.check_reset(name)
        return self._act(actor, reset_role(name), reason, now)

    def set_roles(
        self, actor: Actor, staff_id: StaffId, roles: Sequence[str], *, reason: str, now: datetime
    ) -> Waiting | None:  # fmt: skip
        """Another member's roles are changed at once; nobody gives himself a role without a second person."""
        if staff_id == getattr(actor, "staff_id", None):
            return self._act(actor, own_roles(staff_id, roles), reason, now)
        self._members.set_roles(actor, staff_id, roles, now)
        return None

    def _act(self, actor: Actor, payload: dict[str, str], reason: str, now: datetime) -> Waiting | None:
        done = self._approvals.act(actor, KIND, payload, reason, now)
        return done if isinstance(done, Waiting) else None
