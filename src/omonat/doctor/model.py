"""What the doctor says."""

from typing import Literal

import msgspec

State = Literal["good", "note", "wrong"]


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `check` is a stable word; texts hold no personal value."""

    check: str
    state: State
    what: str
    what_to_do: str = ""


def good(check: str, what: str) -> list[Finding]:
    """Nothing to do."""
    return [Finding(check, "good", what)]


def note(check: str, what: str, what_to_do: str) -> list[Finding]:
    """Worth knowing; nothing is broken."""
    return [Finding(check, "note", what, what_to_do)]


def wrong(check: str, what: str, what_to_do: str) -> list[Finding]:
    """Broken, or against the policy."""
    return [Finding(check, "wrong", what, what_to_do)]
