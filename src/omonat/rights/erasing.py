"""Deletion at the person's demand (clause 7.1 b; ZRU-547 Arts 17, 31).

One transaction opens the case and denies everything; then one written notice is attempted, while the address can
still be opened; then keys and rows go; then the case closes with the number of the certificate. A crash leaves a case
that `resume` closes; the notice is attempted at most once.
"""

import threading
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from omonat.consent import Consents
from omonat.contracts import PURPOSE as CONTRACT
from omonat.grounds import HoldState
from omonat.kernel.errors import Conflict, NotFound, OmonatError
from omonat.kernel.ids import CaseId, SubjectId
from omonat.kernel.language import DEFAULT_LANGUAGE
from omonat.keystore import Compartment, SubjectKeys
from omonat.rights import rules, store
from omonat.rights.addresses import Addresses, Chosen, opened
from omonat.rights.cases import Cases
from omonat.rights.model import Case, ErasureOutcome, HoldLine
from omonat.rights.person_file import covers, holds_of
from omonat.rights.ports import Addressed, Post, Wanted
from omonat.rights.texts import withdrawal_text
from omonat.storage import Database
from omonat.vault import Certificate, Destruction, Erasure, Vault, rows

NOTICE_SECONDS = 5.0


class _Begun(NamedTuple):
    case: Case
    intent: Destruction | None
    kept: tuple[HoldLine, ...]
    chosen: Chosen | None
    records: int
    records_kept: int
    contract: bool = False


