"""What the work on cases needs from the edges: somebody who writes letters, and mailboxes of the staff."""

from typing import Protocol
from uuid import UUID

from omonat.kernel.secret import Sealed
from omonat.rights import Addressed
from omonat.support.model import StaffLetter


class Letters(Protocol):
    """Writes letters and hands them to a channel. Raises what the channel raises."""

    def send_reply(self, to: Addressed, *, case_id: str, text: Sealed[str], message_id: str) -> None:
        """What a member of the staff typed, to the address that the case names."""
        ...

    def send_to_staff(self, to: Sealed[str] | None, letter: StaffLetter) -> None:
        """To a member's mailbox; None: the operator's."""
        ...


class Mailboxes(Protocol):
    """Where members of the staff are written to."""

    def find_work_email(self, staff_id: UUID) -> Sealed[str] | None:
        """None when the member has given none, or has left."""
        ...
