"""A part of the console: its texts, its templates, and what it says when an act is done."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from litestar import Response

from omonat.kernel.language import translate
from omonat.web.console.pages import console_page
from omonat.web.console.visit import ConsoleVisit


def _nothing(_visit: ConsoleVisit) -> dict[str, Any]:
    return {}


class Part(NamedTuple):
    """`domain`: of its texts, and the folder of its templates. `done`: msgids by the word in `?done=`; `frame`: what
    each of its templates has besides.
    """

    domain: str
    done: Mapping[str, str] = {}
    frame: Callable[[ConsoleVisit], Mapping[str, Any]] = _nothing

    def said(self, visit: ConsoleVisit, text: str, **places: object) -> str:
        """A text of this part in the reader's language."""
        return translate(visit.language, self.domain, text, **places)

    def page(
        self, visit: ConsoleVisit, template: str, *, title: str, status: int = 200, **context: Any
    ) -> Response[str]:
        """One page; `title` is an English msgid of this part."""
        done = self.done.get(visit.request.query_params.get("done", ""), "")
        frame = {"said_done": self.said(visit, done) if done else "", **self.frame(visit)}
        return console_page(
            visit, f"{self.domain}/{template}.html", title=self.said(visit, title), status=status, **(frame | context)
        )
