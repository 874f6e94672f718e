"""Pages of the site as anybody reads them: languages, versions, differences, feed, what programs read."""

import json
import re
from xml.etree import ElementTree

import httpx
import pytest

from harness.places import ISSUED_POLICY
from harness.server import Server
from omonat.kernel.language import LANGUAGES

PAGES = ("/", "/policy", "/policy/versions", "/policy/versions/3.2", "/policy/compare", "/cookies", "/contact",
         "/callback", "/order", "/disagree", "/disagree/done", "/thanks")  # fmt: skip
ATOM = "{http://www.w3.org/2005/Atom}"


def read(server: Server, path: str, **headers: str) -> httpx.Response:
    with server.client(headers=headers) as client:
        return client.get(path)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_there_in_every_language_and_stores_nothing(
    shared_server: Server, language: str, path: str
) -> None:
    answer = read(shared_server, f"/{language}{path}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-language"] == language
    assert re.search(r"<title>[^<]{8,}</title>", answer.text)
    assert f'href="/{language}/cookies"' in answer.text


@pytest.mark.parametrize("path", ["/", "/policy", "/contact"])
def test_a_page_names_its_translations_and_itself(shared_server: Server, path: str) -> None:
    text = read(shared_server, f"/ru{path}").text
    for language in LANGUAGES:
        assert f'hreflang="{language}" href="{shared_server.url}/{language}{path}"' in text
    assert f'hreflang="x-default" href="{shared_server.url}/uz-Latn{path}"' in text
    assert f'<link rel="canonical" href="{shared_server.url}/ru{path}">' in text


@pytest.mark.parametrize(
    ("asked", "given"),
    [("ru-RU,ru;q=0.9", "ru"), ("uz", "uz-Latn"), ("uz-Cyrl", "uz-Cyrl"), ("en-GB,en", "en"), ("fr", "uz-Latn"),
     ("", "uz-Latn")],
)  # fmt: skip
def test_the_start_follows_the_browser(shared_server: Server, asked: str, given: str) -> None:
    answer = read(shared_server, "/", **{"Accept-Language": asked})
    assert answer.status_code == 302
    assert answer.headers["location"] == f"/{given}/"
    assert "Accept-Language" in answer.headers["vary"]


def test_pages_are_kept_by_nobody_else_and_differ_by_choice_and_signal(shared_server: Server) -> None:
    answer = read(shared_server, "/ru/policy")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert {"Cookie", "Sec-GPC"} <= {part.strip() for part in answer.headers["vary"].split(",")}


@pytest.mark.parametrize(
    "path", ["/xx/", "/ru/nothing", "/ru/policy/versions/9.9", "/ru/policy/compare?from=9.9&to=3.2"]
)
def test_what_is_not_there_is_said_in_the_readers_language(shared_server: Server, path: str) -> None:
    answer = read(shared_server, path, **{"Accept-Language": "ru"})
    assert answer.status_code == 404
    assert "Здесь ничего нет." in answer.text
    assert 'lang="ru"' in answer.text


def test_the_policy_has_every_clause_and_says_what_is_to_be_confirmed(shared_server: Server) -> None:
    text = read(shared_server, "/uz-Latn/policy").text
    for clause in (
        "1.1",
        "1.2",
        "1.3",
        "2.1",
        "3.1",
        "4.1",
        "5.1",
        "6.1",
        "6.2",
        "6.3",
        "7.1",
        "8.1",
        "8.2",
        "9.1",
        "9.2",
        "10.1",
    ):
        assert f'id="c{clause}"' in text
    assert "operator tasdiqlashi kerak" in text


def test_the_issued_text_is_shown_word_for_word(shared_server: Server) -> None:
    assert ISSUED_POLICY.exists(), f"{ISSUED_POLICY} is needed for this test"
    shown = ElementTree.fromstring("<p>" + _between(read(shared_server, "/uz-Latn/policy/versions/3.1").text) + "</p>")
    assert "".join(shown.itertext()) == ISSUED_POLICY.read_text("utf-8")


