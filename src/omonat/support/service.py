"""The staff's work on cases, in one hand: the queue, one case, its thread, several cases, letters to the staff."""

from omonat.jobs import Outbox
from omonat.kernel.clock import Clock
from omonat.rights import Rights
from omonat.staff import StaffAccounts
from omonat.storage import Database
from omonat.support.bulk import BulkActs
from omonat.support.desk import Desk
from omonat.support.ports import Letters, Mailboxes
from omonat.support.queue import Queue
from omonat.support.staff_mail import StaffMail
from omonat.support.threads import Threads
from omonat.vault import Vault


class Support:
    """`queue` lists, `threads` opens and says, `desk` acts on one case, `bulk` on several, `mail` tells the staff."""

    def __init__(
        self, database: Database, vault: Vault, *, rights: Rights, staff: StaffAccounts, outbox: Outbox,
        letters: Letters, clock: Clock, mailboxes: Mailboxes | None = None,
    ) -> None:  # fmt: skip
        self.queue = Queue(database, staff)
        self.threads = Threads(database, vault, rights, outbox, letters=letters, clock=clock)
        self.desk = Desk(database, rights, staff, outbox, self.threads)
        self.bulk = BulkActs(database, rights, self.desk, outbox, ledger=vault.events.ledger)
        self.mail = StaffMail(database, letters=letters, mailboxes=mailboxes, clock=clock)
