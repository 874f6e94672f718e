"""What a receipt says, in the words of others: ISO/IEC TS 27560 as JSON-LD with DPV 2.3 terms, Kantara 1.1.

Pure: rows and the policy version they were made under in, plain JSON values out. Our own words stay beside the terms
of the vocabulary, so that nothing is lost where a term is wider than the policy.
"""

from datetime import datetime
from typing import Any

from omonat.kernel.clock import iso
from omonat.kernel.codec import to_builtins
from omonat.policy import Policy
from omonat.policy.public import GROUND_TERMS
from omonat.vault import Certificate

CONTEXT = {
    "dpv": "https://w3id.org/dpv/2.3/dpv#",
    "pd": "https://w3id.org/dpv/2.3/pd#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "labels": {"@id": "skos:prefLabel", "@container": "@language"},
    "schema_version": "dct:conformsTo",
    "record_id": "dct:identifier",
    "pii_principal_id": {"@id": "dpv:hasDataSubject"},
    "privacy_notice": {"@id": "dpv:hasNotice"},
    "purposes": {"@id": "dpv:hasPurpose"},
    "purpose": "dct:identifier",
    "purpose_type": "@type",
    "party_role": "@type",
    "processing": {"@id": "dpv:hasProcess"},
    "party_identification": {"@id": "dpv:hasEntity"},
    "event": {"@id": "dct:provenance"},
    "lawful_basis": {"@id": "dpv:hasLegalBasis", "@type": "@id"},
    "pii_information": {"@id": "dpv:hasPersonalData"},
    "pii_type": "@type",
    "event_state": {"@id": "dpv:hasConsentStatus", "@type": "@id"},
    "event_time": "dct:date",
}
STATES = {
    "granted": "dpv:ConsentGiven",
    "refused": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
    "expired": "dpv:ConsentExpired",
    "renewed": "dpv:RenewedConsentGiven",
    "void": "dpv:ConsentInvalidated",
    "pending": "dpv:ConsentRequested",
}
JURISDICTION = "UZ"


def consent_record(row: Any, subject: str, policy: Policy) -> dict[str, Any]:
    """A consent by the fields of ISO/IEC TS 27560: header, processing, parties, event."""
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentRecord",
        "schema_version": "ISO/IEC TS 27560:2023",
        "record_id": str(row.consent_id),
        "pii_principal_id": subject,
        "processing": {
            "privacy_notice": {"number": row.policy_number, "hash": f"sha256:{row.policy_hash}"},
            "shown_text": f"sha256:{row.text_hash}",
            "language": row.language,
            "purposes": [_purpose(row, policy)],
        },
        "party_identification": [_controller(policy), *_recipients(policy, row.purpose)],
        "event": {
            "event_type": "explicit",
            "event_state": STATES[row.action],
            "event_time": iso(row.at),
            "valid_until": _moment(row.expires_at),
            "channel": row.channel,
            "collection_method": row.via,
        },
    }


def _purpose(row: Any, policy: Policy) -> dict[str, Any]:
    declared = policy.purposes.get(row.purpose)
    kept = {category: policy.keep_for(row.purpose, category).words() for category in row.categories} if declared else {}
    return {
        "purpose": row.purpose,
        "purpose_type": (declared.dpv if declared else None) or "dpv:Purpose",
        "labels": declared.labels if declared else {},
        "lawful_basis": GROUND_TERMS["consent"],
        "pii_information": [_category(policy, category) for category in row.categories],
        "retention_period": kept,
        "recipient_third_parties": row.third_party,
        "cross_border": row.cross_border,
        "jurisdictions": [JURISDICTION],
    }


def _category(policy: Policy, category: str) -> dict[str, Any]:
    declared = policy.categories.get(category)
    return {
        "category": category,
        "pii_type": (declared.dpv if declared else None) or "dpv:PersonalData",
        "labels": declared.labels if declared else {},
    }


def _controller(policy: Policy) -> dict[str, Any]:
    operator = policy.operator
    return {"party_role": "dpv:DataController", "labels": operator.name, "address": operator.address,
            "stir": operator.stir, "party_url": operator.site, "party_email": operator.email,
            "party_phone": operator.phone}  # fmt: skip


def _recipients(policy: Policy, purpose: str) -> list[dict[str, Any]]:
    return [_recipient(policy, key) for key, held in policy.recipients.items() if purpose in held.purposes]


def _recipient(policy: Policy, key: str) -> dict[str, Any]:
    held = policy.recipients.get(key)
    return {"party_role": "dpv:Recipient", "recipient": key, "labels": held.labels if held else {},
            "country": held.country if held else None}  # fmt: skip


def kantara_record(row: Any, subject: str, policy: Policy, *, key: str) -> dict[str, Any]:
    """The same consent by the fields of the Kantara Consent Receipt 1.1; names in the language of the consent."""
    operator, language = policy.operator, row.language
    declared = policy.purposes.get(row.purpose)
    parties = [held.labels[language] for held in policy.recipients.values() if row.purpose in held.purposes]
    purpose = {
        "purpose": declared.labels[language] if declared else row.purpose,
        "purposeCategory": [(declared.dpv if declared else None) or "dpv:Purpose"],
        "consentType": "EXPLICIT",
        "piiCategory": list(row.categories),
        "primaryPurpose": False,
        "termination": _moment(row.expires_at) or "until withdrawal",
        "thirdPartyDisclosure": bool(parties),
        **({"thirdPartyName": ", ".join(parties)} if parties else {}),
    }
    return {
        "version": "KI-CR-v1.1.0",
        "jurisdiction": JURISDICTION,
        "consentTimestamp": int(row.at.timestamp()),
        "collectionMethod": row.via,
        "consentReceiptID": str(row.consent_id),
        "publicKey": key,
        "language": language,
        "piiPrincipalId": subject,
        "piiControllers": [{
            "piiController": operator.name[language], "contact": operator.name[language],
            "address": {"streetAddress": operator.address[language], "addressCountry": JURISDICTION},
            "email": operator.email, "phone": operator.phone,
        }],
        "policyUrl": f"https://{operator.site}/{language}/policy/versions/{row.policy_number}",
        "services": [{"service": operator.site, "purposes": [purpose]}],
        "sensitive": False,
        "spiCat": [],
    }  # fmt: skip


def disclosure_record(row: Any, subject: str, policy: Policy) -> dict[str, Any]:
    """Who received which kinds of data, for what, on which ground (clause 5.1, Art. 23)."""
    declared = policy.purposes.get(row.purpose)
    return {
        "@context": CONTEXT,
        "@type": "dpv:Disclose",
        "record_id": str(row.disclosure_id),
        "pii_principal_id": subject,
        "purposes": [{"purpose": row.purpose, "purpose_type": (declared.dpv if declared else None) or "dpv:Purpose",
                      "labels": declared.labels if declared else {}}],
        "lawful_basis": GROUND_TERMS.get(row.ground, row.ground),
        "pii_information": [_category(policy, category) for category in row.categories],
        "party_identification": [_controller(policy), _recipient(policy, row.recipient)],
        "event_time": iso(row.at),
    }  # fmt: skip


def destruction_record(certificate: Certificate, policy: Policy, law: str) -> dict[str, Any]:
    """The certificate: kinds and counts, ground, stores and time; no value and no name (clause 7.1 b, Art. 17)."""
    return {
        "@context": CONTEXT,
        "@type": "dpv:Erase",
        "record_id": certificate.number,
        "law": law,
        "party_identification": [_controller(policy)],
        "certificate": to_builtins(certificate),
    }


def _moment(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
