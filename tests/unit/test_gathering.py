"""Acts that are carried out together: who hears what, and when."""

import asyncio
import threading
from collections.abc import Sequence

import pytest

from harness.apart import run_apart
from omonat.kernel.errors import Overloaded
from omonat.storage import Gathering
from omonat.storage import gathering as module


class Held:
    """Doubles numbers, in groups that are let go by the test. A negative one fails, and with it its whole group."""

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.groups: list[list[int]] = []

    def __call__(self, acts: Sequence[int]) -> list[int]:
        self.groups.append(list(acts))
        self.begun.set()
        assert self.may_end.wait(60)
        if min(acts) < 0:
            raise ValueError(min(acts))
        return [2 * act for act in acts]


def test_nobody_hears_before_the_group_is_durable() -> None:
    held = Held()
    gathering = Gathering(held, "test")

    async def ask() -> None:
        futures = [gathering.submit_soon(1)]
        await asyncio.to_thread(held.begun.wait, 60)
        futures += [gathering.submit_soon(2), gathering.submit_soon(3)]
        waiting = gathering.submit(4)
        await asyncio.sleep(0)
        assert not any(future.done() for future in futures) and not waiting.done()
        held.may_end.set()
        assert await asyncio.gather(*futures) == [2, 4, 6]
        assert await asyncio.wrap_future(waiting) == 8

    run_apart(ask())
    assert held.groups == [[1], [2, 3, 4]]  # what came meanwhile is one group


def test_one_bad_act_is_its_callers_alone() -> None:
    held = Held()
    gathering = Gathering(held, "test")

    async def ask() -> list[int | BaseException]:
        first = gathering.submit_soon(0)
        await asyncio.to_thread(held.begun.wait, 60)
        futures = [gathering.submit_soon(act) for act in (1, -2, 3)]
        held.may_end.set()
        return await asyncio.gather(first, *futures, return_exceptions=True)

    answers = run_apart(ask())
    assert [answer for answer in answers if not isinstance(answer, ValueError)] == [0, 2, 6]
    assert isinstance(answers[2], ValueError)
    assert held.groups == [[0], [1, -2, 3], [1], [-2], [3]]


def test_a_caller_who_leaves_harms_nobody() -> None:
    held = Held()
    gathering = Gathering(held, "test")

    async def ask() -> tuple[int, int]:
        first, leaves, stays = (gathering.submit_soon(act) for act in (1, 2, 3))
        leaves.cancel()
        held.may_end.set()
        return await first, await stays

    assert run_apart(ask()) == (2, 6)

    async def leave() -> None:
        gathering.submit_soon(5)

    held.may_end.clear()
    run_apart(leave())  # the loop is closed before the group ends
    held.may_end.set()
    assert gathering.submit(6).result(60) == 12


def test_too_much_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "QUEUE_LENGTH", 2)
    held = Held()
    gathering = Gathering(held, "test")
    waiting = [gathering.submit(1)]
    assert held.begun.wait(60)
    waiting += [gathering.submit(2), gathering.submit(3)]
    with pytest.raises(Overloaded):
        gathering.submit(4)
    held.may_end.set()
    assert [future.result(60) for future in waiting] == [2, 4, 6]


def test_a_thread_that_was_given_up_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IDLE_SECONDS", 0.01)
    held = Held()
    held.may_end.set()
    gathering = Gathering(held, "given-up")
    assert gathering.submit(1).result(60) == 2
    for thread in threading.enumerate():
        if thread.name == "omonat-given-up":
            thread.join(60)
    assert gathering.submit(2).result(60) == 4
