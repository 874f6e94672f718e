"""The address that choices of other sites are sent to: declared origins only, nothing to read, nobody's cookies."""

import base64
import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import httpx
import pytest

from harness.company import Company
from harness.installation import new_installation
from harness.people import Visitor
from harness.policy_folder import Folder
from harness.server import Server
from omonat.policy import Site
from omonat.policy.folder.sites import is_origin

PATH = "/embed/choice"


@pytest.fixture
def client(company: Company) -> Iterator[httpx.Client]:
    with company.omonat.client() as opened:
        yield opened


def notice(client: httpx.Client) -> str:
    script = client.get("/omonat.js").text
    facts = json.loads(script[script.rindex('})({"') + 3 : script.rindex(")")])
    return str(facts["texts"]["ru"]["hash"])


def sent(text: str, **changes: Any) -> dict[str, Any]:
    return {"purposes": {"improve": True}, "language": "ru", "via": "banner", "text": text, "choice": "", **changes}


def post(client: httpx.Client, origin: str, facts: object, kind: str = "text/plain", **headers: str) -> httpx.Response:
    named = {"Content-Type": kind, **({"Origin": origin} if origin else {}), **headers}
    return client.post(PATH, content=json.dumps(facts), headers=named)


def visitor_of(value: str) -> str:
    text = value.partition(".")[0]
    return str(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))["visitor_id"])


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "text/plain;charset=UTF-8"])
def test_a_declared_origin_may_send_a_choice(company: Company, client: httpx.Client, kind: str) -> None:
    answer = post(client, company.site.url, sent(notice(client)), kind)
    assert answer.status_code == 200
    assert list(answer.json()) == ["choice"]
    assert answer.headers["access-control-allow-origin"] == company.site.url
    assert "access-control-allow-credentials" not in answer.headers
    assert "set-cookie" not in answer.headers
    assert answer.headers["vary"] == "Origin"
    assert answer.headers["cache-control"] == "no-store"
    assert company.said()[-1] == ("improve", "granted", "banner:shop", "ru")


@pytest.mark.parametrize(
    "origin", ["", "null", "https://evil.example", "http://localhost:2", "http://LOCALHOST:1", "http://localhost:1/",
               "http://localhost:1.evil.example"],
)  # fmt: skip
def test_no_other_origin_may(company: Company, client: httpx.Client, origin: str) -> None:
    before = company.said()
    answer = post(client, origin, sent(notice(client)))
    assert answer.status_code == 403
    assert answer.json()["code"] == "site_not_declared"
    asked = client.options(PATH, headers={"Origin": origin, "Access-Control-Request-Method": "POST"})
    for each in (answer, asked):
        assert not [name for name in each.headers if name.startswith("access-control")]
    assert company.said() == before


