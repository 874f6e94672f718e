"""What the staff see of a person: found, opened for a purpose, like another one."""

from datetime import date, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import msgspec

from omonat.grounds import ConsentState, HoldState, RestrictionState
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import SubjectId
from omonat.rights import DisclosureLine, JournalLine

OPEN_FOR = timedelta(minutes=15)
KINDS = ("phone", "email", "contract", "case", "subject")
"""What a person is searched by."""


class NotOpened(OmonatError):
    """The card of a person is asked for without a stated purpose, or the time for it is over."""

    code: ClassVar[str] = "not_opened"
    message: ClassVar[str] = "This person's card is not open."
    what_to_do: ClassVar[str] = "Say for which purpose and why you open it."


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One result of a search. `how`: claimed or proven where an address named it, else what it was searched by."""

    subject_id: SubjectId
    how: str
    case_id: UUID | None = None
    contract_id: UUID | None = None


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A card that is open: for whom, for which purpose, until when; `categories` are those of the journal line."""

    subject_id: SubjectId
    opening_id: UUID
    actor: str
    purpose: str
    categories: tuple[str, ...]
    opened_at: datetime
    until: datetime


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One value on a card. `reasons`: why it is masked; empty when it is shown. `proven` None: no identifier."""

    record_id: str
    field: str
    category: str
    purpose: str
    ground: str
    source: str
    collected_at: datetime
    keep_until: datetime | None
    proven: bool | None
    value: str
    reasons: tuple[str, ...]

    @property
    def masked(self) -> bool:
        """Whether the value stays closed."""
        return bool(self.reasons)


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case on a card."""

    case_id: UUID
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime
    outcome: str | None


class ContractLine(msgspec.Struct, frozen=True, kw_only=True):
    """A contract on a card; its number is a value among the others."""

    contract_id: UUID
    state: str
    starts_on: date
    ends_on: date | None
    ended_on: date | None
    number: str


class SubmissionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was sent."""

    submission_id: UUID
    form: str
    submitted_at: datetime


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """What one member of the staff may see of a person for a stated purpose, and why not the rest."""

    opening: Opening
    lines: tuple[Line, ...]
    consents: dict[tuple[str, str], ConsentState]
    words: dict[tuple[str, str], str]
    """What each of these consents is called now: one that waits for an answer which nobody can give waits no more."""
    restrictions: tuple[RestrictionState, ...]
    holds: tuple[HoldState, ...]
    cases: tuple[CaseLine, ...]
    contracts: tuple[ContractLine, ...]
    submissions: tuple[SubmissionLine, ...]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One consent event on a card. `word`: what it is called now."""

    at: datetime
    action: str
    word: str
    purpose: str
    channel: str
    via: str
    policy_number: str


class History(msgspec.Struct, frozen=True, kw_only=True):
    """What was done with a person's data: the lines that the person sees, too. Newest first."""

    journal: tuple[JournalLine, ...]
    disclosures: tuple[DisclosureLine, ...]
    consents: tuple[Said, ...]


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier that two people name: how each of them does."""

    kind: str
    here: str
    there: str


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may be the same person, told without opening a value."""

    subject_id: SubjectId
    since: datetime
    shared: tuple[Shared, ...]
    submissions: tuple[SubmissionLine, ...]
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]
