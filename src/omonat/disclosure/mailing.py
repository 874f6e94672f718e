"""The door *use* for mailings: one event with a count and a commitment root, and a journal row per person.

Two passes over the same people in the order of their ids. The first decides on each and commits the event; the second,
in pages, decides again on each inside the transaction that writes his journal row, and only then opens his address:
who withdrew in between is left out, who was not counted is never added. What a page knows of its people comes in one
statement, so that a million are looked through in seconds and one page is all that memory holds of them.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.consent import Links, Suppression, preferences_url, unsubscribe_url
from omonat.disclosure import mailing_store as store
from omonat.disclosure import rules
from omonat.disclosure.mailing_store import Audience, Member
from omonat.disclosure.model import MailingRow
from omonat.grounds import Words, read_words
from omonat.jobs import Progress
from omonat.kernel.codec import length_prefixed
from omonat.kernel.errors import Denied
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import COMMITMENT, SubjectKeys
from omonat.ledger.merkle import CompactRange, leaf_hash
from omonat.policy import Policies, Policy
from omonat.storage import Database
from omonat.vault import HeldRecord, Vault, rows
from omonat.vault.events import commitment
from omonat.vault.sealing import open_value

PAGE = 2000
BATCH = 500
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

    def __len__(self) -> int:
        return len(self.members) // 16

    def pages(self) -> Iterator[list[SubjectId]]:
        """The ids, page by page."""
        step = 16 * BATCH
        for start in range(0, len(self.members), step):
            page = self.members[start : start + step]
            yield [SubjectId(UUID(bytes=page[at : at + 16])) for at in range(0, len(page), 16)]


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """How many were asked, how many may be written to, and why the others may not (word to count)."""

    asked: int
    may: int
    left_out: dict[str, int]


class _Chosen(msgspec.Struct, frozen=True):
    keys: SubjectKeys
    held: HeldRecord
    language: str


class _Verdicts:
    """Why somebody is left out, worked out once for all who are alike; empty: he may be written to."""

    def __init__(self, policy: Policy, order: Order) -> None:
        self.policy, self._order = policy, order
        self._said: dict[tuple[Words, str | None], str] = {}

    def on(self, words: Words, category: str | None) -> str:
        kind = (words, category)
        if kind not in self._said:
            order = self._order
            self._said[kind] = rules.why_not_mail(
                self.policy, read_words(words), order.purpose, category, order.channel, now=order.now
            )
        return self._said[kind]


class Mailing:
    """One mailing, from its event to its rows."""

    def __init__(self, database: Database, vault: Vault, policies: Policies, order: Order) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._order = order
        self._suppression = Suppression(vault, policies)
        self._links = Links(lambda: vault.keystore.secret("token"))
        policy = policies.in_force().facts
        declared = policy.purposes.get(order.purpose)
        if declared is None or order.channel not in declared.channels or order.channel not in rules.CHANNEL_KINDS:
            raise Denied(reasons="purpose_undeclared" if declared is None else "channel_undeclared")
        self._audience = Audience(
            purpose=order.purpose, channel=order.channel, kind=rules.CHANNEL_KINDS[order.channel], now=order.now
        )
        self._verdicts = _Verdicts(policy, order)

    # --- first pass: who ------------------------------------------------------------------------------------------

    def census(self, progress: Progress) -> Census:
        """Count, without names and without opening anything: who may be written to now, and why the others not."""
        done, left_out = 0, Counter[str]()
        total = self._read(lambda tx: store.count_asked(tx, self._audience))
        for page in self._counted():
            left_out.update(page)
            done += page.total()
            progress(done, max(total, done))
        may = left_out.pop("", 0)
        return Census(asked=done, may=may, left_out=dict(sorted(left_out.items())))

    def prepare(self, progress: Progress | None = None) -> Prepared:
        """Decide on everybody, then commit the event with count and root. `progress`: how many were looked at."""
        event_id = EventId(new_id())
        tree, members, done = CompactRange(), bytearray(), 0
        for page in self._pages():
            chosen = [member.subject_id for member, why in page if not why]
            opened = self._vault.keystore.open_many(chosen, only={COMMITMENT})
            for subject_id in chosen:
                if subject_id in opened:
                    tree.append(self._leaf(event_id, opened[subject_id]))
                    members += subject_id.bytes
            done += len(page)
            if progress is not None:
                progress(0, done)
        self._database.write(lambda tx: self._append(tx, event_id, tree))
        return Prepared(event_id, bytes(members))

    def _counted(self) -> Iterator[Counter[str]]:
        """Page by page: how many there are of each reason to be left out."""
        last: SubjectId | None = None
        while True:
            last, page = self._read(partial(self._count, after=last))
            if last is None:
                return
            yield page

    def _count(self, tx: Connection, after: SubjectId | None) -> tuple[SubjectId | None, Counter[str]]:
        verdicts, found = self._verdicts_in(tx), Counter[str]()
        last, page = store.count_alike(tx, self._audience, after=after, limit=PAGE)
        for alike in page:
            found[verdicts.on(alike.words, alike.category)] += alike.count
        return last, found

    def _pages(self) -> Iterator[list[tuple[Member, str]]]:
        """Every member with why he is left out."""
        after: SubjectId | None = None
        while page := self._read(partial(self._page, after=after)):
            yield page
            after = page[-1][0].subject_id

    def _page(self, tx: Connection, after: SubjectId | None) -> list[tuple[Member, str]]:
        verdicts = self._verdicts_in(tx)
        page = store.page_of(tx, self._audience, after=after, limit=PAGE)
        return [(member, verdicts.on(member.words, member.category)) for member in page]

    def _verdicts_in(self, tx: Connection) -> _Verdicts:
        """Those under the policy in force inside `tx`."""
        policy = self._policies.in_force(tx).facts
        if policy is not self._verdicts.policy:
            self._verdicts = _Verdicts(policy, self._order)
        return self._verdicts

    def _read(self, question: Callable[[Connection], Answer]) -> Answer:
        with self._database.read() as tx:
            return question(tx)

    def _leaf(self, event_id: EventId, keys: SubjectKeys) -> bytes:
        """The commitment to one person. Its salt is derived from the person's commitment key, and dies with it."""
        salt_of = length_prefixed(b"omonat/mailing/1", event_id.bytes)
        salt = hmac.digest(keys.compartment(COMMITMENT).key, salt_of, "sha256")
        return leaf_hash(bytes.fromhex(commitment(salt, "subject", str(keys.subject_id))))

    def _append(self, tx: Connection, event_id: EventId, tree: CompactRange) -> None:
        order = self._order
        facts: dict[str, object] = {
            "purpose": order.purpose, "channel": order.channel, "actor": order.actor, "count": tree.size,
            "root": tree.root().hex(),
        }  # fmt: skip
        self._vault.events.ledger.append(tx, kind="mailing", at=order.now, facts=facts, event_id=event_id)

    # --- second pass: their rows ----------------------------------------------------------------------------------

    def rows(self, prepared: Prepared) -> Iterator[MailingRow]:
        """Journal each page durably, then open its addresses."""
        for page in self.batches(prepared):
            yield from page

    def batches(self, prepared: Prepared) -> Iterator[list[MailingRow]]:
        """The same, page by page."""
        for ids in prepared.pages():
            yield self._batch(prepared.event_id, ids)

    def _batch(self, event_id: EventId, ids: list[SubjectId]) -> list[MailingRow]:
        opened = self._vault.keystore.open_many(ids)
        journalled = self._database.write(lambda tx: self._journal(tx, event_id, opened))
        found = [(one, open_value(one.keys, one.held)) for one in journalled]
        left_out = self._suppressed([address for _one, address in found])
        return [self._row(one, address) for one, address in found if address not in left_out]

    def _suppressed(self, addresses: list[str]) -> frozenset[str]:
        """Addresses whose former holder wants no mailing: they are left out, whoever names them now (6.3)."""
        order, kind = self._order, self._audience.kind
        return self._read(lambda tx: self._suppression.among(tx, order.purpose, kind, addresses, order.now))

    def _row(self, one: _Chosen, address: str) -> MailingRow:
        subject_id, order, base = one.held.subject_id, self._order, self._order.base_url
        leave = self._links.unsubscribe(subject_id, order.purpose, order.channel).reveal()
        mine = self._links.preferences(subject_id, order.now).reveal()
        return MailingRow(
            subject_id=subject_id, channel=order.channel, address=Sealed(address), language=one.language,
            unsubscribe=unsubscribe_url(base, order.purpose, order.channel, leave),
            preferences=preferences_url(base, one.language, mine),
        )  # fmt: skip

    def _journal(self, tx: Connection, event_id: EventId, opened: dict[SubjectId, SubjectKeys]) -> list[_Chosen]:
        """Decide again, here, and note whoever is left."""
        verdicts, ids = self._verdicts_in(tx), list(opened)
        held, languages = store.addresses(tx, self._audience, ids), store.languages(tx, self._audience, ids)
        chosen = [
            _Chosen(opened[member.subject_id], held[member.subject_id], languages.get(member.subject_id, ""))
            for member in store.among(tx, self._audience, ids)
            if member.subject_id in held and opened[member.subject_id].has(held[member.subject_id].compartment)
            if not verdicts.on(member.words, held[member.subject_id].category)
        ]
        if chosen:
            rows.insert_journal(tx, [self._journal_row(one, event_id) for one in chosen])
        return chosen

    def _journal_row(self, one: _Chosen, event_id: EventId) -> dict[str, Any]:
        order = self._order
        return {
            "subject_id": one.held.subject_id, "journal_id": new_id(), "operation": "use", "at": order.now,
            "actor": order.actor, "purpose": order.purpose, "categories": [one.held.category],
            "reason": order.reason, "event_id": event_id,
        }  # fmt: skip

    # --- handing out ----------------------------------------------------------------------------------------------

    def still_allowed(self, people: Sequence[SubjectId]) -> set[SubjectId]:
        """Those of a page who may be written to at this very moment, on what every node has acknowledged."""

        def question(tx: Connection) -> set[SubjectId]:
            verdicts, members = self._verdicts_in(tx), store.among(tx, self._audience, people)
            return {one.subject_id for one in members if not verdicts.on(one.words, one.category)}

        return self._read(question)
