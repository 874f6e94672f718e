"""Who is let into a page of the console: by the `right=` of its handler, and nobody where none is named (6.2).

    @get("/cases", right="case.read", sync_to_thread=True)

`right` is a word of `staff.RIGHTS`, or STRANGER (the sign-in), or SIGNED_IN (one's own account). A session without a
second factor reaches only what also says `unfinished=True`: the pages on which the factor is set up. Who has not
accepted the confidentiality undertaking reaches those, and what says `before_undertaking=True`.
"""

from typing import Any

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from omonat.kernel.errors import NotAllowed
from omonat.staff import PASSWORD, UndertakingMissing
from omonat.web.console.visit import ConsoleVisit, SecondFactorFirst, StaffOnly
from omonat.web.visit import open_visit

STRANGER = "stranger"
SIGNED_IN = "signed in"


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard of the console. Raises StaffOnly, NotAllowed; deny by default."""
    request: Request[Any, Any, Any] = Request(connection.scope)
    right = handler.opt.get("right")
    if right == STRANGER:
        return
    visit = ConsoleVisit(request, open_visit(request).language)
    if visit.session is None:
        raise StaffOnly
    if visit.session.how == PASSWORD and not handler.opt.get("unfinished"):
        raise SecondFactorFirst
    early = handler.opt.get("unfinished") or handler.opt.get("before_undertaking")
    if not early and not visit.omonat.undertakings.has_accepted(visit.account.staff_id):
        raise UndertakingMissing
    if right != SIGNED_IN and right not in visit.account.rights:
        raise NotAllowed(right=right or "none")
    connection.state.console_visit = visit
