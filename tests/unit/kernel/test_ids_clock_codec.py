"""Ids sort by time; terms end with a day in Tashkent; equal values are equal bytes."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.kernel.clock import Clock, end_of_local_day, in_days, iso, local_date
from omonat.kernel.codec import from_json, length_prefixed, to_builtins, to_canonical_json, to_json
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import new_id, to_id

MOMENTS = st.datetimes(datetime(1991, 9, 1), datetime(2190, 1, 1), timezones=st.just(UTC))
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)


def test_ids_are_version_7_of_rfc_9562() -> None:
    for _ in range(200):
        made = new_id()
        assert made.version == 7
        assert made.variant == "specified in RFC 4122"


@pytest.mark.parametrize("text", ["", "x", "1234", "../etc", "01a20511-0000-7000-8000-00000000000"])
def test_what_is_no_id_is_nothing_that_can_be_found(text: str) -> None:
    with pytest.raises(NotFound):
        to_id(text)
    made = new_id()
    assert to_id(str(made)) == to_id(made) == made


def test_ids_carry_the_millisecond_and_sort_by_it() -> None:
    before = Clock().now()
    made = [new_id() for _ in range(50_000)]
    assert made == sorted(set(made))
    assert abs((made[0].int >> 80) / 1000 - before.timestamp()) < 60


def test_ids_of_many_threads_are_each_in_order_and_all_different() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: [new_id() for _ in range(2_000)], range(8)))
    assert all(ids == sorted(ids) for ids in made)
    assert len({each for ids in made for each in ids}) == 16_000


def test_the_clock_can_be_moved(clock: Clock) -> None:
    now = clock.now()
    clock.shift += timedelta(days=40)
    assert clock.now() - now >= timedelta(days=40)
    assert clock.now().tzinfo is UTC


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 1, 18, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 19, 0, 0, tzinfo=UTC), date(2026, 3, 2)),
        (datetime(2026, 3, 1, 23, 0, tzinfo=timezone(timedelta(hours=-5))), date(2026, 3, 2)),
    ],
)
def test_a_day_is_a_day_in_tashkent(moment: datetime, day: date) -> None:
    assert local_date(moment) == day


def test_a_term_of_three_days_runs_to_the_end_of_the_third() -> None:
    begun = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)  # the 23rd in Tashkent
    assert in_days(begun, 3) == datetime(2026, 11, 26, 18, 59, 59, 999999, tzinfo=UTC)


@given(MOMENTS, st.integers(0, 4000))
def test_a_term_is_never_shorter_than_its_days_nor_longer_by_one(moment: datetime, days: int) -> None:
    ends = in_days(moment, days)
    assert timedelta(days=days) <= ends - moment + timedelta(microseconds=1)
    assert ends - moment < timedelta(days=days + 1)
    assert local_date(ends) == local_date(moment) + timedelta(days=days)
    assert local_date(ends + timedelta(microseconds=1)) == local_date(ends) + timedelta(days=1)


@given(MOMENTS, st.integers(-14 * 60, 14 * 60))
def test_equal_moments_are_written_equally_and_sort_as_text(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert iso(elsewhere) == iso(moment)
    assert datetime.fromisoformat(iso(moment)) == moment
    assert len(iso(moment)) == len("2026-11-22T00:00:00.000000Z")
    assert (iso(moment) < iso(moment + timedelta(microseconds=1))) is True


def test_the_end_of_a_day() -> None:
    assert iso(end_of_local_day(date(2026, 12, 31))) == "2026-12-31T18:59:59.999999Z"


class Forth(msgspec.Struct):
    a: int
    b: str


class Back(msgspec.Struct):
    b: str
    a: int


def test_the_order_of_fields_is_part_of_no_format() -> None:
    assert to_canonical_json(Forth(a=1, b="x")) == to_canonical_json(Back(a=1, b="x")) == b'{"a":1,"b":"x"}'


@given(JSON_VALUES)
def test_canonical_json_does_not_depend_on_the_order_of_keys(value: object) -> None:
    assert to_canonical_json(value) == to_canonical_json(_turned(value))
    assert json.loads(to_canonical_json(value)) == value
    assert from_json(to_json(value), object) == value


def _turned(value: object) -> object:
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(inner) for inner in value] if isinstance(value, list) else value


def test_ids_and_moments_become_words() -> None:
    made, at = new_id(), datetime(2026, 1, 1, tzinfo=UTC)
    assert to_builtins({"id": made, "at": at, "days": (1, 2)}) == {
        "id": str(made), "at": "2026-01-01T00:00:00Z", "days": (1, 2),
    }  # fmt: skip


def test_a_wrong_shape_names_the_place() -> None:
    with pytest.raises(msgspec.ValidationError, match=r"\$\.a"):
        from_json('{"a": "one", "b": "x"}', Forth)


@given(st.lists(st.binary(max_size=20), max_size=5), st.lists(st.binary(max_size=20), max_size=5))
def test_no_two_lists_of_parts_share_bytes(one: list[bytes], other: list[bytes]) -> None:
    assert (length_prefixed(*one) == length_prefixed(*other)) == (one == other)
