"""Cookie choices per second over HTTP: each durable, with its consents and its ledger event, before it is answered.

The server is an ordinary `omonat serve` (not `--dev`) on one core, with its ledger, limits and checks; the load
generator is this process, on another core, with raw sockets that wait for each answer before they ask again. Every
call comes from an address of its own (a trusted proxy says so), so that the limit per address counts and lets it pass.
Half of the calls are first choices (a new visitor with new keys), half change the choice before.

    PYTHONPATH=tests .venv/bin/python bench/consent_http.py [--database URL --keys-database URL] [--seconds 10]

At the end it counts the rows: as many consents and ledger events as answers, or it fails.
"""

import argparse
import asyncio
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from urllib.request import urlopen

from sqlalchemy import create_engine, text

from harness.choices import shown_in
from harness.installation import Installation, clean_environment, new_installation
from harness.places import OMONAT, free_port

BODIES: list[bytes] = []
COOKIE = b"set-cookie: __Host-omonat_choice="


class Caller(asyncio.Protocol):
    """One connection that asks, waits for the answer, and asks again until the time is over."""

    def __init__(self, until: float, took: list[float]) -> None:
        self._until, self._took = until, took
        self._received, self._cookie, self._asked_at = b"", b"", 0.0
        self._random = random.Random(id(self))
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failures: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        address = ".".join(str(self._random.randrange(1, 255)) for _ in range(4)).encode()
        body = self._random.choice(BODIES)
        cookie = b"Cookie: __Host-omonat_choice=" + self._cookie + b"\r\n" if self._cookie else b""
        self._asked_at = time.perf_counter()
        self._transport.write(
            b"POST /uz-Latn/cookies HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nX-Forwarded-For: " + address + b"\r\n" + cookie
            + b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )  # fmt: skip

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, _rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        self._received = b""
        now = time.perf_counter()
        self._took.append(now - self._asked_at)
        if not head.startswith(b"HTTP/1.1 303") or b"changed=yes" in head:
            self.failures.append(head[:60])
        known = head.partition(COOKIE)[2].partition(b";")[0]
        self._cookie = b"" if self._cookie else known
        if now >= self._until:
            self._transport.close()
        else:
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self.failures.append(repr(exc).encode())
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, connections: int, seconds: float) -> tuple[list[float], list[bytes], float]:
    """(how long each answer took, what failed, how long it all took)."""
    took: list[float] = []
    begun = time.perf_counter()
    loop = asyncio.get_running_loop()
    made = [
        await loop.create_connection(lambda: Caller(begun + seconds, took), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(caller.done for _transport, caller in made))
    return took, [one for _transport, caller in made for one in caller.failures], time.perf_counter() - begun


def processor_seconds(pid: int) -> float:
    """Processor time that a process has used so far, from /proc."""
    after_name = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def read_banner(port: int) -> None:
    """The two answers to the banner of the start page, with the hash of the text that it shows."""
    with urlopen(f"http://127.0.0.1:{port}/uz-Latn/") as page:
        shown = shown_in(page.read().decode())
    fields = {"via": "banner", "back": "/uz-Latn/", "text": shown}
    BODIES[:] = [urlencode({"choice": word, **fields}).encode() for word in ("accept", "refuse")]


def serve(installation: Installation, port: int, core: int) -> subprocess.Popen[bytes]:
    """The server on its core, once it answers."""
    settings = installation.data / "omonat.toml"
    settings.write_text(f'trusted_proxies = ["127.0.0.1"]\n{settings.read_text("utf-8")}', "utf-8")
    words = ["taskset", "-c", str(core), str(OMONAT), "--data", str(installation.data), "serve", "--port", str(port)]
    log = (installation.home / "serve.log").open("wb")
    server = subprocess.Popen(words, stdout=log, stderr=log, env=clean_environment(installation.home))
    while server.poll() is None:
        try:
            read_banner(port)
            return server
        except OSError:
            time.sleep(0.1)
    raise SystemExit((installation.home / "serve.log").read_text("utf-8"))


def counted(installation: Installation, database: str) -> tuple[int, int]:
    """(consents, their ledger events) in the database."""
    url = database.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url or f"sqlite:///{installation.data / 'omonat.db'}")
    with engine.connect() as tx:
        consents = tx.scalar(text("SELECT count(*) FROM consent_event")) or 0
        events = tx.scalar(text("SELECT count(*) FROM ledger_event WHERE kind LIKE 'consent_%'")) or 0
    engine.dispose()
    return consents, events


def measure(installation: Installation, asked: argparse.Namespace) -> int:
    """Print the figures of one run."""
    port = free_port()
    server = serve(installation, port, asked.server_core)
    os.sched_setaffinity(0, {asked.load_core})
    try:
        asyncio.run(load(port, asked.connections, 2))  # warm
        before, busy, own = counted(installation, asked.database), processor_seconds(server.pid), time.process_time()
        took, failures, seconds = asyncio.run(load(port, asked.connections, asked.seconds))
        busy, own = processor_seconds(server.pid) - busy, time.process_time() - own
    finally:
        server.terminate()
        server.wait()
    after = counted(installation, asked.database)
    took.sort()
    print(f"{len(took) / seconds:,.0f} choices/s with {asked.connections} connections over {seconds:.1f} s")
    print(f"median {median(took) * 1e3:.1f} ms, p99 {took[int(len(took) * 0.99)] * 1e3:.1f} ms, "
          f"longest {took[-1] * 1e3:.1f} ms")  # fmt: skip
    print(f"server {busy / len(took) * 1e6:,.0f} µs of processor a choice, {busy / seconds:.0%} of its core: "
          f"{len(took) / busy:,.0f} choices per second of processor")  # fmt: skip
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"load generator {own / seconds:.0%} of its core, {memory} MB")
    written = tuple(later - earlier for later, earlier in zip(after, before, strict=True))
    print(f"{len(failures)} failed; {written[0]} consents and {written[1]} ledger events for {len(took)} answers "
          f"(load {os.getloadavg()[0]:.1f})")  # fmt: skip
    if failures:
        print(failures[:3])
    return int(bool(failures) or min(written) < len(took) or written[0] != written[1])


def main() -> int:
    """Measure, once."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="", help="postgresql://... of an empty database; SQLite without it")
    parser.add_argument("--keys-database", default="", help="the same for the key store")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--server-core", type=int, default=0)
    parser.add_argument("--load-core", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="omonat-bench-") as folder:
        place = Path(folder) / "installation"
        made = new_installation(place, database=asked.database, keys_database=asked.keys_database)
        return measure(made, asked)


if __name__ == "__main__":
    sys.exit(main())
