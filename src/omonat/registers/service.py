"""What staff, auditor and API read about the processing. Reads only; who may see what is asked here."""

from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from omonat.kernel.errors import NotFound
from omonat.policy import Policies, Version
from omonat.registers import rules, store
from omonat.registers.model import (
    Asked,
    CertificateLine,
    Counted,
    DisclosureLine,
    Effect,
    EntryLine,
    Glance,
    HoldLine,
    JournalLine,
    LastRun,
    Overview,
    Span,
)  # fmt: skip
from omonat.staff import Actor, require
from omonat.storage import Database

SOON = timedelta(days=3)
COMING = timedelta(days=30)
BACK, AHEAD, DAYS = 5, 11, 13
WATCHED = ("sweep", "verify")
Line = TypeVar("Line")


class Registers:
    """The registers of one installation."""

    def __init__(self, database: Database, policies: Policies) -> None:
        self._database = database
        self._policies = policies

    def overview(self, by: Actor, now: datetime) -> Overview:
        """How things stand, as far as the rights of `by` go: two statements."""
        months = rules.months(now, back=BACK)
        may = by.rights.__contains__
        asked = Glance(
            cases=(now, now + SOON, getattr(by, "staff_id", None)) if may("case.read") else None,
            consents=months if may("stats.read") else (),
            due=_coming(now) if may("retention.read") else (),
            disclosures=months if may("disclosure.read") else (),
        )
        with self._database.read() as tx:
            seen = store.together(tx, asked)
            work, runs = store.work(tx, WATCHED) if may("ledger.verify") else (None, None)
        return Overview(
            months=months,
            cases=seen.cases,
            work=None if work is None else tuple(work),
            last_runs=None if runs is None else tuple(runs),
            **seen.counted,
        )

    # --- counts by month and day: what charts show ------------------------------------------------------------------

    def consents(self, by: Actor, now: datetime, back: int = BACK) -> tuple[tuple[Span, ...], list[Counted]]:
        """What people said about each purpose, by month."""
        require(by, "stats.read")
        months = rules.months(now, back=back)
        with self._database.read() as tx:
            return months, store.consents_by_span(tx, months)

    def due(self, by: Actor, now: datetime) -> tuple[tuple[Span, ...], list[Counted]]:
        """Values whose term ends, by month; the first count of each is what is late."""
        require(by, "retention.read")
        months = rules.months(now, ahead=AHEAD)
        from_now = (Span(months[0].name, now, months[0].end), *months[1:])
        with self._database.read() as tx:
            return months, store.due_by_span(tx, from_now)

    def disclosed(self, by: Actor, now: datetime, back: int = BACK) -> tuple[tuple[Span, ...], list[Counted]]:
        """Disclosures by recipient and purpose, by month."""
        require(by, "disclosure.read")
        months = rules.months(now, back=back)
        with self._database.read() as tx:
            return months, store.disclosures_by_span(tx, months)

    def entries_by_day(self, by: Actor, now: datetime) -> tuple[tuple[Span, ...], list[Counted]]:
        """Entries of the ledger by kind, of the last two weeks."""
        require(by, "ledger.verify")
        days = rules.days(now, DAYS)
        with self._database.read() as tx:
            return days, store.entries_by_span(tx, days)

    # --- lists: one line more than a page is read, to know whether there is another -----------------------------------

    def journal(self, by: Actor, asked: Asked) -> list[JournalLine]:
        """Who read, used, exported and corrected what, newest first (clause 6.2)."""
        require(by, "journal.read")
        with self._database.read() as tx:
            return store.journal_lines(tx, asked)

    def disclosures(self, by: Actor, asked: Asked) -> list[DisclosureLine]:
        """Who received what, newest first (clause 5.1)."""
        require(by, "disclosure.read")
        with self._database.read() as tx:
            return store.disclosure_lines(tx, asked)

    def owed_notices(self, by: Actor, now: datetime) -> tuple[int, int]:
        """(notices to be sent, those that are late) about disclosures (Art. 23)."""
        require(by, "disclosure.read")
        with self._database.read() as tx:
            return store.owed_notices(tx, now)

    def holds(self, by: Actor, asked: Asked) -> list[HoldLine]:
        """Holds in force, newest first (clause 6.3)."""
        require(by, "retention.read")
        with self._database.read() as tx:
            return store.holds_in_force(tx, asked)

    def hold(self, by: Actor, hold_id: UUID) -> HoldLine:
        """One hold in force. Raises NotFound."""
        require(by, "retention.read")
        with self._database.read() as tx:
            return _there(store.find_hold_line(tx, hold_id))

    def certificates(self, by: Actor, asked: Asked) -> list[CertificateLine]:
        """Certified destructions, newest first (clause 6.3; Art. 17)."""
        require(by, "retention.read")
        with self._database.read() as tx:
            return store.certificates(tx, asked)

    def certificate(self, by: Actor, event_id: UUID) -> CertificateLine:
        """One certificate by its number. Raises NotFound."""
        require(by, "retention.read")
        with self._database.read() as tx:
            return _there(store.find_certificate(tx, event_id))

    def entries(self, by: Actor, kind: str = "", before: int | None = None, limit: int = 50) -> list[EntryLine]:
        """Entries of the ledger, newest first: kind and hash."""
        require(by, "ledger.verify")
        with self._database.read() as tx:
            return store.entries(tx, kind, before, limit)

    def last_runs(self, by: Actor, *kinds: str) -> list[LastRun]:
        """The newest finished run of some kinds."""
        require(by, "ledger.verify")
        with self._database.read() as tx:
            return store.last_runs(tx, kinds)

    # --- the plan of a policy -----------------------------------------------------------------------------------------

    def plan(self, old: Version | None, new: Version, now: datetime) -> Effect:
        """What publishing `new` would do to the data held (clause 9.1): counts only."""
        with self._database.read() as tx:
            held = store.held(tx, now)
        return rules.effect(old.policy if old else None, new.facts, held, self._policies.published_facts())


def _coming(now: datetime) -> tuple[Span, ...]:
    return (Span("coming", now, now + COMING),)


def _there(line: Line | None) -> Line:
    if line is None:
        raise NotFound
    return line
