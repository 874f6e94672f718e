"""Floor 4: subjects, identifiers and sealed records; the doors *collect*, *read* and *destroy* (clauses 2.1, 6.1, 7.1).

Invariants: a value leaves or enters only through a decision; keys are durable before what they seal; a typed identifier
is claimed and opens nothing that another identifier has proven; what is destroyed stays destroyed.
"""

from omonat.vault import rows
from omonat.vault.collecting import Brought
from omonat.vault.erasure import BATCH, Erasure
from omonat.vault.events import Told
from omonat.vault.kinds import WrongValue, masked, normalise, shown
from omonat.vault.model import (
    Candidate,
    Certificate,
    Destruction,
    HeldIdentifier,
    HeldRecord,
    OpenedRecord,
    Origin,
    SearchedAgain,
    Value,
)
from omonat.vault.service import Vault
from omonat.vault.tombstones import Tombstones

__all__ = [
    "BATCH", "Brought", "Candidate", "Certificate", "Destruction", "Erasure", "HeldIdentifier", "HeldRecord",
    "OpenedRecord", "Origin", "SearchedAgain", "Told", "Tombstones", "Value", "Vault", "WrongValue", "masked",
    "normalise", "rows", "shown",
]  # fmt: skip