class Erasing:
    """Carries out demands for deletion."""

    def __init__(
        self, database: Database, vault: Vault, *, cases: Cases, consents: Consents, erasure: Erasure, post: Post
    ) -> None:
        self._database = database
        self._vault = vault
        self._cases = cases
        self._consents = consents
        self._erasure = erasure
        self._post = post
        self._addresses = Addresses(vault)

    def erase(self, subject_id: SubjectId, now: datetime, *, actor: str) -> ErasureOutcome:
        """Destroy everything that no law keeps. Raises NotFound, or Conflict when a destruction is under way."""
        keys = self._vault.keystore.open_subject(subject_id)
        begun = self._database.write(lambda tx: self._begin(tx, keys, actor, now))
        if begun.intent is None:
            return ErasureOutcome(case=begun.case, certificate=None, kept=begun.kept, contract=begun.contract)
        self._give_notice(keys, begun, now)
        certificate = self._erasure.carry_out(begun.intent) or self._find_certificate(begun.intent)
        number = str(begun.intent.event_id)
        case = self._database.write(lambda tx: self._finish(tx, begun.case.case_id, number, now))
        return ErasureOutcome(case=case, certificate=certificate, kept=begun.kept, contract=begun.contract)

    def _begin(self, tx: Connection, keys: SubjectKeys, actor: str, now: datetime) -> _Begun:
        subject_id = keys.subject_id
        if store.subject_state(tx, subject_id) != "active":
            raise Conflict()
        records = rows.records_of(tx, subject_id)
        lines = holds_of(tx, subject_id, now)
        holds = [HoldState(line.purpose, line.category, line.law, line.until_on) for line in lines]
        runs = self._vault.state(tx, subject_id, now).contract == "running"
        needed = [HoldState(CONTRACT, None, "contract", date.max)] if runs else []
        plan = rules.plan_erasure((held.compartment for held in records), holds + needed)
        kept = tuple(line for line in lines if any(covers(line, *part) for part in plan.kept))
        language = store.language_of(tx, subject_id) or DEFAULT_LANGUAGE
        scope = "whole" if plan.scope is None else "part" if plan.scope else "nothing"
        case = self._cases.open(tx, keys, "erase", None, {"language": language, "scope": scope}, now=now, actor=actor)
        self._note_kept(tx, case, kept, now)
        if runs:
            self._cases.note(tx, case, "kept_by_contract", {"purpose": CONTRACT}, actor="system", now=now)
        if not plan.destroys:
            return _Begun(self._close_kept(tx, keys, case, now), None, kept, None, 0, len(records), runs)
        chosen = self._addresses.choose_proven(tx, keys, purpose="legal", reason=f"notice:{case.case_id}", now=now)
        self._tell_recipients(tx, case, plan.scope, now)
        keeps = self._consents.suppression.keep(tx, keys, now, all_spoken=True) if plan.scope is None else ()
        if plan.scope is not None:
            self._stop_the_rest(tx, keys, case, language, now, contract=runs)
        intent = self._erasure.begin(
            tx,
            subject_id,
            plan.scope,
            trigger="demand",
            actor=actor,
            now=now,
            case_id=CaseId(UUID(case.case_id)),
            keeps=keeps,
        )
        going = sum(1 for held in records if held.compartment not in plan.kept)
        return _Begun(case, intent, kept, chosen, going, len(records) - going, runs)

    def _note_kept(self, tx: Connection, case: Case, kept: tuple[HoldLine, ...], now: datetime) -> None:
        """Which law keeps what until when: said in the case."""
        for line in kept:
            details = {
                "law": line.law, "until": line.until_on.isoformat(), "purpose": line.purpose or "",
                "category": line.category or "",
            }  # fmt: skip
            self._cases.note(tx, case, "kept_by_hold", details, actor="system", now=now)

    def _close_kept(self, tx: Connection, keys: SubjectKeys, case: Case, now: datetime) -> Case:
        closed = self._cases.close(tx, case, "kept_by_law", actor="system", now=now, keys=keys)
        self._cases.tell(tx, closed, "case_closed", now=now)
        return closed

    def _stop_the_rest(
        self, tx: Connection, keys: SubjectKeys, case: Case, language: str, now: datetime, *, contract: bool
    ) -> None:  # fmt: skip
        """What a law or a running contract keeps is used for nothing else: consents end, the rest is suspended."""
        for purpose in sorted({purpose for purpose, _channel in self._consents.standing(tx, keys.subject_id, now)}):
            text = withdrawal_text(self._vault.policies.in_force(tx).facts, purpose, None, language)
            hash_ = self._consents.remember_text(tx, language, text, now)
            self._consents.withdraw(tx, keys, purpose, None, language=language, text_hash=hash_, via="erase", now=now)
        others = set(self._vault.policies.in_force(tx).facts.purposes) - {CONTRACT, "legal"}
        row = {"subject_id": keys.subject_id, "kind": "suspended", "since": now, "case_id": UUID(case.case_id)}
        for stopped in sorted(others) if contract else [None]:
            store.insert_restriction(tx, {**row, "purpose": stopped})

    def _tell_recipients(
        self, tx: Connection, case: Case, scope: tuple[Compartment, ...] | None, now: datetime
    ) -> None:
        going = None if scope is None else set(scope)
        told: dict[str, list[str]] = {}
        for row in store.disclosures_of(tx, SubjectId(UUID(case.subject_id))):
            if going is None or any((row.purpose, category) in going for category in row.categories):
                told.setdefault(row.recipient, []).append(str(row.disclosure_id))
        self._cases.tell_recipients(tx, case, told, now=now, letter="recipient_destroyed")

    # --- the notice before the keys go -----------------------------------------------------------------------------

    def _give_notice(self, keys: SubjectKeys, begun: _Begun, now: datetime) -> None:
        """Attempted once, for a few seconds; whether it was delivered is a step of the case, never a reason to wait."""
        if begun.chosen is None or begun.intent is None:
            kind, details = "notice_not_possible", {"reason": "no_proven_address"}
        else:
            facts = {
                "certificate": str(begun.intent.event_id), "records": str(begun.records),
                "kept": str(begun.records_kept), "case": begun.case.case_id,
            }  # fmt: skip
            wanted = Wanted(letter="destroyed", message_id=f"destroyed:{begun.case.case_id}", facts=facts)
            failed = _send_within(self._post, opened(keys, begun.chosen), wanted)
            kind = "notice_failed" if failed else "notice_sent"
            details = {"channel": begun.chosen.held.kind} | ({"reason": failed} if failed else {})
        self._database.write(lambda tx: self._cases.note(tx, begun.case, kind, details, actor="system", now=now))

    # --- the end -------------------------------------------------------------------------------------------------

    def _finish(self, tx: Connection, case_id: str, certificate: str, now: datetime) -> Case:
        case = store.find_case(tx, UUID(case_id))
        if case is None:
            raise NotFound()
        if case.state != "open":
            return case  # `resume` of another process was quicker
        self._cases.note(tx, case, "destroyed", {"certificate": certificate}, actor="system", now=now)
        outcome = "destroyed" if case.details.get("scope") == "whole" else "destroyed_in_part"
        return self._cases.close(tx, case, outcome, actor="system", now=now)

    def resume(self, now: datetime) -> int:
        """Close the cases of destructions that a crash interrupted and that are done by now. Returns how many."""

        def unit(tx: Connection) -> int:
            found = store.finished_erasures(tx)
            for case, certificate in found:
                self._finish(tx, case.case_id, certificate, now)
            return len(found)

        return self._database.write(unit)

    def _find_certificate(self, intent: Destruction) -> Certificate | None:
        """What another process, which finished the same destruction, wrote."""
        return self._erasure.find_certificate(intent)


def _send_within(post: Post, to: Addressed, wanted: Wanted) -> str:
    """Empty when delivered; else a stable code. A channel that hangs is left behind after a few seconds."""
    outcome = ["timeout"]

    def send() -> None:
        try:
            post.send(to, wanted)
            outcome[0] = ""
        except OmonatError as error:
            outcome[0] = error.code
        except Exception:  # a thread of its own: whatever a channel raises must not stop a destruction
            outcome[0] = "internal"

    thread = threading.Thread(target=send, name="omonat-notice", daemon=True)
    thread.start()
    thread.join(NOTICE_SECONDS)
    return outcome[0]
