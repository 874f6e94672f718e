"""The page of visits: periods, tables as files, charts, small groups, rights, and the same over the API (8.1)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import pytest

from harness.browser import OpenPage, axe
from harness.choices import notice_hash
from harness.installation import Installation, new_installation
from harness.programs import Program, installed_key
from harness.server import Server
from harness.staff import Member, signed_in, staff_token
from omonat.app import Omonat
from omonat.kernel.ids import SubjectId
from omonat.statistics import Event

CSP = "default-src 'none'; style-src 'unsafe-inline'"
CHARTS = ("visits", "answers", "sources", "forms")
PERIODS = (7, 30, 90, 365)
LANGUAGES = ("uz-Latn", "uz-Cyrl", "ru", "en")


class Place(NamedTuple):
    server: Server
    auditor: Member
    empty: str


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    installation = new_installation(tmp_path_factory.mktemp("visits"), adopt=False)
    with opened(installation) as omonat:
        long_ago(omonat)
    server = Server(installation)
    auditor = Member(server, "auditor")
    empty = auditor.get("/console/statistics?period=7").text.partition("<main")[2]
    with opened(installation) as omonat:
        today(omonat)
    yield Place(server, auditor, empty)
    server.stop()


@contextmanager
def opened(installation: Installation) -> Iterator[Omonat]:
    omonat = Omonat.open(installation.data)
    yield omonat
    omonat.close()


def long_ago(omonat: Omonat) -> None:
    """Forty days ago one visitor."""
    omonat.clock.shift = timedelta(days=-40)
    walk(omonat, agreed(omonat), "search", "/{language}/policy")
    omonat.clock.shift = timedelta()
    omonat.statistics.close_days(omonat.clock.now())


def today(omonat: Omonat) -> None:
    """Four from a search engine, of whom one orders, and one from Telegram; one says no."""
    for _ in range(4):
        keys = agreed(omonat)
        walk(omonat, keys, "search", "/{language}", "/{language}/order")
    for kind in ("started", "finished"):
        event = Event(kind=kind, page="/{language}/order", language="ru", device="phone", source="own", form="order")
        omonat.statistics.count(keys, event, omonat.clock.now())
    walk(omonat, agreed(omonat), "social", "/{language}", "/{language}/contact")
    omonat.consents.choose(None, {"improve": False}, "ru", "banner", shown="", gpc=False, now=omonat.clock.now())


def agreed(omonat: Omonat) -> SubjectId:
    consents, now = omonat.consents, omonat.clock.now()
    shown = notice_hash(consents)
    said = consents.choose(None, {"improve": True}, "ru", "banner", shown=shown, gpc=False, now=now)
    choice = consents.read_choice(said)
    assert choice is not None
    return choice.visitor_id


def walk(omonat: Omonat, visitor_id: SubjectId, source: str, *pages: str) -> None:
    for number, page in enumerate(pages):
        form = page.rpartition("/")[2] if page.endswith(("order", "contact")) else ""
        came = "own" if number else source
        event = Event(kind="view", page=page, language="ru", device="phone", source=came, form=form)  # type: ignore[arg-type]
        assert omonat.statistics.count(visitor_id, event, omonat.clock.now())


def test_a_period_in_which_nobody_came_says_so(place: Place) -> None:
    assert "Nobody who agreed has come in this period" in place.empty
    assert "<img" not in place.empty and 'aria-current="page">7 days' in place.empty


def test_the_page_shows_what_was_counted_in_the_period_that_is_chosen(place: Place) -> None:
    week = place.auditor.get("/console/statistics?period=7").text
    for said in (">5</p><p>different visitors", ">10</p><p>pages looked at", ">83 %</p><p>of 6 answers were yes"):
        assert said in week, said
    assert "a search engine" in week and "/order" in week and 'aria-current="page">7 days' in week
    quarter = place.auditor.get("/console/statistics?period=90").text
    assert ">6</p><p>different visitors" in quarter and ">11</p><p>pages looked at" in quarter
    assert "week from" in quarter and "/policy" in quarter.partition("<main")[2].partition("Languages")[0]
    year = place.auditor.get("/console/statistics?period=365").text
    assert "different visitors" not in year and ">11</p><p>pages looked at" in year
    assert place.auditor.get("/console/statistics?period=banana").text.count('aria-current="page">30 days') == 1


def test_small_groups_are_shown_nowhere_and_the_page_says_so(place: Place) -> None:
    page = place.auditor.get("/console/statistics").text
    assert "a social network" not in page and "Some were left out" in page
    paths = page.partition("From one page to the next")[2].partition("<h2>")[0]
    assert "/order" in paths and "/contact" not in paths
    for table in ("sources", "paths"):
        file = place.auditor.get(f"/console/statistics?format=csv&table={table}").text
        assert "social" not in file and "contact" not in file
    assert "social" not in place.auditor.get("/console/charts/sources.svg").text


def test_every_table_is_a_file(place: Place) -> None:
    expected = {
        "days": (2, "5", "10"), "answers": (2, "5", "1", "0"), "sources": (2, "search", "4"),
        "paths": (2, "/", "/order", "4"), "forms": (3, "order", "4", "1", "1"), "pages": (4, "/", "5"),
    }  # fmt: skip
    for table, (lines, *words) in expected.items():
        answer = place.auditor.get(f"/console/statistics?format=csv&table={table}&period=7")
        assert answer.headers["content-type"].startswith("text/csv")
        assert f"visits-{table}" in answer.headers["content-disposition"]
        rows = answer.text.strip().splitlines()
        assert len(rows) == lines, (table, rows)
        assert any(all(word in row for word in words) for row in rows[1:]), (table, rows)


def test_charts_are_images_with_a_policy_of_their_own(place: Place) -> None:
    for name in CHARTS:
        for period in PERIODS:
            answer = place.auditor.get(f"/console/charts/{name}.svg?period={period}")
            assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/svg+xml")
            assert answer.headers["content-security-policy"] == CSP and "<script" not in answer.text


def test_who_may_not_see_counts_sees_none(place: Place) -> None:
    support = Member(place.server, "support")
    for path in (
        "/console/statistics",
        "/console/statistics?format=csv",
        *(f"/console/charts/{c}.svg" for c in CHARTS),
    ):
        assert support.get(path).status_code == 403, path
    assert Member(place.server, "marketing").get("/console/statistics").status_code == 200


def test_the_api_and_the_command_line_say_the_same(place: Place) -> None:
    program = Program(place.server, installed_key(place.server.installation, "stats.read"))
    said = program.client.get("/api/v1/statistics").json()
    assert [(one["name"], one["views"]) for one in said["sources"]] == [("search", 4)]
    assert said["paths"] == [{"page": "/{language}", "next_page": "/{language}/order", "views": 4}]
    assert {"form": "order", "seen": 4, "started": 1, "finished": 1} in said["forms"]
    assert [(one["granted"], one["refused"], one["withdrawn"]) for one in said["consents"]] == [(5, 1, 0)]
    assert (said["different_visitors"], said["smallest_group"], said["hidden"]) == (5, 3, True)
    typed = place.server.installation.json("stats", "--from", said["from_on"])
    assert {name: typed[name] for name in said} == said
    for ends in ({"from_on": "0001-01-01", "to_on": "0001-01-02"}, {"from_on": "9999-12-30", "to_on": "9999-12-31"}):
        assert program.client.get("/api/v1/statistics", params=ends).json()["days"] == []


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_the_page_is_readable_in_every_language(place: Place, open_page: OpenPage, phone: bool) -> None:
    with opened(place.server.installation) as omonat:
        token = staff_token(omonat, ["auditor"])
    page = signed_in(open_page(phone=phone, color_scheme="dark" if phone else "light"), token)
    for language in LANGUAGES:
        page.goto(f"{place.server.url}/{language}/console/statistics?period=90")
        for summary in page.locator("main summary").all():
            summary.click()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("main nav a").first.click()
        page.wait_for_url("**period=7")
