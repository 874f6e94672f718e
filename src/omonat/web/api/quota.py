"""How many calls a key may make: a count per minute, told in every answer (draft-ietf-httpapi-ratelimit-headers-10).

Counted by each node for itself, in memory.
"""

import threading
import time
from collections.abc import Callable
from math import ceil
from typing import NamedTuple

from omonat.kernel.errors import TooManyRequests
from omonat.kernel.ids import ApiKeyId

WINDOW = 60


class Left(NamedTuple):
    """What is left of the quota in this window."""

    quota: int
    calls: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` as structured fields."""
        return {
            "RateLimit-Policy": f'"key";q={self.quota};w={WINDOW}',
            "RateLimit": f'"key";r={max(0, self.calls)};t={self.seconds}',
        }


class Quotas:
    """A window per key. `seconds` is the monotonic clock, passed in by tests."""

    def __init__(self, quota: int, seconds: Callable[[], float] = time.monotonic) -> None:
        self._quota = quota
        self._seconds = seconds
        self._lock = threading.Lock()
        self._windows: dict[ApiKeyId, tuple[float, int]] = {}

    def take(self, key_id: ApiKeyId) -> Left:
        """Count one call; `calls` below zero when the quota is used up (see `refuse`)."""
        with self._lock:
            now = self._seconds()
            began, used = self._windows.get(key_id, (now, 0))
            if now - began >= WINDOW:
                began, used = now, 0
            self._windows[key_id] = (began, min(used + 1, self._quota + 1))
            return Left(self._quota, self._quota - used - 1, max(1, ceil(began + WINDOW - now)))

    @staticmethod
    def refuse(left: Left) -> None:
        """Raises TooManyRequests when the quota is used up."""
        if left.calls < 0:
            raise TooManyRequests(seconds=left.seconds)
