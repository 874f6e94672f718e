"""Forms of the policy for connected sites: what to show, and taking what a person sent (clauses 1.2, 2.1, 3.1)."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from omonat.intake import Evidence, SentForm, Taken
from omonat.kernel.errors import NotFound, OmonatError
from omonat.kernel.secret import Sealed
from omonat.web.api.bulk import MOST_BYTES, Bulk, BulkItem, made_of
from omonat.web.api.call import Call
from omonat.web.api.operations import operation
from omonat.web.api.shapes import Hash, Language, Moment, Sent, Shape, Value

TAG = "Forms"


class FieldShape(Shape, frozen=True, kw_only=True):
    """One field of a form. `kind`: name, phone, email, text, ..."""

    name: str
    kind: str
    required: bool
    max_length: int
    label: str


class NoticeShape(Shape, frozen=True, kw_only=True):
    """An exact text to show, and its hash, which comes back as the proof that it was shown."""

    text: str
    hash: Hash


class FormLine(Shape, frozen=True, kw_only=True):
    """A form that the policy in force declares."""

    form: Annotated[str, Meta(examples=["callback"])]
    purpose: Annotated[str, Meta(examples=["support"])]
    ground: Annotated[str, Meta(examples=["consent"])]
    label: str


class FormList(Shape, frozen=True, kw_only=True):
    """Every declared form."""

    policy: Annotated[str, Meta(description="Number of the version in force.", examples=["3.2"])]
    forms: list[FormLine]


class FormShape(Shape, frozen=True, kw_only=True):
    """A form ready to be shown, under the version in force. `news`: a notice per channel, each with its own box.

    `evidence`: what of a browser is kept with it (ip_address, browser); send nothing else of it.
    """

    form: str
    policy: str
    language: Language
    label: str
    purpose: str
    ground: str
    fields: list[FieldShape]
    notice: NoticeShape
    news: dict[str, NoticeShape]
    evidence: list[str]


class LanguageQuery(Sent, frozen=True, kw_only=True):
    """In which language."""

    language: Language = "uz-Latn"


class BrowserEvidence(Sent, frozen=True, kw_only=True):
    """What the person's browser showed of itself; kept only where the policy declares it for the form."""

    ip_address: Annotated[str, Meta(max_length=60)] = ""
    browser: Annotated[str, Meta(max_length=400)] = ""


class SubmissionSent(Sent, frozen=True, kw_only=True):
    """What a person sent with a form, and which texts stood beside the button.

    `news`: channel to the hash of the notice beside its ticked box; a channel that is not named was not ticked.
    `choice`: what this browser chose about cookies, as its cookie `omonat_choice` (on Omonat's own host
    `__Host-omonat_choice`) holds it: it comes along to the person. What Omonat did not sign is passed over.
    """

    language: Language
    notice: Hash
    fields: Annotated[
        dict[str, Value], Meta(examples=[{"name": "Dilnoza Karimova", "phone": "+998 90 123 45 67"}], max_length=60)
    ]
    news: Annotated[dict[str, Hash], Meta(max_length=5)] = msgspec.field(default_factory=dict)
    evidence: BrowserEvidence = BrowserEvidence()
    choice: Annotated[str, Meta(max_length=4000)] = ""


class SubmissionShape(Shape, frozen=True, kw_only=True):
    """A form was taken. `case`: the number under which it is answered, where the form has a term, by `due_at`."""

    submission_id: UUID
    subject_id: UUID
    case_id: UUID | None
    due_at: Moment | None


class SubmissionBulk(Bulk, frozen=True, kw_only=True):
    """Up to 100 submissions of one form."""

    items: Annotated[list[SubmissionSent], Meta(min_length=1, max_length=100)]


class SubmissionItem(BulkItem, frozen=True, kw_only=True):
    """What became of one submission."""

    answer: SubmissionShape | None


class SubmissionItems(Shape, frozen=True, kw_only=True):
    """One result per item, in their order."""

    items: list[SubmissionItem]


@operation("GET", "/forms", id="listForms", right="collect", tag=TAG)
def list_forms(call: Call, query: LanguageQuery) -> FormList:
    """The forms that the policy in force declares."""
    version = call.omonat.policies.in_force()
    lines = [
        FormLine(form=name, purpose=form.purpose, ground=form.ground, label=form.labels.get(query.language, name))
        for name, form in version.facts.forms.items()
    ]
    return FormList(policy=version.number, forms=lines)


