"""Rotation of the key-encryption key, and moving to another provider: the same five steps, while the server serves.

1. a new key is made, durable, or found at its provider;
2. its epoch begins: whoever makes keys from now on wraps them under it (`KeyStore` looks in the unit that stores them);
3. secrets and subject keys are wrapped again, in batches by subject id, each replaced only if it is still what was
   read: what was destroyed meanwhile stays destroyed;
4. in one unit: nothing lies under an older key any more, so those are retired;
5. older keys are destroyed where they lie with us, the ledger says so, the key store is scrubbed.
Each step is durable and may be repeated; `run` goes on where a crash stopped it.
"""

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from omonat.crypto import head_of, key_files, new_key
from omonat.kernel.clock import Clock
from omonat.kernel.errors import Damaged, Overloaded
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.keystore import store
from omonat.keystore.locks import ending, working
from omonat.keystore.model import Ended, Epoch, NoNewKey
from omonat.keystore.service import KeyStore, present_key, secret_context, subject_context

Answer = TypeVar("Answer")
Record = Callable[[Epoch, datetime], None]
BATCH = 200
_TRIES, _WAIT_SECONDS = 10, 0.5


class Rotation:
    """Rotates the key-encryption key of one key store. `record` enters the ledger event; it may be called twice."""

    def __init__(self, keystore: KeyStore, folder: Path, *, record: Record, clock: Clock) -> None:
        self._keystore = keystore
        self._database = keystore.database
        self._ring = keystore.ring
        self._folder = folder
        self._record = record
        self._clock = clock

    def left(self) -> int:
        """How many keys a rotation that is half done has still to move; those of all when none is."""
        epoch = unfinished(self._keystore.epochs())
        with self._database.read() as tx:
            return store.count_not_under(tx, head_of(epoch.key_id) if epoch else b"-")

    def run(self, *, batch: int = BATCH, progress: Callable[[int], None] = lambda _done: None) -> Ended:
        """Go on with the rotation that is half done, or begin one; returns when it has ended.

        Raises NoNewKey, RotationRuns, KeysUnavailable: what is done stays done.
        """
        with working(self._folder):
            epoch = unfinished(self._keystore.epochs()) or self._begin(self._make())
            after = epoch.rewrapped_to
            while not self._retire(epoch):
                self._rewrap_secrets(epoch)
                self._rewrap_subjects(epoch, after, batch, progress)
                after = None  # what came to lie behind is found in another round
            return self._end(epoch)

    def _make(self) -> str:
        """Step 1. Both keys are tried first: an epoch whose key does not work would let nobody in."""
        known = self._keystore.epochs()
        with self._database.read() as tx:
            held = store.secrets_not_under(tx, b"-")
        for secret_name, version, wrapped in held:
            self._ring.unwrap(wrapped, secret_context(secret_name, version))
        name = self._ring.make(known[-1].number if known else 1)
        if name in {epoch.key_id for epoch in known} or name == present_key(self._database):
            raise NoNewKey(key=name)
        probe = new_key()
        if self._ring.unwrap(self._ring.wrap(probe, b"probe", name), b"probe") != probe:
            raise Damaged(what="A probe of the new key")
        return name

    def _begin(self, name: str) -> Epoch:
        """Step 2. A key store of before there were epochs gets its first one here."""
        now, event_id, present = self._clock.now(), EventId(new_id()), present_key(self._database)

        def unit(tx: Connection) -> Epoch:
            known = store.epochs(tx)
            if not known:
                known = [Epoch(number=1, key_id=present, event_id=None, began_at=now)]
                store.insert_epoch(tx, known[0])
            made = Epoch(number=max(known[-1].number + 1, _number(name)), key_id=name, event_id=event_id, began_at=now)
            store.insert_epoch(tx, made)
            return made

        return self._database.write(unit)

    def _rewrap_secrets(self, epoch: Epoch) -> None:
        """Step 3, the installation's own; there are few."""
        with self._database.read() as tx:
            found = store.secrets_not_under(tx, head_of(epoch.key_id))
        moved = []
        for name, version, old in found:
            context = secret_context(name, version)
            moved.append((name, version, old, self._ring.wrap(self._ring.unwrap(old, context), context, epoch.key_id)))

        def unit(tx: Connection) -> None:
            count = sum(store.replace_secret(tx, *one) for one in moved)
            store.note_secrets(tx, epoch.number, count)

        self._patiently(lambda: self._database.write(unit))

    def _rewrap_subjects(
        self, epoch: Epoch, after: SubjectId | None, batch: int, progress: Callable[[int], None]
    ) -> None:
        """Step 3, the people: one unit per batch, with how far it has come."""
        done = 0
        while True:
            with self._database.read() as tx:
                found = store.subjects_not_under(tx, head_of(epoch.key_id), after=after, limit=batch)
            if not found:
                return
            done += self._rewrap_batch(epoch, found)
            after = found[-1][0]
            progress(done)

    def _rewrap_batch(self, epoch: Epoch, found: list[tuple[SubjectId, bytes]]) -> int:
        moved = [(subject_id, old, self._moved(subject_id, old, epoch)) for subject_id, old in found]

        def unit(tx: Connection) -> int:
            count = sum(store.replace_subject(tx, subject_id, old, new) for subject_id, old, new in moved)
            store.note_subjects(tx, epoch.number, count, to=found[-1][0])
            return count

        return self._patiently(lambda: self._database.write(unit))

    def _moved(self, subject_id: SubjectId, old: bytes, epoch: Epoch) -> bytes:
        context = subject_context(subject_id)
        return self._ring.wrap(self._ring.unwrap(old, context), context, epoch.key_id)

    def _retire(self, epoch: Epoch) -> bool:
        """Step 4. Whether nothing lay under an older key, in the very unit that retires them."""
        now = self._clock.now()

        def unit(tx: Connection) -> bool:
            if store.count_not_under(tx, head_of(epoch.key_id)):
                return False
            store.retire_before(tx, epoch.number, now)
            return True

        return self._patiently(lambda: self._database.write(unit))

    def _end(self, epoch: Epoch) -> Ended:
        """Step 5. What a crash left between its parts is done again, each harmlessly; noted as done last."""
        known = self._keystore.epochs()
        whole = next(one for one in known if one.number == epoch.number)
        with ending(self._folder):
            to_do = self._ring.end([one.key_id for one in known if one.number < epoch.number], epoch.key_id)
        now = self._clock.now()
        self._record(whole, now)
        scrubbed = self._database.scrub()
        self._patiently(lambda: self._database.write(lambda tx: store.destroyed_before(tx, epoch.number, now)))
        return Ended(epoch=whole, to_do=tuple(to_do), scrubbed=scrubbed)

    def _patiently(self, act: Callable[[], Answer]) -> Answer:
        """A full queue or many units at once are no reason to stop a work of hours."""
        for _ in range(_TRIES - 1):
            try:
                return act()
            except Overloaded:
                time.sleep(_WAIT_SECONDS)
        return act()


def unused_files(known: list[Epoch], folder: Path) -> list[str]:
    """Names of key files that no epoch of this key store needs: an older one was put back, or a rotation cut short."""
    needed = {epoch.key_id.removeprefix("file:") for epoch in known if epoch.destroyed_at is None}
    return [file.name for file in key_files(folder / "kek") if file.name not in needed]


def _number(name: str) -> int:
    """Files of keys are numbered as their epochs are."""
    number = name.removeprefix("file:kek.")
    return int(number) if number.isdigit() else 0


def unfinished(known: list[Epoch]) -> Epoch | None:
    """The present epoch while keys of older ones are not destroyed."""
    return known[-1] if any(epoch.destroyed_at is None for epoch in known[:-1]) else None
