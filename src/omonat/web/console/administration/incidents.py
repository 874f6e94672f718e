"""The register of incidents: from detection to the lesson (clause 6.2)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.incidents import KINDS, SEVERITIES, Assessment, Incident, Search, next_act
from omonat.kernel.clock import TASHKENT
from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import to_id
from omonat.kernel.language import LANGUAGE_NAMES, LANGUAGES
from omonat.web.console.administration.pages import error_text, field, page, said, ticked
from omonat.web.console.administration.words import (
    DUTY_STATES,
    INCIDENT_KINDS,
    INCIDENT_STATES,
    INCIDENT_STEPS,
    SEARCHED,
    SEVERITY_NAMES,
)
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest

READ, MANAGE = "incident.read", "incident.manage"
PAGE = 50
WHOLE = 20_000  # lines of a table as a file
NO_VALUES = "Write about the processing: which lists, pages, machines. Name no person and no personal value."
BAD_MOMENT = "Write day and time as 2026-12-31 14:30."
HEADS = ("Number", "Title", "State", "Severity", "Detected", "Closed", "People concerned", "Clocks still open")


@get("/incidents", right=READ, sync_to_thread=True)
def incident_list(request: AnyRequest) -> Response[Any]:
    """Newest first, with the next clock."""
    visit = console_visit(request)
    asked = visit.request.query_params
    after = to_id(asked["after"]) if asked.get("after") else None
    only_open = asked.get("state", "all") == "open"
    rows = visit.omonat.incidents.list(only_open=only_open, after=after, limit=PAGE + 1)
    duties = visit.omonat.incidents.duties(rows)
    if wants_csv(visit):
        cells = (
            (one.number, one.title, one.state, one.severity, one.detected_at, one.closed_at, one.affected,
             sum(duty.state == "open" for duty in duties.get(one.incident_id, ()))) for one in rows
        )  # fmt: skip
        return csv_file(visit, "incidents", [said(visit, head) for head in HEADS], cells)
    clocks = {
        one.incident_id: min(
            (duty.due_at for duty in duties.get(one.incident_id, ()) if duty.state == "open"), default=None
        )
        for one in rows
    }
    more = visit.url(f"/console/incidents?after={rows[PAGE - 1].incident_id}") if len(rows) > PAGE else ""
    return page(
        visit, "incidents", title="Incidents", rows=rows[:PAGE], clocks=clocks, more=more, only_open=only_open,
        may_manage=visit.may(MANAGE), **_words(visit),
    )  # fmt: skip


def _words(visit: ConsoleVisit) -> dict[str, Any]:
    """What states, kinds and steps are called."""
    return {
        "states": {name: said(visit, INCIDENT_STATES[name]) for name in INCIDENT_STATES},
        "severities": {name: said(visit, SEVERITY_NAMES[name]) for name in SEVERITY_NAMES},
        "kinds": {name: said(visit, INCIDENT_KINDS[name]) for name in INCIDENT_KINDS},
        "step_names": {name: said(visit, INCIDENT_STEPS[name]) for name in INCIDENT_STEPS},
        "duty_states": {name: said(visit, DUTY_STATES[name]) for name in DUTY_STATES},
        "searched": {name: said(visit, SEARCHED[name]) for name in SEARCHED},
    }


@get("/incidents/new", right=MANAGE, sync_to_thread=True)
def new_incident_page(request: AnyRequest) -> Response[Any]:
    """What was noticed, and when."""
    return _new_page(console_visit(request), {}, {})


def _new_page(visit: ConsoleVisit, typed: dict[str, str], problems: dict[str, str]) -> Response[Any]:
    now = visit.now.astimezone(TASHKENT).strftime("%Y-%m-%d %H:%M")
    fields = (
        field(visit, "title", "Title", value=typed.get("title", ""), problem=problems.get("title", "")),
        field(visit, "description", "What was noticed", value=typed.get("description", ""), longest=2000,
              problem=problems.get("description", ""), required=False, hint=NO_VALUES),
        field(visit, "detected_at", "When it was noticed (Tashkent)", value=typed.get("detected_at", now),
              problem=problems.get("detected_at", ""), longest=16, hint="As 2026-12-31 14:30. The clocks run from it."),
    )  # fmt: skip
    return page(visit, "incident_new", title="New incident", status=422 if problems else 200, fields=fields)


@post("/incidents/new", right=MANAGE, sync_to_thread=True)
def new_incident(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Open it: its clocks run."""
    visit = console_visit(request, posted)
    try:
        detected_at = _moment(posted, "detected_at") or visit.now
        made = visit.omonat.incidents.open(
            visit.account, posted.get("title", ""), posted.get("description", ""), detected_at=detected_at,
            now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _new_page(visit, posted, error.problems)
    return moved(visit, f"/incidents/{made.incident_id}", done="incident")


def _moment(posted: dict[str, str], name: str) -> datetime | None:
    """A day, or a day and a time, of Tashkent. Raises InvalidInput."""
    text = posted.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=TASHKENT)
    except ValueError:
        raise InvalidInput({name: BAD_MOMENT}) from None


