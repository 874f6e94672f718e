"""Kinds of device, and how long visits are kept."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.places import POLICY
from omonat.grounds import ConsentState, PersonState
from omonat.kernel.clock import Clock
from omonat.policy import draft
from omonat.statistics import device_class
from omonat.statistics.rules import expired_days, may_count

NOW = Clock().now()
FACTS = draft(POLICY, NOW).facts


@pytest.mark.parametrize(
    ("agent", "expected"),
    [
        ("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36", "phone"),
        ("Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 Chrome/130 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148", "phone"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15", "tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130", "desktop"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop"),
        ("curl/8.5.0", "other"),
        ("", "other"),
    ],
)
def test_the_kind_of_device_is_read_from_the_user_agent(agent: str, expected: str) -> None:
    assert device_class(agent) == expected


@given(st.text(max_size=2000))
def test_any_text_has_a_kind(agent: str) -> None:
    assert device_class(agent) in {"phone", "tablet", "desktop", "other"}


def person(action: str, channel: str = "web", state: str = "active") -> PersonState:
    said = ConsentState(action, NOW, None, FACTS.number)
    return PersonState(state=state, consents={("improve", channel): said})


def test_a_visit_counts_only_while_the_consent_stands() -> None:
    assert may_count(FACTS, person("granted"), now=NOW)
    for nobody in (person("refused"), person("withdrawn"), person("expired"), person("granted", channel="form"),
                   person("granted", state="erasing"), PersonState(state="active")):  # fmt: skip
        assert not may_count(FACTS, nobody, now=NOW)


def test_days_go_when_the_term_of_the_purpose_has_run_out() -> None:
    days = [date(2026, 5, 1), date(2026, 5, 2), date(2026, 5, 3)]
    assert expired_days(FACTS, days, date(2026, 10, 28)) == []  # 180 days after 1 May is 28 October: the last day
    assert expired_days(FACTS, days, date(2026, 10, 29)) == [date(2026, 5, 1)]
    assert expired_days(FACTS, days, date(2027, 1, 1)) == days
