"""Works of the outbox: written notices to the person (Arts 11, 22, 23, 30) and word to recipients (Art. 31).

Notices go to proven addresses only: a typed one may be somebody else's. Every work may run twice; the case says what
was sent, and the letter carries the same message id each time.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.clock import Clock
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import SubjectId
from omonat.keystore import SubjectKeys
from omonat.rights import rules, store
from omonat.rights.addresses import SYSTEM, Addresses, Chosen, opened
from omonat.rights.cases import Cases
from omonat.rights.model import Case
from omonat.rights.ports import Post, Wanted
from omonat.storage import Database
from omonat.vault import Vault


class Notices:
    """Sends what the outbox wants sent."""

    def __init__(self, database: Database, vault: Vault, cases: Cases, *, post: Post, clock: Clock) -> None:
        self._database = database
        self._cases = cases
        self._post = post
        self._clock = clock
        self._addresses = Addresses(vault)

    def send_notice(self, payload: dict[str, str]) -> None:
        """Work `notice`: {subject, case, letter, ...} or {subject, disclosure, letter}.

        The subject is looked up again: it may have been merged since. Raises what the channel raises.
        """
        if "regrouping" in payload:
            self._of_regrouping(payload)
        elif "disclosure" in payload:
            self._of_disclosure(UUID(payload["disclosure"]), payload)
        else:
            self._of_case(UUID(payload["case"]), payload)

    # --- about a case ------------------------------------------------------------------------------------------------

    def _of_case(self, case_id: UUID, payload: dict[str, str]) -> None:
        now, letter = self._clock.now(), payload["letter"]
        with self._database.read() as tx:
            case = store.find_case(tx, case_id)
        if case is None or rules.told_since(case.steps, letter) or _is_taken_back(case, letter, payload):
            return
        keys = self._addresses.find_keys(SubjectId(UUID(case.subject_id)))
        if keys is None:
            return  # erased meanwhile: nobody to write to
        chosen = self._choose(keys, f"notice:{case.case_id}", now)
        if chosen is None:
            self._note(case, "notice_not_possible", {"letter": letter, "reason": "no_proven_address"}, now)
            return
        facts = {**payload, "kind": case.kind, "outcome": case.outcome or "", "due_at": case.due_at.isoformat()}
        turn = f":{payload['turn']}" if "turn" in payload else ""
        wanted = Wanted(letter=letter, message_id=f"{letter}:{case.case_id}{turn}", facts=facts)
        try:
            self._post.send(opened(keys, chosen, case.details.get("language")), wanted)
        except OmonatError as error:
            if not error.temporary:
                details = {"letter": letter, "channel": chosen.held.kind, "reason": error.code}
                self._note(case, "notice_failed", details, now)
            raise
        self._note(case, "notice_sent", {"letter": letter, "channel": chosen.held.kind}, now)

    def _note(self, case: Case, kind: str, details: dict[str, str], now: datetime) -> None:
        """The case may have moved to another subject meanwhile, so it is looked up where it is now."""

        def unit(tx: Connection) -> None:
            found = store.find_case(tx, UUID(case.case_id))
            if found is not None:
                self._cases.note(tx, found, kind, details, actor=SYSTEM, now=now)

        self._database.write(unit)

    # --- about records that were joined or separated ------------------------------------------------------------------

    def _of_regrouping(self, payload: dict[str, str]) -> None:
        """To one address that was proven before the act, wherever it lies now; sent again, it is the same message."""
        now = self._clock.now()
        keys = self._addresses.find_keys(SubjectId(UUID(payload["subject"])))
        if keys is None:
            return
        reason = f"notice:{payload['regrouping']}"
        chosen = self._database.write(
            lambda tx: self._addresses.choose(
                tx, keys, UUID(payload["identifier"]), purpose="legal", reason=reason, now=now
            )
        )
        if chosen is None:
            return  # corrected or destroyed meanwhile
        message_id = f"{payload['letter']}:{payload['regrouping']}:{payload['identifier']}"
        self._post.send(opened(keys, chosen), Wanted(letter=payload["letter"], message_id=message_id, facts=payload))

    # --- about a disclosure ------------------------------------------------------------------------------------------

    def _of_disclosure(self, disclosure_id: UUID, payload: dict[str, str]) -> None:
        """Owed within three days of the disclosure (Art. 23); the moment of sending is kept with it."""
        now = self._clock.now()
        with self._database.read() as tx:
            row = store.find_disclosure(tx, disclosure_id)
        keys = self._addresses.find_keys(SubjectId(row.subject_id)) if row is not None else None
        if row is None or row.notified_at is not None or keys is None:
            return
        chosen = self._choose(keys, f"notice:{disclosure_id}", now)
        if chosen is None:
            return  # shown on the person's own page; the row says that no notice went out
        facts = {
            **payload, "recipient": row.recipient, "purpose": row.purpose, "ground": row.ground,
            "categories": " ".join(row.categories), "at": row.at.isoformat(),
        }  # fmt: skip
        wanted = Wanted(letter="disclosed", message_id=f"disclosed:{disclosure_id}", facts=facts)
        self._post.send(opened(keys, chosen), wanted)
        self._database.write(lambda tx: store.set_notified(tx, row.subject_id, disclosure_id, now))

    def _choose(self, keys: SubjectKeys, reason: str, now: datetime) -> Chosen | None:
        return self._database.write(
            lambda tx: (
                self._addresses.choose_proven(tx, keys, purpose="legal", reason=reason, now=now)
                if store.subject_state(tx, keys.subject_id) == "active"
                else None
            )
        )

    # --- to recipients -----------------------------------------------------------------------------------------------

    def send_recipient_notice(self, payload: dict[str, str]) -> bool:
        """Work `recipient_notice`: {recipient, case, disclosures, letter}: what to correct or destroy, by ids only.

        Returns whether the recipient was told, now or before.
        """
        to = self._post.find_recipient(payload["recipient"])
        with self._database.read() as tx:
            case = store.find_case(tx, UUID(payload["case"]))
        if to is None or case is None:
            return False  # the policy in force names no such recipient any more
        told = {"recipient": payload["recipient"]}
        if any(step.kind == "recipient_notice_sent" and step.details == told for step in case.steps):
            return True
        message_id = f"{payload['letter']}:{payload['case']}:{payload['recipient']}"
        wanted = Wanted(letter=payload["letter"], message_id=message_id, facts=payload)
        try:
            self._post.send(to, wanted)
        except OmonatError as error:
            if not error.temporary:
                self._note(case, "recipient_notice_failed", {**told, "reason": error.code}, self._clock.now())
            raise
        self._note(case, "recipient_notice_sent", told, self._clock.now())
        return True


def _is_taken_back(case: Case, letter: str, payload: dict[str, str]) -> bool:
    """Word of an end that was taken back before it went out: nothing has ended."""
    return letter == "case_closed" and (
        case.state == "open" or rules.turn_of(case.steps) != int(payload.get("turn", 0))
    )
