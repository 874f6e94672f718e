"""Floor 4: subjects, identifiers and sealed records; the doors *collect*, *read* and *destroy* (clauses 2.1, 6.1, 7.1).

Invariants: a value leaves or enters only through a decision; keys are durable before what they seal; a typed identifier
is claimed and opens nothing that another identifier has proven; what is destroyed stays destroyed.
"""

from omonat.vault import rows
from omonat.vault.collecting import Brought
from omonat.vault.erasure import BATCH, Erasure
from omonat.vault.events import Told
from omonat.vault.kinds import WrongValue, masked, normalise, shown
from omonat.vault.levels import with_scrubbing
from omonat.vault.merging import rejoin
from omonat.vault.model import (
    Candidate,
    Certificate,
    Closing,
    Destruction,
    HeldIdentifier,
    HeldRecord,
    IndexVersion,
    OpenedRecord,
    Origin,
    Reached,
    SearchedAgain,
    Value,
)
from omonat.vault.resealing import Resealed, Resealing, Tended
from omonat.vault.retagging import Retagged, Retagging
from omonat.vault.service import Vault
from omonat.vault.tombstones import Tombstone, Tombstones

__all__ = [
    "BATCH",
    "Brought",
    "Candidate",
    "Certificate",
    "Closing",
    "Destruction",
    "Erasure",
    "HeldIdentifier",
    "HeldRecord",
    "IndexVersion",
    "OpenedRecord",
    "Origin",
    "Reached",
    "Resealed",
    "Resealing",
    "Retagged",
    "Retagging",
    "SearchedAgain",
    "Tended",
    "Told",
    "Tombstone",
    "Tombstones",
    "Value",
    "Vault",
    "WrongValue",
    "masked",
    "normalise",
    "rejoin",
    "rows",
    "shown",
    "with_scrubbing",
]  # fmt: skip
