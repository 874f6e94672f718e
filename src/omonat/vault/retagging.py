"""Rotation of the index keys: two versions side by side until every tag is of the newest (issue 4; clause 6.1).

1. a version of every index key is made, durable in the key store;
2. it begins: whoever writes a tag from now on writes it under the newest version (`Index` looks in the unit itself);
3. the other tags are made anew, in batches by person, by opening the sealed values;
4. in one unit: nothing lies under an older version any more, so those are retired;
5. their keys are destroyed, the ledger says so.
Each step is durable and may be repeated; `run` goes on where a crash stopped it. The old keys are not needed for it, so
the same steps put an installation right whose data and keys were put back from different times.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import Clock
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.keystore import KeyStore, SubjectKeys, working
from omonat.ledger import Ledger
from omonat.storage import Database
from omonat.vault import index_store as store
from omonat.vault.index import PAIRS_LIVE, Index
from omonat.vault.model import IndexVersion

BATCH = 200
_CODES_COUNT = timedelta(hours=1)  # how often an address was asked for a code counts for so long, by its tag
_CLOCKS_DIFFER = timedelta(minutes=10)  # of several nodes, and of a call that began before


class Retagged(msgspec.Struct, frozen=True, kw_only=True):
    """What a rotation of the index keys came to. `left`: older tags; `waits_until`: then the old keys go."""

    version: int
    retagged: int
    left: int
    ended: bool
    waits_until: datetime | None


class Retagging:
    """Rotates the index keys of one installation."""

    def __init__(
        self, database: Database, keystore: KeyStore, ledger: Ledger, *, index: Index, folder: Path, clock: Clock
    ) -> None:  # fmt: skip
        self._database = database
        self._keystore = keystore
        self._ledger = ledger
        self._index = index
        self._folder = folder
        self._clock = clock

    def versions(self) -> list[IndexVersion]:
        """Every version after the first, oldest first."""
        with self._database.read() as tx:
            return store.versions(tx)

    def find_unended(self) -> IndexVersion | None:
        """The version whose rotation has not ended."""
        with self._database.read() as tx:
            found = store.find_newest(tx)
        return found if found is not None and found.ended_at is None else None

    def left(self) -> int:
        """How many tags a rotation has still to write; those of all when none runs."""
        with self._database.read() as tx:
            found = store.find_newest(tx)
            whole = found is None or found.ended_at is not None
            return store.count_left(tx, (found.version if found else 1) + whole)

    # --- running --------------------------------------------------------------------------------------------------

    def run(self, *, batch: int = BATCH, progress: Callable[[int], None] = lambda _done: None) -> Retagged:
        """Go on with the rotation that is half done, or begin one. Raises RotationRuns, KeysUnavailable."""
        with working(self._folder):
            return self._run(self._going_on() or self._begin(), batch, progress)

    def tend(self) -> Retagged | None:
        """Go on with what is half done, in the background; None when nothing is. Raises RotationRuns."""
        with self._database.read() as tx:
            has_pairs = store.has_pairs(tx)
        if has_pairs:
            self._database.write(lambda tx: store.forget_pairs(tx, self._clock.now() - PAIRS_LIVE))
        if self.find_unended() is None and not self._is_lost():
            return None
        return self.run()

    def repair(self) -> Retagged | None:
        """Before the first request: data and keys may have been put back from different times. None: all is well."""
        return self.run() if self._is_lost() else None

    def _is_lost(self) -> bool:
        """Whether the key store lacks the index keys under which the data is written."""
        with self._database.read() as tx:
            found = store.find_newest(tx)
        return (found.version if found else 1) not in self._keystore.index_versions()

    def _going_on(self) -> IndexVersion | None:
        found = self.find_unended()
        return None if found is None or self._is_lost() else found

    def _begin(self) -> IndexVersion:
        """Steps 1 and 2. Keys that were made and never came to use are used now."""
        now = self._clock.now()
        with self._database.read() as tx:
            found = store.find_newest(tx)
        present = found.version if found else 1
        newer = [version for version in self._keystore.index_versions() if version > present]
        version = max(newer, default=present + 1)
        self._keystore.make_index_keys(version, now)
        before = max((one for one in self._keystore.index_versions() if one < version), default=None)
        made = IndexVersion(
            version=version, before=before, event_id=EventId(new_id()), began_at=now, retagged=0, retired_at=None,
            ended_at=None,
        )  # fmt: skip
        self._database.write(lambda tx: store.insert_version(tx, made))
        return made

    def _run(self, version: IndexVersion, batch: int, progress: Callable[[int], None]) -> Retagged:
        done, moved = 0, 1
        while moved:  # who came to lie behind is found in another round; what cannot be opened stays
            moved, after = 0, None
            while found := self._subjects(version, after, batch):
                moved += self._retag(version, found)
                after = found[-1]
                progress(done + moved)
            done += moved
        return self._end(version)

    def _subjects(self, version: IndexVersion, after: SubjectId | None, batch: int) -> list[SubjectId]:
        with self._database.read() as tx:
            return store.subjects_left(tx, version.version, after=after, limit=batch)

    def _retag(self, version: IndexVersion, subjects: list[SubjectId]) -> int:
        """Step 3: one unit per batch. Keys are opened outside of it."""
        held = [keys for one in subjects if (keys := self._find_keys(one)) is not None]

        def unit(tx: Connection) -> int:
            count = sum(self._index.bring_up(tx, keys) for keys in held)
            store.note_retagged(tx, version.version, count)
            return count

        return self._database.write(unit)

    def _find_keys(self, subject_id: SubjectId) -> SubjectKeys | None:
        try:
            return self._keystore.open_subject(subject_id)
        except NotFound:  # on his way out
            return None

    # --- ending ---------------------------------------------------------------------------------------------------

    def _end(self, version: IndexVersion) -> Retagged:
        """Steps 4 and 5. What a crash left between them is done again, each harmlessly; noted as done last."""
        now = self._clock.now()

        def unit(tx: Connection) -> tuple[int, datetime | None]:
            left, until = store.count_left(tx, version.version), _waits_until(tx, version, now)
            if not left and until is None:
                store.retire_before(tx, version.version, now)
            return left, until

        left, until = self._database.write(unit)
        if not left and until is None:
            self._keystore.destroy_index_keys_before(version.version)
            self._record(version, now)
            self._database.scrub()
        whole = next(one for one in self.versions() if one.version == version.version)
        return Retagged(
            version=whole.version, retagged=whole.retagged, left=left, ended=whole.ended_at is not None,
            waits_until=until,
        )  # fmt: skip

    def _record(self, version: IndexVersion, now: datetime) -> None:
        def unit(tx: Connection) -> None:
            whole = next(one for one in store.versions(tx) if one.version == version.version)
            facts: dict[str, object] = {"version": whole.version, "retagged": whole.retagged}
            self._ledger.append_once(tx, kind="index_keys_rotated", at=now, facts=facts, event_id=whole.event_id)
            store.end(tx, whole.version, now)

        self._database.write(unit)


def _waits_until(tx: Connection, version: IndexVersion, now: datetime) -> datetime | None:
    """While codes that were asked for before still count, the old keys are needed to count on.

    Else who knows the moment of a rotation could tell held addresses from others by their limit.
    """
    since = now - _CODES_COUNT
    newest = store.newest_code(tx, since=since, until=version.began_at + _CLOCKS_DIFFER)
    return None if newest is None else newest + _CODES_COUNT
