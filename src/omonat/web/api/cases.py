"""Cases: what people demand, with the term of each (clauses 7.1, 10.1)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from omonat.web.api.call import Call, each_shaped, shaped
from omonat.web.api.operations import operation
from omonat.web.api.shapes import NO_NUL, Moment, Page, PageQuery, Sent, Shape

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


class CaseReopening(Sent, frozen=True, kw_only=True):
    """Why, where the person has been told already."""

    note: Annotated[str, Meta(max_length=1000, pattern=NO_NUL)] = ""


class CaseAssignment(Sent, frozen=True, kw_only=True):
    """To whom; null: to nobody."""

    to: UUID | None


class CaseText(Sent, frozen=True, kw_only=True):
    """What is said."""

    text: Annotated[str, Meta(min_length=1, max_length=10_000, pattern=NO_NUL, examples=["We call you tomorrow."])]


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
    errors=("denied", "conflict", "case_changed"),
)  # fmt: skip
def close_case(call: Call, case_id: UUID, sent: CaseClosing) -> CaseShape:
    """Close an open case; the person gets a written notice."""
    closed = call.omonat.support.desk.close(
        case_id, call.key, sent.outcome, now=call.now, reason=sent.reason or ""
    )  # fmt: skip
    return shaped(closed, CaseShape)


@operation(
    "POST", "/cases/{case_id}/reopen", id="reopenCase", right="case.close", tag=TAG, if_match=get_case,
    errors=("denied", "case_changed"),
)  # fmt: skip
def reopen_case(call: Call, case_id: UUID, sent: CaseReopening) -> CaseShape:
    """Take a wrong end back, within a day."""
    return shaped(call.omonat.support.desk.reopen(case_id, call.key, now=call.now, note=sent.note), CaseShape)


@operation(
    "POST", "/cases/{case_id}/assign", id="assignCase", right="case.work", tag=TAG, if_match=get_case,
    errors=("denied", "case_changed"),
)  # fmt: skip
def assign_case(call: Call, case_id: UUID, sent: CaseAssignment) -> CaseShape:
    """Give an open case to a member of the staff, or to nobody."""
    call.omonat.support.desk.assign(case_id, call.key, sent.to, now=call.now)
    return get_case(call, case_id)


@operation(
    "POST", "/cases/{case_id}/reply", id="replyToCase", right="case.work", tag=TAG, errors=("denied", "case_changed")
)
def reply_to_case(call: Call, case_id: UUID, sent: CaseText) -> CaseShape:
    """Answer the person: kept in the case, shown on his page, sent to the address that the case names."""
    return shaped(call.omonat.support.threads.reply(case_id, call.key, sent.text, now=call.now), CaseShape)


@operation(
    "POST", "/cases/{case_id}/comments", id="commentOnCase", right="case.work", tag=TAG, status=201,
    errors=("denied", "case_changed"),
)  # fmt: skip
def comment_on_case(call: Call, case_id: UUID, sent: CaseText) -> CaseShape:
    """A word to the other members: sealed with the case, never sent."""
    return shaped(call.omonat.support.threads.comment(case_id, call.key, sent.text, now=call.now), CaseShape)
