"""Contracts with people: the list without names, one contract, a new one, its end."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from omonat.contracts import PURPOSE, STATES, Given
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, Denied, InvalidInput, OmonatError
from omonat.kernel.ids import to_id
from omonat.people import NotOpened
from omonat.web.console.pages import csv_file, moved, wants_csv
from omonat.web.console.people.pages import (
    explained,
    page,
    reason_field,
    said,
    state_name,
    to_card,
    to_subject,
)
from omonat.web.console.visit import ConsoleVisit, console_visit
from omonat.web.forms import FieldView, Posted, filled
from omonat.web.visit import AnyRequest

if TYPE_CHECKING:
    from omonat.contracts import Contract
    from omonat.people import Card

ContractPath = FromPath[str]
_PAGE = 25


@get("/contracts", right="contract.read", sync_to_thread=True)
def list_page(request: AnyRequest) -> Response[Any]:
    """By state, the newest first; numbers and names are shut until a card is opened for a purpose."""
    visit = console_visit(request)
    query = visit.request.query_params
    state, after = query.get("state", ""), query.get("after", "")
    contracts = visit.omonat.contracts
    if wants_csv(visit):
        heads = [said(visit, head) for head in ("Contract", "State", "First day", "Last day", "Ended")]
        rows = ((one.contract_id, state_name(visit, one.state), one.starts_on, one.ends_on, one.ended_on)
                for one in contracts.page(state, limit=500))  # fmt: skip
        return csv_file(visit, "contracts", heads, rows)
    found = contracts.page(state, limit=_PAGE + 1, after=to_id(after) if after else None)
    more = (
        f"?state={state if state in STATES else ''}&after={found[_PAGE - 1].contract_id}" if len(found) > _PAGE else ""
    )
    states = [("", said(visit, "every state")), *((word, state_name(visit, word)) for word in STATES)]
    return page(
        visit, "contracts", title="Contracts", contracts=found[:_PAGE], more=more, states=states,
        state=state if state in STATES else "",
    )  # fmt: skip


@get("/contracts/new", right="contract.manage", sync_to_thread=True)
def new_page(request: AnyRequest) -> Response[Any]:
    """A contract for a person whose card is open; `person` in the address is the opaque id."""
    visit = console_visit(request)
    person = visit.request.query_params.get("person", "")
    if not person:
        return moved(visit, "/people")
    try:
        visit.omonat.people.opening(visit.account, to_subject(person), visit.now)
    except NotOpened:
        return to_card(visit, person)
    return _new_page(visit, person, {"starts_on": local_date(visit.now).isoformat()}, {}, 200)


@post("/contracts/new", right="contract.manage", sync_to_thread=True)
def draft(request: AnyRequest, posted: Posted) -> Response[Any]:
    """Draft it; number and subject are sealed."""
    visit = console_visit(request, posted)
    person = posted.get("person", "")
    given = Given(**{name: posted.get(name, "") for name in ("number", "about", "starts_on", "ends_on")})
    try:
        visit.omonat.people.opening(visit.account, to_subject(person), visit.now)
        made = visit.omonat.contracts.draft(visit.account, to_subject(person), given, visit.now)
    except NotOpened:
        return to_card(visit, person)
    except InvalidInput as error:
        return _new_page(visit, person, posted, error.problems, 422)
    return moved(visit, f"/contracts/{made.contract_id}", done="drafted")


def _new_page(
    visit: ConsoleVisit, person: str, typed: dict[str, str], problems: dict[str, str], status: int
) -> Response[Any]:  # fmt: skip
    fields = (
        FieldView("number", said(visit, "Number of the contract"), "search", True, 60),
        FieldView("about", said(visit, "What it is about"), "text", True, 500),
        FieldView("starts_on", said(visit, "First day"), "date", True, 10),
        FieldView("ends_on", said(visit, "Last day, if one was agreed"), "date", False, 10),
    )
    return page(
        visit, "contract_new", title="A new contract", status=status, person=person, problems=problems,
        fields=filled(fields, typed, problems, language=visit.language),
    )  # fmt: skip


@get("/contracts/{contract_id:str}", right="contract.read", sync_to_thread=True)
def contract_page(request: AnyRequest, contract_id: ContractPath) -> Response[Any]:
    """One contract; its number, subject and documents are shut until the person's card is open for that purpose."""
    return show(console_visit(request), to_id(contract_id), None)