def test_a_browser_that_asks_first_is_told(company: Company, client: httpx.Client) -> None:
    asked = client.options(PATH, headers={"Origin": company.site.url, "Access-Control-Request-Method": "POST"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == company.site.url
    assert asked.headers["access-control-allow-methods"] == "POST"
    assert "access-control-allow-credentials" not in asked.headers


def test_it_tells_nobody_what_anybody_chose(company: Company, client: httpx.Client) -> None:
    """No way to read; the cookie of our own pages is not looked at; what was not signed by us is nobody's."""
    visitor = Visitor(company.omonat)
    visitor.send("/cookies", choice="accept")
    own = visitor.cookies["__Host-omonat_choice"]
    refused = sent("", purposes={"improve": False})
    answer = post(client, company.site.url, refused, Cookie=f"__Host-omonat_choice={own}")
    assert visitor_of(answer.json()["choice"]) != visitor_of(own)
    forged = own.partition(".")[0] + "." + "A" * 43
    answer = post(client, company.site.url, refused | {"choice": forged})
    assert visitor_of(answer.json()["choice"]) != visitor_of(own)
    assert client.get(PATH).status_code == 405
    assert client.get(PATH, params={"choice": own}).status_code == 405


def test_a_later_choice_is_the_same_visitors(company: Company, client: httpx.Client) -> None:
    first = post(client, company.site.url, sent(notice(client))).json()["choice"]
    later = post(client, company.site.url, sent("", purposes={"improve": False}, choice=first, via="settings"))
    assert visitor_of(later.json()["choice"]) == visitor_of(first)
    assert company.said()[-1] == ("improve", "withdrawn", "settings:shop", "ru")


def test_nothing_new_is_allowed_under_another_text(company: Company, client: httpx.Client) -> None:
    old = sha256(b"an older notice").hexdigest()
    answer = post(client, company.site.url, sent(old))
    assert (answer.status_code, answer.json()["code"]) == (409, "policy_changed")
    assert answer.headers["access-control-allow-origin"] == company.site.url  # so that the page learns it
    assert post(client, company.site.url, sent(old, purposes={"improve": False})).status_code == 200


@pytest.mark.parametrize(
    "facts",
    [[], {}, {"purposes": "all"}, sent("", via="elsewhere"), sent("", language="de"), {"purposes": {"improve": 1}}],
)
def test_what_is_not_of_the_form_is_refused(company: Company, client: httpx.Client, facts: object) -> None:
    answer = post(client, company.site.url, facts)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def test_too_much_and_other_kinds_are_refused(company: Company, client: httpx.Client) -> None:
    form = post(client, company.site.url, sent(""), "application/x-www-form-urlencoded")
    assert form.status_code == 400
    assert post(client, company.site.url, sent("x" * 9_000)).status_code == 413


def test_purposes_that_nobody_declared_are_passed_over(company: Company, client: httpx.Client) -> None:
    before = len(company.said())
    answer = post(client, company.site.url, sent(notice(client), purposes={"improve": True, "spying": True}))
    assert answer.status_code == 200
    assert [row[0] for row in company.said()[before:]] == ["improve"]


def test_one_address_may_send_sixty_choices_in_ten_minutes(tmp_path: Any) -> None:
    """On a server that trusts a proxy, so that the limit counts as it does outside one's own machine."""
    installation = new_installation(tmp_path / "installation")
    with (installation.data / "omonat.toml").open("a") as settings:
        settings.write('\ntrusted_proxies = ["127.0.0.1"]\n')
    server = Server(installation)
    try:
        with server.client(headers={"X-Forwarded-For": "198.51.100.7"}) as client:
            codes = [post(client, "https://evil.example", {}).status_code for _ in range(61)]
            other = post(client, "https://evil.example", {}, **{"X-Forwarded-For": "198.51.100.8"}).status_code
        lines = server.output()
    finally:
        server.stop()
    assert codes == [403] * 60 + [429]
    assert other == 403
    assert "198.51.100" not in lines
    assert not [path for path in installation.files() if b"198.51.100" in path.read_bytes()]


def test_the_policy_check_finds_what_is_wrong_with_a_site(tmp_path: Any) -> None:
    folder = Folder(tmp_path)
    with (folder.path / "policy.toml").open("a") as file:
        file.write('\n[site.shop]\norigins = ["https://Shop.uz/", "http://shop.uz"]\nshare = "uz"\n')
    assert {code for code, _ in folder.found()} == {"wrong_origin", "wrong_domain", "undeclared_cookie"}


@pytest.mark.parametrize(
    ("text", "is_one"),
    [("https://a.uz", True), ("https://a.uz:8443", True), ("http://localhost:80", False), ("http://localhost:81", True),
     ("https://a.uz:443", False), ("https://a.uz:x", False), ("https://u@a.uz", False), ("a.uz", False), ("", False)],
)  # fmt: skip
def test_an_origin_is_written_as_browsers_send_it(text: str, is_one: bool) -> None:
    assert is_origin(text) is is_one


def test_sites_are_published_with_the_policy(company: Company, client: httpx.Client) -> None:
    sites = client.get("/policy.json").json()["sites"]
    assert company.site.url in sites["shop"]["origins"]
    assert Site(origins=("https://a.uz",)).share == ""
