"""What the vault takes in and hands out."""

from datetime import datetime

import msgspec

from omonat.kernel.ids import CaseId, EventId, IdentifierId, KeyId, RecordId, SubjectId, SubmissionId
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment


class Value(msgspec.Struct, frozen=True):
    """One value to be collected, already normalised. `kind` is the kind of the field (policy.Kind)."""

    field: str
    category: str
    kind: str
    text: Sealed[str]


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where values come from and on what they rest."""

    purpose: str
    ground: str
    source: str
    submission_id: SubmissionId | None = None
    case_id: CaseId | None = None


class HeldRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One record as it lies in the database: everything but the value in clear."""

    subject_id: SubjectId
    record_id: RecordId
    submission_id: SubmissionId | None
    case_id: CaseId | None
    purpose: str
    category: str
    field: str
    ground: str
    source: str
    key_id: KeyId
    sealed_value: bytes
    tag: bytes | None
    collected_at: datetime
    keep_until: datetime | None

    @property
    def compartment(self) -> Compartment:
        """What its key seals."""
        return Compartment(self.purpose, self.category)

    def is_due(self, now: datetime) -> bool:
        """Its term has run out: it is shown to nobody, whether or not the sweep has come by."""
        return self.keep_until is not None and self.keep_until <= now


class OpenedRecord(msgspec.Struct, frozen=True):
    """A record with its value."""

    record: HeldRecord
    value: Sealed[str]


class HeldIdentifier(msgspec.Struct, frozen=True, kw_only=True):
    """One identifier of a subject. `state`: claimed (typed into a form) or proven (a code answered)."""

    subject_id: SubjectId
    identifier_id: IdentifierId
    kind: str
    tag: bytes
    state: str
    record_id: RecordId
    claimed_at: datetime
    proven_at: datetime | None


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A subject that an answered identifier may open: proven there, or claimed where nothing else is proven."""

    subject_id: SubjectId
    identifier_id: IdentifierId
    proven: bool
    created_at: datetime


class Destruction(msgspec.Struct, frozen=True, kw_only=True):
    """An intention to destroy. `scope` None: the whole subject. `keeps`: words for what stays all the same."""

    subject_id: SubjectId
    event_id: EventId
    started_at: datetime
    trigger: str
    actor: str
    scope: tuple[Compartment, ...] | None
    case_id: CaseId | None
    keeps: tuple[str, ...] = ()


class SearchedAgain(msgspec.Struct, frozen=True, kw_only=True):
    """What was found after a destruction, by every identifier that had lain in its scope: counts, never a value.

    `identifiers`: by how many was searched. `records`, `keys`: what was left of the scope; 0, or the destruction did
    not hold. `others`: other subjects that name one of the identifiers, which belong to whoever sent them and stay.
    """

    identifiers: int
    records: int
    keys: int
    others: int


class Reached(msgspec.Struct, frozen=True, kw_only=True):
    """A level that a destruction has reached in a store, and when.

    Levels: hidden (nothing opens it), key_destroyed, rows_deleted, residue_scrubbed (no byte is left in the files;
    SQLite only), confirmed (a connected system has acknowledged it), told (a recipient was). Stores: data, key_store,
    `connected:HOST`, `recipient:WORD`.
    """

    store: str
    level: str
    at: datetime


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """A window that has run out: when that was noticed, and the ledger event that says so."""

    at: datetime
    entry: str


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What was destroyed: kinds and counts, ground, clause, stores and time; never a value (clause 7.1, Art. 17)."""

    number: str
    started_at: datetime
    finished_at: datetime
    trigger: str
    clause: str
    article: str
    whole: bool
    records_by_category: dict[str, int]
    rows: dict[str, int]
    keys: int
    stores: dict[str, str]
    windows: list[str]
    searched: SearchedAgain | None = None  # None: a certificate from before Omonat searched again
    levels: list[Reached] = []
    window_ends: dict[str, datetime] = {}  # until when a copy may be left, by window
    closed: dict[str, Closing] = {}  # of these, what has run out
    files: list[str] | None = None  # which stores are files that are scrubbed; None: a certificate from before: all


class IndexVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version of the index keys. `before`: the one whose tags may lie there, too; None: its keys are lost."""

    version: int
    before: int | None
    event_id: EventId
    began_at: datetime
    retagged: int
    retired_at: datetime | None
    ended_at: datetime | None
