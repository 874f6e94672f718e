"""The door *disclose*, and the entry to mailings."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection

from omonat.disclosure import rules, store
from omonat.disclosure.mailing import Mailing, Order
from omonat.disclosure.model import Disclosed, DisclosureRow, MailingRow
from omonat.disclosure.package import package
from omonat.jobs import Outbox
from omonat.kernel.clock import iso
from omonat.kernel.errors import Denied, NotFound
from omonat.kernel.ids import DisclosureId, SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import SubjectKeys
from omonat.law import read_rule_pack
from omonat.policy import Policies, Policy
from omonat.storage import Database
from omonat.vault import HeldRecord, OpenedRecord, Vault, rows
from omonat.vault.sealing import open_value

NOTICE_TERM = "notice_third_party"


class _Act(msgspec.Struct, frozen=True, kw_only=True):
    """One disclosure, before it is decided."""

    disclosure_id: DisclosureId
    recipient: str
    purpose: str
    categories: tuple[str, ...] | None
    actor: str
    reason: str
    now: datetime


class Disclosures:
    """Everything that leaves towards third parties, and the use of addresses for mailings."""

    def __init__(
        self, database: Database, vault: Vault, policies: Policies, outbox: Outbox, *, base_url: str = ""
    ) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._outbox = outbox
        self._base_url = base_url

    # --- disclose (5.1) -------------------------------------------------------------------------------------------

    def disclose(
        self, subject_id: SubjectId, recipient: str, purpose: str, categories: tuple[str, ...] | None = None, *,
        actor: str, reason: str, now: datetime,
    ) -> Disclosed:  # fmt: skip
        """Give a registered recipient the person's values of one purpose; `categories` None: all that he may have.

        Decision, journal row, ledger event and the notice owed to the person (Art. 23) are one transaction, committed
        before any value is opened. Raises NotFound for an unknown or erased person, Denied with the reasons.
        """
        keys = self._vault.keystore.open_subject(subject_id)
        act = _Act(
            disclosure_id=DisclosureId(new_id()), recipient=recipient, purpose=purpose, categories=categories,
            actor=actor, reason=reason, now=now,
        )  # fmt: skip
        policy = self._policies.in_force().facts
        due_at = read_rule_pack(policy.law).term(NOTICE_TERM).end(now)
        ground, records = self._database.write(lambda tx: self._record(tx, keys, act, due_at))
        opened = [OpenedRecord(held, Sealed(open_value(keys, held))) for held in records]
        facts = {"purpose": purpose, "ground": ground, "at": iso(now)}
        return Disclosed(
            disclosure_id=act.disclosure_id,
            package=package(policy, recipient, act.disclosure_id, opened, facts),
            file_name=f"disclosure-{act.disclosure_id}.json",
            notice_due_at=due_at,
        )

    def _record(self, tx: Connection, keys: SubjectKeys, act: _Act, due_at: datetime) -> tuple[str, list[HeldRecord]]:
        policy = self._policies.in_force(tx).facts
        records = self._chosen(tx, policy, keys, act)
        categories = sorted({held.category for held in records} | set(act.categories or ()))
        ground = self._decide(tx, policy, keys.subject_id, act, categories)
        if not records:
            raise Denied(reasons="nothing_held")
        categories = sorted({held.category for held in records})
        facts: dict[str, object] = {
            "disclosure": str(act.disclosure_id), "recipient": act.recipient, "purpose": act.purpose,
            "ground": ground, "categories": categories, "actor": act.actor,
        }  # fmt: skip
        personal = {"records": ",".join(str(held.record_id) for held in records)}
        event_id = self._vault.events.append(tx, keys, "disclosed", at=act.now, facts=facts, personal=personal)
        row: dict[str, Any] = {name: facts[name] for name in ("recipient", "purpose", "ground", "categories", "actor")}
        row |= {
            "subject_id": keys.subject_id, "disclosure_id": act.disclosure_id, "at": act.now, "reason": act.reason,
            "notice_due_at": due_at, "notified_at": None, "event_id": event_id,
        }  # fmt: skip
        store.insert_disclosure(tx, row)
        self._owe_notice(tx, keys.subject_id, act)
        return ground, records

    def _chosen(self, tx: Connection, policy: Policy, keys: SubjectKeys, act: _Act) -> list[HeldRecord]:
        held = [one for one in rows.records_of(tx, keys.subject_id) if not one.is_due(act.now)]
        alive = [one for one in held if keys.has(one.compartment)]
        return rules.to_disclose(policy, act.recipient, alive, act.purpose, act.categories)

    def _decide(self, tx: Connection, policy: Policy, subject_id: SubjectId, act: _Act, categories: list[str]) -> str:
        """Where nothing is held for the recipient, the question is still asked, so that every reason is told."""
        person = self._vault.state(tx, subject_id, act.now)
        asked = categories or list(policy.categories)[:1]
        decision = rules.may_disclose(policy, person, act.recipient, act.purpose, asked, now=act.now)
        if not decision.allowed:
            raise Denied(reasons=decision.codes())
        return decision.ground or ""

    def _owe_notice(self, tx: Connection, subject_id: SubjectId, act: _Act) -> None:
        payload = {"subject": str(subject_id), "disclosure": str(act.disclosure_id), "letter": "disclosed"}
        self._outbox.add(
            tx, kind="notice", business_key=f"disclosure:{act.disclosure_id}", payload=payload, now=act.now
        )

    # --- notices (Art. 23) ----------------------------------------------------------------------------------------

    def of_subject(self, tx: Connection, subject_id: SubjectId) -> list[DisclosureRow]:
        """Who received what of a person, newest first (clause 7.1 a)."""
        return store.disclosures_of(tx, subject_id)

    def get(self, tx: Connection, subject_id: SubjectId, disclosure_id: DisclosureId) -> DisclosureRow:
        """Raises NotFound."""
        found = store.find_disclosure(tx, subject_id, disclosure_id)
        if found is None:
            raise NotFound()
        return found

    def mark_notified(self, tx: Connection, subject_id: SubjectId, disclosure_id: DisclosureId, now: datetime) -> bool:
        """The notice to the person went out. False when that was known already."""
        return store.set_notified(tx, subject_id, disclosure_id, now) == 1

    def overdue_notices(self, now: datetime, limit: int = 100) -> list[DisclosureRow]:
        """Disclosures whose notice is late: for `omonat doctor`."""
        with self._database.read() as tx:
            return store.overdue_notices(tx, now, limit)

    # --- use: mailings (3.1, 7.1 c) -------------------------------------------------------------------------------

    def mailing(self, purpose: str, channel: str, *, actor: str, reason: str, now: datetime) -> Iterator[MailingRow]:
        """Those who may be written to for `purpose` by `channel`, and nobody else.

        The mailing's event is durable when this returns; then each person's journal row is, before his address is
        opened. Raises Denied when the policy knows no such purpose or channel. Holds 16 bytes per person.
        """
        order = Order(purpose=purpose, channel=channel, actor=actor, reason=reason, now=now, base_url=self._base_url)
        mailing = Mailing(self._database, self._vault, self._policies, order)
        return mailing.rows(mailing.prepare())
