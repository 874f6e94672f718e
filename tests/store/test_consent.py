"""Consent is a history; withdrawing stops exactly what rests on it; a cookie choice is signed (3.1, 7.1 c, 8.x)."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select

from harness.choices import notice_hash
from harness.domain import Domain, email, name, new_domain, phone
from omonat.consent import Choice, ConsentGiven, Consents
from omonat.consent.rules import bases, to_ask
from omonat.grounds import Asked, decide
from omonat.kernel.errors import Denied, NotFound
from omonat.keystore import SubjectKeys
from omonat.storage import Database, schema
from omonat.vault import store


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


@pytest.fixture
def consents(domain: Domain) -> Consents:
    return Consents(domain.database, domain.vault, domain.policies)


def give(domain: Domain, consents: Consents, keys: SubjectKeys, purpose: str, channel: str) -> None:
    def unit(tx):  # type: ignore[no-untyped-def]
        hash_ = consents.remember_text(tx, "en", f"text of {purpose}", domain.now())
        given = ConsentGiven(
            purpose=purpose, channel=channel, action="granted", language="en", text_hash=hash_, via="form:test"
        )
        consents.record(tx, keys, given, now=domain.now())

    domain.database.write(unit)


def withdraw(domain: Domain, consents: Consents, keys: SubjectKeys, purpose: str, channel: str | None = None) -> int:
    return domain.database.write(
        lambda tx: consents.withdraw(
            tx, keys, purpose, channel, language="en", text_hash="0" * 64, via="portal", now=domain.now()
        )
    )


def may_use(domain: Domain, keys: SubjectKeys, channel: str, category: str) -> bool:
    asked = Asked(operation="use", purpose="news", category=category, channel=channel)
    with domain.database.read() as tx:
        person = domain.vault.state(tx, keys.subject_id, domain.now())
    return decide(domain.policies.in_force().facts, person, asked, now=domain.now()).allowed


def test_clause_3_1_news_by_one_channel_only(domain: Domain, consents: Consents) -> None:
    keys = domain.person(email("ali@example.uz"), phone("+998901234567"))
    assert not may_use(domain, keys, "email", "email")
    give(domain, consents, keys, "news", "email")
    assert may_use(domain, keys, "email", "email")
    assert not may_use(domain, keys, "sms", "phone")


def test_clause_7_1_c_withdrawing_one_channel_leaves_the_other(domain: Domain, consents: Consents) -> None:
    keys = domain.person(email("ali@example.uz"), phone("+998901234567"))
    give(domain, consents, keys, "news", "email")
    give(domain, consents, keys, "news", "sms")
    assert withdraw(domain, consents, keys, "news", "email") == 1
    assert not may_use(domain, keys, "email", "email")
    assert may_use(domain, keys, "sms", "phone")
    assert withdraw(domain, consents, keys, "news") == 1
    assert withdraw(domain, consents, keys, "news") == 0


def test_clause_4_1_withdrawal_stops_what_rests_on_consent_and_nothing_else(domain: Domain, consents: Consents) -> None:
    keys = domain.person(name("Ali"), purpose="support", ground="consent")
    give(domain, consents, keys, "support", "form")
    withdraw(domain, consents, keys, "support")
    with pytest.raises(Denied, match="consent_withdrawn"):
        domain.vault.read(keys.subject_id, actor="staff:x", purpose="support", reason="test", now=domain.now())
    with domain.database.read() as tx:
        [record] = store.records_of(tx, keys.subject_id)
    assert record.keep_until is not None
    assert timedelta(days=9) < record.keep_until - domain.now() < timedelta(days=12)


def test_the_history_is_never_overwritten(domain: Domain, consents: Consents) -> None:
    keys = domain.person(email("ali@example.uz"))
    for _ in range(2):
        give(domain, consents, keys, "news", "email")
        withdraw(domain, consents, keys, "news")
    with domain.database.read() as tx:
        history = consents.history(tx, keys.subject_id)
    assert [line["action"] for line in history] == ["granted", "withdrawn"] * 2
    granted = history[0]
    assert granted["policy_hash"] == domain.policies.in_force().hash
    assert granted["expires_at"] is not None
    assert granted["categories"]
    assert consents.get_text(str(granted["text_hash"])) == "text of news"


def test_every_consent_has_its_ledger_event(domain: Domain, consents: Consents) -> None:
    keys = domain.person(email("ali@example.uz"))
    give(domain, consents, keys, "news", "email")
    with domain.database.read() as tx:
        consent_event = tx.scalar(select(schema.consent_event.c.event_id))
        kind = tx.scalar(select(schema.ledger_event.c.kind).where(schema.ledger_event.c.event_id == consent_event))
    assert kind == "consent_granted"


# --- the cookie choice ------------------------------------------------------------------------------------------------


def choose(domain: Domain, consents: Consents, cookie: str | None, improve: bool, **more: bool) -> str:
    return consents.choose(
        cookie, {"improve": improve, "fishing": True}, "en", "banner", shown=notice_hash(consents, "en"),
        gpc=more.get("gpc", False), now=domain.now(),
    )  # fmt: skip


def read_choice(consents: Consents, cookie: str | None) -> Choice:
    choice = consents.read_choice(cookie)
    assert choice is not None
    return choice


def actions(domain: Domain, choice: Choice) -> list[str]:
    c = schema.consent_event.c
    with domain.database.read() as tx:
        return list(tx.scalars(select(c.action).where(c.subject_id == choice.visitor_id).order_by(c.consent_id)))


def test_clause_8_2_a_refusal_is_remembered_like_a_consent(domain: Domain, consents: Consents) -> None:
    refused = read_choice(consents, choose(domain, consents, None, improve=False))
    granted = read_choice(consents, choose(domain, consents, None, improve=True))
    assert refused.purposes == {"improve": False}
    assert granted.allows("improve")
    assert not granted.allows("fishing")
    assert (actions(domain, refused), actions(domain, granted)) == (["refused"], ["granted"])
    with domain.database.read() as tx:
        assert set(map(tuple, tx.scalars(select(schema.consent_event.c.categories)))) == {("cookies", "visits")}
    assert not any(consents.to_ask(each, domain.policies.in_force(), domain.now()) for each in (refused, granted))


def test_a_changed_mind_is_a_withdrawal_of_the_same_visitor(domain: Domain, consents: Consents) -> None:
    first = choose(domain, consents, None, improve=True)
    second = choose(domain, consents, first, improve=False)
    assert read_choice(consents, second).visitor_id == read_choice(consents, first).visitor_id
    assert actions(domain, read_choice(consents, second)) == ["granted", "withdrawn"]


def test_a_visitor_who_was_erased_starts_as_a_stranger(domain: Domain, consents: Consents) -> None:
    first = choose(domain, consents, None, improve=True)
    visitor_id = read_choice(consents, first).visitor_id
    intent = domain.database.write(
        lambda tx: domain.erasure.begin(tx, visitor_id, None, trigger="disagree", actor="visitor", now=domain.now())
    )
    domain.erasure.carry_out(intent)
    assert read_choice(consents, choose(domain, consents, first, improve=False)).visitor_id != visitor_id


@pytest.mark.parametrize("cookie", [None, "", "x", "eyJ9.AAAA", "ʻ.ʻ", "a" * 5000])
def test_a_cookie_that_we_did_not_sign_is_no_choice(consents: Consents, cookie: str | None) -> None:
    assert consents.read_choice(cookie) is None


def test_the_banner_asks_again_only_when_its_basis_changed_or_ran_out(domain: Domain, consents: Consents) -> None:
    policy = domain.policies.in_force().facts
    choice = read_choice(consents, choose(domain, consents, None, improve=False))
    assert to_ask(None, policy, domain.now()) == ("improve",)
    assert not to_ask(choice, policy, domain.now() + timedelta(days=179))
    assert to_ask(choice, policy, domain.now() + timedelta(days=181))
    other = msgspec.structs.replace(choice, basis={"improve": bases(policy)["improve"][::-1]})
    assert to_ask(other, policy, domain.now())
    of_an_older_release = msgspec.structs.replace(choice, basis=bases(policy)["improve"])
    assert to_ask(of_an_older_release, policy, domain.now())


def test_a_browser_signal_is_recorded_with_the_choice(domain: Domain, consents: Consents) -> None:
    choose(domain, consents, None, improve=True, gpc=True)
    with domain.database.read() as tx:
        assert tx.scalar(select(schema.consent_event.c.via)) == "banner+gpc"


def test_the_exact_banner_text_is_kept_under_its_hash(domain: Domain, consents: Consents) -> None:
    text, hash_ = consents.banner_text("ru")
    with pytest.raises(NotFound):
        consents.get_text(hash_)
    consents.choose(None, {"improve": False}, "ru", "banner", shown="", gpc=False, now=domain.now())
    assert consents.get_text(hash_) == text
