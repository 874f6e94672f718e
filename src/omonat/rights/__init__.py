"""Floor 4: the rights of clause 7.1 (ZRU-547 Arts 11, 17, 22, 30, 31): cases, the person's file, correcting, erasing,
withdrawing, objecting, suspending, complaining; and the sign-in by a one-time code that leads to them.

Invariants: every demand is a case with a term of the rule pack, and is carried out with the call that makes it; a case
holds words and ids, so it outlives the person's data; a written notice goes to a proven address only; an identifier
that is merely claimed opens nothing that another one has proven; what is not ticked is never merged.
Entry points: `Rights`, `SignIn`; the works of the outbox are their `send_*`; letters and channels come in as a `Post`.
"""

from omonat.rights.addresses import Addresses
from omonat.rights.addresses import opened as opened_address
from omonat.rights.by_link import ByLink, Preference
from omonat.rights.correcting import CONVERSATION
from omonat.rights.model import (
    KINDS,
    Answered,
    Candidate,
    Case,
    CaseStep,
    ComplaintPack,
    ConsentLine,
    ContractLine,
    DisclosureLine,
    ErasureOutcome,
    HeldValue,
    HoldLine,
    JournalLine,
    PaperLine,
    PersonFile,
    Session,
    WrongCode,
    case_number,
)
from omonat.rights.ports import Addressed, Delivered, Post, Wanted
from omonat.rights.service import Rights
from omonat.rights.sign_in import SignIn
from omonat.rights.texts import grant_text

__all__ = [
    "CONVERSATION",
    "KINDS",
    "Addressed",
    "Addresses",
    "Answered",
    "ByLink",
    "Candidate",
    "Case",
    "CaseStep",
    "ComplaintPack",
    "ConsentLine",
    "ContractLine",
    "Delivered",
    "DisclosureLine",
    "ErasureOutcome",
    "HeldValue",
    "HoldLine",
    "JournalLine",
    "PaperLine",
    "PersonFile",
    "Post",
    "Preference",
    "Rights",
    "Session",
    "SignIn",
    "Wanted",
    "WrongCode",
    "case_number",
    "grant_text",
    "opened_address",
]  # fmt: skip
