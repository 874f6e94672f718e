"""The form that the law demands of a consent, by the kind of data (Arts 21, 25, 26; order 3478). Pure.

A tick on a page or a word on the phone can be proved, and is enough for ordinary data. Special and biometric data, and
whoever acts for another, need writing or an electronic document. Accepting an offer is consent to ordinary data where
the offer states the purposes.
"""

from typing import ClassVar

from omonat.consent.model import ANY_PROVABLE, OFFER, PERSON, REPRESENTATIVE, WRITTEN, Evidence
from omonat.kernel.errors import OmonatError
from omonat.law import read_rule_pack
from omonat.policy import Policy

FORMS_OF = {
    "page": (ANY_PROVABLE, OFFER), "visitor": (ANY_PROVABLE,), "call": (ANY_PROVABLE, OFFER), "sms": (ANY_PROVABLE,),
    "telegram": (ANY_PROVABLE,), "email": (ANY_PROVABLE,), "desk": (ANY_PROVABLE, OFFER), "paper": (WRITTEN,),
    "e_document": (WRITTEN,),
}  # fmt: skip
"""Method to the forms that it can have: paper and a signed document are writing, everything else is not."""

SAID = ("call", "sms", "telegram", "email", "desk", "paper", "e_document")
"""The methods that the staff, a program or a file may record: a person's own pages record themselves."""

_NEEDS_REFERENCE = ("call", "sms", "telegram", "email", "e_document")


class WrongConsentForm(OmonatError):
    """The consent was not given in the form that the law demands for such data."""

    code: ClassVar[str] = "wrong_consent_form"
    message: ClassVar[str] = "For these data the law demands consent in writing or as an electronic document."
    what_to_do: ClassVar[str] = "Get the consent in writing or as an electronic document, and record it with its proof."


def needed_form(policy: Policy, categories: list[str]) -> str:
    """The form for these categories: `written_or_edoc` as soon as one of them is special or biometric."""
    known = [policy.categories[name].nature for name in categories if name in policy.categories]
    needed = WRITTEN if any(nature != "ordinary" for nature in known) else ANY_PROVABLE
    forms = read_rule_pack(policy.law).consent_forms
    return needed if needed in forms else ANY_PROVABLE


def needs_writing(policy: Policy, purpose: str) -> bool:
    """Whether no tick and no word can consent to a purpose: a page does not offer it, but says how it is given."""
    declared = policy.purposes.get(purpose)
    return declared is not None and needed_form(policy, list(declared.categories)) == WRITTEN


def check_form(policy: Policy, categories: list[str], evidence: Evidence | None) -> None:
    """Raises WrongConsentForm before anything rests on a consent that would not hold."""
    needed = needed_form(policy, categories)
    if evidence is not None and evidence.given_by != PERSON:
        needed = WRITTEN
    given = evidence.form if evidence is not None else ANY_PROVABLE
    if needed == WRITTEN and given != WRITTEN:
        raise WrongConsentForm(needed=needed)


def evidence_problems(evidence: Evidence) -> dict[str, str]:
    """What is missing or does not fit, by field; texts of the domain `errors`."""
    problems = {}
    if evidence.form not in FORMS_OF.get(evidence.method, ()):
        problems["method"] = "Choose how the consent was given."
    if evidence.given_by not in (PERSON, REPRESENTATIVE):
        problems["given_by"] = "Choose who gave the consent."
    if evidence.method in _NEEDS_REFERENCE and not evidence.reference.strip():
        problems["reference"] = "Write the number of the call, message or document."
    if evidence.offset_seconds is not None and evidence.offset_seconds < 0:
        problems["offset_seconds"] = "Write seconds from the start of the call."
    return problems
