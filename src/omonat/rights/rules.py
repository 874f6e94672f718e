"""Pure rules of cases: terms, states, what a hold keeps, who may be chosen at sign-in."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import msgspec

from omonat.grounds import HoldState
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.keystore import Compartment
from omonat.policy import Policy
from omonat.rights.model import CaseStep
from omonat.vault import Candidate as Opens

AT_ONCE = "at_once"

# Where the policy in force does not name the term of a right itself.
_TERMS = {
    "access": "access_answer", "correct": "correction", "erase": "destruction", "object": "objection",
    "suspend": "suspension", "complain": "complaint", "contact": "contact_answer", "contract": "contact_answer",
}  # fmt: skip

OUTCOMES = {
    "carried_out": "done", "corrected": "done", "destroyed": "done", "destroyed_in_part": "done",
    "kept_by_law": "done", "withdrawn": "done", "nothing_to_withdraw": "done", "answered": "done", "told": "done",
    "refused": "refused",
}  # fmt: skip

# Art. 22: the harm to others, information given before, public sources. The last two: nobody to answer, no demand.
REFUSALS = ("harms_others", "informed_before", "public_source", "not_identified", "not_a_demand")


def term_for(policy: Policy, kind: str) -> str:
    """Key of the term in the rule pack for a kind of case; `at_once` for what takes effect with the commit."""
    right = policy.rights.get(kind)
    if right is not None:
        return right.term or AT_ONCE
    return _TERMS.get(kind, AT_ONCE)


def state_after(state: str, outcome: str, reason: str) -> str:
    """open -> done | refused; only `Cases.reopen` leads back. Raises InvalidInput; Denied for a closed case."""
    if outcome not in OUTCOMES:
        raise InvalidInput({"outcome": "Choose one of the outcomes."})
    if outcome == "refused" and reason not in REFUSALS:
        raise InvalidInput({"reason": "A refusal needs one of the reasons that the law knows."})
    if state != "open":
        raise Denied(reasons="case_closed")
    return OUTCOMES[outcome]


def turn_of(steps: Iterable[CaseStep]) -> int:
    """How often a case was reopened: notices of its end are told once per turn."""
    return sum(step.kind == "reopened" for step in steps)


def told_since(steps: Sequence[CaseStep], letter: str) -> bool:
    """Whether a notice was sent, or could go nowhere, since the case was opened or reopened last."""
    for step in reversed(steps):
        if step.kind == "reopened":
            return False
        if step.kind in ("notice_sent", "notice_not_possible") and step.details.get("letter") == letter:
            return True
    return False


class ErasurePlan(msgspec.Struct, frozen=True):
    """`scope` None: the whole subject; empty: the law keeps everything."""

    scope: tuple[Compartment, ...] | None
    kept: tuple[Compartment, ...]

    @property
    def destroys(self) -> bool:
        """Whether there is anything to destroy."""
        return self.scope is None or bool(self.scope)


def plan_erasure(held: Iterable[Compartment], holds: Sequence[HoldState]) -> ErasurePlan:
    """What a deletion destroys and what a law keeps (clauses 6.3, 7.1 b; Art. 17)."""
    parts = sorted(set(held))
    kept = tuple(part for part in parts if any(hold.covers(part.purpose, part.category) for hold in holds))
    if not kept:
        return ErasurePlan(None, ())
    return ErasurePlan(tuple(part for part in parts if part not in kept), kept)


def choose(found: Sequence[Opens], chosen: Sequence[UUID], kind: str) -> tuple[Opens, list[Opens]]:
    """(whom the session opens, whom to merge into him). Raises NotFound or Denied.

    The proven are alternatives: at most one. The claimed may be ticked together as one's own. An e-mail address has
    one holder, so where it is proven somebody chooses that one.
    """
    ticked = [candidate for candidate in found if candidate.subject_id in set(chosen)]
    if not ticked or len(ticked) != len(set(chosen)):
        raise NotFound()
    proven = [candidate for candidate in ticked if candidate.proven]
    if len(proven) > 1:
        raise Denied(reasons="choose_one_person")
    if kind == "email" and not proven and any(candidate.proven for candidate in found):
        raise Denied(reasons="address_has_a_holder")
    first = proven[0] if proven else next(c for c in ticked if c.subject_id == chosen[0])
    return first, [candidate for candidate in ticked if candidate is not first]
