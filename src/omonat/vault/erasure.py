"""The door *destroy* (clauses 6.3, 7.1 b; ZRU-547 Art. 17): a saga over two databases that never commit together.

1. data: deny (state `erasing`), end sessions, intention and `destruction_started` event; then the tombstone;
2. key store: delete every key of the scope, scrub;
3. data: rows, certificate and its event, scrub.
Many at once go through each step together. Each step may be repeated; `resume` finishes what a crash left, before the
first request is served.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import Clock
from omonat.kernel.codec import from_builtins, to_builtins
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import CaseId, EventId, RecordId, SubjectId, new_id
from omonat.kernel.settings import Backups
from omonat.keystore import Compartment, KeyStore
from omonat.ledger import Ledger
from omonat.storage import Database
from omonat.vault import erasure_store, files, identifiers, index_store, store
from omonat.vault.levels import Afterwards, first_levels, window_ends, with_scrubbing
from omonat.vault.model import Certificate, Destruction, HeldRecord, SearchedAgain
from omonat.vault.tombstones import Tombstone, Tombstones, packed

BATCH = 100
"""So many are destroyed together: the writer of SQLite is held for a moment only."""
PAGE = 5000
_RESTORE, _MERGED = "system:restore", "merged"
_CLAUSES = {"term": "6.3", "withdrawal": "7.1 c", "disagree": "1.3"}


class Erasure:
    """Begins, carries out and resumes destructions."""

    def __init__(
        self, database: Database, keystore: KeyStore, ledger: Ledger, *, tombstones: Tombstones, clock: Clock,
        backups: Backups | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._keystore = keystore
        self._ledger = ledger
        self._tombstones = tombstones
        self._clock = clock
        self._backups = backups or Backups()
        stores = {"data": database, "key_store": keystore.database}
        self._files = {name: store for name, store in stores.items() if store.is_sqlite}
        self._on_server = len(self._files) < len(stores)
        self.afterwards = Afterwards(database, ledger, clock)

    def begin(
        self,
        tx: Connection,
        subject_id: SubjectId,
        scope: tuple[Compartment, ...] | None,
        *,
        trigger: str,
        actor: str,
        now: datetime,
        case_id: CaseId | None = None,
        keeps: tuple[str, ...] = (),
    ) -> Destruction:
        """Step 1, in the caller's transaction: from its commit on nothing of the scope may be used.

        The caller then calls `carry_out` outside of the transaction. Raises NotFound for a subject that is
        unknown or erased.
        """
        found = store.find_subject(tx, subject_id)
        if found is None or found.state == "erased":
            raise NotFound()
        intent = Destruction(
            subject_id=subject_id,
            event_id=EventId(new_id()),
            started_at=now,
            trigger=trigger,
            actor=actor,
            scope=scope,
            case_id=case_id,
            keeps=keeps,
        )
        facts: dict[str, object] = {"trigger": trigger, "actor": actor, "whole": scope is None}
        self._ledger.append(tx, kind="destruction_started", at=now, facts=facts, event_id=intent.event_id)
        erasure_store.insert_destruction(tx, intent)
        if scope is None:
            erasure_store.set_state(tx, subject_id, "erasing")
            erasure_store.delete_sign_in(tx, subject_id)
        else:
            erasure_store.end_terms(tx, subject_id, scope, now)
        return intent

    def carry_out(
        self, intent: Destruction, *, keys: int = 0, into: SubjectId | None = None
    ) -> Certificate | None:  # fmt: skip
        """Steps 1b, 2 and 3. Returns the certificate; None when another process had finished it.

        `keys`: how many there are known to have been, where some may be destroyed already. `into`: whom the subject
        was joined into.
        """
        known = {intent.event_id: _Known(keys, into)}
        (certificate,) = self.carry_out_many([intent], known)
        return certificate

    def scrub(self) -> bool:
        """Scrub the files of the databases, and note it with what was destroyed until now (SQLite only).

        False: somebody was reading, and it has to be repeated; or both are servers, where the destroyed key counts.
        """
        now = self._clock.now()
        scrubbed = [store.scrub() for store in self._files.values()]
        done = bool(scrubbed) and all(scrubbed)
        if done:
            self._database.write(lambda tx: erasure_store.note_scrubbed(tx, now))
        return done

    def carry_out_many(
        self, intents: Sequence[Destruction], known: "Mapping[EventId, _Known]" = MappingProxyType({})
    ) -> list[Certificate | None]:
        """The same for many: each step for all of them before the next, in one transaction and with one scrub each.

        Each keeps a certificate of its own. A crash leaves what the same crash leaves of one, so `resume` finishes it.
        `known`: of those that had begun before, by event.
        """
        if not intents:
            return []
        ended = [(one.subject_id, one.scope) for one in intents]
        there = self._keystore.count_left_of(ended)
        facts = [known.get(one.event_id, _Known()) for one in intents]
        there = [max(count, fact.keys) for count, fact in zip(there, facts, strict=True)]
        self._tombstones.add(*self._stones(intents, there, facts))
        went = self._keystore.destroy_many(ended)
        keys = [max(pair) for pair in zip(there, went, strict=True)]  # one may have been made, or destroyed, meanwhile
        left = self._keystore.count_left_of(ended)
        certificates = self._finish_many(list(zip(intents, keys, left, strict=True)))
        self.scrub()
        with self._database.read() as tx:
            return [made and _certificate_of(tx, one) for one, made in zip(intents, certificates, strict=True)]

    def _stones(
        self, intents: Sequence[Destruction], there: Sequence[int], facts: "Sequence[_Known]"
    ) -> list[Tombstone]:  # fmt: skip
        """The values of who is joined into another are the other's now: they are not named."""
        with self._database.read() as tx:
            whole = erasure_store.records_of_whole(tx, [one.subject_id for one in intents if one.scope is None])
            lying = [
                whole.get(one.subject_id, [])
                if one.scope is None
                else erasure_store.records_in(tx, one.subject_id, one.scope)
                for one in intents
            ]
        return [
            Tombstone(
                one.subject_id, one.event_id, one.trigger, one.scope, keys,
                packed(records) if one.trigger != _MERGED else "", fact.into,
            )
            for one, keys, records, fact in zip(intents, there, lying, facts, strict=True)
        ]  # fmt: skip

    def destroy_records(
        self,
        tx: Connection,
        subject_id: SubjectId,
        records: tuple[HeldRecord, ...],
        *,
        trigger: str,
        actor: str,
        now: datetime,
    ) -> Certificate:
        """Single due records out of parts that go on: rows, certificate and its event, in the caller's transaction.

        The caller scrubs afterwards. Their key lives on with their neighbours, so a restored backup may hold them:
        their term has run out there, too, so no door opens them and the next sweep destroys them again.
        """
        intent = Destruction(
            subject_id=subject_id,
            event_id=EventId(new_id()),
            started_at=now,
            trigger=trigger,
            actor=actor,
            scope=tuple(sorted({held.compartment for held in records})),
            case_id=None,
        )
        counts = dict(sorted(Counter(held.category for held in records).items()))
        rows = {"record": sum(store.delete_record(tx, subject_id, held.record_id) for held in records)}
        files.drop_unheld(tx, subject_id)
        lost = identifiers.drop_lost(tx, subject_id)
        rows |= {"identifier": lost} if lost else {}
        certificate = self._certificate(intent, counts, rows, keys=None, now=now)
        facts: dict[str, object] = {"certificate": certificate.number, "records": counts, "trigger": trigger}
        self._ledger.append(
            tx, kind="destruction_certified", at=now, facts=facts, event_id=intent.event_id, about=_about(intent)
        )
        erasure_store.insert_destruction(tx, intent)
        erasure_store.finish(tx, intent, certificate, intent.event_id, now)
        return certificate

    def _finish_many(self, ended: Sequence[tuple[Destruction, int, int]]) -> list[Certificate | None]:
        """Step 3, but for the scrubbing: of each, how many keys went and how many are left."""
        return self._database.write(lambda tx: [self._finish(tx, *one) for one in ended])

    def _finish(self, tx: Connection, intent: Destruction, keys: int, left: int) -> Certificate | None:
        if erasure_store.is_finished(tx, intent):
            return None
        now = self._clock.now()
        records = erasure_store.count_records(tx, intent.subject_id, intent.scope)
        tags = erasure_store.tags_of(tx, intent.subject_id, intent.scope)
        numbers = index_store.contract_tags(tx, intent.subject_id, intent.scope)
        every_tag, every_number = index_store.with_pairs(tx, tags), index_store.with_pairs(tx, numbers)
        rows = self._delete_rows(tx, intent)
        index_store.drop_pairs(tx, every_tag | every_number)
        found = _search_again(tx, intent, every_tag, every_number)
        searched = msgspec.structs.replace(found, identifiers=len(tags) + len(numbers), keys=left)
        certificate = msgspec.structs.replace(
            self._certificate(intent, records, rows, keys=keys, now=now), searched=searched
        )
        facts: dict[str, object] = {
            "certificate": certificate.number, "records": records, "keys": keys,
            "searched": to_builtins(certificate.searched),
        }  # fmt: skip
        event_id = self._ledger.append(tx, kind="destruction_certified", at=now, facts=facts, about=_about(intent))
        erasure_store.finish(tx, intent, certificate, event_id, now)
        return certificate

    def _delete_rows(self, tx: Connection, intent: Destruction) -> dict[str, int]:
        if intent.scope is None:
            rows = erasure_store.delete_subject_rows(tx, intent.subject_id)
            erasure_store.set_state(tx, intent.subject_id, "erased")
            return rows
        rows = erasure_store.delete_scope_rows(tx, intent.subject_id, intent.scope)
        files.drop_unheld(tx, intent.subject_id)
        lost = identifiers.drop_lost(tx, intent.subject_id)
        return {**rows, "identifier": lost} if lost else rows

    def find_certificate(self, intent: Destruction) -> Certificate | None:
        """The certificate of a destruction that is finished."""
        with self._database.read() as tx:
            return _certificate_of(tx, intent)

    def _certificate(
        self, intent: Destruction, records: dict[str, int], rows: dict[str, int], *, keys: int | None, now: datetime
    ) -> Certificate:
        """`keys` None: rows alone went, their key lives on with their neighbours."""
        ends = window_ends(self._backups, now, keys=keys is not None, on_server=self._on_server)
        return Certificate(
            number=str(intent.event_id),
            started_at=intent.started_at,
            finished_at=now,
            trigger=intent.trigger,
            clause=_CLAUSES.get(intent.trigger, "7.1 b"),
            article="17",
            whole=intent.scope is None,
            records_by_category=records,
            rows=rows,
            keys=keys or 0,
            stores={"data": "rows_deleted"} | ({} if keys is None else {"key_store": "key_destroyed"}),
            windows=[*ends, *intent.keeps],
            levels=first_levels(intent.started_at, now, keys=keys is not None),
            window_ends=ends,
            files=sorted(self._files),
        )

    def resume(self, progress: Callable[[int], None] = lambda _done: None) -> int:
        """Finish every destruction that has begun. Returns how many."""
        with self._database.read() as tx:
            unfinished = erasure_store.open_destructions(tx)
            joined = {
                one.event_id: erasure_store.joined_into(tx, one.subject_id)
                for one in unfinished
                if one.trigger == _MERGED
            }
        listed = _Listed(self._tombstones.all() if unfinished else ())
        known = {one.event_id: listed.of(one) for one in unfinished}
        known |= {event_id: _Known(known[event_id].keys, into) for event_id, into in joined.items() if into}
        for done in range(0, len(unfinished), BATCH):
            batch = unfinished[done : done + BATCH]
            self.carry_out_many(batch, known)
            progress(done + len(batch))
        return len(unfinished)

    def replay(
        self, progress: Callable[[int], None] = lambda _done: None,
        rejoin: Callable[[SubjectId, SubjectId], bool] = lambda _source, _target: False,
    ) -> int:  # fmt: skip
        """After a restore: destroy again all that tombstones name and the restored files hold. Returns how many.

        Keys first: a restored key store may be older than the restored data. `rejoin` moves again what the first of
        two people had when he was joined into the second, before he is destroyed: it is the second one's now. Values
        that lie under another number than when they were destroyed go wherever they are.
        """
        again, batch = 0, list[Tombstone]()
        stones = list(self._tombstones.all())
        listed = _Listed(stones)
        for stone in stones:
            if stone.into is not None:
                again = self._replay(batch, listed, progress, again)
                batch = []
                rejoin(stone.subject_id, stone.into)
            batch.append(stone)
        again = self._replay(batch, listed, progress, again)
        return again + self._destroy_elsewhere(stones)

    def _replay(
        self, batch: Sequence[Tombstone], listed: "_Listed", progress: Callable[[int], None], again: int
    ) -> int:  # fmt: skip
        """Those of `batch`, in their order, behind `again` others. Returns how many there are now."""
        went = self._keystore.destroy_again((stone.subject_id, stone.event_id, stone.scope) for stone in batch)
        for stone in batch:
            intent = self._database.write(partial(self._begin_again, stone=stone))
            if intent is not None:
                known = listed.of(intent)
                self.carry_out(intent, keys=max(known.keys, went.get(stone.event_id, 0)), into=known.into)
                again += 1
                progress(again)
        return again

    def _destroy_elsewhere(self, stones: Iterable[Tombstone]) -> int:
        """Values that were destroyed, and that the restored data hold under another number: one pass over all records.

        So it is after the restore of data from before a separation. Returns of how many people.
        """
        gone = {record_id: stone.trigger for stone in stones for record_id in stone.record_ids()}
        found = dict[SubjectId, dict[RecordId, str]]()
        after: tuple[UUID, UUID] | None = None
        while gone:
            with self._database.read() as tx:
                page = erasure_store.every_record(tx, after, PAGE)
            for who, record_id in page:
                if record_id in gone:
                    found.setdefault(SubjectId(who), {})[RecordId(record_id)] = gone[RecordId(record_id)]
            if len(page) < PAGE:
                break
            after = page[-1]
        for who, triggers in found.items():
            self._database.write(partial(self._destroy_held, subject_id=who, triggers=triggers))
        if found:
            self.scrub()
        return len(found)

    def _destroy_held(self, tx: Connection, subject_id: SubjectId, triggers: Mapping[RecordId, str]) -> None:
        """A certificate for each trigger."""
        held = [one for one in store.records_of(tx, subject_id) if one.record_id in triggers]
        for trigger in sorted({triggers[one.record_id] for one in held}):
            some = tuple(one for one in held if triggers[one.record_id] == trigger)
            self.destroy_records(tx, subject_id, some, trigger=trigger, actor=_RESTORE, now=self._clock.now())

    def _begin_again(self, tx: Connection, stone: Tombstone) -> Destruction | None:
        there = store.find_subject(tx, stone.subject_id)
        if (
            there is None
            or there.state == "erased"
            or erasure_store.find_destruction(tx, stone.subject_id, stone.event_id)
        ):
            return None
        return self.begin(
            tx, stone.subject_id, stone.scope, trigger=stone.trigger, actor=_RESTORE, now=self._clock.now()
        )