def _between(text: str) -> str:
    found = re.search(r'<div class="verbatim"[^>]*>(.*?)</div>', text, re.DOTALL)
    assert found
    return found[1].replace("&#39;", "'").replace("&#34;", '"')


def test_differences_are_told_in_words_first(shared_server: Server) -> None:
    text = read(shared_server, "/en/policy/compare?from=3.1&to=3.2").text
    assert text.index("Clauses changed") < text.index("<ins>")
    assert '<span class="mark mark-changed">changed</span>' in text
    assert "Earlier: version 3.1" in text


def test_the_same_version_twice_differs_in_nothing(shared_server: Server) -> None:
    assert "have the same text" in read(shared_server, "/en/policy/compare?from=3.2&to=3.2").text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_feed_is_atom_with_every_version(shared_server: Server, language: str) -> None:
    answer = read(shared_server, f"/{language}/policy/feed.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    titles = {
        "uz-Latn": ["3.2-versiya", "3.1-versiya"], "uz-Cyrl": ["3.2-версия", "3.1-версия"],
        "ru": ["Версия 3.2", "Версия 3.1"], "en": ["Version 3.2", "Version 3.1"],
    }  # fmt: skip
    assert [entry.findtext(f"{ATOM}title") for entry in feed.iter(f"{ATOM}entry")] == titles[language]
    for needed in ("id", "title", "updated"):
        assert all(entry.findtext(f"{ATOM}{needed}") for entry in [feed, *feed.iter(f"{ATOM}entry")])
    assert len({entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")}) == 2


def test_programs_read_the_policy_in_force_and_any_other(shared_server: Server) -> None:
    now, before = (json.loads(read(shared_server, path).text) for path in ("/policy.json", "/policy.json?version=3.1"))
    assert (now["number"], before["number"]) == ("3.2", "3.1")
    assert now["operator"]["stir"] == "309519699"
    answer = read(shared_server, "/policy.json?version=9")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_found"


def test_gpc_is_declared(shared_server: Server) -> None:
    answer = read(shared_server, "/.well-known/gpc.json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["gpc"] is True
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", answer.json()["lastUpdate"])


def test_robots_site_map_and_health(shared_server: Server) -> None:
    assert "Disallow: /ru/my" in read(shared_server, "/robots.txt").text
    pages = ElementTree.fromstring(read(shared_server, "/sitemap.xml").content)
    addresses = [place.text for place in pages.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert f"{shared_server.url}/uz-Cyrl/policy" in addresses
    assert read(shared_server, "/healthz").text == "ok\n"


def test_the_thanks_page_shows_nothing_that_it_cannot_read(shared_server: Server) -> None:
    page = read(shared_server, "/en/thanks?case=<b>x</b>&due=tomorrow&form=%22%3E").text
    text = page[page.index("<main") : page.index("</main>")]
    assert "tomorrow" not in text
    assert "<b>x" not in text


def test_static_files_are_kept_for_ever_under_their_hash_only(shared_server: Server) -> None:
    page = read(shared_server, "/ru/").text
    address = re.search(r'href="(/static/omonat\.[0-9a-f]{12}\.css)"', page)
    assert address
    answer = read(shared_server, address[1])
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/css")
    assert read(shared_server, "/static/omonat.css").status_code == 404
    assert read(shared_server, "/static/..%2f..%2fserver.py").status_code == 404
    assert not re.findall(r"(?:url\(|@import)", answer.text), "the stylesheet loads something"


def test_nothing_comes_from_another_host(shared_server: Server) -> None:
    for path in PAGES:
        loaded = re.findall(r'(?:src|<link[^>]+stylesheet"[^>]+href)="([^"]+)"', read(shared_server, f"/ru{path}").text)
        assert loaded
        assert all(address.startswith("/static/") for address in loaded)
