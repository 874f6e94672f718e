"""The web server: every face of Omonat as one ASGI application, and uvicorn to run it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from copy import copy
from functools import cache
from typing import TYPE_CHECKING, Any

import uvicorn
from litestar import Litestar
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.di import Provide
from litestar.exceptions import HTTPException
from litestar.types import LifeSpanReceive, LifeSpanScope, LifeSpanSend, Receive, Scope, Send

from omonat.kernel.errors import OmonatError
from omonat.web.api import API
from omonat.web.assets import favicon, static_file
from omonat.web.console import CONSOLE
from omonat.web.csrf import same_origin
from omonat.web.embed import EMBED
from omonat.web.forms import posted
from omonat.web.front import MAX_BODY_BYTES, Front
from omonat.web.hot import HotRoutes
from omonat.web.ledger import LEDGER
from omonat.web.limits import Limits
from omonat.web.portal import PORTAL
from omonat.web.problems import answer_error
from omonat.web.site import SITE
from omonat.web.verify import VERIFY

if TYPE_CHECKING:
    from omonat.app import Omonat


class OmonatWeb(Litestar):
    """Litestar with our front around it, so that unknown paths carry the headers and leave their line, too."""

    __slots__ = ("_front",)
    _front: Front

    def on(self, state: State) -> "OmonatWeb":
        """The same routes on a state of their own."""
        made = copy(self)
        made.state = state
        https = state.omonat.settings.base_url.startswith("https:")
        made._front = Front(HotRoutes(made, super(OmonatWeb, made).__call__, most_bytes=MAX_BODY_BYTES), https=https)
        return made

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None, None]:
        """Nothing starts or ends with it; Litestar's would start the emitter of events that all of them share."""
        yield

    async def __call__(
        self,
        scope: Scope | LifeSpanScope,
        receive: Receive | LifeSpanReceive,
        send: Send | LifeSpanSend,
    ) -> None:
        """Serve one call."""
        await self._front(scope, receive, send)  # type: ignore[arg-type]  # Litestar types lifespan apart


def create_asgi(omonat: "Omonat") -> Litestar:
    """The application on `omonat`. It starts and stops nothing of it: that is `omonat serve`."""
    return _routes().on(State({"omonat": omonat, "limits": Limits(omonat.settings)}))


@cache
def _routes() -> OmonatWeb:
    """Registered once per process, as Litestar copies and inspects every handler: most of a second for all of them."""
    return OmonatWeb(
        route_handlers=[static_file, favicon, LEDGER, VERIFY, EMBED, SITE, PORTAL, CONSOLE, API],
        guards=[same_origin],
        dependencies={"posted": Provide(posted)},
        exception_handlers={OmonatError: answer_error, HTTPException: answer_error, Exception: answer_error},
        compression_config=CompressionConfig(
            backend="gzip",
            minimum_size=800,
            gzip_compress_level=5,
            # Hashes do not get smaller; the banner's scripts are compressed once, and better.
            exclude=["^/ledger/tile/", r"^/omonat\.js$", r"^/embed/.+\.js$"],
        ),
        request_max_body_size=MAX_BODY_BYTES,
        openapi_config=None,
        logging_config=None,
    )


def serve(omonat: "Omonat", *, host: str = "127.0.0.1", port: int = 8080, **options: Any) -> None:
    """Serve until stopped. uvicorn's own access lines (they hold addresses and queries) and its header are off."""
    config = uvicorn.Config(
        create_asgi(omonat),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        log_level="warning",
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
        limit_concurrency=1000,
        h11_max_incomplete_event_size=32 * 1024,
        **options,
    )
    uvicorn.Server(config).run()
