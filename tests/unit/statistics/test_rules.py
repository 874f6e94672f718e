"""Who may be counted, how long visits are kept, and what is shown of the counts."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.places import POLICY
from omonat.grounds import ConsentState, PersonState
from omonat.kernel.clock import Clock
from omonat.policy import draft
from omonat.statistics.model import Fact
from omonat.statistics.rules import PERIODS, expired_days, first_day, kept_since, last_closed, may_count, spans, summary

NOW = Clock().now()
UNHURRIED = settings(deadline=None)  # a slow machine is no fault
FACTS = draft(POLICY, NOW).facts


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


def test_the_days_that_are_kept_are_told_from_those_that_are_not() -> None:
    today = date(2026, 10, 29)
    assert kept_since(FACTS, date(2026, 5, 2), today) == date(2026, 5, 2)
    assert kept_since(FACTS, date(2025, 1, 1), today) == date(2026, 5, 2)


def test_a_day_is_closed_an_hour_after_its_end() -> None:
    late = NOW.replace(hour=19, minute=30)  # half past midnight of the next day in Tashkent
    assert last_closed(late + timedelta(hours=1)) - last_closed(late) == timedelta(days=1)


@pytest.mark.parametrize("today", [date(2026, 11, 28), date(2026, 1, 31), date(2024, 2, 29)])
def test_periods_end_today(today: date) -> None:
    assert [(today - first_day(period, today)).days + 1 for period in PERIODS[:3]] == [7, 30, 90]
    first = first_day(365, today)
    assert first.day == 1 and (first.year, first.month) == (
        (today.year, 1) if today.month == 12 else (today.year - 1, today.month + 1)
    )


COUNTS = st.integers(0, 9)
DAYS = st.dates(date(2025, 12, 1), date(2026, 11, 28))


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """Counts of any days, as the store gives them."""
    kinds = st.sampled_from(["visitors", "view", "source", "path", "form", "consent"])
    words = {"consent": st.sampled_from(["granted", "refused", "withdrawn"]),
             "form": st.sampled_from(["order", "contact"])}  # fmt: skip
    steps = {"form": st.sampled_from(["seen", "started", "finished"]), "path": st.sampled_from(["/b", "/c"])}
    made = []
    for kind in draw(st.lists(kinds, max_size=25)):
        name = "" if kind == "visitors" else draw(words.get(kind, st.sampled_from(["/a", "/b"])))
        visitors = draw(COUNTS)
        made.append(
            Fact(draw(DAYS), kind, name, draw(steps.get(kind, st.just(""))), "", visitors + draw(COUNTS), visitors)
        )
    return made


@UNHURRIED
@given(facts(), st.sampled_from(PERIODS))
def test_spans_hold_what_the_days_hold(found: Sequence[Fact], period: int) -> None:
    today = date(2026, 11, 28)
    first = first_day(period, today)
    within = [one for one in found if one.day is not None and first <= one.day <= today]
    seen = summary(within, first, today, kept_since=None)
    shown = spans(seen)
    assert len(shown) == {7: 7, 30: 30, 90: 13, 365: 12}[period]
    assert [one.first_on for one in shown] == sorted({one.first_on for one in shown})
    total = {kind: sum(one.total for one in within if one.fact == kind) for kind in ("visitors", "view", "consent")}
    assert sum(one.visitors for one in shown) == total["visitors"]
    assert sum(one.views for one in shown) == total["view"]
    assert sum(one.granted + one.refused + one.withdrawn for one in shown) == total["consent"]
    assert all(one.rate is None or 0 <= one.rate <= 100 for one in shown)


@UNHURRIED
@given(facts())
def test_no_small_group_is_shown_and_no_large_one_is_missing(found: Sequence[Fact]) -> None:
    seen = summary(found, date(2025, 12, 1), date(2026, 11, 28), kept_since=None)
    of = {
        kind: {key: sum(one.visitors for one in found if one.fact == kind and (one.a, one.b) == key)
               for key in {(one.a, one.b) for one in found if one.fact == kind}}
        for kind in ("source", "path")
    }  # fmt: skip
    assert {share.name for share in seen.sources} == {name for (name, _), count in of["source"].items() if count >= 3}
    assert {(one.page, one.next_page) for one in seen.paths} == {key for key, count in of["path"].items() if count >= 3}
    assert seen.hidden == any(0 < count < 3 for kind in of.values() for count in kind.values())
