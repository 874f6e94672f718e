"""Pages about API keys: their words in the reader's language."""

from typing import Any

from omonat.access import ApiKey
from omonat.kernel.ids import ApiKeyId, to_id
from omonat.kernel.language import translate
from omonat.web.console.administration.words import DOMAIN as RIGHTS_DOMAIN
from omonat.web.console.administration.words import RIGHTS
from omonat.web.console.part import Part
from omonat.web.console.visit import ConsoleVisit

DOMAIN = "console_keys"
RIGHT = "key.administer"

STATE_WORDS = {
    "works": "works",
    "due": "its secret waits to be fetched",
    "ended": "has run out",
    "revoked": "revoked",
}


def state_of(visit: ConsoleVisit, key: ApiKey) -> str:
    """A word of STATE_WORDS."""
    if key.revoked_at is not None:
        return "revoked"
    if key.due_overlap_days is not None:
        return "due"
    return "works" if key.works(visit.now) else "ended"


def _words(visit: ConsoleVisit) -> dict[str, Any]:
    """What a template calls things by."""
    return {
        "state_word": lambda key: said(visit, STATE_WORDS[state_of(visit, key)]),
        "state_of": lambda key: state_of(visit, key),
        "right_word": lambda right: right_word(visit, right),
    }


PART = Part(DOMAIN, frame=_words)
said, page = PART.said, PART.page


def right_word(visit: ConsoleVisit, right: str) -> str:
    """What a right allows, as the pages about roles say it."""
    return translate(visit.language, RIGHTS_DOMAIN, RIGHTS.get(right, right))


def to_key_id(text: str) -> ApiKeyId:
    """An id of the address. Raises NotFound."""
    return ApiKeyId(to_id(text))
