"""The doors *disclose* and *use* on both engines."""

import json
from pathlib import Path

import pytest

from harness.domain import email
from harness.office import Office, new_office
from omonat.disclosure import mailing
from omonat.kernel.clock import in_days
from omonat.kernel.errors import Damaged, Denied, NotFound
from omonat.storage import Database, schema


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return new_office(database, key_database, tmp_path)


def disclose(office: Office, keys, recipient="contractor", purpose="contract", categories=None):  # type: ignore[no-untyped-def]
    return office.disclosures.disclose(
        keys.subject_id, recipient, purpose, categories, actor="staff:sardor", reason="installation", now=office.now()
    )


# --- disclose ---------------------------------------------------------------------------------------------------------


def test_a_package_holds_the_values_and_what_binds_the_recipient(office: Office) -> None:
    keys = office.customer("aziza")
    done = disclose(office, keys, categories=("name", "phone"))
    package = json.loads(done.package)
    values = {one["field"]: one["value"] for one in package["values"]}
    assert values.keys() == {"name", "phone"} and values["name"] == "Aziza"
    assert package["agreement"] == "1/M" and package["ground"] == "contract" and package["purpose"] == "contract"
    assert "Aziza" not in repr(done) and "aziza" not in done.file_name


def test_row_event_and_notice_are_one_act(office: Office) -> None:
    keys = office.customer()
    done = disclose(office, keys)
    (row,) = office.rows(schema.disclosure, subject_id=keys.subject_id)
    assert row.categories == ["email", "name", "phone"] and row.notified_at is None
    assert row.notice_due_at == done.notice_due_at == in_days(row.at, 3)
    (job,) = office.rows(schema.outbox, business_key=f"disclosure:{done.disclosure_id}")
    letter = {"subject": str(keys.subject_id), "disclosure": str(done.disclosure_id), "letter": "disclosed"}
    assert job.kind == "notice" and job.payload == letter
    (event,) = office.rows(schema.ledger_event, event_id=row.event_id)
    assert event.kind == "disclosed" and b"aziza" not in event.body.lower()


@pytest.mark.parametrize(
    ("recipient", "purpose", "categories", "reason"),
    [
        ("nobody", "contract", None, "recipient_unknown"),
        ("contractor", "support", None, "recipient_not_for_purpose"),
        ("contractor", "contract", ("device",), "recipient_not_for_category"),
        ("contractor", "contract", ("other",), "nothing_held"),
        ("state", "legal", None, "no_ground"),
    ],
)
def test_a_refusal_says_why_and_leaves_nothing(office: Office, recipient, purpose, categories, reason) -> None:  # type: ignore[no-untyped-def]
    keys = office.customer()
    with pytest.raises(Denied) as denied:
        disclose(office, keys, recipient, purpose, categories)
    assert reason in str(denied.value.details["reasons"])
    assert not office.count(schema.disclosure) and not office.events("disclosed")
    assert not office.count(schema.outbox)


def test_a_suspended_or_erased_person_is_not_disclosed(office: Office) -> None:
    suspended, erased = office.customer("bek"), office.customer("umid")
    office.restrict(suspended.subject_id, "suspended")
    with pytest.raises(Denied, match="suspended"):
        disclose(office, suspended)
    office.domain.erase(erased)
    with pytest.raises(NotFound):
        disclose(office, erased)


def test_what_is_past_its_term_is_not_disclosed(office: Office) -> None:
    keys = office.customer()
    past = office.now()
    c = schema.record.c
    office.database.write(
        lambda tx: tx.execute(schema.record.update().where(c.field == "name").values(keep_until=past))
    )
    fields = [one["field"] for one in json.loads(disclose(office, keys).package)["values"]]
    assert sorted(fields) == ["email", "phone"]


def test_the_journal_is_durable_before_a_value_is_opened(office: Office) -> None:
    """A value that cannot be opened shows the order: the entry is there, the package is not."""
    keys = office.customer()
    office.database.write(lambda tx: tx.execute(schema.record.update().values(sealed_value=b"x" * 40)))
    with pytest.raises(Damaged):
        disclose(office, keys)
    assert office.count(schema.disclosure) == 1 and office.events("disclosed") == 1


def test_a_notice_is_marked_once_and_is_overdue_until_then(office: Office) -> None:
    keys = office.customer()
    done = disclose(office, keys)
    later = office.pass_days(5)
    assert [one.disclosure_id for one in office.disclosures.overdue_notices(later)] == [done.disclosure_id]

    def mark(tx):  # type: ignore[no-untyped-def]
        return office.disclosures.mark_notified(tx, keys.subject_id, done.disclosure_id, later)

    assert office.database.write(mark) and not office.database.write(mark)
    assert office.disclosures.overdue_notices(later) == []


