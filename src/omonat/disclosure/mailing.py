"""The door *use* for mailings: one event with a count and a commitment root, and a journal row per person.

Two passes over the same people in the order of their ids. The first decides on each and commits the event; the second,
in batches, decides again on each inside the transaction that writes his journal row, and only then opens his address:
who withdrew in between is left out, who was not counted is never added.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.consent import Links, Suppression, preferences_url, unsubscribe_url
from omonat.disclosure import rules, store
from omonat.disclosure.model import MailingRow
from omonat.jobs import Progress
from omonat.kernel.codec import length_prefixed
from omonat.kernel.errors import Denied, NotFound
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import COMMITMENT, SubjectKeys
from omonat.ledger.merkle import CompactRange, leaf_hash
from omonat.policy import Policies
from omonat.storage import Database
from omonat.vault import HeldRecord, Vault, rows
from omonat.vault.events import commitment
from omonat.vault.sealing import open_value

BATCH = 200
Answer = TypeVar("Answer")


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be sent, by whom and why."""

    purpose: str
    channel: str
    actor: str
    reason: str
    now: datetime
    base_url: str = ""
    """Where the links of the rows lead: the address of the site."""


class Prepared(msgspec.Struct, frozen=True):
    """The committed event and the ids of those counted in it, 16 bytes each, ascending."""

    event_id: EventId
    members: bytes


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """How many were asked, how many may be written to, and why the others may not (word to count)."""

    asked: int
    may: int
    left_out: dict[str, int]


class _Chosen(msgspec.Struct, frozen=True):
    keys: SubjectKeys
    held: HeldRecord
    language: str


