"""The decision for programs: may this be done, to one person or to thousands, and why (clauses 3.1, 4.1, 5.1)."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from omonat.grounds import Asked
from omonat.kernel.ids import SubjectId
from omonat.web.api.bulk import MOST_BYTES
from omonat.web.api.call import Call, shaped
from omonat.web.api.operations import operation
from omonat.web.api.shapes import Moment, Sent, Shape, Word

TAG = "Decisions"
MOST_PEOPLE, MOST_QUESTIONS = 10_000, 20
Purpose = Annotated[Word, Meta(examples=["news"])]


class Question(Sent, frozen=True, kw_only=True):
    """What is asked of the doors. `recipient` for disclosing, `channel` for using, `ground` for collecting."""

    operation: Literal["collect", "read", "use", "disclose", "destroy"]
    purpose: Purpose
    category: Annotated[Word, Meta(examples=["phone"])]
    recipient: Word | None = None
    channel: Word | None = None
    ground: Literal["consent", "contract", "law"] | None = None


class DecisionSent(Question, frozen=True, kw_only=True):
    """A question to the doors about one person."""

    subject_id: UUID


class DecisionReason(Shape, frozen=True, kw_only=True):
    """Why: a stable code, the clause of the policy and the article of the law behind it."""

    code: str
    clause: str
    article: str
    detail: str


class DecisionShape(Shape, frozen=True, kw_only=True):
    """Yes or no, the ground that carries a yes, and every reason."""

    allowed: bool
    ground: str | None
    reasons: list[DecisionReason]


class DecisionsSent(Sent, frozen=True, kw_only=True):
    """Questions to the doors about many people. Somebody named twice is answered twice."""

    questions: Annotated[list[Question], Meta(min_length=1, max_length=MOST_QUESTIONS)]
    subject_ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_PEOPLE)]


class DecisionsShape(Shape, frozen=True, kw_only=True):
    """`answers[question][person]`, in the order of what was asked, is a place in `legend`.

    The same places mean other answers in another call. `at`: the moment that the answers are of.
    """

    at: Moment
    policy_number: str
    answers: list[list[Annotated[int, Meta(ge=0)]]]
    legend: list[DecisionShape]


@operation("POST", "/decisions", id="decide", right="person.find", tag=TAG, safe=True)
def decide_on(call: Call, sent: DecisionSent) -> DecisionShape:
    """May this be done, and why or why not? Nothing is opened and nothing changes.

    The key must carry the purpose. The door itself asks again inside its own transaction: an answer of a moment ago is
    no permission.
    """
    call.require_purpose(sent.purpose)
    return shaped(call.omonat.vault.decide(SubjectId(sent.subject_id), _asked(sent), call.now), DecisionShape)


@operation(
    "POST", "/decisions/bulk", id="decideOnMany", right="person.find", tag=TAG, safe=True, most_bytes=MOST_BYTES
)  # fmt: skip
def decide_on_many(call: Call, sent: DecisionsSent) -> DecisionsShape:
    """May this be done to each of up to 10,000 people? Every answer with its reasons, by its place in a legend.

    The key must carry every purpose that is asked about. One moment and one policy for all. Nothing is opened and
    nothing is journalled: a decision is no reading and no use. Whoever is not held (any more) is answered as erased.
    The door itself asks again.
    """
    for question in sent.questions:
        call.require_purpose(question.purpose)
    people = [SubjectId(one) for one in sent.subject_ids]
    purposes = sorted({one.purpose for one in sent.questions})
    omonat = call.omonat
    with omonat.database.read() as tx:
        snapshot = omonat.vault.snapshot(tx, people, call.now, purposes=purposes)
        number = omonat.policies.in_force(tx).number
    found = [snapshot.answers_for(people, _asked(one)) for one in sent.questions]
    places: dict[int, int] = {}
    answers = [[places.setdefault(one, len(places)) for one in row] for row in found]
    legend = [shaped(snapshot.table.answer(one), DecisionShape) for one in places]
    return DecisionsShape(at=call.now, policy_number=number, answers=answers, legend=legend)


def _asked(question: Question) -> Asked:
    return Asked(
        operation=question.operation, purpose=question.purpose, category=question.category,
        recipient=question.recipient, channel=question.channel, ground=question.ground,
    )  # fmt: skip
