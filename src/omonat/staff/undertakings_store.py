"""The SQL of undertakings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select

from omonat.kernel.ids import StaffId
from omonat.staff import undertakings
from omonat.storage.schema import shown_text, staff_undertaking

_c = staff_undertaking.c


def has_accepted(tx: Connection, staff_id: StaffId, text_version: str) -> bool:
    found = select(_c.staff_id).where(_c.staff_id == staff_id, _c.text_version == text_version)
    return tx.execute(found).first() is not None


def insert_accepted(tx: Connection, accepted: "undertakings.Accepted", event_id: UUID) -> None:
    tx.execute(
        insert(staff_undertaking).values(
            staff_id=accepted.staff_id, text_version=accepted.text_version, text_hash=accepted.text_hash,
            language=accepted.language, accepted_at=accepted.accepted_at, event_id=event_id,
        )
    )  # fmt: skip


def accepted_by(tx: Connection, staff_id: StaffId, in_force: str) -> "list[undertakings.Accepted]":
    rows = tx.execute(select(*_c).where(_c.staff_id == staff_id).order_by(_c.accepted_at.desc()))
    return [_accepted(row, in_force) for row in rows]


def newest(tx: Connection, in_force: str) -> "dict[StaffId, undertakings.Accepted]":
    rows = tx.execute(select(*_c).order_by(_c.accepted_at))
    return {StaffId(row.staff_id): _accepted(row, in_force) for row in rows}


def remember_text(tx: Connection, text_hash: str, language: str, text: str, now: datetime) -> None:
    if tx.execute(select(shown_text.c.hash).where(shown_text.c.hash == text_hash)).first() is None:
        tx.execute(insert(shown_text).values(hash=text_hash, language=language, text=text, first_shown_at=now))


def find_text(tx: Connection, text_hash: str) -> str:
    found: str | None = tx.scalar(select(shown_text.c.text).where(shown_text.c.hash == text_hash))
    return found or ""


def _accepted(row: Any, in_force: str) -> "undertakings.Accepted":
    return undertakings.Accepted(
        staff_id=StaffId(row.staff_id), text_version=row.text_version, text_hash=row.text_hash, language=row.language,
        accepted_at=row.accepted_at, in_force=row.text_version == in_force,
    )  # fmt: skip
