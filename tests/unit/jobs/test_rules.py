"""Which errors are tried again, what leaves a step, and when periodic work is due."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from omonat.jobs import Periodic
from omonat.jobs.rules import failure_code, may_be_repeated, newest_turn
from omonat.kernel.errors import Denied, Misconfigured, Overloaded

SWEEP = Periodic(kind="sweep", daily_at=time(3, 0))
MOMENTS = some.datetimes(
    min_value=datetime(2020, 1, 1), max_value=datetime(2100, 1, 1), timezones=some.just(UTC)
)  # fmt: skip


def test_a_foreign_error_leaves_as_a_code_and_not_as_its_text() -> None:
    assert failure_code(ValueError("anvar@example.uz is no number")) == "internal"
    assert failure_code(Misconfigured(what="anvar@example.uz", fix="")) == "misconfigured"


def test_temporary_and_unforeseen_errors_are_tried_again_and_permanent_ones_not() -> None:
    assert may_be_repeated(Overloaded())
    assert may_be_repeated(ConnectionError())
    assert not may_be_repeated(Denied(reasons="no_consent"))


@pytest.mark.parametrize(
    ("now", "key"),
    [
        (datetime(2026, 11, 21, 21, 59, tzinfo=UTC), "sweep:2026-11-21"),  # 02:59 in Tashkent
        (datetime(2026, 11, 21, 22, 0, tzinfo=UTC), "sweep:2026-11-22"),  # 03:00
        (datetime(2026, 11, 22, 20, 0, tzinfo=UTC), "sweep:2026-11-22"),  # 01:00 of the next day
    ],
)
def test_a_nightly_sweep_is_due_at_three_in_tashkent(now: datetime, key: str) -> None:
    assert newest_turn(SWEEP, now)[0] == key


def test_a_turn_each_minute_is_named_after_its_minute() -> None:
    resume = Periodic(kind="resume", every=timedelta(minutes=1))
    assert newest_turn(resume, datetime(2026, 11, 22, 3, 4, 59, 999, tzinfo=UTC))[0] == "resume:2026-11-22T03:04:00Z"


def test_work_that_names_no_time_is_refused() -> None:
    with pytest.raises(ValueError, match="daily_at or every"):
        newest_turn(Periodic(kind="never"), datetime(2026, 11, 22, tzinfo=UTC))


@given(MOMENTS, some.integers(min_value=1, max_value=86_400))
def test_the_newest_turn_is_never_in_the_future_and_the_next_one_is(now: datetime, seconds: int) -> None:
    every = timedelta(seconds=seconds)
    _key, turn = newest_turn(Periodic(kind="x", every=every), now)
    assert turn <= now < turn + every


@given(MOMENTS)
def test_one_sweep_a_day(now: datetime) -> None:
    key, turn = newest_turn(SWEEP, now)
    assert turn <= now < turn + timedelta(days=1)
    assert newest_turn(SWEEP, turn + timedelta(hours=23, minutes=59))[0] == key
    assert newest_turn(SWEEP, turn + timedelta(days=1))[0] != key
