"""Floor 4: the one decision, `may this be done, for which purpose?` (clauses 3.1, 4.1, 5.1; ZRU-547 Arts 12-14, 18).

`decide` is pure: policy and person's state in, yes or no with reasons out. Doors call it with a state loaded inside
their own transaction, so that a withdrawal that came between is seen. `AnswerTable` remembers what it said, so that a
`Snapshot` answers for many people at once: for previews, and for programs that ask; a door never rests on one.
"""

from omonat.grounds.bulk_store import load_snapshot, read_words, states_of
from omonat.grounds.model import (
    STANDING,
    Asked,
    ConsentState,
    ContractState,
    Decision,
    HoldState,
    PersonState,
    Reason,
    RestrictionState,
)
from omonat.grounds.rules import decide, stands_under
from omonat.grounds.store import load_state
from omonat.grounds.table import AnswerTable, Snapshot, Words, reduced

__all__ = [
    "STANDING", "AnswerTable", "Asked", "ConsentState", "ContractState", "Decision", "HoldState", "PersonState",
    "Reason", "RestrictionState", "Snapshot", "Words", "decide", "load_snapshot", "load_state", "read_words", "reduced",
    "stands_under", "states_of",
]  # fmt: skip
