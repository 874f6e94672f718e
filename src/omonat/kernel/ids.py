"""Typed ids. Every id is a UUIDv7 made in the application, so that no engine has to number anything."""

import os
import time
from typing import NewType
from uuid import UUID

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


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): 48 bits of milliseconds, 74 random bits. Sorts by time of making."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & 0xFFFF_FFFF_FFFF) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
