"""A connected system on loopback that receives webhooks: it answers as told, and keeps what came."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from omonat.client.webhooks import Event, verify

OK = 204
HANG = 0
"""Instead of a status: say nothing until the receiver is closed."""
_PATIENCE = 60.0


class Came(NamedTuple):
    """One message as it arrived."""

    headers: dict[str, str]
    body: bytes
    path: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """`answers`: statuses for the next messages, in order; afterwards `otherwise`. `headers` go with each answer."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.otherwise = OK
        self.headers: dict[str, str] = {}
        self.came: list[Came] = []
        self._changed = threading.Condition()
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._kind())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _kind(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                status = receiver.take(Came({n.lower(): v for n, v in self.headers.items()}, body, self.path))
                if status == HANG:
                    receiver.ended.wait(_PATIENCE)
                    return
                self.send_response(status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Nothing is printed."""

        return Handler

    def take(self, came: Came) -> int:
        """Keep a message; the status to answer."""
        with self._changed:
            self.came.append(came)
            self._changed.notify_all()
            return self.answers.pop(0) if self.answers else self.otherwise

    def wait_for(self, count: int) -> list[Came]:
        """What came, once there are `count` messages."""
        end = time.monotonic() + _PATIENCE
        with self._changed:
            while len(self.came) < count:
                assert self._changed.wait(end - time.monotonic()), f"only {len(self.came)} of {count} came"
            return list(self.came)

    def events(self, secret: str, *, now: float | None = None) -> list[Event]:
        """Everything that came, verified as a receiver does."""
        return [verify(secret, one.headers, one.body, now=now) for one in self.came]

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A running one."""
    made = Receiver()
    try:
        yield made
    finally:
        made.close()
