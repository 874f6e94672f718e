"""Floor 4: consents as append-only history, the exact texts shown, visitors' cookie choices (1.2, 3.1, 7.1 c, 8.x).

Invariants: nothing is ever overwritten; the last event per purpose and channel is the current state; acceptance of the
policy is never taken for consent to an optional purpose.
"""

from omonat.consent.model import Choice, ConsentGiven
from omonat.consent.rules import cookie_purposes
from omonat.consent.service import Consents
from omonat.crypto.fields import text_hash as text_hash_of

__all__ = ["Choice", "ConsentGiven", "Consents", "cookie_purposes", "text_hash_of"]
