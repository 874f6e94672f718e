"""Copying SQLite files: online, of one moment, and checked."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from omonat.kernel.disk import needing_space
from omonat.kernel.errors import Damaged
from omonat.storage import is_whole

Progress = Callable[[int, int], None]
_PAGES = 4000


def copy_online(source: Path, target: Path, progress: Progress) -> None:
    """Copy a database that may be in use; the copy is of one moment, one file, mode 0600, and was checked."""
    target.touch(mode=0o600)
    with closing(_read_only(source)) as reading, closing(sqlite3.connect(target, isolation_level=None)) as writing:
        reading.execute("BEGIN")
        reading.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on the moment stands still
        reading.backup(writing, pages=_PAGES, progress=lambda _status, left, total: progress(total - left, total))
        reading.execute("ROLLBACK")
        writing.execute("PRAGMA journal_mode=DELETE")
    check(target)
    sync(target)


def check(path: Path) -> None:
    """Raises Damaged unless every page and row of the file is as it was written."""
    with closing(_read_only(path)) as reading:
        if not is_whole(reading):
            raise Damaged(what=f"The database file {path.name}")


def stage(source: Path, target: Path) -> Path:
    """A copy of `source` beside `target`, durable; `put` lets it take the place. Raises DiskFull, with nothing left."""
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    try:
        with needing_space():
            fresh.touch(mode=0o600)
            with source.open("rb") as reading, fresh.open("wb") as writing:
                while piece := reading.read(1 << 20):
                    writing.write(piece)
            sync(fresh)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    return fresh


def put(fresh: Path, target: Path) -> None:
    """Let a staged copy take the place of a database that nobody has open, with nothing left of its old log."""
    for rest in ("-wal", "-shm", "-journal"):
        target.with_name(target.name + rest).unlink(missing_ok=True)
    fresh.replace(target)
    sync(target.parent)


def sync(path: Path) -> None:
    """Flush a file or a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
