"""The text that was shown is the text that is agreed to (1.2), purpose by purpose (8.2, 9.2)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from harness.apart import run_apart
from harness.choices import choice, notice_hash
from harness.choosing import OURS, TERM, WORDING, Site, cookie_of, publish, rows
from harness.office import view
from harness.people import forms_of
from harness.policy_folder import Folder
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.consent.rules import to_ask
from omonat.policy import service as policy_service
from omonat.storage import Database, schema
from omonat.web.cookies import CHOICE
from omonat.web.server import create_asgi


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def site(omonat: Omonat) -> Site:
    return Site(omonat, create_asgi(omonat))


@pytest.mark.parametrize("via", ["banner", "settings"])
@pytest.mark.parametrize("change", [WORDING, TERM])
def test_a_yes_to_a_text_that_changed_meanwhile_is_not_recorded(
    omonat: Omonat, site: Site, tmp_path: Path, via: str, change: tuple[str, str]
) -> None:
    old = {**site.accept, "via": via}
    publish(omonat, tmp_path, change)
    for fields in (
        old,
        old | {"choice": "some", "purpose_improve": "on"},
        old | {"text": ""},
        old | {"text": "0" * 64},
    ):
        (answer,) = site.send({"data": fields})
        assert (answer.status_code, answer.headers["location"]) == (303, "/ru/cookies?changed=yes")
        assert "set-cookie" not in answer.headers
    assert not rows(omonat, schema.consent_event) and not rows(omonat, schema.subject, kind="visitor")
    (again,) = site.send({"data": choice(omonat)})
    assert again.status_code == 303 and "changed" not in again.headers["location"]
    (row,) = rows(omonat, schema.consent_event)
    assert row.text_hash == notice_hash(omonat.consents) != old["text"]


def test_a_no_needs_no_text(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    old = site.accept
    publish(omonat, tmp_path, TERM)
    for fields in (old | {"choice": "refuse"}, old | {"choice": "some"}, {"choice": "refuse"}):
        (answer,) = site.send({"data": fields})
        assert "changed" not in answer.headers["location"]
        chosen = omonat.consents.read_choice(cookie_of(answer))
        assert chosen is not None and not chosen.allows("improve")
    assert {row.action for row in rows(omonat, schema.consent_event)} == {"refused"}


def test_a_withdrawal_by_an_old_page_counts_at_once(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    (first,) = site.send({})
    publish(omonat, tmp_path, TERM)
    site.send({"cookie": cookie_of(first), "data": site.accept | {"choice": "refuse"}})
    assert sorted(row.action for row in rows(omonat, schema.consent_event)) == ["granted", "withdrawn"]


def test_a_withdrawal_beside_a_yes_on_an_old_page_counts_at_once(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    publish(omonat, tmp_path / "two", added=ADS)
    (first,) = site.send({"data": choice(omonat, "some", purpose_improve="on", via="settings")})
    old = choice(omonat, "some", purpose_news="on", via="settings")
    publish_third(omonat, tmp_path)
    (answer,) = site.send({"cookie": cookie_of(first), "data": old})
    assert answer.headers["location"] == "/ru/cookies?changed=part"
    assert "omonat_visit=;" in answer.headers.get_list("set-cookie")[1]
    chosen = omonat.consents.read_choice(cookie_of(answer))
    assert chosen is not None and chosen.purposes == {"improve": False}, "the yes to news is not there, nor its old no"
    assert said(omonat)[2:] == [("improve", "withdrawn")]


def test_an_earlier_yes_is_not_stretched_over_a_new_text(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    """Saved again on an old page: what stood before stands by its own text; what it rests on changed: asked again."""
    (first,) = site.send({})
    before = omonat.consents.read_choice(cookie_of(first))
    old, later = site.accept, omonat.clock
    publish(omonat, tmp_path / "wording", WORDING)
    later.shift += timedelta(days=1)
    (kept,) = site.send({"cookie": cookie_of(first), "data": old})
    now = omonat.consents.read_choice(cookie_of(kept))
    assert before is not None and now is not None and now.allows("improve")
    assert (now.visitor_id, now.said_at("improve")) == (before.visitor_id, before.at), "its term is not renewed"
    (row,) = rows(omonat, schema.consent_event)
    assert (row.action, row.text_hash) == ("granted", old["text"])


def test_an_earlier_yes_to_something_else_is_none(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    (first,) = site.send({})
    publish(omonat, tmp_path, TERM)
    (answer,) = site.send({"cookie": cookie_of(first), "data": site.accept})
    assert answer.headers["location"] == "/ru/cookies?changed=yes"
    assert len(rows(omonat, schema.consent_event)) == 1


ADS = """
[cookie.ads]
purpose = "news"
necessary = false
keep_days = 30
first_party = true
[cookie.ads.labels]
uz-Latn = "reklama natijasini oʻlchash uchun"
uz-Cyrl = "реклама натижасини ўлчаш учун"
ru = "чтобы мерить отдачу рекламы"
en = "to measure advertising"
"""
VISITS = WORDING[0]


def said(omonat: Omonat) -> list[tuple[str, str]]:
    """Purpose and action, in order."""
    found = sorted(rows(omonat, schema.consent_event), key=lambda row: row.consent_id)
    return [(row.purpose, row.action) for row in found]


def publish_third(omonat: Omonat, folder: Path) -> None:
    """A third version, in which the cookie for `news` lasts longer."""
    made = Folder(folder / "three" / "next").change('number = "3.2"', 'number = "3.4"')
    with (made.path / "policy.toml").open("a", encoding="utf-8") as facts:
        facts.write(ADS.replace("keep_days = 30", "keep_days = 60"))
    now = omonat.clock.now()
    officer = omonat.staff.add("Third officer", roles=["privacy_officer"], os_user=None, now=now)
    omonat.policies.publish(made.path, author=officer, reason="a longer term", now=now)


def banner_on(omonat: Omonat, cookie: str) -> tuple[str, dict[str, str]]:
    """(the text of the banner on our own page, the fields of its form)."""

    async def read() -> str:
        transport = httpx.ASGITransport(create_asgi(omonat), client=("198.51.100.7", 1))
        async with httpx.AsyncClient(transport=transport, base_url=omonat.settings.base_url) as client:
            return (await client.get("/ru/policy", headers={"Cookie": f"{CHOICE}={cookie}"})).text

    page = run_apart(read())
    (form,) = [one for one in forms_of(page) if one.fields.get("via") == "banner"]
    return page[page.index('id="cookie-banner"') :].partition("<p>")[2].partition("</p>")[0], form.fields


def test_clause_9_2_a_new_purpose_is_asked_about_and_the_earlier_answer_goes_on(
    omonat: Omonat, site: Site, tmp_path: Path
) -> None:
    (first,) = site.send({})
    publish(omonat, tmp_path, added=ADS)
    omonat.clock.shift += timedelta(days=1)
    text, fields = banner_on(omonat, cookie_of(first))
    assert "чтобы мерить отдачу рекламы" in text and VISITS not in text
    assert fields["asked"] == "news"
    (second,) = site.send({"cookie": cookie_of(first), "data": fields | {"choice": "refuse"}})
    assert not [one for one in second.headers.get_list("set-cookie") if one.startswith("omonat_visit")]
    before, now = (omonat.consents.read_choice(cookie_of(one)) for one in (first, second))
    assert before is not None and now is not None
    assert now.purposes == {"improve": True, "news": False}
    assert (now.said_at("improve"), now.said_at("news") > now.said_at("improve")) == (before.at, True)
    assert sorted((row.purpose, row.action) for row in rows(omonat, schema.consent_event)) == [
        ("improve", "granted"), ("news", "refused"),
    ]  # fmt: skip
    (refused,) = rows(omonat, schema.consent_event, purpose="news")
    cited = omonat.consents.get_text(refused.text_hash)
    assert "чтобы мерить отдачу рекламы" in cited and VISITS not in cited
    facts = omonat.policies.in_force().facts
    run_out = omonat.clock.now() + timedelta(days=179, hours=12)
    assert omonat.consents.to_ask(now, omonat.policies.in_force(), run_out) == ("improve",), "each from its own day"
    assert not to_ask(now, facts, omonat.clock.now())


def test_clause_9_2_exactly_the_changed_purpose_is_asked_again(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    publish(omonat, tmp_path / "two", added=ADS)
    (first,) = site.send({"data": choice(omonat)})
    publish_third(omonat, tmp_path)
    before = omonat.consents.read_choice(cookie_of(first))
    assert before is not None and omonat.statistics.count(before.visitor_id, view("/"), omonat.clock.now())
    text, fields = banner_on(omonat, cookie_of(first))
    assert "чтобы мерить отдачу рекламы" in text and VISITS not in text
    (refused,) = site.send({"cookie": cookie_of(first), "data": fields | {"choice": "refuse"}})
    assert omonat.statistics.kept(before.visitor_id).events == 1, "the visits rest on the other purpose"
    (second,) = site.send({"cookie": cookie_of(refused), "data": choice(omonat, asked="news")})
    chosen = omonat.consents.read_choice(cookie_of(second))
    assert chosen is not None and chosen.purposes == {"improve": True, "news": True}
    assert said(omonat)[2:] == [("news", "withdrawn"), ("news", "granted")]


def test_a_yes_from_before_the_signal_does_not_ride_on_one_in_spite_of_it(
    omonat: Omonat, site: Site, tmp_path: Path
) -> None:
    (first,) = site.send({})
    publish(omonat, tmp_path, added=ADS)
    signalled = {"cookie": cookie_of(first), "headers": OURS | {"Sec-GPC": "1"}}
    (second,) = site.send({**signalled, "data": choice(omonat, asked="news")})
    chosen = omonat.consents.read_choice(cookie_of(second))
    assert chosen is not None and chosen.gpc and chosen.purposes == {"news": True}


def test_a_page_is_right_though_this_node_has_not_heard_of_its_version_yet(
    omonat: Omonat, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is remembered for a second is looked up again before anybody is told that his text is old."""
    monkeypatch.setattr(policy_service, "_RECENT_SECONDS", 3600.0)
    site.send({"data": {"choice": "refuse"}})
    recent = omonat.policies._recent
    publish(omonat, tmp_path, TERM)
    omonat.policies._recent = recent  # another node published
    (answer,) = site.send({"data": choice(omonat)})
    omonat.policies._recent = recent
    assert "changed" not in answer.headers["location"]
    (row,) = rows(omonat, schema.consent_event, action="granted")
    assert (row.policy_number, row.text_hash) == ("3.3", notice_hash(omonat.consents))


def test_those_beside_a_stale_one_are_recorded(omonat: Omonat, site: Site, tmp_path: Path) -> None:
    old = site.accept
    publish(omonat, tmp_path, WORDING)
    fresh = choice(omonat)
    answers = site.send(*[{"data": old if number % 3 else fresh} for number in range(30)])
    told = ["changed" in answer.headers["location"] for answer in answers]
    assert told == [bool(number % 3) for number in range(30)]
    assert {row.text_hash for row in rows(omonat, schema.consent_event)} == {fresh["text"]}
    assert len(rows(omonat, schema.consent_event)) == 10
