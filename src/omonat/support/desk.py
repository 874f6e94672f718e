"""Acts on one case: giving it to a member, closing it, taking a wrong end back. Each is a step of the case."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.jobs import Outbox
from omonat.kernel.errors import Denied, InvalidInput, NotFound
from omonat.kernel.ids import StaffId, to_id
from omonat.keystore import SubjectKeys
from omonat.rights import Case, Rights
from omonat.staff import Actor, StaffAccounts, require
from omonat.storage import Database
from omonat.support import rules, store
from omonat.support.threads import Threads, require_unchanged

LEAVERS_CASES = 200  # in one unit; the next minute goes on


class Desk:
    """What a member does with one case."""

    def __init__(
        self, database: Database, rights: Rights, staff: StaffAccounts, outbox: Outbox, threads: Threads
    ) -> None:  # fmt: skip
        self._database = database
        self._rights = rights
        self._staff = staff
        self._outbox = outbox
        self._threads = threads

    # --- assignment -------------------------------------------------------------------------------------------------

    def assign(
        self, case_id: str | UUID, actor: Actor, to: UUID | None, *, now: datetime, seen: int | None = None,
        tell: bool = True,
    ) -> UUID | None:  # fmt: skip
        """Give an open case to a member, or to nobody; whom it was given to before. `tell`: write to the new one.

        Raises NotAllowed, NotFound, CaseChanged, Denied for a closed case, InvalidInput for a member who may not.
        """
        require(actor, "case.work")
        name = self.member_name(to) if to is not None else ""

        def unit(tx: Connection) -> UUID | None:
            case = self._rights.case_book.find(tx, to_id(case_id))
            require_unchanged(case, seen)
            if case.state != "open":
                raise Denied(reasons="case_closed")
            before = store.assigned_to(tx, UUID(case.case_id))
            if before == to:
                return before
            store.set_assigned(tx, UUID(case.subject_id), UUID(case.case_id), to)
            details = {"to": f"staff:{name}"} if to is not None else {}
            kind = "assigned" if to is not None else "unassigned"
            self._rights.case_book.note(tx, case, kind, details, actor=actor.actor, now=now)
            if tell and to is not None and actor.actor != f"staff:{name}":
                self._tell(tx, case, to, now)
            return before

        return self._database.write(unit)

    def release_leavers(self, now: datetime) -> int:
        """Open cases of members who have left are nobody's again, so that somebody takes them. Returns how many."""
        with self._database.read() as tx:
            if not store.given_to_leavers(tx, 1):
                return 0

        def unit(tx: Connection) -> int:
            found = store.given_to_leavers(tx, LEAVERS_CASES)
            for case_id in found:
                case = self._rights.case_book.find(tx, case_id)
                store.set_assigned(tx, UUID(case.subject_id), case_id, None)
                self._rights.case_book.note(tx, case, "unassigned", {}, actor="system", now=now)
            return len(found)

        return self._database.write(unit)

    def member_name(self, staff_id: UUID) -> str:
        """The name of a member who may be given a case. Raises InvalidInput (`to`)."""
        try:
            account = self._staff.get(StaffId(staff_id))
        except NotFound:
            account = None
        if account is None or "case.work" not in account.rights:
            raise InvalidInput({"to": "This member may not work on cases."})
        return account.name

    def _tell(self, tx: Connection, case: Case, to: UUID, now: datetime) -> None:
        mark = f"assigned:{case.case_id}:{len(case.steps)}"
        payload = {"cases": case.case_id, "why": "assigned", "to": str(to), "mark": mark}
        self._outbox.add(tx, kind="staff_mail", business_key=f"staff_mail:{mark}", payload=payload, now=now)

    # --- the end ----------------------------------------------------------------------------------------------------

    def close(
        self, case_id: str | UUID, actor: Actor, outcome: str, *, now: datetime, reason: str = "",
        seen: int | None = None,
    ) -> Case:  # fmt: skip
        """Close a case; the letter to the person waits for an hour, while the end can be taken back unseen.

        Raises NotAllowed, NotFound, CaseChanged, Denied, Conflict, InvalidInput.
        """
        require(actor, "case.close")
        keys = self._threads.find_keys(self._rights.get_case(case_id))
        book = self._rights.case_book

        def unit(tx: Connection) -> Case:
            case = book.find(tx, to_id(case_id))
            require_unchanged(case, seen)
            closed = book.close(tx, case, outcome, actor=actor.actor, now=now, reason=reason, keys=keys)
            if keys is not None:
                book.tell(tx, closed, "case_closed", now=now, at=now + rules.LETTER_WAITS)
            return closed

        return self._database.write(unit)

    def reopen(
        self, case_id: str | UUID, actor: Actor, *, now: datetime, note: str = "", seen: int | None = None
    ) -> Case:
        """Take a wrong end back, within a day. Once the letter is out it needs a note, and the person is told.

        Raises NotAllowed, NotFound, CaseChanged, Denied, InvalidInput (`note`).
        """
        require(actor, "case.close")
        case = self._rights.get_case(case_id)
        if rules.is_letter_out(case) and not note.strip():
            raise InvalidInput({"note": "The person has been told already: write down why the case is open again."})
        words = rules.read_text(note, "note") if note.strip() else ""
        keys = self._threads.keys_to_say(case, actor, now) if words else self._threads.keys_of(case)

        def unit(tx: Connection) -> Case:
            fresh = self._threads.same(tx, case_id, keys)
            require_unchanged(fresh, seen)
            if not rules.may_reopen(fresh, now):
                raise Denied(reasons="too_late_to_reopen")
            opened = self._reopen(tx, fresh, keys, actor, now)
            return self._threads.note(tx, keys, opened, words, actor=actor, now=now) if words else opened

        return self._database.write(unit)

    def _reopen(self, tx: Connection, case: Case, keys: SubjectKeys, actor: Actor, now: datetime) -> Case:
        """The letter that waits finds the case open, and is not sent; one that is out is answered by another."""
        opened = self._rights.case_book.reopen(tx, case, actor=actor.actor, now=now, keys=keys)
        if rules.is_letter_out(case):
            self._rights.case_book.tell(tx, opened, "case_reopened", now=now)
        return opened
