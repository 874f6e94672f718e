"""Floor 4: the one decision, `may this be done, for which purpose?` (clauses 3.1, 4.1, 5.1; ZRU-547 Arts 12-14, 18).

`decide` is pure: policy and person's state in, yes or no with reasons out. Doors call it with a state loaded inside
their own transaction, so that a withdrawal that came between is seen.
"""

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

__all__ = [
    "STANDING",
    "Asked", "ConsentState", "ContractState", "Decision", "HoldState", "PersonState", "Reason", "RestrictionState",
    "decide", "load_state", "stands_under",
]  # fmt: skip
