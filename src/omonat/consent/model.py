"""A consent as it is given, and a visitor's choice as his cookie carries it."""

from datetime import datetime

import msgspec

from omonat.kernel.ids import SubjectId, SubmissionId

WEB = "web"
FORM = "form"


class ConsentGiven(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a person. `text_hash`: the exact text beside the box or button; `via`: where it was said."""

    purpose: str
    channel: str
    action: str
    language: str
    text_hash: str
    via: str
    submission_id: SubmissionId | None = None


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the `__Host-omonat_choice` cookie says, signed: nobody's but the browser's own."""

    visitor_id: SubjectId
    purposes: dict[str, bool]
    policy_number: str
    basis: str
    at: datetime
    gpc: bool = False
    """The browser sent Global Privacy Control with this choice: an explicit word given in spite of it (clause 8.2)."""

    def allows(self, purpose: str) -> bool:
        """Granted for this purpose."""
        return self.purposes.get(purpose, False)
