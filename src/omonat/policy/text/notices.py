"""The short texts beside a button or a box (1.2, 3.1, 8.2). Same policy, same language, same bytes: they are hashed.

Each names who, what for, on which ground, which data, how long, third parties, transfer abroad, and the policy.
The words of `policy_link_words` stand in every notice as they are, so that a page can make them the link.
"""

from collections.abc import Iterable
from typing import NamedTuple

from omonat.policy.model import Policy, Purpose, Recipient
from omonat.policy.text.phrases import (
    amount_words,
    channel_words,
    country_words,
    ground_words,
    listed,
    say,
    span_words,
    term_words,
)

_HOME = "UZ"
_CHANNEL_KINDS = {"email": ("name", "email"), "sms": ("name", "phone"), "telegram": ("name", "phone")}


def policy_link_words(policy: Policy, language: str) -> str:
    """The words of a notice that link to the policy."""
    return say("Privacy policy, version {number}", language, number=policy.number)


def third_parties(policy: Policy, purpose: str, categories: tuple[str, ...] | None = None) -> tuple[str, ...]:
    """Recipients that may get data collected for `purpose`, or the named categories of it (5.1)."""
    wanted = set(policy.purposes[purpose].categories if categories is None else categories)
    return tuple(
        key for key, item in policy.recipients.items() if purpose in item.purposes and wanted & set(item.categories)
    )


def is_cross_border(policy: Policy, purpose: str, categories: tuple[str, ...] | None = None) -> bool:
    """Whether one of these recipients is abroad (Art. 15)."""
    return any(policy.recipients[key].country != _HOME for key in third_parties(policy, purpose, categories))


def news_purpose(policy: Policy, channel: str) -> str:
    """The optional purpose that uses a channel. Raises KeyError when there is none."""
    for key, purpose in policy.purposes.items():
        if purpose.optional and channel in purpose.channels:
            return key
    raise KeyError(channel)


def news_categories(policy: Policy, channel: str) -> tuple[str, ...]:
    """The categories that news by one channel needs: the name, and the address of that channel."""
    categories = policy.purposes[news_purpose(policy, channel)].categories
    return tuple(key for key in categories if policy.categories[key].kind in _CHANNEL_KINDS[channel])


def notice(policy: Policy, form_id: str, language: str) -> str:
    """The text beside the button of a form. Raises KeyError for an unknown form."""
    form = policy.forms[form_id]
    purpose, categories = policy.purposes[form.purpose], form.categories()
    if form.ground == "consent":
        opening = "By sending this form you give {operator} your consent to the processing of your personal data."
    else:
        opening = "When you send this form, {operator} processes your personal data."
    parts = [
        say(opening, language, operator=policy.operator.name[language]),
        _said("Purpose", purpose.labels[language], language),
        _said("Ground", ground_words(form.ground, language), language),
        _said("Data", _categories(policy, categories, language), language),
        _said("Kept", _kept(policy, form.purpose, categories, language), language),
        *_transfers(policy, form.purpose, categories, language),
        policy_link_words(policy, language) + ".",
    ]
    return " ".join(parts)


def news_notice(policy: Policy, channel: str, language: str) -> str:
    """The text beside one box for news: one channel, one consent. Raises KeyError for an unknown channel."""
    key = news_purpose(policy, channel)
    purpose, categories = policy.purposes[key], news_categories(policy, channel)
    opening = say(
        "I agree that {operator} uses my data to send me, by {channel}: {purpose}.",
        language,
        operator=policy.operator.name[language],
        channel=channel_words(channel, language),
        purpose=purpose.labels[language],
    )
    parts = [
        opening,
        _said("Data", _categories(policy, categories, language), language),
        *_consent_terms(policy, purpose, language),
        *_transfers(policy, key, categories, language),
        policy_link_words(policy, language) + ".",
    ]
    return " ".join(parts)


def again_notice(policy: Policy, purpose: str, language: str) -> str:
    """The text beside the button by which a person gives a consent again that a new version made void (9.2)."""
    declared = policy.purposes[purpose]
    opening = say(
        "I agree that {operator} processes my data for: {purpose}.",
        language,
        operator=policy.operator.name[language],
        purpose=declared.labels[language],
    )
    parts = [
        opening,
        _said("Data", _categories(policy, declared.categories, language), language),
        *_consent_terms(policy, declared, language),
        *_transfers(policy, purpose, declared.categories, language),
        policy_link_words(policy, language) + ".",
    ]
    return " ".join(parts)


