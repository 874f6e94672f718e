"""Joining two people and separating them again: what is asked, what would happen, what was done."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from omonat.kernel.ids import SubjectId
from omonat.vault.moving import Moved

UNDO_FOR = timedelta(days=7)
EVIDENCE = ("code_answered", "called_back", "document_seen")
"""How the staff know that two are one, or that one is two."""

NOTE_LENGTH = 500


class Regrouping(msgspec.Struct, frozen=True, kw_only=True):
    """One joining or separation. `other_id`: who is no more, or who came to be."""

    subject_id: SubjectId
    regrouping_id: UUID
    kind: str
    other_id: SubjectId
    evidence: str
    actor: str
    at: datetime
    undo_until: datetime
    undone_at: datetime | None
    sealed_map: bytes

    def can_be_undone(self, now: datetime) -> bool:
        """Whether its time is not over."""
        return self.undone_at is None and now < self.undo_until


class Map(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed beside it: where the rows came from, and what the staff wrote down."""

    moved: Moved
    note: str


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What a member of the staff says for it. `digest` is that of the preview which he saw."""

    evidence: str
    note: str
    digest: str = ""


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What would move from one person to another, counted; nothing is opened.

    `identifiers`: (kind, state before, state after). `conflicts` are to be known, `objections` forbid it.
    """

    source_id: SubjectId
    target_id: SubjectId | None
    parts: tuple[tuple[str, str, int], ...]
    identifiers: tuple[tuple[str, str, str], ...]
    counts: tuple[tuple[str, int], ...]
    conflicts: tuple[str, ...]
    objections: tuple[str, ...]
    digest: str
