"""Measures of protection and incidents (clause 6.2)."""

from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from omonat.incidents import Assessment, Search
from omonat.kernel.ids import MeasureId, StaffId
from omonat.measures import Draft
from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.operations import operation
from omonat.web.api.shapes import NO_NUL, Day, Moment, Page, PageQuery, Sent, Shape, Word

MEASURES, INCIDENTS = "Measures", "Incidents"
Title = Annotated[str, Meta(min_length=1, max_length=200, pattern=NO_NUL, examples=["Second factor for all staff"])]
Text = Annotated[str, Meta(max_length=4000, pattern=NO_NUL)]
Note = Annotated[str, Meta(min_length=1, max_length=1000, pattern=NO_NUL, examples=["The access was closed."])]
IncidentKind = Literal["disclosure", "access", "loss", "change", "unavailable"]


class MeasureShape(Shape, frozen=True, kw_only=True):
    """A measure of protection: owner, status, evidence, review. `word`: it is one that Omonat brings."""

    measure_id: UUID
    word: str
    kind: str
    title: str
    description: str
    status: str
    evidence: str
    owner_id: UUID | None
    review_on: Day | None
    made_at: Moment
    changed_at: Moment
    changed_by: str


class MeasureList(Shape, frozen=True, kw_only=True):
    """Every measure."""

    items: list[MeasureShape]


class MeasureSent(Sent, frozen=True, kw_only=True):
    """What a measure says; about the processing, never about a person."""

    kind: Literal["legal", "organisational", "technical"]
    title: Title
    description: Text
    status: Literal["planned", "in_place", "under_review", "dropped"]
    evidence: Text = ""
    owner_id: UUID | None = None
    review_on: Day | None = None


class MeasureChange(MeasureSent, frozen=True, kw_only=True):
    """The measure anew, and why."""

    note: Note


class DutyShape(Shape, frozen=True, kw_only=True):
    """Whom to tell by when; `mark` says whether law or policy sets the term."""

    whom: str
    term: str
    mark: str
    due_at: Moment
    state: str
    note: str


class StepShape(Shape, frozen=True, kw_only=True):
    """A line of the time line."""

    at: Moment
    actor: str
    kind: str
    note: str


class IncidentLine(Shape, frozen=True, kw_only=True):
    """An incident, without its time line."""

    incident_id: UUID
    title: str
    description: str
    state: Annotated[str, Meta(examples=["detected"])]
    severity: str
    kinds: list[str]
    purposes: list[str]
    categories: list[str]
    detected_at: Moment
    detected_by: str
    affected: int | None
    closed_at: Moment | None


class IncidentShape(IncidentLine, frozen=True, kw_only=True):
    """An incident with whom to tell by when, and its time line."""

    duties: list[DutyShape]
    steps: list[StepShape]


class IncidentPage(Page, frozen=True, kw_only=True):
    """Incidents, the newest first."""

    items: list[IncidentLine]


class IncidentSent(Sent, frozen=True, kw_only=True):
    """What was detected, and when; about the processing, never about a person."""

    title: Title
    description: Annotated[str, Meta(min_length=1, max_length=4000, pattern=NO_NUL)]
    detected_at: Moment


class AssessmentSent(Sent, frozen=True, kw_only=True):
    """How grave, of which kind, which data."""

    severity: Literal["low", "medium", "high"]
    kinds: Annotated[list[IncidentKind], Meta(min_length=1, max_length=5)]
    purposes: Annotated[list[Word], Meta(max_length=40)] = msgspec.field(default_factory=list)
    categories: Annotated[list[Word], Meta(max_length=60)] = msgspec.field(default_factory=list)
    happened_from: Moment | None = None
    happened_until: Moment | None = None
    note: Note


class NoteSent(Sent, frozen=True, kw_only=True):
    """What is to be said."""

    note: Note


class DutySent(Sent, frozen=True, kw_only=True):
    """Told, and how; or not needed, and why."""

    told: bool
    note: Note


# --- measures -------------------------------------------------------------------------------------------------------


@operation("GET", "/measures", id="listMeasures", right="measure.read", tag=MEASURES)
def list_measures(call: Call) -> MeasureList:
    """The register of measures: legal, organisational, technical."""
    return MeasureList(items=each_shaped(call.omonat.measures.list(), MeasureShape))


@operation("GET", "/measures/{measure_id}", id="getMeasure", right="measure.read", tag=MEASURES)
def get_measure(call: Call, measure_id: UUID) -> MeasureShape:
    """One measure."""
    return shaped(call.omonat.measures.get(MeasureId(measure_id)), MeasureShape)


