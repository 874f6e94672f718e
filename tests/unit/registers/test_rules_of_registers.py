"""Spans, cursors and the plan of a policy as pure rules."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID, uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as some

from harness.places import POLICY
from omonat.policy import Policy, Term, draft
from omonat.registers import cursor, effect, is_cursor
from omonat.registers.model import Held
from omonat.registers.rules import days, months, read_cursor

NOW = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)  # the 23rd in Tashkent
MOMENTS = some.datetimes(datetime(2001, 1, 1), datetime(2099, 1, 1), timezones=some.just(UTC))


@pytest.fixture(scope="module")
def policy() -> Policy:
    return draft(POLICY, NOW).facts


# --- spans and cursors ------------------------------------------------------------------------------------------------


@given(MOMENTS, some.integers(0, 30), some.integers(0, 30))
def test_months_follow_one_another_without_a_gap(now: datetime, back: int, ahead: int) -> None:
    found = months(now, back=back, ahead=ahead)
    assert len(found) == back + ahead + 1
    assert all(one.end == later.start for one, later in pairwise(found))
    assert found[back].start <= now < found[back].end


@given(MOMENTS, some.integers(0, 40))
def test_days_end_with_today_of_tashkent(now: datetime, back: int) -> None:
    found = days(now, back)
    assert len(found) == back + 1 and found[-1].start <= now < found[-1].end
    assert {one.end - one.start for one in found} == {timedelta(days=1)}


@given(MOMENTS)
def test_a_cursor_is_read_back(at: datetime) -> None:
    row_id = uuid4()
    assert read_cursor(cursor(at, row_id)) == (at, row_id)


NO_ZONE = f"2026-01-01T00:00:00~{UUID(int=7)}"


@pytest.mark.parametrize("text", ["", "~", "2026-01-01~", "x~y", NO_ZONE, "9" * 50], ids=range(6))
def test_what_is_no_cursor_is_none(text: str) -> None:
    assert not is_cursor(text)


def test_a_span_is_named_by_its_day_in_tashkent() -> None:
    assert days(NOW, 0)[0].name == "2026-11-23" and months(NOW)[0].name == "2026-11"


# --- the plan ---------------------------------------------------------------------------------------------------------

HELD = Held(
    records={("news", "email", "consent"): 4, ("contract", "phone", "contract"): 3, ("support", "name", "consent"): 2},
    consents={
        ("news", "email", "3.2"): 4,
        ("news", "sms", "3.2"): 1,
        ("improve", "web", "3.2"): 7,
        ("contract", "to:contractor", "3.2"): 1,
    },
    disclosures={"contractor": 5},
)


def changed(policy: Policy, name: str, **fields: object) -> Policy:
    purposes = {**policy.purposes, name: msgspec.structs.replace(policy.purposes[name], **fields)}
    return msgspec.structs.replace(policy, purposes=purposes)


def without(policy: Policy, part: str, name: str) -> Policy:
    return msgspec.structs.replace(
        policy, **{part: {key: one for key, one in getattr(policy, part).items() if key != name}}
    )


def test_the_same_policy_has_no_effect_but_on_what_it_never_allowed(policy: Policy) -> None:
    found = effect(
        policy, policy, msgspec.structs.replace(HELD, consents={("news", "email", "3.2"): 4}), {"3.2": policy}
    )
    assert not (found.consents or found.blocked or found.terms or found.recipients or found.asks_again)


def test_a_purpose_that_goes_voids_its_consents_and_blocks_its_data(policy: Policy) -> None:
    found = effect(policy, without(policy, "purposes", "news"), HELD, {"3.2": policy})
    assert {(one.purpose, one.channel, one.why) for one in found.consents} >= {
        ("news", "email", "purpose_undeclared"), ("news", "sms", "purpose_undeclared"),
    }  # fmt: skip
    assert [(one.purpose, one.category, one.count, one.why) for one in found.blocked] == [
        ("news", "email", 4, "purpose_undeclared")
    ]


def test_a_channel_a_ground_and_a_category_that_go(policy: Policy) -> None:
    found = effect(policy, changed(policy, "news", channels=("email",)), HELD, {"3.2": policy})
    assert ("news", "sms", 1, "channel_gone") in {
        (one.purpose, one.channel, one.count, one.why) for one in found.consents
    }
    found = effect(policy, changed(policy, "support", grounds=("contract",)), HELD, {"3.2": policy})
    assert [(one.category, one.why) for one in found.blocked] == [("name", "ground_gone")]
    found = effect(policy, changed(policy, "contract", categories=("name",)), HELD, {"3.2": policy})
    assert [(one.category, one.why) for one in found.blocked] == [("phone", "category_not_for_purpose")]


def test_a_term_and_a_recipient_that_change(policy: Policy) -> None:
    found = effect(policy, changed(policy, "contract", keep=Term(5, "year", "collection")), HELD, {"3.2": policy})
    assert ("phone", 3) in {(one.category, one.count) for one in found.terms if one.purpose == "contract"}
    found = effect(policy, without(policy, "recipients", "contractor"), HELD, {"3.2": policy})
    assert [(one.recipient, one.change, one.count) for one in found.recipients] == [("contractor", "removed", 5)]
    found = effect(without(policy, "recipients", "contractor"), policy, HELD, {"3.2": policy})
    assert [(one.recipient, one.change) for one in found.recipients] == [("contractor", "added")]


def test_the_plan_names_the_purposes_about_which_visitors_are_asked_again(policy: Policy) -> None:
    assert effect(None, policy, HELD, {"3.2": policy}).asks_again == ("improve",)
    ads = msgspec.structs.replace(policy.cookies["omonat_visit"], purpose="news")
    two = msgspec.structs.replace(policy, cookies={**policy.cookies, "ads": ads})
    assert effect(policy, two, HELD, {"3.2": policy}).asks_again == ("news",)
    longer = msgspec.structs.replace(ads, keep_days=365)
    three = msgspec.structs.replace(two, cookies={**two.cookies, "ads": longer})
    assert effect(two, three, HELD, {"3.2": policy}).asks_again == ("news",)
    assert effect(two, policy, HELD, {"3.2": policy}).asks_again == ()
