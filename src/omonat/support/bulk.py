"""One act on several cases: one unit for each, a result for each, kept with what it needs to be undone."""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.jobs import Outbox
from omonat.kernel.errors import Denied, InvalidInput, NotFound, OmonatError
from omonat.kernel.ids import new_id, to_id
from omonat.ledger import Ledger
from omonat.rights import Rights
from omonat.rights.rules import OUTCOMES, REFUSALS
from omonat.staff import StaffAccount, require
from omonat.storage import Database
from omonat.support import rules, store
from omonat.support.desk import Desk
from omonat.support.model import Bulk, BulkItem

MOST = 40
ACTS = ("assign", "close")


class BulkActs:
    """Acts on what was chosen in the queue."""

    def __init__(self, database: Database, rights: Rights, desk: Desk, outbox: Outbox, *, ledger: Ledger) -> None:
        self._database = database
        self._rights = rights
        self._desk = desk
        self._outbox = outbox
        self._ledger = ledger

    def check(self, act: str, words: dict[str, str]) -> None:
        """Raises InvalidInput for an act that cannot be meant."""
        if act == "assign":
            if words.get("to"):
                self._desk.member_name(_member(words["to"]))
        elif act == "close":
            if words.get("outcome") not in OUTCOMES:
                raise InvalidInput({"outcome": "Choose one of the outcomes."})
            if words["outcome"] == "refused" and words.get("reason") not in REFUSALS:
                raise InvalidInput({"reason": "A refusal needs one of the reasons that the law knows."})
        else:
            raise InvalidInput({"act": "Choose what to do with the cases."})

    def carry_out(
        self, account: StaffAccount, act: str, words: dict[str, str], case_ids: Sequence[str], *, now: datetime
    ) -> Bulk:
        """Do it, case by case; one that cannot be done stops no other. Raises NotAllowed, InvalidInput."""
        require(account, "case.work" if act == "assign" else "case.close")
        self.check(act, words)
        chosen = list(dict.fromkeys(str(to_id(each)) for each in case_ids))
        if not 0 < len(chosen) <= MOST:
            raise InvalidInput({"cases": "Choose from one to forty cases."})
        done = Bulk(
            bulk_id=new_id(), staff_id=account.staff_id, at=now, act=act, words=words,
            results=tuple(BulkItem(case=each) for each in chosen),
        )  # fmt: skip
        self._database.write(lambda tx: store.insert_bulk(tx, done))
        results = tuple(self._one(each, account, act, words, now) for each in chosen)
        self._database.write(lambda tx: self._end(tx, done, results, account, now))
        return msgspec.structs.replace(done, results=results)

    def _one(self, case_id: str, account: StaffAccount, act: str, words: dict[str, str], now: datetime) -> BulkItem:
        try:
            if act == "assign":
                to = _member(words["to"]) if words.get("to") else None
                before = self._desk.assign(case_id, account, to, now=now, tell=False)
                return BulkItem(case=case_id, result="done", before=str(before or ""))
            self._desk.close(case_id, account, words["outcome"], reason=words.get("reason", ""), now=now)
        except OmonatError as error:
            return BulkItem(case=case_id, result=_code(error))
        return BulkItem(case=case_id, result="done")

    def _end(
        self, tx: Connection, done: Bulk, results: tuple[BulkItem, ...], account: StaffAccount, now: datetime
    ) -> None:
        """Results, the event of the whole act, and one letter to whom the cases were given."""
        store.set_results(tx, done.bulk_id, results, None)
        carried = [each.case for each in results if each.result == "done"]
        facts: dict[str, object] = {"act": done.act, "actor": account.actor, "cases": len(carried)}
        self._ledger.append(tx, kind="cases_bulk", at=now, facts=facts)
        to = done.words.get("to", "")
        if done.act == "assign" and to and to != str(account.staff_id) and carried:
            mark = f"bulk:{done.bulk_id}"
            payload = {"cases": " ".join(carried), "why": "assigned", "to": to, "mark": mark}
            self._outbox.add(tx, kind="staff_mail", business_key=f"staff_mail:{mark}", payload=payload, now=now)

    # --- looking and undoing ----------------------------------------------------------------------------------------

    def get(self, account: StaffAccount, bulk_id: str | UUID) -> Bulk:
        """An act of one's own. Raises NotFound for another member's."""
        with self._database.read() as tx:
            found = store.find_bulk(tx, to_id(bulk_id))
        if found is None or found.staff_id != account.staff_id:
            raise NotFound()
        return found

    def recent(self, account: StaffAccount, limit: int = 20) -> list[Bulk]:
        """One's own acts, newest first."""
        with self._database.read() as tx:
            return store.bulks_of(tx, account.staff_id, limit)

    def may_undo(self, done: Bulk, now: datetime) -> bool:
        """Within an hour, once, if anything was done."""
        return (
            done.undone_at is None and now <= done.at + rules.UNDO_WITHIN
            and any(each.result == "done" for each in done.results)
        )  # fmt: skip

    def undo(self, account: StaffAccount, bulk_id: str | UUID, *, now: datetime) -> Bulk:
        """Take the act back where nobody acted since. Raises NotFound, Denied when it is too late."""
        done = self.get(account, bulk_id)
        if not self.may_undo(done, now) or not self._database.write(lambda tx: store.claim_undo(tx, done.bulk_id, now)):
            raise Denied(reasons="too_late_to_undo")
        undo = self._undo_assignment if done.act == "assign" else self._undo_close
        results = tuple(
            self._back(each, lambda item: undo(item, done, account, now)) if each.result == "done" else each
            for each in done.results
        )

        def unit(tx: Connection) -> None:
            store.set_results(tx, done.bulk_id, results, now)
            facts: dict[str, object] = {
                "act": done.act, "actor": account.actor, "cases": sum(each.result == "undone" for each in results)
            }  # fmt: skip
            self._ledger.append(tx, kind="cases_bulk_undone", at=now, facts=facts)

        self._database.write(unit)
        return msgspec.structs.replace(done, results=results, undone_at=now)

    def _back(self, item: BulkItem, undo: Callable[[BulkItem], None]) -> BulkItem:
        try:
            undo(item)
        except OmonatError as error:
            return msgspec.structs.replace(item, result=f"kept:{_code(error)}")
        return msgspec.structs.replace(item, result="undone")

    def _undo_assignment(self, item: BulkItem, done: Bulk, account: StaffAccount, now: datetime) -> None:
        """Raises Denied when somebody gave the case to another meanwhile."""
        with self._database.read() as tx:
            now_with = store.assigned_to(tx, UUID(item.case))
        if str(now_with or "") != done.words.get("to", ""):
            raise Denied(reasons="changed_since")
        self._desk.assign(item.case, account, UUID(item.before) if item.before else None, now=now, tell=False)

    def _undo_close(self, item: BulkItem, _done: Bulk, account: StaffAccount, now: datetime) -> None:
        """Raises Denied when the letter is out."""
        if rules.is_letter_out(self._rights.get_case(item.case)):
            raise Denied(reasons="letter_is_out")
        self._desk.reopen(item.case, account, now=now)


def _member(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput({"to": "This member may not work on cases."}) from None


def _code(error: OmonatError) -> str:
    """The reason of a door's no, else the code of the error: words that pages translate."""
    return str(error.details.get("reasons", error.code))[:40] if isinstance(error, Denied) else error.code
