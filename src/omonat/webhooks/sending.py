"""The edge: one POST to one address that was looked at before, and nothing else.

The name is resolved here and the connection goes to the very address that was permitted, so a name that changes
between looking and connecting leads nowhere (DNS rebinding). No proxy of the environment, no redirect, no body read.
"""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from omonat.webhooks import rules

if TYPE_CHECKING:
    import httpx

CONNECT, WHOLE = 5.0, 15.0  # seconds
_MOST_ADDRESSES = 3
_TOO_BUSY, _GONE, _BROKEN = (429, 502, 503, 504), 410, 500


class Answer(msgspec.Struct, frozen=True):
    """What a try led to. `problem` is empty when the message arrived (2xx), else a word; never the receiver's text.

    Words: address, unreachable, tls, timeout, protocol, redirect, gone, refused, busy, broken. `wait`: his Retry-After.
    """

    status: int | None
    problem: str
    wait: float | None = None


Resolve = Callable[[str, int], list[str]]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, each once. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


class Sender:
    """Sends messages. `hosts`: names of the operator's own network that may be called all the same."""

    def __init__(
        self, *, dev: bool, hosts: tuple[str, ...] = (), resolve: Resolve = resolve, seconds: float = WHOLE,
        trust: ssl.SSLContext | None = None,
    ) -> None:  # fmt: skip
        self.dev, self._hosts, self._resolve, self._seconds = dev, hosts, resolve, seconds
        self._given_trust = trust

    def send(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """One try. Raises nothing that has to do with the receiver."""
        import httpx  # here, because it costs the command line 0.1 s that it does not need

        if rules.url_problem(url, dev=self.dev):
            return Answer(None, "address")
        try:
            target = httpx.URL(url)
            addresses = self._addresses(target)
        except (httpx.InvalidURL, OSError, UnicodeError, ValueError):
            return Answer(None, "unreachable")
        if not addresses:
            return Answer(None, "address")
        answer = Answer(None, "unreachable")
        for address in addresses[:_MOST_ADDRESSES]:
            answer = self._post(target, address, headers, body)
            if answer.problem != "unreachable":
                break
        return answer

    def _addresses(self, target: "httpx.URL") -> list[str]:
        """Empty when one of them is forbidden: a name that leads inside as well as outside is a trap."""
        named = target.host in self._hosts
        found = self._resolve(target.raw_host.decode("ascii").strip("[]"), target.port or 443)
        allowed = [one for one in found if rules.is_permitted(one, dev=self.dev, named=named)]
        return allowed if len(allowed) == len(found) else []

    def _post(self, target: "httpx.URL", address: str, headers: Mapping[str, str], body: bytes) -> Answer:
        import httpx

        named = {**headers, "Host": target.netloc.decode("ascii"), "Accept": "*/*", "Accept-Encoding": "identity"}
        limit = httpx.Timeout(self._seconds, connect=min(CONNECT, self._seconds))
        with self._client(limit) as client, _deadline(self._seconds) as deadline:
            extensions = {"sni_hostname": target.raw_host.decode("ascii"), "trace": deadline.trace}
            try:
                with client.stream(
                    "POST", target.copy_with(host=address), content=body, headers=named, extensions=extensions
                ) as answer:
                    return _read(answer)
            except httpx.HTTPError as error:
                return Answer(None, "timeout" if deadline.passed else _problem(error))

    def _client(self, limit: "httpx.Timeout") -> "httpx.Client":
        import httpx

        return httpx.Client(timeout=limit, trust_env=False, follow_redirects=False, verify=self._trust)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """SSL_CERT_FILE of the environment names the authorities of the operator's own network."""
        import httpx

        return self._given_trust or httpx.create_ssl_context(trust_env=True)


def _read(answer: "httpx.Response") -> Answer:
    status = answer.status_code
    if answer.is_success:
        return Answer(status, "")
    if answer.is_redirect:
        return Answer(status, "redirect")
    if status == _GONE:
        return Answer(status, "gone")
    if status in _TOO_BUSY:
        wait = answer.headers.get("retry-after", "")
        return Answer(status, "busy", float(wait[:9]) if wait.isascii() and wait.isdigit() else None)
    return Answer(status, "broken" if status >= _BROKEN else "refused")


def _problem(error: "httpx.HTTPError") -> str:
    import httpx

    if isinstance(error, httpx.ConnectTimeout):
        return "unreachable"  # another address of the name may answer
    if isinstance(error, httpx.TimeoutException):
        return "timeout"
    if isinstance(error, httpx.ConnectError):
        return "tls" if isinstance(_root(error), ssl.SSLError) else "unreachable"
    return "protocol"


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__ or error
    return error


class _Deadline:
    """Ends a conversation that drips: timeouts of reading begin anew with every byte."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: Any = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True

    def trace(self, event: str, facts: Mapping[str, Any]) -> None:
        """httpcore tells every step; after connecting and after TLS there is a new stream."""
        stream = facts.get("return_value")
        if stream is not None and event.endswith(".complete") and hasattr(stream, "get_extra_info"):
            self._socket = stream.get_extra_info("socket")

    def _end(self) -> None:
        self.passed = True
        if self._socket is not None:
            try:
                self._socket.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # closed a moment ago


@contextmanager
def _deadline(seconds: float) -> Iterator[_Deadline]:
    made = _Deadline(seconds)
    made._timer.start()
    try:
        yield made
    finally:
        made._timer.cancel()
