"""Pure rules of consent."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from omonat.consent.model import WEB, Choice, ConsentGiven
from omonat.crypto.fields import text_hash
from omonat.grounds import STANDING
from omonat.kernel.codec import to_canonical_json
from omonat.kernel.ids import ConsentId
from omonat.policy import Policy, Version, covered_recipients, is_cross_border, third_parties

CHOICE_DAYS = 180  # as long for a refusal as for a consent (EDPB; docs/glossary.md "choice")


def cookie_purposes(policy: Policy) -> tuple[str, ...]:
    """The purposes that the banner asks about: those of cookies that are not necessary (clause 8.1)."""
    return tuple(dict.fromkeys(cookie.purpose for cookie in policy.cookies.values() if not cookie.necessary))


def basis(policy: Policy) -> str:
    """A hash of all that a cookie choice rests on: it changes when purposes, cookies or recipients of them change.

    Cookies and recipients are those that `why_void` compares, for each purpose, so that the banner asks wherever a
    choice became void. One hash for all purposes: a change of one asks for all anew.
    """
    asked = cookie_purposes(policy)
    cookies = {
        name: [cookie.purpose, cookie.keep_days] for name, cookie in policy.cookies.items() if not cookie.necessary
    }
    recipients = [covered_recipients(policy, purpose, WEB) for purpose in asked]
    categories = [sorted(policy.purposes[purpose].categories) for purpose in asked]
    return text_hash(to_canonical_json([asked, cookies, recipients, categories]).decode())[:16]


def must_ask(choice: Choice | None, policy: Policy, now: datetime) -> bool:
    """Ask when there is no choice, when it ran out, or when what it rests on has changed; never otherwise."""
    if choice is None or not cookie_purposes(policy):
        return bool(cookie_purposes(policy))
    return choice.basis != basis(policy) or now >= choice.at + timedelta(days=CHOICE_DAYS)


def asks_for_text(before: Choice | None, purposes: dict[str, bool], basis_now: str) -> bool:
    """Whether a choice allows something that stands on no earlier word: then its text must have been the one in force.

    A refusal or a withdrawal needs no text to be fair to the visitor, and is taken whatever he was shown (1.2, 7.1 c).
    """
    stands = before if before is not None and before.basis == basis_now else None
    return any(allowed and not (stands and stands.allows(purpose)) for purpose, allowed in purposes.items())


def action_for(granted: bool, before: bool) -> str:
    """The word for the history: a refusal after a consent is a withdrawal, a consent after a consent renews it."""
    if granted:
        return "renewed" if before else "granted"
    return "withdrawn" if before else "refused"


def parts_of(policy: Policy, purpose: str) -> tuple[list[str], bool, bool]:
    """(categories, third party, cross border) that consent to a purpose covers, as the notices say it.

    Nothing for a purpose that the version in force no longer declares: withdrawing from it must still be possible.
    """
    if purpose not in policy.purposes:
        return [], False, False
    third_party = bool(third_parties(policy, purpose))
    return sorted(policy.purposes[purpose].categories), third_party, is_cross_border(policy, purpose)


def facts_of(version: Version, given: ConsentGiven, consent_id: ConsentId) -> dict[str, object]:
    """What the ledger event of a consent says."""
    return {
        "consent": str(consent_id), "purpose": given.purpose, "channel": given.channel,
        "policy": version.hash, "text": given.text_hash, "language": given.language, "via": given.via,
    }  # fmt: skip


def row_of(version: Version, given: ConsentGiven, now: datetime) -> dict[str, Any]:
    """A consent as it is stored, with all that a consent document needs (order 3478); its ids are the caller's."""
    policy = version.facts
    categories, third_party, cross_border = parts_of(policy, given.purpose)
    return {
        **msgspec.structs.asdict(given), "at": now, "policy_number": version.number, "policy_hash": version.hash,
        "categories": categories, "expires_at": policy.consent_term.end(now) if given.action in STANDING else None,
        "third_party": third_party, "cross_border": cross_border,
    }  # fmt: skip
