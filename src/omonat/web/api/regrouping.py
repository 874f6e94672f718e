"""Joining two people and separating one, each with its preview and seven days to undo it (clause 2.1).

A key opens the person for its purpose and reason, as a member of the staff does: the person sees that.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from omonat.kernel.ids import SubjectId
from omonat.people import Preview, Stated
from omonat.web.api.call import Call
from omonat.web.api.consents import Purpose
from omonat.web.api.operations import operation
from omonat.web.api.shapes import NO_NUL, Reason, Sent, Shape

TAG = "People"
RIGHT = "person.merge"
REFUSALS = ("conflict", "denied", "not_opened")
Digest = Annotated[str, Meta(max_length=64, pattern=NO_NUL, description="Of the preview that was looked at.")]


class OpenedFor(Sent, frozen=True, kw_only=True):
    """For which purpose of the key, and why, the person is opened."""

    purpose: Purpose
    reason: Reason


class JoiningSought(OpenedFor, frozen=True, kw_only=True):
    """Who would become a part of the person."""

    other_id: UUID


class SeparationSought(OpenedFor, frozen=True, kw_only=True):
    """Which forms are another person's."""

    submissions: Annotated[list[UUID], Meta(min_length=1, max_length=100)]


Evidence = Literal["code_answered", "called_back", "document_seen"]
Note = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL, examples=["Called back on 22 November."])]


class JoiningSent(JoiningSought, frozen=True, kw_only=True):
    """The joining: how it is known, in a word and a sentence, which is kept sealed, and the preview looked at."""

    evidence: Evidence
    note: Note
    digest: Digest


class SeparationSent(SeparationSought, frozen=True, kw_only=True):
    """The separation, with the same."""

    evidence: Evidence
    note: Note
    digest: Digest


class PartCount(Shape, frozen=True, kw_only=True):
    """How many records of one part would move."""

    purpose: str
    category: str
    count: int


class IdentifierChange(Shape, frozen=True, kw_only=True):
    """An identifier's state before and after."""

    kind: str
    before: str
    after: str


class RowCount(Shape, frozen=True, kw_only=True):
    """How many rows of a kind would move."""

    row: str
    count: int


class PreviewShape(Shape, frozen=True, kw_only=True):
    """What would move, counted; nothing is opened. `conflicts` are to be known, `objections` forbid it."""

    parts: list[PartCount]
    identifiers: list[IdentifierChange]
    counts: list[RowCount]
    conflicts: list[str]
    objections: list[str]
    digest: str


class RegroupingShape(Shape, frozen=True, kw_only=True):
    """What was done; by this id it can be undone for seven days."""

    regrouping_id: UUID


@contextmanager
def _opened(call: Call, subject_id: UUID, sent: OpenedFor) -> Iterator[SubjectId]:
    call.require_purpose(sent.purpose)
    person = SubjectId(subject_id)
    call.omonat.people.open(call.key, person, purpose=sent.purpose, reason=sent.reason, now=call.now)
    try:
        yield person
    finally:
        call.omonat.people.close(call.key, person)


def _shown(preview: Preview) -> PreviewShape:
    return PreviewShape(
        parts=[PartCount(purpose=purpose, category=category, count=many) for purpose, category, many in preview.parts],
        identifiers=[IdentifierChange(kind=kind, before=was, after=will) for kind, was, will in preview.identifiers],
        counts=[RowCount(row=row, count=many) for row, many in preview.counts],
        conflicts=list(preview.conflicts), objections=list(preview.objections), digest=preview.digest,
    )  # fmt: skip


def _stated(sent: JoiningSent | SeparationSent) -> Stated:
    return Stated(evidence=sent.evidence, note=sent.note, digest=sent.digest)


@operation(
    "POST", "/people/{subject_id}/joinings/preview", id="previewJoining", right=RIGHT, tag=TAG, safe=True,
    errors=REFUSALS,
)  # fmt: skip
def preview_joining(call: Call, subject_id: UUID, sent: JoiningSought) -> PreviewShape:
    """What would come to the person if the other one were he."""
    with _opened(call, subject_id, sent) as person:
        found = call.omonat.regroupings.preview_joining(call.key, SubjectId(sent.other_id), person, call.now)
    return _shown(found)


@operation("POST", "/people/{subject_id}/joinings", id="joinPeople", right=RIGHT, tag=TAG, errors=REFUSALS)
def join_people(call: Call, subject_id: UUID, sent: JoiningSent) -> RegroupingShape:
    """Make the other one a part of the person; both are told where they have proven an address."""
    with _opened(call, subject_id, sent) as person:
        done = call.omonat.regroupings.join(call.key, SubjectId(sent.other_id), person, _stated(sent), call.now)
    return RegroupingShape(regrouping_id=done)


@operation(
    "POST", "/people/{subject_id}/separations/preview", id="previewSeparation", right=RIGHT, tag=TAG, safe=True,
    errors=REFUSALS,
)  # fmt: skip
def preview_separation(call: Call, subject_id: UUID, sent: SeparationSought) -> PreviewShape:
    """What would go with some of the person's forms."""
    with _opened(call, subject_id, sent) as person:
        chosen = frozenset(sent.submissions)
        found = call.omonat.regroupings.preview_separating(call.key, person, chosen, call.now)
    return _shown(found)


@operation("POST", "/people/{subject_id}/separations", id="separatePerson", right=RIGHT, tag=TAG, errors=REFUSALS)
def separate_person(call: Call, subject_id: UUID, sent: SeparationSent) -> RegroupingShape:
    """Make the sender of some forms a person of his own."""
    with _opened(call, subject_id, sent) as person:
        chosen = frozenset(sent.submissions)
        done = call.omonat.regroupings.separate(call.key, person, chosen, _stated(sent), call.now)
    return RegroupingShape(regrouping_id=done)


@operation(
    "POST", "/people/{subject_id}/regroupings/{regrouping_id}/undo", id="undoRegrouping", right=RIGHT, tag=TAG,
    errors=REFUSALS,
)  # fmt: skip
def undo_regrouping(call: Call, subject_id: UUID, regrouping_id: UUID, sent: OpenedFor) -> RegroupingShape:
    """Take a joining or separation back, within seven days."""
    with _opened(call, subject_id, sent) as person:
        call.omonat.regroupings.undo(call.key, person, regrouping_id, call.now)
    return RegroupingShape(regrouping_id=regrouping_id)
