"""What a check of a receipt says to people: English msgids of the domain `receipts`."""

from typing import Any, NamedTuple

import msgspec

from omonat.kernel.language import translate

DOMAIN = "receipts"

KIND_NAMES = {
    "consent": "Receipt of a consent",
    "disclosure": "Receipt of a disclosure",
    "destruction": "Certificate of destruction with its proof",
}
FINDINGS = {
    "unreadable": "This is not a receipt, or it is damaged: it cannot be read.",
    "is_pdf": "This is a PDF. Save the receipt that is attached to it as a file, and check that file.",
    "rewritten": "The file is not written as receipts are written: something in it was changed.",
    "key_not_given": (
        "No key was given, so it is not known who signed: the file was only checked against the key that it brings "
        "along. Get the key of the ledger elsewhere, and give it."
    ),
    "other_key": "The file brings along another key than the one that was given.",
    "statement_forged": "The statement was not signed with this key: it was changed, or somebody else made it.",
    "other_issuer": "The statement names another ledger than the one of the key.",
    "evidence_changed": "The evidence in the file is not the one that was signed with the statement.",
    "event_changed": "The event in the file does not fit its entry in the ledger.",
    "says_other": "The statement says something else than the event in the ledger: {words}.",
    "other_person": "The event does not belong to the person whom the statement names.",
    "checkpoint_forged": "The checkpoint was not signed with this key.",
    "not_included": "The proof does not lead from the event to the signed root of the ledger.",
    "proof_missing": (
        "The proof is missing: when the receipt was made, the event had no place in the signed tree yet. Download the "
        "receipt again; that takes a second."
    ),
}
PROVEN = {
    "signed": "The owner of the key “{origin}” signed this statement, made on {moment} (UTC), and it is unchanged.",
    "event": "The event behind it is unchanged: {kind}, {moment} (UTC). It says: {words}.",
    "person": "The event belongs to the person with the number {subject}.",
    "included": (
        "The event is entry number {position} of the ledger, and the signed tree of {size} entries holds it: it cannot "
        "be taken back or changed without contradicting this file."
    ),
}
NOT_PROVEN = {
    "rest": (
        "Whatever else the receipt says, such as names and parties: the operator signed it, but the ledger does not "
        "hold it."
    ),
    "truth": "That what is stated happened in this way: it is the word of the operator, who can no longer deny it.",
    "one_ledger": (
        "That everybody is shown the same ledger: compare the checkpoint in this file with one that others kept."
    ),
    "who": "That the number is yours: the receipt holds no name. The file of your data shows your number.",
    "copies": "That no copy exists outside the stores that the certificate names.",
    "whose": (
        "Whose data were destroyed: the certificate names nobody. Its number is known to the person and to the "
        "operator's staff."
    ),
}


class Headings(NamedTuple):
    """What stands above the sentences of an outcome."""

    holds: str
    does_not: str
    proven: str
    not_proven: str


def headings(language: str) -> Headings:
    """In the reader's language."""
    return Headings(
        translate(language, DOMAIN, "This receipt holds."),
        translate(language, DOMAIN, "This receipt does not hold."),
        translate(language, DOMAIN, "Proven:"),
        translate(language, DOMAIN, "Not proven by it:"),
    )


class Sentence(msgspec.Struct, frozen=True):
    """One sentence with a stable code; `text` gives it in one of the four languages."""

    code: str
    msgid: str
    places: dict[str, Any] = {}

    def text(self, language: str = "en") -> str:
        """In the reader's language."""
        return translate(language, DOMAIN, self.msgid, **self.places)
