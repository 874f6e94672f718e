"""Floor 3: durable background work (docs/decisions/0004-durable-jobs.md).

An intention is a row of the outbox, written in the transaction of the act that wants it, so nothing that was answered
with success is lost: not the destruction that a person demanded (Art. 17), not the notice owed to him within three
days (Art. 23). The dispatcher, inside `omonat serve`, turns each row into one durable workflow of DBOS whose id is the
row's business key. The command line only writes rows.

Invariants
- One business key is one job, however often it is added.
- A job runs at least once, and again after a crash: every work is idempotent ("ensure sent", "ensure absent").
- Payloads hold ids and words, never a value of a person; the tables of DBOS hold the id of the row and nothing else.
- What goes wrong leaves a step as a stable code, never as the text of an exception.

Entry points: `Outbox` (add, find and repeat what failed), `Dispatcher` with its `Work`s, `Periodic` for what returns,
`Runs` for what a member of the staff starts and watches.
"""

from omonat.jobs.dispatcher import Dispatcher, Work
from omonat.jobs.model import Job, Options, Periodic, Run, RunCancelled, UnknownJob
from omonat.jobs.runs import Outcome, Progress, Runs
from omonat.jobs.service import Outbox

__all__ = [
    "Dispatcher", "Job", "Options", "Outbox", "Outcome", "Periodic", "Progress", "Run", "RunCancelled", "Runs",
    "UnknownJob", "Work",
]  # fmt: skip
