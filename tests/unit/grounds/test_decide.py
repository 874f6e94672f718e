"""The decision on the real policy: which ground carries what, and why not (clauses 3.1, 4.1, 5.1)."""

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from omonat.grounds import Asked, ConsentState, Decision, PersonState, RestrictionState, decide
from omonat.policy import Policy
from omonat.policy.folder.load import read_folder, to_policy

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FOLDER = Path(__file__).parents[3] / "policies" / "iptelefoniya"


@cache
def policy() -> Policy:
    return to_policy(read_folder(FOLDER).source.tree)


def granted(purpose: str, channel: str, *, action: str = "granted", days: int = 100) -> PersonState:
    consent = ConsentState(action, NOW - timedelta(days=1), NOW + timedelta(days=days), "3.2")
    return PersonState(
        state="active", consents={(purpose, channel): consent}, grounds=frozenset({(purpose, "consent")})
    )


def asked(operation: str, purpose: str, category: str, **more: object) -> Asked:
    return Asked(operation=operation, purpose=purpose, category=category, **more)  # type: ignore[arg-type]  # words of a test


def answer(person: PersonState, question: Asked) -> Decision:
    return decide(policy(), person, question, now=NOW)


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.reasons}


def test_consent_by_sending_carries_reading_for_that_purpose_only() -> None:
    person = granted("support", "form")
    assert answer(person, asked("read", "support", "phone")).ground == "consent"
    assert not answer(person, asked("read", "contract", "phone")).allowed
    assert not answer(person, asked("use", "news", "phone", channel="sms")).allowed


def test_an_expired_or_withdrawn_consent_carries_nothing_and_says_so() -> None:
    assert codes(answer(granted("support", "form", days=-1), asked("read", "support", "phone"))) == {"no_ground"}
    withdrawn = answer(granted("support", "form", action="withdrawn"), asked("read", "support", "phone"))
    assert codes(withdrawn) == {"consent_withdrawn"}


def test_news_needs_consent_for_its_own_channel() -> None:
    person = granted("news", "email")
    assert answer(person, asked("use", "news", "email", channel="email")).allowed
    assert not answer(person, asked("use", "news", "phone", channel="sms")).allowed


def test_a_contract_goes_on_when_consent_is_withdrawn() -> None:
    person = PersonState(state="active", grounds=frozenset({("contract", "contract")}))
    assert answer(person, asked("read", "contract", "phone")).ground == "contract"


def test_all_objections_are_named_at_once() -> None:
    decision = answer(PersonState(state="erasing"), asked("disclose", "fishing", "shoe_size", recipient="nobody"))
    assert codes(decision) == {"erased", "purpose_undeclared", "category_undeclared", "recipient_unknown"}


def test_a_recipient_gets_only_what_is_registered_for_it() -> None:
    person = PersonState(state="active", grounds=frozenset({("contract", "contract"), ("support", "consent")}))
    assert answer(person, asked("disclose", "contract", "phone", recipient="contractor")).allowed
    assert not answer(person, asked("disclose", "news", "email", recipient="contractor")).allowed


person_states = st.builds(
    PersonState,
    state=st.sampled_from(["active", "erasing", "erased"]),
    consents=st.dictionaries(
        st.tuples(st.sampled_from(["support", "news", "improve"]), st.sampled_from(["form", "email", "web"])),
        st.builds(
            ConsentState,
            st.sampled_from(["granted", "refused", "withdrawn", "expired"]),
            st.just(NOW - timedelta(days=3)),
            st.sampled_from([None, NOW - timedelta(days=1), NOW + timedelta(days=1)]),
            st.just("3.2"),
        ),
    ),
    restrictions=st.lists(
        st.builds(
            RestrictionState, st.sampled_from(["suspended", "objected"]), st.sampled_from([None, "support", "news"])
        ),
        max_size=2,
    ).map(tuple),
    grounds=st.frozensets(
        st.tuples(st.sampled_from(["support", "contract", "news"]), st.sampled_from(["consent", "contract", "law"]))
    ),
)
questions = st.builds(
    Asked,
    operation=st.sampled_from(["collect", "read", "use", "disclose", "destroy"]),
    purpose=st.sampled_from(["services", "contract", "support", "improve", "news", "legal", "other"]),
    category=st.sampled_from(["name", "email", "phone", "device", "cookies", "other", "passport"]),
    ground=st.sampled_from([None, "consent", "contract", "law"]),
    channel=st.sampled_from([None, "email", "sms"]),
    recipient=st.sampled_from([None, "contractor", "hosting", "state", "stranger"]),
    by_subject=st.booleans(),
)


@given(person_states, questions)
def test_no_answer_is_without_a_reason_and_denied_is_the_default(person: PersonState, question: Asked) -> None:
    decision = answer(person, question)
    assert decision.reasons
    assert decision.allowed == (decision.ground is not None)
    if person.state != "active" or question.purpose == "other" or question.category == "passport":
        assert not decision.allowed


@given(person_states, questions)
def test_promotion_never_rests_on_anything_but_consent(person: PersonState, question: Asked) -> None:
    decision = answer(person, question)
    if decision.allowed and question.purpose == "news" and question.operation in ("use", "disclose"):
        assert decision.ground == "consent"
        assert any(c.action == "granted" for (p, _), c in person.consents.items() if p == "news")


@given(person_states, questions)
def test_a_suspension_stops_all_but_the_person_and_the_law(person: PersonState, question: Asked) -> None:
    suspended = any(restriction.purpose is None for restriction in person.restrictions)
    decision = answer(person, question)
    if suspended and decision.allowed and question.operation in ("read", "use", "disclose"):
        assert question.by_subject or question.purpose == "legal"


@given(person_states, questions)
def test_withdrawing_never_adds_a_right(person: PersonState, question: Asked) -> None:
    without = PersonState(
        state=person.state, restrictions=person.restrictions, holds=person.holds, grounds=person.grounds
    )
    if answer(without, question).allowed:
        assert answer(person, question).allowed
