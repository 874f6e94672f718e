"""The pure rules of the rights: terms, states, what a hold keeps, who may be chosen at sign-in."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.places import POLICY
from omonat.grounds import HoldState
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.kernel.ids import IdentifierId, SubjectId
from omonat.keystore import Compartment
from omonat.law import read_rule_pack
from omonat.policy import Policy, draft
from omonat.rights import rules
from omonat.rights.model import KINDS
from omonat.vault import Candidate

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WORDS = st.sampled_from(["contract", "support", "news", "legal"])
PARTS = st.builds(Compartment, WORDS, st.sampled_from(["name", "phone", "email"]))
HOLDS = st.builds(
    HoldState, st.none() | WORDS, st.none() | st.sampled_from(["name", "phone"]), st.just("accounting"),
    st.just(date(2030, 1, 1)),
)  # fmt: skip


@pytest.fixture(scope="module")
def policy() -> Policy:
    return draft(POLICY, NOW).facts


def test_every_kind_of_case_has_a_term_of_the_rule_pack_or_takes_effect_at_once(policy: Policy) -> None:
    terms = {kind: rules.term_for(policy, kind) for kind in KINDS if kind != "incident"}  # names its own
    assert {kind for kind, term in terms.items() if term == rules.AT_ONCE} == {"withdraw", "confirm"}
    pack = read_rule_pack(policy.law)
    assert all(term == rules.AT_ONCE or pack.term(term).days >= 0 for term in terms.values())
    assert (terms["correct"], pack.term(terms["correct"]).days) == ("correction", 3)


@given(state=st.sampled_from(["open", "done", "refused"]), outcome=st.sampled_from([*rules.OUTCOMES, "else"]),
       reason=st.sampled_from(["", "else", *rules.REFUSALS]))  # fmt: skip
def test_a_case_goes_from_open_to_an_end_and_never_back(state: str, outcome: str, reason: str) -> None:
    may = state == "open" and outcome in rules.OUTCOMES and (outcome != "refused" or reason in rules.REFUSALS)
    if may:
        assert rules.state_after(state, outcome, reason) == ("refused" if outcome == "refused" else "done")
    else:
        with pytest.raises((Denied, InvalidInput)):
            rules.state_after(state, outcome, reason)


@given(held=st.lists(PARTS), holds=st.lists(HOLDS, max_size=3))
def test_every_part_is_either_kept_by_a_law_or_destroyed(held: list[Compartment], holds: list[HoldState]) -> None:
    plan = rules.plan_erasure(held, holds)
    covered = {part for part in held if any(hold.covers(*part) for hold in holds)}
    assert set(plan.kept) == covered
    if not covered:
        assert plan.scope is None
    else:
        assert plan.scope is not None and set(plan.scope) == set(held) - covered
    assert plan.destroys == (not covered or set(held) != covered)


def _candidate(number: int, proven: bool) -> Candidate:
    ids = {"subject_id": SubjectId(UUID(int=number)), "identifier_id": IdentifierId(UUID(int=number))}
    return Candidate(**ids, proven=proven, created_at=NOW)


@given(
    proven=st.lists(st.booleans(), min_size=1, max_size=5), ticked=st.lists(st.integers(0, 6), max_size=5),
    kind=st.sampled_from(["email", "phone"]),
)  # fmt: skip
def test_a_choice_opens_one_person_and_merges_nothing_that_is_proven_or_was_not_ticked(
    proven: list[bool], ticked: list[int], kind: str
) -> None:
    found = [_candidate(number, state) for number, state in enumerate(proven)]
    chosen = [UUID(int=number) for number in ticked]
    try:
        main, others = rules.choose(found, chosen, kind)
    except (Denied, NotFound):
        return
    assert {main.subject_id, *(other.subject_id for other in others)} == set(chosen)
    assert not any(other.proven for other in others)
    assert main.proven or kind == "phone" or not any(proven)
