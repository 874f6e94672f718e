"""Links without sign-in are limited so that no mail provider's one click is refused (RFC 8058; clauses 6.1, 6.2)."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from harness.apart import run_apart
from harness.installation import new_installation
from omonat.app import Omonat
from omonat.kernel.ids import SubjectId, new_id
from omonat.web import create_asgi
from omonat.web.limits import ONE_LINK, WRONG_LINKS

ADDRESS = "203.0.113.7"
Asked = tuple[str, str, str]
"""Method, path, and the address that it comes from."""


@pytest.fixture(scope="module")
def omonat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Omonat]:
    opened = Omonat.open(new_installation(tmp_path_factory.mktemp("limits") / "installation", adopt=False).data)
    yield opened
    opened.close()


def statuses(omonat: Omonat, *asked: Asked) -> list[int]:
    """Of these calls one after another, on a server that has counted nothing yet."""
    app = create_asgi(omonat)

    async def one(method: str, path: str, address: str) -> int:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(address, 5000))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
            data = {"List-Unsubscribe": "One-Click"} if method == "POST" else None
            return (await client.request(method, path, data=data)).status_code

    async def every() -> list[int]:
        return [await one(*each) for each in asked]

    return run_apart(every())


def one_click(omonat: Omonat) -> str:
    """Of somebody's letter."""
    return f"/unsubscribe/news/email/{omonat.consents.links.unsubscribe(SubjectId(new_id()), 'news', 'email').reveal()}"


def test_a_mail_provider_may_send_the_click_of_all_its_readers(omonat: Omonat) -> None:
    clicks = [one_click(omonat) for _ in range(150)]
    assert set(statuses(omonat, *[("POST", path, ADDRESS) for path in clicks])) == {200}


def test_wrong_links_are_limited_by_address_and_hinder_no_right_one(omonat: Omonat) -> None:
    most = WRONG_LINKS.burst
    wrong = [("POST", f"/unsubscribe/news/email/wrong{number}", ADDRESS) for number in range(most + 1)]
    found = statuses(
        omonat, *wrong, ("POST", one_click(omonat), ADDRESS), ("POST", "/unsubscribe/news/email/x", "203.0.113.8")
    )
    assert found == [404] * most + [429, 200, 404]


@pytest.mark.parametrize("path", ["/ru/preferences/{}", "/ru/confirm/{}", "/ru/unsubscribe/news/email/{}"])
def test_pages_behind_wrong_links_are_limited_as_well(omonat: Omonat, path: str) -> None:
    most = WRONG_LINKS.burst
    wrong = [("GET", path.format(f"wrong{number}"), ADDRESS) for number in range(most + 1)]
    assert statuses(omonat, *wrong) == [404] * most + [429]


def test_one_link_makes_so_much_work_and_no_more_from_wherever_it_comes(omonat: Omonat) -> None:
    path, most = one_click(omonat), ONE_LINK.burst
    found = statuses(omonat, *[("POST", path, f"198.51.100.{number}") for number in range(most + 1)])
    assert found == [200] * most + [429]


def test_pages_of_one_link_are_limited_by_the_link(omonat: Omonat) -> None:
    told = omonat.consents.links.preferences(SubjectId(new_id()), omonat.clock.now() - timedelta(days=1)).reveal()
    right = one_click(omonat)
    for path in (f"/ru/preferences/{told}", f"/ru{right}"):
        found = statuses(omonat, *[("GET", path, f"198.51.100.{number}") for number in range(ONE_LINK.burst + 1)])
        assert (found[-2] == 429, found[-1]) == (False, 429)


def test_neither_address_nor_token_is_kept_in_clear(omonat: Omonat) -> None:
    app, path = create_asgi(omonat), one_click(omonat)
    transport = httpx.ASGITransport(app, client=(ADDRESS, 5000))

    async def click() -> None:
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
            for each in (path, "/unsubscribe/news/email/wrong"):
                await client.post(each, data={"List-Unsubscribe": "One-Click"})

    run_apart(click())
    kept = [tag for tags in app.state.limits._buckets.values() for tag in tags]
    assert len(kept) == 3
    assert all(len(tag) == 32 for tag in kept)
    packed = bytes(map(int, ADDRESS.split(".")))
    assert not [tag for tag in kept if packed in tag or path.rpartition("/")[2].encode()[:8] in tag]
