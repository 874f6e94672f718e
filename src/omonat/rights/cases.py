"""Cases: what a person demands, with its term and every step that was taken (clauses 7.1, 10.1)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.contracts import contract_stands
from omonat.jobs import Outbox
from omonat.kernel.clock import in_days
from omonat.kernel.errors import Conflict, Denied, NotFound
from omonat.kernel.ids import CaseId, SubjectId, new_id, to_id
from omonat.keystore import SubjectKeys
from omonat.law import read_rule_pack
from omonat.policy import Policies
from omonat.rights import rules, store
from omonat.rights.model import Case, CaseStep, case_number
from omonat.storage import Database
from omonat.vault import Vault

PAGE = 50
MOST = 500


class Cases:
    """Opens, follows and closes cases. A case outlives the person's data: it holds words and ids only."""

    def __init__(self, database: Database, vault: Vault, policies: Policies, outbox: Outbox) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._outbox = outbox

    def open(
        self, tx: Connection, keys: SubjectKeys, kind: str, term_key: str | None, details: dict[str, str], *,
        now: datetime, actor: str = "subject",
    ) -> Case:  # fmt: skip
        """A new case in the caller's transaction, with its ledger event.

        `term_key` is a key of the rule pack; None takes what the policy in force says for the kind. The case is due
        at the end of the last calendar day of the term in Tashkent. `details`: words and ids, never a value.
        """
        policy = self._policies.in_force(tx).facts
        term = term_key or rules.term_for(policy, kind)
        days = 0 if term == rules.AT_ONCE else read_rule_pack(policy.law).term(term).days
        case_id = str(new_id())
        event_id = self._vault.events.append(
            tx, keys, "case_opened", at=now, facts={"kind": kind, "term": term}, about={"case": case_id}
        )
        case = Case(
            subject_id=str(keys.subject_id), case_id=case_id, kind=kind, state="open", opened_at=now,
            due_at=in_days(now, days), term=term, closed_at=None, outcome=None, details=details,
        )  # fmt: skip
        store.insert_case(
            tx,
            {
                "subject_id": keys.subject_id, "case_id": UUID(case.case_id), "kind": kind, "state": "open",
                "opened_at": now, "due_at": case.due_at, "term": term, "details": details, "event_id": event_id,
                "number": case_number(case.case_id), "form": details.get("form"),
            },
        )  # fmt: skip
        self.note(tx, case, "opened", {}, actor=actor, now=now)
        return case

    def note(
        self, tx: Connection, case: Case, kind: str, details: dict[str, str], *, actor: str, now: datetime
    ) -> None:
        """Add a step to a case."""
        store.insert_step(tx, UUID(case.subject_id), UUID(case.case_id), CaseStep(now, actor, kind, details))
        about = {"case": case.case_id, "subject": case.subject_id}
        self._vault.events.ledger.tell(tx, kind=f"case_step_{kind}", at=now, facts={"kind": case.kind}, about=about)

    def close(
        self, tx: Connection, case: Case, outcome: str, *, actor: str, now: datetime, reason: str = "",
        keys: SubjectKeys | None = None,
    ) -> Case:  # fmt: skip
        """open -> done | refused, once. Raises Denied or Conflict when it is closed, InvalidInput.

        `keys` None: the person's keys are destroyed, so the ledger event says nothing of the person.
        """
        state = rules.state_after(case.state, outcome, reason)
        if not store.close_case(tx, case, state, outcome, now):
            raise Conflict()
        facts: dict[str, object] = {
            "kind": case.kind,
            "outcome": outcome,
            "reason": reason,
            "in_time": now <= case.due_at,
        }
        about = {"case": case.case_id, "subject": case.subject_id}
        if keys is None:
            self._vault.events.ledger.append(tx, kind="case_closed", at=now, facts=facts, about=about)
        else:
            self._vault.events.append(tx, keys, "case_closed", at=now, facts=facts, about=about)
        self.note(tx, case, "refused" if state == "refused" else "closed", {"outcome": outcome, "reason": reason},
                  actor=actor, now=now)  # fmt: skip
        self._start_terms(tx, case, now)
        return self._get(tx, UUID(case.case_id))

    def _start_terms(self, tx: Connection, case: Case, now: datetime) -> None:
        """Terms that the policy counts from the end of a case begin now (clause 6.3)."""
        policy = self._policies.in_force(tx).facts
        submission = case.details.get("submission")
        subject_id = UUID(case.subject_id)
        came = store.records_of_case(tx, subject_id, UUID(case.case_id), UUID(submission) if submission else None)
        contracted = contract_stands(tx, SubjectId(subject_id), now)
        for row in came:
            if row.purpose in policy.purposes and row.category in policy.categories:
                term = policy.keep_for(row.purpose, row.category)
                end = term.end(now, "case_closed")
                if end is not None and not (term.after == "contract_end" and contracted):
                    store.set_end(tx, subject_id, row.record_id, end)

    def reopen(self, tx: Connection, case: Case, *, actor: str, now: datetime, keys: SubjectKeys) -> Case:
        """done | refused -> open, with the term that it had. Raises Denied or Conflict for a case that is open."""
        if case.state == "open" or case.closed_at is None:
            raise Denied(reasons="case_open")
        if not store.reopen_case(tx, case):
            raise Conflict()
        self._vault.events.append(
            tx, keys, "case_reopened", at=now, facts={"kind": case.kind, "outcome": case.outcome},
            about={"case": case.case_id},
        )  # fmt: skip
        self.note(tx, case, "reopened", {"outcome": case.outcome or ""}, actor=actor, now=now)
        self._stop_terms(tx, case, case.closed_at)
        return self._get(tx, UUID(case.case_id))

    def _stop_terms(self, tx: Connection, case: Case, closed_at: datetime) -> None:
        """Terms that began with the end that is taken back have not begun; what ends sooner by a withdrawal stays."""
        policy = self._policies.in_force(tx).facts
        for row in store.ended_records_of_case(tx, case):
            if row.purpose in policy.purposes and row.category in policy.categories:
                end = policy.keep_for(row.purpose, row.category).end(closed_at, "case_closed")
                if end is not None and row.keep_until == end:
                    store.set_end(tx, UUID(case.subject_id), row.record_id, None)

    def tell(self, tx: Connection, case: Case, letter: str, *, now: datetime, at: datetime | None = None,
             **facts: str) -> None:  # fmt: skip
        """Want a written notice to the person, at a proven address; `at`: not before that moment.

        A case that was reopened may be told closed again: its notices are counted by `turn`.
        """
        turn = rules.turn_of(self._get(tx, UUID(case.case_id)).steps)
        payload = {"subject": case.subject_id, "case": case.case_id, "letter": letter, **facts}
        key = f"notice:{letter}:{case.case_id}"
        if turn:
            payload["turn"], key = str(turn), f"{key}:{turn}"
        self._outbox.add(tx, kind="notice", business_key=key, payload=payload, now=now, not_before=at)

    def tell_recipients(self, tx: Connection, case: Case, recipients: dict[str, list[str]], *, now: datetime,
                        **facts: str) -> None:  # fmt: skip
        """Want word to everyone who received the data: ids of disclosures only (Arts 11, 17, 31)."""
        for recipient, disclosures in recipients.items():
            payload = {"recipient": recipient, "case": case.case_id, "disclosures": " ".join(disclosures), **facts}
            key = f"recipient_notice:{recipient}:{case.case_id}"
            self._outbox.add(tx, kind="recipient_notice", business_key=key, payload=payload, now=now)

    # --- the staff ------------------------------------------------------------------------------------------------

    def page(self, state: str | None = None, limit: int = PAGE, after: str | CaseId | None = None) -> list[Case]:
        """Cases without their steps, first due first; `after`: id of the last one of the page before."""
        with self._database.read() as tx:
            last = self._get(tx, to_id(after)) if after is not None else None
            cursor = (last.due_at, UUID(last.case_id)) if last is not None else None
            return store.cases(tx, state, min(limit, MOST), cursor)

    def get(self, case_id: str | UUID) -> Case:
        """A case with its steps. Raises NotFound."""
        with self._database.read() as tx:
            return self._get(tx, to_id(case_id))

    def find(self, tx: Connection, case_id: UUID) -> Case:
        """A case with its steps, as it is inside a transaction. Raises NotFound."""
        return self._get(tx, case_id)

    def _get(self, tx: Connection, case_id: UUID) -> Case:
        found = store.find_case(tx, case_id)
        if found is None:
            raise NotFound()
        return found

    def close_by_staff(
        self, case_id: str | UUID, actor: str, outcome: str, *, reason: str, now: datetime, tell_at: datetime | None
    ) -> Case:
        """Close a case; the person is told in writing (Art. 22: a refusal with its ground)."""
        subject_id = UUID(self.get(case_id).subject_id)
        keys = self._keys(subject_id)

        def unit(tx: Connection) -> Case:
            case = self._get(tx, to_id(case_id))
            active = store.subject_state(tx, subject_id) == "active"
            closed = self.close(tx, case, outcome, actor=actor, now=now, reason=reason, keys=keys if active else None)
            if active:
                self.tell(tx, closed, "case_closed", now=now, at=tell_at)
            return closed

        return self._database.write(unit)

    def _keys(self, subject_id: UUID) -> SubjectKeys | None:
        try:
            return self._vault.keystore.open_subject(subject_id)  # type: ignore[arg-type]  # a SubjectId from the row
        except NotFound:
            return None
