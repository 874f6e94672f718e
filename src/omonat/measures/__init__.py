"""Floor 4: the register of measures of protection (clause 6.2): owner, status, evidence, review, history.

`Measures.seed` enters what Omonat itself does, each with how to check it, and what is left to the operator as planned.
Invariant: every change leaves its line in the history and its ledger event in the same unit.
"""

from omonat.measures.model import KINDS, STATUSES, Change, Draft, Measure
from omonat.measures.seeds import DESCRIPTIONS, EVIDENCE, TITLES
from omonat.measures.service import Measures

__all__ = ["DESCRIPTIONS", "EVIDENCE", "KINDS", "STATUSES", "TITLES", "Change", "Draft", "Measure", "Measures"]
