"""Pages of consents, with their own texts."""

from functools import partial
from typing import Any

from litestar import Response

from omonat.kernel.language import translate
from omonat.web.console.consents.words import DONE
from omonat.web.console.pages import console_page
from omonat.web.console.registers.pages import actor_words
from omonat.web.console.visit import ConsoleVisit

DOMAIN = "console_consents"


def said(visit: ConsoleVisit, text: str, **places: object) -> str:
    """A text of these pages in the reader's language."""
    return translate(visit.language, DOMAIN, text, **places)


def page(visit: ConsoleVisit, template: str, *, title: str, status: int = 200, **context: Any) -> Response[str]:
    """One page; `title` is an English msgid of the domain `console_consents`."""
    done = DONE.get(visit.request.query_params.get("done", ""), "")
    return console_page(
        visit, f"console_consents/{template}.html", title=said(visit, title), status=status,
        **{"said_done": said(visit, done) if done else "", "problem": "", "actor": partial(actor_words, visit),
           **context},
    )  # fmt: skip
