"""Cases, and everything that is held about a person in one shape (clause 7.1 a): what the portal shows and exports."""

from datetime import date, datetime

import msgspec

KINDS = ("access", "correct", "erase", "withdraw", "object", "suspend", "complain", "contact", "contract", "confirm")


class CaseStep(msgspec.Struct, frozen=True):
    """One step of a case. `kind`: opened, carried_out, kept_by_hold, notice_sent, notice_failed, closed, refused, ..."""

    at: datetime
    actor: str
    kind: str
    details: dict[str, str]


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """What a person demands, with its term. `details`: words and ids only, never a value."""

    subject_id: str
    case_id: str
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime
    term: str
    closed_at: datetime | None
    outcome: str | None
    details: dict[str, str]
    steps: tuple[CaseStep, ...] = ()


class HeldValue(msgspec.Struct, frozen=True, kw_only=True):
    """One value. `masked`: an identifier that is not proven is shown masked, in case another person's was typed."""

    record_id: str
    field: str
    category: str
    purpose: str
    ground: str
    source: str
    collected_at: datetime
    keep_until: datetime | None
    kept_by_law: str | None
    value: str
    masked: bool
    proven: bool | None  # None: not an identifier


class ConsentLine(msgspec.Struct, frozen=True, kw_only=True):
    """One consent event; the text itself is found under `text_hash`."""

    purpose: str
    channel: str
    action: str
    at: datetime
    expires_at: datetime | None
    policy_number: str
    language: str
    text_hash: str
    via: str
    current: bool


class DisclosureLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who received what."""

    recipient: str
    purpose: str
    ground: str
    categories: tuple[str, ...]
    at: datetime
    notified_at: datetime | None


class JournalLine(msgspec.Struct, frozen=True, kw_only=True):
    """Who read or used what."""

    operation: str
    at: datetime
    actor: str
    purpose: str
    categories: tuple[str, ...]
    reason: str


class HoldLine(msgspec.Struct, frozen=True, kw_only=True):
    """A law that keeps something, until when."""

    purpose: str | None
    category: str | None
    law: str
    until_on: date
    reason: str


class PersonFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything held about one person at one moment. Ids and words; labels are put in by the faces and exports."""

    subject_id: str
    made_at: datetime
    policy_number: str
    values: tuple[HeldValue, ...]
    consents: tuple[ConsentLine, ...]
    disclosures: tuple[DisclosureLine, ...]
    journal: tuple[JournalLine, ...]
    holds: tuple[HoldLine, ...]
    restrictions: tuple[tuple[str, str | None, datetime], ...]  # (kind, purpose, since)
    cases: tuple[Case, ...]
    visit_days: int
