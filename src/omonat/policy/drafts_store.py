"""The SQL of uploaded policies."""

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from omonat.storage.schema import policy_draft

if TYPE_CHECKING:
    from omonat.policy.drafts import Draft

_c = policy_draft.c
_COLUMNS = (_c.draft_id, _c.number, _c.hash, _c.author, _c.reason, _c.state, _c.made_at, _c.decided_at)


def insert_draft(tx: Connection, draft: "Draft", canonical: bytes) -> None:
    tx.execute(
        insert(policy_draft).values(
            draft_id=draft.draft_id, number=draft.number, hash=draft.hash, canonical=canonical, author=draft.author,
            reason=draft.reason, state=draft.state, made_at=draft.made_at,
        )
    )  # fmt: skip


def find_draft(tx: Connection, draft_id: UUID) -> "tuple[Draft, bytes] | None":
    row = tx.execute(select(*_COLUMNS, _c.canonical).where(_c.draft_id == draft_id)).first()
    return (_draft(row), bytes(row.canonical)) if row else None


def drafts(tx: Connection, limit: int) -> "list[Draft]":
    """Newest first, without their bytes."""
    newest = select(*_COLUMNS).order_by(_c.made_at.desc(), _c.draft_id.desc()).limit(limit)
    return [_draft(row) for row in tx.execute(newest)]


def set_decided(tx: Connection, draft_id: UUID, state: str, reason: str, now: datetime) -> bool:
    chosen = (_c.draft_id == draft_id) & (_c.state == "draft")
    values = {"state": state, "reason": reason, "decided_at": now}
    return tx.execute(update(policy_draft).where(chosen).values(values)).rowcount == 1


def _draft(row: Any) -> "Draft":
    from omonat.policy.drafts import Draft

    return Draft(**{column.name: getattr(row, column.name) for column in _COLUMNS})
