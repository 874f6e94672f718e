"""The sweep: terms that ran out, consents that ran out, rows that live for minutes or days, visitors who are gone."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection

from omonat.consent import ConsentGiven, Consents
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.policy import Policies
from omonat.retention import rules, store
from omonat.retention.holds import Holds
from omonat.retention.model import HeldBack, Plan, SweepReport
from omonat.statistics import Forgotten, expired_visits, forget_visits
from omonat.storage import Database
from omonat.vault import BATCH, Destruction, Erasure, Vault, rows

Progress = Callable[[int], None]
Answer = TypeVar("Answer")

PAGE = 200
EMPTY_AGE = timedelta(days=1)  # a person who just came to be may be about to get his first record


def _silent(_done: int) -> None:
    """No progress is shown."""


class Retention:
    """Destroys what has run out; `holds` are what stops it."""

    def __init__(
        self, database: Database, vault: Vault, erasure: Erasure, consents: Consents, policies: Policies
    ) -> None:
        self._database = database
        self._vault = vault
        self._erasure = erasure
        self._consents = consents
        self._policies = policies
        self.holds = Holds(database, vault, policies)

    def count_due(self, now: datetime) -> int:
        """How many people have something whose term has run out: the length of the progress bar."""
        with self._database.read() as tx:
            return store.count_due_subjects(tx, now)

    def sweep(
        self, now: datetime, actor: str = "system", progress: Progress = _silent, *, dry_run: bool = False
    ) -> SweepReport:
        """Destroy everything whose term has run out at `now` (clause 6.3). Repeating it is harmless.

        Each destruction has its certificate; holds by law are reported. `progress` gets the people done so far.
        With `dry_run` nothing is changed, and what a consent that runs out would start is not counted.
        """
        sweep = _Sweep(self, now, actor, dry_run=dry_run)
        return sweep.run(progress)


class _Begun(NamedTuple):
    """What was begun for one person, and the certificates of what has ended already."""

    plan: Plan
    intents: list[Destruction]
    certificates: list[str]


class _Sweep:
    """One run, and its counts."""

    def __init__(self, of: Retention, now: datetime, actor: str, *, dry_run: bool) -> None:
        self._database, self._vault, self._erasure = of._database, of._vault, of._erasure
        self._consents, self._policies = of._consents, of._policies
        self._now, self._actor, self._dry = now, actor, dry_run
        self._certificates: list[str] = []
        self._held: list[HeldBack] = []
        self._counts = dict.fromkeys(("subjects", "whole_subjects", "records", "visitors"), 0)

    def run(self, progress: Progress) -> SweepReport:
        expired = self._expire_consents()
        done = 0
        for people in batched(self._due(), BATCH):
            self._sweep_people(people)
            for _person in people:
                done += 1
                progress(done)
        for gone in batched(self._gone(), BATCH):
            self._sweep_whole(gone)
        sign_in, tokens, visits = self._short_lived()
        return SweepReport(
            at=self._now, dry_run=self._dry, consents_expired=expired, sign_in_rows=sign_in, submission_tokens=tokens,
            visit_days=visits.days, visit_events=visits.events, held=tuple(self._held),
            certificates=tuple(self._certificates), **self._counts,
        )  # fmt: skip

    # --- people ---------------------------------------------------------------------------------------------------

    def _due(self) -> Iterator[SubjectId]:
        yield from _pages(
            lambda after: self._read(lambda tx: store.due_subjects(tx, self._now, after, PAGE)), lambda one: one
        )

    def _sweep_people(self, people: tuple[SubjectId, ...]) -> None:
        """Many go together: one transaction begins what ends for them, and each step is done for all at once."""
        if self._dry:
            for subject_id in people:
                self._count(self._read(lambda tx, one=subject_id: self._plan(tx, one)))  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            return
        begun = self._database.write(lambda tx: [self._begin(tx, subject_id) for subject_id in people])
        for one in begun:
            self._count(one.plan)
            self._certificates += one.certificates
        intents = [intent for one in begun for intent in one.intents]
        self._carry_out(intents)
        if not intents and any(one.plan.rows for one in begun):
            self._erasure.scrub()

    def _plan(self, tx: Connection, subject_id: SubjectId) -> Plan:
        person = self._vault.state(tx, subject_id, self._now)
        records = rows.records_of(tx, subject_id)
        return rules.plan(records, person, open_cases=store.open_cases(tx, subject_id), now=self._now)

    def _begin(self, tx: Connection, subject_id: SubjectId) -> _Begun:
        """Planned and begun in one transaction: a hold placed or a value corrected in between is seen."""
        plan = self._plan(tx, subject_id)
        scopes = [(plan.trigger, None)] if plan.whole else list(plan.parts.items())
        keeps = self._suppressed(tx, subject_id) if scopes else ()
        intents = [
            self._erasure.begin(tx, subject_id, scope, trigger=trigger, actor=self._actor, now=self._now, keeps=keeps)
            for trigger, scope in scopes
        ]
        if not plan.rows:
            return _Begun(plan, intents, [])
        certificate = self._erasure.destroy_records(
            tx, subject_id, plan.rows, trigger=plan.trigger, actor=self._actor, now=self._now
        )
        return _Begun(plan, intents, [certificate.number])

    def _suppressed(self, tx: Connection, subject_id: SubjectId) -> tuple[str, ...]:
        """Whoever spoke against a mailing is not written to again when nobody knows him any more (clause 6.3)."""
        try:
            keys = self._vault.keystore.open_subject(subject_id)
        except NotFound:  # on its way out
            return ()
        return self._consents.suppression.keep(tx, keys, self._now, all_spoken=False)

    def _carry_out(self, intents: list[Destruction]) -> None:
        for start in range(0, len(intents), BATCH):
            certificates = self._erasure.carry_out_many(intents[start : start + BATCH])
            self._certificates += [one.number for one in certificates if one is not None]

    def _count(self, plan: Plan) -> None:
        self._held += plan.held
        self._counts["records"] += plan.records
        self._counts["subjects"] += bool(plan.records)
        self._counts["whole_subjects"] += plan.whole

    # --- subjects of whom nothing is left ---------------------------------------------------------------------------

    def _gone(self) -> Iterator[SubjectId]:
        """People without a record, a case or a hold, and visitors whose browser has forgotten its choice."""
        made_before = self._now - EMPTY_AGE
        for subject_id in _pages(
            lambda after: self._read(lambda tx: store.empty_people(tx, made_before, after, PAGE)), lambda one: one
        ):
            if self._read(lambda tx, one=subject_id: self._is_free(tx, one)):  # type: ignore[misc]  # mypy cannot infer a lambda with a default
                self._counts["whole_subjects"] += 1
                yield subject_id
        for subject_id, last_at in _pages(
            lambda after: self._read(lambda tx: store.idle_visitors(tx, after, PAGE)), lambda pair: pair[0]
        ):
            if rules.is_unused(last_at, self._now):
                self._counts["visitors"] += 1
                yield subject_id

    def _is_free(self, tx: Connection, subject_id: SubjectId) -> bool:
        return not self._vault.state(tx, subject_id, self._now).holds and not store.open_cases(tx, subject_id)

    def _sweep_whole(self, gone: tuple[SubjectId, ...]) -> None:
        if self._dry:
            return

        def unit(tx: Connection) -> list[Destruction]:
            return [
                self._erasure.begin(tx, one, None, trigger="term", actor=self._actor, now=self._now)
                for one in gone
                if self._vault.is_held(tx, one)
            ]

        self._carry_out(self._database.write(unit))

    # --- consents -------------------------------------------------------------------------------------------------

    def _expire_consents(self) -> int:
        """Say so in the history, and begin the term of what rested on them (clause 6.3; Art. 19)."""
        if self._dry:
            return self._read(lambda tx: store.count_expired_consents(tx, self._now))
        total = 0
        while rows := self._read(lambda tx: store.expired_consents(tx, self._now, PAGE)):
            done = sum(self._expire(row) for row in rows)
            total += done
            if not done:
                break  # only people on their way out are left
        return total

    def _expire(self, row: dict[str, Any]) -> int:
        subject_id = SubjectId(row["subject_id"])
        try:
            keys = self._vault.keystore.open_subject(subject_id)
        except NotFound:  # on its way out: the saga of its destruction is resumed elsewhere
            return 0
        given = ConsentGiven(
            purpose=row["purpose"], channel=row["channel"], action="expired", language=row["language"],
            text_hash=row["text_hash"], via="term",
        )  # fmt: skip

        def unit(tx: Connection) -> None:
            self._consents.record(tx, keys, given, now=self._now)
            standing = self._consents.standing(tx, subject_id, self._now)
            if not any(purpose == given.purpose for purpose, _channel in standing):
                rows.end_term(tx, subject_id, given.purpose, "consent", self._after_consent(tx))

        self._database.write(unit)
        return 1

    def _after_consent(self, tx: Connection) -> datetime:
        term = self._policies.in_force(tx).facts.after_withdrawal
        return term.end(self._now, term.after) or self._now

    # --- rows that live for minutes or days -------------------------------------------------------------------------

    def _short_lived(self) -> tuple[int, int, Forgotten]:
        now = self._now
        if self._dry:
            return self._read(
                lambda tx: (
                    store.count_expired(tx, store.SIGN_IN, now),
                    store.count_expired(tx, store.TOKENS, now),
                    expired_visits(tx, self._policies.in_force(tx).facts, now),
                )
            )
        return self._database.write(
            lambda tx: (
                store.delete_expired(tx, store.SIGN_IN, now),
                store.delete_expired(tx, store.TOKENS, now),
                forget_visits(tx, self._policies.in_force(tx).facts, now),
            )
        )

    def _read(self, question: Callable[[Connection], Answer]) -> Answer:
        with self._database.read() as tx:
            return question(tx)


def batched(people: Iterable[SubjectId], size: int) -> Iterator[tuple[SubjectId, ...]]:
    """`people` in tuples of `size`, the last one shorter."""
    following = iter(people)
    while batch := tuple(islice(following, size)):
        yield batch


def _pages(page_after: Callable[[Any], list[Any]], key: Callable[[Any], Any]) -> Iterator[Any]:
    """Every row of every page; the next page begins after the key of the last row."""
    after = None
    while page := page_after(after):
        yield from page
        after = key(page[-1])
