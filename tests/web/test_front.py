"""A body has a time limit, and one that is there already costs none."""

import asyncio
from typing import Any

import pytest

from harness.apart import run_apart
from omonat.web import front

SCOPE: Any = {"type": "http", "method": "POST", "path": "/", "headers": []}
WHOLE = {"type": "http.request", "body": b"whole", "more_body": False}


def served(receive: Any) -> tuple[list[Any], list[Any]]:
    """(what the application received, what was sent)."""
    received: list[Any] = []
    sent: list[Any] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        try:
            while not received or received[-1].get("more_body"):
                received.append(await receive())
        except TimeoutError as late:
            received.append({"late": late})
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def send(message: Any) -> None:
        sent.append(message)

    run_apart(front.Front(app, https=False)(SCOPE, receive, send))
    return received, sent


def test_a_body_that_is_there_starts_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    async def receive() -> Any:
        return WHOLE

    monkeypatch.setattr(front.asyncio, "timeout", None)
    received, sent = served(receive)
    assert received == [WHOLE] and sent[0]["status"] == 204


def test_a_body_that_comes_later_is_waited_for() -> None:
    parts = [{"type": "http.request", "body": b"wh", "more_body": True}, {**WHOLE, "body": b"ole"}]
    left = list(parts)

    async def receive() -> Any:
        for _ in range(3):
            await asyncio.sleep(0)
        return left.pop(0)

    assert served(receive)[0] == parts


def test_a_body_that_does_not_come_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = []

    async def receive() -> Any:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append(True)

    monkeypatch.setattr(front, "BODY_SECONDS", 0.01)
    received, _sent = served(receive)
    assert list(received[0]) == ["late"] and ended == [True]
