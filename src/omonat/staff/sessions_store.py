"""The SQL of staff sessions."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from omonat.kernel.ids import SessionId, StaffId
from omonat.staff.model import StaffAccount, StaffSession
from omonat.staff.store import find_by_id
from omonat.storage.schema import staff_session

_c = staff_session.c


def insert_session(tx: Connection, tag: bytes, session: StaffSession) -> None:
    tx.execute(
        insert(staff_session).values(
            token_tag=tag, session_id=session.session_id, staff_id=session.account.staff_id, how=session.how,
            device=session.device, created_at=session.created_at, seen_at=session.seen_at,
            expires_at=session.expires_at,
        )
    )  # fmt: skip


def find_session(tx: Connection, tag: bytes) -> StaffSession | None:
    row = tx.execute(select(*_c).where(_c.token_tag == tag)).first()
    account = find_by_id(tx, StaffId(row.staff_id)) if row else None
    return _session(row, account) if account else None


def sessions_of(tx: Connection, account: StaffAccount) -> list[StaffSession]:
    rows = tx.execute(select(*_c).where(_c.staff_id == account.staff_id).order_by(_c.seen_at.desc()))
    return [_session(row, account) for row in rows]


def set_seen(tx: Connection, tag: bytes, now: datetime) -> None:
    tx.execute(update(staff_session).where(_c.token_tag == tag).values(seen_at=now))


def delete_session(tx: Connection, tag: bytes) -> None:
    tx.execute(delete(staff_session).where(_c.token_tag == tag))


def delete_sessions_of(tx: Connection, staff_id: StaffId) -> int:
    return tx.execute(delete(staff_session).where(_c.staff_id == staff_id)).rowcount


def _session(row, account: StaffAccount) -> StaffSession:  # type: ignore[no-untyped-def]  # a row of every column
    return StaffSession(
        session_id=SessionId(row.session_id), account=account, how=row.how, device=row.device, created_at=row.created_at,
        seen_at=row.seen_at, expires_at=row.expires_at,
    )  # fmt: skip
