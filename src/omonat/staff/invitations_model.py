"""A link that lets one person of the staff set up a sign-in."""

from datetime import datetime, timedelta
from typing import Literal

import msgspec

from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import InvitationId, StaffId
from omonat.kernel.secret import Sealed
from omonat.staff.model import StaffAccount

VALID_FOR = timedelta(hours=72)
Kind = Literal["join", "renew"]


class LinkSpent(OmonatError):
    """An invitation that was used, revoked, ran out, or never was."""

    code = "link_spent"
    message = "This link is not valid any more."
    what_to_do = "Ask the person who administers the staff for a new one: a link works once, for 72 hours."


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A link that lets one person set up a sign-in. `mailed_at` None: not mailed, or not yet."""

    invitation_id: InvitationId
    staff_id: StaffId
    kind: Kind
    language: str
    made_by: str
    made_at: datetime
    expires_at: datetime
    by_mail: bool = False
    mailed_at: datetime | None = None
    spent_at: datetime | None = None
    revoked_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the link still works."""
        return self.spent_at is None and self.revoked_at is None and now < self.expires_at


class Invited(msgspec.Struct, frozen=True):
    """What the inviter is shown, once: the token goes into the link and is kept nowhere."""

    account: StaffAccount
    invitation: Invitation
    token: Sealed[str]
