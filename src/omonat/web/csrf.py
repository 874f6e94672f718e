"""Where a POST comes from. Two checks, neither of which stores anything in an anonymous browser.

Every unsafe call: `same_origin`, a guard of the whole application (Sec-Fetch-Site, else Origin, else Referer).
After sign-in also a token bound to the session: `session_token` in the form, `check_session_token` on arrival.
"""

import hmac
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from omonat.kernel.errors import OmonatError
from omonat.kernel.settings import Settings

FIELD = "csrf_token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
PROGRAMS = "omonat_for_programs"
"""Key of `opt` on handlers that authenticate by a key in a header and never by cookie: these are not checked."""


class CrossSite(OmonatError):
    """A form was sent from another site, or by something that does not say where it comes from."""

    code = "cross_site"
    message = "This form was not sent from our site."
    what_to_do = "Open the page on our site and send the form there. Nothing was stored."


async def same_origin(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: raises CrossSite for an unsafe call that does not come from a page of this site."""
    if connection.scope.get("method") in SAFE_METHODS or handler.opt.get(PROGRAMS):
        return
    require_same_origin(connection)


def require_same_origin(connection: ASGIConnection[Any, Any, Any, Any]) -> None:
    """Raises CrossSite unless the call comes from a page of this site."""
    require_own_page(connection.headers, connection.app.state.omonat.settings)


def require_own_page(headers: Mapping[str, str], settings: Settings) -> None:
    """The same, of what the call said (names in small letters).

    `Sec-Fetch-Site` is set by the browser alone; older ones send Origin, the oldest only a Referer.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        came_from_here = site in {"same-origin", "none"}
    else:
        said = origin_of(headers.get("origin") or headers.get("referer") or "")
        came_from_here = said is not None and said in _own_origins(headers, settings)
    if not came_from_here:
        raise CrossSite


def _own_origins(headers: Mapping[str, str], settings: Settings) -> set[str | None]:
    """The address of the settings; with `--dev`, which listens on loopback only, whatever address was called, too."""
    own = {origin_of(settings.base_url)}
    return own | {origin_of(f"http://{headers.get('host', '')}")} if settings.dev else own


def origin_of(address: str) -> str | None:
    """Scheme, host and port, the default port left out; None for what is not an http address."""
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def session_token(session: str) -> str:
    """The token for forms of a signed-in person, other on each page: a compressed page must not repeat a secret."""
    pad = os.urandom(32)
    return (pad + _xor(pad, _bound_to(session))).hex()


def check_session_token(session: str, token: str) -> None:
    """Raises CrossSite unless `token` was made for this session."""
    try:
        said = bytes.fromhex(token)
    except ValueError:
        said = b""
    if len(said) != 64 or not hmac.compare_digest(_xor(said[:32], said[32:]), _bound_to(session)):
        raise CrossSite


def _bound_to(session: str) -> bytes:
    return hmac.digest(session.encode(), b"omonat csrf v1", "sha256")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
