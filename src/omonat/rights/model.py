"""Cases, and everything that is held about a person in one shape (clause 7.1 a): what the portal shows and exports."""

from datetime import date, datetime
from typing import ClassVar

import msgspec

from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import SessionId, SubjectId
from omonat.kernel.secret import Sealed
from omonat.vault import Certificate

KINDS = ("access", "correct", "erase", "withdraw", "object", "suspend", "complain", "contact", "contract", "confirm",
         "incident")  # fmt: skip


class CaseStep(msgspec.Struct, frozen=True):
    """One step of a case. `kind`: opened, carried_out, kept_by_hold, notice_sent, notice_failed, closed, refused,
    reopened; of the work of the staff: see omonat.support."""

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


def case_number(case_id: str) -> str:
    """What people read aloud and letters write: the end of the id."""
    return case_id[-12:]


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
    """One consent event; the text itself is found under `text_hash`. `word`: what it is called now (`word_now`)."""

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
    word: str


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


class PaperLine(msgspec.Struct, frozen=True, kw_only=True):
    """A document of a contract. `record_id`: the value that holds its name; `size` in bytes."""

    record_id: str
    media: str
    size: int
    added_at: datetime


class ContractLine(msgspec.Struct, frozen=True, kw_only=True):
    """A contract with the person. `number` and `about`: the values that hold them, None once their term is over."""

    contract_id: str
    state: str
    number: str | None
    about: str | None
    starts_on: date
    ends_on: date | None
    ended_on: date | None
    documents: tuple[PaperLine, ...]


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
    contracts: tuple[ContractLine, ...] = ()


class ErasureOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a demand for deletion led to. `certificate` is None when the law keeps everything that is held.

    `contract`: one is running, so what it needs stays until it ends.
    """

    case: Case
    certificate: Certificate | None
    kept: tuple[HoldLine, ...]
    contract: bool = False


class ComplaintPack(msgspec.Struct, frozen=True, kw_only=True):
    """What a person needs to complain (clause 7.1 d). `steps`: what to do, in the person's language, in order."""

    case: Case
    authority: str
    site: str
    mark: str  # verification mark of the authority's name in the rule pack
    steps: tuple[str, ...]
    text: str
    file: PersonFile


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """One answer to "who are you?": the form and its date, and a masked name. Nothing else is shown before choosing."""

    subject_id: SubjectId
    form: str
    submitted_at: datetime
    name: str
    proven: bool


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A code was right. `candidates` is empty when the session is open; else one must `choose` first."""

    session_token: Sealed[str]
    candidates: tuple[Candidate, ...]


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A portal session. `subject_id` None: the code is answered, "who are you?" is not."""

    session_id: SessionId
    subject_id: SubjectId | None
    kind: str
    created_at: datetime
    expires_at: datetime


class WrongCode(OmonatError):
    """The same words for a wrong, used, late or foreign code, and for an address that is not held."""

    code: ClassVar[str] = "wrong_code"
    message: ClassVar[str] = "This code is not right, or it no longer works."
    what_to_do: ClassVar[str] = "Look at the six digits again, or ask for a new code."
