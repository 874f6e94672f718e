"""Cases: what people demand, with the term of each (clauses 7.1, 10.1)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.operations import operation
from omonat.web.api.shapes import Moment, Page, PageQuery, Sent, Shape

TAG = "Cases"
Outcome = Literal["carried_out", "corrected", "destroyed", "destroyed_in_part", "kept_by_law", "withdrawn",
                  "nothing_to_withdraw", "answered", "refused"]  # fmt: skip
Refusal = Literal["harms_others", "informed_before", "public_source", "not_identified", "not_a_demand"]


class CaseStepShape(Shape, frozen=True, kw_only=True):
    """One step that was taken."""

    at: Moment
    actor: Annotated[str, Meta(examples=["staff:Madina"])]
    kind: Annotated[str, Meta(examples=["opened"])]
    details: dict[str, str]


class CaseLine(Shape, frozen=True, kw_only=True):
    """A case in a list. `details`: words and ids, never a value."""

    case_id: UUID
    subject_id: UUID
    kind: Annotated[str, Meta(examples=["contact"])]
    state: Annotated[str, Meta(examples=["open"])]
    opened_at: Moment
    due_at: Moment
    term: Annotated[str, Meta(examples=["answer_message"])]
    closed_at: Moment | None
    outcome: str | None
    details: dict[str, str]


class CaseShape(CaseLine, frozen=True, kw_only=True):
    """A case with its steps."""

    steps: list[CaseStepShape]


class CaseQuery(PageQuery, frozen=True, kw_only=True):
    """Which cases."""

    state: Literal["open", "done", "refused"] | None = None


class CasePage(Page, frozen=True, kw_only=True):
    """Cases, the first due first."""

    items: list[CaseLine]


class CaseClosing(Sent, frozen=True, kw_only=True):
    """How a case ends. A refusal names its reason (Art. 22)."""

    outcome: Outcome
    reason: Refusal | None = None


@operation("GET", "/cases", id="listCases", right="case.read", tag=TAG)
def list_cases(call: Call, query: CaseQuery) -> CasePage:
    """Cases without their steps, the first due first."""
    found = call.omonat.rights.cases(query.state, query.limit + 1, call.after(query.cursor))
    shown, following = call.page(found, query.limit, lambda case: case.case_id)
    return CasePage(items=each_shaped(shown, CaseLine), next=following)


@operation("GET", "/cases/{case_id}", id="getCase", right="case.read", tag=TAG)
def get_case(call: Call, case_id: UUID) -> CaseShape:
    """A case with its steps."""
    return shaped(call.omonat.rights.get_case(case_id), CaseShape)


@operation(
    "POST", "/cases/{case_id}/close", id="closeCase", right="case.close", tag=TAG, if_match=get_case,
    errors=("denied", "conflict"),
)  # fmt: skip
def close_case(call: Call, case_id: UUID, sent: CaseClosing) -> CaseShape:
    """Close an open case; the person gets a written notice."""
    closed = call.omonat.rights.close_case(
        case_id, call.actor, sent.outcome, reason=sent.reason or "", now=call.now
    )  # fmt: skip
    return shaped(closed, CaseShape)
