"""Bundles looked at by several processes at once, so that a verification uses the cores that it is given.

Each process opens the same database and folder for reading, and answers with 32 bytes for 256 events; the answers are
put in order here, where they are followed to the signed root. A process that fails is missed by nobody: what it was
asked is looked at here, and here its reason is heard.
"""

import heapq
import multiprocessing
import signal
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path

from omonat.ledger.bundles import CHUNK, roots_between
from omonat.ledger.tiles import WIDTH, TileFolder
from omonat.storage import Database, data_tables

Roots = list[bytes | None]

SPAN = 32 * CHUNK
"""Events that a process is asked about at once."""
WORTH = 200_000
"""Events for which one more process is started: that takes about as long as looking at half of them."""
_ASKED_AT_ONCE = 2  # one that it looks at, one that it will find when it is done
_WINDOW = 4  # spans that each may be ahead of the first one that is missing: so memory is bounded


class _Lane:
    """Another process, and the spans that it was asked about."""

    def __init__(self, url: str, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would share the locks of SQLite with us
        self.connection, its_end = context.Pipe()
        self.asked: deque[int] = deque()
        self._process = context.Process(target=_look, args=(its_end, url, folder), daemon=True)
        self._process.start()
        its_end.close()

    def answer(self) -> tuple[int, Roots] | None:
        """What it says; None for its first word, that it is ready. Raises EOFError or OSError when it has ended."""
        said: Roots | None = self.connection.recv()
        return None if said is None else (self.asked.popleft(), said)

    def end(self) -> None:
        """It only reads, so it may be stopped anywhere."""
        self.connection.close()
        self._process.terminate()
        self._process.join()


def _look(connection: Connection, url: str, folder: Path) -> None:
    """The work of the other process, until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started us ends us by ending himself
    database = Database(url, data_tables)
    tiles = TileFolder(folder)
    with suppress(Exception):  # whoever asked looks for himself, and hears why
        connection.send(None)
        while True:
            start, end = connection.recv()
            connection.send(roots_between(database, tiles, start, end))
    connection.close()
    database.close()


class Lanes:
    """Spans by their number, and who looks at which. To be used as a context: at its end the other processes end."""

    def __init__(self, database: Database, tiles: TileFolder, size: int, cores: int) -> None:
        """For the first `size` positions; `cores`: by how many processes at most, ours included."""
        self._database = database
        self._tiles = tiles
        self._size = size
        self._others = min(cores - 1, size // WORTH)
        self._lanes: list[_Lane] = []
        self._found: dict[int, Roots] = {}
        self._returned: list[int] = []  # asked of a process that has ended
        self._taken = 0  # every span before it was given to somebody
        self._missing = 0  # every span before it was handed out

    def __enter__(self) -> "Lanes":
        self._lanes = [_Lane(self._database.url, self._tiles.folder) for _ in range(self._others)]
        return self

    def __exit__(self, *_error: object) -> None:
        for lane in self._lanes:
            lane.end()

    def roots(self) -> Iterator[tuple[int, int, Roots]]:
        """(start, end, `roots_between` these positions) of each CHUNK, in order."""
        while self._missing * SPAN < self._size:
            while self._missing not in self._found:
                self._go_on()
            start, end = self._range(self._missing)
            roots = self._found.pop(self._missing)
            for first in range(start, end, CHUNK):
                at = (first - start) // WIDTH
                yield first, min(first + CHUNK, end), roots[at : at + CHUNK // WIDTH]
            self._missing += 1

    def _go_on(self) -> None:
        """Hear who is done, ask on, and look at a span here; only where none is left is anybody waited for."""
        self._hear(0)
        if self._missing in self._found:
            return
        number = self._next()
        if number is None:
            self._hear(None)
        else:
            self._found[number] = roots_between(self._database, self._tiles, *self._range(number))

    def _hear(self, timeout: float | None) -> None:
        said = wait([lane.connection for lane in self._lanes], timeout) if self._lanes else []
        for lane in [lane for lane in self._lanes if lane.connection in said]:
            try:
                answer = lane.answer()
                if answer is not None:
                    self._found[answer[0]] = answer[1]
                self._ask(lane)
            except (EOFError, OSError):
                self._give_up(lane)

    def _ask(self, lane: _Lane) -> None:
        while len(lane.asked) < _ASKED_AT_ONCE and (number := self._next()) is not None:
            lane.asked.append(number)
            lane.connection.send(self._range(number))

    def _give_up(self, lane: _Lane) -> None:
        self._lanes.remove(lane)
        lane.end()
        for number in lane.asked:
            heapq.heappush(self._returned, number)

    def _next(self) -> int | None:
        """A span that nobody looks at yet; None when there is none, or none that may be so far ahead."""
        if self._returned:
            return heapq.heappop(self._returned)
        if self._taken * SPAN >= self._size or self._taken >= self._missing + _WINDOW * (len(self._lanes) + 1):
            return None
        self._taken += 1
        return self._taken - 1

    def _range(self, number: int) -> tuple[int, int]:
        return number * SPAN, min((number + 1) * SPAN, self._size)
