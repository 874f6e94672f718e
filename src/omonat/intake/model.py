"""What a form is made of, what it brings, what comes back."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from omonat.consent import Choice
from omonat.kernel.ids import CaseId, SubjectId, SubmissionId
from omonat.kernel.secret import Sealed
from omonat.vault import Certificate


class FieldShape(msgspec.Struct, frozen=True):
    """One field, as the face draws it."""

    name: str
    kind: str
    required: bool
    max_length: int


class PreparedForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form ready to be shown. `state` travels in a hidden field, signed.

    `in_writing`: it rests on a consent that the law wants in writing, so it cannot be sent; `news_in_writing`: channels
    of news that are left out of `news_notices` for the same reason.
    """

    form_id: str
    notice: str
    news_notices: dict[str, str]
    fields: tuple[FieldShape, ...]
    state: str
    in_writing: bool = False
    news_in_writing: tuple[str, ...] = ()


class FormState(msgspec.Struct, frozen=True, kw_only=True):
    """What the signed field says: which form, under which version, with which exact texts (clause 1.2)."""

    form_id: str
    policy_hash: str
    language: str
    notice_hash: str
    submission_id: SubmissionId
    shown_at: datetime


class Evidence(msgspec.Struct, frozen=True):
    """What the browser showed of itself, sealed like everything else where the policy declares it."""

    ip_address: Sealed[str]
    browser: Sealed[str]


class Submitted(msgspec.Struct, frozen=True, kw_only=True):
    """A form was taken. `token` goes into a cookie and reaches this submission alone."""

    submission_id: SubmissionId
    case_id: CaseId | None
    due_at: datetime | None
    token: Sealed[str]


class ShownText(msgspec.Struct, frozen=True):
    """An exact text and its hash."""

    text: str
    hash: str


class FormTexts(msgspec.Struct, frozen=True):
    """The exact texts beside the button of a form, and beside each box for news."""

    notice: ShownText
    news: dict[str, ShownText]


class SentForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form that was shown and sent elsewhere, with the hashes of the texts that stood there (clause 1.2).

    `once`: what makes a repeat of the same act the same submission; empty: every call is one of its own. `choice`: what
    the browser that sent it chose about cookies; it comes along, and only then (8.2).
    """

    language: str
    notice_hash: str
    fields: Mapping[str, str]
    news_hashes: Mapping[str, str]
    evidence: Evidence
    once: str = ""
    choice: Choice | None = None


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A form was taken from a connected site."""

    submission_id: SubmissionId
    subject_id: SubjectId
    case_id: str | None
    due_at: datetime | None


class Disagreed(msgspec.Struct, frozen=True, kw_only=True):
    """After “I do not agree”. `kept`: the submission now belongs to a signed-in person, who alone may erase it."""

    certificate: Certificate | None
    kept: bool