def show(visit: ConsoleVisit, contract_id: UUID, error: OmonatError | None, **more: Any) -> Response[Any]:
    """The page of a contract, with what went wrong."""
    contract = visit.omonat.contracts.get(contract_id)
    card = _card(visit, contract)
    values = {} if card is None else {line.record_id: line for line in card.lines}
    reason = reason_field(visit, said(visit, "Why you open it"))  # fmt: skip
    return page(
        visit, "contract", title="Contract", status=200 if error is None else 422, contract=contract, card=card,
        values=values, purpose=PURPOSE, fields=(reason,), wrong=explained(visit, error) if error else "",
        today=local_date(visit.now), may_open=visit.may("person.read") and PURPOSE in visit.account.purposes, **more,
    )  # fmt: skip


def _card(visit: ConsoleVisit, contract: "Contract") -> "Card | None":
    if not visit.may("person.read"):
        return None
    try:
        card = visit.omonat.people.card(visit.account, contract.subject_id, visit.now, policy=visit.policy)
    except NotOpened:
        return None
    return card if card.opening.purpose == PURPOSE else None


@post("/contracts/{contract_id:str}/open", right="contract.read", sync_to_thread=True)
def open_contract(request: AnyRequest, contract_id: ContractPath, posted: Posted) -> Response[Any]:
    """Open the person's card for the purpose of contracts."""
    visit = console_visit(request, posted)
    contract = visit.omonat.contracts.get(to_id(contract_id))
    try:
        visit.omonat.people.open(
            visit.account, contract.subject_id, purpose=PURPOSE, reason=posted.get("reason", ""), now=visit.now
        )
    except InvalidInput as error:
        return show(visit, contract.contract_id, error)
    return moved(visit, f"/contracts/{contract.contract_id}", done="opened")


@post("/contracts/{contract_id:str}/start", right="contract.manage", sync_to_thread=True)
def start(request: AnyRequest, contract_id: ContractPath, posted: Posted) -> Response[Any]:
    """From now on it is a ground."""
    visit = console_visit(request, posted)
    try:
        visit.omonat.contracts.start(visit.account, to_id(contract_id), visit.now)
    except (InvalidInput, Denied, Conflict) as error:
        return show(visit, to_id(contract_id), error)
    return moved(visit, f"/contracts/{to_id(contract_id)}", done="started")


@get("/contracts/{contract_id:str}/end", right="contract.manage", sync_to_thread=True)
def end_page(request: AnyRequest, contract_id: ContractPath) -> Response[Any]:
    """What ending or annulling does, asked once more."""
    return _end_page(console_visit(request), to_id(contract_id), {}, None)


@post("/contracts/{contract_id:str}/end", right="contract.manage", sync_to_thread=True)
def end(request: AnyRequest, contract_id: ContractPath, posted: Posted) -> Response[Any]:
    """End it on a day, or annul it: what rested on it stops, and terms begin."""
    visit, which = console_visit(request, posted), to_id(contract_id)
    contracts = visit.omonat.contracts
    annuls = posted.get("act") == "annul"
    try:
        if annuls:
            contracts.annul(visit.account, which, visit.now)
        else:
            contracts.end(visit.account, which, posted.get("ended_on", ""), visit.now)
    except (InvalidInput, Denied, Conflict) as error:
        return _end_page(visit, which, posted, error)
    return moved(visit, f"/contracts/{which}", done="annulled" if annuls else "ended")


def _end_page(visit: ConsoleVisit, which: UUID, typed: dict[str, str], error: OmonatError | None) -> Response[Any]:
    contract = visit.omonat.contracts.get(which)
    problems = error.problems if isinstance(error, InvalidInput) else {}
    day = FieldView("ended_on", said(visit, "Last day of the contract"), "date", True, 10)  # fmt: skip
    typed = {"ended_on": local_date(visit.now).isoformat(), **typed}
    return page(
        visit, "contract_end", title="End the contract", status=200 if error is None else 422, contract=contract,
        problems=problems, wrong=explained(visit, error) if error and not problems else "",
        fields=filled((day,), typed, problems, language=visit.language),
    )  # fmt: skip


@get(
    ["/contracts/{contract_id:str}/open", "/contracts/{contract_id:str}/start",
     "/contracts/{contract_id:str}/documents", "/contracts/{contract_id:str}/document"],
    right="contract.read", sync_to_thread=False,
)  # fmt: skip
def no_page(request: AnyRequest, contract_id: ContractPath) -> Response[Any]:
    """What a button does is no page."""
    return moved(console_visit(request), f"/contracts/{to_id(contract_id)}")


HANDLERS = (list_page, new_page, draft, contract_page, open_contract, start, end_page, end, no_page)
