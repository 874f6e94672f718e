"""Prepared statements of the hot paths: compiled once, and given to SQLite's driver without SQLAlchemy in between.

SQLAlchemy spends three to ten times as long on one small statement as SQLite does. So what runs for every event or
record is a `Command` or a `Query` of this module: the same Core statement with the same types, whose text and
conversions are made once. On PostgreSQL, and while somebody listens to statements, it runs the ordinary way.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import CompoundSelect, Connection, Delete, Dialect, Insert, LargeBinary, Select, Update, Uuid
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from omonat.kernel.ids import uuid_of
from omonat.storage.schema import Moment

Row = Mapping[str, Any]
_Convert = Callable[[Any], Any]
_Statement = Insert | Update | Delete | Select[Any] | CompoundSelect[Any]
_MOMENT = Moment()
_HEX_DIGITS = 32
_MOMENTS_KNOWN = 1024  # a batch has few moments and many rows


class _Text(NamedTuple):
    """A statement as SQLite's driver takes it: what picks the values of its places out of a row, in order, and which of
    them and of the columns of its answer are converted.
    """

    sql: str
    pick: Callable[[Row], tuple[Any, ...]]
    fixed: dict[str, Any]
    converted: tuple[tuple[int, _Convert], ...]
    read: tuple[tuple[int, _Convert], ...]

    def values(self, row: Row) -> list[Any]:
        """What stands in the places, converted."""
        values = list(self.pick({**self.fixed, **row} if self.fixed else row))
        for place, convert in self.converted:
            values[place] = convert(values[place])
        return values

    def values_of_many(self, rows: Sequence[Row]) -> Iterable[Sequence[Any]]:
        """The same of many rows, column by column: fewer calls than value by value."""
        picked = map(self.pick, ({**self.fixed, **row} for row in rows) if self.fixed else rows)
        if not self.converted:
            return picked
        columns: list[Iterable[Any]] = list(zip(*picked, strict=True))
        for place, convert in self.converted:
            columns[place] = map(convert, columns[place])
        return zip(*columns, strict=True)

    def ask(self, driver: Any, given: Row, dialect: Dialect) -> list[tuple[Any, ...]]:
        """Every row of the answer, converted; the statement has ended when this returns."""
        try:
            found: list[tuple[Any, ...]] = driver.execute(self.sql, self.values(given)).fetchall()
        except sqlite3.Error as error:
            raise _wrapped(error, self.sql, dialect) from error
        return [self._answer(row) for row in found] if self.read else found

    def _answer(self, found: tuple[Any, ...]) -> tuple[Any, ...]:
        """A row of the answer, converted."""
        values = list(found)
        for place, convert in self.read:
            values[place] = convert(values[place])
        return tuple(values)


class _Prepared:
    """What both kinds share. `names`: the columns that an INSERT fills."""

    def __init__(self, statement: _Statement, names: Sequence[str] | None = None) -> None:
        self.statement = statement
        self._names = names
        self._text: _Text | None = None

    def _direct(self, tx: Connection) -> tuple[Any, _Text] | None:
        """The driver's connection, in the transaction of `tx`, and what to give it; None: take the ordinary way."""
        if tx.dialect.name != "sqlite" or tx.engine.dispatch.before_cursor_execute:
            return None
        if not tx.in_transaction():
            tx.begin()
        return tx.connection.driver_connection, self.text(tx.dialect)

    def text(self, dialect: Dialect) -> _Text:
        """The statement as SQLite's driver takes it, made at the first use."""
        if self._text is None:
            self._text = self._compiled(dialect)
        return self._text

    def _compiled(self, dialect: Dialect) -> _Text:
        statement = self.statement
        compiled = statement.compile(dialect=dialect, column_keys=self._names)
        order: list[str] = compiled.positiontup or []
        if "[POSTCOMPILE" in str(compiled.string):
            raise TypeError("a prepared statement has no list of unknown length")
        bound = compiled.binds
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        columns: list[TypeEngine[Any]] = (
            [] if isinstance(statement, Insert | Update | Delete) else [one.type for one in statement.selected_columns]
        )
        return _Text(
            sql=str(compiled.string),
            pick=_picking(order),
            converted=_only(_bind(bound[name].type, dialect) for name in order),
            fixed={name: fixed[name] for name in order if name in fixed},
            read=_only(_result(kind, dialect) for kind in columns),
        )