class Mailing:
    """One mailing, from its event to its rows."""

    def __init__(self, database: Database, vault: Vault, policies: Policies, order: Order) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._order = order
        self._suppression = Suppression(vault, policies)
        self._links = Links(lambda: vault.keystore.secret("token"))
        declared = policies.in_force().facts.purposes.get(order.purpose)
        if declared is None or order.channel not in declared.channels or order.channel not in rules.CHANNEL_KINDS:
            raise Denied(reasons="purpose_undeclared" if declared is None else "channel_undeclared")
        self._kind = rules.CHANNEL_KINDS[order.channel]

    def prepare(self) -> Prepared:
        """Decide on everybody, then commit the event with count and root."""
        event_id = EventId(new_id())
        tree, members = CompactRange(), bytearray()
        for page in self._pages():
            with self._database.read() as tx:
                chosen = [one for one in page if self._choose(tx, one) is not None]
            for subject_id in chosen:
                leaf = self._leaf(event_id, subject_id)
                if leaf is not None:
                    tree.append(leaf)
                    members += subject_id.bytes
        self._database.write(lambda tx: self._append(tx, event_id, tree))
        return Prepared(event_id, bytes(members))

    def census(self, progress: Progress) -> Census:
        """Count, without names and without opening anything: who may be written to now, and why the others not."""
        order, after, done = self._order, None, 0
        total = self._read(lambda tx: store.count_asked(tx, order.purpose, order.channel, order.now))
        left_out: Counter[str] = Counter()
        while page := self._read(
            lambda tx, after=after: store.asked(  # type: ignore[misc]  # mypy cannot infer a lambda with a default
                tx, order.purpose, order.channel, after=after, before=order.now, limit=BATCH
            )
        ):
            left_out.update(self._read(lambda tx, page=page: [self._why_not(tx, one) for one in page]))  # type: ignore[misc]  # as above
            after, done = page[-1], done + len(page)
            progress(done, max(total, done))
        may = left_out.pop("", 0)
        return Census(asked=done, may=may, left_out=dict(sorted(left_out.items())))

    def _why_not(self, tx: Connection, subject_id: SubjectId) -> str:
        order = self._order
        found = store.address_of(tx, subject_id, self._kind, order.purpose, order.now)
        person = self._vault.state(tx, subject_id, order.now)
        policy = self._policies.in_force(tx).facts
        category = found.category if found else None
        return rules.why_not_mail(policy, person, order.purpose, category, order.channel, now=order.now)

    def _read(self, question: Callable[[Connection], Answer]) -> Answer:
        with self._database.read() as tx:
            return question(tx)

    def rows(self, prepared: Prepared) -> Iterator[MailingRow]:
        """Journal each batch durably, then open its addresses."""
        step = 16 * BATCH
        for start in range(0, len(prepared.members), step):
            page = prepared.members[start : start + step]
            ids = [SubjectId(UUID(bytes=page[at : at + 16])) for at in range(0, len(page), 16)]
            yield from self._batch(prepared.event_id, ids)

    def _batch(self, event_id: EventId, ids: list[SubjectId]) -> Iterator[MailingRow]:
        opened = [keys for subject_id in ids if (keys := self._find_keys(subject_id)) is not None]
        journalled = self._database.write(lambda tx: self._journal(tx, event_id, opened))
        found = [(one, open_value(one.keys, one.held)) for one in journalled]
        left_out = self._suppressed([address for _one, address in found])
        yield from (self._row(one, address) for one, address in found if address not in left_out)

    def _suppressed(self, addresses: list[str]) -> frozenset[str]:
        """Addresses whose former holder wants no mailing: they are left out, whoever names them now (6.3)."""
        order = self._order
        return self._read(lambda tx: self._suppression.among(tx, order.purpose, self._kind, addresses, order.now))

    def _row(self, one: "_Chosen", address: str) -> MailingRow:
        subject_id, order, base = one.held.subject_id, self._order, self._order.base_url
        leave = self._links.unsubscribe(subject_id, order.purpose, order.channel).reveal()
        mine = self._links.preferences(subject_id, order.now).reveal()
        return MailingRow(
            subject_id=subject_id, channel=order.channel, address=Sealed(address), language=one.language,
            unsubscribe=unsubscribe_url(base, order.purpose, order.channel, leave),
            preferences=preferences_url(base, one.language, mine),
        )  # fmt: skip

    def _pages(self) -> Iterator[list[SubjectId]]:
        order, after = self._order, None
        while True:
            with self._database.read() as tx:
                page = store.consenting(
                    tx, order.purpose, order.channel, self._kind, after=after, before=order.now, limit=BATCH
                )
            if not page:
                return
            yield page
            after = page[-1]

    def _choose(self, tx: Connection, subject_id: SubjectId) -> Any:
        """The record with the address, or None when the door says no."""
        order = self._order
        found = store.address_of(tx, subject_id, self._kind, order.purpose, order.now)
        if found is None:
            return None
        person = self._vault.state(tx, subject_id, order.now)
        policy = self._policies.in_force(tx).facts
        allowed = rules.may_mail(policy, person, order.purpose, found.category, order.channel, now=order.now)
        return found if allowed else None

    def _leaf(self, event_id: EventId, subject_id: SubjectId) -> bytes | None:
        """The commitment to one person. Its salt is derived from the person's commitment key, and dies with it."""
        keys = self._find_keys(subject_id)
        if keys is None:
            return None
        salt_of = length_prefixed(b"omonat/mailing/1", event_id.bytes)
        salt = hmac.digest(keys.compartment(COMMITMENT).key, salt_of, "sha256")
        return leaf_hash(bytes.fromhex(commitment(salt, "subject", str(subject_id))))

    def _append(self, tx: Connection, event_id: EventId, tree: CompactRange) -> None:
        order = self._order
        facts: dict[str, object] = {
            "purpose": order.purpose, "channel": order.channel, "actor": order.actor, "count": tree.size,
            "root": tree.root().hex(),
        }  # fmt: skip
        self._vault.events.ledger.append(tx, kind="mailing", at=order.now, facts=facts, event_id=event_id)

    def _journal(self, tx: Connection, event_id: EventId, opened: list[SubjectKeys]) -> list[_Chosen]:
        chosen = [one for keys in opened if (one := self._chosen_with(tx, keys)) is not None]
        if chosen:
            rows.insert_journal(tx, [self._journal_row(one, event_id) for one in chosen])
        return chosen

    def _chosen_with(self, tx: Connection, keys: SubjectKeys) -> _Chosen | None:
        found = self._choose(tx, keys.subject_id)
        if found is None:
            return None
        held = next(one for one in rows.records_of(tx, keys.subject_id) if one.record_id == found.record_id)
        if not keys.has(held.compartment):
            return None
        language = store.consent_language(tx, keys.subject_id, self._order.purpose, self._order.channel)
        return _Chosen(keys, held, language)

    def _journal_row(self, one: _Chosen, event_id: EventId) -> dict[str, Any]:
        order = self._order
        return {
            "subject_id": one.held.subject_id, "journal_id": new_id(), "operation": "use", "at": order.now,
            "actor": order.actor, "purpose": order.purpose, "categories": [one.held.category],
            "reason": order.reason, "event_id": event_id,
        }  # fmt: skip

    def _find_keys(self, subject_id: SubjectId) -> SubjectKeys | None:
        try:
            return self._vault.keystore.open_subject(subject_id)
        except NotFound:  # destroyed a moment ago
            return None
