"""What the doors *disclose* and *use* hand out."""

from datetime import datetime

import msgspec

from omonat.kernel.ids import DisclosureId, SubjectId
from omonat.kernel.secret import Sealed


class Disclosed(msgspec.Struct, frozen=True, kw_only=True):
    """A package for a recipient: JSON with the values. `file_name` holds no personal value."""

    disclosure_id: DisclosureId
    package: bytes
    file_name: str
    notice_due_at: datetime

    def __repr__(self) -> str:
        return f"Disclosed(disclosure_id={self.disclosure_id})"


class DisclosureRow(msgspec.Struct, frozen=True, kw_only=True):
    """One disclosure as the journal keeps it: who received what, when, on which ground."""

    subject_id: SubjectId
    disclosure_id: DisclosureId
    recipient: str
    purpose: str
    ground: str
    categories: tuple[str, ...]
    at: datetime
    actor: str
    reason: str
    notice_due_at: datetime
    notified_at: datetime | None


class MailingRow(msgspec.Struct, frozen=True, kw_only=True):
    """One person who may be written to, in the language of his consent.

    `unsubscribe`: for the header `List-Unsubscribe`, beside `List-Unsubscribe-Post: List-Unsubscribe=One-Click`
    (RFC 8058). `preferences`: a link to a page of his consents, for the foot of the letter.
    """

    subject_id: SubjectId
    channel: str
    address: Sealed[str]
    language: str
    unsubscribe: str
    preferences: str
