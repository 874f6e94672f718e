"""Waiting for a condition, instead of for a time."""

import time
from collections.abc import Callable


def wait_until(reached: Callable[[], bool]) -> None:
    """A bound for what would otherwise never end; not a limit that a slow machine could break."""
    end = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.02)
