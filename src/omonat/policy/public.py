"""The machine-readable policy: our words, mapped at the border to terms of the W3C Data Privacy Vocabulary 2.3."""

from typing import Any

from omonat.kernel.clock import iso
from omonat.kernel.codec import to_builtins
from omonat.policy.model import Cookie, Form, Policy, Purpose, Recipient, Right
from omonat.policy.version import Version

CONTEXT = {"dpv": "https://w3id.org/dpv/2.3/dpv#", "pd": "https://w3id.org/dpv/2.3/pd#"}
GROUND_TERMS = {"consent": "dpv:Consent", "contract": "dpv:Contract", "law": "dpv:LegalObligation"}


def to_public_json(version: Version) -> dict[str, Any]:
    """A version as plain JSON values. An adopted version has its number, date and hash, and no facts."""
    about: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": "dpv:PrivacyNotice",
        "number": version.number,
        "kind": version.kind,
        "hash": f"sha256:{version.hash}",
        "in_force_at": iso(version.in_force_at),
        "languages": list(version.languages),
    }
    if version.issued_on:
        about["issued_on"] = version.issued_on.isoformat()
    return about | (_facts(version.policy) if version.policy else {})


def _facts(policy: Policy) -> dict[str, Any]:
    return {
        "based_on": to_builtins(policy.based_on),
        "law": policy.law,
        "operator": {"@type": "dpv:DataController", **to_builtins(policy.operator)},
        "contact": to_builtins(policy.contact),
        "categories": {
            key: {"@type": item.dpv or "dpv:PersonalData", "identifies": item.identifies, "labels": item.labels}
            for key, item in policy.categories.items()
        },
        "purposes": {key: _purpose(policy, key, item) for key, item in policy.purposes.items()},
        "forms": {key: _form(item) for key, item in policy.forms.items()},
        "recipients": {key: _recipient(item) for key, item in policy.recipients.items()},
        "cookies": {key: _cookie(item) for key, item in policy.cookies.items()},
        "rights": {key: _right(item) for key, item in policy.rights.items()},
        "sites": to_builtins(policy.sites),
        "after_withdrawal": policy.after_withdrawal.words(),
        "consent_term": policy.consent_term.words(),
        "suppression": policy.suppression.words() if policy.suppression else None,
        "to_confirm": list(policy.confirm),
    }


def _purpose(policy: Policy, key: str, purpose: Purpose) -> dict[str, Any]:
    return {
        "@type": purpose.dpv or "dpv:Purpose",
        "clause": purpose.clause,
        "dpv:hasLegalBasis": [GROUND_TERMS[ground] for ground in purpose.grounds],
        "grounds": list(purpose.grounds),
        "optional": purpose.optional,
        "channels": list(purpose.channels),
        "double_opt_in": list(purpose.double_opt_in),
        "kept": {category: policy.keep_for(key, category).words() for category in purpose.categories},
        "labels": purpose.labels,
    }


def _form(form: Form) -> dict[str, Any]:
    return {
        "purpose": form.purpose,
        "ground": form.ground,
        "dpv:hasLegalBasis": GROUND_TERMS[form.ground],
        "fields": {key: {"category": f.category, "required": f.required} for key, f in form.fields.items()},
        "evidence": form.evidence,
        "offers": {"purpose": form.news, "channels": list(form.news_channels)} if form.news else None,
        "labels": form.labels,
    }


def _recipient(recipient: Recipient) -> dict[str, Any]:
    bound = recipient.agreement is not None and recipient.agreement.confidentiality
    return {
        "@type": "dpv:Recipient",
        "country": recipient.country,
        "purposes": list(recipient.purposes),
        "categories": list(recipient.categories),
        "ground": recipient.ground,
        "bound_by_confidentiality": bound,
        "labels": recipient.labels,
    }


def _cookie(cookie: Cookie) -> dict[str, Any]:
    return to_builtins(cookie)  # type: ignore[no-any-return]  # a struct becomes a dict


def _right(right: Right) -> dict[str, Any]:
    return {"articles": list(right.articles), "term": right.term, "labels": right.labels}
