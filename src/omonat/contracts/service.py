"""Concluding, ending and annulling contracts; their documents in and out."""

from collections.abc import Callable
from datetime import date, datetime, time
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from omonat.contracts import rules, store
from omonat.contracts.files import MEDIA, clean_name, media_of
from omonat.contracts.model import Contract, Document, Draft, Given
from omonat.grounds import Asked, decide
from omonat.kernel.clock import TASHKENT, local_date
from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from omonat.kernel.ids import RecordId, SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.policy import Policies, Policy
from omonat.retention import Retention
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.vault import HeldRecord, OpenedRecord, Origin, Value, Vault, rows
from omonat.vault.files import add_file, open_file
from omonat.vault.kinds import one_contract_number
from omonat.vault.sealing import open_value

PAGE = 50
MOST = 500
PART = Compartment(rules.PURPOSE, rules.CATEGORY)
HOLD = "accounting"  # contracts are papers of the accounts; only where the policy names that law
_KINDS = {"start": "contract_started", "end": "contract_ended", "annul": "contract_annulled"}
_TAKEN = "There is a contract with this number already."


Check = Callable[[Connection], None]


class OpenedFile(NamedTuple):
    """A document on its way out."""

    name: Sealed[str]
    media: str
    content: bytes


class Contracts:
    """The contracts of people. `actor`: a member of the staff or an API key with `contract.manage`."""

    def __init__(self, database: Database, vault: Vault, retention: Retention, policies: Policies) -> None:
        self._database = database
        self._vault = vault
        self._holds = retention.holds
        self._policies = policies

    # --- concluding -----------------------------------------------------------------------------------------------

    def draft(self, actor: Actor, subject_id: SubjectId, given: Given, now: datetime) -> Contract:
        """A contract that is being concluded. Raises InvalidInput with the problem of each field, NotFound, Denied."""
        require(actor, "contract.manage")
        made = rules.checked(given)
        keys = self._keys(subject_id, now)
        contract_id = new_id()
        self._database.write(lambda tx: self._insert(tx, actor, keys, contract_id, made, now=now))
        return self.get(contract_id)

    def _insert(
        self, tx: Connection, actor: Actor, keys: SubjectKeys, contract_id: UUID, made: Draft, *, now: datetime
    ) -> None:  # fmt: skip
        _require_active(tx, keys.subject_id)
        tags, number = self._vault.index.at(tx), one_contract_number(made.number)
        taken = store.by_tags(tx, tags.all("contract", number))
        if any(state != "annulled" for _subject, _contract, state in taken):
            raise InvalidInput({"number": _TAKEN})
        values = [
            Value("contract_number", rules.CATEGORY, "text", Sealed(made.number)),
            Value("contract_about", rules.CATEGORY, "text", Sealed(made.about)),
        ]
        number_id, about_id = self._vault.collect(tx, keys, values, _origin(), now=now)
        event_id = self._vault.events.append(
            tx, keys, "contract_drafted", at=now, facts={"contract": str(contract_id), "actor": actor.actor},
            personal={"number": made.number},
        )  # fmt: skip
        row = {
            "subject_id": keys.subject_id, "contract_id": contract_id, "state": "draft", "number_record_id": number_id,
            "about_record_id": about_id, "starts_on": made.starts_on, "ends_on": made.ends_on, "ended_on": None,
            "created_at": now, "created_by": actor.actor, "event_id": event_id,
        }  # fmt: skip
        store.insert_contract(tx, row, tags.write(tx, "contract", number))

    # --- from state to state --------------------------------------------------------------------------------------

    def start(self, actor: Actor, contract_id: UUID, now: datetime) -> Contract:
        """draft -> running: from now on it is a ground. Raises InvalidInput before its first day, Denied, NotFound."""
        require(actor, "contract.manage")
        if self.get(contract_id).starts_on > local_date(now):
            raise InvalidInput({"starts_on": "The contract begins later. Start it on its first day."})
        return self._step(actor.actor, contract_id, "start", None, now)

    def end(self, actor: Actor, contract_id: UUID, ended_on: str, now: datetime) -> Contract:
        """running -> ended: the terms of what rested on it begin (6.3). Raises InvalidInput, Denied, NotFound."""
        require(actor, "contract.manage")
        day = rules.end_day(ended_on, self.get(contract_id).starts_on, local_date(now))
        return self._step(actor.actor, contract_id, "end", day, now)

    def annul(self, actor: Actor, contract_id: UUID, now: datetime) -> Contract:
        """What was drafted or begun by mistake, or fell through. Raises Denied when it has ended, NotFound."""
        require(actor, "contract.manage")
        return self._step(actor.actor, contract_id, "annul", local_date(now), now)

    def end_run_out(self, now: datetime) -> int:
        """End every contract whose agreed last day has passed; part of the nightly sweep. Returns how many."""
        with self._database.read() as tx:
            found = store.run_out(tx, local_date(now), MOST)
        for held in found:
            self._step("system", held.contract_id, "end", held.ends_on, now)
        return len(found)

    def _step(self, actor: str, contract_id: UUID, act: str, ended_on: date | None, now: datetime) -> Contract:
        keys = self._vault.keystore.open_subject(self.get(contract_id).subject_id)

        def unit(tx: Connection) -> None:
            held = _get(tx, contract_id)
            state = rules.next_state(held.state, act)
            if not store.set_state(tx, held, state, ended_on):
                raise Conflict()
            facts: dict[str, object] = {"contract": str(contract_id), "actor": actor}
            self._vault.events.append(tx, keys, _KINDS[act], at=now, facts=facts)
            policy = self._policies.in_force(tx).facts
            if state == "running":
                for purpose, category in _resting(policy):
                    store.clear_ends(tx, held.subject_id, purpose, category, now)
            elif ended_on is not None and not contract_stands(tx, held.subject_id, now):
                _start_terms(tx, policy, held.subject_id, ended_on)
            if state == "ended" and ended_on is not None:
                self._keep_papers(tx, keys, policy, ended_on, actor=actor, now=now)

        self._database.write(unit)
        return self.get(contract_id)

    def _keep_papers(
        self, tx: Connection, keys: SubjectKeys, policy: Policy, ended_on: date, *, actor: str, now: datetime
    ) -> None:  # fmt: skip
        """The law on accounting keeps the papers of a contract (6.3), where the operator has named it."""
        if HOLD in policy.holds:
            self._holds.place_within(
                tx, keys, HOLD, ended_on, purpose=rules.PURPOSE, category=rules.CATEGORY, actor=actor,
                reason="contract", now=now,
            )  # fmt: skip

    # --- looking --------------------------------------------------------------------------------------------------

    def get(self, contract_id: UUID) -> Contract:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _get(tx, contract_id)

    def of_subject(self, tx: Connection, subject_id: SubjectId) -> list[Contract]:
        """The contracts of a person, newest first."""
        return store.contracts_of(tx, subject_id)

    def page(self, state: str = "", *, limit: int = PAGE, after: UUID | None = None) -> list[Contract]:
        """Contracts without documents, the latest first day first; `state` empty: every one."""
        states = (state,) if state in rules.STATES else rules.STATES
        with self._database.read() as tx:
            last = store.find_contract(tx, after) if after is not None else None
            cursor = (last.starts_on, last.contract_id) if last is not None else None
            return store.page(tx, states, min(limit, MOST), cursor)

    def find(self, number: str) -> list[tuple[SubjectId, UUID]]:
        """(person, contract) of everybody who has a contract with exactly that number."""
        if not number.strip() or len(number) > 200:
            return []
        with self._database.read() as tx:
            tags = self._vault.index.at(tx).all("contract", one_contract_number(number))
            return [(subject_id, contract_id) for subject_id, contract_id, _ in store.by_tags(tx, tags)]

    # --- documents ------------------------------------------------------------------------------------------------

    def add_document(self, actor: Actor, contract_id: UUID, name: str, content: bytes, now: datetime) -> Document:
        """Seal a file into the contract. Raises WrongFile, Denied when the contract is annulled, NotFound."""
        require(actor, "contract.manage")
        media = media_of(content)
        keys = self._keys(self.get(contract_id).subject_id, now)
        value = Value("document", rules.CATEGORY, "text", Sealed(clean_name(name, media)))

        def unit(tx: Connection) -> Document:
            _require_active(tx, keys.subject_id)
            held = _get(tx, contract_id)
            if held.state == "annulled":
                raise Denied(reasons="contract_state")
            (record_id,) = self._vault.collect(tx, keys, [value], _origin(), now=now)
            add_file(tx, keys, record_id, PART, content)
            if held.state == "ended" and held.ended_on is not None and not contract_stands(tx, keys.subject_id, now):
                _start_terms(tx, self._policies.in_force(tx).facts, keys.subject_id, held.ended_on)
            document = Document(
                record_id=record_id, contract_id=contract_id, media=media, size=len(content), added_at=now,
                added_by=actor.actor,
            )  # fmt: skip
            store.insert_document(tx, keys.subject_id, document)
            facts: dict[str, object] = {"contract": str(contract_id), "media": media, "actor": actor.actor}
            self._vault.events.append(tx, keys, "document_added", at=now, facts=facts)
            return document

        return self._database.write(unit)

    def document(
        self, actor: Actor, contract_id: UUID, record_id: UUID, *, reason: str, now: datetime
    ) -> OpenedFile:  # fmt: skip
        """A document for the staff; the reading is journalled before anything is opened. Raises Denied, NotFound."""
        require(actor, "contract.read")
        if rules.PURPOSE not in actor.purposes:
            raise Denied(reasons="not_your_purpose")
        held = self.get(contract_id)

        def check(tx: Connection) -> None:
            person = self._vault.state(tx, held.subject_id, now)
            asked = Asked(operation="read", purpose=rules.PURPOSE, category=rules.CATEGORY)
            decision = decide(self._policies.in_force(tx).facts, person, asked, now=now)
            if not decision.allowed:
                raise Denied(reasons=decision.codes())

        return self._out(held, record_id, "read", actor=actor.actor, reason=reason, check=check, now=now)

    def own_document(self, subject_id: SubjectId, record_id: UUID, now: datetime) -> OpenedFile:
        """A document for the signed-in person whose contract it is. Raises NotFound for anybody else's."""
        with self._database.read() as tx:
            found = store.contracts_of(tx, subject_id)
        for held in found:
            if any(document.record_id == record_id for document in held.documents):
                return self._out(
                    held, record_id, "export", actor="subject", reason="download:document", check=lambda _tx: None,
                    now=now,
                )  # fmt: skip
        raise NotFound()

    def _out(
        self, held: Contract, record_id: UUID, operation: str, *, actor: str, reason: str, check: Check, now: datetime
    ) -> OpenedFile:
        document = next((one for one in held.documents if one.record_id == record_id), None)
        if document is None:
            raise NotFound()
        keys = self._vault.keystore.open_subject(held.subject_id)

        def unit(tx: Connection) -> HeldRecord:
            check(tx)
            record = _get_record(tx, keys, document.record_id, now)
            self._vault.journal(
                tx, keys, operation, actor=actor, purpose=rules.PURPOSE, categories=[rules.CATEGORY], reason=reason,
                now=now,
            )  # fmt: skip
            return record

        record = self._database.write(unit)
        with self._database.read() as tx:
            content = open_file(tx, keys, record)
        return OpenedFile(OpenedRecord(record, Sealed(open_value(keys, record))).value, MEDIA[document.media], content)

    def _keys(self, subject_id: SubjectId, now: datetime) -> SubjectKeys:
        """The person's keys, that of the papers among them: durable before what it seals."""
        keys = self._vault.keystore.open_subject(subject_id)
        return self._vault.keystore.add_compartments(keys, [PART], now)


