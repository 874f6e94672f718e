"""The rule pack of Uzbekistan: numbers as in the law, each with its mark; nothing of ours passes for the law's."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omonat.kernel.errors import Misconfigured
from omonat.kernel.language import LANGUAGES
from omonat.law import UnknownRule, last_day, read_rule_pack

PACK = read_rule_pack("uz")


@pytest.mark.parametrize(
    ("key", "days", "article", "mark"),
    [
        ("notice_third_party", 3, "23", "verified"),
        ("correction", 3, "11", "verified"),
        ("correction_obvious", 0, "11", "verified"),
        ("refusal_notice", 10, "22", "verified"),
        ("automated_objection", 10, "24", "verified"),
        ("register_change", 10, "20", "verified"),
        ("register_decision", 15, "20", "secondary"),
        ("destruction", 10, "17", "policy_default"),
        ("access_answer", 10, "22", "policy_default"),
        ("suspension", 3, "30", "policy_default"),
        ("complaint", 10, "30", "policy_default"),
        ("objection", 10, "30", "policy_default"),
        ("contact_answer", 10, "30", "policy_default"),
    ],
)
def test_terms(key: str, days: int, article: str, mark: str) -> None:
    term = PACK.term(key)
    assert (term.days, term.article, term.mark) == (days, article, mark)


def test_what_only_a_secondary_source_says_is_marked() -> None:
    accounting = PACK.hold("accounting")
    assert (accounting.amount, accounting.unit, accounting.mark) == (5, "year", "secondary")
    assert accounting.last_day(date(2026, 5, 1)) == date(2031, 5, 1)
    assert PACK.hold("e_invoice").mark == "verified"


def test_every_rule_names_a_source_and_every_text_is_in_four_languages() -> None:
    named = (PACK.terms, PACK.holds, PACK.articles, PACK.definitions, PACK.consent_forms)
    for rules in named:
        for rule in rules.values():
            assert rule.source in PACK.sources
    for rule in (*PACK.terms.values(), *PACK.holds.values(), *PACK.articles.values()):
        assert set(rule.labels) == set(LANGUAGES)
    for text in (PACK.law.name, PACK.authority.name, PACK.law.short):
        assert set(text) == set(LANGUAGES)


def test_articles_that_rules_cite_are_in_the_pack() -> None:
    assert {term.article for term in PACK.terms.values()} <= set(PACK.articles)


def test_a_term_runs_to_the_end_of_its_last_day_in_tashkent() -> None:
    late_evening = datetime(2026, 5, 1, 18, 59, 59, tzinfo=UTC)  # 23:59:59 in Tashkent
    after_midnight = datetime(2026, 5, 1, 19, 0, tzinfo=UTC)
    assert PACK.term("correction").end(late_evening) == datetime(2026, 5, 4, 18, 59, 59, 999999, tzinfo=UTC)
    assert PACK.term("correction").end(after_midnight) == datetime(2026, 5, 5, 18, 59, 59, 999999, tzinfo=UTC)


def test_unknown_names_are_refused() -> None:
    with pytest.raises(UnknownRule):
        PACK.term("nothing")
    with pytest.raises(UnknownRule):
        PACK.hold("nothing")
    with pytest.raises(Misconfigured):
        read_rule_pack("../uz")


def test_the_end_of_a_month_stays_within_the_month() -> None:
    assert last_day(date(2024, 2, 29), 1, "year") == date(2025, 2, 28)
    assert last_day(date(2026, 1, 31), 1, "month") == date(2026, 2, 28)
    assert last_day(date(2026, 12, 15), 1, "month") == date(2027, 1, 15)


DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))


@settings(deadline=None)
@given(DAYS, st.integers(0, 90))
def test_years_are_twelve_months(first: date, amount: int) -> None:
    assert last_day(first, amount, "year") == last_day(first, amount * 12, "month")


@settings(deadline=None)
@given(DAYS, st.integers(0, 400), st.integers(0, 400), st.sampled_from(["day", "month"]))
def test_a_longer_term_never_ends_earlier(first: date, one: int, other: int, unit: str) -> None:
    shorter, longer = sorted((one, other))
    assert last_day(first, shorter, unit) <= last_day(first, longer, unit)  # type: ignore[arg-type]
