"""A measure of protection: legal, organisational or technical, with owner, status, evidence and review (clause 6.2)."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from omonat.kernel.ids import MeasureId, StaffId

Kind = Literal["legal", "organisational", "technical"]
Status = Literal["planned", "in_place", "under_review", "dropped"]
KINDS: tuple[Kind, ...] = ("legal", "organisational", "technical")
STATUSES: tuple[Status, ...] = ("planned", "in_place", "under_review", "dropped")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a measure says. Texts are about the processing and never about a person."""

    kind: Kind
    title: str
    description: str
    status: Status
    evidence: str = ""
    owner_id: StaffId | None = None
    review_on: date | None = None


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """A measure as it stands. `word`: it is one that Omonat brings; empty for the operator's own."""

    measure_id: MeasureId
    word: str
    kind: Kind
    title: str
    description: str
    status: Status
    evidence: str
    owner_id: StaffId | None
    review_on: date | None
    made_at: datetime
    changed_at: datetime
    changed_by: str

    def is_overdue(self, today: date) -> bool:
        """Whether its review day has passed; what was dropped needs no review."""
        return self.status != "dropped" and self.review_on is not None and self.review_on < today


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One change: field to (before, after), as texts."""

    change_id: UUID
    at: datetime
    actor: str
    changed: dict[str, list[str]]
    note: str
