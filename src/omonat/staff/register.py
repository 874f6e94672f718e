"""The register of the staff: who may act, since when, with what second factor, under which undertaking (clause 6.2)."""

from datetime import datetime
from typing import Literal

import msgspec

from omonat.kernel.errors import NotFound
from omonat.kernel.ids import StaffId
from omonat.staff import invitations_store, register_store, store, undertakings, undertakings_store
from omonat.staff.invitations_model import Invitation
from omonat.staff.model import StaffAccount
from omonat.staff.undertakings import Accepted
from omonat.storage import Database

State = Literal["active", "invited", "blocked"]


class MemberRow(msgspec.Struct, frozen=True, kw_only=True):
    """One member. `factors`: totp, passkey, oidc. `seen_at`: the last sign-in or use that is still known."""

    account: StaffAccount
    state: State
    factors: tuple[str, ...]
    sessions: int
    seen_at: datetime | None
    invitation: Invitation | None
    accepted: Accepted | None


class StaffRegister:
    """Reads what the areas of the staff know about each member."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self, now: datetime) -> list[MemberRow]:
        """Everybody, by name, who left, too."""
        with self._database.read() as tx:
            accounts = store.list_accounts(tx)
            links = invitations_store.newest(tx)
            accepted = undertakings_store.newest(tx, undertakings.version())
            facts = register_store.facts(tx)
        return [
            _row(one, facts.get(one.staff_id), links.get(one.staff_id), accepted.get(one.staff_id), now)
            for one in accounts
        ]

    def get(self, staff_id: StaffId, now: datetime) -> MemberRow:
        """Raises NotFound."""
        found = next((row for row in self.list(now) if row.account.staff_id == staff_id), None)
        if found is None:
            raise NotFound
        return found


def _row(
    account: StaffAccount, facts: "register_store.Facts | None", link: Invitation | None, accepted: Accepted | None,
    now: datetime,
) -> MemberRow:  # fmt: skip
    return MemberRow(
        account=account, state=_state(account, link, now), factors=facts.factors if facts else (),
        sessions=facts.sessions if facts else 0, seen_at=facts.seen_at if facts else None, invitation=link,
        accepted=accepted,
    )  # fmt: skip


def _state(account: StaffAccount, link: Invitation | None, now: datetime) -> State:
    """Invited is who has never come in yet, and has a link that works; without one he is as blocked as who left."""
    if account.active:
        return "active"
    return "invited" if link is not None and link.is_open(now) else "blocked"