@operation("GET", "/forms/{form}", id="getForm", right="collect", tag=TAG)
def get_form(call: Call, form: str, query: LanguageQuery) -> FormShape:
    """A form with the exact texts to show.

    Show `notice.text` beside the button and, for each channel of `news`, its text beside a box that is not ticked.
    Send the hashes back with the submission. Read it again when a submission is answered with `policy_changed`.
    """
    version = call.omonat.policies.in_force()
    declared = version.facts.forms.get(form)
    if declared is None:
        raise NotFound
    shown = call.omonat.intake.texts(form, query.language)
    fields = [
        FieldShape(
            name=name, kind=field.kind, required=field.required, max_length=field.max_length,
            label=field.labels.get(query.language, name),
        )
        for name, field in declared.fields.items()
    ]  # fmt: skip
    return FormShape(
        form=form, policy=version.number, language=query.language, label=declared.labels.get(query.language, form),
        purpose=declared.purpose, ground=declared.ground, fields=fields,
        notice=NoticeShape(text=shown.notice.text, hash=shown.notice.hash),
        news={channel: NoticeShape(text=text.text, hash=text.hash) for channel, text in shown.news.items()},
        evidence=sorted(declared.evidence),
    )  # fmt: skip


@operation(
    "POST", "/forms/{form}/submissions", id="submitForm", right="collect", tag=TAG, status=201, exact=True,
    errors=("policy_changed", "undeclared_category", "denied"),
)  # fmt: skip
def submit_form(call: Call, form: str, sent: SubmissionSent) -> SubmissionShape:
    """Take a form that a person sent on a connected site; durable when this answers.

    Consent by sending, where the form rests on it, is recorded with the hash of the notice that was shown. A hash
    that is not that of the text in force is refused with `policy_changed`: show the new text and ask again.
    With an `Idempotency-Key` a repeat is taken once, even after a crash.
    """
    return _shape(call.omonat.intake.take(form, _arrived(call, sent, call.idempotency), now=_now(call)))


@operation(
    "POST", "/forms/{form}/submissions/bulk", id="submitForms", right="collect", tag=TAG, status=207, exact=True,
    most_bytes=MOST_BYTES, errors=("policy_changed", "undeclared_category", "denied"),
)  # fmt: skip
def submit_forms(call: Call, form: str, sent: SubmissionBulk) -> SubmissionItems:
    """Take up to 100 submissions; each is taken or refused by itself, and durable when this answers.

    With an `Idempotency-Key` the repeat of the whole call takes each item once.
    """
    if form not in call.omonat.policies.in_force().facts.forms:
        raise NotFound
    arrived = [
        _arrived(call, item, f"{call.idempotency}/{index}" if call.idempotency else "")
        for index, item in enumerate(sent.items)
    ]
    outcomes = call.omonat.intake.take_many(form, arrived, now=_now(call))
    made = [made_of(call, one if isinstance(one, OmonatError) else _shape(one), 201) for one in outcomes]
    return SubmissionItems(
        items=[SubmissionItem(index=n, status=one.status, problem=one.problem, answer=one.answer)
               for n, one in enumerate(made)]
    )  # fmt: skip


def _arrived(call: Call, sent: SubmissionSent, idempotency: str) -> SentForm:
    return SentForm(
        language=sent.language, notice_hash=sent.notice, fields=sent.fields, news_hashes=sent.news,
        evidence=Evidence(Sealed(sent.evidence.ip_address), Sealed(sent.evidence.browser)),
        once=f"{call.key.key_id}:{idempotency}" if idempotency else "",
        choice=call.omonat.consents.read_choice(sent.choice),
    )  # fmt: skip


def _shape(taken: Taken) -> SubmissionShape:
    return SubmissionShape(
        submission_id=taken.submission_id, subject_id=taken.subject_id,
        case_id=UUID(str(taken.case_id)) if taken.case_id else None, due_at=taken.due_at,
    )  # fmt: skip


def _now(call: Call) -> datetime:
    return call.now
