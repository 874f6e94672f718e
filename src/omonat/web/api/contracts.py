"""Contracts with people: a ground that starts and ends (clauses 3.1, 4.1)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from omonat.contracts import Given
from omonat.kernel.ids import SubjectId
from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.operations import operation
from omonat.web.api.shapes import NO_NUL, Day, Moment, Page, PageQuery, Sent, Shape

TAG = "Contracts"
DayText = Annotated[str, Meta(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$", examples=["2026-11-20"])]
Number = Annotated[str, Meta(min_length=1, max_length=60, pattern=NO_NUL, examples=["IP-2026/118"])]


class DocumentShape(Shape, frozen=True, kw_only=True):
    """A sealed file of a contract."""

    record_id: UUID
    media: str
    size: int
    added_at: Moment
    added_by: str


class ContractLine(Shape, frozen=True, kw_only=True):
    """A contract, without its number, which is a sealed value."""

    contract_id: UUID
    subject_id: UUID
    state: Annotated[str, Meta(examples=["running"])]
    starts_on: Day
    ends_on: Day | None
    ended_on: Day | None
    created_at: Moment
    created_by: str


class ContractShape(ContractLine, frozen=True, kw_only=True):
    """A contract with its documents."""

    documents: list[DocumentShape]


class ContractPage(Page, frozen=True, kw_only=True):
    """Contracts, the latest first day first."""

    items: list[ContractLine]


class ContractQuery(PageQuery, frozen=True, kw_only=True):
    """Which contracts."""

    state: Literal["draft", "running", "ended", "annulled"] | None = None


class ContractSent(Sent, frozen=True, kw_only=True):
    """A contract that is being concluded."""

    subject_id: UUID
    number: Number
    about: Annotated[str, Meta(min_length=1, max_length=300, pattern=NO_NUL, examples=["Telephony for an office"])]
    starts_on: DayText
    ends_on: DayText | None = None


class ContractEnd(Sent, frozen=True, kw_only=True):
    """The last day."""

    ended_on: DayText


class NumberSent(Sent, frozen=True, kw_only=True):
    """The whole number of a contract."""

    number: Number


class ContractHolder(Shape, frozen=True, kw_only=True):
    """A contract of that number, and whose."""

    contract_id: UUID
    subject_id: UUID


class ContractHolders(Shape, frozen=True, kw_only=True):
    """Contracts of that number."""

    items: list[ContractHolder]


@operation("GET", "/contracts", id="listContracts", right="contract.read", tag=TAG)
def list_contracts(call: Call, query: ContractQuery) -> ContractPage:
    """Contracts without documents, the latest first day first."""
    after = call.after(query.cursor)
    found = call.omonat.contracts.page(
        query.state or "", limit=query.limit + 1, after=UUID(after) if after else None
    )  # fmt: skip
    shown, following = call.page(found, query.limit, lambda one: str(one.contract_id))
    return ContractPage(items=each_shaped(shown, ContractLine), next=following)


@operation("GET", "/contracts/{contract_id}", id="getContract", right="contract.read", tag=TAG)
def get_contract(call: Call, contract_id: UUID) -> ContractShape:
    """One contract with the list of its documents."""
    return shaped(call.omonat.contracts.get(contract_id), ContractShape)


@operation("POST", "/contracts/find", id="findContract", right="contract.read", tag=TAG, safe=True)
def find_contract(call: Call, sent: NumberSent) -> ContractHolders:
    """Whose contract has exactly this number; there is no search by a part of it."""
    found = call.omonat.contracts.find(sent.number)
    return ContractHolders(items=[ContractHolder(contract_id=contract, subject_id=one) for one, contract in found])


@operation(
    "POST", "/contracts", id="draftContract", right="contract.manage", tag=TAG, status=201,
    errors=("denied", "conflict"),
)  # fmt: skip
def draft_contract(call: Call, sent: ContractSent) -> ContractShape:
    """A contract that is being concluded; its number and subject are sealed."""
    given = Given(number=sent.number, about=sent.about, starts_on=sent.starts_on, ends_on=sent.ends_on or "")
    return shaped(call.omonat.contracts.draft(call.key, SubjectId(sent.subject_id), given, call.now), ContractShape)


@operation(
    "POST", "/contracts/{contract_id}/start", id="startContract", right="contract.manage", tag=TAG,
    if_match=get_contract, errors=("denied", "invalid_input"),
)  # fmt: skip
def start_contract(call: Call, contract_id: UUID) -> ContractShape:
    """From now on it is a ground."""
    return shaped(call.omonat.contracts.start(call.key, contract_id, call.now), ContractShape)


@operation(
    "POST", "/contracts/{contract_id}/end", id="endContract", right="contract.manage", tag=TAG, if_match=get_contract,
    errors=("denied",),
)  # fmt: skip
def end_contract(call: Call, contract_id: UUID, sent: ContractEnd) -> ContractShape:
    """The terms of what rested on it begin."""
    return shaped(call.omonat.contracts.end(call.key, contract_id, sent.ended_on, call.now), ContractShape)


@operation(
    "POST", "/contracts/{contract_id}/annul", id="annulContract", right="contract.manage", tag=TAG,
    if_match=get_contract, errors=("denied",),
)  # fmt: skip
def annul_contract(call: Call, contract_id: UUID) -> ContractShape:
    """What was drafted or begun by mistake, or fell through."""
    return shaped(call.omonat.contracts.annul(call.key, contract_id, call.now), ContractShape)
