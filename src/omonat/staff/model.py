"""A staff account, and what each role may do, as data."""

from datetime import datetime

import msgspec

from omonat.kernel.errors import NotAllowed
from omonat.kernel.ids import StaffId

RIGHTS = (
    "policy.publish", "person.read", "person.correct", "person.erase", "case.read", "case.close", "disclose",
    "mailing.list", "retention.sweep", "backup", "stats.read", "ledger.verify", "staff.administer",
)  # fmt: skip

ROLES: dict[str, frozenset[str]] = {
    "administrator": frozenset({"retention.sweep", "backup", "stats.read", "ledger.verify", "staff.administer"}),
    "privacy_officer": frozenset(RIGHTS) - {"staff.administer", "backup"},
    "support": frozenset({"person.read", "person.correct", "case.read", "case.close"}),
    "sales": frozenset({"person.read", "case.read", "case.close", "disclose"}),
    "marketing": frozenset({"mailing.list", "stats.read"}),
    "auditor": frozenset({"case.read", "stats.read", "ledger.verify"}),
}


class StaffAccount(msgspec.Struct, frozen=True, kw_only=True):
    """One member of the staff. `roles` are keys of `ROLES`; `os_user` is bound on the command line."""

    staff_id: StaffId
    name: str
    roles: tuple[str, ...]
    os_user: str | None
    active: bool
    created_at: datetime

    @property
    def rights(self) -> frozenset[str]:
        """What the account may do: nothing once it is inactive."""
        if not self.active:
            return frozenset()
        return frozenset().union(*(ROLES[role] for role in self.roles))

    @property
    def actor(self) -> str:
        """How ledger and journals name the account."""
        return f"staff:{self.name}"


def require(account: StaffAccount, right: str) -> None:
    """Raises NotAllowed unless the account has the right (clause 6.2)."""
    if right not in account.rights:
        raise NotAllowed(right=right)
