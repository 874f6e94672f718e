"""A contract as lists and pages see it: ids, dates and words. Its number and subject are sealed records."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from omonat.kernel.ids import RecordId, SubjectId


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a contract. `record_id`: the record that holds its name."""

    record_id: RecordId
    contract_id: UUID
    media: str
    size: int
    added_at: datetime
    added_by: str


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """`ends_on`: as agreed, None until somebody ends it; `ended_on`: when it did."""

    subject_id: SubjectId
    contract_id: UUID
    state: str
    number_record_id: RecordId
    about_record_id: RecordId
    starts_on: date
    ends_on: date | None
    ended_on: date | None
    created_at: datetime
    created_by: str
    documents: tuple[Document, ...] = ()


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A contract as somebody typed it."""

    number: str
    about: str
    starts_on: str
    ends_on: str = ""


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed, checked and brought to one form."""

    number: str
    about: str
    starts_on: date
    ends_on: date | None
