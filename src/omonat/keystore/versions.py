"""Versions of compartment keys: the newest one seals, older ones open until no backup of the data needs them.

A version is named by its key id, which every sealed value names. A new version and the retirement of the one before
are one unit, which replaces only what is still there: what was destroyed meanwhile stays destroyed. The values are
sealed anew by `vault.Resealing`; erasing destroys every version (`KeyStore.destroy`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from omonat.crypto import new_key, seal
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import KeyId, SubjectId, new_id
from omonat.keystore import versions_store as store
from omonat.keystore.model import Chosen, CompartmentRotation, Retired, SubjectKeys
from omonat.keystore.service import KeyStore, part_context


class KeyVersions:
    """The versions of the compartment keys of one key store."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore
        self._database = keystore.database

    # --- new versions ---------------------------------------------------------------------------------------------

    def find_unended(self) -> CompartmentRotation | None:
        """The rotation that is half done."""
        with self._database.read() as tx:
            return store.find_unended(tx)

    def begin(self, chosen: Chosen, now: datetime) -> CompartmentRotation:
        """Durable when it returns; keys that are made from now on are new enough."""
        made = CompartmentRotation(
            rotation_id=new_id(), purpose=chosen.purpose, category=chosen.category,
            made_before=min(chosen.made_before or now, now), began_at=now, keys=0, records=0, ended_at=None,
        )  # fmt: skip
        self._database.write(lambda tx: store.insert_rotation(tx, made))
        return made

    def count_left(self, rotation: CompartmentRotation) -> int:
        """How many keys have still to get a new version."""
        with self._database.read() as tx:
            return store.count_chosen(tx, rotation)

    def subjects(self, rotation: CompartmentRotation, after: SubjectId | None, limit: int) -> list[SubjectId]:
        """Whose keys have still to get one, by id."""
        with self._database.read() as tx:
            return store.chosen_subjects(tx, rotation, after=after, limit=limit)

    def renew(self, rotation: CompartmentRotation, subjects: Iterable[SubjectId], now: datetime) -> int:
        """New versions for the chosen keys of these people, in one unit. Returns how many. Raises KeysUnavailable."""
        held = [keys for subject_id in subjects if (keys := self._find(subject_id)) is not None]

        def unit(tx: Connection) -> int:
            count = sum(self._renew(tx, rotation, keys, now) for keys in held)
            store.note_keys(tx, rotation.rotation_id, count)
            return count

        return self._database.write(unit)

    def _find(self, subject_id: SubjectId) -> SubjectKeys | None:
        try:
            return self._keystore.open_subject(subject_id)
        except NotFound:  # erased meanwhile
            return None

    def _renew(self, tx: Connection, rotation: CompartmentRotation, keys: SubjectKeys, now: datetime) -> int:
        count = 0
        for old_id, part in store.chosen_of(tx, rotation, keys.subject_id):
            key_id = KeyId(new_id())
            wrapped = seal(keys.root, new_key(), part_context(keys.subject_id, key_id, part))
            count += store.replace_key(tx, keys.subject_id, old_id, key_id, wrapped, now=now)
        return count

    def note_records(self, rotation: CompartmentRotation, count: int) -> None:
        """That so many values more were sealed anew."""
        self._database.write(lambda tx: store.note_records(tx, rotation.rotation_id, count))

    def end(self, rotation: CompartmentRotation, now: datetime) -> None:
        """It is done; repeating it is harmless."""
        self._database.write(lambda tx: store.end_rotation(tx, rotation.rotation_id, now))

    def get(self, rotation: CompartmentRotation) -> CompartmentRotation:
        """As it stands now."""
        with self._database.read() as tx:
            return store.get_rotation(tx, rotation.rotation_id)

    # --- older versions -------------------------------------------------------------------------------------------

    def retired(self, after: SubjectId | None, limit: int) -> dict[SubjectId, list[Retired]]:
        """Older versions under which a value may lie, of the next people by id."""
        with self._database.read() as tx:
            return store.retired_unresealed(tx, after=after, limit=limit)

    def retired_of(self, subjects: Iterable[SubjectId]) -> dict[SubjectId, list[Retired]]:
        """Older versions of the keys of these people."""
        with self._database.read() as tx:
            return store.retired_of(tx, list(subjects))

    def retired_before(self, moment: datetime, after: SubjectId | None, limit: int) -> dict[SubjectId, list[Retired]]:
        """Older versions that were replaced before `moment`, of the next people by id."""
        with self._database.read() as tx:
            return store.retired_before(tx, moment, after=after, limit=limit)

    def mark_resealed(self, found: Iterable[Retired], now: datetime) -> None:
        """No value lies under these any more, and nobody holds them who could put one there."""
        ended = list(found)
        if ended:
            self._database.write(lambda tx: sum(store.mark_resealed(tx, one, now) for one in ended))

    def destroy(self, found: Iterable[Retired]) -> int:
        """Destroy older versions; the caller scrubs. Returns how many."""
        ended = list(found)
        return self._database.write(lambda tx: sum(store.delete_retired(tx, one) for one in ended)) if ended else 0

    def counts(self) -> list[dict[str, Any]]:
        """By purpose and category: present keys, the oldest of them, older versions and the oldest of those."""
        with self._database.read() as tx:
            return store.counts(tx)
