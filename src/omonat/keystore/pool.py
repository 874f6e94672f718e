"""Keys of subjects made ahead of them, so that a first cookie choice does not wait for a commit of the key store.

They are as durable as any before somebody gets them. What is left over has sealed nothing; it is given up after some
minutes, and the sweep of orphans, which looks for older ones only, destroys it.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from omonat.keystore.model import SubjectKeys

LIVES_SECONDS = 300.0  # half of the age at which keys without a subject are swept: `app.ORPHAN_AGE`
LEAST, MOST = 8, 128
_SOON_SECONDS = 2.0


class KeyPool:
    """`make(count, now)` makes the keys of new subjects, durable when it returns."""

    def __init__(
        self, make: Callable[[int, datetime], list[SubjectKeys]], seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._make = make
        self._seconds = seconds
        self._lock = threading.Lock()
        self._ready: deque[SubjectKeys] = deque()
        self._made, self._size = -LIVES_SECONDS, LEAST

    def take(self, count: int, now: datetime) -> list[SubjectKeys]:
        """Keys of `count` new subjects. Raises KeysUnavailable."""
        with self._lock:
            if self._seconds() - self._made >= LIVES_SECONDS:
                self._ready.clear()
            if len(self._ready) < count:
                self._fill(count, now)
            return [self._ready.popleft() for _ in range(count)]

    def _fill(self, count: int, now: datetime) -> None:
        """More at a time while many are wanted."""
        soon = self._seconds() - self._made < _SOON_SECONDS
        self._size = min(MOST, self._size * 2) if soon else LEAST
        made = self._make(max(count, self._size), now)
        self._ready.clear()
        self._ready.extend(made)
        self._made = self._seconds()
