"""Above floor 5: receipts (clauses 1.2, 5.1, 6.3, 7.1): one file that proves itself, for the person to keep.

A receipt is a statement signed by the ledger's key (JWS, EdDSA) with its evidence: the event, the opening of the
person's own commitment, the proof of inclusion and the checkpoint. `verify_receipt` checks such a file from its bytes
and a key alone. What it proves and what it cannot: docs/security/receipts.md.
"""

from omonat.receipts.mailing import MailedFile, ReceiptLetters
from omonat.receipts.model import FORMS, KINDS, Form, Kind, Line, Made, Wanted
from omonat.receipts.service import Receipts
from omonat.receipts.sheet import receipt_pdf
from omonat.receipts.verification import Outcome, verify_receipt
from omonat.receipts.words import headings

__all__ = [
    "FORMS",
    "KINDS",
    "Form",
    "Kind",
    "Line",
    "Made",
    "MailedFile",
    "Outcome",
    "ReceiptLetters",
    "Receipts",
    "Wanted",
    "headings",
    "receipt_pdf",
    "verify_receipt",
]
