"""The SQL of approvals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from omonat.staff.approvals_model import Approval
from omonat.storage.schema import approval

_c = approval.c
_COLUMNS = [_c[name] for name in Approval.__struct_fields__]


def insert_approval(tx: Connection, made: Approval, payload_hash: str) -> None:
    row = {name: getattr(made, name) for name in Approval.__struct_fields__}
    tx.execute(insert(approval).values(**row, payload_hash=payload_hash))


def find_approval(tx: Connection, approval_id: UUID) -> Approval | None:
    row = tx.execute(select(*_COLUMNS).where(_c.approval_id == approval_id)).first()
    return _approval(row) if row else None


def find_open(tx: Connection, kind: str, payload_hash: str, asked_by: str, now: datetime) -> Approval | None:
    """The same act, asked for by the same actor, that still waits."""
    same = (_c.kind == kind) & (_c.payload_hash == payload_hash) & (_c.asked_by == asked_by)
    waits = (_c.state == "waiting") & (_c.expires_at > now)
    row = tx.execute(select(*_COLUMNS).where(same & waits).limit(1)).first()
    return _approval(row) if row else None


def list_approvals(
    tx: Connection, *, kinds: list[str] | None, open_at: datetime | None, after: UUID | None, limit: int
) -> list[Approval]:
    """Newest first. `open_at`: only what waits at that moment, or was approved and not carried out."""
    found = select(*_COLUMNS).order_by(_c.approval_id.desc()).limit(limit)
    if kinds is not None:
        found = found.where(_c.kind.in_(kinds))
    if open_at is not None:
        waits = (_c.state == "waiting") & (_c.expires_at > open_at)
        found = found.where(waits | _c.state.in_(["approved", "carrying", "failed"]))
    if after is not None:
        found = found.where(_c.approval_id < after)
    return [_approval(row) for row in tx.execute(found)]


def set_approval(tx: Connection, before: Approval, after: Approval) -> bool:
    """Replace what a decision or the carrying out changes; False when somebody else did it first."""
    changed = {
        name: getattr(after, name)
        for name in ("state", "decided_by", "decided_at", "decision_reason", "carried_at", "result", "failed")
    }
    unchanged = (_c.approval_id == before.approval_id) & (_c.state == before.state)
    # Two repeats of one failed act, or two that take over one that hangs: the moment tells them apart.
    if before.carried_at is None:
        unchanged &= _c.carried_at.is_(None)
    else:
        unchanged &= _c.carried_at == before.carried_at
    return tx.execute(update(approval).where(unchanged).values(changed)).rowcount == 1


def set_expired(tx: Connection, now: datetime) -> int:
    over = (_c.state == "waiting") & (_c.expires_at <= now)
    return tx.execute(update(approval).where(over).values(state="expired")).rowcount


def _approval(row: Any) -> Approval:
    return Approval(**row._mapping)
