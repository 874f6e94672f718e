"""Who works on the keys of one key folder: one rotation or restore at a time, and no key file goes during a backup."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omonat.keystore.model import RotationRuns

_ROTATING, _COPYING = "rotating.lock", "copying.lock"


@contextmanager
def working(folder: Path) -> Iterator[None]:
    """Hold while key-encryption keys are made, ended or put back. Raises RotationRuns."""
    with _locked(folder / _ROTATING, fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


def is_worked_on(folder: Path) -> bool:
    """Whether somebody holds `working` now."""
    try:
        with working(folder):
            return False
    except RotationRuns:
        return True


@contextmanager
def copying(folder: Path) -> Iterator[None]:
    """Hold while key store and key files are copied: what the copy needs stays until it has it."""
    with _locked(folder / _COPYING, fcntl.LOCK_SH):
        yield


@contextmanager
def ending(folder: Path) -> Iterator[None]:
    """Hold while key files go; waits until no copy is being made."""
    with _locked(folder / _COPYING, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(path: Path, how: int) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, how)
        except BlockingIOError:
            raise RotationRuns() from None
        yield
    finally:
        os.close(descriptor)
