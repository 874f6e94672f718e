"""Fixtures for every test. Nothing here skips: a missing PostgreSQL or browser fails and says what to install."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import MetaData

from harness.blank import BlankFiles, BlankSchemas
from harness.browser import Contexts, OpenPage, chromium
from harness.installation import Installation, new_installation
from harness.postgres import PostgresServer
from harness.server import Server
from omonat.crypto import passwords
from omonat.kernel.clock import Clock
from omonat.storage import Database, data_tables, key_tables

EngineName = str


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[passwords.Cost]:
    """Within the test's own process passwords cost a millisecond; yields what they cost everywhere else."""
    real = passwords.COST.copy()
    passwords.COST.update({"memory_cost": 64, "iterations": 1, "lanes": 1})
    yield real
    passwords.COST.update(real)


@pytest.fixture
def clock() -> Clock:
    """The present, which a test may move: `clock.shift += timedelta(days=3)`."""
    return Clock()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real PostgreSQL, one per xdist worker, started when the first test needs it."""
    server = PostgresServer()
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def engine_name(request: pytest.FixtureRequest) -> EngineName:
    """Which engine `database` and `key_database` run on: every test that takes them runs once on each."""
    return str(request.param)


@pytest.fixture(scope="session")
def blank_files(tmp_path_factory: pytest.TempPathFactory) -> BlankFiles:
    """Templates of SQLite files."""
    return BlankFiles(tmp_path_factory.mktemp("blank"))


@pytest.fixture(scope="session")
def blank_schemas(postgres: PostgresServer) -> BlankSchemas:
    """Databases of PostgreSQL that tests hand on."""
    return BlankSchemas(postgres)


@pytest.fixture
def database(engine_name: EngineName, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty data database with all tables."""
    with _blank(engine_name, request, tmp_path / "omonat.db", data_tables) as made:
        yield made


@pytest.fixture
def key_database(engine_name: EngineName, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty key store with all tables, on the same engine as `database`."""
    with _blank(engine_name, request, tmp_path / "keys.db", key_tables) as made:
        yield made


@contextmanager
def _blank(engine: EngineName, request: pytest.FixtureRequest, path: Path, tables: MetaData) -> Iterator[Database]:
    if engine == "postgresql":
        schemas: BlankSchemas = request.getfixturevalue("blank_schemas")
        with schemas.lent(tables) as lent:
            yield lent
    else:
        files: BlankFiles = request.getfixturevalue("blank_files")
        made = files.new(path, tables)
        yield made
        made.close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, one per xdist worker."""
    with chromium() as running:
        yield running


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """`open_page(locale="ru-RU", phone=True, java_script_enabled=False, ...)`: a page of a fresh person."""
    contexts = Contexts(browser)
    yield contexts.open_page
    contexts.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A page of a fresh person at a desktop, who reads Uzbek."""
    return open_page()


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """A fresh installation with the real policy in force (SQLite)."""
    return new_installation(tmp_path / "installation")


@pytest.fixture
def server(installation: Installation) -> Iterator[Server]:
    """`omonat serve --dev` on `installation`."""
    running = Server(installation)
    yield running
    running.kill9()  # quicker than asking; it is for nothing any more


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests of a worker that change nothing which another test looks at."""
    running = Server(new_installation(tmp_path_factory.mktemp("shared")))
    yield running
    running.stop()
