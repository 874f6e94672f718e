"""Which consents a new version makes void, by one rule for the plan, the decision and the history (9.1, 9.2; Art. 19).

A consent covers what its person was told: the purpose, the data that its channel needs, who gets them, where they go.
A version that goes beyond that in anything makes it void and asks again. Other words for the same asks nobody.
"""

from collections.abc import Iterable, Iterator

from omonat.policy.model import CHANNELS, Policy
from omonat.policy.text.notices import third_parties

Lapsed = frozenset[tuple[str, str, str]]
"""(number of the version under which a consent was given, purpose, channel)."""

WEB, FORM, TO = "web", "form", "to:"
_ADDRESS = {"email": "email", "sms": "phone", "telegram": "phone"}
_HOME = "UZ"


def why_void(given: Policy, new: Policy, purpose: str, channel: str) -> str:
    """Why a consent that was given under `given` does not stand under `new`; empty: it stands.

    Words: purpose_undeclared, ground_gone, channel_gone, recipient_gone, category_added, recipient_added, sent_abroad,
    cookie_added.
    """
    declared = new.purposes.get(purpose)
    if declared is None:
        return "purpose_undeclared"
    if "consent" not in declared.grounds:
        return "ground_gone"
    if channel in CHANNELS and channel not in declared.channels:
        return "channel_gone"
    if channel.startswith(TO) and channel.removeprefix(TO) not in new.recipients:
        return "recipient_gone"
    return _wider(given, new, purpose, channel) if purpose in given.purposes else "purpose_undeclared"


def lapsed_under(new: Policy, earlier: Iterable[Policy]) -> Lapsed:
    """Every consent that `new` makes void, by the version under which it was given."""
    return frozenset(
        (given.number, purpose, channel)
        for given in earlier
        for purpose, channel in _pairs(given)
        if why_void(given, new, purpose, channel)
    )


def _pairs(policy: Policy) -> Iterator[tuple[str, str]]:
    recipients = tuple(f"{TO}{name}" for name in policy.recipients)
    for purpose in policy.purposes:
        for channel in (WEB, FORM, *CHANNELS, *recipients):
            yield purpose, channel


def _wider(given: Policy, new: Policy, purpose: str, channel: str) -> str:
    if set(_categories(new, purpose, channel)) - set(_categories(given, purpose, channel)):
        return "category_added"
    before, after = covered_recipients(given, purpose, channel), covered_recipients(new, purpose, channel)
    if set(after) - set(before):
        return "recipient_added"
    if any(country != before[name] and country != _HOME for name, country in after.items()):
        return "sent_abroad"
    is_more = channel == WEB and bool(_cookies(new, purpose) - _cookies(given, purpose))
    return "cookie_added" if is_more else ""


def _categories(policy: Policy, purpose: str, channel: str) -> tuple[str, ...]:
    """The categories of a purpose, without the addresses of other channels; of a recipient, those that it gets."""
    found = policy.purposes[purpose].categories
    if channel.startswith(TO):
        recipient = policy.recipients.get(channel.removeprefix(TO))
        return tuple(name for name in found if recipient and name in recipient.categories)
    others = set(_ADDRESS.values()) - {_ADDRESS[channel]} if channel in _ADDRESS else set()
    return tuple(name for name in found if policy.categories[name].kind not in others)


def covered_recipients(policy: Policy, purpose: str, channel: str) -> dict[str, str]:
    """Recipients of what a consent covers, and where they are; a consent to one recipient covers that one.

    One that is named for the purpose and gets no category of it is none. Raises KeyError for an unknown purpose.
    """
    if channel.startswith(TO):
        name = channel.removeprefix(TO)
        return {name: policy.recipients[name].country} if name in policy.recipients else {}
    names = third_parties(policy, purpose, _categories(policy, purpose, channel))
    return {name: policy.recipients[name].country for name in names}


def _cookies(policy: Policy, purpose: str) -> set[str]:
    return {name for name, cookie in policy.cookies.items() if cookie.purpose == purpose and not cookie.necessary}
