"""What a person may demand on his own page, and what the staff see of it. Each demand is a case and is carried out."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.consent import FORM, WEB, ConsentGiven, Consents, Evidence, ask_to_confirm
from omonat.jobs import Outbox
from omonat.kernel.clock import Clock
from omonat.kernel.errors import Conflict, InvalidInput, NotFound, PolicyChanged
from omonat.kernel.ids import CaseId, SubjectId, to_id
from omonat.kernel.language import DEFAULT_LANGUAGE
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, SubjectKeys
from omonat.law import read_rule_pack
from omonat.policy import Policies, Policy, Purpose, news_purpose
from omonat.rights import store, texts
from omonat.rights.cases import PAGE, Cases
from omonat.rights.correcting import Correcting
from omonat.rights.erasing import Erasing
from omonat.rights.model import Case, ComplaintPack, ErasureOutcome, PersonFile
from omonat.rights.notices import Notices
from omonat.rights.person_file import PersonFiles
from omonat.rights.ports import Post
from omonat.storage import Database
from omonat.vault import Erasure, Origin, Value, Vault, WrongValue, normalise, rows

COMPLAINT_LENGTH = 10_000
IDENTIFIER_LENGTH = 320
PORTAL = "portal"
Prove = Callable[[Connection, SubjectKeys], Evidence]
"""Makes what proves a consent, in the transaction that records it."""
_RESTRICTION = {"suspend": "suspended", "object": "objected"}
_FIELD_FOR = {"email": "email", "sms": "phone", "telegram": "phone"}


class Rights:
    """The rights of clause 7.1. `subject_id` is that of a signed-in person: the faces see to that."""

    def __init__(
        self, database: Database, vault: Vault, *, consents: Consents, erasure: Erasure, policies: Policies,
        outbox: Outbox, post: Post, clock: Clock,
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._consents = consents
        self._policies = policies
        self._outbox = outbox
        self._cases = Cases(database, vault, policies, outbox)
        self._files = PersonFiles(database, vault, consents, policies)
        self._correcting = Correcting(database, vault, policies, self._cases)
        self._notices = Notices(database, vault, self._cases, post=post, clock=clock)
        self._erasing = Erasing(database, vault, cases=self._cases, consents=consents, erasure=erasure, post=post)

    # --- cases, for the other areas and the staff -------------------------------------------------------------------

    def open_case(
        self, tx: Connection, keys: SubjectKeys, kind: str, term_key: str | None, details: dict[str, str], *,
        now: datetime, actor: str = "subject",
    ) -> Case:  # fmt: skip
        """A new case in the caller's transaction; see Cases.open."""
        return self._cases.open(tx, keys, kind, term_key, details, now=now, actor=actor)

    def cases(self, state: str | None = None, limit: int = PAGE, after: str | CaseId | None = None) -> list[Case]:
        """Cases without their steps, first due first. `after`: the id of the last case of the page before."""
        return self._cases.page(state, limit, after)

    def get_case(self, case_id: str | UUID) -> Case:
        """A case with its steps. Raises NotFound."""
        return self._cases.get(case_id)

    def get_own_case(self, subject_id: SubjectId, case_id: str | UUID) -> Case:
        """A case of that person. Raises NotFound for anybody else's: a stranger does not learn that it exists."""
        case = self._cases.get(case_id)
        if case.subject_id != str(subject_id):
            raise NotFound()
        return case

    def case_of_submission(self, tx: Connection, subject_id: SubjectId, submission_id: UUID) -> Case | None:
        """The case that a submission opened, where its form has a term."""
        found = store.cases_of(tx, subject_id)
        return next((case for case in found if case.details.get("submission") == str(submission_id)), None)

    def close_case(
        self, case_id: str | UUID, actor: str, outcome: str, *, now: datetime, reason: str = "",
        tell_at: datetime | None = None,
    ) -> Case:  # fmt: skip
        """Close an open case with one of rules.OUTCOMES; a refusal needs one of rules.REFUSALS (Art. 22).

        The person gets a written notice, not before `tell_at`. Raises NotFound, InvalidInput; Denied or Conflict
        when it is closed.
        """
        return self._cases.close_by_staff(case_id, actor, outcome, reason=reason, now=now, tell_at=tell_at)

    @property
    def case_book(self) -> Cases:
        """Cases inside another area's transaction: notes, closing, reopening, notices."""
        return self._cases

    def find_person(self, kind: str, value: str) -> list[tuple[SubjectId, str]]:
        """(subject, claimed or proven) of everybody who names that e-mail or phone. Raises InvalidInput."""
        text = _normalised(kind, value, IDENTIFIER_LENGTH)
        with self._database.read() as tx:
            return rows.subjects_naming(tx, kind, *self._vault.index.at(tx).all(kind, text))

    def resume(self, now: datetime) -> int:
        """Close what a crash left open; after Erasure.resume. Returns how many cases."""
        return self._erasing.resume(now)

    def send_notice(self, payload: dict[str, str]) -> None:
        """Work `notice` of the outbox; see Notices."""
        self._notices.send_notice(payload)

    def send_recipient_notice(self, payload: dict[str, str]) -> bool:
        """Work `recipient_notice` of the outbox; see Notices."""
        return self._notices.send_recipient_notice(payload)

    # --- 7.1 a: information -------------------------------------------------------------------------------------------

    def person_file(self, subject_id: SubjectId, now: datetime) -> PersonFile:
        """Everything held about a person. Raises NotFound when nothing is."""
        return self._files.make(subject_id, now)

    def note_export(
        self, subject_id: SubjectId, file_format: str, now: datetime, *, actor: str = "subject", reason: str = ""
    ) -> None:
        """The person downloaded his file, or the staff did for him: a line of his journal."""
        keys = self._vault.keystore.open_subject(subject_id)

        def unit(tx: Connection) -> None:
            held = rows.records_of(tx, subject_id)
            self._vault.journal(
                tx, keys, "export", actor=actor, purpose="legal", reason=reason or f"download:{file_format}",
                categories=sorted({each.category for each in held if not each.is_due(now)}), now=now,
            )  # fmt: skip

        self._database.write(unit)

    # --- 7.1 b: correct, delete, suspend -----------------------------------------------------------------------------

    def correct(
        self, subject_id: SubjectId, record_id: str | UUID, new_value: str, now: datetime, *, actor: str = "subject"
    ) -> Case:
        """Replace a value. Raises NotFound, InvalidInput with the problem of field `value`."""
        return self._correcting.correct(subject_id, to_id(record_id), new_value, actor=actor, now=now)

    def erase(self, subject_id: SubjectId, now: datetime, *, actor: str = "subject") -> ErasureOutcome:
        """Destroy everything that no law keeps, with a written notice before. Raises NotFound, Conflict."""
        return self._erasing.erase(subject_id, now, actor=actor)

    def suspend(self, subject_id: SubjectId, now: datetime, *, actor: str = "subject") -> Case:
        """Stop every use of the person's data until he lifts it (Art. 30); what a law demands goes on."""
        return self._restrict(subject_id, "suspend", None, now, actor=actor)

    def lift_suspension(self, subject_id: SubjectId, now: datetime) -> int:
        """Resume; returns how many suspensions ended."""
        return self._lift(subject_id, "suspended", None, now)

    def object(self, subject_id: SubjectId, purpose: str, now: datetime, *, actor: str = "subject") -> Case:
        """Stop one purpose, on whichever ground it rests. Raises NotFound for a purpose that is not declared."""
        if purpose not in self._policies.in_force().facts.purposes:
            raise NotFound()
        return self._restrict(subject_id, "object", purpose, now, actor=actor)

    def lift_objection(self, subject_id: SubjectId, purpose: str, now: datetime) -> int:
        """Take an objection back; returns how many ended."""
        return self._lift(subject_id, "objected", purpose, now)

    def _restrict(self, subject_id: SubjectId, kind: str, purpose: str | None, now: datetime, *, actor: str) -> Case:
        restriction = _RESTRICTION[kind]
        keys = self._vault.keystore.open_subject(subject_id)

        def unit(tx: Connection) -> Case:
            case = self._open(tx, keys, kind, {"purpose": purpose} if purpose else {}, now)
            in_force = {(row.kind, row.purpose) for row in store.restrictions_of(tx, subject_id)}
            if (restriction, purpose) not in in_force:
                row = {"subject_id": subject_id, "kind": restriction, "purpose": purpose, "since": now}
                store.insert_restriction(tx, {**row, "case_id": UUID(case.case_id)})
            facts: dict[str, object] = {"kind": restriction, "purpose": purpose}
            self._vault.events.append(tx, keys, "restricted", at=now, facts=facts)
            letter = "suspended" if purpose is None else "case_closed"
            return self._carried_out(tx, keys, case, outcome="carried_out", letter=letter, now=now, actor=actor)

        return self._database.write(unit)

    def _lift(self, subject_id: SubjectId, restriction: str, purpose: str | None, now: datetime) -> int:
        keys = self._vault.keystore.open_subject(subject_id)

        def unit(tx: Connection) -> int:
            ended = store.lift(tx, subject_id, restriction, purpose, now)
            if ended:
                facts: dict[str, object] = {"kind": restriction, "purpose": purpose}
                self._vault.events.append(tx, keys, "restriction_lifted", at=now, facts=facts)
            return ended

        return self._database.write(unit)

    # --- 7.1 c: consent ----------------------------------------------------------------------------------------------

    def withdraw(
        self, subject_id: SubjectId, purpose: str, channel: str | None, language: str, now: datetime, *,
        via: str = PORTAL, actor: str = "subject",
    ) -> Case:  # fmt: skip
        """Withdraw consent to a purpose, on one channel or on all: effective with this call, everywhere.

        Raises NotFound for what the person never spoke about.
        """
        keys = self._vault.keystore.open_subject(subject_id)

        def unit(tx: Connection) -> Case:
            said = self._vault.state(tx, subject_id, now).consents
            if not any(pair[0] == purpose and channel in (None, pair[1]) for pair in said):
                raise NotFound()
            details = {"purpose": purpose, "language": language} | ({"channel": channel} if channel else {})
            case = self._open(tx, keys, "withdraw", details, now)
            text = texts.withdrawal_text(self._facts(tx), purpose, channel, language)
            hash_ = self._consents.remember_text(tx, language, text, now)
            ended = self._consents.withdraw(
                tx, keys, purpose, channel, language=language, text_hash=hash_, via=via, now=now
            )
            outcome = "withdrawn" if ended else "nothing_to_withdraw"
            return self._carried_out(tx, keys, case, outcome=outcome, letter="case_closed", now=now, actor=actor)

        return self._database.write(unit)

    def consent_text(self, channel: str, language: str, purpose: str | None = None) -> str:
        """The exact text beside a button that grants consent: to news by a channel, or again to `purpose`."""
        facts = self._policies.in_force().facts
        return texts.grant_text(facts, purpose or news_purpose(facts, channel), channel, language)

    def grant(
        self, subject_id: SubjectId, purpose: str, channel: str, language: str, now: datetime, *, via: str = PORTAL,
        prove: Prove | None = None, shown: str | None = None,
    ) -> None:  # fmt: skip
        """Give a consent that is asked for by channel (news), or one again that was given before.

        `consent_text` is what stood beside the button; `prove` makes the evidence where it was said elsewhere.
        `shown`: hash of the text of the page that was sent; None where none was. Raises PolicyChanged where it is not
        the text of now, NotFound for a purpose or channel that is not offered, InvalidInput when no address for it is
        held, WrongConsentForm.
        """
        facts = self._policies.in_force().facts
        declared = facts.purposes.get(purpose)
        if declared is None or not self._may_grant(declared, subject_id, (purpose, channel), now, prove):
            raise NotFound()
        value = self._value_for(subject_id, channel, now) if channel in declared.channels else None
        keys = self._vault.keystore.open_subject(subject_id)
        if value is not None:
            keys = self._keys_with(subject_id, Compartment(purpose, value.category), now)

        def unit(tx: Connection) -> None:
            self._require_active(tx, subject_id)
            text, evidence = self.consent_text(channel, language, purpose), prove(tx, keys) if prove else None
            given = ConsentGiven(
                purpose=purpose, channel=channel, language=language, via=via,
                action=self._consents.word_for(tx, subject_id, purpose, channel, now),
                text_hash=self._consents.remember_text(tx, language, text, now),
            )  # fmt: skip
            waiting = None
            if channel in declared.channels:
                waiting = self._consents.record_or_wait(tx, keys, given, now=now, evidence=evidence)
            else:
                self._consents.record(tx, keys, given, now=now, evidence=evidence)
            _require_shown(given.text_hash, shown)
            self._consents.resume_term(tx, subject_id, purpose, now)
            if waiting is None and value is not None and evidence is None:  # his own act: he asks for it again
                self._consents.suppression.lift(tx, keys, [purpose], value.kind)
            if waiting is not None:
                ask_to_confirm(self._outbox, tx, subject_id, waiting, language=language, now=now)
            if value is not None:
                self._collect_again(tx, keys, value, Origin(purpose=purpose, ground="consent", source=via), now)

        self._database.write(unit)

    def _may_grant(
        self, declared: Purpose, subject_id: SubjectId, pair: tuple[str, str], now: datetime, prove: Prove | None
    ) -> bool:
        """By channel where it is offered; otherwise with a proof, or again. A browser keeps its own choice."""
        channel = pair[1]
        if channel in declared.channels:
            return True
        if "consent" not in declared.grounds or channel == WEB:
            return False
        with self._database.read() as tx:
            said = self._vault.state(tx, subject_id, now).consents
        return pair in said or (prove is not None and channel == FORM)

    def _collect_again(self, tx: Connection, keys: SubjectKeys, value: Value, origin: Origin, now: datetime) -> None:
        tag = self._vault.index.at(tx).write(tx, value.kind, value.text.reveal())
        held = rows.records_of(tx, keys.subject_id)
        if not any(each.purpose == origin.purpose and each.tag == tag and not each.is_due(now) for each in held):
            self._vault.collect(tx, keys, [value], origin, now=now)

    def _value_for(self, subject_id: SubjectId, channel: str, now: datetime) -> Value:
        """The address of a channel, of what is held already: proven first."""
        kind = _FIELD_FOR.get(channel, channel)
        with self._database.read() as tx:
            named = [held for held in rows.identifiers_of(tx, subject_id) if held.kind == kind]
        tags = [held.tag for held in sorted(named, key=lambda each: each.state != "proven")]
        opened = {each.record.tag: each for each in self._vault.read_own(subject_id) if not each.record.is_due(now)}
        for tag in tags:
            if tag in opened:
                return Value(kind, opened[tag].record.category, kind, opened[tag].value)
        raise InvalidInput({"channel": "To get news this way, please fill this in."})

    # --- 7.1 d: complaint --------------------------------------------------------------------------------------------

    def complain(self, subject_id: SubjectId, text: str, now: datetime) -> Case:
        """Take a complaint: its text is sealed, its case stays open until the staff answer. Raises InvalidInput."""
        value = Value("complaint", "other", "text", Sealed(_normalised("text", text, COMPLAINT_LENGTH)))
        facts = self._policies.in_force().facts
        purpose = "legal" if "other" in facts.purposes["legal"].categories else "support"
        keys = self._keys_with(subject_id, Compartment(purpose, value.category), now)

        def unit(tx: Connection) -> Case:
            case = self._open(tx, keys, "complain", {}, now)
            origin = Origin(
                purpose=purpose, ground=facts.purposes[purpose].grounds[0], source="case:complain",
                case_id=CaseId(UUID(case.case_id)),
            )  # fmt: skip
            self._vault.collect(tx, keys, [value], origin, now=now)
            self._cases.tell(tx, case, "case_opened", now=now)
            return case

        return self._database.write(unit)

    def complaint_pack(self, case_id: str | UUID, now: datetime, *, language: str = DEFAULT_LANGUAGE) -> ComplaintPack:
        """Authority, steps and evidence file for a complaint. Raises NotFound."""
        case = self._cases.get(case_id)
        if case.kind != "complain":
            raise NotFound()
        subject_id = SubjectId(UUID(case.subject_id))
        facts = self._policies.in_force().facts
        authority = read_rule_pack(facts.law).authority
        steps = texts.complaint_steps(
            language, operator=facts.operator.name[language], authority=authority.name[language],
            site=authority.site, due_at=case.due_at,
        )  # fmt: skip
        return ComplaintPack(
            case=case, authority=authority.name[language], site=authority.site, mark=authority.mark, steps=steps,
            text=self._text_of(subject_id, case), file=self.person_file(subject_id, now),
        )  # fmt: skip

    def _text_of(self, subject_id: SubjectId, case: Case) -> str:
        own = self._vault.read_own(subject_id)
        return next((each.value.reveal() for each in own if str(each.record.case_id) == case.case_id), "")

    # --- common ------------------------------------------------------------------------------------------------------

    def _open(self, tx: Connection, keys: SubjectKeys, kind: str, details: dict[str, str], now: datetime) -> Case:
        self._require_active(tx, keys.subject_id)
        language = store.language_of(tx, keys.subject_id) or DEFAULT_LANGUAGE
        return self._cases.open(tx, keys, kind, None, {"language": language, **details}, now=now)

    def _carried_out(
        self, tx: Connection, keys: SubjectKeys, case: Case, *, outcome: str, letter: str, now: datetime,
        actor: str = "subject",
    ) -> Case:  # fmt: skip
        """Done with this commit: step, notice, end."""
        self._cases.note(tx, case, "carried_out", {}, actor=actor, now=now)
        self._cases.tell(tx, case, letter, now=now)
        return self._cases.close(tx, case, outcome, actor=actor, now=now, keys=keys)

    def _require_active(self, tx: Connection, subject_id: SubjectId) -> None:
        if store.subject_state(tx, subject_id) != "active":
            raise Conflict()

    def _facts(self, tx: Connection) -> Policy:
        return self._policies.in_force(tx).facts

    def _keys_with(self, subject_id: SubjectId, part: Compartment, now: datetime) -> SubjectKeys:
        """The person's keys, the part's among them: made durable before the data that it seals."""
        keys = self._vault.keystore.open_subject(subject_id)
        return self._vault.keystore.add_compartments(keys, [part], now)


def _normalised(kind: str, text: str, length: int) -> str:
    if kind not in ("email", "phone", "text"):
        raise InvalidInput({"kind": "Search by e-mail or phone."})
    try:
        found = normalise(kind, text, length)
    except WrongValue as wrong:
        raise InvalidInput({"value": str(wrong.args[0])}) from None
    if not found:
        raise InvalidInput({"value": "Please fill this in."})
    return found


def _require_shown(text_hash: str, shown: str | None) -> None:
    """Raises PolicyChanged where another text than this one stood beside the button."""
    if shown is not None and shown != text_hash:
        raise PolicyChanged()
