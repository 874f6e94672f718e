"""Floor 3: the key store, a small database apart from the data (clause 6.1).

A key-encryption key in a provider wraps a key per subject, which wraps a random key per compartment (subject x purpose
x category) and one for the salts of ledger commitments. Destroying a key destroys what it sealed, wherever copies lie.
"""

from omonat.keystore.model import COMMITMENT, Compartment, SubjectKeys
from omonat.keystore.service import SECRETS, KeyStore, is_empty

__all__ = ["COMMITMENT", "SECRETS", "Compartment", "KeyStore", "SubjectKeys", "is_empty"]