def contract_stands(tx: Connection, subject_id: SubjectId, now: datetime) -> bool:
    """Whether the person has a contract, or one that is being concluded: terms after its end have not begun."""
    today = local_date(now)
    return any(rules.stands(state, ends_on, today) for _id, state, ends_on in store.standing(tx, subject_id))


def _origin() -> Origin:
    return Origin(purpose=rules.PURPOSE, ground=rules.GROUND, source=rules.SOURCE)


def _resting(policy: Policy) -> list[Compartment]:
    """Every part whose term counts from the end of a contract."""
    return [
        Compartment(purpose, category)
        for purpose, declared in policy.purposes.items()
        for category in declared.categories
        if policy.keep_for(purpose, category).after == "contract_end"
    ]


def _start_terms(tx: Connection, policy: Policy, subject_id: SubjectId, ended_on: date) -> None:
    noon = datetime.combine(ended_on, time(12), TASHKENT)
    for purpose, category in _resting(policy):
        end = policy.keep_for(purpose, category).end(noon, "contract_end")
        if end is not None:
            store.set_ends(tx, subject_id, purpose, category, end)


def _get(tx: Connection, contract_id: UUID) -> Contract:
    found = store.find_contract(tx, contract_id)
    if found is None:
        raise NotFound()
    return found


def _get_record(tx: Connection, keys: SubjectKeys, record_id: RecordId, now: datetime) -> HeldRecord:
    for held in rows.records_of(tx, keys.subject_id):
        if held.record_id == record_id and not held.is_due(now) and keys.has(held.compartment):
            return held
    raise NotFound()


def _require_active(tx: Connection, subject_id: SubjectId) -> None:
    found = rows.find_subject(tx, subject_id)
    if found is None or found.state != "active":
        raise NotFound()
