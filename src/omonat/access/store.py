"""The SQL of API keys and of their secrets, which are here as keyed tags only."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, delete, insert, or_, select, update

from omonat.access.model import ApiKey
from omonat.kernel.ids import ApiKeyId
from omonat.staff import Role
from omonat.storage.schema import api_key, api_key_secret

_k, _s = api_key.c, api_key_secret.c
_KEY = (
    _k.key_id, _k.name, _k.prefix, _k.rights, _k.purposes, _k.origins, _k.created_at, _k.created_by, _k.staff_id,
    _k.days, _k.expires_at, _k.revoked_at, _k.last_used_on, _k.due_overlap_days,
)  # fmt: skip


def insert_key(tx: Connection, key: ApiKey) -> None:
    tx.execute(
        insert(api_key).values(
            key_id=key.key_id, name=key.name, prefix=key.prefix, rights=sorted(key.granted.rights),
            purposes=sorted(key.granted.purposes), origins=list(key.origins), created_at=key.created_at,
            created_by=key.created_by, staff_id=key.staff_id, days=key.days,
            due_overlap_days=key.due_overlap_days, expires_at=key.expires_at, revoked_at=None, last_used_on=None,
        )
    )  # fmt: skip


def insert_secret(tx: Connection, tag: bytes, key_id: ApiKeyId, now: datetime) -> None:
    tx.execute(insert(api_key_secret).values(tag=tag, key_id=key_id, made_at=now, ends_at=None))


def find_by_secret(tx: Connection, tag: bytes, now: datetime) -> ApiKey | None:
    """The key of a secret that is in use, or still is for its overlap."""
    joined = select(*_KEY).join(api_key_secret, _s.key_id == _k.key_id)
    row = tx.execute(joined.where(_s.tag == tag, or_(_s.ends_at.is_(None), _s.ends_at > now))).first()
    return _key(row) if row else None


def find_key(tx: Connection, key_id: ApiKeyId) -> ApiKey | None:
    row = tx.execute(select(*_KEY).where(_k.key_id == key_id)).first()
    return _key(row) if row else None


def find_by_name(tx: Connection, name: str) -> ApiKey | None:
    row = tx.execute(select(*_KEY).where(_k.name == name)).first()
    return _key(row) if row else None


def keys_by_name(tx: Connection, after: str, limit: int) -> list[ApiKey]:
    return [_key(row) for row in tx.execute(select(*_KEY).where(_k.name > after).order_by(_k.name).limit(limit))]


def set_issued(tx: Connection, key_id: ApiKeyId, prefix: str, expires_at: datetime) -> None:
    """A new secret begins with `prefix`; none waits to be fetched any more."""
    chosen = update(api_key).where(_k.key_id == key_id)
    tx.execute(chosen.values(prefix=prefix, expires_at=expires_at, due_overlap_days=None))


def set_due(tx: Connection, key_id: ApiKeyId, overlap_days: int) -> None:
    """A new secret may be fetched, once."""
    tx.execute(update(api_key).where(_k.key_id == key_id).values(due_overlap_days=overlap_days))


def end_secrets(tx: Connection, key_id: ApiKeyId, at: datetime) -> None:
    """The secrets in use work until `at`, none of them longer than before."""
    later = or_(_s.ends_at.is_(None), _s.ends_at > at)
    tx.execute(update(api_key_secret).where(and_(_s.key_id == key_id, later)).values(ends_at=at))


def delete_ended_secrets(tx: Connection, key_id: ApiKeyId, now: datetime) -> None:
    tx.execute(delete(api_key_secret).where(_s.key_id == key_id, _s.ends_at <= now))


def set_revoked(tx: Connection, key_id: ApiKeyId, now: datetime) -> bool:
    """Whether this call revoked it; its secrets are gone with that."""
    done = tx.execute(
        update(api_key)
        .where(_k.key_id == key_id, _k.revoked_at.is_(None))
        .values(revoked_at=now, due_overlap_days=None)
    )
    tx.execute(delete(api_key_secret).where(_s.key_id == key_id))
    return done.rowcount == 1


def set_used(tx: Connection, key_id: ApiKeyId, day: date) -> None:
    tx.execute(update(api_key).where(_k.key_id == key_id).values(last_used_on=day))


def _key(row: Row[*tuple[Any, ...]]) -> ApiKey:
    return ApiKey(
        key_id=ApiKeyId(row.key_id), name=row.name, prefix=row.prefix,
        granted=Role(frozenset(row.rights), frozenset(row.purposes)), origins=tuple(row.origins),
        created_at=row.created_at, created_by=row.created_by, staff_id=row.staff_id, days=row.days,
        expires_at=row.expires_at, revoked_at=row.revoked_at, last_used_on=row.last_used_on,
        due_overlap_days=row.due_overlap_days,
    )  # fmt: skip
