"""The words of the banner on other sites, beside the exact notice that the policy makes."""

from omonat.kernel.language import translate

DOMAIN = "banner"

FIRST = {
    "title": "Your choice about cookies",
    "refuse": "Refuse",
    "accept": "Accept",
    "settings": "Cookie settings",
    "failed": "Your choice could not be saved. Check the connection and try again.",
    "missing": "{what} is not shown: it waits for your consent to “{purpose}”.",
    "content": "Content of another site",
    "once": "Show only this",
    "always": "Allow and show",
}
"""What stands in the first layer, and in the place of blocked content. The script fills the places."""

SECOND = {
    "close": "Close",
    "lead": "You decide. Refusing costs you nothing: the site works just the same.",
    "signal": "Your browser sends the signal Global Privacy Control. We take it as a refusal of everything optional. "
    "If you allow something here all the same, that word counts.",
    "needed": "Always on",
    "why": "The site cannot work without these, so there is nothing to switch.",
    "days": "{days} days",
    "closing": "until you close the browser",
    "save": "Save my choice",
    "policy": "Privacy policy",
}
"""What stands in the second layer."""


def first(language: str) -> dict[str, str]:
    """The first layer's words in a language, places unfilled."""
    return {code: translate(language, DOMAIN, FIRST[code]) for code in FIRST}


def second(language: str) -> dict[str, str]:
    """The second layer's words in a language, places unfilled."""
    return {code: translate(language, DOMAIN, SECOND[code]) for code in SECOND}
