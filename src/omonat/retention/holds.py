"""Placing and releasing holds: a law that keeps data longer than its purpose does (clause 6.3)."""

from datetime import date, datetime

import msgspec
from sqlalchemy import Connection

from omonat.kernel.errors import Conflict, NotFound
from omonat.kernel.ids import HoldId, SubjectId, new_id
from omonat.keystore import SubjectKeys
from omonat.law import read_rule_pack
from omonat.policy import Policies
from omonat.retention import store
from omonat.retention.model import Hold
from omonat.storage import Database
from omonat.vault import Vault, rows


class Holds:
    """The holds of people, each with its ledger event."""

    def __init__(self, database: Database, vault: Vault, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies

    def place(
        self, subject_id: SubjectId, law: str, from_on: date, *, purpose: str | None = None,
        category: str | None = None, actor: str, reason: str, now: datetime,
    ) -> Hold:  # fmt: skip
        """Keep a person's data until the law named by `law` lets them go, counted from `from_on`.

        Raises UnknownRule for a law that the rule pack lacks, NotFound for an unknown, erasing or erased person.
        """
        keys = self._vault.keystore.open_subject(subject_id)
        return self._database.write(
            lambda tx: self.place_within(
                tx, keys, law, from_on, purpose=purpose, category=category, actor=actor, reason=reason, now=now
            )
        )

    def place_within(
        self, tx: Connection, keys: SubjectKeys, law: str, from_on: date, *, purpose: str | None,
        category: str | None, actor: str, reason: str, now: datetime,
    ) -> Hold:  # fmt: skip
        """The same in the caller's transaction."""
        policy = self._policies.in_force(tx).facts
        if (purpose is not None and purpose not in policy.purposes) or (
            category is not None and category not in policy.categories
        ):
            raise NotFound()
        rule = read_rule_pack(policy.law).hold(law)
        hold = Hold(
            subject_id=keys.subject_id, hold_id=HoldId(new_id()), purpose=purpose, category=category, law=law,
            until_on=rule.last_day(from_on), reason=reason, placed_by=actor, placed_at=now, released_at=None,
        )  # fmt: skip
        self._insert(tx, keys, hold)
        return hold

    def _insert(self, tx: Connection, keys: SubjectKeys, hold: Hold) -> None:
        found = rows.find_subject(tx, hold.subject_id)
        if found is None or found.state != "active":
            raise NotFound()
        facts: dict[str, object] = {
            "hold": str(hold.hold_id), "law": hold.law, "purpose": hold.purpose, "category": hold.category,
            "until": hold.until_on.isoformat(), "actor": hold.placed_by,
        }  # fmt: skip
        event_id = self._vault.events.append(tx, keys, "hold_placed", at=hold.placed_at, facts=facts)
        store.insert_hold(tx, {**msgspec.structs.asdict(hold), "event_id": event_id})

    def release(self, hold_id: HoldId, *, actor: str, now: datetime) -> Hold:
        """End a hold before its day. Raises NotFound, Conflict when it was released already."""
        with self._database.read() as tx:
            hold = store.find_hold(tx, hold_id)
        if hold is None:
            raise NotFound()
        keys = self._vault.keystore.open_subject(hold.subject_id)

        def unit(tx: Connection) -> None:
            if not store.set_released(tx, hold, now):
                raise Conflict()
            facts: dict[str, object] = {"hold": str(hold_id), "law": hold.law, "actor": actor}
            self._vault.events.append(tx, keys, "hold_released", at=now, facts=facts)

        self._database.write(unit)
        return msgspec.structs.replace(hold, released_at=now)

    def list(self, subject_id: SubjectId | None = None, *, released: bool = False) -> list[Hold]:
        """Holds of one person or of all; `released` lists those that ended, too."""
        with self._database.read() as tx:
            return store.holds(tx, subject_id, released=released)
