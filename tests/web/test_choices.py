"""The visitor's cookie choice on its short way: durable and in the ledger before the answer, with every check of the
long way, in three statements (clauses 6.1, 8.1, 8.2)."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event

from harness.apart import run_apart
from harness.choices import notice_hash
from harness.choosing import OURS, Site, cookie_of, publish, rows
from harness.company import SITE
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.consent import choosing
from omonat.kernel.codec import from_json, to_json
from omonat.kernel.ids import EventId, SubjectId
from omonat.policy import service as policy_service
from omonat.storage import Database, schema
from omonat.vault.events import commitment, derived_salt
from omonat.web.server import create_asgi
from omonat.webhooks import deliveries


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


@pytest.fixture
def site(omonat: Omonat) -> Site:
    return Site(omonat, create_asgi(omonat))


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
