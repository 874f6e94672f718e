"""The SQL of the register of the staff: one statement for everybody."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from omonat.kernel.ids import StaffId
from omonat.storage.schema import (
    staff,
    staff_identity,
    staff_passkey,
    staff_security_event,
    staff_session,
    staff_totp,
)  # fmt: skip


class Facts(NamedTuple):
    """What is known of a member besides the account."""

    factors: tuple[str, ...]
    sessions: int
    seen_at: datetime | None


def facts(tx: Connection) -> dict[StaffId, Facts]:
    totp, key, identity, event, session = (
        table.c for table in (staff_totp, staff_passkey, staff_identity, staff_security_event, staff_session)
    )
    whose = staff.c.staff_id
    signed_in = event.kind == "staff_signed_in"
    parts = {
        "totp": select(func.count()).where(totp.staff_id == whose, totp.confirmed_at.is_not(None)),
        "passkey": select(func.count()).where(key.staff_id == whose),
        "oidc": select(func.count()).where(identity.staff_id == whose),
        "sessions": select(func.count()).where(session.staff_id == whose),
        "signed_in_at": select(func.max(event.at)).where(event.staff_id == whose, signed_in),
        "seen_at": select(func.max(session.seen_at)).where(session.staff_id == whose),
    }
    columns = [part.correlate(staff).scalar_subquery().label(name) for name, part in parts.items()]
    found = {}
    for row in tx.execute(select(whose, *columns)):
        factors = tuple(name for name in ("totp", "passkey", "oidc") if getattr(row, name))
        seen = [moment for moment in (row.signed_in_at, row.seen_at) if moment is not None]
        found[StaffId(row.staff_id)] = Facts(factors, row.sessions, max(seen, default=None))
    return found