class BannerParts(NamedTuple):
    """The banner's text in parts: `asked` holds for each purpose (what waits, who gets it)."""

    opening: str
    asked: dict[str, tuple[str, str]]
    closing: str

    def whole(self, asked: Iterable[str]) -> str:
        """The text that asks about these purposes; the script of the banner puts it together in the same way.

        Who gets it stands at the end where all go to the same, else behind each.
        """
        parts = [self.asked[purpose] for purpose in asked]
        if not parts:
            return f"{self.opening} {self.closing}"
        shared = {to for _waits, to in parts}
        waits = [f"{waits} ({to[:-1]})" if to and len(shared) > 1 else waits for waits, to in parts]
        ends = shared if len(shared) == 1 else ()
        return " ".join(filter(None, [self.opening, f"{'; '.join(waits)}.", *ends, self.closing]))


def banner_parts(policy: Policy, language: str) -> BannerParts:
    """The text of the cookie banner, short enough for a phone: what waits for consent, who gets it, that refusing
    costs nothing. Categories and names of cookies stand one click away, on the settings page.
    """
    waiting = [cookie for cookie in policy.cookies.values() if not cookie.necessary]
    link = policy_link_words(policy, language) + "."
    if not waiting:
        return BannerParts(say("This site sets only necessary cookies.", language), {}, link)
    asked = {}
    for key in dict.fromkeys(cookie.purpose for cookie in waiting):
        said = (f"{it.labels[language]}, {amount_words(it.keep_days, 'day', language)}"
                for it in waiting if it.purpose == key)  # fmt: skip
        transfers = _transfers(policy, key, policy.purposes[key].categories, language)
        asked[key] = ("; ".join(dict.fromkeys(said)), " ".join(transfers))
    opening = say("Necessary cookies let the site work. Others wait for your consent:", language)
    closing = say("The site works in full if you refuse. You can change your choice at any time.", language)
    return BannerParts(opening, asked, f"{closing} {link}")


def banner_notice(policy: Policy, language: str, asked: Iterable[str] | None = None) -> str:
    """The exact text of the banner that asks about some purposes; None: about all. Raises KeyError for others."""
    parts = banner_parts(policy, language)
    return parts.whole(parts.asked if asked is None else asked)


def cookie_details(policy: Policy, purpose: str, language: str) -> str:
    """What stands behind the banner, beside the box of an optional purpose: data, recipients, transfer abroad (8.1)."""
    categories = policy.purposes[purpose].categories
    said = _said("Data", _categories(policy, categories, language), language)
    return " ".join([said, *_transfers(policy, purpose, categories, language)])


def sign_in_notice(policy: Policy, language: str) -> str:
    """The text beside the button of the sign-in (1.2): acceptance of the policy, and of nothing optional."""
    accepted = say("By signing in you accept our policy. This is no consent to news or cookies.", language)
    return f"{accepted} {policy_link_words(policy, language)}."


def _said(lead: str, words: str, language: str) -> str:
    return f"{say(lead, language)}: {words}."


def _categories(policy: Policy, categories: tuple[str, ...], language: str) -> str:
    return listed(policy.categories[key].labels[language] for key in categories)


def _kept(policy: Policy, purpose: str, categories: tuple[str, ...], language: str) -> str:
    terms = [policy.keep_for(purpose, key) for key in categories]
    if len(set(terms)) == 1:
        return term_words(terms[0], language)
    main = policy.purposes[purpose].keep
    parts = [term_words(main, language)]
    for key, term in zip(categories, terms, strict=True):
        if term != main:
            parts.append(f"{policy.categories[key].labels[language]}: {term_words(term, language)}")
    return "; ".join(parts)


def _consent_terms(policy: Policy, purpose: Purpose, language: str) -> list[str]:
    longest = span_words(policy.consent_term, language)
    return [
        _said("Kept", term_words(purpose.keep, language), language),
        say("The consent stands for {longest} and can be withdrawn at any time.", language, longest=longest),
    ]


def _transfers(policy: Policy, purpose: str, categories: tuple[str, ...], language: str) -> list[str]:
    found = [policy.recipients[key] for key in third_parties(policy, purpose, categories)]
    if not found:
        return [say("Not given to third parties. Not sent abroad.", language)]
    names = listed(recipient.labels[language] for recipient in found)
    return [_said("Third parties", names, language), _abroad(found, language)]


def _abroad(found: list[Recipient], language: str) -> str:
    countries = dict.fromkeys(item.country for item in found if item.country != _HOME)
    if not countries:
        return say("Not sent abroad.", language)
    return _said("Sent abroad", listed(country_words(country, language) for country in countries), language)
