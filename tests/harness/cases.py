"""People who write to us, and the staff who answer, on the domain without faces. Letters are caught at the channel."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import event, select

from harness.rights import Mailbox, People
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.notify import DeliveryFailed
from omonat.post import Post
from omonat.rights import Case
from omonat.staff import StaffAccount, StaffAccounts
from omonat.storage import Database
from omonat.storage.schema import outbox
from omonat.support import Support

MAIL, PHONE = "ali@example.uz", "+998901234567"


class Office:
    """People who write, and the staff who answer."""

    def __init__(self, people: People) -> None:
        self.people, self.database, self.rights = people, people.database, people.rights
        self.staff = StaffAccounts(people.database)
        self.letters: Post = people.rights._notices._post  # type: ignore[assignment]  # the same office writes
        self.support = Support(
            people.database, people.vault, rights=people.rights, staff=self.staff, outbox=people.outbox,
            letters=self.letters, clock=people.clock, mailboxes=self,
        )  # fmt: skip
        self.mailboxes: dict[UUID, str] = {}
        self.anna, self.bek = self.member("Anna", "support"), self.member("Bek", "support")

    def find_work_email(self, staff_id: UUID) -> Sealed[str] | None:
        """The mailbox of a member who has given one."""
        return Sealed(self.mailboxes[staff_id]) if staff_id in self.mailboxes else None

    def member(self, name: str, *roles: str) -> StaffAccount:
        return self.staff.add(name, roles=roles, os_user=None, now=self.now)

    @property
    def now(self) -> Any:
        return self.people.clock.now()

    def message(self, email: str = MAIL, phone: str = "") -> tuple[SubjectId, Case]:
        """Somebody writes to us."""
        subject_id = self.people.contact(email=email, phone=phone)
        return subject_id, self.case(subject_id)

    def case(self, subject_id: SubjectId) -> Case:
        return self.rights.person_file(subject_id, self.now).cases[0]

    def again(self, case: Case) -> Case:
        return self.rights.get_case(case.case_id)

    def reply(self, case: Case, text: str = "Javob", **options: Any) -> Case:
        return self.support.threads.reply(case.case_id, options.pop("by", self.anna), text, now=self.now, **options)

    def deliver(self) -> None:
        """What the outbox wants of letters, due now."""
        works = {
            "case_reply": self.support.threads.send_reply, "staff_mail": self.support.mail.send,
            "notice": self.rights.send_notice,
        }  # fmt: skip
        with self.database.read() as tx:
            columns = (outbox.c.outbox_id, outbox.c.kind, outbox.c.payload)
            wanted = select(*columns).where(outbox.c.done_at.is_(None), outbox.c.not_before <= self.now)
            jobs = tx.execute(wanted.order_by(outbox.c.outbox_id)).all()
        for job in jobs:
            if job.kind in works:
                try:
                    works[job.kind](dict(job.payload))
                except DeliveryFailed as error:
                    code = error.code
                    self._end(job.outbox_id, code)
                else:
                    self._end(job.outbox_id, None)

    def _end(self, outbox_id: UUID, failed: str | None) -> None:
        row = outbox.update().where(outbox.c.outbox_id == outbox_id).values(done_at=self.now, failed=failed)
        self.database.write(lambda tx: tx.execute(row))

    @property
    def mail(self) -> Mailbox:
        return self.people.mail

    def thread(self, case: Case, reader: StaffAccount | None = None) -> list[tuple[str, str, str]]:
        """(direction, text, delivery) as a member sees it."""
        view = self.support.threads.look(case.case_id, self.now, reader=reader or self.anna)
        return [(each.direction, each.text.reveal() if each.text else "", each.delivery) for each in view.messages]


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are asked meanwhile."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
