"""The only module that knows DBOS: one durable workflow per job, its tries and the pauses between them.

DBOS stores the business key (as the workflow's id), the id of the outbox row, and words for outcomes; all as JSON.
It is one per process. Wire format: the names `job` and `attempt`, the arguments of `job` and the constant version
below are stored with workflows in flight. Never change them; a version that does not match is never resumed.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from omonat.jobs.model import Options

if TYPE_CHECKING:
    from dbos import DBOSConfig

Attempt = Callable[[str, bool], str]
"""One try: outbox id, whether it is the last one; answers OVER or AGAIN and raises nothing."""

OVER, AGAIN = "over", "again"
SCHEMA = "omonat_jobs"
VERSION = "1"
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]


class Durable:
    """Starts workflows and resumes those that a killed process left behind."""

    def __init__(self, url: str, attempt: Attempt, options: Options) -> None:
        self._url, self._attempt, self._options = url, attempt, options
        self._job: Callable[[str], Any] | None = None

    def launch(self) -> None:
        """Make the tables if they are missing, resume what is in flight, be ready to start more."""
        from dbos import DBOS  # here, because it costs the command line 0.1 s that it does not need

        _silence()
        DBOS(config=self._config())
        self._job = _declare(self._attempt, self._options.pauses)
        DBOS.launch()

    def stop(self) -> None:
        """Give running steps a moment, then let go; what is not finished is resumed at the next launch."""
        from dbos import DBOS

        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=0)
        self._job = None

    def start(self, business_key: str, outbox_id: str, *, stale: bool) -> None:
        """Run the workflow of a job, unless it runs already.

        One that ended although its job did not is begun anew. With `stale`, one that some node left is taken over.
        """
        from dbos import DBOS, SetWorkflowID

        assert self._job is not None, "not launched"
        status = DBOS.get_workflow_status(business_key)
        if status is not None and status.status in _ENDED:
            DBOS.delete_workflow(business_key)
        elif status is not None and stale:
            DBOS.resume_workflow(business_key)
            return
        with SetWorkflowID(business_key):
            DBOS.start_workflow(self._job, outbox_id)

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


def _declare(attempt: Attempt, pauses: tuple[float, ...]) -> Callable[[str], Any]:
    """The workflow of every job. Waiting holds no thread, so a dead mail server does not stop erasures."""
    from dbos import DBOS

    @DBOS.step(name="attempt")
    async def try_once(outbox_id: str, is_last: bool) -> str:
        return await asyncio.to_thread(attempt, outbox_id, is_last)

    @DBOS.workflow(name="job")
    async def job(outbox_id: str) -> str:
        for pause in pauses:
            if await try_once(outbox_id, False) == OVER:
                return OVER
            await DBOS.sleep_async(pause)
        return await try_once(outbox_id, True)

    return job


def _silence() -> None:
    """DBOS prints its life, a link to a service, and texts of errors: none of that belongs into our lines."""
    logger = logging.getLogger("dbos")
    logger.handlers[:] = [logging.NullHandler()]
    logger.propagate = False