@operation("POST", "/measures", id="addMeasure", right="measure.manage", tag=MEASURES, status=201)
def add_measure(call: Call, sent: MeasureSent) -> MeasureShape:
    """A measure of the operator's own."""
    return shaped(call.omonat.measures.add(call.key, _draft(sent), call.now), MeasureShape)


@operation(
    "PUT", "/measures/{measure_id}", id="changeMeasure", right="measure.manage", tag=MEASURES, if_match=get_measure,
    errors=("conflict",),
)  # fmt: skip
def change_measure(call: Call, measure_id: UUID, sent: MeasureChange) -> MeasureShape:
    """Say a measure anew; the change is kept with its note."""
    changed = call.omonat.measures.change(
        call.key, MeasureId(measure_id), _draft(sent), note=sent.note, now=call.now
    )  # fmt: skip
    return shaped(changed, MeasureShape)


def _draft(sent: MeasureSent) -> Draft:
    return Draft(
        kind=sent.kind, title=sent.title, description=sent.description, status=sent.status, evidence=sent.evidence,
        owner_id=StaffId(sent.owner_id) if sent.owner_id else None, review_on=sent.review_on,
    )  # fmt: skip


# --- incidents ------------------------------------------------------------------------------------------------------


@operation("GET", "/incidents", id="listIncidents", right="incident.read", tag=INCIDENTS)
def list_incidents(call: Call, query: PageQuery) -> IncidentPage:
    """Incidents, the newest first."""
    after = call.after(query.cursor)
    found = call.omonat.incidents.list(after=UUID(after) if after else None, limit=query.limit + 1)
    shown, following = call.page(found, query.limit, lambda one: str(one.incident_id))
    return IncidentPage(items=each_shaped(shown, IncidentLine), next=following)


@operation("GET", "/incidents/{incident_id}", id="getIncident", right="incident.read", tag=INCIDENTS)
def get_incident(call: Call, incident_id: UUID) -> IncidentShape:
    """An incident with whom to tell by when, and its time line."""
    incidents = call.omonat.incidents
    found = incidents.get(incident_id)
    line = shaped(found, IncidentLine)
    return IncidentShape(
        **msgspec.structs.asdict(line), duties=each_shaped(incidents.duties([found])[found.incident_id], DutyShape),
        steps=each_shaped(incidents.steps(incident_id), StepShape),
    )  # fmt: skip


@operation("POST", "/incidents", id="openIncident", right="incident.manage", tag=INCIDENTS, status=201)
def open_incident(call: Call, sent: IncidentSent) -> IncidentShape:
    """Detected: its clocks run from that moment on."""
    opened = call.omonat.incidents.open(
        call.key, sent.title, sent.description, detected_at=sent.detected_at, now=call.now
    )  # fmt: skip
    return get_incident(call, opened.incident_id)


@operation(
    "POST", "/incidents/{incident_id}/assessment", id="assessIncident", right="incident.manage", tag=INCIDENTS,
    if_match=get_incident, errors=("wrong_step",),
)  # fmt: skip
def assess_incident(call: Call, incident_id: UUID, sent: AssessmentSent) -> IncidentShape:
    """How grave it is; may be repeated until those concerned were told."""
    made = Assessment(
        severity=sent.severity, kinds=tuple(sent.kinds), purposes=tuple(sent.purposes),
        categories=tuple(sent.categories), happened_from=sent.happened_from, happened_until=sent.happened_until,
    )  # fmt: skip
    call.omonat.incidents.assess(call.key, incident_id, made, note=sent.note, now=call.now)
    return get_incident(call, incident_id)


@operation(
    "POST", "/incidents/{incident_id}/containment", id="containIncident", right="incident.manage", tag=INCIDENTS,
    if_match=get_incident, errors=("wrong_step",),
)  # fmt: skip
def contain_incident(call: Call, incident_id: UUID, sent: NoteSent) -> IncidentShape:
    """It goes on no longer; the note says by what."""
    call.omonat.incidents.contain(call.key, incident_id, note=sent.note, now=call.now)
    return get_incident(call, incident_id)


@operation(
    "POST", "/incidents/{incident_id}/duties/{whom}", id="decideDuty", right="incident.manage", tag=INCIDENTS,
    errors=("conflict", "wrong_step"),
)  # fmt: skip
def decide_duty(call: Call, incident_id: UUID, whom: str, sent: DutySent) -> IncidentShape:
    """Told, and how; or not needed, and why. Once."""
    call.omonat.incidents.decide_duty(call.key, incident_id, whom, told=sent.told, note=sent.note, now=call.now)
    return get_incident(call, incident_id)


