"""Pages about API keys: their words in the reader's language."""

from typing import Any
from uuid import UUID

from litestar import Response

from omonat.access import ApiKey
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import ApiKeyId
from omonat.kernel.language import translate
from omonat.web.console.administration.words import DOMAIN as RIGHTS_DOMAIN
from omonat.web.console.administration.words import RIGHTS
from omonat.web.console.pages import console_page
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


def said(visit: ConsoleVisit, text: str, **places: object) -> str:
    """A text of this part in the reader's language."""
    return translate(visit.language, DOMAIN, text, **places)


def page(visit: ConsoleVisit, template: str, *, title: str, status: int = 200, **context: Any) -> Response[str]:
    """One page; `title` is an English msgid of this part."""
    words = {
        "state_word": lambda key: said(visit, STATE_WORDS[state_of(visit, key)]),
        "state_of": lambda key: state_of(visit, key),
        "right_word": lambda right: right_word(visit, right),
    }
    return console_page(
        visit, f"console_keys/{template}.html", title=said(visit, title), status=status, **(words | context)
    )


def right_word(visit: ConsoleVisit, right: str) -> str:
    """What a right allows, as the pages about roles say it."""
    return translate(visit.language, RIGHTS_DOMAIN, RIGHTS.get(right, right))


def to_id(text: str) -> ApiKeyId:
    """An id of the address. Raises NotFound."""
    try:
        return ApiKeyId(UUID(text))
    except ValueError:
        raise NotFound from None
