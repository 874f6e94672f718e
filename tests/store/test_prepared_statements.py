"""Prepared statements do what the same statement does the ordinary way, on both engines."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, String, Uuid, bindparam, event, insert, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, StatementError

from omonat.kernel.ids import new_id
from omonat.storage import Database, statements
from omonat.storage.schema import Moment, hold, outbox, subject
from omonat.storage.statements import Command, Query

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
ADD = Command(insert(subject), [column.name for column in subject.c])
ADD_HOLD = Command(insert(hold), [column.name for column in hold.c])
HOLDS = Query(select(*hold.c).where(hold.c.subject_id == bindparam("who", type_=Uuid())))
RENAME = Command(update(subject).where(subject.c.subject_id == bindparam("who")).values(state=bindparam("to")))


def a_hold(subject_id: Any, law: str, until: date) -> dict[str, Any]:
    found = {
        "subject_id": subject_id, "hold_id": new_id(), "purpose": None, "category": None, "law": law, "reason": law,
        "until_on": until, "placed_at": NOW, "placed_by": "staff:Ali", "released_at": None,
        "event_id": new_id(),
    }  # fmt: skip
    return {column.name: found.get(column.name) for column in hold.c}


def ordinary(database: Database, act: Any) -> Any:
    """While somebody listens, SQLAlchemy itself runs the statement."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    try:
        return act()
    finally:
        event.remove(database.engine, "before_cursor_execute", hear)
        assert heard, "whoever listens hears every statement"


def read(database: Database, subject_id: Any) -> Any:
    with database.read() as tx:
        return HOLDS.all(tx, who=subject_id)


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(law=WORDS, until=st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_both_ways_write_and_read_the_same(database: Database, law: str, until: date) -> None:
    one, other = new_id(), new_id()
    rows = [{"subject_id": each, "kind": "person", "state": "active", "created_at": NOW} for each in (one, other)]
    database.write(lambda tx: ADD.run_many(tx, rows))
    database.write(lambda tx: ADD_HOLD.run(tx, a_hold(one, law, until)))
    ordinary(database, lambda: database.write(lambda tx: ADD_HOLD.run(tx, a_hold(other, law, until))))
    direct = [read(database, each) for each in (one, other)]
    assert direct == [ordinary(database, lambda each=each: read(database, each)) for each in (one, other)]
    names = [column.name for column in hold.c]
    found = [dict(zip(names, row, strict=True)) for (row,) in direct]
    differing = {"subject_id", "hold_id", "event_id"}
    assert {k: v for k, v in found[0].items() if k not in differing} == {
        k: v for k, v in found[1].items() if k not in differing
    }
    assert (found[0]["law"], found[0]["until_on"], found[0]["placed_at"]) == (law, until, NOW)


def test_a_command_says_how_many_rows_it_touched(database: Database) -> None:
    made = [{"subject_id": new_id(), "kind": "person", "state": "active", "created_at": NOW} for _ in range(3)]
    database.write(lambda tx: ADD.run_many(tx, made))
    database.write(lambda tx: ADD.run_many(tx, []))
    assert database.write(lambda tx: RENAME.run(tx, {"who": made[0]["subject_id"], "to": "erased"})) == 1
    assert database.write(lambda tx: RENAME.run(tx, {"who": new_id(), "to": "erased"})) == 0


def test_errors_are_those_of_the_ordinary_way_and_show_no_value(database: Database) -> None:
    row = {"subject_id": new_id(), "kind": "person", "state": "active", "created_at": NOW}
    database.write(lambda tx: ADD.run(tx, row))
    for act in (lambda tx: ADD.run(tx, row), lambda tx: ADD.run_many(tx, [row])):
        with pytest.raises(IntegrityError):
            database.write(act)
    with pytest.raises((ValueError, StatementError), match="without a zone"):
        database.write(lambda tx: ADD.run(tx, {**row, "created_at": datetime(2026, 1, 1)}))


def test_reading_can_change_nothing(database: Database) -> None:
    row = {"subject_id": new_id(), "kind": "person", "state": "active", "created_at": NOW}
    with database.read() as tx, pytest.raises(Exception, match=r"(?i)read.?only"):
        ADD.run(tx, row)


@pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)
def test_a_list_of_unknown_length_is_refused(database: Database) -> None:
    several = Query(select(outbox.c.kind).where(outbox.c.kind.in_(bindparam("some", type_=String(), expanding=True))))
    with database.read() as tx, pytest.raises(TypeError, match="unknown length"):
        several.all(tx, some=["a"])
    plain = Query(select(bindparam("number", type_=Integer())))
    with database.read() as tx:
        assert plain.first(tx, number=7) == (7,)


@settings(deadline=None)
@given(moment=st.datetimes(timezones=st.timezones()), one=st.uuids())
def test_our_own_conversions_write_what_sqlalchemy_writes(moment: datetime, one: UUID) -> None:
    dialect = sqlite.dialect()
    for kind, value in ((Moment(), moment), (Moment(), None), (Uuid(), one), (Uuid(), None)):
        theirs: Any = kind.dialect_impl(dialect).bind_processor(dialect)
        ours: Any = statements._bind(kind, dialect)
        try:
            expected = theirs(value)
        except OverflowError:  # before the first or after the last year in UTC
            continue
        assert ours(value) == expected


def test_a_moment_without_a_zone_is_refused() -> None:
    convert: Any = statements._bind(Moment(), sqlite.dialect())
    with pytest.raises(ValueError, match="without a zone"):
        convert(NOW.replace(tzinfo=None))
