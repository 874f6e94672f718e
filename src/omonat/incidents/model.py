"""An incident: what happened to the processing, whom it concerns, whom to tell by when (clause 6.2; law-uz.md, 25)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from omonat.kernel.errors import Conflict
from omonat.kernel.ids import IncidentId, SubjectId

State = Literal["detected", "assessed", "contained", "told", "closed"]
STATES: tuple[State, ...] = ("detected", "assessed", "contained", "told", "closed")
SEVERITIES = ("unknown", "low", "medium", "high")
KINDS = ("disclosure", "access", "loss", "change", "unavailable")


class WrongStep(Conflict):
    """The step does not follow from where the incident stands."""

    code = "wrong_step"
    message = "This step does not follow from where the incident stands."
    what_to_do = "Open the incident again: detected, assessed, contained, told, closed come in this order."
    temporary = False


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An incident as it stands. Texts are about the processing, never about a person.

    `told_text`: what happened, by language, as the officer wrote it for the people concerned. `affected`: how many were
    found; None: not looked for yet. `looked_for`: by what, in words.
    """

    incident_id: IncidentId
    title: str
    description: str
    state: State
    severity: str
    kinds: list[str]
    purposes: list[str]
    categories: list[str]
    happened_from: datetime | None
    happened_until: datetime | None
    detected_at: datetime
    detected_by: str
    told_text: dict[str, str] = {}
    affected: int | None = None
    looked_for: dict[str, str] = {}
    frozen_at: datetime | None = None
    letters_at: datetime | None = None
    lesson: str = ""
    closed_at: datetime | None = None

    @property
    def number(self) -> str:
        """What people read aloud."""
        return str(self.incident_id)[-12:]


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """What the incident is about: how grave, of which kinds, which purposes and categories of the policy."""

    severity: str
    kinds: tuple[str, ...]
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    happened_from: datetime | None = None
    happened_until: datetime | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the time line."""

    step_id: UUID
    at: datetime
    actor: str
    kind: str
    note: str
    details: dict[str, str]


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to tell by when. `mark`: how sure the term was when its clock began; `policy_default` is ours."""

    whom: str
    term: str
    mark: str
    due_at: datetime
    state: Literal["open", "told", "not_needed"]
    note: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Open beyond its term."""
        return self.state == "open" and self.due_at < now


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """By what those concerned are found in journal and disclosures; empty: not limited by it."""

    since: datetime
    until: datetime
    actor: str = ""
    purpose: str = ""
    category: str = ""
    recipient: str = ""


class Found(msgspec.Struct, frozen=True):
    """A person concerned, by id: how many entries of the journal and disclosures led there."""

    subject_id: SubjectId
    journal: int
    disclosures: int


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far the letters are. `unreachable`: no confirmed address; the person sees it in the portal."""

    people: int = 0
    opened: int = 0
    sent: int = 0
    unreachable: int = 0
    failed: int = 0
