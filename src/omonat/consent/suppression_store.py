"""SQL of suppressed addresses: hashes and their ends."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from omonat.storage.schema import suppression

_C = suppression.c


def keep(tx: Connection, tag: bytes, until: datetime) -> None:
    """Keep a hash, or keep it longer."""
    if tx.execute(update(suppression).where(_C.tag == tag).values(until=until)).rowcount == 0:
        tx.execute(insert(suppression).values(tag=tag, until=until))


def is_kept(tx: Connection, tag: bytes, now: datetime) -> bool:
    return tx.scalar(select(_C.until).where(_C.tag == tag, _C.until > now)) is not None


def kept_among(tx: Connection, tags: list[bytes], now: datetime) -> list[bytes]:
    return [bytes(tag) for tag in tx.scalars(select(_C.tag).where(_C.tag.in_(tags), _C.until > now))] if tags else []


def drop(tx: Connection, tag: bytes) -> None:
    tx.execute(delete(suppression).where(_C.tag == tag))


def forget(tx: Connection, now: datetime) -> int:
    return tx.execute(delete(suppression).where(_C.until <= now)).rowcount
