"""Rotation of compartment keys: new versions, values sealed anew, older versions destroyed in their time (clause 6.1).

1. the rotation begins in the key store, with which keys it is about;
2. these get new versions, in batches by person (`keystore.KeyVersions`); from then on new values lie under them, and a
   correction, too;
3. values and files that lie under older versions are sealed anew, in batches, each replaced only if it is still what
   was read: what was corrected, moved or destroyed meanwhile stays so;
4. the ledger says so. `tend`, in the nightly sweep, goes on with what a crash stopped or what came late, and destroys
   older versions when no backup of the data needs them.
Every step is durable and may be repeated.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import Clock
from omonat.kernel.errors import Damaged, NotFound
from omonat.kernel.ids import EventId, KeyId, SubjectId, new_id
from omonat.keystore import Chosen, CompartmentRotation, KeyStore, KeyVersions, Retired, SubjectKeys, working
from omonat.ledger import Ledger
from omonat.storage import Database
from omonat.vault import resealing_store as store
from omonat.vault.files import reseal_file
from omonat.vault.model import HeldRecord
from omonat.vault.sealing import open_value, seal_value
from omonat.vault.service import KEYS_ARE_OPEN

BATCH = 200
LEAST = timedelta(days=1)  # an older version lives so long, whatever the settings say: acts hold keys for minutes


class Resealed(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a rotation: counts, and when the older versions go."""

    rotation: CompartmentRotation
    destroyed_from: datetime


class Tended(msgspec.Struct, frozen=True, kw_only=True):
    """What the background work did: values sealed anew, older versions destroyed."""

    records: int
    destroyed: int


class _Change(NamedTuple):
    held: HeldRecord
    key_id: KeyId
    sealed_value: bytes


