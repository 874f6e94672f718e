"""Floor 4, above the other areas: the registers that officer, auditor and administrator read (5.1, 6.2, 6.3, 9.1).

Reads over the tables of the areas, few statements to a page: counts by month, journals over everybody, certificates,
entries of the ledger, and the plan of a policy. Invariant: words, opaque ids, moments and counts only, so that whoever
reads them opens no value of a person.
"""

from omonat.registers.model import (
    Asked,
    CaseCounts,
    CertificateLine,
    Counted,
    DisclosureLine,
    Effect,
    EntryLine,
    Held,
    HoldLine,
    JournalLine,
    LastRun,
    Overview,
    Span,
    Work,
)  # fmt: skip
from omonat.registers.rules import cursor, day_span, effect, is_cursor
from omonat.registers.service import Registers

__all__ = [
    "Asked", "CaseCounts", "CertificateLine", "Counted", "DisclosureLine", "Effect", "EntryLine", "Held", "HoldLine",
    "JournalLine", "LastRun", "Overview", "Registers", "Span", "Work", "cursor", "day_span", "effect", "is_cursor",
]  # fmt: skip