# --- one incident ---------------------------------------------------------------------------------------------------


@get("/incidents/{incident_id:str}", right=READ, sync_to_thread=True)
def incident_page(request: AnyRequest, incident_id: FromPath[str]) -> Response[Any]:
    """Where it stands, its clocks, its time line, what comes next."""
    visit = console_visit(request)
    return _page(visit, visit.omonat.incidents.get(to_id(incident_id)), {}, {})


def _page(visit: ConsoleVisit, found: Incident, typed: dict[str, str], problems: dict[str, str]) -> Response[Any]:
    duties = visit.omonat.incidents.duties([found]).get(found.incident_id, ())
    told = {name: error_text(visit, text) for name, text in problems.items()}
    return page(
        visit, "incident", title="Incident", status=422 if problems else 200, found=found, duties=duties,
        pack=visit.pack.incident_duties, steps=visit.omonat.incidents.steps(found.incident_id),
        act=next_act(found.state),
        progress=visit.omonat.incidents.progress(found.incident_id) if found.letters_at else None,
        may_manage=visit.may(MANAGE) and found.state != "closed",
        may_assess=found.state in ("detected", "assessed", "contained"),
        problems=told, typed=typed, chosen=_chosen(found, typed), all_kinds=KINDS, all_severities=SEVERITIES[1:],
        categories=sorted(visit.policy.categories), purposes=sorted(visit.policy.purposes),
        fields=_fields(visit, found, typed, problems),
        hint=said(visit, NO_VALUES), searches=found.looked_for, **_words(visit),
    )  # fmt: skip


def _chosen(found: Incident, typed: dict[str, str]) -> dict[str, Any]:
    """What the form of the assessment holds: what was typed, else what is kept."""
    if "severity" in typed:
        return {
            "severity": typed["severity"],
            **{name: ticked(typed, f"{name}_") for name in ("kind", "purpose", "category")},
        }
    return {"severity": found.severity, "kind": found.kinds, "purpose": found.purposes, "category": found.categories}


def _fields(
    visit: ConsoleVisit, found: Incident, typed: dict[str, str], problems: dict[str, str]
) -> dict[str, tuple[FieldView, ...]]:
    def when(name: str, label: str, held: datetime | None) -> FieldView:
        kept = held.astimezone(TASHKENT).strftime("%Y-%m-%d %H:%M") if held else ""
        return field(visit, name, label, value=typed.get(name, kept), problem=problems.get(name, ""), longest=16,
                     required=False, hint="As 2026-12-31 14:30.")  # fmt: skip

    def text(name: str, label: str, hint: str = "", *, required: bool = True) -> FieldView:
        return field(visit, name, label, value=typed.get(name, ""), problem=problems.get(name, ""), longest=2000,
                     hint=hint, required=required)  # fmt: skip

    return {
        "assess": (when("happened_from", "It began", found.happened_from),
                   when("happened_until", "It ended", found.happened_until)),
        "contain": (text("note", "By what it was contained", NO_VALUES),),
        "tell": (text("note", "Remark", required=False),),
        "close": (text("lesson", "What was learnt, and what was changed for it", NO_VALUES),),
        "remark": (text("note", "Remark", NO_VALUES),),
    }  # fmt: skip


