"""Floor 4: consents as append-only history, the exact texts shown, visitors' cookie choices (1.2, 3.1, 7.1 c, 8.x).

Invariants: nothing is ever overwritten; the last event per purpose and channel is the current state; acceptance of the
policy is never taken for consent to an optional purpose.
"""

from omonat.consent.forms import SAID, WrongConsentForm, evidence_problems, needed_form
from omonat.consent.model import WEB, Choice, ConsentGiven, Evidence
from omonat.consent.service import Consents
from omonat.consent.voiding import KIND as VOID_RUN
from omonat.consent.voiding import Voiding
from omonat.crypto.fields import text_hash as text_hash_of

__all__ = [
    "SAID", "VOID_RUN", "WEB", "Choice", "ConsentGiven", "Consents", "Evidence", "Voiding", "WrongConsentForm",
    "evidence_problems", "needed_form", "text_hash_of",
]  # fmt: skip
