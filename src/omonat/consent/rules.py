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


def bases(policy: Policy) -> dict[str, str]:
    """For each purpose that the banner asks about, a hash of all that a choice about it rests on.

    It changes when the ground, the categories, cookies or recipients of that purpose change, which is what `why_void`
    compares: so the banner asks wherever a choice became void, and about nothing else. 24 bits, as every page's cookie
    carries them: they tell versions of one policy apart, and prove nothing.
    """
    return {purpose: _basis(policy, purpose) for purpose in cookie_purposes(policy)}


def _basis(policy: Policy, purpose: str) -> str:
    cookies = {
        name: cookie.keep_days for name, cookie in policy.cookies.items()
        if cookie.purpose == purpose and not cookie.necessary
    }  # fmt: skip
    declared = policy.purposes[purpose]
    rests_on = [
        "consent" in declared.grounds, sorted(declared.categories), cookies, covered_recipients(policy, purpose, WEB),
    ]  # fmt: skip
    return text_hash(to_canonical_json(rests_on).decode())[:6]


def to_ask(choice: Choice | None, policy: Policy, now: datetime) -> tuple[str, ...]:
    """The purposes without an answer that holds: never chosen, run out, or resting on something that has changed."""
    return tuple(purpose for purpose, basis in bases(policy).items() if not is_answered(choice, purpose, basis, now))


def is_answered(choice: Choice | None, purpose: str, basis: str, now: datetime) -> bool:
    """Whether a yes or a no for this purpose holds at `now`, under what the purpose rests on now."""
    if choice is None or not choice.answers(purpose, basis):
        return False
    return now < choice.said_at(purpose) + timedelta(days=CHOICE_DAYS)


def asks_for_text(before: Choice | None, purposes: dict[str, bool], bases_now: dict[str, str]) -> bool:
    """Whether a choice allows something that stands on no earlier word: then its text must have been the one in force.

    A refusal or a withdrawal needs no text to be fair to the visitor, and is taken whatever he was shown (1.2, 7.1 c).
    """
    return any(allowed and not _stands(before, purpose, bases_now) for purpose, allowed in purposes.items())


def _stands(before: Choice | None, purpose: str, bases_now: dict[str, str]) -> bool:
    return before is not None and before.allows(purpose) and before.answers(purpose, bases_now.get(purpose, ""))


def stays(before: Choice, purpose: str, basis: str, now: datetime, *, gpc: bool) -> bool:
    """Whether an earlier answer goes on beside a choice that says nothing of this purpose, made with a signal or not.

    A yes from before the browser's signal is none under a choice made in spite of the signal (8.2).
    """
    return is_answered(before, purpose, basis, now) and (before.gpc or not gpc or not before.allows(purpose))


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