@post("/incidents/{incident_id:str}/{act:str}", right=MANAGE, sync_to_thread=True)
def take_step(request: AnyRequest, incident_id: FromPath[str], act: FromPath[str], posted: Posted) -> Response[Any]:
    """assess, contain, tell, close, remark."""
    visit = console_visit(request, posted)
    found = visit.omonat.incidents.get(to_id(incident_id))
    try:
        _take(visit, found.incident_id, act, posted)
    except InvalidInput as error:
        return _page(visit, found, posted, error.problems)
    return moved(visit, f"/incidents/{found.incident_id}", done="step")


def _take(visit: ConsoleVisit, whose: UUID, act: str, posted: dict[str, str]) -> None:
    incidents, account, now = visit.omonat.incidents, visit.account, visit.now
    note = posted.get("note", "")
    match act:
        case "assess":
            made = Assessment(
                severity=posted.get("severity", ""), kinds=tuple(ticked(posted, "kind_")),
                purposes=tuple(ticked(posted, "purpose_")), categories=tuple(ticked(posted, "category_")),
                happened_from=_moment(posted, "happened_from"), happened_until=_moment(posted, "happened_until"),
            )  # fmt: skip
            incidents.assess(account, whose, made, note=note, now=now)
        case "contain":
            incidents.contain(account, whose, note=note, now=now)
        case "tell":
            incidents.finish_telling(account, whose, note=note, now=now)
        case "close":
            incidents.close(account, whose, lesson=posted.get("lesson", ""), now=now)
        case "remark":
            incidents.remark(account, whose, note, now)
        case _:
            to_id(act)  # there is no such page


@post("/incidents/{incident_id:str}/duty/{whom:str}", right=MANAGE, sync_to_thread=True)
def decide_duty(request: AnyRequest, incident_id: FromPath[str], whom: FromPath[str], posted: Posted) -> Response[Any]:
    """Told, and how; or not needed, and why."""
    visit = console_visit(request, posted)
    found = visit.omonat.incidents.get(to_id(incident_id))
    try:
        visit.omonat.incidents.decide_duty(
            visit.account, found.incident_id, whom, told=posted.get("told") == "told",
            note=posted.get(f"note_{whom}", ""), now=visit.now,
        )  # fmt: skip
    except InvalidInput as error:
        return _page(visit, found, posted, {f"note_{whom}": error.problems["note"]})
    return moved(visit, f"/incidents/{found.incident_id}", done="duty")


# --- those whom it concerns -----------------------------------------------------------------------------------------


@get("/incidents/{incident_id:str}/people", right=READ, sync_to_thread=True)
def people_page(request: AnyRequest, incident_id: FromPath[str]) -> Response[Any]:
    """Who is concerned, by id and count; look for them anew until letters were ordered."""
    visit = console_visit(request)
    found = visit.omonat.incidents.get(to_id(incident_id))
    if wants_csv(visit):
        heads = [said(visit, head) for head in ("Person", "Entries of the journal", "Disclosures", "Case")]
        rows = ((str(one.subject_id), one.journal, one.disclosures, case_id)
                for one, case_id in visit.omonat.incidents.people(found.incident_id, None, WHOLE))  # fmt: skip
        return csv_file(visit, "incident-people", heads, rows)
    return _people_page(visit, found, {}, {}, None)


def _people_page(
    visit: ConsoleVisit, found: Incident, typed: dict[str, str], problems: dict[str, str], count: int | None
) -> Response[Any]:
    after = visit.request.query_params.get("after", "")
    rows = visit.omonat.incidents.people(found.incident_id, to_id(after) if after else None, PAGE + 1)
    more = (
        visit.url(f"/console/incidents/{found.incident_id}/people?after={rows[PAGE - 1][0].subject_id}")
        if len(rows) > PAGE
        else ""
    )
    return page(
        visit, "incident_people", title="Who is concerned", status=422 if problems else 200, found=found,
        rows=rows[:PAGE], more=more, count=count, typed=typed,
        problems={name: error_text(visit, text) for name, text in problems.items()},
        fields=_search_fields(visit, found, typed, problems),
        may_search=visit.may(MANAGE) and found.letters_at is None and found.state != "closed",
        categories=[("", "–")] + [(name, visit.names.category(name)) for name in sorted(visit.policy.categories)],
        purposes=[("", "–")] + [(name, visit.names.purpose(name)) for name in sorted(visit.policy.purposes)],
        recipients=[("", "–")] + [(name, visit.names.recipient(name)) for name in sorted(visit.policy.recipients)],
        **_words(visit),
    )  # fmt: skip


