"""Floor 4: people as the staff see them (clauses 3.1, 6.2): found by an identifier, opened for a purpose, regrouped.

Invariants: no list of all people and no search by a part of a value; nothing is opened before its journal line is
committed; two become one and one becomes two with evidence, and for seven days back again; nobody gains access by it.
"""

from omonat.people.acts import HOW, Acts
from omonat.people.model import (
    KINDS,
    Card,
    CaseLine,
    ContractLine,
    Found,
    History,
    Line,
    Match,
    NotOpened,
    Opening,
    Shared,
    SubmissionLine,
)
from omonat.people.recording import Recording, Said
from omonat.people.regrouping import Regroupings
from omonat.people.regrouping_model import EVIDENCE, Preview, Regrouping, Stated
from omonat.people.rules import OPENINGS_AN_HOUR, SEARCHES_AN_HOUR
from omonat.people.service import People

__all__ = [
    "EVIDENCE",
    "HOW",
    "KINDS",
    "OPENINGS_AN_HOUR",
    "SEARCHES_AN_HOUR",
    "Acts",
    "Card",
    "CaseLine",
    "ContractLine",
    "Found", "History",
    "Line",
    "Match",
    "NotOpened",
    "Opening",
    "People",
    "Preview",
    "Recording",
    "Regrouping",
    "Regroupings",
    "Said",
    "Shared",
    "Stated",
    "SubmissionLine",
]  # fmt: skip
