"""`/api/v1/openapi.json`, and `/api/v1/docs`: the same as a page, in four languages, without a script."""

from typing import Any

from litestar import Response
from litestar.handlers import HTTPRouteHandler

from omonat.kernel.codec import to_json
from omonat.web.api.description import description
from omonat.web.api.router import OPEN
from omonat.web.visit import AnyRequest


def openapi(request: AnyRequest) -> Response[Any]:
    """The description, for everybody: it says nothing about anybody."""
    headers = {"Cache-Control": "public, max-age=300", "Access-Control-Allow-Origin": "*"}
    return Response(to_json(description()), media_type="application/json", headers=headers)


PAGES = (HTTPRouteHandler("/openapi.json", http_method="GET", opt={OPEN: True}, sync_to_thread=False)(openapi),)
