"""Making, rotating and revoking API keys; finding the key of a call."""

import os
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from omonat.access import rules, store
from omonat.access.model import ApiKey, KeyAsked, MadeKey
from omonat.crypto import keyed_tag
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import ApiKeyId, new_id
from omonat.kernel.secret import Sealed
from omonat.ledger import Ledger
from omonat.staff import Act, Actor, Approvals, Role, Waiting, require
from omonat.storage import Database

RIGHT = "key.administer"
PAGE = 50
MOST_LOOKED_AT = 1000
LIFETIMES = ("7", "30", "90", "180", "365")
"""Days that the console offers."""


class ApiKeys:
    """The keys of programs. `token_key` gives the key under which secrets are kept as tags."""

    def __init__(
        self, database: Database, ledger: Ledger, approvals: Approvals, *, token_key: Callable[[], bytes],
        purposes: Callable[[], frozenset[str]],
    ) -> None:  # fmt: skip
        self._database = database
        self._ledger = ledger
        self._approvals = approvals
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

    def ask(self, maker: Actor, asked: KeyAsked, reason: str, now: datetime) -> MadeKey | Waiting:
        """A new key with its secret; or, where it reaches far, the wait for a second person.

        Raises as `check`, InvalidInput without a reason where one is needed, SecondPersonMissing.
        """
        self.check(maker, asked)
        if not rules.needs_second_person(maker, asked):
            key_id = self._create(maker, asked, ApiKeyId(new_id()), now)
            return self.issue(maker, key_id, now)
        return self._with_second_person(maker, rules.payload_of(asked), reason, now)

    def ask_rotation(
        self, maker: Actor, key_id: ApiKeyId, overlap_days: int, reason: str, now: datetime
    ) -> MadeKey | Waiting:
        """A new secret for the same rights; the old one works for `overlap_days` more (0: ends when it is fetched).

        Raises NotAllowed, NotFound, InvalidInput, Conflict for a revoked key, SecondPersonMissing.
        """
        require(maker, RIGHT)
        _check_overlap(overlap_days)
        key = self.get(key_id)
        if key.revoked_at is not None:
            raise Conflict
        if rules.reaches_far(maker, key.rights, key.purposes):
            payload = {"act": "rotate", "key": str(key_id), "name": key.name, "overlap_days": str(overlap_days)}
            return self._with_second_person(maker, payload, reason, now)
        self._database.write(lambda tx: store.set_due(tx, key_id, overlap_days))
        return self.issue(maker, key_id, now)

    def issue(self, maker: Actor, key_id: ApiKeyId, now: datetime) -> MadeKey:
        """The secret that was approved; told here and never again. Raises NotAllowed, NotFound, Conflict."""
        require(maker, RIGHT)
        prefix, secret = self._new_secret()

        def unit(tx: Connection) -> ApiKey:
            key = _found(store.find_key(tx, key_id))
            if key.revoked_at is not None or key.due_overlap_days is None:
                raise Conflict
            store.delete_ended_secrets(tx, key_id, now)
            store.end_secrets(tx, key_id, min(now + timedelta(days=key.due_overlap_days), key.expires_at))
            store.insert_secret(tx, self._tag(secret.reveal()), key_id, now)
            store.set_issued(tx, key_id, prefix, now + timedelta(days=key.days))
            self._note(tx, "api_key_issued", key, maker, now, overlap_days=key.due_overlap_days)
            return _found(store.find_key(tx, key_id))

        return MadeKey(self._database.write(unit), secret)

    def carry(self, act: Act) -> dict[str, str]:
        """What a second person approved (kind `change_keys`): the secret waits to be fetched by `issue`."""
        if act.payload["act"] == "add":
            asked = rules.asked_in(act.payload)
            key_id = ApiKeyId(act.approval_id)
            if self.find_by_id(key_id) is None:
                self.check(act.asker, asked)
                self._create(act.asker, asked, key_id, act.now)
            return {"key": str(key_id)}
        key_id = ApiKeyId(UUID(act.payload["key"]))
        if self.get(key_id).revoked_at is not None:
            raise Conflict
        self._database.write(lambda tx: store.set_due(tx, key_id, int(act.payload["overlap_days"])))
        return {"key": str(key_id)}

    def _with_second_person(
        self, maker: Actor, payload: dict[str, str], reason: str, now: datetime
    ) -> MadeKey | Waiting:
        done = self._approvals.act(maker, "change_keys", payload, reason, now)
        return done if isinstance(done, Waiting) else self.issue(maker, ApiKeyId(UUID(done.result["key"])), now)

    def _create(self, maker: Actor, asked: KeyAsked, key_id: ApiKeyId, now: datetime) -> ApiKeyId:
        """The key, still without a secret."""
        key = ApiKey(
            key_id=key_id, name=asked.name, prefix="", granted=Role(frozenset(asked.rights), frozenset(asked.purposes)),
            origins=tuple(dict.fromkeys(asked.origins)), created_at=now, created_by=maker.actor,
            staff_id=getattr(maker, "staff_id", None), days=asked.days, expires_at=now + timedelta(days=asked.days),
            revoked_at=None, last_used_on=None, due_overlap_days=0,
        )  # fmt: skip

        def unit(tx: Connection) -> None:
            if store.find_by_name(tx, key.name) is not None:
                raise Conflict
            store.insert_key(tx, key)
            self._note(tx, "api_key_made", key, maker, now, rights=sorted(key.rights), purposes=sorted(key.purposes))

        self._database.write(unit)
        return key_id

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

    def find_by_id(self, key_id: ApiKeyId) -> ApiKey | None:
        """The key of an id, revoked or not."""
        with self._database.read() as tx:
            return store.find_key(tx, key_id)

    def find_actor(self, actor: str) -> ApiKey | None:
        """The key that journals name `key:<name>`, unless it is revoked."""
        with self._database.read() as tx:
            found = store.find_by_name(tx, actor.removeprefix("key:"))
        return found if found is not None and found.revoked_at is None else None

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


def _check_overlap(overlap_days: int) -> None:
    if not 0 <= overlap_days <= rules.LONGEST_OVERLAP_DAYS:
        raise InvalidInput({"overlap_days": "The old secret may work for 0 to 7 days more."})


def _found(key: ApiKey | None) -> ApiKey:
    if key is None:
        raise NotFound()
    return key
