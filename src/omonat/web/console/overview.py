"""The first page of the console: what waits, and how things stand."""

from typing import Any

from litestar import Response, get

from omonat.kernel.language import translate
from omonat.web.console.gate import SIGNED_IN
from omonat.web.console.pages import DOMAIN, console_page
from omonat.web.console.visit import console_visit
from omonat.web.visit import AnyRequest


@get("/", right=SIGNED_IN, sync_to_thread=True)
def overview(request: AnyRequest) -> Response[Any]:
    """What waits for this account."""
    visit = console_visit(request)
    return console_page(visit, "console/overview.html", title=translate(visit.language, DOMAIN, "Overview"))


HANDLERS = (overview,)
