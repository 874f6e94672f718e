"""What the registers show: words, ids, moments and counts; never a value of a person."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from omonat.kernel.codec import from_builtins
from omonat.policy import Term
from omonat.vault import Certificate, with_scrubbing


class Span(msgspec.Struct, frozen=True):
    """A day or a month of Tashkent; `end` is not in it any more."""

    name: str
    start: datetime
    end: datetime


class Counted(msgspec.Struct, frozen=True):
    """How many of one thing (`key`: words) fall into each span."""

    key: tuple[str, ...]
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All spans together."""
        return sum(self.counts)


class CaseCounts(msgspec.Struct, frozen=True):
    """Cases that are open; of them those due in three days, those that are late, and those of whoever asks."""

    open: int
    due: int
    late: int
    mine: int


class Work(msgspec.Struct, frozen=True):
    """Background work of one kind: how many were given up, and when one was done last."""

    kind: str
    failed: int
    done_at: datetime | None


class LastRun(msgspec.Struct, frozen=True):
    """The newest finished run of one kind."""

    kind: str
    ended_at: datetime
    result: dict[str, Any]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """The first page of the console; a part is None when the account may not see it."""

    cases: CaseCounts | None = None
    consents: tuple[Counted, ...] | None = None
    due: tuple[Counted, ...] | None = None
    disclosures: tuple[Counted, ...] | None = None
    work: tuple[Work, ...] | None = None
    last_runs: tuple[LastRun, ...] | None = None
    months: tuple[Span, ...] = ()


class Glance(msgspec.Struct, frozen=True, kw_only=True):
    """What the overview counts in one statement; a part that is empty is not asked. `cases`: now, soon, whose own."""

    cases: tuple[datetime, datetime, UUID | None] | None = None
    consents: tuple[Span, ...] = ()
    due: tuple[Span, ...] = ()
    disclosures: tuple[Span, ...] = ()


class Glanced(msgspec.Struct, frozen=True):
    """What came of a Glance; a part that was not asked is missing."""

    cases: CaseCounts | None
    counted: dict[str, tuple[Counted, ...]]


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody read, used, exported or corrected something of a person."""

    subject_id: UUID
    journal_id: UUID
    at: datetime
    actor: str
    operation: str
    purpose: str
    categories: tuple[str, ...]


class DisclosureLine(msgspec.Struct, frozen=True, kw_only=True):
    """A recipient got something of a person."""

    subject_id: UUID
    disclosure_id: UUID
    at: datetime
    recipient: str
    purpose: str
    ground: str
    categories: tuple[str, ...]
    actor: str
    notice_due_at: datetime
    notified_at: datetime | None


class HoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A hold by law, without its free text."""

    subject_id: UUID
    hold_id: UUID
    law: str
    purpose: str | None
    category: str | None
    until_on: date
    placed_by: str
    placed_at: datetime


class CertificateLine(msgspec.Struct, frozen=True, kw_only=True):
    """A destruction that is certified."""

    event_id: UUID
    subject_id: UUID
    finished_at: datetime
    trigger: str
    actor: str
    certificate: dict[str, Any]
    scrubbed_at: datetime | None

    @property
    def whole(self) -> Certificate:
        """The certificate as it stands now."""
        return with_scrubbing(from_builtins(self.certificate, Certificate), self.scrubbed_at)

    @property
    def records(self) -> int:
        """How many values went."""
        return sum(self.certificate["records_by_category"].values())


class EntryLine(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the ledger: its kind and its published hash."""

    position: int
    at: datetime
    kind: str
    hash: str


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is narrowed to; empty is everything. `after`: where the page before ended."""

    actor: str = ""
    operation: str = ""
    purpose: str = ""
    recipient: str = ""
    kind: str = ""
    from_at: datetime | None = None
    to_at: datetime | None = None
    after: str = ""
    limit: int = 50


# --- the plan of a policy (9.1) -------------------------------------------------------------------------------------


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """What the installation holds: records by (purpose, category, ground), standing consents by (purpose, channel,
    number of the version under which they were given), disclosures.
    """

    records: dict[tuple[str, str, str], int]
    consents: dict[tuple[str, str, str], int]
    disclosures: dict[str, int]


class VoidConsents(msgspec.Struct, frozen=True):
    """Consents that nothing can rest on any more. `why`: a word of `effect` in the texts."""

    purpose: str
    channel: str
    count: int
    why: str


class BlockedData(msgspec.Struct, frozen=True):
    """Values that no door opens any more; they go when their term ends."""

    purpose: str
    category: str
    count: int
    why: str


class ChangedTerm(msgspec.Struct, frozen=True):
    """New values are kept for another time; those held keep the day that was promised."""

    purpose: str
    category: str
    count: int
    old: Term
    new: Term


class RecipientEffect(msgspec.Struct, frozen=True):
    """A recipient who comes, goes or changes; `count`: disclosures so far."""

    recipient: str
    change: str
    count: int


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing a policy would do to what is held."""

    consents: tuple[VoidConsents, ...]
    blocked: tuple[BlockedData, ...]
    terms: tuple[ChangedTerm, ...]
    recipients: tuple[RecipientEffect, ...]
    asks_again: tuple[str, ...]
    """The purposes about which every visitor is asked again."""