@operation(
    "POST", "/incidents/{incident_id}/telling", id="finishTelling", right="incident.manage", tag=INCIDENTS,
    if_match=get_incident, errors=("wrong_step",),
)  # fmt: skip
def finish_telling(call: Call, incident_id: UUID, sent: NoteSent) -> IncidentShape:
    """Everybody who has to know was told, or need not be."""
    call.omonat.incidents.finish_telling(call.key, incident_id, note=sent.note, now=call.now)
    return get_incident(call, incident_id)


@operation(
    "POST", "/incidents/{incident_id}/remarks", id="remarkOnIncident", right="incident.manage", tag=INCIDENTS,
    status=201, errors=("wrong_step",),
)  # fmt: skip
def remark_on_incident(call: Call, incident_id: UUID, sent: NoteSent) -> IncidentShape:
    """One more line on the time line."""
    call.omonat.incidents.remark(call.key, incident_id, sent.note, call.now)
    return get_incident(call, incident_id)


@operation(
    "POST", "/incidents/{incident_id}/close", id="closeIncident", right="incident.manage", tag=INCIDENTS,
    if_match=get_incident, errors=("wrong_step",),
)  # fmt: skip
def close_incident(call: Call, incident_id: UUID, sent: NoteSent) -> IncidentShape:
    """What was learnt, and what was changed for it."""
    call.omonat.incidents.close(call.key, incident_id, lesson=sent.note, now=call.now)
    return get_incident(call, incident_id)


class SearchSent(Sent, frozen=True, kw_only=True):
    """By what those concerned are found in journal and disclosures; what is left out does not limit."""

    since: Moment
    until: Moment
    actor: Annotated[str, Meta(max_length=120, pattern=NO_NUL)] = ""
    purpose: Word | Literal[""] = ""
    category: Word | Literal[""] = ""
    recipient: Word | Literal[""] = ""


class ConcernedShape(Shape, frozen=True, kw_only=True):
    """Somebody whom an incident concerns, by opaque id, and the case in which he is told."""

    subject_id: UUID
    journal: Annotated[int, Meta(ge=0)]
    disclosures: Annotated[int, Meta(ge=0)]
    case_id: UUID | None


class ConcernedPage(Page, frozen=True, kw_only=True):
    """Those concerned."""

    items: list[ConcernedShape]


class LettersSent(Sent, frozen=True, kw_only=True):
    """What happened, for the people concerned, by language; the others fall back to one that is there."""

    uz_latn: Annotated[str, Meta(max_length=2000, pattern=NO_NUL)] = ""
    uz_cyrl: Annotated[str, Meta(max_length=2000, pattern=NO_NUL)] = ""
    ru: Annotated[str, Meta(max_length=2000, pattern=NO_NUL)] = ""
    en: Annotated[str, Meta(max_length=2000, pattern=NO_NUL)] = ""


@operation("GET", "/incidents/{incident_id}/people", id="listConcerned", right="incident.read", tag=INCIDENTS)
def list_concerned(call: Call, incident_id: UUID, query: PageQuery) -> ConcernedPage:
    """Those whom an incident concerns, as they were found and kept with it; ids only."""
    call.omonat.incidents.get(incident_id)
    after = call.after(query.cursor)
    found = call.omonat.incidents.people(incident_id, UUID(after) if after else None, query.limit + 1)
    shown, following = call.page(found, query.limit, lambda one: str(one[0].subject_id))
    items = [
        ConcernedShape(subject_id=one.subject_id, journal=one.journal, disclosures=one.disclosures, case_id=case_id)
        for one, case_id in shown
    ]
    return ConcernedPage(items=items, next=following)


@operation(
    "POST", "/incidents/{incident_id}/people", id="findConcerned", right="incident.manage", tag=INCIDENTS,
    errors=("wrong_step", "conflict"),
)  # fmt: skip
def find_concerned(call: Call, incident_id: UUID, sent: SearchSent) -> IncidentShape:
    """Find those concerned through journal and disclosures, and keep them with the incident; anew until letters go."""
    search = Search(
        since=sent.since, until=sent.until, actor=sent.actor, purpose=sent.purpose, category=sent.category,
        recipient=sent.recipient,
    )  # fmt: skip
    call.omonat.incidents.freeze(call.key, incident_id, search, call.now)
    return get_incident(call, incident_id)


@operation(
    "POST", "/incidents/{incident_id}/letters", id="orderLetters", right="incident.manage", tag=INCIDENTS,
    errors=("wrong_step", "conflict"),
)  # fmt: skip
def order_letters(call: Call, incident_id: UUID, sent: LettersSent) -> IncidentShape:
    """Tell those concerned, each in his language; once."""
    texts = {"uz-Latn": sent.uz_latn, "uz-Cyrl": sent.uz_cyrl, "ru": sent.ru, "en": sent.en}
    call.omonat.incidents.order_letters(call.key, incident_id, texts, call.now)
    return get_incident(call, incident_id)
