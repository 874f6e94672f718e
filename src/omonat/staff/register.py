"""The register of the staff: who may act, since when, with what second factor, under which undertaking (clause 6.2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from omonat.kernel.errors import NotFound
from omonat.kernel.ids import StaffId
from omonat.staff import invitations_store, register_store, store, undertakings
from omonat.staff.invitations_model import Invitation
from omonat.staff.model import StaffAccount
from omonat.storage import Database

State = Literal["active", "invited", "blocked"]


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """One member. `factors`: totp, passkey, oidc. `seen_at`: the last sign-in or use that is still known.

    `accepted_at`: when the newest undertaking was accepted; `accepted_in_force`: it is the text of today.
    """

    account: StaffAccount
    state: State
    factors: tuple[str, ...]
    sessions: int
    seen_at: datetime | None
    invitation: Invitation | None
    accepted_at: datetime | None
    accepted_in_force: bool


class StaffRegister:
    """Reads what the areas of the staff know about each member."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, now: datetime) -> Sequence[MemberRow]:
        """Everybody, by name, who left, too."""
        return self._read(now)[0]

    def _read(self, now: datetime) -> tuple[Sequence[MemberRow], Sequence[str]]:
        with self._database.read() as tx:
            roles = store.roles(tx)
            accounts = store.list_accounts(tx, roles)
            links = invitations_store.newest(tx)
            facts = register_store.facts(tx)
        rows = [_row(one, facts.get(one.staff_id), links.get(one.staff_id), now) for one in accounts]
        return rows, list(roles)

    def get(self, staff_id: StaffId, now: datetime) -> MemberRow:
        """Raises NotFound."""
        return self.look(staff_id, now)[0]

    def look(self, staff_id: StaffId, now: datetime) -> tuple[MemberRow, Sequence[str]]:
        """A member, and the names of the roles that there are. Raises NotFound."""
        rows, roles = self._read(now)
        found = next((row for row in rows if row.account.staff_id == staff_id), None)
        if found is None:
            raise NotFound
        return found, roles


def _row(
    account: StaffAccount, facts: "register_store.Facts | None", link: Invitation | None, now: datetime
) -> MemberRow:  # fmt: skip
    known = facts or register_store.Facts((), 0, None, None, "")
    return MemberRow(
        account=account, state=_state(account, link, now), factors=known.factors, sessions=known.sessions,
        seen_at=known.seen_at, invitation=link, accepted_at=known.accepted_at,
        accepted_in_force=known.accepted_version == undertakings.version(),
    )  # fmt: skip


def _state(account: StaffAccount, link: Invitation | None, now: datetime) -> State:
    """Invited is who has never come in yet, and has a link that works; without one he is as blocked as who left."""
    if account.active:
        return "active"
    return "invited" if link is not None and link.is_open(now) else "blocked"
