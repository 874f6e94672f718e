"""Acts that are carried out together: whatever came while one group was written is written as the next.

Where many callers do the same small thing at once, their rows go in as one statement per table and one transaction,
on either engine. An act that is alone waits for nobody. Each caller hears of his own failure only.
"""

import asyncio
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Generic, TypeVar

from omonat.kernel.errors import Overloaded

Act = TypeVar("Act")
Answer = TypeVar("Answer")

QUEUE_LENGTH = 1000
MOST = 200
_IDLE_SECONDS = 1.0
_NOBODY_CAME_SECONDS, _LONGEST_WINDOW_SECONDS = 0.003, 0.03
_Waiting = Future[Answer] | asyncio.Future[Answer]
_Outcome = tuple[_Waiting[Answer], Answer | None, Exception | None]


class Gathering(Generic[Act, Answer]):
    """`carry_out` gives an answer per act, in their order, once all are durable; or raises, with nothing stored.

    It may be called again with some of the same acts. Its thread ends when there is nothing to do.
    """

    def __init__(self, carry_out: Callable[[Sequence[Act]], Sequence[Answer]], name: str) -> None:
        self._carry_out = carry_out
        self._name = f"omonat-{name}"
        self._queue: deque[tuple[Act, _Waiting[Answer]]] = deque()
        self._filled = threading.Condition(threading.Lock())
        self._wakes_at = 1  # how many acts have to wait for the thread to be told
        self._thread: threading.Thread | None = None
        self._answered, self._took_seconds = 0, 0.0  # of the last group

    def submit(self, act: Act) -> "Future[Answer]":
        """What becomes of `act`. Raises Overloaded when too much waits."""
        future: Future[Answer] = Future()
        self._put(act, future)
        return future

    def submit_soon(self, act: Act) -> "asyncio.Future[Answer]":
        """The same for a caller in an event loop, which is woken once for a whole group. Raises Overloaded."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._put(act, future)
        return future

    def _put(self, act: Act, waiting: "_Waiting[Answer]") -> None:
        with self._filled:
            if len(self._queue) >= QUEUE_LENGTH:
                raise Overloaded
            self._queue.append((act, waiting))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            elif len(self._queue) >= self._wakes_at:
                self._filled.notify()

    def _run(self) -> None:
        while group := self._next_group():
            began = time.perf_counter()
            self._answer(group)
            self._answered, self._took_seconds = len(group), time.perf_counter() - began

    def _next_group(self) -> list[tuple[Act, "_Waiting[Answer]"]]:
        """What waits now, at least one; none when nothing came for a while, and the thread is given up."""
        with self._filled:
            came_meanwhile = len(self._queue)
            if not self._queue and not self._filled.wait_for(lambda: bool(self._queue), _IDLE_SECONDS):
                self._thread = None
                return []
            self._gather(came_meanwhile)
            return [self._queue.popleft() for _ in range(min(MOST, len(self._queue)))]

    def _gather(self, came_meanwhile: int) -> None:
        """Where several ask at once, those who were just answered ask again: they are waited for while they come, so
        that all share the next group. Whoever is alone waits for nobody.
        """
        if self._answered <= 1:
            return
        self._wakes_at = min(MOST, self._answered + came_meanwhile)
        until, waiting = time.perf_counter() + _LONGEST_WINDOW_SECONDS, 0
        while waiting < len(self._queue) < self._wakes_at and time.perf_counter() < until:
            waiting = len(self._queue)
            self._filled.wait(min(_NOBODY_CAME_SECONDS, self._took_seconds / 2))
        self._wakes_at = 1

    def _answer(self, group: "list[tuple[Act, _Waiting[Answer]]]") -> None:
        try:
            answers = self._carry_out([act for act, _waiting in group])
        except Exception as error:  # the thread must live on, and every caller must hear of it
            if len(group) == 1:
                failed: _Outcome[Answer] = (group[0][1], None, error)
                _tell([failed])
                return
            for one in group:  # whose fault it was is his alone
                self._answer([one])
            return
        _tell([(waiting, answer, None) for (_act, waiting), answer in zip(group, answers, strict=True)])


def _tell(outcomes: "list[_Outcome[Answer]]") -> None:
    """Waiting threads directly; each event loop in one call, since waking it costs more than an answer."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome[Answer]]] = {}
    for outcome in outcomes:
        if isinstance(outcome[0], Future):
            _settle(outcome)
        else:
            by_loop.setdefault(outcome[0].get_loop(), []).append(outcome)
    for loop, its_own in by_loop.items():
        with suppress(RuntimeError):  # the loop was closed meanwhile: nobody waits there any more
            loop.call_soon_threadsafe(_settle_all, its_own)


def _settle_all(outcomes: "list[_Outcome[Answer]]") -> None:
    for outcome in outcomes:
        if not outcome[0].done():  # its caller has left
            _settle(outcome)


def _settle(outcome: "_Outcome[Answer]") -> None:
    waiting, answer, error = outcome
    if error is not None:
        waiting.set_exception(error)
    else:
        waiting.set_result(answer)  # type: ignore[arg-type]  # None only where Answer has it
