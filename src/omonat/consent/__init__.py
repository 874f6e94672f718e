"""Floor 4: consents as append-only history, the exact texts shown, visitors' cookie choices (1.2, 3.1, 7.1 c, 8.x).

Invariants: nothing is ever overwritten; the last event per purpose and channel is the current state; acceptance of the
policy is never taken for consent to an optional purpose.
"""

from omonat.consent.confirming import CHANNEL_KINDS, CONFIRMED, PENDING, ask_to_confirm, word_now
from omonat.consent.exporting import EXPORT, export_consents, export_page
from omonat.consent.exporting import RIGHT as EXPORT_RIGHT
from omonat.consent.forms import SAID, WrongConsentForm, evidence_problems, needed_form, needs_writing
from omonat.consent.import_file import MOST_BYTES as MOST_IMPORT_BYTES
from omonat.consent.import_file import PROBLEMS as IMPORT_FILE_PROBLEMS
from omonat.consent.import_file import UnreadableTable, rows_of
from omonat.consent.importing import COLUMNS as IMPORT_COLUMNS
from omonat.consent.importing import NEEDED as IMPORT_NEEDED
from omonat.consent.importing import Importing, RowResult
from omonat.consent.links import CONFIRM_FOR, Links, preferences_url, unsubscribe_url
from omonat.consent.model import (
    ANY_PROVABLE,
    FORM,
    NOTICE,
    OFFER,
    PERSON,
    PLACE,
    REPRESENTATIVE,
    SETTINGS,
    VISITS,
    WEB,
    WRITTEN,
    Choice,
    ConsentGiven,
    ConsentLetter,
    Evidence,
)
from omonat.consent.rules import CHOICE_DAYS, bases, cookie_purposes, is_answered
from omonat.consent.service import Consents
from omonat.consent.suppression import Suppression
from omonat.consent.taking_over import CHECK as IMPORT_CHECK
from omonat.consent.taking_over import KINDS as IMPORT_KINDS
from omonat.consent.taking_over import RIGHT as IMPORT_RIGHT
from omonat.consent.taking_over import TakingOver
from omonat.consent.taking_over import is_there as file_is_there
from omonat.consent.voiding import KIND as VOID_RUN
from omonat.consent.voiding import Voiding
from omonat.crypto.fields import text_hash as text_hash_of

__all__ = [
    "ANY_PROVABLE",
    "CHANNEL_KINDS",
    "CHOICE_DAYS",
    "CONFIRMED",
    "CONFIRM_FOR",
    "EXPORT",
    "EXPORT_RIGHT",
    "FORM",
    "IMPORT_CHECK",
    "IMPORT_COLUMNS",
    "IMPORT_FILE_PROBLEMS",
    "IMPORT_KINDS",
    "IMPORT_NEEDED",
    "IMPORT_RIGHT",
    "MOST_IMPORT_BYTES",
    "NOTICE",
    "OFFER",
    "PENDING",
    "PERSON",
    "PLACE",
    "REPRESENTATIVE",
    "SAID",
    "SETTINGS",
    "VISITS",
    "VOID_RUN",
    "WEB",
    "WRITTEN",
    "Choice",
    "ConsentGiven",
    "ConsentLetter",
    "Consents",
    "Evidence",
    "Importing",
    "Links",
    "RowResult",
    "Suppression",
    "TakingOver",
    "UnreadableTable",
    "Voiding",
    "WrongConsentForm",
    "ask_to_confirm",
    "bases",
    "cookie_purposes",
    "evidence_problems",
    "export_consents",
    "export_page",
    "file_is_there",
    "is_answered",
    "needed_form",
    "needs_writing",
    "preferences_url",
    "rows_of",
    "text_hash_of",
    "unsubscribe_url",
    "word_now",
]  # fmt: skip
