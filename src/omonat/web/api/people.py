"""People: found by identifier, read for a purpose, and what they may demand (clauses 3.1, 6.2, 7.1 a and b)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from omonat.documents import Names, export_json
from omonat.kernel.codec import from_json
from omonat.kernel.ids import SubjectId
from omonat.law import read_rule_pack
from omonat.web.api.call import Call, shaped
from omonat.web.api.cases import CaseShape
from omonat.web.api.consents import Identifier, Purpose
from omonat.web.api.operations import operation
from omonat.web.api.shapes import Language, Moment, Reason, Sent, Shape, Value

TAG = "People"


class PersonShape(Shape, frozen=True, kw_only=True):
    """Somebody who names an identifier. `state`: claimed (typed into a form) or proven (a code was answered)."""

    subject_id: UUID
    state: Literal["claimed", "proven"]


class PersonList(Shape, frozen=True, kw_only=True):
    """Everybody who names the identifier; several may, for a typed one proves nothing."""

    items: list[PersonShape]


class PersonSought(Identifier, frozen=True, kw_only=True):
    """Who is sought, for which purpose of the key and why; it is counted and recorded."""

    purpose: Purpose
    reason: Reason


class ReadSent(Sent, frozen=True, kw_only=True):
    """Why values are opened."""

    purpose: Purpose
    reason: Reason


class ValueShape(Shape, frozen=True, kw_only=True):
    """One value. `value` is null where it stays closed, and `reasons` say why; empty: it is shown."""

    record_id: UUID
    field: str
    category: str
    purpose: str
    ground: str
    source: str
    collected_at: Moment
    keep_until: Moment | None
    value: Value | None
    reasons: list[str]


class ValueList(Shape, frozen=True, kw_only=True):
    """What is held of a person, as far as one purpose opens it."""

    subject_id: UUID
    purpose: Purpose
    items: list[ValueShape]


class CorrectionSent(Sent, frozen=True, kw_only=True):
    """The right value of a record."""

    record_id: UUID
    value: Annotated[Value, Meta(min_length=1)]


class ErasureShape(Shape, frozen=True, kw_only=True):
    """What a demand for deletion led to. `certificate` is null when the law keeps everything."""

    case: CaseShape
    certificate: Annotated[str | None, Meta(description="Number of the certificate of destruction.")]
    kept: list[dict[str, str | None]]


class LiftedShape(Shape, frozen=True, kw_only=True):
    """How many restrictions ended."""

    lifted: Annotated[int, Meta(ge=0)]


class ObjectionSent(Sent, frozen=True, kw_only=True):
    """Which purpose is to stop."""

    purpose: Purpose


class ExportSent(Sent, frozen=True, kw_only=True):
    """In which language, and why."""

    language: Language = "uz-Latn"
    reason: Reason


class ExportShape(Shape, frozen=True, kw_only=True):
    """Everything held about a person, as it is handed to him (clause 7.1 a)."""

    subject_id: UUID
    file: dict[str, Any]


@operation("POST", "/people/find", id="findPeople", right="person.find", tag=TAG, safe=True)
def find_people(call: Call, sent: PersonSought) -> PersonList:
    """Everybody who names an e-mail address or phone number; there is no list of all people.

    The key must carry the purpose. Searches are counted per key and recorded, without what was sought.
    """
    found = call.omonat.people.search(
        call.key, sent.kind, sent.value, purpose=sent.purpose, reason=sent.reason, now=call.now
    )  # fmt: skip
    items = [
        PersonShape(subject_id=one.subject_id, state="proven" if one.how == "proven" else "claimed")
        for one in found[:100]
    ]
    return PersonList(items=items)


@operation(
    "POST", "/people/{subject_id}/read", id="readPerson", right="person.read", tag=TAG, safe=True, errors=("denied",)
)
def read_person(call: Call, subject_id: UUID, sent: ReadSent) -> ValueList:
    """Open the values of one purpose; the person sees who read them, when and why.

    The key must carry the purpose. The journal is durable before any value is opened. What the purpose does not open
    is named without its value, with the reasons.
    """
    call.require_purpose(sent.purpose)
    people, person = call.omonat.people, SubjectId(subject_id)
    people.open(call.key, person, purpose=sent.purpose, reason=sent.reason, now=call.now)
    try:
        card = people.card(call.key, person, call.now)
    finally:
        people.close(call.key, person)
    items = [
        ValueShape(
            record_id=UUID(line.record_id), field=line.field, category=line.category, purpose=line.purpose,
            ground=line.ground, source=line.source, collected_at=line.collected_at, keep_until=line.keep_until,
            value=None if line.masked else line.value, reasons=list(line.reasons),
        )
        for line in card.lines
    ]  # fmt: skip
    return ValueList(subject_id=subject_id, purpose=sent.purpose, items=items)


@operation(
    "POST", "/people/{subject_id}/corrections", id="correctPerson", right="person.correct", tag=TAG,
    errors=("conflict", "denied"),
)  # fmt: skip
def correct_person(call: Call, subject_id: UUID, sent: CorrectionSent) -> CaseShape:
    """Replace a wrong value; recipients of the old one are told."""
    case = call.omonat.rights.correct(
        SubjectId(subject_id), sent.record_id, sent.value, call.now, actor=call.actor
    )  # fmt: skip
    return shaped(case, CaseShape)


@operation(
    "POST", "/people/{subject_id}/erasure", id="erasePerson", right="person.erase", tag=TAG,
    errors=("conflict", "denied"),
)  # fmt: skip
def erase_person(call: Call, subject_id: UUID) -> ErasureShape:
    """Destroy everything held about a person that no law keeps. It cannot be undone."""
    outcome = call.omonat.rights.erase(SubjectId(subject_id), call.now, actor=call.actor)
    kept = [
        {"purpose": line.purpose, "category": line.category, "law": line.law, "until_on": line.until_on.isoformat()}
        for line in outcome.kept
    ]
    number = outcome.certificate.number if outcome.certificate else None
    return ErasureShape(case=shaped(outcome.case, CaseShape), certificate=number, kept=kept)


@operation(
    "POST", "/people/{subject_id}/suspension", id="suspendPerson", right="person.correct", tag=TAG,
    errors=("conflict",),
)  # fmt: skip
def suspend_person(call: Call, subject_id: UUID) -> CaseShape:
    """Stop every use of a person's data until it is lifted (Art. 30); what a law demands goes on."""
    return shaped(call.omonat.rights.suspend(SubjectId(subject_id), call.now, actor=call.actor), CaseShape)


