"""Counting visits, and showing the counts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, Connection

from omonat.kernel.clock import local_date
from omonat.kernel.ids import SubjectId
from omonat.policy import Policies, Policy
from omonat.statistics import rules, store
from omonat.statistics.model import DayCount, Share, Summary
from omonat.storage import Database
from omonat.storage.schema import page_count
from omonat.vault import Vault


class Statistics:
    """First-party analytics: counts, of consenting visitors only."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies

    def count(self, visitor_id: SubjectId, page: str, language: str, user_agent: str, now: datetime) -> bool:
        """Count one view of `page` (a route template); False, with nothing stored, unless the consent stands.

        The decision is made inside the transaction: a withdrawal a moment ago is seen.
        """
        day, device = local_date(now), rules.device_class(user_agent)

        def unit(tx: Connection) -> bool:
            if not rules.may_count(self._policies.in_force(tx).facts, self._vault.state(tx, visitor_id, now), now=now):
                return False
            store.add_visit_day(tx, visitor_id, day)
            store.add_view(tx, day, page[:80], language, device)
            return True

        return self._database.write(unit)

    def summary(self, from_on: date, to_on: date) -> Summary:
        """Visitors and views per day; views per page, language and kind of device."""
        with self._database.read() as tx:
            visitors = store.visitors_by_day(tx, from_on, to_on)
            views = store.views_by(tx, page_count.c.day, from_on, to_on)
            days = sorted({*visitors, *views})
            return Summary(
                from_on=from_on,
                to_on=to_on,
                days=tuple(DayCount(day, visitors.get(day, 0), views.get(day, 0)) for day in days),
                pages=_shares(tx, page_count.c.page, from_on, to_on),
                languages=_shares(tx, page_count.c.language, from_on, to_on),
                devices=_shares(tx, page_count.c.device, from_on, to_on),
            )


def expired_visits(tx: Connection, policy: Policy, now: datetime) -> int:
    """How many days of visits are past their term (clause 6.3)."""
    return store.count_visits_on(tx, rules.expired_days(policy, store.visit_days(tx), local_date(now)))


def forget_visits(tx: Connection, policy: Policy, now: datetime) -> int:
    """Delete them; the counts, which belong to nobody, stay. Returns how many."""
    return store.delete_visits_on(tx, rules.expired_days(policy, store.visit_days(tx), local_date(now)))


def _shares(tx: Connection, column: Column[Any], from_on: date, to_on: date) -> tuple[Share, ...]:
    counted = store.views_by(tx, column, from_on, to_on)
    return tuple(Share(name, views) for name, views in sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))
