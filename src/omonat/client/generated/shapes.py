"""What the API takes and answers. Made by scripts/client_code.py from the description; never edit it by hand."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from omonat.client.calls import Answer


class Answers(Answer, frozen=True, kw_only=True):
    """What visitors answered on one day to the question whether visits may be analysed."""

    day: date
    granted: int
    refused: int
    withdrawn: int


class Approval(Answer, frozen=True, kw_only=True):
    """An act that two people answer for."""

    approval_id: UUID
    kind: str
    state: str
    payload: dict[str, str]
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str
    decided_at: datetime | None
    alone: bool
    result: dict[str, str]
    failed: str


class ApprovalPage(Answer, frozen=True, kw_only=True):
    """Approvals of the kinds that the rights of the key name, the newest first."""

    next: str | None
    items: list[Approval]


class AssessmentSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How grave, of which kind, which data."""

    severity: Literal["high", "low", "medium"]
    kinds: list[Literal["access", "change", "disclosure", "loss", "unavailable"]]
    purposes: list[str] = msgspec.field(default_factory=list)
    categories: list[str] = msgspec.field(default_factory=list)
    happened_from: datetime | None = None
    happened_until: datetime | None = None
    note: str


class BrowserEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person's browser showed of itself; kept only where the policy declares it for the form."""

    ip_address: str = ""
    browser: str = ""


