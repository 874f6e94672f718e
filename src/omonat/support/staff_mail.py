"""Letters to the staff about cases: number, kind, day and link; never a word of the person (Art. 15)."""

from collections.abc import Mapping
from uuid import UUID

from omonat.kernel.clock import Clock, local_date
from omonat.kernel.secret import Sealed
from omonat.storage import Database
from omonat.support import rules, store
from omonat.support.model import QueueRow, StaffLetter, StaffLine
from omonat.support.ports import Letters, Mailboxes

MOST_LINES = 50


class StaffMail:
    """Writes to the operator's mailbox, or to a member's own where he has given one."""

    def __init__(self, database: Database, *, letters: Letters, mailboxes: Mailboxes | None, clock: Clock) -> None:
        self._database = database
        self._letters = letters
        self._mailboxes = mailboxes
        self._clock = clock

    def send(self, payload: Mapping[str, str]) -> None:
        """Work `staff_mail`: {case} for a new one, {case, why: message, mark}, {cases, why: assigned, to, mark}.

        `mark` tells one letter from another: mail programs show the same letter, sent twice, once.
        """
        why = payload.get("why", "new")
        ids = (payload.get("cases") or payload["case"]).split()
        with self._database.read() as tx:
            found = store.rows_of(tx, [UUID(each) for each in ids])
        rows = found if why != "assigned" else [row for row in found if str(row.assigned_to) == payload["to"]]
        if not rows:
            return
        to = UUID(payload["to"]) if "to" in payload else rows[0].assigned_to
        message_id = f"staff:{payload.get('mark', rows[0].case_id)}"
        letter = StaffLetter(why=why, lines=self._lines(rows), count=len(rows), message_id=message_id)
        self._letters.send_to_staff(self._mailbox(to), letter)

    def send_digest(self) -> None:
        """Work `case_digest`, daily: what is overdue or due within two days. Nothing is: no letter.

        All of it to the operator; to each member who has given a mailbox, what is his.
        """
        now = self._clock.now()
        with self._database.read() as tx:
            rows, count = store.due_before(tx, now + rules.DIGEST_AHEAD, MOST_LINES)
        if not rows:
            return
        message_id = f"staff:due:{local_date(now).isoformat()}"
        letter = StaffLetter(why="due", lines=self._lines(rows), count=count, message_id=message_id)
        self._letters.send_to_staff(None, letter)
        for member in sorted({row.assigned_to for row in rows if row.assigned_to is not None}):
            if (mailbox := self._mailbox(member)) is not None:
                own = [row for row in rows if row.assigned_to == member]
                letter = StaffLetter(
                    why="due", lines=self._lines(own), count=len(own), message_id=f"{message_id}:{member}"
                )
                self._letters.send_to_staff(mailbox, letter)

    def _mailbox(self, to: UUID | None) -> Sealed[str] | None:
        return self._mailboxes.find_work_email(to) if to is not None and self._mailboxes is not None else None

    def _lines(self, rows: list[QueueRow]) -> tuple[StaffLine, ...]:
        now = self._clock.now()
        return tuple(
            StaffLine(case_id=str(row.case_id), kind=row.kind, due_at=row.due_at, overdue=row.is_overdue(now))
            for row in rows
        )
