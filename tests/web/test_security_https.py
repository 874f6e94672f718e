"""The server as it stands behind a proxy with https and without `--dev`: limits, HSTS, a damaged policy."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from harness.installation import Installation
from omonat.app import Omonat
from omonat.kernel.settings import read_settings
from omonat.storage import register
from omonat.web import create_asgi
from omonat.web.limits import CHOICES

BASE = "https://iptelefoniya.uz"


@pytest.fixture
def omonat(installation: Installation) -> Iterator[Omonat]:
    """An opened installation that is not `--dev`."""
    made = Omonat(msgspec.structs.replace(read_settings(installation.data), base_url=BASE))
    yield made
    made.close()


@pytest.fixture
def client(omonat: Omonat) -> Iterator[TestClient[Litestar]]:
    with TestClient(create_asgi(omonat), base_url=BASE, raise_server_exceptions=False) as made:
        yield made


def _refuse(client: TestClient[Litestar], **headers: str) -> int:
    data = {"choice": "refuse", "via": "banner"}
    answer = client.post("/ru/cookies", data=data, headers={"Origin": BASE, **headers}, follow_redirects=False)
    return answer.status_code


def test_https_is_remembered(client: TestClient[Litestar]) -> None:
    assert client.get("/ru/").headers["strict-transport-security"].startswith("max-age=31536000")
    assert f'rel="canonical" href="{BASE}/ru/"' in client.get("/ru/").text


def test_too_many_from_one_place_wait(client: TestClient[Litestar]) -> None:
    assert {_refuse(client) for _ in range(CHOICES.burst)} == {303}
    answer = client.post("/ru/cookies", data={"choice": "refuse"}, headers={"Origin": BASE})
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= CHOICES.seconds
    assert "Слишком много попыток." in answer.text
    assert "set-cookie" not in answer.headers
    assert client.get("/ru/policy").status_code == 200, "reading is never limited"


def test_a_visitor_cannot_choose_the_address_that_is_counted(client: TestClient[Litestar]) -> None:
    codes = {_refuse(client, **{"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(CHOICES.burst + 1)}
    assert 429 in codes


def test_an_origin_is_that_of_the_settings_not_of_the_host_header(client: TestClient[Litestar]) -> None:
    assert _refuse(client, Origin="https://evil.example", Host="evil.example") == 403


def test_a_damaged_policy_is_not_served_and_no_more_is_said(
    client: TestClient[Litestar], installation: Installation
) -> None:
    with closing(sqlite3.connect(installation.data / "omonat.db")) as database, database:
        register(database)
        database.execute("UPDATE policy_version SET canonical = x'7b7d'")
    for path in ("/ru/", "/ru/policy", "/healthz"):
        answer = client.get(path, headers={"Accept-Language": "ru"})
        assert answer.status_code == 500
        assert "Traceback" not in answer.text
        assert "sqlite" not in answer.text.lower()
        assert answer.headers["cache-control"] == "no-store"
        assert 'lang="ru"' in answer.text
