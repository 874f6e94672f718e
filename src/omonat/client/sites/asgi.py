"""For every ASGI site: FastAPI, Starlette, Litestar, Quart. Imports no framework.

    app.add_middleware(OmonatForms, base_url="https://iptelefoniya.uz", key=KEY, forms={"/callback": "callback"})

In a view: `request.state.omonat.permits("improve")`. For the banner in one's own pages:

    app.add_middleware(OmonatBanner, base_url="https://iptelefoniya.uz", origin="https://shop.iptelefoniya.uz")

and `request.state.omonat_banner(nonce)` before `</body>`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from functools import partial
from typing import Any

import httpx

from omonat.client.clients import AsyncOmonat
from omonat.client.sites.banner import SiteBanner
from omonat.client.sites.basis import Basis
from omonat.client.sites.choice import Visitor
from omonat.client.sites.pages import whole_page
from omonat.client.sites.serving import (
    MOST_BYTES,
    PATIENCE,
    REMEMBER,
    TRIES,
    Came,
    Page,
    Render,
    SiteForms,
    carry_async,
)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class OmonatForms:
    """The middleware. See `SiteForms` for what may be set."""

    def __init__(
        self, app: App, *, base_url: str, key: str, forms: Mapping[str, str], page: Render = whole_page,
        language: str = "", proxies: int = 0, transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:  # fmt: skip
        self._app, self._basis = app, Basis(base_url)
        self._forms = SiteForms(forms, base_url, page=page, language=language, proxies=proxies)
        self._client = AsyncOmonat(
            base_url, key, timeout=PATIENCE, tries=TRIES, remember=REMEMBER, transport=transport
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a form, or let the site answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _joined(scope["headers"])
        visitor = scope.setdefault("state", {})["omonat"] = Visitor(headers, self._basis)
        if visitor.has_choice():
            await asyncio.to_thread(self._basis)  # so that no view waits for it
        if not self._forms.takes(scope["method"], scope["path"]):
            await self._app(scope, receive, send)
            return
        client = scope.get("client") or ("", 0)
        came = Came(scope["method"], scope["path"], scope["query_string"].decode("latin-1"), headers, client[0])
        body = await _body(receive)
        page = Page(413, {}, b"") if body is None else await carry_async(self._forms.serve(came, body), self._client)
        await _answer(send, page, with_body=scope["method"] != "HEAD")


class OmonatBanner:
    """The banner in the site's own pages. See `SiteBanner` for what may be set."""

    def __init__(
        self, app: App, *, base_url: str, origin: str, path: str = "/omonat-choice", language: str = ""
    ) -> None:
        self._app, self._banner = app, SiteBanner(base_url, origin, path=path, language=language)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take a choice, or give the site its banner and let it answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _joined(scope["headers"])
        if scope["method"] == "POST" and scope["path"] == self._banner.path:
            await _answer(send, await self._take(scope, headers, await _body(receive)), with_body=True)
            return
        if "text/html" in headers.get("accept", ""):
            await asyncio.to_thread(self._banner.warm, headers)
        back = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
        scope.setdefault("state", {})["omonat_banner"] = partial(self._banner.html, headers, back)
        await self._app(scope, receive, send)

    async def _take(self, scope: Scope, headers: dict[str, str], body: bytes | None) -> Page:
        if body is None:
            return Page(413, {}, b"")
        address = (scope.get("client") or ("", 0))[0]
        return await asyncio.to_thread(self._banner.answer, headers, body, address)


def _joined(pairs: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers by lower-case name; one that came several times in one line (RFC 9110, 5.3; cookies: RFC 9113, 8.2.3)."""
    found: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}{'; ' if key == 'cookie' else ', '}{text}" if key in found else text
    return found


async def _body(receive: Receive) -> bytes | None:
    """None: longer than a form of ours can be."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
        if len(body) > MOST_BYTES:
            return None
    return body


async def _answer(send: Send, page: Page, *, with_body: bool) -> None:
    named = [(name.encode(), value.encode()) for name, value in page.headers.items()]
    named.append((b"content-length", str(len(page.body)).encode()))
    await send({"type": "http.response.start", "status": page.status, "headers": named})
    await send({"type": "http.response.body", "body": page.body if with_body else b""})
