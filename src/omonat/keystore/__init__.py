"""Floor 3: the key store, a small database apart from the data (clause 6.1).

A key-encryption key in a provider wraps a key per subject, which wraps a random key per compartment (subject x purpose
x category) and one for the salts of ledger commitments. Destroying a key destroys what it sealed, wherever copies lie.
The key-encryption key is rotated by epochs: `Rotation`.
"""

from omonat.keystore.locks import copying, is_worked_on, working
from omonat.keystore.model import COMMITMENT, Compartment, Ended, Epoch, NoNewKey, RotationRuns, SubjectKeys
from omonat.keystore.pool import KeyPool
from omonat.keystore.rotation import Rotation, unfinished, unused_files
from omonat.keystore.service import SECRETS, KeyStore, is_empty, present_key

__all__ = [
    "COMMITMENT", "SECRETS", "Compartment", "Ended", "Epoch", "KeyPool", "KeyStore", "NoNewKey", "Rotation",
    "RotationRuns", "SubjectKeys", "copying", "is_empty", "is_worked_on", "present_key", "unfinished", "unused_files",
    "working",
]  # fmt: skip
