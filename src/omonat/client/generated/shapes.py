"""What the API takes and answers. Made by scripts/client_code.py from the description; never edit it by hand."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from omonat.client.calls import Answer


class BrowserEvidence(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the person's browser showed of itself; kept only where the policy declares it for the form."""

    ip_address: str = ""
    browser: str = ""


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


class CasePage(Answer, frozen=True, kw_only=True):
    """Cases, the first due first."""

    next: str | None
    items: list[CaseLine]


class CaseQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which cases."""

    limit: int = 50
    cursor: str | None = None
    state: Literal["done", "open", "refused"] | None = None


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


class ConsentHistory(Answer, frozen=True, kw_only=True):
    """Every word of a person about consent, the oldest first."""

    subject_id: UUID
    items: list[ConsentEvent]


class CorrectionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The right value of a record."""

    record_id: UUID
    value: str


class DecisionReason(Answer, frozen=True, kw_only=True):
    """Why: a stable code, the clause of the policy and the article of the law behind it."""

    code: str
    clause: str
    article: str
    detail: str


class DecisionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A question to the doors. `recipient` for disclosing, `channel` for using, `ground` for collecting."""

    operation: Literal["collect", "destroy", "disclose", "read", "use"]
    subject_id: UUID
    purpose: str
    category: str
    recipient: str | None = None
    channel: str | None = None
    ground: Literal["consent", "contract", "law"] | None = None


class Decision(Answer, frozen=True, kw_only=True):
    """Yes or no, the ground that carries a yes, and every reason."""

    allowed: bool
    ground: str | None
    reasons: list[DecisionReason]


class Erasure(Answer, frozen=True, kw_only=True):
    """What a demand for deletion led to. `certificate` is null when the law keeps everything."""

    case: Case
    certificate: str | None
    kept: list[dict[str, str | None]]


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
    """A form ready to be shown, under the version in force. `news`: a notice per channel, each with its own box."""

    form: str
    policy: str
    language: str
    label: str
    purpose: str
    ground: str
    fields: list[Field]
    notice: Notice
    news: dict[str, Notice]


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


class LanguageQuery(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """In which language."""

    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"] = "uz-Latn"


class Lifted(Answer, frozen=True, kw_only=True):
    """How many restrictions ended."""

    lifted: int


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


class ObjectionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which purpose is to stop."""

    purpose: str


class Person(Answer, frozen=True, kw_only=True):
    """Somebody who names an identifier. `state`: claimed (typed into a form) or proven (a code was answered)."""

    subject_id: UUID
    state: str


class PersonList(Answer, frozen=True, kw_only=True):
    """Everybody who names the identifier; several may, for a typed one proves nothing."""

    items: list[Person]


class ReadSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why values are opened."""

    purpose: str
    reason: str


class SubmissionSent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a person sent with a form, and which texts stood beside the button.

    `news`: channel to the hash of the notice beside its ticked box; a channel that is not named was not ticked.
    """

    language: Literal["en", "ru", "uz-Cyrl", "uz-Latn"]
    notice: str
    fields: dict[str, str]
    news: dict[str, str] = msgspec.field(default_factory=dict)
    evidence: BrowserEvidence = BrowserEvidence()


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
    """One value of the purpose that was stated."""

    record_id: UUID
    field: str
    category: str
    ground: str
    source: str
    collected_at: datetime
    keep_until: datetime | None
    value: str


class ValueList(Answer, frozen=True, kw_only=True):
    """What is held of a person for one purpose."""

    subject_id: UUID
    purpose: str
    items: list[Value]


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
    events: list[str]
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
