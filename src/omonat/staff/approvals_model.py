"""Four eyes (clause 6.2): acts that two people answer for, as data."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from omonat.kernel.errors import Conflict, OmonatError
from omonat.staff.model import Actor

VALID_FOR = timedelta(days=7)

State = Literal["waiting", "approved", "carrying", "done", "failed", "refused", "expired"]
"""waiting -> refused | expired | approved; approved -> carrying -> done | failed; failed -> carrying (repeated).

An act of a kind in TAKEN_UP stays `approved` until the person who asked takes it up.
"""

KINDS: Mapping[str, str] = {
    "publish_policy": "policy.publish",
    "release_hold": "hold.release",
    "export_many": "mailing.list",
    "export_file": "mailing.list",
    "export_consents": "ledger.verify",
    "change_keys": "key.administer",
    "rotate_keys": "backup",
    "change_role": "staff.administer",
}
"""Kind to the right that both people need."""

TAKEN_UP = frozenset({"export_file", "export_consents", "rotate_keys"})
"""Carried out by the person who asked, once, after the approval: on the command line, a file of consents also there
where it is downloaded."""


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One act that waits, was decided, or was carried out. `payload` and `result` hold words and ids only.

    `asked_id`: the account behind `asked_by`. `alone`: nobody else had the right, and the setting `four_eyes` lets one
    person act then. `failed`: a stable error code.
    """

    approval_id: UUID
    kind: str
    payload: dict[str, str]
    reason: str
    asked_by: str
    asked_id: UUID | None
    asked_at: datetime
    expires_at: datetime
    state: State
    decided_by: str = ""
    decided_at: datetime | None = None
    decision_reason: str = ""
    alone: bool = False
    carried_at: datetime | None = None
    result: dict[str, str] = {}
    failed: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether it still waits for a second person."""
        return self.state == "waiting" and now < self.expires_at


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What a carrier is given. `asker`: who asked, with the rights that he has now. `approved_by` is empty when alone.

    `approval_id` is the same when a failed act is repeated: a key that makes the carrier's work happen once.
    """

    approval_id: UUID
    payload: Mapping[str, str]
    reason: str
    asker: Actor
    approved_by: str
    now: datetime


Carrier = Callable[[Act], Mapping[str, str]]
"""Carries out one act, in units of its own; returns words and ids that say what came of it."""


class Done(msgspec.Struct, frozen=True):
    """The act was carried out."""

    approval_id: UUID
    result: dict[str, str]


class Waiting(msgspec.Struct, frozen=True):
    """The act waits for a second person."""

    approval_id: UUID
    expires_at: datetime


class SecondPersonMissing(OmonatError):
    """Four eyes are demanded, and there is one pair only."""

    code = "second_person_missing"
    message = "This needs a second person, and nobody else has the right “{right}”."
    what_to_do = "Invite a second person with that right, or set four_eyes to “when_two” in omonat.toml."


class OwnAct(OmonatError):
    """Whoever asked may not be the second person."""

    code = "own_act"
    message = "You asked for this yourself, so somebody else has to decide."
    what_to_do = "Ask a colleague who has the same right."


class ApprovalOver(Conflict):
    """It was decided, carried out or ran out already."""

    code = "approval_over"
    message = "This is not waiting any more."
    what_to_do = "Look at the list of approvals; ask again if it ran out."
    temporary = False


def state_after(approval: Approval, act: str, now: datetime) -> State:
    """The state after `approve`, `refuse`, `carry`, `done` or `fail`. Raises ApprovalOver where it cannot be."""
    if approval.state == "waiting" and now >= approval.expires_at:
        raise ApprovalOver
    following = _STEPS.get((approval.state, act))
    if following is None:
        raise ApprovalOver
    return following


_STEPS: Mapping[tuple[str, str], State] = {
    ("waiting", "approve"): "approved",
    ("waiting", "refuse"): "refused",
    ("approved", "carry"): "carrying",
    ("failed", "carry"): "carrying",
    ("carrying", "done"): "done",
    ("carrying", "fail"): "failed",
}
