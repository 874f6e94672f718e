"""The texts of the banner's second layer on other sites: the settings, and the place of content that waits (8.1, 8.2).

A consent that is given there cites these texts, so they are made here, once for the record and for the page: each line
stands in the page as a paragraph or a line of its own (web/embed/source/settings.js).
"""

from collections.abc import Iterable

from omonat.kernel.language import translate
from omonat.policy.model import Cookie, Policy
from omonat.policy.text.notices import cookie_details, policy_link_words

DOMAIN = "banner"
WORDS = {
    "lead": "You decide. Refusing costs you nothing: the site works just the same.",
    "signal": "Your browser sends the signal Global Privacy Control. We take it as a refusal of everything optional. "
    "If you allow something here all the same, that word counts.",
    "needed": "Always on",
    "why": "The site cannot work without these, so there is nothing to switch.",
    "days": "{days} days",
    "closing": "until you close the browser",
    "missing": "This is not shown: it waits for your consent to “{purpose}”.",
}
"""What stands there beside the facts of the policy."""


def second_layer_word(code: str, language: str) -> str:
    """One of `WORDS` in a language, its places unfilled."""
    return translate(language, DOMAIN, WORDS[code])


def purpose_label(policy: Policy, purpose: str, language: str) -> str:
    """What a purpose is called at the beginning of a line."""
    label = policy.purposes[purpose].labels[language]
    return label[:1].upper() + label[1:]


def cookie_line(key: str, cookie: Cookie, language: str) -> tuple[str, str]:
    """(the name in the browser, what it is for and how long it stays): one line of a list."""
    label = cookie.labels[language]
    days = second_layer_word("days", language).replace("{days}", str(cookie.keep_days))
    term = days if cookie.keep_days else second_layer_word("closing", language)
    return cookie.name or key, f" · {label[:1].upper()}{label[1:]} · {term}"


def cookies_of(policy: Policy, purpose: str | None, language: str) -> list[tuple[str, str]]:
    """The lines of what waits for consent to a purpose; None: of what is always on."""
    return [
        cookie_line(key, cookie, language) for key, cookie in policy.cookies.items()
        if (cookie.necessary if purpose is None else cookie.purpose == purpose and not cookie.necessary)
    ]  # fmt: skip


def settings_notice(policy: Policy, asked: Iterable[str], language: str, *, gpc: bool = False) -> str:
    """The exact text of the settings, from the first sentence to the link, a line for each of the page.

    `asked`: the purposes with a box; `gpc`: the browser sends its signal, and the settings say so.
    """
    lines = [second_layer_word("lead", language)]
    lines += [second_layer_word("signal", language)] if gpc else []
    for purpose in asked:
        lines += [purpose_label(policy, purpose, language), cookie_details(policy, purpose, language)]
        lines += map("".join, cookies_of(policy, purpose, language))
    lines += [second_layer_word("needed", language), second_layer_word("why", language)]
    lines += map("".join, cookies_of(policy, None, language))
    return "\n".join([*lines, policy_link_words(policy, language)])


def place_notice(policy: Policy, asked: Iterable[str], language: str) -> str:
    """The exact text in the place of content that waits for these purposes, beside “Allow and show”.

    The content's own name, which the page gives, stands above it and is no part of it.
    """
    wanted = tuple(asked)
    named = ", ".join(purpose_label(policy, purpose, language) for purpose in wanted)
    lines = [second_layer_word("missing", language).replace("{purpose}", named)]
    return "\n".join([*lines, *(cookie_details(policy, purpose, language) for purpose in wanted)])
