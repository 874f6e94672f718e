"""Writing into the history what a new version of the policy made void (clauses 9.1, 9.2; Art. 19).

The decision knows at once, because the version in force carries what lapsed under it (`Policy.lapsed`). The history
follows as a job that may stop anywhere and begin again: whoever said something new meanwhile is left alone.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from sqlalchemy import Connection

from omonat.consent import store
from omonat.consent.model import ConsentGiven
from omonat.consent.service import Consents
from omonat.jobs import Outcome, Progress, Run, Runs
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.policy import Policies, Version
from omonat.storage import Database
from omonat.vault import Vault

KIND = "consent_void"
VIA = "policy"
PAGE = 200


class Voiding:
    """Finds the consents that lapsed and says so, one event per person, purpose and channel."""

    def __init__(
        self, database: Database, vault: Vault, consents: Consents, policies: Policies, *, runs: Runs,
        clock: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._consents = consents
        self._policies = policies
        self._runs = runs
        self._clock = clock

    def want(self, tx: Connection, version: Version, actor: str, now: datetime) -> None:
        """Part of publishing a version: the job is wanted when there is anything to say."""
        if self.count(tx, version, now):
            self._runs.ask(tx, KIND, {"version": version.number}, actor=actor, now=now)

    def count(self, tx: Connection, version: Version, now: datetime) -> int:
        """How many consents stand in the history that lapsed under a version."""
        return sum(store.count_standing(tx, *lapsed, now) for lapsed in sorted(version.facts.lapsed))

    def carry_out(self, run: Run, progress: Progress) -> Outcome:
        """The work of the job; `progress` gets consents done and their number."""
        with self._database.read() as tx:
            version = self._policies.in_force(tx)
            total = self.count(tx, version, self._clock())
        progress(0, total)
        done = 0
        for page in self._pages(version):
            done += sum(self._say(line) for line in page)
            progress(done, max(total, done))
        return Outcome(counts={"consents": done, "version": version.number})

    def _pages(self, version: Version) -> Iterator[list[store.StandingLine]]:
        for number, purpose, channel in sorted(version.facts.lapsed):
            after: SubjectId | None = None
            while True:
                with self._database.read() as tx:
                    page = store.standing_lines(tx, number, purpose, channel, self._clock(), after=after, limit=PAGE)
                if not page:
                    break
                yield page
                after = page[-1].subject_id

    def _say(self, line: store.StandingLine) -> int:
        try:
            keys = self._vault.keystore.open_subject(line.subject_id)
        except NotFound:  # on the way out: the saga of its destruction is resumed elsewhere
            return 0
        now = self._clock()

        def unit(tx: Connection) -> int:
            policy = self._policies.in_force(tx).facts
            said = self._vault.state(tx, line.subject_id, now).consents.get((line.purpose, line.channel))
            if said is None or not said.stands(now):
                return 0
            if (said.policy_number, line.purpose, line.channel) not in policy.lapsed:
                return 0  # given again meanwhile
            given = ConsentGiven(
                purpose=line.purpose, channel=line.channel, action="void", language=line.language,
                text_hash=line.text_hash, via=VIA,
            )  # fmt: skip
            self._consents.record(tx, keys, given, now=now)
            if not any(purpose == line.purpose for purpose, _ in self._consents.standing(tx, line.subject_id, now)):
                self._consents.begin_term(tx, line.subject_id, line.purpose, now)
            return 1

        return self._database.write(unit)