def _search_fields(
    visit: ConsoleVisit, found: Incident, typed: dict[str, str], problems: dict[str, str]
) -> tuple[FieldView, ...]:
    def kept(name: str, moment: datetime) -> str:
        return typed.get(name, moment.astimezone(TASHKENT).strftime("%Y-%m-%d %H:%M"))

    start = found.happened_from or found.detected_at - timedelta(days=7)
    end = found.happened_until or found.detected_at
    return (
        field(visit, "since", "From", value=kept("since", start), problem=problems.get("since", ""), longest=16),
        field(visit, "until", "Until", value=kept("until", end), problem=problems.get("until", ""), longest=16),
        field(visit, "actor", "Who acted", value=typed.get("actor", ""), problem=problems.get("actor", ""),
              required=False, hint="As the journal names it, such as staff:Dilnoza or key:crm."),
    )  # fmt: skip


@post("/incidents/{incident_id:str}/people", right=MANAGE, sync_to_thread=True)
def find_people(request: AnyRequest, incident_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Count them first; with `keep` they are kept with the incident."""
    visit = console_visit(request, posted)
    found = visit.omonat.incidents.get(to_id(incident_id))
    try:
        since, until = _moment(posted, "since"), _moment(posted, "until")
        search = Search(
            since=since or found.detected_at, until=until or visit.now, actor=posted.get("actor", "").strip(),
            purpose=posted.get("purpose", ""), category=posted.get("category", ""),
            recipient=posted.get("recipient", ""),
        )  # fmt: skip
        if posted.get("keep") != "keep":
            return _people_page(visit, found, posted, {}, len(visit.omonat.incidents.search(search)))
        visit.omonat.incidents.freeze(visit.account, found.incident_id, search, visit.now)
    except InvalidInput as error:
        return _people_page(visit, found, posted, error.problems, None)
    return moved(visit, f"/incidents/{found.incident_id}", done="frozen")


@get("/incidents/{incident_id:str}/letters", right=MANAGE, sync_to_thread=True)
def letters_page(request: AnyRequest, incident_id: FromPath[str]) -> Response[Any]:
    """What they are told, in up to four languages, before anything is sent."""
    visit = console_visit(request)
    return _letters_page(visit, visit.omonat.incidents.get(to_id(incident_id)), {}, {})


def _letters_page(
    visit: ConsoleVisit, found: Incident, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:
    fields = tuple(
        FieldView(
            f"told_{language}", LANGUAGE_NAMES[language], "text", False, 1500, typed.get(f"told_{language}", ""),
            error_text(visit, problems[f"told_{language}"]) if f"told_{language}" in problems else "",
        )
        for language in LANGUAGES
    )  # fmt: skip
    return page(
        visit, "incident_letters", title="Tell those concerned", status=422 if problems else 200, found=found,
        fields=fields, hint=said(visit, NO_VALUES),
    )  # fmt: skip


@post("/incidents/{incident_id:str}/letters", right=MANAGE, sync_to_thread=True)
def order_letters(request: AnyRequest, incident_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Order them: once."""
    visit = console_visit(request, posted)
    found = visit.omonat.incidents.get(to_id(incident_id))
    texts = {language: posted.get(f"told_{language}", "") for language in LANGUAGES}
    try:
        visit.omonat.incidents.order_letters(visit.account, found.incident_id, texts, visit.now)
    except InvalidInput as error:
        return _letters_page(visit, found, posted, error.problems)
    return moved(visit, f"/incidents/{found.incident_id}", done="letters")


HANDLERS = (
    incident_list, new_incident_page, new_incident, incident_page, take_step, decide_duty, people_page, find_people,
    letters_page, order_letters,
)  # fmt: skip