def _certificate_of(tx: Connection, intent: Destruction) -> Certificate | None:
    """As it stands now, with what was added since it was issued."""
    found = erasure_store.find_certificate(tx, intent.subject_id, intent.event_id)
    if found is None:
        return None
    certificate, scrubbed_at = found
    return with_scrubbing(from_builtins(certificate, Certificate), scrubbed_at)


def _search_again(
    tx: Connection, intent: Destruction, tags: frozenset[bytes], numbers: frozenset[bytes]
) -> SearchedAgain:
    """Look for what should be gone, by every identifier and every number of a contract that lay there."""
    who = intent.subject_id
    return SearchedAgain(
        identifiers=len(tags) + len(numbers),
        records=erasure_store.count_found(tx, who, intent.scope, tags)
        + erasure_store.count_found_numbers(tx, who, numbers),
        keys=0,
        others=erasure_store.count_others(tx, who, tags, numbers),
    )


class _Known(NamedTuple):
    """What the list of destructions says of one that is finished later: keys there were, whom it was joined into."""

    keys: int = 0
    into: SubjectId | None = None


class _Listed:
    """What the list of destructions says, read once: by event, and by what is destroyed.

    A destruction that a restore repeats is another event over the same keys: the first one counted them.
    """

    def __init__(self, stones: Iterable[Tombstone]) -> None:
        self._by_event, self._by_scope = dict[object, _Known](), dict[object, _Known]()
        for stone in stones:
            for found, place in (
                (self._by_event, stone.event_id), (self._by_scope, (stone.subject_id, stone.scope)),
            ):  # fmt: skip
                before = found.get(place, _Known())
                found[place] = _Known(max(stone.keys or 0, before.keys), stone.into or before.into)

    def of(self, intent: Destruction) -> _Known:
        """Of one that has begun."""
        if intent.actor == _RESTORE:
            return self._by_scope.get((intent.subject_id, intent.scope), _Known())
        return self._by_event.get(intent.event_id, _Known())


def _about(intent: Destruction) -> dict[str, str]:
    scope = "whole" if intent.scope is None else "part"
    return {"subject": str(intent.subject_id), "scope": scope, "trigger": intent.trigger}
