"""Holds, the plan for one person, and what a sweep did."""

from datetime import date, datetime

import msgspec

from omonat.kernel.ids import HoldId, SubjectId
from omonat.keystore import Compartment
from omonat.vault import HeldRecord


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """A law that keeps a person's data longer. `law`: key in the rule pack; `purpose`, `category` None: every one."""

    subject_id: SubjectId
    hold_id: HoldId
    purpose: str | None
    category: str | None
    law: str
    until_on: date
    reason: str
    placed_by: str
    placed_at: datetime
    released_at: datetime | None


class HeldBack(msgspec.Struct, frozen=True):
    """Due records that a hold kept from destruction."""

    subject_id: SubjectId
    law: str
    until_on: date
    records: int


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is destroyed of one person now. `whole`: nothing worth keeping remains; `parts` by trigger; `rows` alone."""

    whole: bool = False
    trigger: str = "term"
    parts: dict[str, tuple[Compartment, ...]] = {}
    rows: tuple[HeldRecord, ...] = ()
    records: int = 0
    held: tuple[HeldBack, ...] = ()


class SweepReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one sweep destroyed, counted; with `dry_run` what it would. `held`: what laws kept."""

    at: datetime
    dry_run: bool
    subjects: int
    whole_subjects: int
    records: int
    visitors: int
    consents_expired: int
    sign_in_rows: int
    submission_tokens: int
    visit_days: int
    visit_events: int
    held: tuple[HeldBack, ...]
    certificates: tuple[str, ...]
