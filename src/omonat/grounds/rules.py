"""The decision, as pure rules. Each cites its clause and, where there is one, the article of ZRU-547."""

from collections.abc import Iterator
from datetime import datetime

from omonat.grounds.model import Asked, ConsentState, Decision, PersonState, Reason
from omonat.policy import Policy

FORM = "form"


def decide(policy: Policy, person: PersonState, asked: Asked, *, now: datetime) -> Decision:
    """May `asked` be done under `policy` to a person in this state?

    Every objection is listed, not the first only, so that whoever is told no knows all that is missing.
    """
    objections = tuple(_objections(policy, person, asked))
    if objections:
        return Decision(False, objections)
    grounds = tuple(_carrying(policy, person, asked, now))
    if not grounds:
        return Decision(False, (_missing_ground(policy, person, asked),))
    return Decision(True, grounds, grounds[0].detail)


def _objections(policy: Policy, person: PersonState, asked: Asked) -> Iterator[Reason]:
    if person.state != "active":
        yield Reason("erased", "7.1", "17")
    if asked.purpose not in policy.purposes:
        yield Reason("purpose_undeclared", "3.1", "5", asked.purpose)
    if asked.category not in policy.categories:
        yield Reason("category_undeclared", "2.1", "31", asked.category)
    elif asked.purpose in policy.purposes and asked.category not in policy.purposes[asked.purpose].categories:
        yield Reason("category_not_for_purpose", "3.1", "5", asked.category)
    if asked.operation in ("read", "use", "disclose"):
        yield from _restrictions(person, asked)
    if asked.operation == "disclose":
        yield from _recipient(policy, asked)


def _restrictions(person: PersonState, asked: Asked) -> Iterator[Reason]:
    """Art. 30: suspension stops everything but what the person does; an objection stops one purpose."""
    if asked.by_subject:
        return
    for restriction in person.restrictions:
        if restriction.purpose in (None, asked.purpose) and asked.purpose != "legal":
            yield Reason(restriction.kind, "7.1", "30", restriction.purpose or "")


def _recipient(policy: Policy, asked: Asked) -> Iterator[Reason]:
    recipient = policy.recipients.get(asked.recipient or "")
    if recipient is None:
        yield Reason("recipient_unknown", "5.1", "13", asked.recipient or "")
        return
    if asked.purpose not in recipient.purposes:
        yield Reason("recipient_not_for_purpose", "5.1", "13", asked.purpose)
    if asked.category not in recipient.categories:
        yield Reason("recipient_not_for_category", "5.1", "13", asked.category)
    confidential = recipient.agreement is not None and recipient.agreement.confidentiality
    if recipient.ground == "contract" and not confidential:
        yield Reason("no_confidentiality_agreement", "5.1", "31", asked.recipient or "")


def _carrying(policy: Policy, person: PersonState, asked: Asked, now: datetime) -> Iterator[Reason]:
    """The grounds that carry it, best first: law, contract, consent (clause 4.1; Art. 18)."""
    if asked.operation == "destroy" or (asked.by_subject and asked.operation == "read"):
        yield Reason("right_of_the_subject", "7.1", "30", "law")
        return
    declared = policy.purposes[asked.purpose].grounds
    allowed = _recipient_grounds(policy, asked, declared)
    if asked.operation == "collect":
        if asked.ground in allowed:
            yield Reason(f"ground_{asked.ground}", "4.1", "18", asked.ground or "")
        return
    held = {ground for purpose, ground in person.grounds if purpose == asked.purpose}
    for ground in ("law", "contract"):
        if ground in allowed and ground in held and not (ground == "contract" and _is_over(policy, person, asked)):
            yield Reason(f"ground_{ground}", "4.1", "18", ground)
    if "consent" in allowed and _consented(policy, person, asked, now):
        yield Reason("ground_consent", "4.1", "18", "consent")


def _is_over(policy: Policy, person: PersonState, asked: Asked) -> bool:
    """Whether the contract that carried this has ended: nothing more is done for it (clauses 4.1, 5.1).

    Where the policy counts a term from the end of a contract, that contract is the ground: it starts with the steps
    that the person asked for and stops with the contract. What is kept for its term may still be looked at.
    """
    rests_on_it = policy.purposes[asked.purpose].keep.after == "contract_end"
    return rests_on_it and person.contract == "ended" and asked.operation in ("use", "disclose")


def _recipient_grounds(policy: Policy, asked: Asked, declared: tuple[str, ...]) -> tuple[str, ...]:
    """A recipient's own ground narrows those of the purpose (clause 5.1)."""
    if asked.operation != "disclose":
        return declared
    return tuple(ground for ground in declared if ground == policy.recipients[asked.recipient or ""].ground)


def _consented(policy: Policy, person: PersonState, asked: Asked, now: datetime) -> bool:
    """A mailing needs consent for its channel, a disclosure for that recipient; reading, for any channel."""
    if asked.operation == "read" and asked.channel is None:
        pairs = [pair for pair in person.consents if pair[0] == asked.purpose]
        return any(stands_under(policy, pair, person.consents[pair], now) for pair in pairs)
    channel = asked.channel or (f"to:{asked.recipient}" if asked.operation == "disclose" else FORM)
    consent = person.consents.get((asked.purpose, channel))
    return consent is not None and stands_under(policy, (asked.purpose, channel), consent, now)


def stands_under(policy: Policy, pair: tuple[str, str], consent: ConsentState, now: datetime) -> bool:
    """Given, not run out, and not made void by the version in force, whether or not the history says so yet (9.2)."""
    return consent.stands(now) and (consent.policy_number, *pair) not in policy.lapsed


def _is_void(policy: Policy, person: PersonState, asked: Asked) -> bool:
    """Whether a consent to the purpose was made void by a new version and is asked for again."""
    return any(
        pair[0] == asked.purpose and (said.action == "void" or (said.policy_number, *pair) in policy.lapsed)
        for pair, said in person.consents.items()
    )


def _missing_ground(policy: Policy, person: PersonState, asked: Asked) -> Reason:
    withdrawn = any(
        purpose == asked.purpose and consent.action == "withdrawn"
        for (purpose, _channel), consent in person.consents.items()
    )
    code = "consent_withdrawn" if withdrawn else "consent_void" if _is_void(policy, person, asked) else "no_ground"
    if (asked.purpose, "contract") in person.grounds and _is_over(policy, person, asked):
        code = "contract_ended"
    return Reason(code, "4.1", "18", ", ".join(policy.purposes[asked.purpose].grounds))
