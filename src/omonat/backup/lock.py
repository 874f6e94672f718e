"""The lock file of a data folder: who serves, and that nobody serves while a backup is put back."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from omonat.kernel.errors import OmonatError
from omonat.kernel.settings import Settings

FILE_NAME = "serve.lock"


class AlreadyRunning(OmonatError):
    """Another process serves this installation."""

    code = "already_running"
    message = "Another process serves {data} now."
    what_to_do = "Stop it first, then repeat the command."
    temporary = True


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """Hold while serving. One server per SQLite folder; several nodes may share a server database."""
    with _locked(settings, fcntl.LOCK_SH if settings.database else fcntl.LOCK_EX):
        yield


@contextmanager
def stopped(settings: Settings) -> Iterator[None]:
    """Hold while files are replaced: no server runs on this machine, and none can start. Raises AlreadyRunning."""
    with _locked(settings, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(settings: Settings, kind: int) -> Iterator[None]:
    with (settings.data / FILE_NAME).open("ab") as file:
        try:
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except OSError:
            raise AlreadyRunning(data=settings.data) from None
        yield
