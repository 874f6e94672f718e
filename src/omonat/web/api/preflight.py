"""The question of a browser whether a page may call (CORS). It comes without a key: any key's origin is enough here,
the call itself is answered for the origins of its own key only."""

from typing import Any

from litestar import Response

from omonat.web.visit import AnyRequest, omonat_of

_HEADERS = "Authorization, Content-Type, Accept-Language, Idempotency-Key, If-Match, If-None-Match"


def preflight(request: AnyRequest, methods: str) -> Response[Any]:
    """204 with what may be asked; CORS headers for an origin that some key is bound to."""
    headers = {"Allow": f"{methods}, OPTIONS", "Vary": "Origin", "Cache-Control": "no-store"}
    omonat = omonat_of(request)
    origin = request.headers.get("origin", "")
    if origin and omonat.api_keys.is_bound(origin, omonat.clock.now()):
        headers |= {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": methods,
            "Access-Control-Allow-Headers": _HEADERS,
            "Access-Control-Max-Age": "600",
        }
    return Response(None, status_code=204, headers=headers)
