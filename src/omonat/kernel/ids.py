"""Typed ids. Every id is a UUIDv7 made in the application, so that no engine has to number anything."""

import os
import threading
import time
from typing import NewType
from uuid import UUID, SafeUUID

from omonat.kernel.errors import NotFound

SubjectId = NewType("SubjectId", UUID)
IdentifierId = NewType("IdentifierId", UUID)
SubmissionId = NewType("SubmissionId", UUID)
RecordId = NewType("RecordId", UUID)
KeyId = NewType("KeyId", UUID)
EventId = NewType("EventId", UUID)
ConsentId = NewType("ConsentId", UUID)
CaseId = NewType("CaseId", UUID)
HoldId = NewType("HoldId", UUID)
DisclosureId = NewType("DisclosureId", UUID)
SessionId = NewType("SessionId", UUID)
ChallengeId = NewType("ChallengeId", UUID)
StaffId = NewType("StaffId", UUID)
OutboxId = NewType("OutboxId", UUID)
InvitationId = NewType("InvitationId", UUID)
MeasureId = NewType("MeasureId", UUID)
IncidentId = NewType("IncidentId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)


class _Sequence:
    """Milliseconds and a 12-bit counter that never go back in this process (RFC 9562, 6.2, method 1)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self, random_bits: int) -> int:
        """Milliseconds << 12 | counter, greater than every one before. `random_bits` is the counter of a fresh one."""
        fresh = time.time_ns() // 1_000_000 << 12 | random_bits
        with self._lock:
            self._last = last = max(fresh, self._last + 1)  # a full counter goes over into the next millisecond
        return last


_sequence = _Sequence()


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): milliseconds, a counter, 62 random bits. Ids of one process sort as they were made."""
    drawn = int.from_bytes(os.urandom(10))
    counted = _sequence.next(drawn >> 69)  # 11 bits: half of the counter is left to count
    stamp = (counted >> 12 & 0xFFFF_FFFF_FFFF) << 80 | 0x7 << 76 | (counted & 0xFFF) << 64
    return uuid_of(stamp | 0x2 << 62 | drawn & 0x3FFF_FFFF_FFFF_FFFF)


_make, _set, _unknown = object.__new__, object.__setattr__, SafeUUID.unknown


def uuid_of(number: int) -> UUID:
    """`UUID(int=number)` for what is known to be 128 bits: a fifth of its time, which every row and every id takes."""
    made = _make(UUID)
    _set(made, "int", number)
    _set(made, "is_safe", _unknown)
    return made


def to_id(text: str | UUID) -> UUID:
    """An id as it comes from a face. Raises NotFound for what is none."""
    if isinstance(text, UUID):
        return text
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None
