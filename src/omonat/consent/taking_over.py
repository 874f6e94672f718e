"""A file of consents as jobs: looked at first, then taken over by the word of whoever uploaded it (Art. 31).

The file lies sealed beside the run that looks at it, under a key that only this file has. Key and file are destroyed
when the file was taken over or thrown away, and when it is a day old. What is told of it are counts, lines and codes.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy import Connection

from omonat.consent.import_file import count_rows, rows_of, text_of
from omonat.consent.importing import Importing
from omonat.crypto import open_sealed, seal
from omonat.jobs import Outcome, Progress, Run, Runs
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import new_id
from omonat.keystore import KeyStore
from omonat.staff import Actor, require
from omonat.storage import Database

CHECK, TAKE = "consent_check", "consent_import"
KINDS = (CHECK, TAKE)
RIGHT = "person.correct"
FILES_LIVE = timedelta(hours=24)
MOST_TOLD = 1000
_STEP = 25


class TakingOver:
    """Looks at uploaded files and takes them over; each is a run."""

    def __init__(
        self, database: Database, keystore: KeyStore, importing: Importing, *, runs: Runs, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._keystore = keystore
        self._importing = importing
        self._runs = runs
        self._clock = clock

    # --- asking ---------------------------------------------------------------------------------------------------

    def look_at(self, content: bytes, *, by: Actor, now: datetime) -> Run:
        """Want a file looked at: the run of that. Raises NotAllowed, UnreadableTable."""
        require(by, RIGHT)
        rows, run_id = count_rows(content), new_id()
        sealed = seal(self._keystore.make_passing(run_id, now), content, run_id.bytes)

        def unit(tx: Connection) -> Run:
            run = self._runs.ask(tx, CHECK, {"rows": str(rows)}, actor=by.actor, now=now, run_id=run_id)
            self._runs.keep(tx, run_id, sealed, now + FILES_LIVE)
            return run

        return self._database.write(unit)

    def take_over(self, check_id: UUID, *, by: Actor, now: datetime) -> Run:
        """Want the file taken over that was looked at; twice is once. Raises NotAllowed, NotFound when it is gone."""
        check = self._own(check_id, by)
        if not is_there(check, now):
            raise NotFound
        details = {**check.details, "check": str(check_id)}
        run_id = uuid5(check_id, TAKE)  # one for each file, however often the button is pressed
        return self._database.write(
            lambda tx: self._runs.ask(tx, TAKE, details, actor=by.actor, now=now, run_id=run_id)
        )

    def drop(self, check_id: UUID, *, by: Actor, now: datetime) -> None:
        """Throw the file away; a look that is under way ends. Raises NotAllowed, NotFound."""
        check = self._own(check_id, by)
        self._runs.cancel(check.run_id, now)
        self._destroy(check.run_id, now)

    def stop(self, run_id: UUID, *, by: Actor, now: datetime) -> bool:
        """Stop taking over; what was taken stays, and the file goes. False: it had ended.

        Raises NotAllowed, NotFound.
        """
        require(by, RIGHT)
        run = self._runs.get(run_id)
        if run.kind != TAKE or run.actor != by.actor:
            raise NotFound
        stopped = self._runs.cancel(run_id, now)
        self.tidy(run_id)
        return stopped

    def _own(self, check_id: UUID, by: Actor) -> Run:
        require(by, RIGHT)
        check = self._runs.get(check_id)
        if check.kind != CHECK or check.actor != by.actor:
            raise NotFound
        return check

    # --- carrying out ---------------------------------------------------------------------------------------------

    def check(self, run: Run, progress: Progress) -> Outcome:
        """The work of looking: nothing is stored but what came out."""
        return self._go_through(run, run.run_id, progress)

    def take(self, run: Run, progress: Progress) -> Outcome:
        """The work of taking over. After a crash it begins anew: rows that were taken count as taken before."""
        return self._go_through(run, UUID(run.details["check"]), progress)

    def tidy(self, run_id: UUID) -> None:
        """After the work of a run: the file goes once it was taken over, or that was stopped or failed."""
        run = self._runs.get(run_id)
        if run.kind == TAKE and not run.is_open:
            self._destroy(UUID(run.details["check"]), self._clock())

    def _go_through(self, run: Run, check_id: UUID, progress: Progress) -> Outcome:
        now, total = self._clock(), int(run.details["rows"])
        content = open_sealed(self._keystore.open_passing(check_id), self._runs.kept(check_id, now), check_id.bytes)
        counts, problems = Counter[str](), list[tuple[int, str]]()
        progress(0, total)
        results = self._importing.take(
            rows_of(text_of(content)), actor=run.actor, now=now, dry_run=run.kind == CHECK
        )  # fmt: skip
        for done, result in enumerate(results, 1):
            counts[result.outcome] += 1
            if result.code and len(problems) < MOST_TOLD:
                problems.append((result.line, result.code))
            if done % _STEP == 0:
                progress(done, total)
        told = {word: counts[word] for word in ("taken", "known", "refused")}
        return Outcome(counts={**told, "problems": problems})

    def _destroy(self, check_id: UUID, now: datetime) -> None:
        if self._runs.forget(check_id, now):
            self._database.scrub()
        self._keystore.destroy_passing([check_id])


def is_there(check: Run, now: datetime) -> bool:
    """Whether a file was looked at to its end and still lies there."""
    lives = check.result_until is not None and now < check.result_until and check.fetched_at is None
    return check.kind == CHECK and check.state == "done" and lives
