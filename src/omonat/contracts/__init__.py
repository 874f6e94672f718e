"""Floor 4: contracts with people (clauses 3.1, 4.1): a ground that starts and ends, with its documents sealed.

Invariants: number, subject, document names and bytes are sealed records and files of the vault; draft -> running ->
ended, or annulled, and never back; ending starts the terms that the policy counts from it (6.3), and what rested on
the contract stops (5.1); a number is found by its blind index only.
"""

from omonat.contracts.files import MEDIA, MOST_BYTES, WrongFile, media_of
from omonat.contracts.model import Contract, Document, Draft, Given
from omonat.contracts.rules import FIELDS, PURPOSE, STATES
from omonat.contracts.service import Contracts, contract_stands
from omonat.contracts.store import contracts_of

__all__ = [
    "FIELDS", "MEDIA", "MOST_BYTES", "PURPOSE", "STATES", "Contract", "Contracts", "Document", "Draft", "Given",
    "WrongFile", "contract_stands", "contracts_of", "media_of",
]  # fmt: skip
