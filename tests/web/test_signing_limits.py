"""Every step of the staff's sign-in that a stranger can take is limited per network address (6.2)."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from harness.apart import run_apart
from harness.installation import new_installation
from omonat.app import Omonat
from omonat.web import create_asgi
from omonat.web.console.gate import STRANGER
from omonat.web.console.signing import HANDLERS
from omonat.web.limits import STAFF

ORIGIN = "http://localhost:8080"


@pytest.fixture
def omonat(tmp_path: Path) -> Iterator[Omonat]:
    opened = Omonat.open(new_installation(tmp_path / "installation", adopt=False).data)
    yield opened
    opened.close()


def ways() -> list[str]:
    """What a stranger may send, and the way back from a provider, which asks it in turn."""
    found = [one for one in HANDLERS if isinstance(one, HTTPRouteHandler) and one.opt.get("right") == STRANGER]
    sent = [path for one in found if "POST" in one.http_methods for path in one.paths]
    return sorted({*sent, "/sign-in/oidc/back"})


def test_the_search_finds_the_steps() -> None:
    assert {"/sign-in", "/sign-in/second", "/sign-in/passkey", "/sign-in/passkey/options", "/sign-in/oidc"} < {*ways()}


@pytest.mark.parametrize("path", ways())
def test_one_address_is_stopped_after_some_tries(omonat: Omonat, path: str) -> None:
    async def statuses() -> list[int]:
        transport = httpx.ASGITransport(create_asgi(omonat), raise_app_exceptions=False, client=("203.0.113.7", 5000))
        async with httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
            method = "GET" if path.endswith("/back") else "POST"
            bodies = [None if method == "GET" else {"name": f"name {number}"} for number in range(31)]
            return [(await client.request(method, f"/en/console{path}", data=data)).status_code for data in bodies]

    found = run_apart(statuses())
    assert found.index(429) == STAFF.burst == 30, found
