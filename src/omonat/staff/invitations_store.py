"""The SQL of invitations."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, insert, select, update

from omonat.kernel.ids import StaffId
from omonat.staff.invitations_model import Invitation
from omonat.storage.schema import staff_invitation, staff_mailbox

_c = staff_invitation.c
_STORED = ("invitation_id", "staff_id", "kind", "language", "made_by", "made_at", "expires_at", "mailed_at",
           "spent_at", "revoked_at")  # fmt: skip
_COLUMNS = [*(_c[name] for name in _STORED), _c.sealed_letter]


def insert_invitation(tx: Connection, made: Invitation, tag: bytes, letter: bytes | None) -> None:
    row = {name: getattr(made, name) for name in _STORED}
    tx.execute(insert(staff_invitation).values(**row, token_tag=tag, sealed_letter=letter))


def find_by_tag(tx: Connection, tag: bytes) -> Invitation | None:
    row = tx.execute(select(*_COLUMNS).where(_c.token_tag == tag)).first()
    return _invitation(row) if row else None


def find_letter(tx: Connection, invitation_id: UUID) -> tuple[Invitation, bytes] | None:
    row = tx.execute(select(*_COLUMNS).where(_c.invitation_id == invitation_id)).first()
    return (_invitation(row), bytes(row.sealed_letter)) if row and row.sealed_letter is not None else None


def set_mailed(tx: Connection, invitation_id: UUID, now: datetime) -> None:
    tx.execute(
        update(staff_invitation).where(_c.invitation_id == invitation_id).values(mailed_at=now, sealed_letter=None)
    )


def set_spent(tx: Connection, invitation_id: UUID, now: datetime) -> bool:
    waits = (_c.invitation_id == invitation_id) & _c.spent_at.is_(None) & _c.revoked_at.is_(None)
    done = tx.execute(update(staff_invitation).where(waits).values(spent_at=now, sealed_letter=None))
    return done.rowcount == 1


def revoke_all(tx: Connection, staff_id: StaffId, now: datetime) -> int:
    waits = (_c.staff_id == staff_id) & _c.spent_at.is_(None) & _c.revoked_at.is_(None)
    return tx.execute(update(staff_invitation).where(waits).values(revoked_at=now, sealed_letter=None)).rowcount


def forget_letters(tx: Connection, now: datetime) -> int:
    over = _c.sealed_letter.is_not(None) & (_c.expires_at <= now)
    return tx.execute(update(staff_invitation).where(over).values(sealed_letter=None)).rowcount


def was_spent(tx: Connection, staff_id: StaffId) -> bool:
    found = select(_c.invitation_id).where(_c.staff_id == staff_id, _c.spent_at.is_not(None)).limit(1)
    return tx.execute(found).first() is not None


def newest(tx: Connection) -> dict[StaffId, Invitation]:
    rows = tx.execute(select(*_COLUMNS).order_by(_c.made_at, _c.invitation_id))
    return {StaffId(row.staff_id): _invitation(row) for row in rows}


def _invitation(row: Any) -> Invitation:
    return Invitation(
        **{name: getattr(row, name) for name in _STORED},
        by_mail=row.sealed_letter is not None or row.mailed_at is not None,
    )


# --- work e-mail ----------------------------------------------------------------------------------------------------


def put_email(tx: Connection, staff_id: StaffId, sealed: bytes, now: datetime) -> None:
    delete_email(tx, staff_id)
    tx.execute(insert(staff_mailbox).values(staff_id=staff_id, sealed_email=sealed, set_at=now))


def delete_email(tx: Connection, staff_id: StaffId) -> None:
    tx.execute(delete(staff_mailbox).where(staff_mailbox.c.staff_id == staff_id))


def find_email(tx: Connection, staff_id: UUID) -> bytes | None:
    return tx.scalar(select(staff_mailbox.c.sealed_email).where(staff_mailbox.c.staff_id == staff_id))
