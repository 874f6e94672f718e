"""Pure rules of disclosing and of mailings."""

from collections.abc import Iterable
from datetime import datetime

from omonat.grounds import Asked, Decision, PersonState, Reason, decide, stands_under
from omonat.policy import Policy
from omonat.vault import HeldRecord

CHANNEL_KINDS = {"email": "email", "sms": "phone", "telegram": "phone"}
"""The kind of identifier that a channel writes to."""


def to_disclose(
    policy: Policy, recipient: str, records: Iterable[HeldRecord], purpose: str, wanted: tuple[str, ...] | None
) -> list[HeldRecord]:
    """What goes into a package: records of the purpose, in the wanted categories or else in all of the recipient."""
    registered = policy.recipients.get(recipient)
    chosen = wanted if wanted is not None else (registered.categories if registered else ())
    return [held for held in records if held.purpose == purpose and held.category in chosen]


def may_disclose(
    policy: Policy, person: PersonState, recipient: str, purpose: str, categories: Iterable[str], *, now: datetime
) -> Decision:
    """One decision over all categories (clause 5.1; Arts 13, 18): the first refusal, else the last yes."""
    decision = Decision(False, (Reason("nothing_held", "5.1", "13", purpose),))
    for category in categories:
        asked = Asked(operation="disclose", purpose=purpose, category=category, recipient=recipient)
        decision = decide(policy, person, asked, now=now)
        if not decision.allowed:
            break
    return decision


def may_mail(policy: Policy, person: PersonState, purpose: str, category: str, channel: str, *, now: datetime) -> bool:
    """A mailing needs consent for its own channel, whatever other ground there is (clauses 3.1, 4.1; Art. 18)."""
    consent = person.consents.get((purpose, channel))
    if consent is None or not stands_under(policy, (purpose, channel), consent, now):
        return False
    asked = Asked(operation="use", purpose=purpose, category=category, channel=channel)
    return decide(policy, person, asked, now=now).allowed


def why_not_mail(
    policy: Policy, person: PersonState, purpose: str, category: str | None, channel: str, *, now: datetime
) -> str:
    """Why a mailing leaves out somebody who was asked once; empty when it does not. `category` None: no address.

    One word, the first that applies, so that the counts of a preview add up (clauses 3.1, 4.1, 7.1 c).
    """
    consent = person.consents.get((purpose, channel))
    if consent is None or consent.action in ("refused", "withdrawn"):
        return "withdrawn" if consent is not None and consent.action == "withdrawn" else "refused"
    if consent.action == "pending":
        return "unproven"
    if not stands_under(policy, (purpose, channel), consent, now):  # run out, or void by a new version
        return "expired"
    if category is None:
        return "unproven"
    if may_mail(policy, person, purpose, category, channel, now=now):
        return ""
    return "restricted" if person.restrictions else "no_ground"