# --- mailings ---------------------------------------------------------------------------------------------------------


def mail(office: Office, channel: str = "email"):  # type: ignore[no-untyped-def]
    return office.disclosures.mailing("news", channel, actor="staff:lola", reason="tariffs", now=office.now())


def addresses(rows) -> list[str]:  # type: ignore[no-untyped-def]
    return sorted(row.address.reveal() for row in rows)


def test_only_those_who_may_be_written_to_are_listed(office: Office) -> None:
    for word in ("anvar", "botir"):
        office.subscriber(word)
    claimed, other_channel = office.customer("claimed"), office.customer("channel")
    office.says(claimed, "granted")
    office.prove(other_channel)
    office.says(other_channel, "granted", channel="sms")
    office.prove(office.customer("silent"))
    withdrawn, suspended, objected = (office.subscriber(word) for word in ("withdrawn", "suspended", "objected"))
    office.says(withdrawn, "withdrawn")
    office.restrict(suspended.subject_id, "suspended")
    office.restrict(objected.subject_id, "objected", "news")
    office.domain.erase(office.subscriber("erased"))
    rows = list(mail(office))
    assert addresses(rows) == ["anvar@example.uz", "botir@example.uz"]
    assert {row.language for row in rows} == {"ru"} and "anvar" not in repr(rows)


def test_a_consent_that_ran_out_is_no_consent(office: Office) -> None:
    office.subscriber("anvar")
    office.pass_days(3 * 366 + 2)
    assert list(mail(office)) == []


def test_one_event_and_a_row_that_each_person_sees(office: Office) -> None:
    people = [office.subscriber(word) for word in ("anvar", "botir", "kamol")]
    list(mail(office))
    (event,) = office.rows(schema.ledger_event, kind="mailing")
    facts = json.loads(event.body)["facts"]
    assert facts["count"] == 3 and len(facts["root"]) == 64 and facts["channel"] == "email"
    for keys in people:
        (row,) = office.rows(schema.journal, subject_id=keys.subject_id)
        assert (row.operation, row.actor, row.reason, row.event_id) == ("use", "staff:lola", "tariffs", event.event_id)
        assert row.categories == ["email"]


def test_a_withdrawal_while_the_list_is_written_is_obeyed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "BATCH", 1)
    people = {keys.subject_id: keys for keys in (office.subscriber(word) for word in ("anvar", "botir", "kamol"))}
    rows = mail(office)
    first = next(rows)
    late = office.subscriber("late")
    stopped, stays = (keys for subject_id, keys in sorted(people.items()) if subject_id != first.subject_id)
    office.says(stopped, "withdrawn")
    assert [row.subject_id for row in rows] == [stays.subject_id]
    assert not office.count(schema.journal, subject_id=stopped.subject_id)
    assert not office.count(schema.journal, subject_id=late.subject_id)


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_a_count_over_many_pages_is_what_deciding_on_each_comes_to(
    office: Office, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailing, "PAGE", at_once)
    people = [office.subscriber(word) for word in ("anvar", "botir", "kamol", "dilshod", "erkin")]
    office.says(people[1], "withdrawn")
    office.says(people[3], "refused")
    office.restrict(people[4].subject_id, "suspended")
    order = mailing.Order(purpose="news", channel="email", actor="staff:lola", reason="tariffs", now=office.now())
    asked = mailing.Mailing(office.database, office.domain.vault, office.domain.policies, order)
    told: list[tuple[int, int]] = []
    census = asked.census(lambda done, total: told.append((done, total)))
    assert (census.asked, census.may) == (5, 2) == (len(people), len(asked.prepare()))
    assert census.left_out == {"refused": 1, "restricted": 1, "withdrawn": 1}
    assert told[-1] == (5, 5) and len(told) == -(-5 // at_once)


def test_nothing_is_journalled_for_rows_that_were_never_taken(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailing, "BATCH", 1)
    for word in ("anvar", "botir"):
        office.subscriber(word)
    next(mail(office))
    assert office.count(schema.journal) == 1 and office.events("mailing") == 1


def test_an_address_collected_for_the_news_comes_first(office: Office) -> None:
    keys = office.subscriber("anvar")
    keys = office.collect(keys, email("anvar@example.uz"), purpose="news", ground="consent")
    (row,) = mail(office)
    (journal,) = office.rows(schema.journal)
    assert row.address.reveal() == "anvar@example.uz" and journal.purpose == "news"


@pytest.mark.parametrize(("purpose", "channel"), [("invented", "email"), ("news", "pigeon"), ("contract", "email")])
def test_an_undeclared_mailing_is_refused(office: Office, purpose: str, channel: str) -> None:
    with pytest.raises(Denied):
        office.disclosures.mailing(purpose, channel, actor="staff:lola", reason="r", now=office.now())
    assert not office.events("mailing")
