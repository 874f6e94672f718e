"""A consent as it is given, and a visitor's choice as his cookie carries it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from omonat.kernel.ids import SubjectId, SubmissionId

WEB = "web"
FORM = "form"
VISITS = "improve"
"""The purpose for which visits are counted (8.1): they go with its withdrawal, and with no other."""
NOTICE, SETTINGS, PLACE = "notice", "settings", "place"
"""Where a choice about cookies was made, and so which text was shown: the banner (and our own page of settings), the
second layer on another site, the place of content that waits there."""
PERSON, REPRESENTATIVE = "person", "representative"
ANY_PROVABLE, WRITTEN, OFFER = "any_provable", "written_or_edoc", "offer_acceptance"


class ConsentGiven(msgspec.Struct, frozen=True, kw_only=True):
    """One word of a person. `text_hash`: the exact text beside the box or button; `via`: where it was said."""

    purpose: str
    channel: str
    action: str
    language: str
    text_hash: str
    via: str
    submission_id: SubmissionId | None = None


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """What proves a consent (Art. 31). `form`: a key of `consent_forms` in the rule pack; `method`: how it was said.

    `reference`: id of the call, message or document, never its content. `offset_seconds`: where in the call, `script`:
    version of what was read out. `paper_record_id`, `proof_record_id`: sealed files of the person (the scan; the paper
    by which a representative acts).
    """

    form: str
    method: str
    given_at: datetime
    actor: str
    given_by: str = PERSON
    reference: str = ""
    offset_seconds: int | None = None
    script: str = ""
    paper_record_id: UUID | None = None
    proof_record_id: UUID | None = None


class ConsentLetter(NamedTuple):
    """The letter that asked for a consent that waits. `channel`: by which it went; `message_id`: its id there."""

    channel: str
    message_id: str
    sent_at: datetime


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What the `__Host-omonat_choice` cookie says, signed: nobody's but the browser's own."""

    visitor_id: SubjectId
    purposes: dict[str, bool]
    policy_number: str
    basis: dict[str, str] | str
    """For each purpose what the answer rests on (`rules.bases`); one text for all in cookies of older versions."""
    at: datetime
    since: dict[str, datetime] = {}
    """When a purpose was answered, where that was before `at`."""
    gpc: bool = False
    """The browser sent Global Privacy Control with this choice: an explicit word given in spite of it (clause 8.2)."""

    def allows(self, purpose: str) -> bool:
        """Granted for this purpose."""
        return self.purposes.get(purpose, False)

    def answers(self, purpose: str, basis: str) -> bool:
        """Whether there is a yes or no for this purpose, given on this basis."""
        return purpose in self.purposes and isinstance(self.basis, dict) and self.basis.get(purpose) == basis

    def said_at(self, purpose: str) -> datetime:
        """When the answer for this purpose was given."""
        return self.since.get(purpose, self.at)
