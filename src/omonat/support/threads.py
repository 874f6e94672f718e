"""The thread of a case: sealed messages in and out, comments between the staff, and the replies that go by mail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.grounds import Asked, decide
from omonat.jobs import Outbox
from omonat.kernel.clock import Clock
from omonat.kernel.errors import Denied, NotFound, OmonatError
from omonat.kernel.ids import CaseId, RecordId, SubjectId, to_id
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.policy import Policy
from omonat.rights import Addressed, Case, Rights
from omonat.rights.addresses import SYSTEM, Addresses, Chosen, opened
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.support import rules, store
from omonat.support.model import CaseChanged, CaseView, Message, OpenedField
from omonat.support.ports import Letters
from omonat.vault import HeldRecord, OpenedRecord, Origin, Value, Vault, rows
from omonat.vault.sealing import open_value

_CLOSED = "case_closed"


class Threads:
    """What is said in a case."""

    def __init__(
        self, database: Database, vault: Vault, rights: Rights, outbox: Outbox, *, letters: Letters, clock: Clock
    ) -> None:
        self._database = database
        self._vault = vault
        self._rights = rights
        self._outbox = outbox
        self._letters = letters
        self._clock = clock
        self._addresses = Addresses(vault)

    # --- looking ----------------------------------------------------------------------------------------------------

    def look(
        self, case_id: str | UUID, now: datetime, *, reader: Actor | None = None, policy: Policy | None = None
    ) -> CaseView:
        """A case; with `reader`, its values too, as far as his role may state the purpose of the case.

        Reading is journalled before anything is opened, and the person sees it. `policy` saves a question when the
        caller has it. Raises NotFound.
        """
        with self._database.read() as tx:
            found = store.find_case(tx, to_id(case_id))
            if found is None:
                raise NotFound()
            row, case, is_held = found
            policy = policy or self._vault.policies.in_force(tx).facts
            messages = self._with_outbox(tx, rules.thread(case))
        purpose, ground = rules.purpose_of(policy, case)
        if rules.begins_with_text(policy, case):
            messages = (_first(case), *messages)
        view = CaseView(
            case=case, purpose=purpose, ground=ground, assigned_to=row.assigned_to, assigned_name=row.assigned_name,
            is_held=is_held, seen=rules.revision(case.steps), messages=messages,
        )  # fmt: skip
        if not is_held:
            return _without(view, "erased")
        return self._open(view, reader, now) if reader is not None else view

    def _open(self, view: CaseView, reader: Actor, now: datetime) -> CaseView:
        if view.purpose not in reader.purposes:
            return msgspec.structs.replace(view, closed_to="role")
        subject_id = SubjectId(UUID(view.case.subject_id))
        try:
            held = self._vault.read(
                subject_id, actor=reader.actor, purpose=view.purpose, reason=f"case:{view.case.case_id}", now=now,
                wanted=lambda each: belongs(each, view.case) and each.field not in rules.NOT_NEEDED,
            )  # fmt: skip
        except Denied as denied:
            return msgspec.structs.replace(view, closed_to=str(denied.details["reasons"]))
        except NotFound:
            return _without(view, "erased")
        return _filled(view, held)

    def _with_outbox(self, tx: Connection, messages: tuple[Message, ...]) -> tuple[Message, ...]:
        """What the outbox knows of replies that have no end yet: being repeated, or given up."""
        waiting = [each for each in messages if each.delivery == "waiting"]
        if not waiting:
            return messages
        jobs = self._outbox.find(tx, [_key(each.message_id) for each in waiting])
        return tuple(_as_job(each, jobs.get(_key(each.message_id))) for each in messages)

    def own(self, subject_id: SubjectId, case_id: str | UUID, now: datetime) -> tuple[Message, ...]:
        """The thread for the signed-in person: without the comments of the staff, which are in his file.

        Raises NotFound for anybody else's case.
        """
        case = self._rights.get_own_case(subject_id, case_id)
        messages = rules.thread(case)
        policy = self._vault.policies.in_force().facts
        if rules.begins_with_text(policy, case):
            messages = (_first(case), *messages)
        if not messages:
            return ()
        held = [each for each in self._vault.read_own(subject_id) if not each.record.is_due(now)]
        purpose, ground = rules.purpose_of(policy, case)
        view = CaseView(
            case=case, purpose=purpose, ground=ground, assigned_to=None, assigned_name=None, is_held=True,
            seen=0, messages=messages,
        )  # fmt: skip
        shown = _filled(view, [each for each in held if belongs(each.record, case)])
        return tuple(each for each in shown.messages if each.direction != "note")

    # --- saying -----------------------------------------------------------------------------------------------------

    def reply(
        self, case_id: str | UUID, actor: Actor, text: str, *, now: datetime, seen: int | None = None,
        close: bool = False,
    ) -> Case:  # fmt: skip
        """Answer the person: kept in the case, shown on his page, sent to the address that the case names.

        `seen`: the revision that was looked at; `close`: the case is answered with it. Raises NotAllowed, Denied,
        CaseChanged, InvalidInput, NotFound.
        """
        require(actor, "case.work")
        if close:
            require(actor, "case.close")
        words = rules.read_text(text)

        def unit(tx: Connection, keys: SubjectKeys, case: Case) -> Case:
            require_unchanged(case, seen)
            if case.state != "open":
                raise Denied(reasons=_CLOSED)
            record_id = self._keep(tx, keys, case, rules.REPLY, words, actor=actor.actor, now=now)
            key = {"business_key": _key(record_id), "payload": {"case": case.case_id, "record": str(record_id)}}
            self._outbox.add(tx, kind="case_reply", now=now, **key)  # type: ignore[arg-type]  # two of its own fields
            if close:
                closed = self._rights.case_book.close(tx, case, "answered", actor=actor.actor, now=now, keys=keys)
                self._rights.case_book.tell(tx, closed, "case_closed", now=now, at=now + rules.LETTER_WAITS)
            return self._rights.case_book.find(tx, UUID(case.case_id))

        return self._say(case_id, actor, unit, now)

    def comment(self, case_id: str | UUID, actor: Actor, text: str, *, now: datetime) -> Case:
        """A word to the other members: sealed with the case, never sent, shown in the person's file as what it is."""
        require(actor, "case.work")
        words = rules.read_text(text, "comment")

        def unit(tx: Connection, keys: SubjectKeys, case: Case) -> Case:
            return self.note(tx, keys, case, words, actor=actor, now=now)

        return self._say(case_id, actor, unit, now)

    def note(self, tx: Connection, keys: SubjectKeys, case: Case, words: str, *, actor: Actor, now: datetime) -> Case:
        """A comment inside another act; `keys` are those of `keys_to_say`."""
        self._keep(tx, keys, case, rules.COMMENT, words, actor=actor.actor, now=now)
        return self._rights.case_book.find(tx, UUID(case.case_id))

    def write(self, subject_id: SubjectId, case_id: str | UUID, text: str, *, now: datetime) -> Case:
        """The signed-in person writes further in an open case of his own. Raises NotFound, Denied, InvalidInput."""
        words = rules.read_text(text)
        self._rights.get_own_case(subject_id, case_id)

        def unit(tx: Connection, keys: SubjectKeys, case: Case) -> Case:
            if case.state != "open":
                raise Denied(reasons=_CLOSED)
            record_id = self._keep(tx, keys, case, rules.FOLLOW_UP, words, actor="subject", now=now)
            payload = {"case": case.case_id, "why": "message", "mark": str(record_id)}
            self._outbox.add(tx, kind="staff_mail", business_key=f"staff_mail:{record_id}", payload=payload, now=now)
            return self._rights.case_book.find(tx, UUID(case.case_id))

        return self._say(case_id, None, unit, now)

    def _say(self, case_id: str | UUID, actor: Actor | None, unit: "_Unit", now: datetime) -> Case:
        """Keys durable first, then the unit on the case as it is inside the transaction."""
        case = self._rights.get_case(case_id)
        keys = self.keys_to_say(case, actor, now)
        return self._database.write(lambda tx: unit(tx, keys, self.same(tx, case.case_id, keys)))

    def keys_to_say(self, case: Case, actor: Actor | None, now: datetime) -> SubjectKeys:
        """Keys that seal what is said in a case. Raises Denied where the actor may not state its purpose, or erased."""
        part = self._part(case)
        if actor is not None and part.purpose not in actor.purposes:
            raise Denied(reasons="purpose_not_of_your_role")
        return self._vault.keystore.add_compartments(self.keys_of(case), [part], now)

    def same(self, tx: Connection, case_id: str | UUID, keys: SubjectKeys) -> Case:
        """The case inside a unit. Raises CaseChanged when its person was joined with another meanwhile."""
        fresh = self._rights.case_book.find(tx, to_id(case_id))
        if fresh.subject_id != str(keys.subject_id):
            raise CaseChanged(who="")
        return fresh

    def find_keys(self, case: Case) -> SubjectKeys | None:
        """The keys of the person of a case; None when they are destroyed."""
        return self._addresses.find_keys(SubjectId(UUID(case.subject_id)))

    def keys_of(self, case: Case) -> SubjectKeys:
        """The keys of the person of a case. Raises Denied when they are destroyed."""
        keys = self.find_keys(case)
        if keys is None:
            raise Denied(reasons="erased")
        return keys

    def _part(self, case: Case) -> Compartment:
        purpose, _ground = rules.purpose_of(self._vault.policies.in_force().facts, case)
        return Compartment(purpose, rules.CATEGORY)

    def _keep(
        self, tx: Connection, keys: SubjectKeys, case: Case, field: str, text: str, *, actor: str, now: datetime
    ) -> RecordId:
        """One message: its record, its event, its step."""
        purpose, ground = rules.purpose_of(self._vault.policies.in_force(tx).facts, case)
        source = f"case:{case.kind}" if field == rules.FOLLOW_UP else "staff"
        origin = Origin(purpose=purpose, ground=ground, source=source, case_id=CaseId(UUID(case.case_id)))
        value = Value(field, rules.CATEGORY, "text", Sealed(text))
        [record_id] = self._vault.collect(tx, keys, [value], origin, now=now)
        self._require_use(tx, keys, case, by_subject=actor == "subject", now=now)
        kind = next(step for step, said in _FIELDS.items() if said == field)
        self._vault.events.append(
            tx, keys, "case_message", at=now, personal={field: text}, about={"case": case.case_id},
            facts={"kind": case.kind, "field": field, "purpose": purpose, "ground": ground, "actor": actor},
        )  # fmt: skip
        self._rights.case_book.note(tx, case, kind, {"record": str(record_id)}, actor=actor, now=now)
        return record_id

    def _require_use(self, tx: Connection, keys: SubjectKeys, case: Case, *, by_subject: bool, now: datetime) -> None:
        """Whatever is said is a use of what the person gave, for the purpose that he gave it for. Raises Denied."""
        policy = self._vault.policies.in_force(tx).facts
        purpose, _ground = rules.purpose_of(policy, case)
        asked = Asked(operation="use", purpose=purpose, category=rules.CATEGORY, by_subject=by_subject)
        decision = decide(policy, self._vault.state(tx, keys.subject_id, now), asked, now=now)
        if not decision.allowed:
            raise Denied(reasons=decision.codes())

    # --- sending ----------------------------------------------------------------------------------------------------

    def send_again(self, case_id: str | UUID, actor: Actor, message_id: str | UUID, *, now: datetime) -> None:
        """A reply that was given up is tried once more. Raises NotFound for one that was not."""
        require(actor, "case.work")
        record_id = to_id(message_id)

        def unit(tx: Connection) -> None:
            case = self._rights.case_book.find(tx, to_id(case_id))
            if not any(each.message_id == record_id and each.direction == "out" for each in rules.thread(case)):
                raise NotFound()
            self._outbox.repeat(tx, _key(record_id))
            self._rights.case_book.note(
                tx, case, "reply_repeated", {"record": str(record_id)}, actor=actor.actor, now=now
            )

        self._database.write(unit)

    def send_reply(self, payload: Mapping[str, str]) -> None:
        """Work `case_reply`: {case, record}; may run twice: the step says that it went out. Raises as channels do."""
        now, record_id = self._clock.now(), UUID(payload["record"])
        with self._database.read() as tx:
            case = self._rights.case_book.find(tx, UUID(payload["case"]))
        message = next((each for each in rules.thread(case) if each.message_id == record_id), None)
        keys = self._addresses.find_keys(SubjectId(UUID(case.subject_id)))
        if message is None or message.delivery in ("sent", "no_address") or keys is None:
            return
        found = self._database.write(lambda tx: self._prepare(tx, keys, case, record_id, now))
        if found is None:
            return  # destroyed meanwhile, or no longer allowed: nothing is said
        text, chosen = found
        told = {"record": str(record_id)}
        if chosen is None:
            self._note(case, "reply_no_address", told, now)
            return
        to = opened(keys, chosen, case.details.get("language"))
        self._send(case, to, Sealed(open_value(keys, text)), told, now)

    def _send(self, case: Case, to: Addressed, text: Sealed[str], told: dict[str, str], now: datetime) -> None:
        try:
            self._letters.send_reply(to, case_id=case.case_id, text=text, message_id=f"reply:{told['record']}")
        except OmonatError as error:
            if not error.temporary:
                self._note(case, "reply_failed", {**told, "reason": error.code}, now)
            raise
        self._note(case, "reply_sent", told, now)

    def _prepare(
        self, tx: Connection, keys: SubjectKeys, case: Case, record_id: UUID, now: datetime
    ) -> tuple[HeldRecord, Chosen | None] | None:
        """The record of the text and the address that the case names, its use journalled."""
        held = rows.records_of(tx, keys.subject_id)
        text = next((each for each in held if each.record_id == record_id and keys.has(each.compartment)), None)
        if text is None or text.is_due(now):
            return None
        reason = f"reply:{case.case_id}"
        if "submission" not in case.details:  # begun on his own page: there he has proven who he is
            return text, self._proven_mail(tx, keys, text.purpose, reason, now)
        named = {
            each.tag for each in held if each.tag is not None and belongs(each, case) and not each.is_due(now)
        }  # fmt: skip
        mail = next(
            (each for each in rows.identifiers_of(tx, keys.subject_id) if each.kind == "email" and each.tag in named),
            None,
        )
        if mail is None:
            return text, None
        chosen = self._addresses.choose(
            tx, keys, mail.identifier_id, purpose=text.purpose, reason=reason, now=now
        )  # fmt: skip
        return text, chosen

    def _proven_mail(self, tx: Connection, keys: SubjectKeys, purpose: str, reason: str, now: datetime
                     ) -> Chosen | None:  # fmt: skip
        proven = [
            each for each in rows.identifiers_of(tx, keys.subject_id) if each.kind == "email" and each.state == "proven"
        ]
        if not proven:
            return None
        return self._addresses.choose(tx, keys, proven[0].identifier_id, purpose=purpose, reason=reason, now=now)

    def _note(self, case: Case, kind: str, details: dict[str, str], now: datetime) -> None:
        """The case may have moved to another person meanwhile, so it is looked up where it is now."""

        def unit(tx: Connection) -> None:
            found = self._rights.case_book.find(tx, UUID(case.case_id))
            self._rights.case_book.note(tx, found, kind, details, actor=SYSTEM, now=now)

        self._database.write(unit)


