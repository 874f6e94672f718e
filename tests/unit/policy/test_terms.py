"""Terms (6.3): calendar days of Asia/Tashkent, to the end of the last day, from the event that the policy names."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.policy_folder import real_policy
from omonat.kernel.clock import TASHKENT, local_date
from omonat.policy import Term

AMOUNTS = {"day": 36_500, "month": 1_200, "year": 100}
TERMS = st.sampled_from(list(AMOUNTS)).flatmap(
    lambda unit: st.builds(
        Term,
        st.integers(1, AMOUNTS[unit]),
        st.just(unit),
        st.sampled_from(["collection", "withdrawal", "case_closed"]),
    )
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("words", "term"),
    [
        ("1 year after collection", Term(1, "year", "collection")),
        ("30 days after case closed", Term(30, "day", "case_closed")),
        ("10 days after withdrawal", Term(10, "day", "withdrawal")),
        ("3 years", Term(3, "year", "collection")),
        ("until withdrawal", Term(0, "day", "withdrawal")),
    ],
)
def test_words(words: str, term: Term) -> None:
    assert Term.parse(words) == term


@pytest.mark.parametrize("words", ["", "forever", "0 days", "-1 day", "101 years", "1 week", "1 year after x", "١ day"])
def test_words_that_are_no_term(words: str) -> None:
    with pytest.raises(ValueError, match="is not a term"):
        Term.parse(words)


@settings(deadline=None)
@given(TERMS)
def test_words_are_read_back(term: Term) -> None:
    assert Term.parse(term.words()) == term


@settings(deadline=None)
@given(TERMS, MOMENTS)
def test_a_term_ends_at_midnight_in_tashkent(term: Term, start: datetime) -> None:
    end = term.end(start, term.after)
    assert end is not None
    after = (end + timedelta(microseconds=1)).astimezone(TASHKENT)
    assert (after.hour, after.minute, after.second, after.microsecond) == (0, 0, 0, 0)
    assert end > start
    assert local_date(end) == term.last_day(local_date(start))


@settings(deadline=None)
@given(TERMS, MOMENTS, MOMENTS)
def test_what_starts_later_never_ends_earlier(term: Term, one: datetime, other: datetime) -> None:
    first, second = (term.end(start, term.after) for start in sorted((one, other)))
    assert first is not None
    assert second is not None
    assert first <= second


@settings(deadline=None)
@given(TERMS, MOMENTS, st.sampled_from(["collection", "withdrawal", "case_closed"]))
def test_only_the_named_event_starts_a_term(term: Term, start: datetime, event: str) -> None:
    assert (term.end(start, event) is not None) == (event == term.after)  # type: ignore[arg-type]


def test_until_withdrawal_ends_with_it() -> None:
    at = datetime(2026, 5, 4, 7, 0, tzinfo=UTC)
    assert Term.parse("until withdrawal").end(at) is None
    assert Term.parse("until withdrawal").end(at, "withdrawal") == at


def test_each_compartment_has_a_term() -> None:
    policy = real_policy()
    assert policy.keep_for("support", "phone") == Term(1, "year", "collection")
    assert policy.keep_for("support", "device") == Term(180, "day", "collection")
    with pytest.raises(KeyError):
        policy.keep_for("support", "passport")
    with pytest.raises(KeyError):
        policy.keep_for("resale", "phone")
