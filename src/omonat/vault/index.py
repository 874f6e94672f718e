"""The blind index: the one place that makes tags of identifiers, and knows the versions of its keys (clause 6.1).

While a rotation runs, two versions stand side by side. What is written has a tag of the newest; whoever writes one says
which older tag is of the same value (`tag_pair`). Who looks for a value looks under both; who has a tag finds
the other one by its pair; rows that are read have each tag as the newest version has it, where a pair is known. A
person whose identifiers are written or compared is brought up to the newest version first, in the same unit. So
proven identifiers are unique across versions, on both engines.
"""

from datetime import timedelta

from sqlalchemy import Connection

from omonat.crypto import keyed_tag
from omonat.kernel.errors import Damaged, Misconfigured, NotFound
from omonat.keystore import KeyStore, SubjectKeys
from omonat.vault import index_store as store
from omonat.vault.kinds import one_contract_number
from omonat.vault.model import HeldRecord, IndexVersion
from omonat.vault.records_store import tagged_records
from omonat.vault.sealing import open_value

PAIRS_LIVE = timedelta(days=8)  # longer than a session, and than a joining may be undone, which both keep a tag


class Tags:
    """How tags are made, as one transaction sees it."""

    def __init__(self, keystore: KeyStore, found: IndexVersion | None) -> None:
        self._keystore = keystore
        self.version = found.version if found else 1
        self.rotates = found is not None and found.retired_at is None
        self._before = found.before if found is not None and self.rotates else None

    def newest(self, kind: str, normalised: str) -> bytes:
        """The tag under which a value is written. Raises Misconfigured when the newest index keys are lost."""
        try:
            return self._tag(kind, normalised, self.version)
        except NotFound:
            what = f"The key store lacks version {self.version} of the index keys."
            raise Misconfigured(what=what, fix="Run: omonat keys rotate --index") from None

    def all(self, kind: str, normalised: str) -> tuple[bytes, ...]:
        """Every tag under which the value may lie: where only looking is possible."""
        older = self._older(kind, normalised)
        return (self.newest(kind, normalised), *(() if older is None else (older,)))

    def write(self, tx: Connection, kind: str, normalised: str) -> bytes:
        """The newest tag, in a unit that stores it, or looks by it and stores what it found."""
        tag, older = self.newest(kind, normalised), self._older(kind, normalised)
        if older is not None:
            store.remember_pair(tx, older, tag, self.version)
        return tag

    def _older(self, kind: str, normalised: str) -> bytes | None:
        try:
            return None if self._before is None else self._tag(kind, normalised, self._before)
        except NotFound:  # lost: what lies under it is found again once it is written anew
            return None

    def _tag(self, kind: str, normalised: str, version: int) -> bytes:
        return keyed_tag(self._keystore.index_key(kind, version), kind.encode(), normalised.encode())


class Index:
    """The tags of one installation."""

    def __init__(self, keystore: KeyStore) -> None:
        self._keystore = keystore

    def at(self, tx: Connection) -> Tags:
        """As this transaction sees it: a unit that spans the beginning or the end of a rotation is repeated."""
        return Tags(self._keystore, store.find_newest(tx))

    def bring_up(self, tx: Connection, keys: SubjectKeys, tags: Tags | None = None) -> int:
        """Write the tags of one person under the newest version. Returns how many; 0 when nothing is rotated.

        A value that cannot be opened keeps its tag: it is on its way out, or damaged.
        """
        tags = tags or self.at(tx)
        if not tags.rotates:
            return 0
        return self._identifiers(tx, keys, tags) + self._contracts(tx, keys, tags)

    def _identifiers(self, tx: Connection, keys: SubjectKeys, tags: Tags) -> int:
        old = store.old_identifiers(tx, keys.subject_id, tags.version)
        records = tagged_records(tx, keys.subject_id) if old else []
        count = 0
        for held in old:
            value = _opened(keys, [one for one in records if one.tag == held.tag or one.record_id == held.record_id])
            if value is not None:
                tag = tags.write(tx, held.kind, value)
                store.remember_pair(tx, held.tag, tag, tags.version)  # its own tag may be of a version that is lost
                store.retag_identifier(tx, held, tag, tags.version)
                count += 1
        return count

    def _contracts(self, tx: Connection, keys: SubjectKeys, tags: Tags) -> int:
        old = store.old_contracts(tx, keys.subject_id, tags.version)
        numbers = {held.record_id for held in old}
        records = [one for one in tagged_records(tx, keys.subject_id, numbers)] if old else []
        count = 0
        for held in old:
            value = _opened(keys, [one for one in records if one.record_id == held.record_id])
            if value is not None:
                tag = tags.write(tx, "contract", one_contract_number(value))
                store.remember_pair(tx, held.tag, tag, tags.version)
                store.retag_contract(tx, keys.subject_id, held, tag, tags.version)
                count += 1
        return count


def _opened(keys: SubjectKeys, records: list[HeldRecord]) -> str | None:
    for held in records:
        if keys.opens(held.key_id):
            try:
                return open_value(keys, held)
            except Damaged:
                continue
    return None
