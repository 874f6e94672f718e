"""Making, rotating and revoking API keys; finding the key of a call."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from omonat.access import rules, store
from omonat.access.model import ApiKey, KeyAsked, MadeKey
from omonat.crypto import keyed_tag
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import ApiKeyId, new_id
from omonat.kernel.secret import Sealed
from omonat.ledger import Ledger
from omonat.staff import Actor, Role, require
from omonat.storage import Database

RIGHT = "key.administer"
PAGE = 50
MOST_LOOKED_AT = 1000


class ApiKeys:
    """The keys of programs. `token_key` gives the key under which secrets are kept as tags."""

    def __init__(
        self, database: Database, ledger: Ledger, token_key: Callable[[], bytes],
        purposes: Callable[[], frozenset[str]],
    ) -> None:  # fmt: skip
        self._database = database
        self._ledger = ledger
        self._token_key = token_key
        self._purposes = purposes

    # --- the call -------------------------------------------------------------------------------------------------

    def find(self, secret: Sealed[str], now: datetime) -> ApiKey | None:
        """The key of a secret, None when it is none, ran out or was revoked. Notes the day of its use."""
        text = secret.reveal()
        if not rules.is_key(text):
            return None
        with self._database.read() as tx:
            found = store.find_by_secret(tx, self._tag(text), now)
        if found is None or not found.works(now):
            return None
        today = local_date(now)
        if found.last_used_on != today:
            self._database.write(lambda tx: store.set_used(tx, found.key_id, today))
        return found

    def is_bound(self, origin: str, now: datetime) -> bool:
        """Whether any key that works may be used from pages of that origin."""
        with self._database.read() as tx:
            return any(origin in key.origins and key.works(now) for key in store.keys_by_name(tx, "", MOST_LOOKED_AT))

    # --- administration -------------------------------------------------------------------------------------------

    def check(self, maker: Actor, asked: KeyAsked) -> None:
        """Raises NotAllowed, InvalidInput, Conflict when the name is taken (names are never used twice)."""
        require(maker, RIGHT)
        problems = rules.problems_of(asked, self._purposes())
        if problems:
            raise InvalidInput(problems)
        with self._database.read() as tx:
            if store.find_by_name(tx, asked.name) is not None:
                raise InvalidInput({"name": "There is a key of this name, or there was one."})

    def add(self, maker: Actor, asked: KeyAsked, now: datetime) -> MadeKey:
        """A new key; the caller has seen to the second person where `needs_second_person` says so.

        Raises as `check`.
        """
        self.check(maker, asked)
        prefix, secret = self._new_secret()
        key = ApiKey(
            key_id=ApiKeyId(new_id()), name=asked.name, prefix=prefix,
            granted=Role(frozenset(asked.rights), frozenset(asked.purposes)),
            origins=tuple(dict.fromkeys(asked.origins)), created_at=now, created_by=maker.actor,
            expires_at=now + timedelta(days=asked.days), revoked_at=None, last_used_on=None,
        )  # fmt: skip

        def unit(tx: Connection) -> None:
            if store.find_by_name(tx, key.name) is not None:
                raise Conflict()
            store.insert_key(tx, key)
            store.insert_secret(tx, self._tag(secret.reveal()), key.key_id, now)
            self._note(tx, "api_key_made", key, maker, now, rights=sorted(key.rights), purposes=sorted(key.purposes))

        self._database.write(unit)
        return MadeKey(key, secret)

    def rotate(self, maker: Actor, key_id: ApiKeyId, *, overlap_days: int, days: int, now: datetime) -> MadeKey:
        """A new secret for the same rights; the old one works for `overlap_days` more (0: ends at once).

        Raises NotAllowed, NotFound, InvalidInput, Conflict for a revoked key.
        """
        require(maker, RIGHT)
        _check_rotation(overlap_days, days)
        prefix, secret = self._new_secret()
        until = now + timedelta(days=overlap_days)

        def unit(tx: Connection) -> ApiKey:
            key = _found(store.find_key(tx, key_id))
            if key.revoked_at is not None:
                raise Conflict()
            store.delete_ended_secrets(tx, key_id, now)
            store.end_secrets(tx, key_id, min(until, key.expires_at))
            store.insert_secret(tx, self._tag(secret.reveal()), key_id, now)
            store.set_prefix(tx, key_id, prefix, now + timedelta(days=days))
            self._note(tx, "api_key_rotated", key, maker, now, overlap_days=overlap_days)
            return msgspec.structs.replace(key, prefix=prefix, expires_at=now + timedelta(days=days))

        return MadeKey(self._database.write(unit), secret)

    def revoke(self, maker: Actor, key_id: ApiKeyId, now: datetime) -> ApiKey:
        """The key does nothing from the next call on; repeating it is harmless. Raises NotAllowed, NotFound."""
        require(maker, RIGHT)

        def unit(tx: Connection) -> ApiKey:
            key = _found(store.find_key(tx, key_id))
            if store.set_revoked(tx, key_id, now):
                self._note(tx, "api_key_revoked", key, maker, now)
            return _found(store.find_key(tx, key_id))

        return self._database.write(unit)

    def get(self, key_id: ApiKeyId) -> ApiKey:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_key(tx, key_id))

    def get_by_name(self, name: str) -> ApiKey:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_by_name(tx, name))

    def page(self, after: str = "", limit: int = PAGE) -> list[ApiKey]:
        """Keys by name, revoked ones too; `after`: the name of the last one seen."""
        with self._database.read() as tx:
            return store.keys_by_name(tx, after, limit)

    def _note(
        self, tx: Connection, kind: str, key: ApiKey, maker: Actor, now: datetime, **facts: object
    ) -> None:  # fmt: skip
        self._ledger.append(
            tx, kind=kind, at=now, facts={"key": str(key.key_id), "name": key.name, "actor": maker.actor, **facts}
        )

    def _new_secret(self) -> tuple[str, Sealed[str]]:
        prefix, secret = rules.new_secret(os.urandom(16), os.urandom(32))
        return prefix, Sealed(secret)

    def _tag(self, secret: str) -> bytes:
        return keyed_tag(self._token_key(), b"api key", secret.encode())


def _check_rotation(overlap_days: int, days: int) -> None:
    problems = {}
    if not 0 <= overlap_days <= rules.LONGEST_OVERLAP_DAYS:
        problems["overlap_days"] = "The old secret may work for 0 to 7 days more."
    if not 1 <= days <= rules.LONGEST_DAYS:
        problems["days"] = "A key works for 1 to 365 days."
    if problems:
        raise InvalidInput(problems)


def _found(key: ApiKey | None) -> ApiKey:
    if key is None:
        raise NotFound()
    return key