class Resealing:
    """Rotates compartment keys of one installation. `backup_days`: how long the oldest backup of the data lives."""

    def __init__(
        self, database: Database, keystore: KeyStore, ledger: Ledger, *, folder: Path, clock: Clock, backup_days: int
    ) -> None:  # fmt: skip
        self._database = database
        self._keystore = keystore
        self._versions = KeyVersions(keystore)
        self._ledger = ledger
        self._folder = folder
        self._clock = clock
        self.older_live = max(timedelta(days=backup_days), LEAST)

    def find_unended(self) -> CompartmentRotation | None:
        """The rotation that is half done."""
        return self._versions.find_unended()

    def counts(self) -> list[dict[str, Any]]:
        """By purpose and category: keys and older versions, with their ages."""
        return self._versions.counts()

    def left(self, chosen: Chosen | None = None) -> int:
        """How many keys a rotation that is half done has still to renew; else those that `chosen` would."""
        rotation = self.find_unended()
        return self._versions.count_left(rotation or _asked(chosen or Chosen(), self._clock.now()))

    # --- running --------------------------------------------------------------------------------------------------

    def run(
        self, chosen: Chosen, *, batch: int = BATCH, progress: Callable[[int], None] = lambda _done: None
    ) -> Resealed:  # fmt: skip
        """Go on with the rotation that is half done, or begin one. Raises RotationRuns, KeysUnavailable."""
        with working(self._folder):
            rotation = self.find_unended() or self._versions.begin(chosen, self._clock.now())
            return self._run(rotation, batch, progress)

    def _run(self, rotation: CompartmentRotation, batch: int, progress: Callable[[int], None]) -> Resealed:
        after, done = None, 0
        while found := self._versions.subjects(rotation, after, batch):
            done += self._versions.renew(rotation, found, self._clock.now())
            self._reseal(self._versions.retired_of(found), rotation)
            after = found[-1]
            progress(done)
        self._reseal_all(rotation, batch)
        return self._end(rotation)

    def _end(self, rotation: CompartmentRotation) -> Resealed:
        """The event first, then the end of the rotation: a crash between them enters no second one."""
        now, whole = self._clock.now(), self._versions.get(rotation)
        facts: dict[str, object] = {
            "purpose": whole.purpose, "category": whole.category, "keys": whole.keys, "records": whole.records,
        }  # fmt: skip
        self._database.write(
            lambda tx: self._ledger.append_once(
                tx, kind="compartment_keys_rotated", at=now, facts=facts, event_id=EventId(whole.rotation_id)
            )
        )
        self._versions.end(whole, now)
        return Resealed(rotation=self._versions.get(whole), destroyed_from=now + self.older_live)

    # --- sealing anew ---------------------------------------------------------------------------------------------

    def _reseal_all(self, rotation: CompartmentRotation | None, batch: int = BATCH) -> int:
        """Every value under an older version, whichever rotation retired it."""
        after, count = None, 0
        while found := self._versions.retired(after, batch):
            count += self._reseal(found, rotation)
            after = max(found)
        return count

    def _reseal(self, found: dict[SubjectId, list[Retired]], rotation: CompartmentRotation | None) -> int:
        now, changes, clean = self._clock.now(), list[_Change](), list[Retired]()
        opened: dict[SubjectId, SubjectKeys] = {}
        for subject_id, older in found.items():
            records = self._under(subject_id, older)
            keys = self._find_keys(subject_id) if records else None
            if keys is not None:
                opened[subject_id] = keys
                changes += [change for held in records if (change := _change(keys, held)) is not None]
            clean += [] if records else [one for one in older if one.replaced_at + KEYS_ARE_OPEN <= now]
        count = self._store(changes, opened)
        if rotation is not None and count:
            self._versions.note_records(rotation, count)
        self._versions.mark_resealed(clean, now)
        return count

    def _under(self, subject_id: SubjectId, older: list[Retired]) -> list[HeldRecord]:
        with self._database.read() as tx:
            return store.records_under(tx, subject_id, [one.key_id for one in older])

    def _find_keys(self, subject_id: SubjectId) -> SubjectKeys | None:
        try:
            return self._keystore.open_subject(subject_id)
        except NotFound:  # erased meanwhile
            return None

    def _store(self, changes: list[_Change], opened: dict[SubjectId, SubjectKeys]) -> int:
        if not changes:
            return 0

        def unit(tx: Connection) -> int:
            count = 0
            for change in changes:
                if store.replace_sealed(tx, change.held, change.key_id, change.sealed_value):
                    reseal_file(tx, opened[change.held.subject_id], change.held)
                    count += 1
            return count

        return self._database.write(unit)

    # --- in the background ----------------------------------------------------------------------------------------

    def tend(self) -> Tended:
        """Go on with what is half done, seal anew what came late, destroy older versions. Raises RotationRuns."""
        with working(self._folder):
            rotation = self.find_unended()
            if rotation is not None:
                self._run(rotation, BATCH, lambda _done: None)
            records = self._reseal_all(None)
            destroyed = self._destroy_old()
        self._database.scrub()
        return Tended(records=records, destroyed=destroyed)

    def _destroy_old(self) -> int:
        """Older versions that no backup of the data needs, and no value here: looked for again at the last moment."""
        now, after, count = self._clock.now(), None, 0
        while found := self._versions.retired_before(now - self.older_live, after, BATCH):
            self._reseal(found, None)  # of a restored older copy of the data
            ended = [
                one for subject_id, older in found.items() for one in older if not self._under(subject_id, [one])
            ]  # fmt: skip
            count += self._versions.destroy(ended)
            after = max(found)
        if count:
            facts: dict[str, object] = {"keys": count}
            self._database.write(
                lambda tx: self._ledger.append(tx, kind="compartment_keys_destroyed", at=now, facts=facts)
            )
            self._keystore.database.scrub()
        return count


def _change(keys: SubjectKeys, held: HeldRecord) -> _Change | None:
    """The value under the newest version; None when that part is on its way out, or the value is damaged."""
    if not (keys.has(held.compartment) and keys.opens(held.key_id)):
        return None
    try:
        value = open_value(keys, held)
    except Damaged:
        return None
    key_id, sealed_value = seal_value(keys, held.record_id, held.compartment, value)
    return _Change(held, key_id, sealed_value)


def _asked(chosen: Chosen, now: datetime) -> CompartmentRotation:
    """What a rotation would be about, to count it."""
    return CompartmentRotation(
        rotation_id=new_id(), purpose=chosen.purpose, category=chosen.category, made_before=chosen.made_before or now,
        began_at=now, keys=0, records=0, ended_at=None,
    )  # fmt: skip
