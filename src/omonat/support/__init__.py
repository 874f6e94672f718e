"""Floor 4: the staff's work on cases (clauses 3.1, 10.1): the queue, the thread of a case, comments, assignment.

Invariants: a message is a sealed record of its case, under the purpose and the term of the case, so the person's file
shows it and erasure destroys it; the steps of a case hold ids of records, never a word of them. A reply holds what a
member of the staff typed and nothing else, and goes to an address that the case itself names. Letters to the staff
hold numbers, kinds, days and links. Every act is a step of the case with its actor; whoever acts on a case that moved
since he looked is told so, and nothing is lost.
Entry point: `Support`; works of the outbox are its `send_*`.
"""

from omonat.support.model import (
    TABS,
    Bulk,
    BulkItem,
    CaseChanged,
    CaseFilter,
    CaseView,
    Counts,
    Member,
    Message,
    OpenedField,
    QueuePage,
    QueueRow,
    SavedView,
    StaffLetter,
    StaffLine,
)
from omonat.support.ports import Letters
from omonat.support.rules import read_filter
from omonat.support.service import Support

__all__ = [
    "TABS",     "Bulk", "BulkItem", "CaseChanged", "CaseFilter", "CaseView", "Counts", "Letters", "Member", "Message",
    "OpenedField", "QueuePage", "QueueRow", "SavedView", "StaffLetter", "StaffLine", "Support", "read_filter",
]  # fmt: skip
