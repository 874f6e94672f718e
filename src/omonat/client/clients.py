"""The two clients. What is sent and what comes of it is decided once, by `_Conversation`; they differ in waiting."""

import asyncio
import random
import time
from collections import OrderedDict
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpx
import msgspec

from omonat.client.calls import Call
from omonat.client.generated.operations import Operations
from omonat.client.problems import UNREACHABLE, OmonatProblem, OmonatUnreachable, problem_of
from omonat.kernel.codec import from_json

Got = TypeVar("Got")

TIMEOUT = 20.0  # seconds
TRIES = 4
LONGEST_WAIT = 30.0  # seconds; a longer Retry-After is the caller's to wait for
_AGAIN = (429, 502, 503, 504)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _Kept(NamedTuple):
    etag: str
    body: bytes


class _Memory:
    """The last answers with an ETag, so that the API need not send again what has not changed."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()

    def find(self, name: str) -> _Kept | None:
        return self._kept.get(name)

    def keep(self, name: str, kept: _Kept) -> None:
        if self._most:
            self._kept[name] = kept
            self._kept.move_to_end(name)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)


class _Conversation(Generic[Got]):
    """One call until it is over: `request` says what to send, `take` what the answer means. It never waits itself."""

    def __init__(self, call: Call[Got], memory: _Memory, tries: int) -> None:
        self._call, self._memory, self._left = call, memory, tries - 1
        self._tried = 0
        name = str(httpx.URL(call.path, params=call.query))
        self._name = name if call.method == "GET" else ""
        self._known = memory.find(name) if self._name else None

    def request(self, client: httpx.Client | httpx.AsyncClient) -> httpx.Request:
        """What to send now."""
        headers = dict(self._call.headers)
        if self._known is not None:
            headers["If-None-Match"] = self._known.etag
        call = self._call
        return client.build_request(
            call.method, f"/api/v1{call.path}", params=call.query or None, content=call.body, headers=headers
        )

    def take(self, answer: httpx.Response) -> "float | _Done[Got]":
        """How long to wait before the next try, or what came out. Raises OmonatProblem."""
        if answer.status_code == httpx.codes.NOT_MODIFIED and self._known is not None:
            return _Done(self._call.read(self._known.body, self._known.etag))
        if answer.is_success:
            return _Done(self._read(answer))
        problem = problem_of(answer.status_code, _facts(answer), _seconds(answer.headers.get("retry-after", "")))
        if answer.status_code not in _AGAIN and problem.code != "in_progress":
            raise problem
        return self._wait_or_raise(problem)

    def fail(self, error: httpx.TransportError) -> float:
        """How long to wait after no answer came. Raises OmonatUnreachable."""
        title = f"No answer of Omonat ({type(error).__name__})."
        return self._wait_or_raise(OmonatUnreachable(code=UNREACHABLE, status=0, title=title))

    def _wait_or_raise(self, problem: OmonatProblem) -> float:
        wait = max(problem.retry_after or 0.0, 0.2 * 2.0**self._tried * (0.5 + random.random()))  # noqa: S311 - jitter
        if self._left <= 0 or wait > LONGEST_WAIT:
            raise problem
        self._left -= 1
        self._tried += 1
        return wait

    def _read(self, answer: httpx.Response) -> Got:
        etag = answer.headers.get("etag", "")
        try:
            made = self._call.read(answer.content, etag)
        except (msgspec.DecodeError, UnicodeDecodeError):
            title = "The answer is not that of an Omonat of this version."
            raise OmonatProblem(code="unknown", status=answer.status_code, title=title) from None
        if self._name and etag:
            self._memory.keep(self._name, _Kept(etag, answer.content))
        return made


class _Done(NamedTuple, Generic[Got]):
    answer: Got


def _facts(answer: httpx.Response) -> dict[str, Any]:
    try:
        return from_json(answer.content, dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}


def _seconds(text: str) -> float | None:
    return float(text[:9]) if text.isascii() and text.isdigit() else None


def _settings(base_url: str, key: str, language: str, timeout: float) -> dict[str, Any]:
    """Raises ValueError for an address to which a key must not be sent."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ValueError("an API key is sent by https only, or within this machine")
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "Accept-Language": language,
               "User-Agent": "omonat-client/1"}  # fmt: skip
    return {"base_url": base_url.rstrip("/"), "headers": headers, "timeout": timeout}


class Omonat(Operations):
    """The API of an installation, call by call.

        with Omonat("https://iptelefoniya.uz", key) as omonat:
            for case in omonat.list_cases.each(state="open"):
                ...

    Every method is an operation of `/api/v1`; what it raises is an `OmonatProblem` with the stable code. A write gets
    an idempotency key, so that it is safe to repeat: 429, 502 to 504 and a broken connection are tried again `tries`
    times, as Retry-After asks. `remember`: how many answers to keep for conditional reading (they may hold personal
    values). One client may be used by several threads. `transport` is for tests.
    """

    is_async = False

    def __init__(
        self, base_url: str, key: str, *, language: str = "en", timeout: float = TIMEOUT, tries: int = TRIES,
        remember: int = 0, transport: httpx.BaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._client = httpx.Client(**_settings(base_url, key, language, timeout), transport=transport)
        self._memory, self._tries = _Memory(remember), tries

    def send(self, call: Call[Got]) -> Got:
        """Send one call, again where that helps. Raises OmonatProblem."""
        conversation = _Conversation(call, self._memory, self._tries)
        while True:
            try:
                taken = conversation.take(self._client.send(conversation.request(self._client)))
            except httpx.TransportError as error:
                taken = conversation.fail(error)
            if isinstance(taken, _Done):
                answer: Got = taken.answer
                return answer
            time.sleep(taken)

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> "Omonat":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncOmonat(Operations):
    """The same, awaited: `await omonat.get_case(...)`, `async for case in omonat.list_cases.each(...)`."""

    is_async = True

    def __init__(
        self, base_url: str, key: str, *, language: str = "en", timeout: float = TIMEOUT, tries: int = TRIES,
        remember: int = 0, transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._client = httpx.AsyncClient(**_settings(base_url, key, language, timeout), transport=transport)
        self._memory, self._tries = _Memory(remember), tries

    async def send(self, call: Call[Got]) -> Got:
        """Send one call, again where that helps. Raises OmonatProblem."""
        conversation = _Conversation(call, self._memory, self._tries)
        while True:
            try:
                taken = conversation.take(await self._client.send(conversation.request(self._client)))
            except httpx.TransportError as error:
                taken = conversation.fail(error)
            if isinstance(taken, _Done):
                answer: Got = taken.answer
                return answer
            await asyncio.sleep(taken)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> "AsyncOmonat":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()
