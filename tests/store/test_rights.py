"""Every demand is a case with a term and is carried out: clause 7.1, on both engines."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from harness.rights import People, new_people
from omonat.grounds import Asked, decide
from omonat.kernel.clock import in_days, local_date
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import SubjectId, new_id
from omonat.rights import Case
from omonat.storage import Database, schema
from omonat.vault import store as vault_store

MAIL, PHONE, NAME = "ali@example.uz", "+998901234567", "Ali Valiyev"
CARRIED_OUT = ["opened", "carried_out", "closed"]


@pytest.fixture
def people(database: Database, key_database: Database, tmp_path: Path) -> People:
    return new_people(database, key_database, tmp_path)


@pytest.fixture
def ali(people: People) -> SubjectId:
    """Signed in by mail; his phone is claimed."""
    subject_id = people.contact(email=MAIL, phone=PHONE, name=NAME, news=("email",))
    people.enter(MAIL)
    return subject_id


def disclose(people: People, subject_id: SubjectId, purpose: str = "contract") -> None:
    people.disclosures.disclose(
        subject_id, "contractor", purpose, actor="staff:Officer", reason="delivery", now=people.clock.now()
    )


def may_read(people: People, subject_id: SubjectId, purpose: str = "support") -> bool:
    now = people.clock.now()
    with people.database.read() as tx:
        person = people.vault.state(tx, subject_id, now)
    asked = Asked(operation="read", purpose=purpose, category="name")
    return decide(people.domain.policies.in_force().facts, person, asked, now=now).allowed


def is_due_in(people: People, case: Case, days: int) -> bool:
    return case.due_at == in_days(case.opened_at, days)


# --- 7.1 a: information ---------------------------------------------------------------------------------------------


def test_the_file_holds_everything_and_masks_what_is_not_proven(people: People, ali: SubjectId) -> None:
    file = people.rights.person_file(ali, people.clock.now())
    values = {(value.purpose, value.field): value for value in file.values}
    assert values["support", "name"].value == NAME
    assert (values["support", "email"].value, values["support", "email"].proven) == (MAIL, True)
    phone = values["support", "phone"]
    assert (phone.value, phone.masked, phone.proven) == ("+998 ••• •• 67", True, False)
    assert values["support", "name"].proven is None
    assert values["support", "ip_address"].value == "192.0.2.7"
    assert values["news", "email"].ground == "consent"
    assert {(line.purpose, line.channel, line.action, line.current) for line in file.consents} == {
        ("support", "form", "granted", True), ("news", "email", "granted", True),
    }  # fmt: skip
    assert [case.kind for case in file.cases] == ["contact"]
    assert file.policy_number == "3.2"


def test_what_is_due_is_not_shown_though_the_sweep_has_not_come_by(people: People, ali: SubjectId) -> None:
    people.later(days=200)  # evidence of the browser is kept for 180 days
    fields = {value.field for value in people.rights.person_file(ali, people.clock.now()).values}
    assert fields == {"name", "email", "phone", "message"}


def test_what_a_law_keeps_is_said_with_the_law(people: People, ali: SubjectId) -> None:
    people.hold(ali, "support", "name")
    file = people.rights.person_file(ali, people.clock.now())
    assert {value.field: value.kept_by_law for value in file.values if value.purpose == "support"}[
        "name"
    ] == "accounting"
    assert [hold.law for hold in file.holds] == ["accounting"]


def test_a_download_is_a_line_of_the_journal(people: People, ali: SubjectId) -> None:
    people.rights.note_export(ali, "json", people.clock.now())
    assert people.rights.person_file(ali, people.clock.now()).journal[0].operation == "export"


def test_nothing_is_held_of_a_stranger(people: People) -> None:
    with pytest.raises(NotFound):
        people.rights.person_file(SubjectId(new_id()), people.clock.now())


# --- 7.1 b: correct -------------------------------------------------------------------------------------------------


def test_a_correction_replaces_the_value_where_it_lay(people: People, ali: SubjectId) -> None:
    record_id = people.record(ali, "name")
    with people.database.read() as tx:
        before = next(held for held in vault_store.records_of(tx, ali) if str(held.record_id) == record_id)
    case = people.rights.correct(ali, record_id, "Ali  G'aniyev", people.clock.now())
    assert (case.kind, case.state, case.outcome, case.term) == ("correct", "done", "corrected", "correction")
    assert is_due_in(people, case, 3)
    assert people.steps(case) == CARRIED_OUT
    with people.database.read() as tx:
        after = next(held for held in vault_store.records_of(tx, ali) if held.field == "name")
        assert vault_store.journal_of(tx, ali)[0]["operation"] == "correct"
    assert after.record_id != before.record_id and after.sealed_value != before.sealed_value
    same = ("purpose", "category", "field", "ground", "source", "keep_until", "key_id", "submission_id", "collected_at")
    assert [getattr(after, name) for name in same] == [getattr(before, name) for name in same]
    assert people.values(ali)["name"] == "Ali Gʻaniyev"


def test_the_person_hears_of_it_at_the_proven_address_and_no_value_is_in_the_letter(
    people: People, ali: SubjectId
) -> None:
    case = people.rights.correct(ali, people.record(ali, "name"), "Vali", people.clock.now())
    people.work()
    letter = people.letters_to(MAIL)[-1]
    assert "corrected" in letter.subject and "Vali" not in letter.text and NAME not in letter.text
    assert people.steps(case) == [*CARRIED_OUT, "notice_sent"]
    assert people.letters_to(PHONE) == []


def test_a_notice_is_sent_once_though_the_work_runs_twice(people: People, ali: SubjectId) -> None:
    case = people.rights.correct(ali, people.record(ali, "name"), "Vali", people.clock.now())
    payload = {"subject": str(ali), "case": case.case_id, "letter": "corrected", "category": "name"}
    people.rights.send_notice(payload)
    people.rights.send_notice(payload)
    assert len([each for each in people.letters_to(MAIL) if "corrected" in each.subject]) == 1


def test_who_has_proven_nothing_gets_no_notice(people: People) -> None:
    subject_id = people.contact(email=MAIL)
    case = people.rights.suspend(subject_id, people.clock.now())
    people.work()
    assert people.letters_to(MAIL) == []
    assert people.steps(case)[-1] == "notice_not_possible"


def test_recipients_of_the_category_are_told_by_ids(people: People) -> None:
    subject_id = people.order(email=MAIL, phone=PHONE)
    people.enter(MAIL)
    disclose(people, subject_id)
    people.work()
    case = people.rights.correct(subject_id, people.record(subject_id, "name"), "Vali", people.clock.now())
    people.work()
    office = people.domain.policies.in_force().facts.operator.email
    letter = people.letters_to(office)[-1]
    with people.database.read() as tx:
        disclosure_id = tx.scalars(select(schema.disclosure.c.disclosure_id)).one()
    assert str(disclosure_id) in letter.text and "Vali" not in letter.text and NAME not in letter.text
    assert "recipient_notice_sent" in people.steps(case)


def test_a_corrected_identifier_is_claimed_until_it_is_proven(people: People, ali: SubjectId) -> None:
    people.rights.correct(ali, people.record(ali, "email"), "ali.new@example.uz", people.clock.now())
    assert people.identifiers(ali)["email"] == "claimed"
    assert people.gets_no_code(MAIL)
    emails = [value for value in people.rights.person_file(ali, people.clock.now()).values if value.field == "email"]
    assert len(emails) == 2 and all(value.masked for value in emails)  # support and news: one value, corrected in both
    assert people.enter("ali.new@example.uz").subject_id == ali


def test_correcting_one_of_two_addresses_leaves_the_other_proven(people: People, ali: SubjectId) -> None:
    people.rights.correct(ali, people.record(ali, "phone"), "+998935556677", people.clock.now())
    assert people.identifiers(ali) == {"email": "proven", "phone": "claimed"}
    assert people.gets_no_code(PHONE)


@pytest.mark.parametrize(
    ("field", "text"), [("name", "123"), ("email", "x"), ("phone", "1"), ("name", ""), ("name", "A" * 5000)]
)
def test_what_does_not_fit_its_kind_is_refused_and_makes_no_case(
    people: People, ali: SubjectId, field: str, text: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        people.rights.correct(ali, people.record(ali, field), text, people.clock.now())
    assert set(refused.value.problems) == {"value"}
    assert [case.kind for case in people.rights.person_file(ali, people.clock.now()).cases] == ["contact"]


def test_nobody_corrects_anothers_value(people: People, ali: SubjectId) -> None:
    foreign = people.contact(email="other@example.uz")
    for record_id in (people.record(foreign, "name"), str(new_id()), "not an id"):
        with pytest.raises(NotFound):
            people.rights.correct(ali, record_id, "Vali", people.clock.now())
    with pytest.raises(InvalidInput):
        people.rights.correct(ali, people.record(ali, "ip_address"), "192.0.2.8", people.clock.now())


# --- 7.1 b: delete --------------------------------------------------------------------------------------------------


def test_deletion_tells_the_person_destroys_all_and_closes_with_the_certificate(people: People, ali: SubjectId) -> None:
    outcome = people.rights.erase(ali, people.clock.now())
    assert outcome.certificate is not None and outcome.certificate.whole and outcome.kept == ()
    assert (outcome.case.state, outcome.case.outcome) == ("done", "destroyed")
    assert is_due_in(people, outcome.case, 10)
    assert people.steps(outcome.case) == ["opened", "notice_sent", "destroyed", "closed"]
    letter = people.letters_to(MAIL)[-1]
    assert outcome.certificate.number in letter.text and NAME not in letter.text
    with pytest.raises(NotFound):
        people.rights.person_file(ali, people.clock.now())
    with pytest.raises(NotFound):
        people.rights.erase(ali, people.clock.now())
    with people.database.read() as tx:
        for table in (schema.record, schema.identifier, schema.identifier_lookup, schema.consent_event, schema.journal):
            assert tx.scalar(select(func.count()).select_from(table)) == 0, table.name


def test_a_notice_that_fails_does_not_stop_the_deletion(people: People, ali: SubjectId) -> None:
    people.mail.refuses = True
    outcome = people.rights.erase(ali, people.clock.now())
    assert outcome.certificate is not None
    failed = next(step for step in people.rights.get_case(outcome.case.case_id).steps if step.kind == "notice_failed")
    assert failed.details == {"channel": "email", "reason": "delivery_failed"}


def test_who_has_proven_nothing_is_erased_without_a_letter(people: People) -> None:
    subject_id = people.contact(email=MAIL)
    outcome = people.rights.erase(subject_id, people.clock.now())
    assert "notice_not_possible" in people.steps(outcome.case)
    assert people.letters_to(MAIL) == []


def test_a_hold_keeps_its_part_and_the_case_says_which_law_until_when(people: People) -> None:
    subject_id = people.order(email=MAIL, phone=PHONE)
    people.enter(MAIL)
    people.hold(subject_id, "contract", "name")
    outcome = people.rights.erase(subject_id, people.clock.now())
    assert outcome.case.outcome == "destroyed_in_part"
    assert [(line.law, line.category) for line in outcome.kept] == [("accounting", "name")]
    assert outcome.certificate is not None and not outcome.certificate.whole
    kept = next(step for step in people.rights.get_case(outcome.case.case_id).steps if step.kind == "kept_by_hold")
    until = local_date(people.clock.now() + timedelta(days=365)).isoformat()
    assert kept.details["law"] == "accounting" and kept.details["until"][:7] == until[:7]
    assert people.values(subject_id) == {"name": NAME}
    assert not may_read(people, subject_id, "contract")  # kept, and used for nothing else
    assert people.identifiers(subject_id) == {}


def test_when_a_law_keeps_everything_nothing_is_destroyed_and_it_is_said(people: People, ali: SubjectId) -> None:
    people.hold(ali, None)
    outcome = people.rights.erase(ali, people.clock.now())
    assert outcome.certificate is None and outcome.case.outcome == "kept_by_law"
    assert people.values(ali)["name"] == NAME


def test_a_hold_that_covers_nothing_held_keeps_nothing(people: People, ali: SubjectId) -> None:
    people.hold(ali, "legal")
    assert people.rights.erase(ali, people.clock.now()).case.outcome == "destroyed"


def test_recipients_hear_of_a_deletion_by_ids_after_it(people: People) -> None:
    subject_id = people.order(email=MAIL, phone=PHONE)
    people.enter(MAIL)
    disclose(people, subject_id)
    with people.database.read() as tx:
        disclosure_id = tx.scalars(select(schema.disclosure.c.disclosure_id)).one()
    outcome = people.rights.erase(subject_id, people.clock.now())
    people.work()
    letter = people.letters_to(people.domain.policies.in_force().facts.operator.email)[-1]
    assert str(disclosure_id) in letter.text
    assert people.steps(outcome.case)[-1] == "recipient_notice_sent"


def test_a_crash_after_the_decision_is_finished_at_the_next_start(people: People, ali: SubjectId) -> None:
    """Killed between the first commit and the destruction: everything is denied, then resumed, then closed."""
    erasing = people.rights._erasing
    keys = people.vault.keystore.open_subject(ali)
    now = people.clock.now()
    begun = people.database.write(lambda tx: erasing._begin(tx, keys, "subject", now))
    with pytest.raises(NotFound):
        people.rights.person_file(ali, now)
    with pytest.raises(Conflict):
        people.rights.erase(ali, now)
    assert people.domain.erasure.resume() == 1
    assert people.rights.resume(now) == 1
    assert people.rights.resume(now) == 0
    assert people.rights.get_case(begun.case.case_id).outcome == "destroyed"


# --- 7.1 c: consent -------------------------------------------------------------------------------------------------


def test_withdrawal_stops_the_purpose_at_once_and_begins_its_term(people: People, ali: SubjectId) -> None:
    assert len(list(mailing(people))) == 1
    case = people.rights.withdraw(ali, "news", "email", "en", people.clock.now())
    assert (case.kind, case.outcome, case.term) == ("withdraw", "withdrawn", "at_once")
    assert is_due_in(people, case, 0)
    assert list(mailing(people)) == []
    current = {(line.purpose, line.action) for line in people.rights.person_file(ali, people.clock.now()).consents
               if line.current}  # fmt: skip
    assert current == {("support", "granted"), ("news", "withdrawn")}
    with people.database.read() as tx:
        news = [held for held in vault_store.records_of(tx, ali) if held.purpose == "news"]
    assert news and all(held.keep_until is not None for held in news)
    assert people.values(ali)["name"] == NAME  # what rests on another consent goes on


def mailing(people: People) -> list[object]:
    return list(people.disclosures.mailing("news", "email", actor="staff:Officer", reason="t", now=people.clock.now()))


def test_a_second_withdrawal_finds_nothing_and_says_so(people: People, ali: SubjectId) -> None:
    people.rights.withdraw(ali, "news", None, "en", people.clock.now())
    assert people.rights.withdraw(ali, "news", None, "en", people.clock.now()).outcome == "nothing_to_withdraw"


def test_words_that_nobody_said_do_not_get_into_a_case(people: People, ali: SubjectId) -> None:
    for purpose, channel in (("+998901234567", None), ("news", "my secret"), ("news", "sms")):
        with pytest.raises(NotFound):
            people.rights.withdraw(ali, purpose, channel, "en", people.clock.now())
    with pytest.raises(NotFound):
        people.rights.object(ali, "my secret", people.clock.now())


def test_consent_can_be_given_again_with_the_text_that_was_shown(people: People, ali: SubjectId) -> None:
    people.rights.withdraw(ali, "news", None, "en", people.clock.now())
    people.later(days=40)
    people.rights.grant(ali, "news", "email", "en", people.clock.now())
    assert len(mailing(people)) == 1
    line = people.rights.person_file(ali, people.clock.now()).consents[0]
    assert (line.action, line.via, line.current) == ("granted", "portal", True)
    assert people.consents.get_text(line.text_hash) == people.rights.consent_text("email", "en")


def test_consent_is_asked_for_only_where_the_policy_offers_it_and_an_address_is_held(people: People) -> None:
    subject_id = people.callback(PHONE)
    now = people.clock.now()
    for purpose, channel in (("contract", "form"), ("news", "pigeon"), ("nothing", "email")):
        with pytest.raises(NotFound):
            people.rights.grant(subject_id, purpose, channel, "en", now)
    with pytest.raises(InvalidInput):
        people.rights.grant(subject_id, "news", "email", "en", now)
    people.rights.grant(subject_id, "news", "telegram", "en", now)


# --- Art. 30: object, suspend ---------------------------------------------------------------------------------------


def test_a_suspension_stops_every_use_until_it_is_lifted(people: People, ali: SubjectId) -> None:
    assert may_read(people, ali)
    case = people.rights.suspend(ali, people.clock.now())
    assert (case.kind, case.outcome, case.term) == ("suspend", "carried_out", "suspension") and is_due_in(
        people, case, 3
    )
    people.rights.suspend(ali, people.clock.now())
    assert not may_read(people, ali)
    assert len(people.rights.person_file(ali, people.clock.now()).restrictions) == 1
    assert people.rights.lift_suspension(ali, people.clock.now()) == 1
    assert may_read(people, ali)
    assert people.rights.lift_suspension(ali, people.clock.now()) == 0


def test_an_objection_stops_one_purpose(people: People, ali: SubjectId) -> None:
    case = people.rights.object(ali, "support", people.clock.now())
    assert case.details["purpose"] == "support" and is_due_in(people, case, 10)
    assert not may_read(people, ali)
    assert [row[:2] for row in people.rights.person_file(ali, people.clock.now()).restrictions] == [
        ("objected", "support")
    ]
    assert people.rights.lift_objection(ali, "support", people.clock.now()) == 1
    assert may_read(people, ali)


# --- 7.1 d: complain ------------------------------------------------------------------------------------------------


def test_a_complaint_is_sealed_stays_open_and_comes_with_what_is_needed(people: People, ali: SubjectId) -> None:
    case = people.rights.complain(ali, "They called me at night.", people.clock.now())
    assert case.state == "open" and is_due_in(people, case, 10)
    assert "night" not in str(people.rights.get_case(case.case_id))
    for language in ("uz-Latn", "uz-Cyrl", "ru", "en"):
        pack = people.rights.complaint_pack(case.case_id, people.clock.now(), language=language)
        assert pack.text == "They called me at night." and pack.authority and pack.site == "https://pd.gov.uz"
        assert len(pack.steps) == 5 and all("{" not in step for step in pack.steps)
    assert pack.file.cases[0].case_id == case.case_id
    people.work()
    assert "is open" in people.letters_to(MAIL)[-1].subject


def test_an_empty_complaint_is_none(people: People, ali: SubjectId) -> None:
    with pytest.raises(InvalidInput):
        people.rights.complain(ali, "  ", people.clock.now())


def test_a_complaint_pack_is_for_complaints(people: People, ali: SubjectId) -> None:
    contact = people.rights.person_file(ali, people.clock.now()).cases[0]
    with pytest.raises(NotFound):
        people.rights.complaint_pack(contact.case_id, people.clock.now())
