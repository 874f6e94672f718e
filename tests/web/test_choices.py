"""The visitor's cookie choice on its short way: durable and in the ledger before the answer, with every check of the
long way, in three statements (clauses 6.1, 8.1, 8.2)."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import Engine, event, select

from harness.apart import run_apart
from harness.choices import choice, notice_hash
from harness.company import SITE
from harness.office import view
from harness.people import forms_of
from harness.policy_folder import Folder
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.consent import choosing
from omonat.consent.rules import to_ask
from omonat.kernel.codec import from_json, to_json
from omonat.kernel.ids import EventId, SubjectId
from omonat.policy import service as policy_service
from omonat.storage import Database, schema
from omonat.vault.events import commitment, derived_salt
from omonat.web.cookies import CHOICE
from omonat.web.server import create_asgi
from omonat.webhooks import deliveries

OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@dataclass
class Site:
    """The site of an installation, as a browser sees it."""

    omonat: Omonat
    app: Litestar

    @cached_property
    def accept(self) -> dict[str, str]:
        return choice(self.omonat, back="/ru/policy")

    def send(self, *sent: dict[str, Any], address: str = "198.51.100.7", path: str = "/ru/cookies") -> list[Any]:
        """The answers to calls that are sent at once. Of each: `data` or `content`, `headers`, `cookie`."""

        async def one(client: httpx.AsyncClient, call: dict[str, Any]) -> httpx.Response:
            cookie = {"Cookie": f"{CHOICE}={call['cookie']}"} if "cookie" in call else {}
            body = {"content": call["content"]} if "content" in call else {"data": call.get("data", self.accept)}
            return await client.post(path, headers={**call.get("headers", OURS), **cookie}, **body)  # type: ignore[arg-type]  # of one kind or the other

        async def every() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app, client=(address, 1))
            async with httpx.AsyncClient(transport=transport, base_url=self.omonat.settings.base_url) as client:
                return list(await asyncio.gather(*(one(client, call) for call in sent)))

        return run_apart(every())


@pytest.fixture
def site(omonat: Omonat) -> Site:
    return Site(omonat, create_asgi(omonat))


def rows(omonat: Omonat, table: Any, **where: Any) -> list[Any]:
    query = select(table).where(*[table.c[name] == value for name, value in where.items()])
    with omonat.database.read() as tx:
        return list(tx.execute(query))


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition(f"{CHOICE}=")[2].partition(";")[0]


@contextmanager
def counted(*engines: Engine) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, without those that begin a transaction."""
    said: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "SAVEPOINT", "RELEASE")):
            said.append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_a_choice_is_stored_and_in_the_ledger_before_it_is_answered(omonat: Omonat, site: Site) -> None:
    (answer,) = site.send({})
    assert (answer.status_code, answer.headers["location"]) == (303, "/ru/policy")
    assert answer.headers["content-security-policy"]
    choice = omonat.consents.read_choice(cookie_of(answer))
    assert choice is not None and choice.allows("improve")
    (row,) = rows(omonat, schema.consent_event, subject_id=choice.visitor_id)
    assert (row.purpose, row.channel, row.action, row.via) == ("improve", "web", "granted", "banner")
    assert omonat.consents.get_text(row.text_hash)
    (entry,) = rows(omonat, schema.ledger_event, event_id=row.event_id)
    keys = omonat.keystore.open_subject(SubjectId(choice.visitor_id))
    salt = derived_salt(keys, EventId(row.event_id), "subject")
    facts = from_json(entry.body, dict[str, Any])["facts"]
    assert facts["committed"] == {"subject": commitment(salt, "subject", str(choice.visitor_id))}
    assert facts["consent"] == str(row.consent_id)


def test_no_answer_before_its_commit(omonat: Omonat, site: Site) -> None:
    reached, may_commit = threading.Event(), threading.Event()

    def hold(connection: Any) -> None:
        if connection.get_execution_options().get("omonat_writes", True):  # a read ends, too
            reached.set()
            assert may_commit.wait(60)

    shown = notice_hash(omonat.consents)

    async def choose() -> str:
        waiting = asyncio.ensure_future(
            omonat.consents.choose_soon(
                None, {"improve": True}, "ru", "banner", shown=shown, gpc=False, now=omonat.clock.now()
            )
        )
        assert await asyncio.to_thread(reached.wait, 60)
        assert not waiting.done()
        assert not rows(omonat, schema.consent_event) and not rows(omonat, schema.ledger_event, kind="consent_granted")
        may_commit.set()
        return await waiting

    site.send({"data": {"choice": "maybe"}})  # what is read once is read before
    event.listen(omonat.database.engine, "commit", hold)
    choice = omonat.consents.read_choice(run_apart(choose()))
    assert choice is not None and rows(omonat, schema.consent_event, subject_id=choice.visitor_id)


