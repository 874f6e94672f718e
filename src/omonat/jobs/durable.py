"""The only module that knows DBOS: one durable workflow per try of a job; a failed try leaves the next one, delayed.

DBOS stores business keys (as ids of workflows: `case:7`, its second try `case:7#2`), ids of outbox rows, and words for
outcomes; all as JSON. It is one per process. Everything here is called from threads without an event loop.
Wire format: the names `job`, `attempt` and `again`, the arguments of `job` and the constant version below are stored
with workflows in flight. Never change them; a workflow of another version is never resumed.
A try is an ordinary function in a pool of threads: as a coroutine, it holds a thread of that pool even while it waits
for another one, and a few of them stop everything for ever.
"""

import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy.exc import DBAPIError

from omonat.jobs.model import Options

if TYPE_CHECKING:
    from dbos import DBOSConfig, WorkflowStatus

Attempt = Callable[[str, bool], str]
"""One try: outbox id, whether it is the last one; answers OVER or AGAIN and raises nothing."""

OVER, AGAIN = "over", "again"
SCHEMA = "omonat_jobs"
VERSION = "1"
QUEUE = "again"
_GRACE = 5  # seconds
_SETTLES = 2.0  # seconds after which DBOS has stored of a failed workflow what it can
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class _Lost(NamedTuple):
    """A try that DBOS could not keep its books of: its job, and when it ended (monotonic)."""

    business_key: str
    outbox_id: str
    at: float


class Durable:
    """Starts workflows and resumes those that a killed process left behind."""

    _launched = False

    def __init__(self, url: str, attempt: Attempt, options: Options) -> None:
        self._url, self._attempt, self._options = url, attempt, options
        self._job: Callable[[str, int], str] | None = None
        self._lost: dict[str, _Lost] = {}  # by workflow

    def launch(self) -> None:
        """Make the tables if they are missing, resume what is in flight, be ready to start more."""
        from dbos import DBOS  # here, because it costs the command line 0.1 s that it does not need

        if Durable._launched:
            raise RuntimeError("one dispatcher per process: DBOS knows no second one")
        _silence()
        DBOS(config=self._config())
        self._job = _declare(self._attempt, self._options.pauses, self._lost)
        DBOS.launch()
        DBOS.register_queue(QUEUE, worker_concurrency=self._options.threads, polling_interval_sec=0.5)
        Durable._launched = True

    def stop(self) -> None:
        """Give running tries a moment, then let go; what is not finished is resumed at the next launch."""
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=_GRACE)
        self._job = None
        Durable._launched = False

    def start(self, business_key: str, outbox_id: str, *, stale: bool) -> None:
        """Run a job, unless one of its tries runs or waits already.

        A job whose tries have all ended although it did not is begun anew. With `stale`, tries that another node left
        behind are taken over; never our own, for a try that loses its workflow keeps its thread until the winner ends.
        """
        from dbos import DBOS, SetWorkflowID

        assert self._job is not None, "not launched"
        known = self._tries(business_key)
        living = [found for found in known if found.status not in _ENDED]
        for found in living:
            is_left = stale and found.executor_id != self._options.node
            if found.status == "PENDING" and (is_left or found.workflow_id in self._lost):
                DBOS.resume_workflow(found.workflow_id)
        if living:
            return
        if known:
            DBOS.delete_workflows([found.workflow_id for found in known])
        with SetWorkflowID(business_key):
            DBOS.start_workflow(self._job, outbox_id, 1)

    def go_on(self) -> None:
        """Tries whose books could not be kept, for their disk was full: they are resumed, or begun anew."""
        for workflow_id, lost in list(self._lost.items()):
            if time.monotonic() - lost.at > _SETTLES:
                self.start(lost.business_key, lost.outbox_id, stale=False)
                del self._lost[workflow_id]

    def _tries(self, business_key: str) -> "list[WorkflowStatus]":
        """Every try that is known."""
        from dbos import DBOS

        ids = [_try_id(business_key, number) for number in range(1, len(self._options.pauses) + 2)]
        return DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False)

    def prune(self, age: timedelta) -> None:
        """Forget workflows that were created longer than `age` ago and have ended."""
        from dbos import DBOS

        before = (datetime.now(UTC) - age).isoformat()
        while True:
            ended = DBOS.list_workflows(
                status=_ENDED, end_time=before, limit=200, load_input=False, load_output=False
            )  # fmt: skip
            if not ended:
                return
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])

    def _config(self) -> "DBOSConfig":
        from dbos import DBOSConfig
        from dbos._serialization import DBOSPortableJSON  # the default one is pickle

        return DBOSConfig(
            name="omonat",
            system_database_url=self._url,
            dbos_system_schema=SCHEMA,
            executor_id=self._options.node,
            application_version=VERSION,
            serializer=DBOSPortableJSON,
            use_listen_notify=False,
            enable_otlp=False,
            max_executor_threads=self._options.threads,
        )


def _try_id(business_key: str, number: int) -> str:
    return business_key if number == 1 else f"{business_key}#{number}"


def _declare(attempt: Attempt, pauses: tuple[float, ...], lost: dict[str, _Lost]) -> Callable[[str, int], str]:
    """The workflow of every try. Waiting for the next one holds no thread: a dead mail server stops no erasure.

    `lost` gets those that the database of DBOS failed: nobody else would look after them before the next start.
    """
    from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

    @DBOS.step(name="attempt")
    def try_once(outbox_id: str, is_last: bool) -> str:
        return attempt(outbox_id, is_last)

    def go_on(outbox_id: str, number: int, business_key: str) -> str:
        is_last = number > len(pauses)
        outcome = try_once(outbox_id, is_last)
        if outcome == AGAIN and not is_last:
            with SetWorkflowID(_try_id(business_key, number + 1)), SetEnqueueOptions(delay_seconds=pauses[number - 1]):
                DBOS.enqueue_workflow(QUEUE, job, outbox_id, number + 1)
        return outcome

    @DBOS.workflow(name="job")
    def job(outbox_id: str, number: int) -> str:
        workflow_id = DBOS.workflow_id or ""
        business_key = workflow_id.rpartition("#")[0] if number > 1 else workflow_id
        try:
            return go_on(outbox_id, number, business_key)
        except DBAPIError:
            lost[workflow_id] = _Lost(business_key, outbox_id, time.monotonic())
            raise

    return job


def _silence() -> None:
    """DBOS prints its life, a link to a service, and texts of errors: none of that belongs into our lines."""
    logger = logging.getLogger("dbos")
    logger.handlers[:] = [logging.NullHandler()]
    logger.propagate = False
