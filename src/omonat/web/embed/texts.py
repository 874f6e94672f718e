"""The words of the banner on other sites, beside the exact notice that the policy makes."""

from omonat.kernel.language import translate

DOMAIN = "banner"

FIRST = {
    "title": "Your choice about cookies",
    "refuse": "Refuse",
    "accept": "Accept",
    "settings": "Cookie settings",
    "failed": "Your choice could not be saved. Check the connection and try again.",
}
"""What stands in the first layer."""

SECOND = {
    "close": "Close",
    "save": "Save my choice",
    "content": "Content of another site",
    "once": "Show only this",
    "always": "Allow and show",
}
"""What stands in the second layer, beside the texts that a consent cites (policy/text/second_layer.py)."""


def first(language: str) -> dict[str, str]:
    """The first layer's words in a language, places unfilled."""
    return {code: translate(language, DOMAIN, FIRST[code]) for code in FIRST}


def second(language: str) -> dict[str, str]:
    """The second layer's words in a language, places unfilled."""
    return {code: translate(language, DOMAIN, SECOND[code]) for code in SECOND}
