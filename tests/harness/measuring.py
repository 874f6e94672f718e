"""What the measurements share: a fresh installation's domain on SQLite, and how figures are printed."""

import os
import platform
import resource
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from harness.domain import Domain, new_domain
from omonat.storage import Database, data_tables, key_tables


class Spent(NamedTuple):
    """How long something took: on the clock, and of the processor in this process and those that it has started."""

    wall: float
    processor: float


class Watch:
    """`with watch() as w: ...`, then `w.spent`."""

    def __enter__(self) -> "Watch":
        self._began = (time.perf_counter(), _processor())
        return self

    def __exit__(self, *_error: object) -> None:
        wall, processor = self._began
        self.spent = Spent(time.perf_counter() - wall, _processor() - processor)


def _processor() -> float:
    """Seconds of this process and of its processes that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


@contextmanager
def domain() -> Iterator[tuple[Domain, Path]]:
    """The real policy in force, data and keys in two SQLite files (WAL, synchronous FULL, secure_delete)."""
    with tempfile.TemporaryDirectory(prefix="omonat-bench-") as place:
        folder = Path(place)
        data = Database(f"sqlite:///{folder / 'omonat.db'}", data_tables)
        keys = Database(f"sqlite:///{folder / 'keys.db'}", key_tables)
        data.create_tables()
        keys.create_tables()
        try:
            yield new_domain(data, keys, folder), folder
        finally:
            data.close()
            keys.close()


def rate(what: str, count: int, spent: Spent, target: str) -> None:
    """A line: so many a second on the clock, and per second of processor time, beside what is asked."""
    wall, processor = count / spent.wall, count / spent.processor
    print(f"{what}: {wall:,.0f}/s ({processor:,.0f} per second of processor time); asked: {target}")


def machine() -> None:
    """Where and under what load this ran."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(
        f"machine: {platform.machine()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}"
    )
