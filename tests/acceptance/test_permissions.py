"""Who may open what: every page of the console and every operation of the API × every role and the Stranger (6.2).

Made from the application's route table: a handler that names no right fails here, and admits nobody.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from litestar.handlers import HTTPRouteHandler

from harness.apart import run_apart
from harness.installation import new_installation
from harness.staff import staff_token
from omonat.app import Omonat
from omonat.staff import RIGHTS, ROLES
from omonat.web import cookies, create_asgi
from omonat.web.console.gate import SIGNED_IN, STRANGER

CONSOLE = "/{language:str}/console"
ORIGIN = "http://localhost:8080"
NOT_THERE = "01a20511-0000-7000-8000-000000000000"
AS_PROGRAM = {"Accept": "application/json", "Origin": ORIGIN}


class Way(NamedTuple):
    """One method of one route."""

    method: str
    template: str
    right: str

    @property
    def path(self) -> str:
        """With a language and ids of nothing in its places."""
        parts = self.template.split("/")
        filled = ["en" if part == "{language:str}" else NOT_THERE if part.startswith("{") else part for part in parts]
        return "/".join(filled)

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


class World:
    """An installation in this process, and a session of each role."""

    def __init__(self, omonat: Omonat) -> None:
        self.omonat, self.app = omonat, create_asgi(omonat)
        self.tokens = {role: staff_token(omonat, [role]) for role in ROLES}

    def ways(self, under: str) -> list[Way]:
        """Every method of every route below a path."""
        return [
            Way(method, route.path, str(handler.opt.get("right", "")))
            for route in self.app.routes
            if route.path.startswith(under)
            for handler, _scope in getattr(route, "route_handler_map", {}).values()
            if isinstance(handler, HTTPRouteHandler)
            for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"})
        ]

    def ask(self, ways: list[Way], token: str = "") -> dict[Way, httpx.Response]:
        """Each way called once, with a role's session or none."""

        async def all_of_them() -> dict[Way, httpx.Response]:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=("127.0.0.1", 5000))
            held = {cookies.STAFF: token} if token else {}
            async with httpx.AsyncClient(
                transport=transport, base_url=ORIGIN, headers=AS_PROGRAM, cookies=held
            ) as client:
                return {way: await client.request(way.method, way.path, **_body(way)) for way in ways}

        return run_apart(all_of_them())


def _body(way: Way) -> dict[str, Any]:
    return {} if way.method == "GET" else {"data": {"nothing": "x"}}


def code_of(answer: httpx.Response) -> str:
    """The stable code of a problem; empty for a page."""
    is_problem = answer.headers.get("content-type", "").startswith("application/problem+json")
    return str(answer.json()["code"]) if is_problem else ""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    installation = new_installation(tmp_path_factory.mktemp("permissions"), adopt=False)
    omonat = Omonat.open(installation.data)
    yield World(omonat)
    omonat.close()


def test_every_page_of_the_console_names_its_right(world: World) -> None:
    ways = world.ways(CONSOLE)
    assert ways
    assert [str(way) for way in ways if way.right not in {*RIGHTS, STRANGER, SIGNED_IN}] == []


def test_the_stranger_is_led_to_the_sign_in_from_every_page(world: World) -> None:
    closed = [way for way in world.ways(CONSOLE) if way.right != STRANGER]
    for way, answer in world.ask(closed).items():
        assert (answer.status_code, answer.headers.get("location", "").partition("?")[0]) == (
            303, "/en/console/sign-in",
        ), str(way)  # fmt: skip
        assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("role", sorted(ROLES))
def test_a_role_reaches_what_its_rights_name_and_nothing_else(world: World, role: str) -> None:
    ways = [way for way in world.ways(CONSOLE) if way.right != STRANGER and "sign-out" not in way.template]
    wrong = []
    for way, answer in world.ask(ways, world.tokens[role]).items():
        allowed = way.right == SIGNED_IN or way.right in ROLES[role].rights
        if (code_of(answer) == "not_allowed") == allowed or answer.status_code >= 500:
            wrong.append((str(way), way.right, answer.status_code, code_of(answer)))
    assert not wrong


def test_no_form_of_the_console_is_taken_without_the_token_of_its_page(world: World) -> None:
    """Whoever has the right, but sends a form that no page of ours carried, changes nothing (CSRF)."""
    omonat = world.omonat
    everything = omonat.staff.roles()
    token = staff_token(omonat, tuple(everything), "All roles")
    posts = [way for way in world.ways(CONSOLE) if way.method == "POST" and way.right != STRANGER]
    accepted = [
        (str(way), answer.status_code, code_of(answer))
        for way, answer in world.ask(posts, token).items()
        if code_of(answer) not in {"cross_site", "bad_request"}
    ]
    assert not accepted


@pytest.mark.parametrize("role", sorted(ROLES))
def test_whatever_the_menu_offers_can_be_opened(world: World, role: str) -> None:
    overview = Way("GET", CONSOLE, SIGNED_IN)
    (answer,) = world.ask([overview], world.tokens[role]).values()
    offered = sorted(set(re.findall(r'href="(/en/console[^"?#]*)"', answer.text)))
    assert len(offered) > 2
    opened = world.ask([Way("GET", path, "") for path in offered], world.tokens[role])
    assert {way.template: answer.status_code for way, answer in opened.items() if answer.status_code != 200} == {}
