"""Terms, holds and the sweep on both engines (clause 6.3)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from harness.domain import email, name, phone
from harness.office import Office, new_office, view
from omonat.kernel.errors import Conflict, NotFound
from omonat.keystore import Compartment
from omonat.law import UnknownRule
from omonat.storage import Database, schema
from omonat.vault import Origin

YEAR = 366


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return new_office(database, key_database, tmp_path)


def asker(office: Office, word: str = "nodira"):  # type: ignore[no-untyped-def]
    """Somebody who asked for a call: kept for a year after collection."""
    keys = office.domain.person(
        name(word.capitalize()), phone(f"+99890{len(word):07d}"), purpose="support", ground="consent"
    )
    office.says(keys, "granted", "support", "form")
    return keys


def sweep(office: Office, **options):  # type: ignore[no-untyped-def]
    return office.retention.sweep(office.now(), "system", **options)


def place(office: Office, keys, law="accounting", **where):  # type: ignore[no-untyped-def]
    return office.retention.holds.place(
        keys.subject_id, law, date(2026, 11, 1), actor="staff:officer", reason="invoice", now=office.now(), **where
    )


# --- terms ------------------------------------------------------------------------------------------------------------


def test_nothing_goes_before_its_day(office: Office) -> None:
    asker(office)
    office.pass_days(364)
    report = sweep(office)
    assert (report.subjects, report.records) == (0, 0) and office.count(schema.record) == 2


def test_a_person_whose_every_term_ran_out_goes_wholly(office: Office) -> None:
    keys = asker(office)
    office.pass_days(YEAR + 1)
    report = sweep(office)
    assert (report.whole_subjects, report.records, len(report.certificates)) == (1, 2, 1)
    assert not office.count(schema.record) and not office.count(schema.identifier)
    (row,) = office.rows(schema.destruction)
    assert (row.trigger, row.actor, row.scope) == ("term", "system", None)
    assert row.certificate["records_by_category"] == {"name": 1, "phone": 1} and row.certificate["clause"] == "6.3"
    with pytest.raises(NotFound):
        office.domain.keystore.open_subject(keys.subject_id)
    assert sweep(office).records == 0


def test_one_expired_part_goes_with_its_key_and_the_rest_stays(office: Office) -> None:
    keys = office.customer()
    keys = office.collect(keys, phone("+998901112233"), purpose="support", ground="consent")
    office.pass_days(YEAR + 1)
    report = sweep(office)
    assert (report.whole_subjects, report.records) == (0, 1) and office.count(schema.record) == 3
    left = office.domain.keystore.open_subject(keys.subject_id)
    assert not left.has(Compartment("support", "phone")) and left.has(Compartment("contract", "phone"))
    assert office.count(schema.identifier) == 2  # the phone of the expired part is named by nothing else


def test_single_due_rows_of_a_living_part_go_with_a_certificate(office: Office) -> None:
    keys = asker(office)
    office.pass_days(200)
    office.collect(keys, name("Boshqa"), purpose="support", ground="consent")
    office.pass_days(200)
    report = sweep(office)
    assert report.records == 2 and report.whole_subjects == 0
    (left,) = office.rows(schema.record)
    assert left.field == "name"
    assert office.domain.vault.read_own(keys.subject_id)[0].value.reveal() == "Boshqa"
    stores = sorted(str(sorted(row.certificate["stores"])) for row in office.rows(schema.destruction))
    assert stores == ["['data', 'key_store']", "['data']"]  # the phone's part wholly, the old name alone
    assert office.events("destruction_certified") == 2


def test_an_open_case_keeps_the_person_but_not_the_data(office: Office) -> None:
    from omonat.kernel.ids import new_id

    keys = asker(office)
    row = {"subject_id": keys.subject_id, "case_id": new_id(), "kind": "contact", "state": "open",
           "opened_at": office.now(), "due_at": office.now(), "term": "contact_answer", "details": {},
           "event_id": new_id()}  # fmt: skip
    office.database.write(lambda tx: tx.execute(schema.subject_case.insert().values(row)))
    office.pass_days(YEAR + 1)
    assert sweep(office).whole_subjects == 0
    assert office.rows(schema.subject)[0].state == "active" and not office.count(schema.record)
    office.database.write(lambda tx: tx.execute(schema.subject_case.update().values(state="done")))
    assert sweep(office).whole_subjects == 1
    assert office.rows(schema.subject)[0].state == "erased"


def test_a_dry_run_counts_and_changes_nothing(office: Office) -> None:
    asker(office)
    office.pass_days(YEAR + 1)
    before = office.rows(schema.record)
    report = sweep(office, dry_run=True)
    assert (report.dry_run, report.records, report.whole_subjects, report.certificates) == (True, 2, 1, ())
    assert office.rows(schema.record) == before and not office.count(schema.destruction)


def test_progress_is_told_per_person(office: Office) -> None:
    for word in ("a", "bb", "ccc"):
        asker(office, word)
    office.pass_days(YEAR + 1)
    seen: list[int] = []
    office.retention.sweep(office.now(), "system", seen.append)
    assert seen == [1, 2, 3] and office.retention.count_due(office.now()) == 0


def test_nothing_is_sealed_under_a_key_that_the_sweep_has_destroyed(office: Office) -> None:
    keys = office.customer()
    keys = office.collect(keys, phone("+998901112233"), purpose="support", ground="consent")
    office.pass_days(YEAR + 1)
    assert sweep(office).records == 1

    def collect(opened):  # type: ignore[no-untyped-def]
        origin = Origin(purpose="support", ground="consent", source="portal")
        values = [phone("+998901112233")]
        office.database.write(lambda tx: office.domain.vault.collect(tx, opened, values, origin, now=office.now()))

    with pytest.raises(Conflict):
        collect(keys)
    fresh = office.domain.keystore.open_subject(keys.subject_id)
    collect(office.domain.keystore.add_compartments(fresh, [Compartment("support", "phone")], office.now()))
    assert office.count(schema.record, purpose="support") == 1


# --- consent ----------------------------------------------------------------------------------------------------------


def test_a_withdrawn_consent_ends_its_data_as_withdrawn(office: Office) -> None:
    keys = office.subscriber("anvar")
    keys = office.collect(keys, email("anvar@example.uz"), purpose="news", ground="consent")
    withdraw = {"language": "ru", "text_hash": "0" * 64, "via": "portal"}
    office.database.write(lambda tx: office.consents.withdraw(tx, keys, "news", None, now=office.now(), **withdraw))
    assert sweep(office).records == 0
    office.pass_days(11)
    assert sweep(office).records == 1
    (row,) = office.rows(schema.destruction)
    assert row.trigger == "withdrawal" and row.certificate["clause"] == "7.1 c"
    assert office.count(schema.identifier) == 2  # the same address is held for the contract, too


def test_an_expired_consent_is_said_so_and_starts_the_term(office: Office) -> None:
    keys = office.subscriber("anvar")
    office.collect(keys, email("anvar@example.uz"), purpose="news", ground="consent")
    office.pass_days(3 * YEAR)
    assert sweep(office, dry_run=True).consents_expired == 1
    report = sweep(office)
    assert (report.consents_expired, report.records) == (1, 0)
    actions = [row.action for row in office.rows(schema.consent_event, purpose="news")]
    assert sorted(actions) == ["expired", "granted"] and office.events("consent_expired") == 1
    (record,) = office.rows(schema.record, purpose="news")
    assert record.keep_until is not None and record.keep_until > office.now()
    assert sweep(office).consents_expired == 0
    office.pass_days(11)
    assert sweep(office).records == 1


def test_a_renewed_consent_does_not_expire_with_the_old_one(office: Office) -> None:
    keys = office.subscriber("anvar")
    office.pass_days(2 * YEAR)
    office.says(keys, "granted")
    office.pass_days(2 * YEAR)
    assert sweep(office).consents_expired == 0


# --- holds ------------------------------------------------------------------------------------------------------------


def test_a_hold_stops_the_sweep_until_its_last_day(office: Office) -> None:
    keys = asker(office)
    hold = place(office, keys, category="phone")
    assert hold.until_on == date(2031, 11, 1) and office.events("hold_placed") == 1
    office.pass_days(YEAR + 1)
    report = sweep(office)
    assert report.records == 1 and report.whole_subjects == 0
    assert [(one.subject_id, one.law, one.until_on, one.records) for one in report.held] == [
        (keys.subject_id, "accounting", date(2031, 11, 1), 1)
    ]
    office.pass_days(5 * YEAR)
    assert sweep(office).whole_subjects == 1


def test_a_released_hold_lets_go(office: Office) -> None:
    keys = asker(office)
    hold = place(office, keys)
    office.pass_days(YEAR + 1)
    assert sweep(office).records == 0
    office.retention.holds.release(hold.hold_id, actor="staff:officer", now=office.now())
    assert sweep(office).records == 2
    assert office.retention.holds.list() == []


def test_holds_are_listed_and_released_once(office: Office) -> None:
    keys, other = asker(office, "a"), asker(office, "bb")
    hold = place(office, keys, purpose="support")
    place(office, other)
    assert [one.hold_id for one in office.retention.holds.list(keys.subject_id)] == [hold.hold_id]
    office.retention.holds.release(hold.hold_id, actor="staff:officer", now=office.now())
    with pytest.raises(Conflict):
        office.retention.holds.release(hold.hold_id, actor="staff:officer", now=office.now())
    assert len(office.retention.holds.list()) == 1 and len(office.retention.holds.list(released=True)) == 2
    assert office.events("hold_released") == 1


def test_a_hold_needs_a_law_and_somebody_to_hold(office: Office) -> None:
    keys = asker(office)
    with pytest.raises(UnknownRule):
        place(office, keys, law="whim")
    with pytest.raises(NotFound):
        place(office, keys, purpose="invented")
    office.domain.erase(keys)
    with pytest.raises(NotFound):
        place(office, keys)
    assert not office.count(schema.hold)


# --- what lives for a short time --------------------------------------------------------------------------------------


def test_visitors_and_their_days_go(office: Office) -> None:
    back, gone = office.visitor(), office.visitor("refused")
    office.statistics.count(back.subject_id, view("/"), office.now())
    office.pass_days(100)
    office.statistics.count(back.subject_id, view("/"), office.now())
    office.pass_days(100)
    report = sweep(office)
    assert (report.visit_days, report.visitors) == (1, 1)
    states = {row.subject_id: row.state for row in office.rows(schema.subject)}
    assert states == {back.subject_id: "active", gone.subject_id: "erased"}
    assert [row.views for row in office.rows(schema.page_count)] == [1, 1]  # counts belong to nobody


def test_old_codes_sessions_and_tokens_go(office: Office) -> None:
    from omonat.kernel.ids import new_id

    now, later = office.now(), office.now() + timedelta(days=30)
    for end in (now - timedelta(minutes=1), later):
        token = new_id().bytes * 2
        rows = (
            (schema.challenge, {"challenge_id": new_id(), "kind": "email", "tag": token, "browser_tag": token,
                                "language": "ru", "intent": "sign_in", "created_at": now, "expires_at": end,
                                "tries": 0}),
            (schema.portal_session, {"token_tag": token, "session_id": new_id(), "kind": "email", "tag": token,
                                     "created_at": now, "expires_at": end}),
            (schema.submission_token, {"token_tag": token, "subject_id": new_id(), "submission_id": new_id(),
                                       "expires_at": end}),
        )  # fmt: skip
        for table, row in rows:
            office.database.write(lambda tx, table=table, row=row: tx.execute(table.insert().values(row)))  # type: ignore[misc]
    assert (sweep(office, dry_run=True).sign_in_rows, sweep(office).sign_in_rows) == (2, 2)
    assert [office.count(one) for one in (schema.challenge, schema.portal_session, schema.submission_token)] == [1] * 3
