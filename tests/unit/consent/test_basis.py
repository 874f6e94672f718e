"""The banner asks again about exactly the purposes whose choice rests on something that has changed (8.1, 9.2)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy_folder import real_policy
from omonat.consent.rules import bases, cookie_purposes
from omonat.policy import Policy, why_void

Change = Callable[[Policy], Policy]


def part(kind: str, name: str, **fields: Any) -> Change:
    """One purpose, recipient or cookie with other fields."""

    def changed(policy: Policy) -> Policy:
        held = getattr(policy, kind)
        return msgspec.structs.replace(policy, **{kind: {**held, name: msgspec.structs.replace(held[name], **fields)}})

    return changed


def both(*changes: Change) -> Change:
    def changed(policy: Policy) -> Policy:
        for change in changes:
            policy = change(policy)
        return policy

    return changed


def two_purposes() -> Policy:
    """The real policy, whose banner asks about `improve` and `news`; `contractor` is named for both, gets nothing."""
    policy = real_policy()
    counted = policy.cookies["omonat_visit"]
    cookies = {**policy.cookies, "ads": msgspec.structs.replace(counted, purpose="news")}
    named = part("recipients", "contractor", purposes=("improve", "news"), categories=("other",))
    return named(msgspec.structs.replace(policy, cookies=cookies))


BASE = two_purposes()
HOSTING = BASE.recipients["hosting"]

ASKS: dict[str, tuple[Change, set[str]]] = {
    "a category of the purpose": (part("recipients", "contractor", categories=("other", "visits")), {"improve"}),
    "of the second purpose, beside one of the first": (
        part("recipients", "contractor", categories=("other", "visits", "name")), {"improve", "news"},
    ),
    "of the second purpose alone": (part("recipients", "contractor", categories=("other", "name")), {"news"}),
    "the recipient goes abroad": (part("recipients", "hosting", country="DE"), {"improve", "news"}),
    "a further purpose": (
        part("recipients", "sms_gateway", purposes=("improve", "news"), categories=("phone", "visits")), {"improve"},
    ),
    "the purpose gets a category that the recipient has": (
        part("purposes", "improve", categories=("cookies", "visits", "other")), {"improve"},
    ),
    "the recipient is gone": (part("recipients", "hosting", purposes=("contract",)), {"improve", "news"}),
    "a cookie goes to another purpose": (part("cookies", "omonat_visit", purpose="news"), {"news"}),
    "a cookie lasts longer": (part("cookies", "omonat_visit", keep_days=365), {"improve"}),
    "a cookie lasts longer for the other purpose": (part("cookies", "ads", keep_days=365), {"news"}),
    "a purpose loses the ground consent": (part("purposes", "improve", grounds=("contract",)), {"improve"}),
    "it rests on another ground, too": (part("purposes", "news", grounds=("consent", "contract")), set()),
}  # fmt: skip

DOES_NOT = {
    "named for the purpose, without a category of it": part("recipients", "state", purposes=("legal", "improve")),
    "a category of another purpose": part("recipients", "contractor", categories=("other", "device")),
    "a further category of one that gets some": part(
        "recipients", "hosting", categories=tuple(name for name in HOSTING.categories if name != "cookies")
    ),
    "another purpose of the recipient": part("recipients", "contractor", purposes=("improve", "news", "legal")),
    "one abroad that gets nothing of it": part("recipients", "state", country="DE"),
    "a necessary cookie": part("cookies", "__Host-omonat_staff", keep_days=2),
}


def asked_again(before: Policy, after: Policy) -> set[str]:
    return {purpose for purpose, now in bases(after).items() if now != bases(before).get(purpose)}


@pytest.mark.parametrize(("change", "purposes"), ASKS.values(), ids=ASKS)
def test_what_a_choice_rests_on_changes_the_basis_of_its_purpose_alone(change: Change, purposes: set[str]) -> None:
    after = change(BASE)
    assert asked_again(BASE, after) == purposes
    void = {purpose for purpose in cookie_purposes(after) if why_void(BASE, after, purpose, "web")}
    assert void <= purposes


def test_what_waits_no_longer_is_not_asked_about() -> None:
    after = part("cookies", "omonat_visit", necessary=True)(BASE)
    assert set(bases(after)) == {"news"}
    assert not asked_again(BASE, after)


@pytest.mark.parametrize("change", DOES_NOT.values(), ids=DOES_NOT)
def test_nothing_else_changes_it(change: Change) -> None:
    assert bases(change(BASE)) == bases(BASE)
    assert not any(why_void(BASE, change(BASE), purpose, "web") for purpose in cookie_purposes(BASE))


def test_a_recipient_of_one_purpose_that_newly_gets_data_of_another_is_asked_about() -> None:
    before = part("recipients", "contractor", categories=("visits",))(BASE)
    after = part("recipients", "contractor", categories=("visits", "name"))(before)
    assert (why_void(before, after, "improve", "web"), why_void(before, after, "news", "web")) == (
        "",
        "recipient_added",
    )
    assert asked_again(before, after) == {"news"}


GOING = st.lists(st.sampled_from(["cookies", "visits", "name", "other"]), unique=True).map(tuple)
FACTS: list[tuple[str, str, st.SearchStrategy[dict[str, Any]]]] = [
    *(("recipients", name, st.fixed_dictionaries({}, optional={
        "country": st.sampled_from(["UZ", "DE"]), "categories": GOING,
        "purposes": st.lists(st.sampled_from(["improve", "news", "legal"]), unique=True).map(tuple),
    })) for name in ("contractor", "hosting")),
    *(("cookies", name, st.fixed_dictionaries({}, optional={
        "purpose": st.sampled_from(["improve", "news"]), "necessary": st.booleans(),
    })) for name in ("omonat_visit", "ads")),
    *(("purposes", name, st.fixed_dictionaries({}, optional={
        "categories": GOING, "grounds": st.sampled_from([("consent",), ("contract",), ("consent", "law")]),
    })) for name in ("improve", "news")),
]  # fmt: skip
CHANGE = st.sampled_from(FACTS).flatmap(lambda it: st.tuples(st.just(it[0]), st.just(it[1]), it[2]))


@settings(max_examples=300, deadline=None)
@given(st.lists(CHANGE, max_size=4), CHANGE)
def test_wherever_a_choice_is_void_the_banner_asks(
    drawn: list[tuple[str, str, dict[str, Any]]], last: tuple[str, str, dict[str, Any]]
) -> None:
    before = both(*(part(kind, name, **fields) for kind, name, fields in drawn))(BASE)
    after = part(last[0], last[1], **last[2])(before)
    both_ask = set(cookie_purposes(before)) & set(cookie_purposes(after))
    void = {purpose for purpose in both_ask if why_void(before, after, purpose, "web")}
    if all("consent" in before.purposes[purpose].grounds for purpose in void):  # else there was nothing to make void
        assert void <= asked_again(before, after)
