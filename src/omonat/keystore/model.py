"""Keys as they are held in memory for the length of one act."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

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


class SubjectKeys:
    """The opened keys of one subject."""

    def __init__(self, subject_id: SubjectId, root: bytes, compartments: dict[Compartment, CompartmentKey]) -> None:
        self.subject_id = subject_id
        self.root = root
        self._compartments = compartments
        self._by_id = {held.key_id: held.key for held in compartments.values()}

    def compartment(self, compartment: Compartment) -> CompartmentKey:
        """The key that seals there. Raises Denied when it was never made or is destroyed."""
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

    def by_id(self, key_id: KeyId) -> bytes:
        """The key under which a record was sealed. Raises Denied when it is destroyed."""
        try:
            return self._by_id[key_id]
        except KeyError:
            raise Denied(reasons="the key of this part is destroyed") from None


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
