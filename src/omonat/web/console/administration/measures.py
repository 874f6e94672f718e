"""The register of measures of protection (clause 6.2)."""

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.kernel.clock import local_date
from omonat.kernel.errors import InvalidInput
from omonat.kernel.ids import MeasureId, StaffId, to_id
from omonat.measures import DESCRIPTIONS, EVIDENCE, KINDS, STATUSES, TITLES, Draft, Measure
from omonat.web.console.administration.pages import error_text, field, page, said
from omonat.web.console.administration.words import MEASURE_FIELDS, MEASURE_KINDS, MEASURE_STATUSES
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted
from omonat.web.visit import AnyRequest

READ, MANAGE = "measure.read", "measure.manage"


class Shown:
    """A measure as it is read: what Omonat brings is said in the reader's language while nobody has rewritten it."""

    def __init__(self, visit: ConsoleVisit, measure: Measure, owners: dict[StaffId, str]) -> None:
        self.measure = measure
        self.title, self.description, self.evidence = measure.title, measure.description, measure.evidence
        if TITLES.get(measure.word) == measure.title:
            self.title = said(visit, TITLES[measure.word])
        if DESCRIPTIONS.get(measure.word) == measure.description:
            self.description = said(visit, DESCRIPTIONS[measure.word])
        if EVIDENCE.get(measure.word) == measure.evidence:
            self.evidence = said(visit, EVIDENCE[measure.word])
        self.kind = said(visit, MEASURE_KINDS[measure.kind])
        self.status = said(visit, MEASURE_STATUSES[measure.status])
        self.badge = {"in_place": "badge-now", "dropped": ""}.get(measure.status, "badge-open")
        self.owner = owners.get(measure.owner_id, "") if measure.owner_id else ""
        self.is_overdue = measure.is_overdue(local_date(visit.now))


HEADS = ("Kind", "Title", "Description", "Status", "Owner", "Evidence", "Review", "Changed", "Changed by")


@get("/measures", right=READ, sync_to_thread=True)
def measure_list(request: AnyRequest) -> Response[Any]:
    """Every measure; with `?status=` or `?kind=` fewer."""
    visit = console_visit(request)
    asked = visit.request.query_params
    status, kind = asked.get("status", ""), asked.get("kind", "")
    shown = [one for one in _shown(visit) if status in ("", one.measure.status) and kind in ("", one.measure.kind)]
    if wants_csv(visit):
        return _csv(visit, shown)
    kinds = [(name, said(visit, MEASURE_KINDS[name])) for name in KINDS]
    statuses = [(name, said(visit, MEASURE_STATUSES[name])) for name in STATUSES]
    return page(
        visit, "measures", title="Measures of protection", rows=shown, kinds=kinds, statuses=statuses, status_=status,
        kind=kind, may_manage=visit.may(MANAGE),
    )  # fmt: skip


def _shown(visit: ConsoleVisit) -> list[Shown]:
    owners = _owners(visit)
    return [Shown(visit, one, owners) for one in visit.omonat.measures.list()]


def _owners(visit: ConsoleVisit) -> dict[StaffId, str]:
    return {one.staff_id: one.name for one in visit.omonat.staff.list()}


def _csv(visit: ConsoleVisit, shown: list[Shown]) -> Response[bytes]:
    cells = (
        (one.kind, one.title, one.description, one.status, one.owner, one.evidence, one.measure.review_on,
         one.measure.changed_at, one.measure.changed_by) for one in shown
    )  # fmt: skip
    return csv_file(visit, "measures", [said(visit, head) for head in HEADS], cells)


@get("/measures/new", right=MANAGE, sync_to_thread=True)
def new_measure_page(request: AnyRequest) -> Response[Any]:
    """A measure of the operator's own."""
    return _form(console_visit(request), None, {}, {})


