"""The routes of `/api/v1`, made of the registered operations."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from litestar import Response, Router
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler

from omonat.kernel.errors import NotAllowed
from omonat.web.api.operations import OPERATIONS, Operation
from omonat.web.api.preflight import preflight
from omonat.web.api.serving import serve
from omonat.web.csrf import PROGRAMS
from omonat.web.visit import AnyRequest

PATH = "/api/v1"
OPEN = "omonat_api_open"
"""Key of `opt` on the pages of the API that are no operation: the description and its page."""


def api_router(*pages: HTTPRouteHandler) -> Router:
    """Every registered operation, the preflight of each path, and further handlers marked OPEN."""
    paths = sorted({each.path for each in OPERATIONS})
    handlers = [_handler(each) for each in OPERATIONS]
    preflights = [_preflight(path) for path in paths]
    return Router(path=PATH, route_handlers=[*preflights, *handlers, *pages], guards=[only_operations])


async def only_operations(_connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Guard: what is neither an operation with its right nor marked as open admits nobody (deny by default)."""
    if not handler.opt.get("right") and not handler.opt.get(OPEN):
        raise NotAllowed(right="none")


def _handler(operation: Operation) -> HTTPRouteHandler:
    options: dict[str, Any] = {"request_max_body_size": operation.most_bytes} if operation.most_bytes else {}
    return HTTPRouteHandler(
        _litestar_path(operation.path), http_method=cast(Any, operation.method), status_code=200,
        name=f"api:{operation.id}", opt={PROGRAMS: True, "right": operation.right, "operation": operation.id},
        **options,
    )(_function(operation))  # fmt: skip


def _function(operation: Operation) -> Callable[..., Any]:
    async def serve_call(request: AnyRequest) -> Response[Any]:
        body = await request.body() if operation.sent is not None else b""
        return await asyncio.to_thread(serve, operation, request, body)

    return serve_call


def _preflight(path: str) -> HTTPRouteHandler:
    methods = ", ".join(sorted(each.method for each in OPERATIONS if each.path == path))

    async def answer_preflight(request: AnyRequest) -> Response[Any]:
        return await asyncio.to_thread(preflight, request, methods)

    return HTTPRouteHandler(
        _litestar_path(path), http_method="OPTIONS", status_code=200, opt={PROGRAMS: True, OPEN: True}
    )(answer_preflight)


def _litestar_path(path: str) -> str:
    return path.replace("}", ":str}")
