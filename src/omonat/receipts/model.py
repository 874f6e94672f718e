"""The file of a receipt, and what the service takes and gives. Wire format: a changed name is another format."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from omonat.kernel.codec import to_canonical_json
from omonat.kernel.ids import SubjectId

Format = Literal["omonat-receipt/1"]
FORMAT: Format = "omonat-receipt/1"
Kind = Literal["consent", "disclosure", "destruction"]
Form = Literal["iso27560", "kantara"]
KINDS: tuple[Kind, ...] = ("consent", "disclosure", "destruction")
FORMS: tuple[Form, ...] = ("iso27560", "kantara")
"""How a consent is written down; the other kinds have one form only."""


class _Wire(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Statement(_Wire, frozen=True, kw_only=True):
    """What is signed. `entry`: SHA-256 of the event's body, `evidence`: of the canonical evidence, both hex.

    `refers`: words of `record` that the event must say, too. `subject`: whom the event is about, where
    it commits to somebody.
    """

    iss: str
    kind: Kind
    made_at: str
    event: str
    entry: str
    evidence: str
    refers: dict[str, str]
    subject: str | None
    record: dict[str, Any]


class Opening(_Wire, frozen=True, kw_only=True):
    """What opens one commitment of the event: its value, and the salt in hex."""

    value: str
    salt: str


class Evidence(_Wire, frozen=True, kw_only=True):
    """What the statement can be checked with. `event` is the body as it was hashed; `proof` and `checkpoint` are None
    while the event has no place in the signed tree."""

    event: str
    key: str
    openings: dict[str, Opening]
    position: int | None
    proof: tuple[str, ...] | None
    checkpoint: str | None


class File(_Wire, frozen=True, kw_only=True):
    """The whole file. `statement` is a compact JWS (RFC 7515) over Statement."""

    format: Format
    statement: str
    evidence: Evidence


def to_bytes(file: File) -> bytes:
    """The one spelling of a file: sorted, indented by two, one newline at the end."""
    return msgspec.json.format(to_canonical_json(file), indent=2) + b"\n"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which receipt: `id` is that of the consent or the disclosure, or the number of the certificate."""

    kind: Kind
    subject_id: SubjectId
    id: UUID
    form: Form = "iso27560"


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt. `proven` False: the event had no place in the signed tree yet, and the file says so."""

    content: bytes
    statement: Statement
    position: int | None

    @property
    def proven(self) -> bool:
        """Whether the proof is in it."""
        return self.position is not None


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that there is a receipt for. `what`: the action of a consent, the recipient, or the trigger."""

    kind: Kind
    id: UUID
    at: datetime
    what: str
    purpose: str | None = None
    channel: str = ""
