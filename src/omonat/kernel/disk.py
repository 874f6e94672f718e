"""A full disk has one name, whoever finds it full."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from omonat.kernel.errors import DiskFull

_SQLITE_SAYS = "database or disk is full"
_SQLITE_NAMES = "SQLITE_IOERR_SHMSIZE"  # the index of a write-ahead log finds no room: nothing can even be read
_POSTGRES_SAYS = "53100"  # SQLSTATE disk_full


@contextmanager
def needing_space() -> Iterator[None]:
    """Raises DiskFull for what the system or SQLite says when nothing more can be written."""
    try:
        yield
    except Exception as error:  # several libraries say it, each in its own class; all others go on as they are
        if not is_disk_full(error):
            raise
        raise DiskFull() from error


def is_disk_full(error: BaseException) -> bool:
    """Whether that is what the system, SQLite or PostgreSQL says, also where SQLAlchemy has wrapped it (`orig`)."""
    found = getattr(error, "orig", None) or error
    if isinstance(found, OSError):
        return found.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(found, sqlite3.OperationalError):
        return _SQLITE_SAYS in str(found) or getattr(found, "sqlite_errorname", "") == _SQLITE_NAMES
    return getattr(found, "sqlstate", None) == _POSTGRES_SAYS
