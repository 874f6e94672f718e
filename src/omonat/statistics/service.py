"""Counting visits, closing days, and showing the counts."""

from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from omonat.kernel.clock import TASHKENT, local_date
from omonat.kernel.ids import SubjectId
from omonat.policy import Policies, Policy
from omonat.statistics import rules, store
from omonat.statistics.model import Event, Fact, Forgotten, Kept, Summary
from omonat.storage import Database
from omonat.vault import Vault


class Statistics:
    """First-party analytics: of consenting visitors only, raw until the term, shown as counts (decision 0017)."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies

    def count(self, visitor_id: SubjectId, event: Event, now: datetime) -> bool:
        """Keep one event; False, with nothing stored, unless the consent stands and the policy declares it.

        One unit of four statements. The decision is made inside: a withdrawal a moment ago is seen.
        """
        day = local_date(now)

        def unit(tx: Connection) -> bool:
            if not rules.may_count(self._policies.in_force(tx).facts, self._vault.state(tx, visitor_id, now), now=now):
                return False
            store.add_event(tx, visitor_id, day, event)
            return True

        return self._database.write(unit)

    def summary(self, from_on: date, to_on: date) -> Summary:
        """The counts of some days: those that are over as they were counted up, the others from their rows."""
        version = self._policies.find_in_force()
        with self._database.read() as tx:
            closed = store.closed_until(tx)
            open_from = from_on if closed is None else max(from_on, closed + timedelta(days=1))
            facts = store.kept_facts(tx, from_on, to_on)
            if open_from <= to_on:
                facts += _open_facts(tx, open_from, to_on)
        since = None if version is None else rules.kept_since(version.facts, from_on, to_on)
        return rules.summary(facts, from_on, to_on, kept_since=since)

    def kept(self, visitor_id: SubjectId) -> Kept:
        """How much is kept of one visitor's visits, for himself (7.1 a)."""
        with self._database.read() as tx:
            return store.kept_of(tx, visitor_id)

    def close_days(self, now: datetime) -> int:
        """Count up every day that is over, in one transaction; how many counts were made. Repeating it is harmless."""
        return self._database.write(lambda tx: close_days(tx, now))


def close_days(tx: Connection, now: datetime) -> int:
    """Counts of the days between the last closed one and yesterday, for good; rows may then expire."""
    until, closed = rules.last_closed(now), store.closed_until(tx)
    if closed is not None and closed >= until:
        return 0
    facts = _open_facts(tx, None if closed is None else closed + timedelta(days=1), until)
    store.add_counts(tx, [*facts, Fact(until, "closed", "", "", "", 0, 0)])
    return len(facts)


def _open_facts(tx: Connection, from_on: date | None, to_on: date) -> list[Fact]:
    first = from_on or date.min
    return store.raw_facts(tx, first, to_on) + store.consent_facts(
        tx, rules.PURPOSE, _midnight(max(first, _FIRST)), _midnight(min(to_on, _LAST) + timedelta(days=1))
    )


_FIRST, _LAST = date(2000, 1, 1), date(9000, 1, 1)  # no answer lies outside; moments at the ends of time have no zone


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=TASHKENT)


def expired_visits(tx: Connection, policy: Policy, now: datetime) -> Forgotten:
    """How much of the visits is past its term (clause 6.3)."""
    return Forgotten(*store.count_visits_on(tx, rules.expired_days(policy, store.visit_days(tx), local_date(now))))


def forget_visits(tx: Connection, policy: Policy, now: datetime) -> Forgotten:
    """Delete it, after the days that are over were counted up; the counts, which belong to nobody, stay."""
    close_days(tx, now)
    return Forgotten(*store.delete_visits_on(tx, rules.expired_days(policy, store.visit_days(tx), local_date(now))))
