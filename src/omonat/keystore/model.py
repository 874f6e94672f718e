"""Keys as they are held in memory for the length of one act."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from omonat.kernel.errors import Denied, OmonatError
from omonat.kernel.ids import EventId, KeyId, SubjectId


class Compartment(NamedTuple):
    """What one key seals: the data of one subject for one purpose in one category."""

    purpose: str
    category: str


COMMITMENT = Compartment("-", "commitment")


class CompartmentKey(NamedTuple):
    """One key and its id. `repr` shows nothing of it."""

    key_id: KeyId
    key: bytes

    def __repr__(self) -> str:
        return f"CompartmentKey({self.key_id})"


class OlderVersion(NamedTuple):
    """A compartment key that a newer one has replaced: it opens, and seals nothing. `open` unwraps it."""

    part: Compartment
    open: Callable[[], bytes]


class SubjectKeys:
    """The opened keys of one subject, and older versions of them by id."""

    def __init__(
        self, subject_id: SubjectId, root: bytes, compartments: dict[Compartment, CompartmentKey],
        older: Mapping[KeyId, OlderVersion] = {}, *, find: Callable[[KeyId], bytes | None] = lambda _key_id: None,
    ) -> None:  # fmt: skip
        """`find` looks in the key store for a version that was made since: a value may just have been sealed anew."""
        self.subject_id = subject_id
        self.root = root
        self._compartments = compartments
        self._by_id = {held.key_id: held.key for held in compartments.values()}
        self._older = older
        self._find = find

    def compartment(self, compartment: Compartment) -> CompartmentKey:
        """The key that seals there, its newest version. Raises Denied when it was never made or is destroyed."""
        try:
            return self._compartments[compartment]
        except KeyError:
            raise Denied(reasons="the key of this part is destroyed") from None

    def parts(self) -> Mapping[Compartment, CompartmentKey]:
        """Every compartment that has a key."""
        return self._compartments

    def has(self, compartment: Compartment) -> bool:
        """Whether the compartment has a key."""
        return compartment in self._compartments

    def opens(self, key_id: KeyId) -> bool:
        """Whether what lies under this version can be opened."""
        return key_id in self._by_id or key_id in self._older or self._found(key_id)

    def by_id(self, key_id: KeyId) -> bytes:
        """The key under which a record was sealed, of any version. Raises Denied when it is destroyed."""
        if key_id in self._older:
            return self._older[key_id].open()
        if key_id in self._by_id or self._found(key_id):
            return self._by_id[key_id]
        raise Denied(reasons="the key of this part is destroyed")

    def _found(self, key_id: KeyId) -> bool:
        made = self._find(key_id)
        if made is not None:
            self._by_id[key_id] = made
        return made is not None

    def first_id(self, compartment: Compartment) -> KeyId:
        """The oldest version that is left: a destruction begun after it was made means all that came of it, too."""
        older = [key_id for key_id, one in self._older.items() if one.part == compartment]
        return min([self.compartment(compartment).key_id, *older])


class Chosen(NamedTuple):
    """Which compartment keys get a new version; empty and None: every one."""

    purpose: str = ""
    category: str = ""
    made_before: datetime | None = None


class CompartmentRotation(msgspec.Struct, frozen=True, kw_only=True):
    """New versions for chosen compartment keys, and how far it has come."""

    rotation_id: UUID
    purpose: str
    category: str
    made_before: datetime
    began_at: datetime
    keys: int
    records: int
    ended_at: datetime | None


class Retired(NamedTuple):
    """An older version of a compartment key."""

    subject_id: SubjectId
    key_id: KeyId
    purpose: str
    category: str
    replaced_at: datetime


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """While one key-encryption key is the present one, and what has come of moving everything under it."""

    number: int
    key_id: str
    event_id: EventId | None
    began_at: datetime
    rewrapped_to: SubjectId | None = None
    rewrapped_subjects: int = 0
    rewrapped_secrets: int = 0
    retired_at: datetime | None = None
    destroyed_at: datetime | None = None


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """What a rotation came to. `to_do`: what the operator has to do at other providers."""

    epoch: Epoch
    to_do: tuple[str, ...]
    scrubbed: bool


class NoNewKey(OmonatError):
    """A rotation has no key to go to."""

    code = "no_new_key"
    message = "The key {key} is, or was, in use: there is no new one to go to."
    what_to_do = "Rotate the key at its provider, or name another in [key_provider]: docs/operate-keys.md."


class RotationRuns(OmonatError):
    """The keys are being rotated, or put back, by another process."""

    code = "rotation_runs"
    message = "Another process works on the keys of this installation now."
    what_to_do = "Wait until it has ended, then repeat the command."
    temporary = True
