"""Floor 4: API keys of programs that act for the operator (clause 6.2), and what makes their calls safe to repeat.

A key is an actor like a member of the staff: `.rights`, `.purposes`, `.actor` (`key:<name>`). Its secret is shown once
and kept as a keyed tag only. `Answers` remembers, for a day, what a call with an idempotency key was answered.

Invariants: a key never gives what its maker may not grant (`rules.grantable`); it ends within a year; a browser's call
is answered only for an origin that the key is bound to; revoking works with the next call.
"""

from omonat.access.answers import Answers, Claim, OutcomeUnknown, Repeated
from omonat.access.model import ApiKey, KeyAsked, MadeKey
from omonat.access.rules import BROAD, LONGEST_DAYS, LONGEST_OVERLAP_DAYS, ROUTINE, grantable, needs_second_person
from omonat.access.service import ApiKeys

__all__ = [
    "BROAD", "LONGEST_DAYS", "LONGEST_OVERLAP_DAYS", "ROUTINE", "Answers", "ApiKey", "ApiKeys", "Claim", "KeyAsked",
    "MadeKey", "OutcomeUnknown", "Repeated", "grantable", "needs_second_person",
]  # fmt: skip
