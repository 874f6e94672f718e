"""The vault's use cases: new subjects, the doors *collect* and *read*, proving identifiers."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from omonat.grounds import AnswerTable, Asked, Decision, PersonState, Snapshot, decide, load_snapshot, load_state
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, Denied, NotFound
from omonat.kernel.ids import EventId, IdentifierId, RecordId, SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, KeyStore, SubjectKeys
from omonat.ledger import Ledger
from omonat.policy import Policies
from omonat.storage import Database
from omonat.vault import erasure_store, store
from omonat.vault.collecting import FRESH, Brought, Collecting
from omonat.vault.events import Events
from omonat.vault.index import Index, Tags
from omonat.vault.kinds import IDENTIFYING
from omonat.vault.model import HeldIdentifier, HeldRecord, OpenedRecord, Origin, Value
from omonat.vault.sealing import open_value

KEYS_ARE_OPEN = timedelta(minutes=10)  # no act holds a person's keys longer
_MOST_CLASSES = 20_000


class Vault:
    """Everything sealed, and the only way to it."""

    def __init__(self, database: Database, keystore: KeyStore, ledger: Ledger, policies: Policies) -> None:
        self.database = database
        self.keystore = keystore
        self.policies = policies
        self.events = Events(ledger)
        self.index = Index(keystore)
        self._table: tuple[str, AnswerTable] | None = None

    # --- subjects -------------------------------------------------------------------------------------------------

    def create_keys(self, parts: Iterable[Compartment], now: datetime) -> SubjectKeys:
        """Keys of a new subject: the first half of the create saga. `insert_subject` is the second."""
        return self.keystore.create_subject(SubjectId(new_id()), parts, now)

    def create_keys_of_many(self, parts: Iterable[Iterable[Compartment]], now: datetime) -> list[SubjectKeys]:
        """The same for many people at once, each with his parts."""
        return self.keystore.create_subjects([(SubjectId(new_id()), each) for each in parts], now)

    def insert_subject(self, tx: Connection, keys: SubjectKeys, kind: str, now: datetime) -> None:
        """The row of a new subject; `kind` person or visitor."""
        store.insert_subjects(tx, [keys.subject_id], kind, now)

    def insert_visitors(self, tx: Connection, people: Sequence[SubjectKeys], now: datetime) -> None:
        """The rows of new visitors, in one statement."""
        store.insert_subjects(tx, [keys.subject_id for keys in people], "visitor", now)

    def sweep_orphans(self, before: datetime) -> int:
        """Destroy keys whose subject never came to be (killed between the halves of the create saga)."""
        orphans = []
        for subject_id in self.keystore.subjects_made_before(before):
            with self.database.read() as tx:
                if store.find_subject(tx, subject_id) is None:
                    orphans.append(subject_id)
        for subject_id in orphans:
            self.keystore.destroy(subject_id, None)
        return len(orphans)

    def is_held(self, tx: Connection, subject_id: SubjectId) -> bool:
        """Whether there is such a person (or visitor) who is not erased and not on his way out."""
        found = store.find_subject(tx, subject_id)
        return found is not None and found.state == "active"

    def state(self, tx: Connection, subject_id: SubjectId, now: datetime) -> PersonState:
        """The state that decisions are made on, inside `tx`."""
        return load_state(tx, subject_id, local_date(now))

    def decide(self, subject_id: SubjectId, asked: Asked, now: datetime) -> Decision:
        """What the doors would answer now. Nothing is opened; a door asks again in its own transaction."""
        with self.database.read() as tx:
            return decide(self.policies.in_force(tx).facts, self.state(tx, subject_id, now), asked, now=now)

    def snapshot(
        self, tx: Connection, people: Sequence[SubjectId], now: datetime, *, purposes: Sequence[str] | None = None
    ) -> Snapshot:
        """What is so of many people inside `tx`, for decisions in bulk; whoever is not there counts as erased.

        `purposes`: the only ones that it will be asked about; None: any.
        """
        return load_snapshot(tx, self.answers(tx), people, now, purposes=purposes)

    def answers(self, tx: Connection) -> AnswerTable:
        """The decisions under the policy in force, each remembered; a new table when the policy is another one."""
        version = self.policies.in_force(tx)
        held = self._table
        if held is None or held[0] != version.hash or held[1].size > _MOST_CLASSES:
            held = self._table = (version.hash, AnswerTable(version.facts))
        return held[1]

    # --- the door: collect ----------------------------------------------------------------------------------------

    def collect(
        self, tx: Connection, keys: SubjectKeys, values: Iterable[Value], origin: Origin, *, now: datetime
    ) -> list[RecordId]:
        """Seal values into records (clauses 2.1, 3.1, 4.1). Raises Denied when the policy in force does not allow it,
        Conflict when a key was destroyed after `keys` were opened: open them again and repeat.

        The caller appends the event of the whole act in the same transaction.
        """
        (made,) = self.collect_many(tx, [Brought(keys, tuple(values), origin)], now=now)
        return made

    def collect_many(
        self, tx: Connection, brought: Sequence[Brought], *, now: datetime, new: str = ""
    ) -> list[list[RecordId]]:
        """The same for many people, who may not be named twice: each value is decided on by itself, and one refusal
        refuses all. `new`: they come to be with it, as `person` or `visitor`.

        The statements are as many as for one person when all are new, however many there are.
        """
        if new:
            store.insert_subjects(tx, [one.keys.subject_id for one in brought], new, now)
        identifying = any(value.kind in IDENTIFYING for one in brought for value in one.values)
        tags = self.index.at(tx) if identifying else None

        def tag(kind: str, text: str) -> bytes | None:
            return tags.write(tx, kind, text) if tags and kind in IDENTIFYING else None

        collecting = Collecting(self.policies.in_force(tx).facts, tag, now)
        for one in brought:
            person = FRESH if new else self.state(tx, one.keys.subject_id, now)
            collecting.add(one, person, [] if new else self._named(tx, one, tags, now))
        store.insert_records(tx, collecting.records)
        store.insert_identifiers(tx, collecting.identifiers)
        return collecting.made

    def _named(self, tx: Connection, one: Brought, tags: Tags | None, now: datetime) -> list[HeldIdentifier]:
        """The identifiers that somebody who is not new names already; his keys are looked after on the way."""
        parts = {Compartment(one.origin.purpose, value.category) for value in one.values}
        self._refuse_lost_keys(tx, one.keys, parts, since=now - KEYS_ARE_OPEN)
        if tags is None or not any(value.kind in IDENTIFYING for value in one.values):
            return []
        self.index.bring_up(tx, one.keys, tags)
        return store.identifiers_of(tx, one.keys.subject_id)

    def _refuse_lost_keys(self, tx: Connection, keys: SubjectKeys, parts: set[Compartment], *, since: datetime) -> None:
        """A value sealed under a key that is destroyed, or about to be, would be lost without anybody noticing.

        Ids sort by time of making, so a destruction with a greater id than the key's was begun after the key.
        """
        for event_id, scope in erasure_store.key_destructions(tx, keys.subject_id, since):
            for part in parts if scope is None else parts & scope:
                if keys.has(part) and keys.first_id(part) < event_id:
                    raise Conflict()

    def tag(self, kind: str, normalised: str) -> bytes:
        """The newest blind-index tag of a normalised identifier, outside of any act: acts ask `index`."""
        with self.database.read() as tx:
            return self.index.at(tx).newest(kind, normalised)

    # --- the door: read -------------------------------------------------------------------------------------------

    def read(
        self, subject_id: SubjectId, *, actor: str, purpose: str, reason: str, now: datetime,
        wanted: Callable[[HeldRecord], bool] | None = None,
    ) -> list[OpenedRecord]:  # fmt: skip
        """A person's records of one purpose, for staff (clauses 3.1, 6.2); of these only what is `wanted`.

        The journal event is committed before any value is opened. Raises Denied with the reasons.
        """
        keys = self.keystore.open_subject(subject_id)

        def unit(tx: Connection) -> list[HeldRecord]:
            all_held = store.records_of(tx, subject_id)
            records = [held for held in all_held if held.purpose == purpose and not held.is_due(now)]
            if wanted is not None:
                records = [held for held in records if wanted(held)]
            categories = sorted({held.category for held in records})
            questions = [Asked(operation="read", purpose=purpose, category=category) for category in categories]
            self._require(tx, subject_id, questions, now)
            self.journal(tx, keys, "read", actor=actor, purpose=purpose, categories=categories, reason=reason, now=now)
            return records

        return self._opened(keys, self.database.write(unit))

    def read_own(self, subject_id: SubjectId) -> list[OpenedRecord]:
        """Everything, for the signed-in person alone (clause 7.1 a). Raises NotFound when nothing is held."""
        keys = self.keystore.open_subject(subject_id)
        return self._opened(keys, store.ask_records_of(self.database, subject_id))

    def _opened(self, keys: SubjectKeys, records: list[HeldRecord]) -> list[OpenedRecord]:
        """A record whose key was destroyed a moment ago is on its way out: it is not shown."""
        return [OpenedRecord(held, Sealed(open_value(keys, held))) for held in records if keys.has(held.compartment)]

    def _require(self, tx: Connection, subject_id: SubjectId, questions: list[Asked], now: datetime) -> None:
        """Raises Denied unless every question is answered with yes; an erased subject is denied as such."""
        person = self.state(tx, subject_id, now)
        policy = self.policies.in_force(tx).facts
        for asked in questions:
            decision = decide(policy, person, asked, now=now)
            if not decision.allowed:
                raise Denied(reasons=decision.codes())

    def journal(
        self,
        tx: Connection,
        keys: SubjectKeys,
        operation: str,
        *,
        actor: str,
        purpose: str,
        categories: list[str],
        reason: str,
        now: datetime,
    ) -> EventId:
        """The journal row that the person sees, and its ledger event."""
        facts: dict[str, object] = {"actor": actor, "purpose": purpose, "categories": categories}
        event_id = self.events.append(tx, keys, f"journal_{operation}", at=now, facts=facts)
        store.insert_journal(
            tx,
            [
                {
                    "subject_id": keys.subject_id, "journal_id": new_id(), "operation": operation, "at": now,
                    "actor": actor, "purpose": purpose, "categories": categories, "reason": reason,
                    "event_id": event_id,
                }
            ],
        )  # fmt: skip
        return event_id

    # --- identifiers ----------------------------------------------------------------------------------------------

    def prove(
        self, tx: Connection, keys: SubjectKeys, identifier_id: IdentifierId, *, shared: bool, now: datetime
    ) -> None:
        """An answered code proves the identifier. `shared`: a further holder of an office phone, chosen knowingly.

        Raises Conflict when somebody else holds it already; the proof of one race is seen by the other.
        """
        self.index.bring_up(tx, keys)
        held = store.find_identifier(tx, keys.subject_id, identifier_id)
        if held is None:
            raise NotFound()
        if held.state == "proven":
            return
        taken = store.holders(tx, held.kind, held.tag)
        if taken and not (shared and held.kind == "phone"):
            raise Conflict()
        holder = max((number for number, _subject in taken), default=-1) + 1  # an erased holder leaves a gap
        store.prove(tx, held, holder, now)
        self.events.append(tx, keys, "identifier_proven", at=now, facts={"kind": held.kind, "shared": bool(taken)})
