"""The banner asks again where what a cookie choice rests on has changed, and so wherever it became void (8.1, 9.2)."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy_folder import real_policy
from omonat.consent.rules import basis, cookie_purposes
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

ASKS = {
    "a category of the purpose": part("recipients", "contractor", categories=("other", "visits")),
    "of the second purpose, beside one of the first": both(
        part("recipients", "contractor", categories=("other", "visits")),
        part("recipients", "contractor", categories=("other", "visits", "name")),
    ),
    "the recipient goes abroad": part("recipients", "hosting", country="DE"),
    "a further purpose": part(
        "recipients", "sms_gateway", purposes=("improve", "news"), categories=("phone", "visits")
    ),
    "the purpose gets a category that the recipient has": part(
        "purposes", "improve", categories=("cookies", "visits", "other")
    ),
    "the recipient is gone": part("recipients", "hosting", purposes=("contract",)),
    "a cookie goes to another purpose": part("cookies", "omonat_visit", purpose="news"),
    "a cookie waits no longer": part("cookies", "omonat_visit", necessary=True),
    "a cookie lasts longer": part("cookies", "omonat_visit", keep_days=365),
}

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


@pytest.mark.parametrize("change", ASKS.values(), ids=ASKS)
def test_what_a_choice_rests_on_changes_its_basis(change: Change) -> None:
    assert basis(change(BASE)) != basis(BASE)


@pytest.mark.parametrize("change", DOES_NOT.values(), ids=DOES_NOT)
def test_nothing_else_changes_it(change: Change) -> None:
    assert basis(change(BASE)) == basis(BASE)
    assert not any(why_void(BASE, change(BASE), purpose, "web") for purpose in cookie_purposes(BASE))


def test_a_recipient_of_one_purpose_that_newly_gets_data_of_another_is_asked_about() -> None:
    before = part("recipients", "contractor", categories=("visits",))(BASE)
    after = part("recipients", "contractor", categories=("visits", "name"))(before)
    assert (why_void(before, after, "improve", "web"), why_void(before, after, "news", "web")) == (
        "",
        "recipient_added",
    )
    assert basis(before) != basis(after)


GOING = st.lists(st.sampled_from(["cookies", "visits", "name", "other"]), unique=True).map(tuple)
FACTS: list[tuple[str, str, st.SearchStrategy[dict[str, Any]]]] = [
    *(("recipients", name, st.fixed_dictionaries({}, optional={
        "country": st.sampled_from(["UZ", "DE"]), "categories": GOING,
        "purposes": st.lists(st.sampled_from(["improve", "news", "legal"]), unique=True).map(tuple),
    })) for name in ("contractor", "hosting")),
    *(("cookies", name, st.fixed_dictionaries({}, optional={
        "purpose": st.sampled_from(["improve", "news"]), "necessary": st.booleans(),
    })) for name in ("omonat_visit", "ads")),
    *(("purposes", name, st.fixed_dictionaries({}, optional={"categories": GOING})) for name in ("improve", "news")),
]  # fmt: skip
CHANGE = st.sampled_from(FACTS).flatmap(lambda it: st.tuples(st.just(it[0]), st.just(it[1]), it[2]))


@settings(max_examples=300, deadline=None)
@given(st.lists(CHANGE, max_size=4), CHANGE)
def test_wherever_a_choice_is_void_the_banner_asks(
    drawn: list[tuple[str, str, dict[str, Any]]], last: tuple[str, str, dict[str, Any]]
) -> None:
    before = both(*(part(kind, name, **fields) for kind, name, fields in drawn))(BASE)
    after = part(last[0], last[1], **last[2])(before)
    asked = set(cookie_purposes(before)) & set(cookie_purposes(after))
    if any(why_void(before, after, purpose, "web") for purpose in asked):
        assert basis(before) != basis(after)