class Command(_Prepared):
    """An INSERT, UPDATE or DELETE whose places are its columns or `bindparam` names."""

    def run(self, tx: Connection, row: Row) -> int:
        """Once. Returns how many rows it touched. Raises what SQLAlchemy raises."""
        direct = self._direct(tx)
        if direct is None:
            return tx.execute(self.statement, row).rowcount
        driver, text = direct
        try:
            return int(driver.execute(text.sql, text.values(row)).rowcount)
        except sqlite3.Error as error:
            raise _wrapped(error, text.sql, tx.dialect) from error

    def run_many(self, tx: Connection, rows: Sequence[Row]) -> None:
        """Once for each row, in order."""
        if not rows:
            return
        direct = self._direct(tx)
        if direct is None:
            tx.execute(self.statement, list(rows))
            return
        driver, text = direct
        try:
            driver.executemany(text.sql, text.values_of_many(rows))
        except sqlite3.Error as error:
            raise _wrapped(error, text.sql, tx.dialect) from error


class Query(_Prepared):
    """A SELECT whose places are `bindparam` names. Rows come as plain tuples, in the order of its columns."""

    def all(self, tx: Connection, **given: Any) -> list[tuple[Any, ...]]:
        """Every row."""
        direct = self._direct(tx)
        if direct is None:
            return [tuple(row) for row in tx.execute(self.statement, given)]
        driver, text = direct
        return text.ask(driver, given, tx.dialect)

    def first(self, tx: Connection, **given: Any) -> tuple[Any, ...] | None:
        """The first row, if there is one."""
        found = self.all(tx, **given)
        return found[0] if found else None


def _picking(names: Sequence[str]) -> Callable[[Row], tuple[Any, ...]]:
    """What picks these values out of a row, in this order."""
    if len(names) > 1:
        return itemgetter(*names)
    return lambda row: tuple(row[name] for name in names)  # of one name, `itemgetter` gives no tuple


def _bind(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    """Bytes go to SQLite as they are; a moment is converted once for all its rows; the rest as the type says."""
    if isinstance(kind, LargeBinary):
        return None
    if isinstance(kind, Moment):
        return lru_cache(_MOMENTS_KNOWN)(_moment)
    if isinstance(kind, Uuid):
        return _hex
    convert: _Convert | None = kind.dialect_impl(dialect).bind_processor(dialect)
    return convert


def _result(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    if isinstance(kind, Uuid):
        return _uuid
    convert: _Convert | None = kind.dialect_impl(dialect).result_processor(dialect, None)
    return convert


def _only(converts: Iterable[_Convert | None]) -> tuple[tuple[int, _Convert], ...]:
    """Those that convert anything, with their places."""
    return tuple((place, convert) for place, convert in enumerate(converts) if convert is not None)


def _moment(value: datetime | None) -> str | None:
    """As SQLAlchemy writes it for SQLite. Raises ValueError for a moment without a zone."""
    checked: datetime | None = _MOMENT.process_bind_param(value, None)
    return None if checked is None else checked.replace(tzinfo=None).isoformat(" ", "microseconds")


def _hex(value: UUID | None) -> str | None:
    """As SQLAlchemy writes it for SQLite."""
    return None if value is None else value.int.to_bytes(16).hex()


def _uuid(value: str | None) -> UUID | None:
    """As SQLAlchemy reads it from SQLite. Raises ValueError for what is none."""
    if value is None:
        return None
    number = int(value, 16)
    if number < 0 or len(value) != _HEX_DIGITS:
        raise ValueError("no id")
    return uuid_of(number)


def _wrapped(error: sqlite3.Error, sql: str, dialect: Dialect) -> Exception:
    """The same error that the ordinary way would raise."""
    made: Exception = DBAPIError.instance(sql, None, error, sqlite3.Error, hide_parameters=True, dialect=dialect)
    return made
