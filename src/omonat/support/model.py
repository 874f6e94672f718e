"""The queue, the thread of a case, acts on several cases: as data."""

from datetime import date, datetime
from typing import ClassVar
from uuid import UUID

import msgspec

from omonat.kernel.errors import OmonatError
from omonat.kernel.secret import Sealed
from omonat.rights import Case

TABS = ("open", "overdue", "soon", "mine", "nobody", "closed")
SORTS = ("due", "opened")


class CaseFilter(msgspec.Struct, frozen=True, kw_only=True):
    """What of the queue is looked at. Empty: everything. `assigned`: `nobody` or the id of a member."""

    tab: str = "open"
    kind: str = ""
    form: str = ""
    assigned: str = ""
    since: date | None = None
    number: str = ""
    sort: str = "due"

    def words(self) -> dict[str, str]:
        """Only what differs from everything: for an address, or a saved view."""
        found = {name: str(getattr(self, name) or "") for name in self.__struct_fields__}
        return {name: word for name, word in found.items() if word and word != getattr(_PLAIN, name)}


_PLAIN = CaseFilter()


class QueueRow(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the queue: words, ids and moments; no value of the person."""

    case_id: UUID
    kind: str
    form: str | None
    state: str
    outcome: str | None
    opened_at: datetime
    due_at: datetime
    term: str
    closed_at: datetime | None
    assigned_to: UUID | None
    assigned_name: str | None

    @property
    def number(self) -> str:
        """What people read aloud."""
        return str(self.case_id)[-12:]

    def is_overdue(self, now: datetime) -> bool:
        """Open beyond its term."""
        return self.state == "open" and self.due_at < now


class QueuePage(msgspec.Struct, frozen=True):
    """Some rows, and where the next page begins; empty: this was the last one."""

    rows: tuple[QueueRow, ...]
    after: str


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many cases each tab holds. `closed` is counted up to a thousand."""

    open: int
    overdue: int
    soon: int
    mine: int
    nobody: int
    closed: int


class Member(msgspec.Struct, frozen=True):
    """A member of the staff whom a case may be given to."""

    staff_id: UUID
    name: str


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A filter that a member keeps for himself, under a name."""

    view_id: UUID
    name: str
    words: dict[str, str]


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a thread. `direction`: in, out or note (between the staff).

    `text` None: not opened, or destroyed (`is_there` says which). `delivery`, of what goes out: waiting, repeating,
    sent, failed, no_address.
    """

    message_id: UUID
    direction: str
    author: str
    at: datetime
    text: Sealed[str] | None = None
    is_there: bool = True
    delivery: str = ""
    reason: str = ""


class OpenedField(msgspec.Struct, frozen=True, kw_only=True):
    """A further value of a case: who wrote and how to reach him."""

    field: str
    category: str
    source: str
    value: Sealed[str]


class CaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A case as one member sees it. `closed_to`: empty when values are open; else not_asked, role, erased or codes."""

    case: Case
    purpose: str
    ground: str
    assigned_to: UUID | None
    assigned_name: str | None
    is_held: bool  # the person's data are not erased
    seen: int
    messages: tuple[Message, ...]
    fields: tuple[OpenedField, ...] = ()
    closed_to: str = "not_asked"


class BulkItem(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one case. `result`: done, undone, or the code of the error. `before`: whom it was given to."""

    case: str
    result: str = ""
    before: str = ""


class Bulk(msgspec.Struct, frozen=True, kw_only=True):
    """One act on several cases. `act`: assign or close; `words`: {to} or {outcome, reason}."""

    bulk_id: UUID
    staff_id: UUID
    at: datetime
    act: str
    words: dict[str, str]
    results: tuple[BulkItem, ...]
    undone_at: datetime | None = None


class StaffLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a letter to the staff."""

    case_id: str
    kind: str
    due_at: datetime
    overdue: bool


class StaffLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to the staff: never a word of the person. `why`: new, assigned, message or due. `count`: of all."""

    why: str
    lines: tuple[StaffLine, ...]
    count: int
    message_id: str


class CaseChanged(OmonatError):
    """Somebody acted on the case since it was looked at. `who`: the actor's name."""

    code: ClassVar[str] = "case_changed"
    message: ClassVar[str] = "Somebody else has acted on this case since you opened it: {who}."
    what_to_do: ClassVar[str] = "Look at the new steps and do it again if it is still needed. Your text is kept."
