"""What every answer carries and every call leaves: security headers, a time limit on bodies, one access line.

The access line holds method, route template, status and milliseconds; never an address, a path, a query or a value
(clause 6.1). It is pure ASGI around the whole application, so that answers to unknown paths pass here, too.
"""

import asyncio
import logging
import time
from collections.abc import Generator
from types import coroutine
from typing import Any, cast

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

BODY_SECONDS = 15.0
MAX_BODY_BYTES = 64 * 1024

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), "
        "microphone=(), payment=(), usb=()"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_HSTS = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")

_line = logging.getLogger("omonat.access")


class Front:
    """Wraps an ASGI application; `https`: the site is reached by https only."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        extra = (_HSTS,) if https else ()
        self._headers = [(name.lower().encode(), value.encode()) for name, value in (*_HEADERS.items(), *extra)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] == ScopeType.HTTP:
            await _Exchange(scope, self._headers).run(self._app, receive, send)
        else:
            await self._app(scope, receive, send)


async def _in_time(receive: Receive) -> Any:
    """What arrives within the limit. What is here already, as a small form mostly is, costs no timer."""
    arriving = receive().__await__()
    try:
        waits_for = next(arriving)
    except StopIteration as there:
        return there.value
    async with asyncio.timeout(BODY_SECONDS):  # `wait_for` would make a task of it
        return await _going_on(arriving, waits_for)


@coroutine
def _going_on(begun: Generator[Any, Any, Any], waits_for: Any) -> Generator[Any, Any, Any]:
    """What has begun, from the first place on where it waits."""
    try:
        yield waits_for
    except BaseException:
        begun.close()
        raise
    return (yield from begun)


class _Exchange:
    def __init__(self, scope: HTTPScope, headers: list[tuple[bytes, bytes]]) -> None:
        self._scope, self._headers = scope, headers
        self._started, self._status = time.perf_counter(), 500
        self._ended: float | None = None
        self._head = scope["method"] == "HEAD"
        self._arriving, self._route = True, "(none)"

    async def run(self, app: ASGIApp, receive: Receive, send: Send) -> None:
        async def receive_in_time() -> Any:
            if not self._arriving:
                return await receive()  # waits for the visitor to leave: that may take as long as the answer does
            message = await _in_time(receive)
            self._arriving = bool(message.get("more_body", False))
            return message

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._status = message["status"]
                message["headers"] = self._with_ours(list(message["headers"]))
            elif message["type"] == "http.response.body" and self._head:
                message["body"] = b""
            await send(message)
            self._ended = time.perf_counter()  # what is done behind the answer is not its time

        scope = cast(HTTPScope, {**self._scope, "method": "GET"}) if self._head else self._scope
        try:
            await app(scope, receive_in_time, send_guarded)
        finally:
            self._route = scope.get("path_template") or "(none)"
            self._write_line()

    def _with_ours(self, given: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        names = {name.lower() for name, _ in given}
        return given + [pair for pair in self._headers if pair[0] not in names]

    def _write_line(self) -> None:
        milliseconds = round(((self._ended or time.perf_counter()) - self._started) * 1000, 1)
        _line.info(
            "http method=%s route=%s status=%d ms=%s", self._scope["method"], self._route, self._status, milliseconds
        )
