"""The SQL of idempotency keys and the answers kept for them."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from omonat.kernel.ids import ApiKeyId
from omonat.storage.schema import api_answer

_c = api_answer.c


class Row(msgspec.Struct, frozen=True):
    """One claim; `status` None: not answered yet."""

    request_hash: bytes
    claimed_at: datetime
    status: int | None
    body: bytes | None
    etag: str


def find(tx: Connection, holder: ApiKeyId, tag: bytes) -> Row | None:
    columns = select(_c.request_hash, _c.claimed_at, _c.status, _c.body, _c.etag)
    row = tx.execute(columns.where(_c.holder_id == holder, _c.tag == tag)).first()
    return Row(*row) if row else None


def insert_claim(
    tx: Connection, holder: ApiKeyId, tag: bytes, request_hash: bytes, now: datetime, expires_at: datetime
) -> None:  # fmt: skip
    tx.execute(
        insert(api_answer).values(
            holder_id=holder, tag=tag, request_hash=request_hash, claimed_at=now, expires_at=expires_at, status=None,
            body=None, etag="",
        )
    )  # fmt: skip


def set_answer(
    tx: Connection, holder: ApiKeyId, tag: bytes, status: int, body: bytes | None, etag: str
) -> None:  # fmt: skip
    chosen = update(api_answer).where(_c.holder_id == holder, _c.tag == tag)
    tx.execute(chosen.values(status=status, body=body, etag=etag))


def delete_claim(tx: Connection, holder: ApiKeyId, tag: bytes) -> None:
    tx.execute(delete(api_answer).where(_c.holder_id == holder, _c.tag == tag))


def delete_expired(tx: Connection, now: datetime) -> int:
    return tx.execute(delete(api_answer).where(_c.expires_at <= now)).rowcount