def test_a_choice_that_fails_leaves_those_beside_it_alone(omonat: Omonat, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = choosing._written

    def failing(frame: Any, wanted: Any, keys: Any, *, is_new: bool) -> Any:
        if wanted.language == "en":
            raise ValueError
        return plain(frame, wanted, keys, is_new=is_new)

    monkeypatch.setattr(choosing, "_written", failing)

    def one(language: str) -> Any:
        shown, now = notice_hash(omonat.consents, language), omonat.clock.now()
        improve = {"improve": True}
        return omonat.consents.choose_soon(None, improve, language, "banner", shown=shown, gpc=False, now=now)

    async def choose() -> list[Any]:
        return await asyncio.gather(*map(one, ("ru", "ru", "en", "ru")), return_exceptions=True)

    answers = run_apart(choose())
    assert [isinstance(answer, ValueError) for answer in answers] == [False, False, True, False]
    assert (
        len(rows(omonat, schema.consent_event)) == len(rows(omonat, schema.ledger_event, kind="consent_granted")) == 3
    )


def test_a_later_choice_is_the_same_visitors(omonat: Omonat, site: Site) -> None:
    (first,) = site.send({})
    (second,) = site.send({"cookie": cookie_of(first), "data": {"choice": "refuse"}})
    assert second.headers["location"] == "/ru/cookies?saved=yes"
    assert "omonat_visit=;" in second.headers.get_list("set-cookie")[1]
    choice = omonat.consents.read_choice(cookie_of(second))
    assert choice is not None and not choice.allows("improve")
    said = [row.action for row in rows(omonat, schema.consent_event, subject_id=choice.visitor_id)]
    assert sorted(said) == ["granted", "withdrawn"]
    assert len(rows(omonat, schema.subject, kind="visitor")) == 1


def test_three_statements_at_most(omonat: Omonat, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first choice: the visitor, its ledger event, the consent. A later one: the visitor's keys, and the two.

    What is asked once a second, however many choose, is asked before: which policy is in force, and who listens.
    """
    monkeypatch.setattr(policy_service, "_RECENT_SECONDS", 3600.0)
    monkeypatch.setattr(deliveries, "_KNOWN_SECONDS", 3600.0)
    (warm,) = site.send({})
    engines = (omonat.database.engine, omonat.keystore.database.engine)
    with counted(*engines) as said:
        (first,) = site.send({})
    assert len(said) <= 3, said
    with counted(*engines) as said:
        (again,) = site.send({"cookie": cookie_of(first)})
    assert len(said) <= 3, said
    with counted(*engines) as said:
        answers = site.send(
            *[{} if number % 2 else {"cookie": cookie_of(warm)} for number in range(56)], address="198.51.100.9"
        )
    assert {answer.status_code for answer in (again, *answers)} == {303}
    assert len(said) <= 3 * 56 / 2, len(said)  # those that come at once share theirs


def test_a_withdrawal_takes_the_visits_along_in_two_more(
    omonat: Omonat, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy_service, "_RECENT_SECONDS", 3600.0)
    monkeypatch.setattr(deliveries, "_KNOWN_SECONDS", 3600.0)
    (first,) = site.send({})
    engines = (omonat.database.engine, omonat.keystore.database.engine)
    with counted(*engines) as said:
        (again,) = site.send({"cookie": cookie_of(first), "data": {"choice": "refuse"}})
    assert again.status_code == 303
    assert len([one for one in said if not one.startswith("DELETE FROM visit_")]) <= 3
    assert len(said) <= 5, said


ORIGIN = "https://shop.example.uz"


def test_three_statements_at_most_by_the_tag_on_another_site(
    omonat: Omonat, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(omonat, tmp_path, added=SITE.format(origin=ORIGIN))
    monkeypatch.setattr(policy_service, "_RECENT_SECONDS", 3600.0)
    monkeypatch.setattr(deliveries, "_KNOWN_SECONDS", 3600.0)
    facts = {"purposes": {"improve": True}, "language": "ru", "via": "banner", "text": notice_hash(omonat.consents)}
    call = {"content": to_json(facts), "headers": {"Origin": ORIGIN, "Content-Type": "text/plain"}}
    (warm,) = site.send(call, path="/embed/choice")
    assert warm.status_code == 200, warm.text
    with counted(omonat.database.engine, omonat.keystore.database.engine) as said:
        (answer,) = site.send(call, path="/embed/choice")
    assert answer.status_code == 200
    assert len(said) <= 3, said


def test_many_at_once_are_each_stored_once(omonat: Omonat, site: Site) -> None:
    answers = site.send(*[{} for _ in range(50)])
    visitors = {omonat.consents.read_choice(cookie_of(answer)).visitor_id for answer in answers}  # type: ignore[union-attr]  # ours
    assert len(visitors) == 50
    assert {row.subject_id for row in rows(omonat, schema.consent_event)} == visitors
    assert len(rows(omonat, schema.ledger_event, kind="consent_granted")) == 50


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403, "cross_site"),
    ({"headers": {"Sec-Fetch-Site": "same-site"}}, 403, "cross_site"),
    ({"headers": {"Origin": "https://evil.example"}}, 403, "cross_site"),
    ({"headers": {}}, 403, "cross_site"),
    ({"data": {"choice": "maybe"}}, 400, "bad_request"),
    ({"content": b"choice=accept", "headers": {**OURS, "Content-Type": "text/plain"}}, 400, "bad_request"),
    ({"content": b"x" * 70_000, "headers": {**OURS, **FORM}}, 413, "too_large"),
]


def test_what_is_refused_stores_nothing_and_says_why(omonat: Omonat, site: Site) -> None:
    for call, status, code in REFUSED:
        headers = {**call.get("headers", OURS), "Accept": "application/json"}
        (answer,) = site.send({**call, "headers": headers})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), call
        assert answer.json()["code"] == code and "set-cookie" not in answer.headers
    assert site.send({}, path="/xx/cookies")[0].status_code == 404
    assert not rows(omonat, schema.consent_event) and not rows(omonat, schema.subject, kind="visitor")
    (older,) = site.send({"headers": {"Origin": omonat.settings.base_url}})  # a browser that sends no Sec-Fetch-Site
    assert older.status_code == 303


def test_an_address_may_choose_so_often_and_no_answer_tells_of_anybody(omonat: Omonat, site: Site) -> None:
    """Sixty, then one by one; another address is not hindered. Nothing but one's own cookie comes back."""
    answers = site.send(*[{"data": {"choice": "refuse", "via": "banner"}} for _ in range(61)])
    assert sorted(answer.status_code for answer in answers) == [303] * 60 + [429]
    (refused,) = (answer for answer in answers if answer.status_code == 429)
    assert int(refused.headers["retry-after"]) > 0
    assert {answer.content for answer in answers if answer.status_code == 303} == {b""}
    forged = cookie_of(answers[0])[:-4] + "AAAA"
    (other,) = site.send({"cookie": forged}, address="198.51.100.8")
    assert other.status_code == 303 and len(rows(omonat, schema.subject, kind="visitor")) == 61


# --- the text that was shown is the text that is agreed to (1.2) ------------------------------------------------------

WORDING = ("для подсчёта посещений сайта", "для счёта визитов на сайт")
TERM = ("necessary = false\nkeep_days = 180", "necessary = false\nkeep_days = 90")


def publish(omonat: Omonat, folder: Path, *changes: tuple[str, str], added: str = "") -> None:
    """Another version of the policy, with these things changed, and `added` at the end of its facts."""
    made = Folder(folder / "next").change('number = "3.2"', 'number = "3.3"')
    for old, new in changes:
        made.change(old, new)
    with (made.path / "policy.toml").open("a", encoding="utf-8") as facts:
        facts.write(added)
    now = omonat.clock.now()
    officer = omonat.staff.add("Second officer", roles=["privacy_officer"], os_user=None, now=now)
    omonat.policies.publish(made.path, author=officer, reason="another text", now=now)


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
