"""What is asked, what is known of the person, and the answer."""

from datetime import date, datetime
from typing import Literal

import msgspec

Operation = Literal["collect", "read", "use", "disclose", "destroy"]
ContractState = Literal["none", "draft", "running", "ended"]
"""The best of a person's contracts; `none`: at most steps before one, such as an order (Art. 18)."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One question to the doors. `ground` is set when collecting; `channel` when using; `recipient` when disclosing."""

    operation: Operation
    purpose: str
    category: str
    by_subject: bool = False
    ground: str | None = None
    channel: str | None = None
    recipient: str | None = None


STANDING = ("granted", "renewed")
"""Words of a person by which a consent stands until its term runs out."""


class ConsentState(msgspec.Struct, frozen=True):
    """The last word of the person for one purpose and channel."""

    action: str
    at: datetime
    expires_at: datetime | None
    policy_number: str

    def stands(self, now: datetime) -> bool:
        """Granted and not run out."""
        return self.action in STANDING and (self.expires_at is None or now < self.expires_at)


class RestrictionState(msgspec.Struct, frozen=True):
    """A suspension or an objection that is in force. `purpose` None means every purpose."""

    kind: str
    purpose: str | None


class HoldState(msgspec.Struct, frozen=True):
    """A law that keeps data. None means every purpose or category."""

    purpose: str | None
    category: str | None
    law: str
    until_on: date

    def covers(self, purpose: str, category: str) -> bool:
        """Whether the hold keeps this compartment."""
        return self.purpose in (None, purpose) and self.category in (None, category)


class PersonState(msgspec.Struct, frozen=True, kw_only=True):
    """All that the decision knows of a person. Loaded in one transaction."""

    state: str
    consents: dict[tuple[str, str], ConsentState] = {}
    restrictions: tuple[RestrictionState, ...] = ()
    holds: tuple[HoldState, ...] = ()
    grounds: frozenset[tuple[str, str]] = frozenset()  # (purpose, ground) under which records are held
    contract: ContractState = "none"


class Reason(msgspec.Struct, frozen=True):
    """Why: a stable code, and the clause of the policy or the article of the law behind it."""

    code: str
    clause: str
    article: str = ""
    detail: str = ""


class Decision(msgspec.Struct, frozen=True):
    """Yes or no, the ground that carries a yes, and every reason."""

    allowed: bool
    reasons: tuple[Reason, ...]
    ground: str | None = None

    def codes(self) -> str:
        """The reason codes in words' order, for an error or a journal."""
        return ", ".join(reason.code for reason in self.reasons)