_FIELDS = {"replied": rules.REPLY, "commented": rules.COMMENT, "wrote": rules.FOLLOW_UP}


class _Unit(Protocol):
    """The shape of a unit on a case: (tx, keys, case) -> case."""

    def __call__(self, tx: Connection, keys: SubjectKeys, case: Case) -> Case: ...


def require_unchanged(case: Case, seen: int | None) -> None:
    """Raises CaseChanged when a person acted since `seen`; None: whoever asks looked at nothing."""
    if seen is not None and rules.revision(case.steps) != seen:
        raise CaseChanged(who=rules.last_actor(case.steps).removeprefix("staff:"))


def belongs(held: HeldRecord, case: Case) -> bool:
    """Whether a record came with the case, or was said in it."""
    submission = case.details.get("submission")
    return str(held.case_id) == case.case_id or (submission is not None and str(held.submission_id) == submission)


def _first(case: Case) -> Message:
    """The message that the case came with; its records are those of the form."""
    return Message(message_id=UUID(case.case_id), direction="in", author="subject", at=case.opened_at)


def _key(record_id: UUID) -> str:
    return f"case_reply:{record_id}"


def _without(view: CaseView, why: str) -> CaseView:
    gone = tuple(msgspec.structs.replace(each, is_there=False) for each in view.messages)
    return msgspec.structs.replace(view, closed_to=why, messages=gone)


def _filled(view: CaseView, held: list[OpenedRecord]) -> CaseView:
    """The opened texts in their places; what is not a message is a field."""
    texts = {UUID(str(each.record.record_id)): each.value for each in held}
    first = [each.value.reveal() for each in held if each.record.field in rules.FIRST]
    if first:
        texts[UUID(view.case.case_id)] = Sealed("\n\n".join(first))
    said = tuple(
        msgspec.structs.replace(each, text=texts.get(each.message_id), is_there=each.message_id in texts)
        for each in view.messages
    )
    fields = tuple(
        OpenedField(
            field=each.record.field, category=each.record.category, source=each.record.source, value=each.value
        )
        for each in held
        if each.record.field not in (*rules.FIRST, *_FIELDS.values())
    )  # fmt: skip
    return msgspec.structs.replace(view, closed_to="", messages=said, fields=fields)


def _as_job(message: Message, job: object) -> Message:
    failed, ended = getattr(job, "failed", None), getattr(job, "done_at", None)
    if message.delivery != "waiting" or not failed:
        return message
    return msgspec.structs.replace(message, delivery="failed" if ended else "repeating", reason=failed)
