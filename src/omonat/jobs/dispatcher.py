"""The dispatcher: takes due rows of the outbox, hands each to a durable workflow, and runs the tries of the work."""

import logging
import os
import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from omonat.jobs import store
from omonat.jobs.durable import AGAIN, OVER, Durable
from omonat.jobs.model import Job, Options, Periodic, UnknownJob
from omonat.jobs.rules import failure_code, may_be_repeated, newest_turn
from omonat.jobs.service import Outbox
from omonat.kernel.clock import Clock
from omonat.storage import Database

Work = Callable[[dict[str, str]], None]
"""What is done for one kind, given the payload. **Idempotent**: it runs again after a crash or a temporary failure.

Raises an OmonatError with `temporary` to be tried again later, without it to be given up at once.
"""

log = logging.getLogger(__name__)

BATCH = 100
TENDING = 600.0  # seconds between takeovers of stale claims and prunings
KEEP_DONE, KEEP_FAILED, KEEP_WORKFLOWS = timedelta(days=30), timedelta(days=180), timedelta(days=1)


class Dispatcher:
    """Runs durable jobs inside `omonat serve`; at most one per process, never in the command line.

    Rows that a killed process had claimed are dispatched again at `start`: their workflows continue where they
    stood, and only the try that was running runs again. So every work must be idempotent. Each node needs a name of
    its own that survives its restarts (`Options.node`, or OMONAT_NODE, or the host's name); on SQLite there is one.
    A node that does not return loses its jobs to the others after `Options.stale_after`.
    """

    def __init__(
        self, database: Database, jobs_url: str, works: Mapping[str, Work], *, clock: Clock,
        periodic: tuple[Periodic, ...] = (), options: Options = Options(),  # noqa: B008 - frozen
    ) -> None:  # fmt: skip
        self._database, self._works, self._clock = database, dict(works), clock
        self._periodic, self._options = periodic, _named(options, database)
        self._durable = Durable(jobs_url, self._attempt, self._options)
        self._woken, self._ended = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._last_turns: dict[str, str] = {}
        self._tend_at: datetime | None = None
        self._taken_up = False

    def start(self) -> None:
        """Launch, then take up what was left and poll, in a thread of its own. Raises what stops the launch."""
        ready: Future[None] = Future()
        self._ended.clear()
        self._taken_up = False
        self._thread = threading.Thread(target=self._run, args=(ready,), name="omonat-dispatcher", daemon=True)
        self._thread.start()
        ready.result()

    def stop(self) -> None:
        """Stop taking rows and let go. Safe at any moment: what is in flight is resumed at the next start."""
        self._ended.set()
        self._woken.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def wake(self) -> None:
        """Look now, not at the next poll: call it after a commit that added to the outbox."""
        self._woken.set()

    def _run(self, ready: "Future[None]") -> None:
        """The whole life of the dispatcher. A thread of its own, for the durable engine dislikes event loops."""
        try:
            self._durable.launch()
        except BaseException as error:  # whatever it is belongs to the caller of `start`
            ready.set_exception(error)
            return
        ready.set_result(None)
        while not self._ended.is_set():
            if not self._safe_round():
                self._woken.wait(self._options.poll)
            self._woken.clear()
        self._durable.stop()

    def _safe_round(self) -> bool:
        """Whether more is due at once."""
        try:
            return self._round()
        except Exception as error:  # the worker loop: a database that is away must not end it
            self._tend_at = None
            log.error("dispatcher: a round failed: %s", type(error).__name__)
            self._ended.wait(1.0)
            return False

    def _round(self) -> bool:
        now = self._clock.now()
        if not self._taken_up:
            self._dispatch_again(now + timedelta(seconds=1), stale=False)
            self._taken_up = True
        self._add_periodic(now)
        with self._database.read() as tx:
            jobs = store.due(tx, now, BATCH)
        self._take(jobs, now, stale=False)
        self._durable.go_on()
        if self._tend_at is None or now >= self._tend_at:
            self._tend(now)
        return len(jobs) == BATCH

    def _take(self, jobs: list[Job], now: datetime, *, stale: bool) -> None:
        if not jobs:
            return
        for job in self._database.write(lambda tx: [one for one in jobs if store.claim(tx, one, now)]):
            self._start(job, stale=stale)

    def _start(self, job: Job, *, stale: bool) -> None:
        try:
            self._durable.start(job.business_key, str(job.outbox_id), stale=stale)
        except Exception as error:  # the worker loop: this row goes back, the others go on
            log.error("dispatcher: job %s did not start: %s", job.outbox_id, type(error).__name__)
            back_to = job.dispatched_at if stale else None
            self._database.write(lambda tx: store.unclaim(tx, job.outbox_id, back_to))
            self._tend_at = None if stale else self._tend_at

    def _dispatch_again(self, before: datetime, *, stale: bool) -> None:
        """Start what is claimed and unfinished; a workflow that runs or waits is left alone unless it is stale."""
        with self._database.read() as tx:
            jobs = store.claimed(tx, before, 100_000)
        if stale:
            self._take(jobs, self._clock.now(), stale=True)
            return
        for job in jobs:
            self._start(job, stale=False)

    def _add_periodic(self, now: datetime) -> None:
        for periodic in self._periodic:
            key, _turn = newest_turn(periodic, now)
            if self._last_turns.get(periodic.kind) != key and self._add_turn(periodic, key, now):
                self._last_turns[periodic.kind] = key

    def _add_turn(self, periodic: Periodic, key: str, now: datetime) -> bool:
        """False while an earlier turn is unfinished: turns of one kind never overlap."""
        with self._database.read() as tx:
            if store.find_key(tx, key) is not None:
                return True
            if store.find_open(tx, periodic.kind) is not None:
                return False
        row = {"kind": periodic.kind, "business_key": key, "payload": periodic.payload}
        self._database.write(lambda tx: Outbox().add(tx, now=now, **row))  # type: ignore[arg-type]  # as in the row
        return True

    def _tend(self, now: datetime) -> None:
        self._tend_at = now + timedelta(seconds=TENDING)
        self._dispatch_again(now - timedelta(seconds=self._options.stale_after), stale=True)
        self._database.write(lambda tx: store.prune(tx, done_before=now - KEEP_DONE, failed_before=now - KEEP_FAILED))
        self._durable.prune(KEEP_WORKFLOWS)

    def _attempt(self, outbox_id: str, is_last: bool) -> str:
        """One try of a job. Raises nothing: what it would say could hold a personal value, and would be stored."""
        job_id = UUID(outbox_id)
        try:
            with self._database.read() as tx:
                job = store.find(tx, job_id)
            if job is None or job.done_at is not None:
                return OVER
            self._work(job.kind)(dict(job.payload))
            self._database.write(lambda tx: store.finish(tx, job_id, self._clock.now(), None))
            return OVER
        except Exception as error:  # the worker loop: mapped to a code here, before it leaves the step
            return self._failed(job_id, error, is_last)

    def _work(self, kind: str) -> Work:
        if kind not in self._works:
            raise UnknownJob(kind=kind)
        return self._works[kind]

    def _failed(self, job_id: UUID, error: Exception, is_last: bool) -> str:
        code, ends = failure_code(error), is_last or not may_be_repeated(error)
        log.warning("job %s: %s (%s)%s", job_id, code, type(error).__name__, ", given up" if ends else "")
        try:
            if ends:
                self._database.write(lambda tx: store.finish(tx, job_id, self._clock.now(), code))
            else:
                self._database.write(lambda tx: store.note_failure(tx, job_id, code))
        except Exception as second:  # the worker loop: the database is away; the row stays open and is found again
            log.error("job %s: its failure could not be stored: %s", job_id, type(second).__name__)
            return AGAIN
        return OVER if ends else AGAIN


def _named(options: Options, database: Database) -> Options:
    """SQLite has one node, whatever its host is called today; nodes on a server need names that last."""
    if options.node:
        return options
    node = "omonat" if database.is_sqlite else os.environ.get("OMONAT_NODE") or socket.gethostname()
    return msgspec.structs.replace(options, node=node)
