"""What a call is, before anybody sends it: pure, the same for both clients."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar, overload
from urllib.parse import quote
from uuid import uuid4

import msgspec

from omonat.kernel.codec import from_json, to_json

if TYPE_CHECKING:
    from omonat.client.clients import AsyncOmonat, Omonat

Parameters = ParamSpec("Parameters")
Got = TypeVar("Got")
Item = TypeVar("Item")
Itemised = TypeVar("Itemised", bound="Answer")


class Answer(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What the API answers. `etag` is that of the answer it came with: give it as `if_match` to change the thing."""

    @property
    def etag(self) -> str:
        """Empty where the answer had none."""
        return str(self.__dict__.get("etag_of_answer", ""))


class Call(Generic[Got]):
    """One call: what to send, and what the answer is read as."""

    def __init__(
        self, method: str, path: str, answer: type[Got] | None, *, query: Mapping[str, Any] | None = None,
        sent: Mapping[str, Any] | None = None, if_match: "str | Answer | None" = None,
        idempotency_key: str | None = None, writes: bool = False,
    ) -> None:  # fmt: skip
        self.method, self.path, self.answer = method, path, answer
        self.query = {name: value for name, value in (query or {}).items() if value is not None}
        self.headers: dict[str, str] = {}
        if if_match is not None:
            self.headers["If-Match"] = if_match.etag if isinstance(if_match, Answer) else if_match
        if writes:
            self.headers["Idempotency-Key"] = idempotency_key or str(uuid4())
        self.body: bytes | None = None
        if sent is not None:
            self.headers["Content-Type"] = "application/json"
            self.body = to_json({name: value for name, value in sent.items() if value is not None})

    def speaking(self, language: str) -> "Call[Got]":
        """The same call, answered in a language of its own."""
        self.headers["Accept-Language"] = language
        return self

    def read(self, body: bytes, etag: str) -> Got:
        """The answer. Raises msgspec.DecodeError for what is none."""
        if self.answer is None:
            return None  # type: ignore[return-value]  # Got is None where an operation answers nothing
        made = from_json(body, self.answer)
        if isinstance(made, Answer) and etag:
            made.__dict__["etag_of_answer"] = etag
        return made


def place(value: object) -> str:
    """A part of a path."""
    return quote(str(value), safe="")


class Operation(Generic[Parameters, Got]):
    """A method of both clients: called on `Omonat` it answers, on `AsyncOmonat` it is awaited."""

    def __init__(self, build: Callable[Parameters, Call[Got]]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, client: "Omonat", owner: type[Any]) -> Callable[Parameters, Got]: ...
    @overload
    def __get__(self, client: "AsyncOmonat", owner: type[Any]) -> Callable[Parameters, Awaitable[Got]]: ...
    @overload
    def __get__(self, client: None, owner: type[Any]) -> "Operation[Parameters, Got]": ...

    def __get__(self, client: Any, owner: type[Any]) -> Any:
        """Bound to a client."""
        if client is None:
            return self

        def bound(*arguments: Parameters.args, **named: Parameters.kwargs) -> Any:
            return client.send(self.build(*arguments, **named))

        bound.__doc__, bound.__name__ = self.build.__doc__, self.build.__name__
        return bound


class Listing(Generic[Parameters, Got, Item]):
    """The same for a list: called it gives one page; `.each(...)` goes over the items of all pages."""

    def __init__(self, build: Callable[Parameters, Call[Got]], _item: type[Item]) -> None:
        self.build = build
        self.__doc__ = build.__doc__

    @overload
    def __get__(self, client: "Omonat", owner: type[Any]) -> "Pages[Parameters, Got, Item]": ...
    @overload
    def __get__(self, client: "AsyncOmonat", owner: type[Any]) -> "AsyncPages[Parameters, Got, Item]": ...
    @overload
    def __get__(self, client: None, owner: type[Any]) -> "Listing[Parameters, Got, Item]": ...

    def __get__(self, client: Any, owner: type[Any]) -> Any:
        """Bound to a client."""
        if client is None:
            return self
        return AsyncPages(client, self.build) if client.is_async else Pages(client, self.build)


class Pages(Generic[Parameters, Got, Item]):
    """A list, asked for by `Omonat`."""

    def __init__(self, client: "Omonat", build: Callable[Parameters, Call[Got]]) -> None:
        self._client, self._build = client, build

    def __call__(self, *arguments: Parameters.args, **named: Parameters.kwargs) -> Got:
        """One page."""
        return self._client.send(self._build(*arguments, **named))

    def each(self, *arguments: Parameters.args, **named: Parameters.kwargs) -> Iterator[Item]:
        """Every item, page by page as they are needed."""
        while True:
            page: Any = self(*arguments, **named)
            yield from page.items
            if page.next is None:
                return
            named["cursor"] = page.next


class AsyncPages(Generic[Parameters, Got, Item]):
    """A list, asked for by `AsyncOmonat`."""

    def __init__(self, client: "AsyncOmonat", build: Callable[Parameters, Call[Got]]) -> None:
        self._client, self._build = client, build

    async def __call__(self, *arguments: Parameters.args, **named: Parameters.kwargs) -> Got:
        """One page."""
        return await self._client.send(self._build(*arguments, **named))

    async def each(self, *arguments: Parameters.args, **named: Parameters.kwargs) -> AsyncIterator[Item]:
        """Every item, page by page as they are needed."""
        while True:
            page: Any = await self(*arguments, **named)
            for item in page.items:
                yield item
            if page.next is None:
                return
            named["cursor"] = page.next