class CaseAssignment(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """To whom; null: to nobody."""

    to: UUID | None


class CaseClosing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a case ends. A refusal names its reason (Art. 22)."""

    outcome: Literal[
        "answered",
        "carried_out",
        "corrected",
        "destroyed",
        "destroyed_in_part",
        "kept_by_law",
        "nothing_to_withdraw",
        "refused",
        "withdrawn",
    ]
    reason: Literal["harms_others", "informed_before", "not_a_demand", "not_identified", "public_source"] | None = None


class CaseStep(Answer, frozen=True, kw_only=True):
    """One step that was taken."""

    at: datetime
    actor: str
    kind: str
    details: dict[str, str]


class Case(Answer, frozen=True, kw_only=True):
    """A case with its steps."""

    case_id: UUID
    subject_id: UUID
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime
    term: str
    closed_at: datetime | None
    outcome: str | None
    details: dict[str, str]
    steps: list[CaseStep]


class CaseItem(Answer, frozen=True, kw_only=True):
    """What became of one withdrawal."""

    index: int
    status: int
    problem: dict[str, Any] | None
    answer: Case | None


class CaseItems(Answer, frozen=True, kw_only=True):
    """One result per item, in their order."""

    items: list[CaseItem]


class CaseLine(Answer, frozen=True, kw_only=True):
    """A case in a list. `details`: words and ids, never a value."""

    case_id: UUID
    subject_id: UUID
    kind: str
    state: str
    opened_at: datetime
    due_at: datetime
    term: str
    closed_at: datetime | None
    outcome: str | None
    details: dict[str, str]


class CaseMessage(Answer, frozen=True, kw_only=True):
    """One message of a thread. `direction`: in, out or note; `text` is null where it stays closed or was destroyed."""

    message_id: UUID
    direction: str
    author: str
    at: datetime
    text: str | None
    delivery: str


class CasePage(Answer, frozen=True, kw_only=True):
    """Cases, the first due first."""

    next: str | None
    items: list[CaseLine]


class CaseQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which cases."""

    limit: int = 50
    cursor: str | None = None
    state: Literal["done", "open", "refused"] | None = None


class FieldValue(Answer, frozen=True, kw_only=True):
    """A further value of a case."""

    field: str
    category: str
    value: str


class CaseReading(Answer, frozen=True, kw_only=True):
    """The thread of a case. `closed_to`: empty when values are open, else why not."""

    case_id: UUID
    purpose: str
    closed_to: str
    messages: list[CaseMessage]
    fields: list[FieldValue]


class CaseReopening(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why, where the person has been told already."""

    note: str = ""


class CaseText(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is said."""

    text: str


class CertificateLine(Answer, frozen=True, kw_only=True):
    """What was destroyed, as counts; never a value."""

    number: UUID
    subject_id: UUID
    finished_at: datetime
    trigger: str
    actor: str
    certificate: dict[str, Any]


class CertificatePage(Answer, frozen=True, kw_only=True):
    """Certificates of destruction, the newest first."""

    next: str | None
    items: list[CertificateLine]


class Checkpoint(Answer, frozen=True, kw_only=True):
    """The newest signed head (C2SP tlog-checkpoint) and the key that signs it."""

    checkpoint: str
    vkey: str


class Piece(Answer, frozen=True, kw_only=True):
    """A run of words: same, removed or added."""

    kind: str
    text: str


class Clause(Answer, frozen=True, kw_only=True):
    """What became of a clause."""

    number: str
    title: str
    kind: str
    pieces: list[Piece]


class Concerned(Answer, frozen=True, kw_only=True):
    """Somebody whom an incident concerns, by opaque id, and the case in which he is told."""

    subject_id: UUID
    journal: int
    disclosures: int
    case_id: UUID | None


class ConcernedPage(Answer, frozen=True, kw_only=True):
    """Those concerned."""

    next: str | None
    items: list[Concerned]


class Evidence(Answer, frozen=True, kw_only=True):
    """What proves a consent that was not given on a page of Omonat. `form`: a key of the rule pack's consent forms.

    `paper_record_id`, `proof_record_id`: sealed files of the person.
    """

    form: str
    method: str
    given_by: str
    given_at: datetime
    reference: str
    offset_seconds: int | None
    script: str
    paper_record_id: UUID | None
    proof_record_id: UUID | None
    actor: str


class ConsentEvent(Answer, frozen=True, kw_only=True):
    """One word of a person. `current`: the last one for its purpose and channel."""

    consent_id: UUID
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
    evidence: Evidence | None


class ConsentHistory(Answer, frozen=True, kw_only=True):
    """Every word of a person about consent, the oldest first."""

    subject_id: UUID
    items: list[ConsentEvent]


class ConsentWord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A consent that a person gave elsewhere, and what proves it. `paper`, `proof`: files, base64 (PDF, PNG, ...).

    `proof` is the authority of a legal representative. `offer`: given by accepting an offer that states the purposes.
    """

    purpose: str
    channel: str
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"]
    method: Literal["call", "desk", "e_document", "email", "paper", "sms", "telegram"]
    given_at: datetime
    given_by: Literal["person", "representative"] = "person"
    offer: bool = False
    reference: str = ""
    offset_seconds: int | None = None
    script: str = ""
    paper: str = ""
    proof: str = ""


class ContractEnd(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The last day."""

    ended_on: str


class ContractHolder(Answer, frozen=True, kw_only=True):
    """A contract of that number, and whose."""

    contract_id: UUID
    subject_id: UUID


class ContractHolders(Answer, frozen=True, kw_only=True):
    """Contracts of that number."""

    items: list[ContractHolder]


class ContractLine(Answer, frozen=True, kw_only=True):
    """A contract, without its number, which is a sealed value."""

    contract_id: UUID
    subject_id: UUID
    state: str
    starts_on: date
    ends_on: date | None
    ended_on: date | None
    created_at: datetime
    created_by: str


class ContractPage(Answer, frozen=True, kw_only=True):
    """Contracts, the latest first day first."""

    next: str | None
    items: list[ContractLine]


class ContractQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which contracts."""

    limit: int = 50
    cursor: str | None = None
    state: Literal["annulled", "draft", "ended", "running"] | None = None


class ContractSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A contract that is being concluded."""

    subject_id: UUID
    number: str
    about: str
    starts_on: str
    ends_on: str | None = None


class Document(Answer, frozen=True, kw_only=True):
    """A sealed file of a contract."""

    record_id: UUID
    media: str
    size: int
    added_at: datetime
    added_by: str


class Contract(Answer, frozen=True, kw_only=True):
    """A contract with its documents."""

    contract_id: UUID
    subject_id: UUID
    state: str
    starts_on: date
    ends_on: date | None
    ended_on: date | None
    created_at: datetime
    created_by: str
    documents: list[Document]


class CorrectionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The right value of a record."""

    record_id: UUID
    value: str


class CountSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For which purpose and channel, and what is going to be sent."""

    purpose: str
    channel: str
    reason: str


class Day(Answer, frozen=True, kw_only=True):
    """One day of consenting visitors."""

    day: date
    visitors: int
    views: int


class DecisionReason(Answer, frozen=True, kw_only=True):
    """Why: a stable code, the clause of the policy and the article of the law behind it."""

    code: str
    clause: str
    article: str
    detail: str


class DecisionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question to the doors about one person."""

    operation: Literal["collect", "destroy", "disclose", "read", "use"]
    purpose: str
    category: str
    recipient: str | None = None
    channel: str | None = None
    ground: Literal["consent", "contract", "law"] | None = None
    subject_id: UUID


class Decision(Answer, frozen=True, kw_only=True):
    """Yes or no, the ground that carries a yes, and every reason."""

    allowed: bool
    ground: str | None
    reasons: list[DecisionReason]


class Question(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is asked of the doors. `recipient` for disclosing, `channel` for using, `ground` for collecting."""

    operation: Literal["collect", "destroy", "disclose", "read", "use"]
    purpose: str
    category: str
    recipient: str | None = None
    channel: str | None = None
    ground: Literal["consent", "contract", "law"] | None = None


class DecisionsSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Questions to the doors about many people. Somebody named twice is answered twice."""

    questions: list[Question]
    subject_ids: list[UUID]


class Decisions(Answer, frozen=True, kw_only=True):
    """`answers[question][person]`, in the order of what was asked, is a place in `legend`.

    The same places mean other answers in another call. `at`: the moment that the answers are of.
    """

    at: datetime
    policy_number: str
    answers: list[list[int]]
    legend: list[Decision]


class DifferenceList(Answer, frozen=True, kw_only=True):
    """What differs, clause by clause."""

    items: list[Clause]


class DifferenceQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Between which versions, in which language."""

    old: str
    new: str
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"


class DisclosureLine(Answer, frozen=True, kw_only=True):
    """Who received what, when, on which ground."""

    disclosure_id: UUID
    subject_id: UUID
    at: datetime
    recipient: str
    purpose: str
    ground: str
    categories: list[str]
    actor: str
    notice_due_at: datetime
    notified_at: datetime | None


class DisclosurePage(Answer, frozen=True, kw_only=True):
    """Disclosures, the newest first."""

    next: str | None
    items: list[DisclosureLine]


class DisclosureQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which disclosures."""

    limit: int = 50
    cursor: str | None = None
    recipient: str | None = None
    purpose: str | None = None


class DisclosureSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Whose data go to whom; without `categories`, all that the recipient may have."""

    subject_id: UUID
    recipient: str
    purpose: str
    categories: list[str] | None = None
    reason: str


class Disclosure(Answer, frozen=True, kw_only=True):
    """A package for the recipient, base64 of a JSON document; the person is told by `notice_due_at`."""

    disclosure_id: UUID
    file_name: str
    package: str
    notice_due_at: datetime


class DocumentFile(Answer, frozen=True, kw_only=True):
    """A document, base64."""

    name: str
    media: str
    content: str


class DocumentSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file, base64."""

    name: str
    content: str


class DraftLine(Answer, frozen=True, kw_only=True):
    """An uploaded policy that waits. `state`: draft, published or dropped."""

    draft_id: UUID
    number: str
    hash: str
    author: str
    state: str
    made_at: datetime


class DraftList(Answer, frozen=True, kw_only=True):
    """Uploaded policies, the newest first."""

    items: list[DraftLine]


class DraftSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A zip of a policy folder, base64."""

    archive: str


class Draft(Answer, frozen=True, kw_only=True):
    """An uploaded policy, and what publishing it would do to the data held, as counts."""

    draft_id: UUID
    number: str
    hash: str
    author: str
    state: str
    made_at: datetime
    effect: dict[str, Any]


class Due(Answer, frozen=True, kw_only=True):
    """How many people have something whose term has run out."""

    people: int


class DutySent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Told, and how; or not needed, and why."""

    told: bool
    note: str


class Duty(Answer, frozen=True, kw_only=True):
    """Whom to tell by when; `mark` says whether law or policy sets the term."""

    whom: str
    term: str
    mark: str
    due_at: datetime
    state: str
    note: str


class Entry(Answer, frozen=True, kw_only=True):
    """An entry: what is published of it is its hash."""

    position: int
    at: datetime
    kind: str
    hash: str


class EntryPage(Answer, frozen=True, kw_only=True):
    """Entries, the newest first."""

    next: str | None
    items: list[Entry]


class EntryQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which entries."""

    limit: int = 50
    cursor: str | None = None
    kind: str | None = None


class Erasure(Answer, frozen=True, kw_only=True):
    """What a demand for deletion led to. `certificate` is null when the law keeps everything."""

    case: Case
    certificate: str | None
    kept: list[dict[str, str | None]]


class ExportedEvidence(Answer, frozen=True, kw_only=True):
    """What proves a consent that was not given on a page of Omonat."""

    form: str
    method: str
    given_by: str
    given_at: datetime
    reference: str
    offset_seconds: int | None
    script: str
    actor: str


class ExportedEntry(Answer, frozen=True, kw_only=True):
    """The SHA-256 of `event` is `hash`, which stands at `position` of the public tree; null: within seconds."""

    event: str
    hash: str
    position: int | None


class ExportedConsent(Answer, frozen=True, kw_only=True):
    """One word of one person with its proof."""

    subject_id: UUID
    consent_id: UUID
    purpose: str
    channel: str
    action: str
    at: datetime
    expires_at: datetime | None
    policy_number: str
    policy_hash: str
    language: str
    text_hash: str
    categories: list[str]
    third_party: bool
    cross_border: bool
    via: str
    evidence: ExportedEvidence | None
    entry: ExportedEntry


class ExportedText(Answer, frozen=True, kw_only=True):
    """A text byte for byte as it was shown; its SHA-256 is `hash`."""

    hash: str
    language: str
    text: str
    first_shown_at: datetime


class ExportPage(Answer, frozen=True, kw_only=True):
    """Consents in the order of their people, and every text that these consents name."""

    next: str | None
    items: list[ExportedConsent]
    texts: list[ExportedText]


class ExportSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """In which language, and why."""

    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"
    reason: str


class Export(Answer, frozen=True, kw_only=True):
    """Everything held about a person, as it is handed to him (clause 7.1 a)."""

    subject_id: UUID
    file: dict[str, Any]


class Field(Answer, frozen=True, kw_only=True):
    """One field of a form. `kind`: name, phone, email, text, ..."""

    name: str
    kind: str
    required: bool
    max_length: int
    label: str


class FormLine(Answer, frozen=True, kw_only=True):
    """A form that the policy in force declares."""

    form: str
    purpose: str
    ground: str
    label: str


class FormList(Answer, frozen=True, kw_only=True):
    """Every declared form."""

    policy: str
    forms: list[FormLine]


class Notice(Answer, frozen=True, kw_only=True):
    """An exact text to show, and its hash, which comes back as the proof that it was shown."""

    text: str
    hash: str


class Form(Answer, frozen=True, kw_only=True):
    """A form ready to be shown, under the version in force. `news`: a notice per channel, each with its own box.

    `evidence`: what of a browser is kept with it (ip_address, browser); send nothing else of it.
    """

    form: str
    policy: str
    language: str
    label: str
    purpose: str
    ground: str
    fields: list[Field]
    notice: Notice
    news: dict[str, Notice]
    evidence: list[str]


class Funnel(Answer, frozen=True, kw_only=True):
    """Visitors (each once a day) who saw a form, began to fill it in, and sent it."""

    form: str
    seen: int
    started: int
    finished: int


class GrantOf(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A consent, and whose."""

    purpose: str
    channel: str
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"]
    text: str
    subject_id: UUID


class GrantBulk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 100 consents."""

    items: list[GrantOf]


class GrantSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A consent that is given by channel (news). `text`: the hash of what stood beside the button."""

    purpose: str
    channel: str
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"]
    text: str


class HistoryItem(Answer, frozen=True, kw_only=True):
    """What became of one consent."""

    index: int
    status: int
    problem: dict[str, Any] | None
    answer: ConsentHistory | None


class HistoryItems(Answer, frozen=True, kw_only=True):
    """One result per item, in their order."""

    items: list[HistoryItem]


class HoldLine(Answer, frozen=True, kw_only=True):
    """A law that keeps a person's data; without purpose or category, every one."""

    hold_id: UUID
    subject_id: UUID
    law: str
    purpose: str | None
    category: str | None
    until_on: date
    placed_by: str
    placed_at: datetime


class HoldPage(Answer, frozen=True, kw_only=True):
    """Holds in force, the newest first."""

    next: str | None
    items: list[HoldLine]


class HoldSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which law keeps what, counted from which day."""

    subject_id: UUID
    law: str
    from_on: date
    purpose: str | None = None
    category: str | None = None
    reason: str


class Standing(Answer, frozen=True, kw_only=True):
    """A consent that stands now."""

    purpose: str
    channel: str
    since: datetime
    expires_at: datetime | None


class Holder(Answer, frozen=True, kw_only=True):
    """A person who names the identifier. `state`: claimed (typed) or proven (a code was answered)."""

    subject_id: UUID
    state: str
    standing: list[Standing]


class HolderList(Answer, frozen=True, kw_only=True):
    """Everybody who names the identifier; several may, for a typed one proves nothing."""

    items: list[Holder]


class Identifier(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a person is found: by what he named, never by listing."""

    kind: Literal["email", "phone"]
    value: str


class IdentifierChange(Answer, frozen=True, kw_only=True):
    """An identifier's state before and after."""

    kind: str
    before: str
    after: str


class ImportItem(Answer, frozen=True, kw_only=True):
    """What became of a row: taken, known (taken before), or refused with a code."""

    index: int
    outcome: str
    code: str


class ImportResults(Answer, frozen=True, kw_only=True):
    """One result per row, in their order."""

    items: list[ImportItem]


class ImportRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A consent that the company already has, as in a row of `omonat consent import` (docs/consent.md)."""

    address: str
    purpose: str
    channel: str
    given_at: str
    method: str
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"]
    text: str
    reference: str = ""
    offset_seconds: str = ""
    script: str = ""
    given_by: str = ""
    offer: Literal["", "yes"] = ""


class ImportSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 100 rows; with `dry_run` they are looked at and nothing is stored."""

    items: list[ImportRow]
    dry_run: bool = False


class IncidentLine(Answer, frozen=True, kw_only=True):
    """An incident, without its time line."""

    incident_id: UUID
    title: str
    description: str
    state: str
    severity: str
    kinds: list[str]
    purposes: list[str]
    categories: list[str]
    detected_at: datetime
    detected_by: str
    affected: int | None
    closed_at: datetime | None


class IncidentPage(Answer, frozen=True, kw_only=True):
    """Incidents, the newest first."""

    next: str | None
    items: list[IncidentLine]


class IncidentSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was detected, and when; about the processing, never about a person."""

    title: str
    description: str
    detected_at: datetime


class Step(Answer, frozen=True, kw_only=True):
    """A line of the time line."""

    at: datetime
    actor: str
    kind: str
    note: str


class Incident(Answer, frozen=True, kw_only=True):
    """An incident with whom to tell by when, and its time line."""

    incident_id: UUID
    title: str
    description: str
    state: str
    severity: str
    kinds: list[str]
    purposes: list[str]
    categories: list[str]
    detected_at: datetime
    detected_by: str
    affected: int | None
    closed_at: datetime | None
    duties: list[Duty]
    steps: list[Step]


class InvitationSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is invited; the letter with the link goes to `email`."""

    name: str
    roles: list[str]
    email: str
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"


class JoiningSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The joining: how it is known, in a word and a sentence, which is kept sealed, and the preview looked at."""

    purpose: str
    reason: str
    other_id: UUID
    evidence: Literal["called_back", "code_answered", "document_seen"]
    note: str
    digest: str


class JoiningSought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who would become a part of the person."""

    purpose: str
    reason: str
    other_id: UUID


class JournalLine(Answer, frozen=True, kw_only=True):
    """Who read, used, exported or corrected what."""

    journal_id: UUID
    subject_id: UUID
    at: datetime
    actor: str
    operation: str
    purpose: str
    categories: list[str]


class JournalPage(Answer, frozen=True, kw_only=True):
    """Lines of the journal, the newest first."""

    next: str | None
    items: list[JournalLine]


class JournalQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which lines."""

    limit: int = 50
    cursor: str | None = None
    actor: str | None = None
    operation: str | None = None
    purpose: str | None = None


class Key(Answer, frozen=True, kw_only=True):
    """An API key, without its secret."""

    key_id: UUID
    name: str
    prefix: str
    rights: list[str]
    purposes: list[str]
    origins: list[str]
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None
    last_used_on: date | None
    secret_waits: bool


class KeyPage(Answer, frozen=True, kw_only=True):
    """Keys by name, revoked ones too."""

    next: str | None
    items: list[Key]


class KeySent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a new key is to be; where it reaches far, `reason` is for the second person."""

    name: str
    rights: list[str]
    purposes: list[str] = msgspec.field(default_factory=list)
    origins: list[str] = msgspec.field(default_factory=list)
    days: int = 90
    reason: str = ""


class LanguageQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """In which language."""

    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"


class LettersSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happened, for the people concerned, by language; the others fall back to one that is there."""

    uz_latn: str = ""
    uz_cyrl: str = ""
    ru: str = ""
    en: str = ""


class Lifted(Answer, frozen=True, kw_only=True):
    """How many restrictions ended."""

    lifted: int


class ListAsked(Answer, frozen=True, kw_only=True):
    """The run that draws the list, or the approval that it waits for."""

    run_id: UUID | None
    approval_id: UUID | None


class List(Answer, frozen=True, kw_only=True):
    """The list, base64 of CSV; it can be fetched once."""

    csv: str


class Made(Answer, frozen=True, kw_only=True):
    """The key with its secret, told here and never again; or the approval that it waits for."""

    key: Key | None
    secret: str | None
    approval_id: UUID | None


class MeasureChange(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The measure anew, and why."""

    kind: Literal["legal", "organisational", "technical"]
    title: str
    description: str
    status: Literal["dropped", "in_place", "planned", "under_review"]
    evidence: str = ""
    owner_id: UUID | None = None
    review_on: date | None = None
    note: str


class Measure(Answer, frozen=True, kw_only=True):
    """A measure of protection: owner, status, evidence, review. `word`: it is one that Omonat brings."""

    measure_id: UUID
    word: str
    kind: str
    title: str
    description: str
    status: str
    evidence: str
    owner_id: UUID | None
    review_on: date | None
    made_at: datetime
    changed_at: datetime
    changed_by: str


class MeasureList(Answer, frozen=True, kw_only=True):
    """Every measure."""

    items: list[Measure]


class MeasureSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a measure says; about the processing, never about a person."""

    kind: Literal["legal", "organisational", "technical"]
    title: str
    description: str
    status: Literal["dropped", "in_place", "planned", "under_review"]
    evidence: str = ""
    owner_id: UUID | None = None
    review_on: date | None = None


class Member(Answer, frozen=True, kw_only=True):
    """A member of the staff, or an account that was one."""

    staff_id: UUID
    name: str
    roles: list[str]
    active: bool
    created_at: datetime


class MemberList(Answer, frozen=True, kw_only=True):
    """Every account, by name."""

    items: list[Member]


class Message(Answer, frozen=True, kw_only=True):
    """One message to one endpoint. `status` and `problem` are those of the last try."""

    delivery_id: UUID
    message_id: str
    event: str
    at: datetime
    data: dict[str, Any]
    state: str
    tries: int
    tried_at: datetime | None
    next_at: datetime | None
    status: int | None
    problem: str


class MessagePage(Answer, frozen=True, kw_only=True):
    """Messages, the newest first."""

    next: str | None
    items: list[Message]


class MessageQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which messages."""

    limit: int = 50
    cursor: str | None = None
    state: Literal["arrived", "given_up", "waiting"] | None = None


class NoteSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is to be said."""

    note: str


class NumberSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole number of a contract."""

    number: str


class ObjectionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which purpose is to stop."""

    purpose: str


class OpenedFor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """For which purpose of the key, and why, the person is opened."""

    purpose: str
    reason: str


class PageQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a list is asked for."""

    limit: int = 50
    cursor: str | None = None


class PartCount(Answer, frozen=True, kw_only=True):
    """How many records of one part would move."""

    purpose: str
    category: str
    count: int


class Path(Answer, frozen=True, kw_only=True):
    """How often one page led to the next, on the same day and by a link of the site."""

    page: str
    next_page: str
    views: int


class Person(Answer, frozen=True, kw_only=True):
    """Somebody who names an identifier. `state`: claimed (typed into a form) or proven (a code was answered)."""

    subject_id: UUID
    state: str


class PersonList(Answer, frozen=True, kw_only=True):
    """Everybody who names the identifier; several may, for a typed one proves nothing."""

    items: list[Person]


class PersonSought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who is sought, for which purpose of the key and why; it is counted and recorded."""

    kind: Literal["email", "phone"]
    value: str
    purpose: str
    reason: str


class RowCount(Answer, frozen=True, kw_only=True):
    """How many rows of a kind would move."""

    row: str
    count: int


class Preview(Answer, frozen=True, kw_only=True):
    """What would move, counted; nothing is opened. `conflicts` are to be known, `objections` forbid it."""

    parts: list[PartCount]
    identifiers: list[IdentifierChange]
    counts: list[RowCount]
    conflicts: list[str]
    objections: list[str]
    digest: str


class ReadSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why values are opened."""

    purpose: str
    reason: str


class ReasonSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why."""

    reason: str


class ReceiptFile(Answer, frozen=True, kw_only=True):
    """A signed file, base64. `proven`: whether the proof of inclusion is in it."""

    name: str
    media: str
    content: str
    proven: bool


class ReceiptQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a receipt is written down."""

    format: Literal["json", "pdf"] = "json"


class Recipient(Answer, frozen=True, kw_only=True):
    """A recipient that the policy in force names."""

    recipient: str
    country: str
    purposes: list[str]
    categories: list[str]
    ground: str
    label: str


class RecipientList(Answer, frozen=True, kw_only=True):
    """Every registered recipient."""

    items: list[Recipient]


class Regrouping(Answer, frozen=True, kw_only=True):
    """What was done; by this id it can be undone for seven days."""

    regrouping_id: UUID


class Repeated(Answer, frozen=True, kw_only=True):
    """How many messages go out again."""

    messages: int


class Role(Answer, frozen=True, kw_only=True):
    """A role: rights, and the purposes for which it may open values."""

    name: str
    rights: list[str]
    purposes: list[str]
    built_in: bool
    members: int


class RoleList(Answer, frozen=True, kw_only=True):
    """Every role."""

    items: list[Role]


class RoleSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a role may do from now on."""

    rights: list[str]
    purposes: list[str]
    reason: str


class RolesSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The roles that a member has from now on."""

    roles: list[str]
    reason: str


class RotationSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long the old secret works on."""

    overlap_days: int = 1
    reason: str = ""


class Run(Answer, frozen=True, kw_only=True):
    """A job: how far it is, and what came out as counts."""

    run_id: UUID
    kind: str
    state: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    result: dict[str, Any] | None
    failed: str | None


class SearchSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """By what those concerned are found in journal and disclosures; what is left out does not limit."""

    since: datetime
    until: datetime
    actor: str = ""
    purpose: str | Literal[""] = ""
    category: str | Literal[""] = ""
    recipient: str | Literal[""] = ""


class SeparationSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The separation, with the same."""

    purpose: str
    reason: str
    submissions: list[UUID]
    evidence: Literal["called_back", "code_answered", "document_seen"]
    note: str
    digest: str


class SeparationSought(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which forms are another person's."""

    purpose: str
    reason: str
    submissions: list[UUID]


class Share(Answer, frozen=True, kw_only=True):
    """How many views fall to one page, language, kind of device or kind of source."""

    name: str
    views: int


class ShownText(Answer, frozen=True, kw_only=True):
    """A text byte for byte as it was shown."""

    hash: str
    text: str


class StatisticsQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which days, both ends in it; the last 30 unless named."""

    from_on: date | None = None
    to_on: date | None = None


class Statistics(Answer, frozen=True, kw_only=True):
    """Counts of consenting visitors; no row belongs to anybody.

    `different_visitors` is null when the days reach further back than visits are kept. Sources and paths of fewer
    visits than `smallest_group` are left out; `hidden` says whether any were.
    """

    from_on: date
    to_on: date
    days: list[Day]
    pages: list[Share]
    languages: list[Share]
    devices: list[Share]
    sources: list[Share]
    paths: list[Path]
    forms: list[Funnel]
    consents: list[Answers]
    different_visitors: int | None
    smallest_group: int
    hidden: bool


class SubmissionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person sent with a form, and which texts stood beside the button.

    `news`: channel to the hash of the notice beside its ticked box; a channel that is not named was not ticked.
    `choice`: what this browser chose about cookies, as its cookie `omonat_choice` (on Omonat's own host
    `__Host-omonat_choice`) holds it: it comes along to the person. What Omonat did not sign is passed over.
    """

    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"]
    notice: str
    fields: dict[str, str]
    news: dict[str, str] = msgspec.field(default_factory=dict)
    evidence: BrowserEvidence = BrowserEvidence()
    choice: str = ""


class SubmissionBulk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 100 submissions of one form."""

    items: list[SubmissionSent]


class Submission(Answer, frozen=True, kw_only=True):
    """A form was taken. `case`: the number under which it is answered, where the form has a term, by `due_at`."""

    submission_id: UUID
    subject_id: UUID
    case_id: UUID | None
    due_at: datetime | None


class SubmissionItem(Answer, frozen=True, kw_only=True):
    """What became of one submission."""

    index: int
    status: int
    problem: dict[str, Any] | None
    answer: Submission | None


class SubmissionItems(Answer, frozen=True, kw_only=True):
    """One result per item, in their order."""

    items: list[SubmissionItem]


class Value(Answer, frozen=True, kw_only=True):
    """One value. `value` is null where it stays closed, and `reasons` say why; empty: it is shown."""

    record_id: UUID
    field: str
    category: str
    purpose: str
    ground: str
    source: str
    collected_at: datetime
    keep_until: datetime | None
    value: str | None
    reasons: list[str]


class ValueList(Answer, frozen=True, kw_only=True):
    """What is held of a person, as far as one purpose opens it."""

    subject_id: UUID
    purpose: str
    items: list[Value]


class VersionLine(Answer, frozen=True, kw_only=True):
    """An immutable version."""

    number: str
    kind: str
    hash: str
    author: str
    reason: str
    in_force_at: datetime
    languages: list[str]


class VersionList(Answer, frozen=True, kw_only=True):
    """Every version, the oldest first."""

    items: list[VersionLine]


class Version(Answer, frozen=True, kw_only=True):
    """A version with its facts, as /policy.json says them."""

    number: str
    kind: str
    hash: str
    author: str
    reason: str
    in_force_at: datetime
    languages: list[str]
    facts: dict[str, Any]


class Waiting(Answer, frozen=True, kw_only=True):
    """Either it was done (`done`), or it waits for a second person under `approval_id`."""

    done: bool
    approval_id: UUID
    expires_at: datetime | None


class Webhook(Answer, frozen=True, kw_only=True):
    """An endpoint. `off_because`: empty while it is on; else staff, no_answer or gone.

    `old_secret_until`: until then messages are signed with the secret before the present one, too.
    """

    endpoint_id: UUID
    url: str
    description: str
    events: list[str]
    off_because: str
    created_at: datetime
    created_by: str
    old_secret_until: datetime | None


class WebhookList(Answer, frozen=True, kw_only=True):
    """Every endpoint, the oldest first."""

    items: list[Webhook]


class WebhookMade(Answer, frozen=True, kw_only=True):
    """An endpoint and its secret, which is not told again."""

    webhook: Webhook
    secret: str


class WebhookSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An endpoint that is to be."""

    url: str
    events: list[
        Literal[
            "case.opened",
            "case.assigned",
            "case.replied",
            "case.followed_up",
            "case.reopened",
            "case.closed",
            "form.received",
            "consent.granted",
            "consent.renewed",
            "consent.void",
            "consent.refused",
            "consent.withdrawn",
            "person.corrected",
            "person.merged",
            "person.split",
            "person.restricted",
            "person.restriction_lifted",
            "disclosure.made",
            "contract.started",
            "contract.ended",
            "contract.annulled",
            "person.erased",
            "incident.opened",
            "policy.published",
            "person.destroyed_in_part",
        ]
    ]
    description: str = ""


class WebhookTestSent(Answer, frozen=True, kw_only=True):
    """The test that is on its way."""

    delivery_id: UUID


class WithdrawalOf(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A withdrawal, and whose."""

    purpose: str
    channel: str | None = None
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"
    subject_id: UUID


class WithdrawalBulk(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Up to 100 withdrawals."""

    items: list[WithdrawalOf]


class WithdrawalSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The end of a consent; without `channel`, on every channel of the purpose."""

    purpose: str
    channel: str | None = None
    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"
