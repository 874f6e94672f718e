"""Keys as they are held in memory for the length of one act."""

from typing import NamedTuple

from omonat.kernel.errors import Denied
from omonat.kernel.ids import KeyId, SubjectId


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

    def has(self, compartment: Compartment) -> bool:
        """Whether the compartment has a key."""
        return compartment in self._compartments

    def by_id(self, key_id: KeyId) -> bytes:
        """The key under which a record was sealed. Raises Denied when it is destroyed."""
        try:
            return self._by_id[key_id]
        except KeyError:
            raise Denied(reasons="the key of this part is destroyed") from None
