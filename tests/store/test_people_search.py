"""Searching and opening people on both engines: by an identifier only, for a stated purpose, masked with the reason."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from harness.card import Firm
from omonat.consent import ConsentGiven
from omonat.contracts import Given
from omonat.kernel.clock import local_date
from omonat.kernel.errors import InvalidInput, NotAllowed, NotFound, TooManyRequests
from omonat.kernel.ids import SubjectId
from omonat.people import SEARCHES_AN_HOUR, Card, Found, NotOpened
from omonat.staff import StaffAccount
from omonat.storage import schema

PHONE = "+998901234567"
ROLE_PURPOSE = {"support": "support", "sales": "contract", "privacy_officer": "legal"}


def search(firm: Firm, role: str, kind: str, value: str) -> list[Found]:
    purpose = ROLE_PURPOSE[role]
    return firm.omonat.people.search(firm.member(role), kind, value, purpose=purpose, reason="call", now=firm.now)


def card(firm: Firm, actor: StaffAccount, subject_id: SubjectId, purpose: str) -> Card:
    firm.omonat.people.open(actor, subject_id, purpose=purpose, reason="the person calls", now=firm.now)
    return firm.omonat.people.card(actor, subject_id, firm.now)


def test_everybody_who_names_it_exactly_is_found_and_nobody_else(firm: Firm) -> None:
    one, two = firm.order(), firm.callback()
    firm.callback("+998935556677")
    firm.prove(one, "phone")
    found = {(each.subject_id, each.how) for each in search(firm, "support", "phone", "90 123 45 67")}
    assert found == {(one, "proven"), (two, "claimed")}
    assert [each.subject_id for each in search(firm, "support", "email", "ALI@example.uz")] == [one]
    assert search(firm, "support", "email", "al@example.uz") == []
    with pytest.raises(InvalidInput):
        search(firm, "support", "phone", "+99890123")


def test_by_case_contract_and_id(firm: Firm) -> None:
    person = firm.order()
    case = firm.omonat.rights.cases()[0]
    assert [each.subject_id for each in search(firm, "sales", "case", case.case_id)] == [person]
    assert [each.subject_id for each in search(firm, "sales", "case", case.case_id[-12:].upper())] == [person]
    assert [each.subject_id for each in search(firm, "sales", "subject", str(person))] == [person]
    assert search(firm, "sales", "subject", str(uuid4())) == []
    given = Given(number="77-B", about="x", starts_on=local_date(firm.now).isoformat())
    drafted = firm.omonat.contracts.draft(firm.member("sales"), person, given, firm.now)
    (found,) = search(firm, "sales", "contract", "77-b")
    assert (found.subject_id, found.contract_id) == (person, drafted.contract_id)
    with pytest.raises(NotAllowed):
        search(firm, "support", "contract", "77-b")


def test_a_purpose_that_is_not_the_roles_and_no_reason_find_nothing(firm: Firm) -> None:
    firm.order()
    for purpose, reason in (("contract", "call"), ("news", "call"), ("support", " "), ("support", "x" * 201)):
        with pytest.raises(InvalidInput):
            firm.omonat.people.search(
                firm.member("support"), "phone", PHONE, purpose=purpose, reason=reason, now=firm.now
            )
    for role in ("auditor", "marketing", "administrator"):
        with pytest.raises(NotAllowed):
            firm.omonat.people.search(firm.member(role), "phone", PHONE, purpose="support", reason="call", now=firm.now)


def test_a_listing_attack_runs_into_the_hourly_limit(firm: Firm) -> None:
    for number in range(SEARCHES_AN_HOUR):
        search(firm, "support", "phone", f"+99890{number:07d}")
    with pytest.raises(TooManyRequests):
        search(firm, "support", "phone", PHONE)
    search(firm, "sales", "phone", PHONE)  # another member's count is his own
    firm.days_pass(1)
    search(firm, "support", "phone", PHONE)


def test_a_search_leaves_no_value_behind(firm: Firm) -> None:
    firm.order()
    search(firm, "support", "phone", PHONE)
    with firm.omonat.database.read() as tx:
        for table in (schema.staff_search, schema.ledger_event):
            assert all("1234567" not in str(row) for row in tx.execute(select(*table.columns)))


# --- opening --------------------------------------------------------------------------------------------------------


def test_a_card_is_journalled_when_it_is_opened_and_shows_the_stated_purpose_only(firm: Firm) -> None:
    person = firm.order(company="Sinov MChJ")
    sales = firm.member("sales")
    with pytest.raises(NotOpened):
        firm.omonat.people.card(sales, person, firm.now)
    shown = card(firm, sales, person, "contract")
    assert {line.value for line in shown.lines} >= {"Ali Valiyev", PHONE, "ali@example.uz", "Sinov MChJ"}
    assert all(not line.masked for line in shown.lines)
    assert firm.journal(person) == [("read", "staff:sales", "contract")]
    assert firm.omonat.people.card(sales, person, firm.now).lines == shown.lines
    assert len(firm.journal(person)) == 1  # one visit is one line


def test_support_sees_that_an_order_is_held_and_none_of_its_values(firm: Firm) -> None:
    person = firm.order(news=("email",))
    shown = card(firm, firm.member("support"), person, "support")
    assert shown.lines and all(line.masked and line.value == "" for line in shown.lines)
    assert {line.reasons for line in shown.lines} == {("not_your_purpose",)}
    assert len(shown.cases) == 1


def test_another_purpose_of_the_own_role_has_to_be_stated(firm: Firm) -> None:
    person = firm.order(news=("email",))
    shown = card(firm, firm.member("privacy_officer"), person, "news")
    assert {line.reasons for line in shown.lines if line.purpose == "contract"} == {("another_purpose",)}
    assert {line.value for line in shown.lines if line.purpose == "news"} >= {"ali@example.uz"}


def test_what_is_withdrawn_or_suspended_closes_at_the_next_look(firm: Firm) -> None:
    person, support = firm.callback(), firm.member("support")
    assert not card(firm, support, person, "support").lines[0].masked
    firm.omonat.rights.suspend(person, firm.now)
    assert {line.reasons for line in firm.omonat.people.card(support, person, firm.now).lines} == {("suspended",)}
    firm.omonat.rights.lift_suspension(person, firm.now)
    firm.omonat.rights.withdraw(person, "support", None, "en", firm.now)
    assert {line.reasons for line in firm.omonat.people.card(support, person, firm.now).lines} == {
        ("consent_withdrawn",)
    }


def test_what_only_a_law_keeps_is_masked_with_that(firm: Firm) -> None:
    person, officer = firm.order(), firm.member("privacy_officer")
    firm.omonat.retention.holds.place(
        person, "accounting", local_date(firm.now), purpose="contract", actor="staff:x", reason="x", now=firm.now
    )
    case = firm.omonat.rights.cases()[0]
    firm.omonat.rights.close_case(case.case_id, officer.actor, "answered", now=firm.now)
    firm.days_pass(3 * 366)
    firm.omonat.retention.sweep(firm.now)
    shown = card(firm, officer, person, "contract")
    assert {line.reasons for line in shown.lines} == {("kept_by_law",)}


def test_what_came_after_the_opening_waits_for_a_new_one(firm: Firm) -> None:
    person, sales = firm.submit("order", name="Ali", phone=PHONE, service="IP"), firm.member("sales")
    card(firm, sales, person, "contract")
    keys = firm.omonat.keystore.open_subject(person)
    from omonat.kernel.secret import Sealed
    from omonat.keystore import Compartment
    from omonat.vault import Origin, Value

    keys = firm.omonat.keystore.add_compartments(keys, [Compartment("contract", "email")], firm.now)
    value = Value("email", "email", "email", Sealed("new@example.uz"))
    origin = Origin(purpose="contract", ground="contract", source="staff")
    firm.omonat.database.write(lambda tx: firm.omonat.vault.collect(tx, keys, [value], origin, now=firm.now))
    masked = [line for line in firm.omonat.people.card(sales, person, firm.now).lines if line.masked]
    assert [(line.field, line.reasons) for line in masked] == [("email", ("not_journalled",))]
    assert all(not line.masked for line in card(firm, sales, person, "contract").lines)


def test_it_closes_by_itself_and_is_nobody_elses(firm: Firm) -> None:
    person = firm.order()
    card(firm, firm.member("sales"), person, "contract")
    with pytest.raises(NotOpened):
        firm.omonat.people.card(firm.member("privacy_officer"), person, firm.now)
    firm.days_pass(1)
    with pytest.raises(NotOpened):
        firm.omonat.people.card(firm.member("sales"), person, firm.now)


def test_nobody_opens_without_the_right_the_purpose_or_the_person(firm: Firm) -> None:
    person, now = firm.order(), firm.now
    with pytest.raises(NotAllowed):
        firm.omonat.people.open(firm.member("auditor"), person, purpose="contract", reason="x", now=now)
    with pytest.raises(InvalidInput):
        firm.omonat.people.open(firm.member("support"), person, purpose="contract", reason="x", now=now)
    with pytest.raises(NotFound):
        firm.omonat.people.open(firm.member("sales"), SubjectId(uuid4()), purpose="contract", reason="x", now=now)
    firm.omonat.rights.erase(person, firm.now)
    with pytest.raises(NotFound):
        firm.omonat.people.open(firm.member("sales"), person, purpose="contract", reason="x", now=now)


def test_matches_say_what_speaks_for_and_against_without_a_value(firm: Firm) -> None:
    one, two = firm.order(), firm.submit("contact", name="B", email="b@example.uz", phone=PHONE, message="m")
    firm.prove(one, "email")
    firm.prove(two, "email")
    support = firm.member("support")
    card(firm, support, one, "support")
    (match,) = firm.omonat.people.matches(support, one, firm.now)
    assert match.subject_id == two and [line.form for line in match.submissions] == ["contact"]
    assert match.speaks_for == ("phone_both_claimed",)
    assert match.speaks_against == ("other_email_proven", "nothing_proven")
    assert "b@example.uz" not in str(match)


def test_yesterdays_searches_are_forgotten(firm: Firm) -> None:
    search(firm, "support", "phone", PHONE)
    firm.days_pass(2)
    assert firm.omonat.people.prune(firm.now) == 1


def test_the_staff_are_not_told_that_a_dead_question_waits(firm: Firm) -> None:
    """A double opt-in that ran out, and one that can still be answered, on the card and in the history."""
    person, sales = firm.order(), firm.member("sales")
    keys = firm.omonat.keystore.open_subject(person)

    def ask(channel: str, at: datetime) -> None:
        given = ConsentGiven(
            purpose="news", channel=channel, action="pending", language="ru", text_hash="0" * 64, via="form:order"
        )
        firm.omonat.database.write(lambda tx: firm.omonat.consents.record(tx, keys, given, now=at))

    for channel, days in (("email", 9), ("email", 8), ("sms", 1)):
        ask(channel, firm.now - timedelta(days=days))
    words = card(firm, sales, person, "contract").words
    assert (words["news", "email"], words["news", "sms"]) == ("unconfirmed", "pending")
    history = firm.omonat.people.history(sales, person, firm.now)
    assert [(one.channel, one.word) for one in history.consents if one.purpose == "news"] == [
        ("sms", "pending"), ("email", "unconfirmed"), ("email", "was_pending"),
    ]  # fmt: skip
