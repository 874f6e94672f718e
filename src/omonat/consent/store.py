"""SQL of consents and of the texts that were shown."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from omonat.kernel.ids import SubjectId
from omonat.storage.schema import consent_event, shown_text, visit_day


def insert_consents(tx: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """In one statement."""
    tx.execute(insert(consent_event), list(rows))


def consents_of(tx: Connection, subject_id: SubjectId) -> list[dict[str, Any]]:
    """The whole history of a subject, oldest first."""
    c = consent_event.c
    columns = (
        c.consent_id, c.purpose, c.channel, c.action, c.at, c.expires_at, c.policy_number, c.policy_hash, c.language,
        c.text_hash, c.categories, c.third_party, c.cross_border, c.via,
    )  # fmt: skip
    rows = tx.execute(select(*columns).where(c.subject_id == subject_id).order_by(c.at, c.consent_id))
    return [dict(row._mapping) for row in rows]


def insert_text(tx: Connection, hash_: str, language: str, text: str, now: datetime) -> None:
    """Keep a text once; the same text shown again changes nothing."""
    if find_text(tx, hash_) is None:
        tx.execute(insert(shown_text).values(hash=hash_, language=language, text=text, first_shown_at=now))


def find_text(tx: Connection, hash_: str) -> str | None:
    found: str | None = tx.scalar(select(shown_text.c.text).where(shown_text.c.hash == hash_))
    return found


def delete_visits(tx: Connection, subject_id: SubjectId) -> int:
    return tx.execute(delete(visit_day).where(visit_day.c.subject_id == subject_id)).rowcount