@operation("DELETE", "/people/{subject_id}/suspension", id="liftSuspension", right="person.correct", tag=TAG)
def lift_suspension(call: Call, subject_id: UUID) -> LiftedShape:
    """Resume the use of a person's data, on his word."""
    return LiftedShape(lifted=call.omonat.rights.lift_suspension(SubjectId(subject_id), call.now))


@operation(
    "POST", "/people/{subject_id}/objections", id="objectForPerson", right="person.correct", tag=TAG,
    errors=("conflict",),
)  # fmt: skip
def object_for_person(call: Call, subject_id: UUID, sent: ObjectionSent) -> CaseShape:
    """Stop one purpose for a person, on whichever ground it rests."""
    case = call.omonat.rights.object(SubjectId(subject_id), sent.purpose, call.now, actor=call.actor)
    return shaped(case, CaseShape)


@operation("DELETE", "/people/{subject_id}/objections/{purpose}", id="liftObjection", right="person.correct", tag=TAG)
def lift_objection(call: Call, subject_id: UUID, purpose: str) -> LiftedShape:
    """Take an objection back, on the person's word."""
    return LiftedShape(lifted=call.omonat.rights.lift_objection(SubjectId(subject_id), purpose, call.now))


@operation("POST", "/people/{subject_id}/export", id="exportPerson", right="person.read", tag=TAG, safe=True)
def export_person(call: Call, subject_id: UUID, sent: ExportSent) -> ExportShape:
    """Everything held about a person in one document, to be handed to him; a line of his journal says so.

    The key must carry the purpose `legal`.
    """
    call.require_purpose("legal")
    omonat, person = call.omonat, SubjectId(subject_id)
    omonat.rights.note_export(person, "json", call.now, actor=call.actor, reason=sent.reason)
    policy = omonat.policies.in_force().facts
    names = Names(sent.language, policy, read_rule_pack(policy.law))
    content = export_json(omonat.rights.person_file(person, call.now), names)
    return ExportShape(subject_id=subject_id, file=from_json(content, dict[str, Any]))
