"""Choices about cookies as a page sends them: with the hash of the notice that stood beside the buttons."""

import re

from omonat.app import Omonat
from omonat.consent import Consents

_SHOWN = re.compile(r'name="text" value="([0-9a-f]{64})"')


def notice_hash(consents: Consents, language: str = "ru") -> str:
    """The hash of the notice in force."""
    return consents.banner_text(language)[1]


def choice(omonat: Omonat, word: str = "accept", language: str = "ru", **fields: str) -> dict[str, str]:
    """The fields of a banner that was shown now and answered with `word`."""
    return {"choice": word, "via": "banner", "text": notice_hash(omonat.consents, language), **fields}


def shown_in(page: str) -> str:
    """The hash that the form of this page sends along."""
    found = _SHOWN.search(page)
    assert found, "the page asks nothing about cookies"
    return found[1]
