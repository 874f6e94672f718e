"""The SQL of staff sessions."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import LABEL_STYLE_TABLENAME_PLUS_COL, Connection, delete, insert, select, update

from omonat.kernel.ids import SessionId, StaffId
from omonat.staff.model import StaffAccount, StaffSession
from omonat.staff.store import ACCOUNT, account_of, roles
from omonat.storage.schema import staff, staff_session

_c = staff_session.c


def insert_session(tx: Connection, tag: bytes, session: StaffSession) -> None:
    tx.execute(
        insert(staff_session).values(
            token_tag=tag, session_id=session.session_id, staff_id=session.account.staff_id, how=session.how,
            device=session.device, created_at=session.created_at, seen_at=session.seen_at, proved_at=session.proved_at,
            expires_at=session.expires_at,
        )
    )  # fmt: skip


def find_session(tx: Connection, tag: bytes) -> StaffSession | None:
    """The session with its account: two statements, for every page of the console asks for it."""
    both = select(*_c, *ACCOUNT).join(staff, staff.c.staff_id == _c.staff_id).where(_c.token_tag == tag)
    row = tx.execute(both.set_label_style(LABEL_STYLE_TABLENAME_PLUS_COL)).first()
    if row is None:
        return None
    account = {column.name: row._mapping[column] for column in ACCOUNT}
    session = {column.name: row._mapping[column] for column in _c}
    return _session(SimpleNamespace(**session), account_of(SimpleNamespace(**account), roles(tx)))


def sessions_of(tx: Connection, account: StaffAccount) -> list[StaffSession]:
    rows = tx.execute(select(*_c).where(_c.staff_id == account.staff_id).order_by(_c.seen_at.desc()))
    return [_session(row, account) for row in rows]


def set_seen(tx: Connection, tag: bytes, now: datetime) -> None:
    tx.execute(update(staff_session).where(_c.token_tag == tag).values(seen_at=now))


def set_proved(tx: Connection, tag: bytes, now: datetime) -> None:
    tx.execute(update(staff_session).where(_c.token_tag == tag).values(proved_at=now))


def delete_session(tx: Connection, tag: bytes) -> None:
    tx.execute(delete(staff_session).where(_c.token_tag == tag))


def delete_sessions_of(tx: Connection, staff_id: StaffId, *, but: bytes | None = None) -> int:
    """All sessions of an account, but one where that is named."""
    chosen = delete(staff_session).where(_c.staff_id == staff_id)
    return tx.execute(chosen if but is None else chosen.where(_c.token_tag != but)).rowcount


def delete_session_of(tx: Connection, staff_id: StaffId, session_id: UUID) -> bool:
    chosen = delete(staff_session).where(_c.staff_id == staff_id, _c.session_id == session_id)
    return tx.execute(chosen).rowcount == 1


def prune(tx: Connection, now: datetime) -> None:
    """Sessions that ran out."""
    tx.execute(delete(staff_session).where(_c.expires_at <= now))


def _session(row: Any, account: StaffAccount) -> StaffSession:
    return StaffSession(
        session_id=SessionId(row.session_id), account=account, how=row.how, device=row.device,
        created_at=row.created_at, seen_at=row.seen_at, proved_at=row.proved_at, expires_at=row.expires_at,
    )  # fmt: skip
