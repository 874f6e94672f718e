"""What a recipient may have, and who may be written to."""

from datetime import timedelta

import pytest

from harness.places import POLICY
from omonat.disclosure.rules import may_disclose, may_mail
from omonat.grounds import ConsentState, PersonState, RestrictionState
from omonat.kernel.clock import Clock
from omonat.policy import draft

NOW = Clock().now()
FACTS = draft(POLICY, NOW).facts


def person(*restrictions: RestrictionState, news: str = "granted", state: str = "active") -> PersonState:
    expires = NOW + timedelta(days=1) if news == "granted" else None
    said = {("news", "email"): ConsentState(news, NOW, expires, FACTS.number)}
    return PersonState(
        state=state, consents=said, restrictions=restrictions, grounds=frozenset({("contract", "contract")})
    )


def test_a_bound_contractor_gets_what_the_contract_needs() -> None:
    decision = may_disclose(FACTS, person(), "contractor", "contract", ["name", "phone"], now=NOW)
    assert decision.allowed and decision.ground == "contract"


@pytest.mark.parametrize(
    ("recipient", "purpose", "categories", "reason"),
    [
        ("nobody", "contract", ["name"], "recipient_unknown"),
        ("contractor", "support", ["name"], "recipient_not_for_purpose"),
        ("contractor", "contract", ["name", "device"], "recipient_not_for_category"),
        ("contractor", "invented", ["name"], "purpose_undeclared"),
        ("contractor", "contract", [], "nothing_held"),
        ("state", "legal", ["name"], "no_ground"),
    ],
)
def test_one_refused_category_refuses_the_whole(
    recipient: str, purpose: str, categories: list[str], reason: str
) -> None:
    decision = may_disclose(FACTS, person(), recipient, purpose, categories, now=NOW)
    assert not decision.allowed and reason in decision.codes()


def test_suspension_stops_disclosing() -> None:
    suspended = person(RestrictionState("suspended", None))
    assert "suspended" in may_disclose(FACTS, suspended, "contractor", "contract", ["name"], now=NOW).codes()


def test_a_mailing_needs_the_consent_of_its_own_channel() -> None:
    assert may_mail(FACTS, person(), "news", "email", "email", now=NOW)
    assert not may_mail(FACTS, person(), "news", "phone", "sms", now=NOW)
    assert not may_mail(FACTS, person(), "news", "email", "email", now=NOW + timedelta(days=2))
    for stopped in (person(news="withdrawn"), person(news="expired"), person(RestrictionState("objected", "news")),
                    person(RestrictionState("suspended", None)), person(state="erasing")):  # fmt: skip
        assert not may_mail(FACTS, stopped, "news", "email", "email", now=NOW)


def test_a_contract_is_no_ground_for_a_mailing() -> None:
    assert not may_mail(FACTS, person(), "contract", "email", "email", now=NOW)