@post("/measures/new", right=MANAGE, sync_to_thread=True)
def new_measure(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Enter it."""
    visit = console_visit(request, posted)
    try:
        made = visit.omonat.measures.add(visit.account, _draft(posted, None), visit.now)
    except InvalidInput as error:
        return _form(visit, None, posted, error.problems)
    return moved(visit, f"/measures/{made.measure_id}", done="measure")


@get("/measures/{measure_id:str}", right=READ, sync_to_thread=True)
def measure_page(request: AnyRequest, measure_id: FromPath[str]) -> Response[Any]:
    """One measure with its history."""
    visit = console_visit(request)
    found = visit.omonat.measures.get(MeasureId(to_id(measure_id)))
    owners = _owners(visit)
    return page(
        visit, "measure", title="Measure of protection", shown=Shown(visit, found, owners), measure=found,
        changes=visit.omonat.measures.changes(found.measure_id), may_manage=visit.may(MANAGE),
        field_names={name: said(visit, MEASURE_FIELDS[name]) for name in MEASURE_FIELDS},
        owners={str(staff_id): name for staff_id, name in owners.items()},
        statuses={name: said(visit, MEASURE_STATUSES[name]) for name in STATUSES},
    )  # fmt: skip


@get("/measures/{measure_id:str}/edit", right=MANAGE, sync_to_thread=True)
def edit_measure_page(request: AnyRequest, measure_id: FromPath[str]) -> Response[Any]:
    """Say it anew."""
    visit = console_visit(request)
    return _form(visit, visit.omonat.measures.get(MeasureId(to_id(measure_id))), {}, {})


@post("/measures/{measure_id:str}/edit", right=MANAGE, sync_to_thread=True)
def edit_measure(request: AnyRequest, measure_id: FromPath[str], posted: Posted) -> Response[Any]:
    """Keep what changed, with a remark."""
    visit = console_visit(request, posted)
    before = visit.omonat.measures.get(MeasureId(to_id(measure_id)))
    try:
        seen = datetime.fromisoformat(posted.get("seen", "")) if posted.get("seen") else None
        visit.omonat.measures.change(
            visit.account, before.measure_id, _draft(posted, before), note=posted.get("note", ""), now=visit.now,
            seen=seen,
        )  # fmt: skip
    except InvalidInput as error:
        return _form(visit, before, posted, error.problems)
    return moved(visit, f"/measures/{before.measure_id}", done="measure")


def _draft(posted: dict[str, str], before: Measure | None) -> Draft:
    """What was typed; a text that stands as Omonat brings it stays the English one of the register."""
    owner, review = posted.get("owner", ""), posted.get("review_on", "")
    try:
        owner_id = StaffId(to_id(owner)) if owner else None
        review_on = date.fromisoformat(review) if review else None
    except ValueError:
        raise InvalidInput({"review_on": "Write the day as 2026-12-31."}) from None
    texts = {name: posted.get(name, "").replace("\r\n", "\n").strip() for name in ("title", "description", "evidence")}
    if before is not None:
        texts = {
            name: getattr(before, name) if posted.get(f"as_{name}") == text else text for name, text in texts.items()
        }
    return Draft(
        kind=posted.get("kind", ""), status=posted.get("status", ""), owner_id=owner_id,  # type: ignore[arg-type]  # checked by the service
        review_on=review_on, **texts,
    )  # fmt: skip


def _form(
    visit: ConsoleVisit, before: Measure | None, typed: dict[str, str], problems: dict[str, str]
) -> Response[Any]:
    shown = Shown(visit, before, {}) if before else None
    held = {
        "title": shown.title if shown else "", "description": shown.description if shown else "",
        "evidence": shown.evidence if shown else "", "note": "",
        "review_on": before.review_on.isoformat() if before and before.review_on else "",
    }  # fmt: skip
    values = {**held, **typed}
    others = {name: error_text(visit, text) for name, text in problems.items() if name in ("status", "owner")}
    members = [("", "–")] + [(str(one.staff_id), one.name) for one in visit.omonat.staff.list() if one.active]
    return page(
        visit, "measure_form", title="Change a measure" if before else "New measure", status=422 if problems else 200,
        before=before, held=held, fields=_fields(visit, values, problems, with_note=before is not None),
        problems=others, members=members, values=values,
        owner=values.get("owner", str(before.owner_id or "") if before else ""),
        kind=values.get("kind", before.kind if before else "technical"),
        status_=values.get("status", before.status if before else "planned"),
        kinds=[(name, said(visit, MEASURE_KINDS[name])) for name in KINDS],
        statuses=[(name, said(visit, MEASURE_STATUSES[name])) for name in STATUSES],
    )  # fmt: skip


def _fields(
    visit: ConsoleVisit, values: dict[str, str], problems: dict[str, str], *, with_note: bool
) -> tuple[FieldView, ...]:
    made = [
        field(visit, "title", "Title", value=values["title"], problem=problems.get("title", "")),
        field(visit, "description", "Description", value=values["description"], longest=4000, required=False,
              problem=problems.get("description", "")),
        field(visit, "evidence", "Evidence", value=values["evidence"], longest=4000, required=False,
              problem=problems.get("evidence", ""),
              hint="How to check it, or where the paper lies: number, date, place, link. No personal values."),
        field(visit, "review_on", "Next review", value=values["review_on"], longest=10, required=False, kind="date",
              problem=problems.get("review_on", "")),
    ]  # fmt: skip
    if with_note:
        made.append(field(visit, "note", "Remark on this change", value=values["note"], longest=290, required=False))
    return tuple(made)


HANDLERS = (measure_list, new_measure_page, new_measure, measure_page, edit_measure_page, edit_measure)
