"""Floor 3: the key store, a small database apart from the data (clause 6.1).

A key-encryption key in a provider wraps a key per subject, which wraps a random key per compartment (subject x purpose
x category) and one for the salts of ledger commitments. Destroying a key destroys what it sealed, wherever copies lie.
The key-encryption key is rotated by epochs: `Rotation`; compartment keys and index keys have versions: `KeyVersions`,
`KeyStore.index_key`.
"""

from omonat.keystore.locks import copying, is_worked_on, working
from omonat.keystore.model import (
    COMMITMENT,
    Chosen,
    Compartment,
    CompartmentRotation,
    Ended,
    Epoch,
    NoNewKey,
    Retired,
    RotationRuns,
    SubjectKeys,
)
from omonat.keystore.pool import KeyPool
from omonat.keystore.rotation import Rotation, unfinished, unused_files
from omonat.keystore.service import INDEX_KEYS, SECRETS, KeyStore, is_empty, present_key
from omonat.keystore.versions import KeyVersions

__all__ = [
    "COMMITMENT", "INDEX_KEYS", "SECRETS", "Chosen", "Compartment", "CompartmentRotation", "Ended", "Epoch", "KeyPool",
    "KeyStore", "KeyVersions", "NoNewKey", "Retired", "Rotation", "RotationRuns", "SubjectKeys", "copying", "is_empty",
    "is_worked_on", "present_key", "unfinished", "unused_files", "working",
]  # fmt: skip
