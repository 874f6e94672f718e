"""The words of the domain as people read them: English msgids of the gettext domain `words`, by kind and word.

Pages, exports and letters all name a ground, a case or a channel through `word`, so that one thing has one name.
"""

from omonat.kernel.language import translate

DOMAIN = "words"

WORDS: dict[str, dict[str, str]] = {
    "ground": {"consent": "your consent", "contract": "a contract with you", "law": "a duty by law"},
    "case": {
        "access": "Information about your data",
        "correct": "Correction",
        "erase": "Deletion",
        "withdraw": "Withdrawal of consent",
        "object": "Objection",
        "suspend": "Suspension of processing",
        "complain": "Complaint",
        "contact": "Message to us",
        "contract": "Order",
        "confirm": "Confirmation of an address or number",
    },
    "state": {"open": "open", "done": "done", "refused": "refused"},
    "outcome": {
        "answered": "answered",
        "carried_out": "carried out",
        "corrected": "corrected",
        "destroyed": "everything is destroyed",
        "destroyed_in_part": "destroyed, but for what a law keeps",
        "kept_by_law": "kept: a law requires it",
        "nothing_to_withdraw": "there was no consent to withdraw",
        "refused": "refused",
        "withdrawn": "consent withdrawn",
    },
    "refusal": {
        "harms_others": "it would harm the rights of others",
        "informed_before": "you were told before",
        "public_source": "the data come from a public source",
        "not_identified": "we could not make sure who is asking",
        "not_a_demand": "there was nothing to carry out",
    },
    "step": {
        "answered": "answered",
        "carried_out": "carried out",
        "closed": "closed",
        "destroyed": "data destroyed",
        "kept_by_hold": "a part is kept by law",
        "notice_failed": "the notice to you could not be delivered",
        "notice_not_possible": "no notice: there is no confirmed address",
        "notice_sent": "you were notified",
        "opened": "received",
        "recipient_notified": "a recipient was notified",
        "recipient_notice_failed": "the notice to a recipient could not be delivered",
        "recipient_notice_sent": "a recipient was notified",
        "refused": "refused",
    },
    "action": {"granted": "given", "refused": "refused", "withdrawn": "withdrawn", "expired": "run out"},
    "channel": {
        "email": "by e-mail",
        "sms": "by SMS",
        "telegram": "by Telegram",
        "web": "in this browser",
        "form": "with a form",
    },
    "operation": {
        "read": "read",
        "use": "used",
        "export": "downloaded",
        "correct": "corrected",
        "disclose": "passed on",
    },
    "field": {"ip_address": "IP address", "browser": "Browser and device", "complaint": "Text of the complaint"},
    "source": {
        "portal": "your own page",
        "staff": "our staff",
        "site": "the site",
        "banner": "the question about cookies",
        "settings": "the cookie settings",
        "gpc": "the signal of your browser",
        "merge": "joined from another record of yours",
        "erase": "deletion",
    },
    "actor": {
        "subject": "you",
        "visitor": "a visitor of the site",
        "system": "the system, by itself",
        "staff": "our staff",
        "api": "a connected program",
    },
    "why": {
        "sign_in_choice": "to ask at sign-in who you are",
        "code": "to send a one-time code",
        "notice": "to send you a notice",
        "case": "for your case",
        "download": "download",
    },
    "restriction": {"suspended": "processing is suspended", "objected": "you objected"},
    "mark": {
        "verified": "checked against the source",
        "secondary": "known from a secondary source, to be confirmed by counsel",
        "unverified": "to be confirmed by counsel",
        "policy_default": "set by our policy, not by law",
        "at_once": "takes effect at once",
    },
    "trigger": {
        "demand": "demand of the person",
        "withdrawal": "withdrawal of consent",
        "term": "the term has run out",
        "disagree": "disagreement with the policy",
        "merged": "joined with another record of the same person",
        "orphan": "left over from a form that was not stored",
    },
    "store": {"data": "database", "key_store": "key store"},
    "level": {"rows_deleted": "rows deleted and overwritten", "key_destroyed": "keys destroyed"},
    "window": {
        "key_store_backups": "Backups of the key store live for a few days; after that no copy of the keys exists.",
        "data_backups_unreadable_without_key": "Backups of the database stay unreadable: the keys are destroyed.",
    },
    "row": {
        "record": "values",
        "identifier": "addresses and numbers",
        "identifier_lookup": "search entries",
        "proven_holder": "proven addresses and numbers",
        "consent_event": "consents",
        "restriction": "restrictions",
        "hold": "holds by law",
        "journal": "journal lines",
        "disclosure": "disclosures",
        "event_opening": "openings of ledger entries",
        "submission": "sent forms",
        "submission_lookup": "search entries of sent forms",
        "submission_token": "marks of the browser that sent a form",
        "visit_day": "days of visits",
        "portal_session": "sessions",
        "challenge": "one-time codes",
    },
    "reason": {
        "erased": "the data are deleted",
        "purpose_undeclared": "the policy does not name this purpose",
        "category_undeclared": "the policy does not name this kind of data",
        "suspended": "processing is suspended",
        "objected": "the person objected to this purpose",
        "recipient_unknown": "the recipient is not registered",
        "recipient_not_for_purpose": "the recipient is not registered for this purpose",
        "recipient_not_for_category": "the recipient is not registered for this kind of data",
        "no_confidentiality_agreement": "the recipient has not undertaken to keep it confidential",
        "no_ground": "there is no ground for it",
        "consent_withdrawn": "consent was withdrawn",
        "contract_ended": "the contract has ended",
        "ground_consent": "consent",
        "ground_contract": "contract",
        "ground_law": "law",
        "right_of_the_subject": "right of the person",
    },
}


def word(language: str, kind: str, said: str | None) -> str:
    """What people call `said`; None is a dash. An unknown word stays as it is: an old row must not break a page."""
    if said is None:
        return "–"
    return translate(language, DOMAIN, WORDS[kind].get(said, said))
