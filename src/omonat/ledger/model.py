"""What the ledger hands around: events, and what a verification found. Frozen data."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from omonat.kernel.language import translate

DOMAIN = "ledger"
RESTORED = "ledger.restored"
"""Kind of the event with which a restore records that the database came back from an older backup."""
BEGUN_AGAIN = "ledger.begun_again"
"""Kind of the event that cites the former ledger, when its files were lost and this one has a new origin."""


class Event(msgspec.Struct, frozen=True):
    """One row of the ledger. `body` is the canonical JSON, `hash` its SHA-256: the published entry."""

    event_id: UUID
    kind: str
    at: datetime
    body: bytes
    hash: bytes
    position: int | None


class Happened(msgspec.Struct, frozen=True):
    """An event as watchers see it, in its own transaction. `about`: ids and words that the event does not hold."""

    event_id: UUID
    kind: str
    at: datetime
    facts: dict[str, Any]
    about: dict[str, str]


class Body(msgspec.Struct, frozen=True):
    """What is hashed. `nonce` (16 random bytes, hex) keeps anybody from guessing an event by its entry."""

    v: int
    id: str
    kind: str
    at: str
    nonce: str
    facts: dict[str, Any]


class AnyFacts(msgspec.Struct, frozen=True, gc=False):
    """An object of which nothing is kept."""


class BodyHead(msgspec.Struct, frozen=True, gc=False):
    """A body without its facts: enough to compare it with the columns."""

    v: int
    id: str
    kind: str
    at: str
    nonce: str
    facts: AnyFacts


class Statement(msgspec.Struct, frozen=True):
    """A sentence for people: an English msgid of the domain `ledger` and what fills its places."""

    msgid: str
    places: dict[str, Any] = {}

    def text(self, language: str = "en") -> str:
        """The sentence in one of the four languages."""
        return translate(language, DOMAIN, self.msgid, **self.places)

    def __str__(self) -> str:
        return self.text()


class Finding(msgspec.Struct, frozen=True):
    """Something that is not as it was written. `code` is stable; `position` is the leaf it concerns, if one."""

    code: str
    position: int | None
    statement: Statement

    @property
    def message(self) -> str:
        """The finding in English."""
        return self.statement.text()


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a verification.

    `ok`: nothing was found. `size` and `root` are those of the signed checkpoint (root in hex, empty when there is no
    valid one). `checked`: entries recomputed from their event. `pending`: events not in the tree yet. `lost`: entries
    known only by their hash. `unknowns`: what this verification could not know. `findings` stop at a number;
    `found` counts them all.
    """

    ok: bool
    size: int
    root: str
    checked: int
    pending: int
    lost: int
    found: int
    findings: tuple[Finding, ...]
    unknowns: tuple[Statement, ...]

    def facts(self, language: str = "en") -> dict[str, object]:
        """The report as plain data, its sentences in `language`: for `--json` and for pages."""
        return {
            **{name: getattr(self, name) for name in ("ok", "size", "root", "checked", "pending", "lost", "found")},
            "findings": [
                {"code": one.code, "position": one.position, "message": one.statement.text(language)}
                for one in self.findings
            ],
            "unknowns": [one.text(language) for one in self.unknowns],
        }  # fmt: skip
