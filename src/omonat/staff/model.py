"""A staff account, what each role may do, and who may act at all: as data (clause 6.2)."""

from datetime import datetime
from typing import Protocol

import msgspec

from omonat.kernel.errors import NotAllowed
from omonat.kernel.ids import SessionId, StaffId

RIGHTS = (
    "policy.publish", "person.find", "person.read", "person.correct", "person.erase", "person.merge", "case.read",
    "case.work", "case.close", "contract.read", "contract.manage", "disclose", "disclosure.read", "mailing.list",
    "retention.read", "retention.sweep", "hold.place", "hold.release", "stats.read", "journal.read", "ledger.verify",
    "measure.read", "measure.manage", "incident.read", "incident.manage", "staff.read", "staff.administer",
    "key.administer", "webhook.administer", "backup", "collect",
)  # fmt: skip
"""`collect` is a right of API keys: forms of connected sites. Who may see what a right shows: docs/operate.md."""


class Role(msgspec.Struct, frozen=True):
    """What a role may do, and for which purposes of the policy it may open a person's values."""

    rights: frozenset[str]
    purposes: frozenset[str] = frozenset()


_ABOUT_PROCESSING = frozenset(
    {"case.read", "disclosure.read", "retention.read", "stats.read", "journal.read", "ledger.verify", "measure.read",
     "incident.read", "staff.read"}
)  # fmt: skip

ROLES: dict[str, Role] = {
    "administrator": Role(
        frozenset({"retention.sweep", "backup", "stats.read", "ledger.verify", "staff.read", "staff.administer",
                   "key.administer", "webhook.administer", "measure.read", "incident.read", "incident.manage"})
    ),
    "privacy_officer": Role(
        frozenset(RIGHTS) - {"staff.administer", "key.administer", "webhook.administer", "backup"},
        frozenset({"services", "contract", "support", "improve", "news", "legal"}),
    ),
    "support": Role(
        frozenset({"person.find", "person.read", "person.correct", "person.merge", "case.read", "case.work",
                   "case.close"}),
        frozenset({"support", "services"}),
    ),
    "sales": Role(
        frozenset({"person.find", "person.read", "case.read", "case.work", "case.close", "contract.read",
                   "contract.manage", "disclose", "disclosure.read"}),
        frozenset({"contract", "services"}),
    ),
    "marketing": Role(frozenset({"mailing.list", "stats.read"}), frozenset({"news", "improve"})),
    "auditor": Role(_ABOUT_PROCESSING),
}  # fmt: skip
"""The built-in roles. A row of the table `staff_role` overrides one, or adds another."""


class Actor(Protocol):
    """Who acts: a staff account, or an API key."""

    @property
    def rights(self) -> frozenset[str]:
        """Words of RIGHTS."""

    @property
    def purposes(self) -> frozenset[str]:
        """Purposes that may be stated when a person's values are opened."""

    @property
    def actor(self) -> str:
        """How ledger and journals name it; never a value of a person."""


class StaffAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One member of the staff. `os_user` is bound on the command line; `granted` is what its roles give."""

    staff_id: StaffId
    name: str
    roles: tuple[str, ...]
    os_user: str | None
    active: bool
    created_at: datetime
    granted: Role = Role(frozenset())

    @property
    def rights(self) -> frozenset[str]:
        """What the account may do: nothing once it is inactive."""
        return self.granted.rights if self.active else frozenset()

    @property
    def purposes(self) -> frozenset[str]:
        """The purposes for which the account may open values."""
        return self.granted.purposes if self.active else frozenset()

    @property
    def actor(self) -> str:
        """How ledger and journals name the account."""
        return f"staff:{self.name}"


class StaffSession(msgspec.Struct, frozen=True, kw_only=True):
    """A signed-in browser of a member of the staff. `how`: the second factor that opened it; `password`: none yet."""

    session_id: SessionId
    account: StaffAccount
    how: str
    device: str
    created_at: datetime
    seen_at: datetime
    proved_at: datetime
    expires_at: datetime


def granted(roles: tuple[str, ...], known: dict[str, Role]) -> Role:
    """What several roles give together; a role that there is no longer gives nothing."""
    held = [known[name] for name in roles if name in known]
    return Role(
        frozenset().union(*(role.rights for role in held)), frozenset().union(*(role.purposes for role in held))
    )


def require(actor: Actor, right: str) -> None:
    """Raises NotAllowed unless the actor has the right (clause 6.2)."""
    if right not in actor.rights:
        raise NotAllowed(right=right)
