"""What makes a call safe to repeat: its idempotency key is claimed first, its answer kept for a day.

An act commits in its own transaction, so between it and the kept answer a crash may come. Then nobody knows, and the
repeat is told so (`OutcomeUnknown`) instead of doing it twice. What failed with an error of ours did nothing: its
claim is let go. The same table locks a thing while it is compared with what its changer saw (`If-Match`) and changed.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.access import answers_store as store
from omonat.crypto import keyed_tag
from omonat.kernel.errors import Conflict, OmonatError
from omonat.kernel.ids import ApiKeyId
from omonat.storage import Database

KEPT = timedelta(hours=24)
RUNS_AT_MOST = timedelta(minutes=2)
_NOBODY = ApiKeyId(UUID(int=0))


class Repeated(OmonatError):
    """The same idempotency key came with another body."""

    code: ClassVar[str] = "idempotency_reused"
    message: ClassVar[str] = "This idempotency key was used for something else."
    what_to_do: ClassVar[str] = "Make a new idempotency key for every new act. Nothing was stored."


class InProgress(OmonatError):
    """The first call with this key is still at work."""

    code: ClassVar[str] = "in_progress"
    message: ClassVar[str] = "The first call with this idempotency key is still at work."
    what_to_do: ClassVar[str] = "Repeat the call in a second: it gets the answer of the first."
    temporary: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__(seconds=1)


class OutcomeUnknown(OmonatError):
    """The first call was cut off, by a crash: it may have been carried out or not."""

    code: ClassVar[str] = "outcome_unknown"
    message: ClassVar[str] = "The first call with this idempotency key was cut off; it may have been carried out."
    what_to_do: ClassVar[str] = "Look whether it was, and if not, repeat it with a new idempotency key."


class AnsweredOnce(OmonatError):
    """The act was done, and its answer held what is told once only: a secret, or personal values."""

    code: ClassVar[str] = "answered_once"
    message: ClassVar[str] = "This was done already; what it answered is not kept."
    what_to_do: ClassVar[str] = "If the answer was lost, do it again with a new idempotency key."


class Kept(msgspec.Struct, frozen=True):
    """An answer of before. `body` None: not kept, because it held what is told once."""

    status: int
    body: bytes | None
    etag: str


class Claim(msgspec.Struct, frozen=True):
    """The right to carry out one call, held by this call alone."""

    holder: ApiKeyId
    tag: bytes


class Answers:
    """Claims and kept answers. `token_key` gives the key under which idempotency keys are kept as tags."""

    def __init__(self, database: Database, token_key: Callable[[], bytes]) -> None:
        self._database = database
        self._token_key = token_key

    def claim(
        self, holder: ApiKeyId, name: str, request_hash: bytes, now: datetime, *, exact: bool = False
    ) -> Claim | Kept:
        """The right to go on, or what was answered. `exact`: the act sees by itself that it was done already, so an
        unanswered claim is no obstacle. Raises Repeated, InProgress, OutcomeUnknown, AnsweredOnce.
        """
        claim = Claim(holder, keyed_tag(self._token_key(), b"idempotency", holder.bytes, name.encode()))

        def unit(tx: Connection) -> store.Row | None:
            store.delete_expired(tx, now)
            found = store.find(tx, claim.holder, claim.tag)
            if found is None:
                store.insert_claim(tx, claim.holder, claim.tag, request_hash, now, now + KEPT)
            return found

        found = self._database.write(unit)
        if found is None or (exact and found.status is None and found.request_hash == request_hash):
            return claim
        return _kept(found, request_hash, now)

    def keep(self, claim: Claim, kept: Kept) -> None:
        """The act is done: remember its answer."""
        self._database.write(
            lambda tx: store.set_answer(tx, claim.holder, claim.tag, kept.status, kept.body, kept.etag)
        )

    def let_go(self, claim: Claim) -> None:
        """The act was refused and did nothing: the same key may be used again."""
        self._database.write(lambda tx: store.delete_claim(tx, claim.holder, claim.tag))

    @contextmanager
    def locked(self, thing: str, now: datetime) -> Iterator[None]:
        """Nobody else changes `thing` by the API meanwhile. Raises Conflict. A crash lets go after two minutes."""
        claim = Claim(_NOBODY, sha256(thing.encode()).digest())

        def unit(tx: Connection) -> bool:
            store.delete_expired(tx, now)
            if store.find(tx, claim.holder, claim.tag) is not None:
                return False
            store.insert_claim(tx, claim.holder, claim.tag, b"", now, now + RUNS_AT_MOST)
            return True

        if not self._database.write(unit):
            raise Conflict
        try:
            yield
        finally:
            self.let_go(claim)

    def forget(self, now: datetime) -> int:
        """Delete what is older than a day. Returns how many."""
        return self._database.write(lambda tx: store.delete_expired(tx, now))


def _kept(found: store.Row, request_hash: bytes, now: datetime) -> Kept:
    if found.request_hash != request_hash:
        raise Repeated
    if found.status is None:
        raise InProgress if now < found.claimed_at + RUNS_AT_MOST else OutcomeUnknown
    if found.body is None:
        raise AnsweredOnce
    return Kept(found.status, found.body, found.etag)
