"""What a form is made of, what it brings, what comes back."""

from datetime import datetime

import msgspec

from omonat.kernel.ids import CaseId, SubmissionId
from omonat.kernel.secret import Sealed
from omonat.vault import Certificate


class FieldShape(msgspec.Struct, frozen=True):
    """One field, as the face draws it."""

    name: str
    kind: str
    required: bool
    max_length: int


class PreparedForm(msgspec.Struct, frozen=True, kw_only=True):
    """A form ready to be shown. `state` travels in a hidden field, signed."""

    form_id: str
    notice: str
    news_notices: dict[str, str]
    fields: tuple[FieldShape, ...]
    state: str


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


class Disagreed(msgspec.Struct, frozen=True, kw_only=True):
    """After “I do not agree”. `kept`: the submission now belongs to a signed-in person, who alone may erase it."""

    certificate: Certificate | None
    kept: bool
