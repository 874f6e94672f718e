"""The busiest route as bare ASGI in the same application: the visitor's cookie choice (clauses 8.1, 8.2).

It passes by Litestar's routing, guards, dependencies and threads, which cost more than the choice itself; what they do
for every other route is asked for by the handler: origin, limits, size of the body, errors as pages or RFC 9457.
"""

import re
from typing import Any

from litestar import Litestar, Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from omonat.web.problems import BadRequest, TooLarge, answer_error
from omonat.web.site.choice import ChoiceCall, record_choice

_PATH = re.compile(r"/([A-Za-z-]{2,8})/cookies/?")
TEMPLATE = "/{language}/cookies"


class HotRoutes:
    """Takes what is its own, and gives everything else to `app`, Litestar's own entry."""

    def __init__(self, litestar: Litestar, app: ASGIApp, *, most_bytes: int) -> None:
        self._litestar, self._app, self._most_bytes = litestar, app, most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call."""
        if scope["type"] == ScopeType.HTTP and scope["method"] == "POST" and (found := _PATH.fullmatch(scope["path"])):
            await self._choose(scope, receive, send, found[1])
        else:
            await self._app(scope, receive, send)

    async def _choose(self, scope: HTTPScope, receive: Receive, send: Send, language: str) -> None:
        scope["path_template"] = TEMPLATE
        state, client = self._litestar.state, scope["client"]
        try:
            body = await _body(receive, self._most_bytes)
            peer = client[0] if client else ""
            call = ChoiceCall(state.omonat, state.limits, language, _headers(scope), peer, body)
            answer = (await record_choice(call)).to_asgi()
        except Exception as error:  # the boundary, as Litestar's own is: what is unexpected is told nothing about
            answer = self._refusal(scope, receive, send, error)
        await answer(scope, receive, send)

    def _refusal(self, scope: HTTPScope, receive: Receive, send: Send, error: Exception) -> ASGIApp:
        scope["app"] = scope["litestar_app"] = self._litestar
        request: Request[Any, Any, Any] = Request(scope, receive, send)
        return answer_error(request, error).to_asgi_response(None, request)


def _headers(scope: HTTPScope) -> dict[str, str]:
    """By name in small letters; a header that was sent twice is one with a comma (RFC 9110, 5.3)."""
    found: dict[str, str] = {}
    for name, value in scope["headers"]:
        known, said = name.decode("latin-1"), value.decode("latin-1")
        found[known] = f"{found[known]}, {said}" if known in found else said
    return found


async def _body(receive: Receive, most_bytes: int) -> bytes:
    """What was sent. Raises TooLarge once more than that has arrived, whatever the caller said of its length."""
    body, more = b"", True
    while more:
        message: Any = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > most_bytes:
            raise TooLarge
    return body
