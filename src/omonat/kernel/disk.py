"""A full disk has one name, whoever finds it full."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from omonat.kernel.errors import DiskFull

SQLITE_SAYS = "database or disk is full"


@contextmanager
def needing_space() -> Iterator[None]:
    """Raises DiskFull for what the system or SQLite says when nothing more can be written."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DiskFull() from error
    except sqlite3.OperationalError as error:
        if SQLITE_SAYS not in str(error):
            raise
        raise DiskFull() from error
