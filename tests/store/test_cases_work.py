"""The staff's work on cases (3.1, 10.1): the thread, delivery, who may read and act, assignment, ends taken back."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from harness.cases import MAIL, PHONE, Office
from harness.rights import new_people
from omonat.kernel.errors import Denied, InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import new_id
from omonat.storage import Database
from omonat.storage.schema import outbox
from omonat.support import CaseChanged

CANARY = "kanareyka tvrdkhzq"


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Office:
    return Office(new_people(database, key_database, tmp_path))


# --- the thread -----------------------------------------------------------------------------------------------------


def test_clause_10_1_an_answer_reaches_the_person_by_mail_and_on_his_page(office: Office) -> None:
    subject_id, case = office.message()
    office.reply(case, CANARY)
    assert office.thread(case) == [("in", "Salom", ""), ("out", CANARY, "waiting")]
    office.deliver()
    [letter] = office.people.letters_to(MAIL)
    assert CANARY in letter.text and "Salom" not in letter.text and case.case_id[-12:] in letter.subject
    assert office.thread(case)[-1] == ("out", CANARY, "sent")
    own = office.support.threads.own(subject_id, case.case_id, office.now)
    assert [(each.direction, each.text and each.text.reveal()) for each in own] == [("in", "Salom"), ("out", CANARY)]


def test_a_reply_is_sent_once_however_often_the_work_runs(office: Office) -> None:
    _subject, case = office.message()
    office.reply(case)
    with office.database.read() as tx:
        payload = tx.scalar(select(outbox.c.payload).where(outbox.c.kind == "case_reply"))
    for _ in range(2):
        office.support.threads.send_reply(payload)
    assert len(office.people.letters_to(MAIL)) == 1


def test_the_person_writes_further_and_the_staff_are_told_by_number_alone(office: Office) -> None:
    subject_id, case = office.message()
    office.deliver()
    office.support.threads.write(subject_id, case.case_id, CANARY, now=office.now)
    office.deliver()
    assert office.thread(case)[-1] == ("in", CANARY, "")
    letters = [each for each in office.mail.messages if each.to.reveal() != MAIL]
    assert len(letters) == 2 and all(case.case_id[-12:] in each.text + each.subject for each in letters)
    assert not any(CANARY in each.text or "Ali" in each.text or MAIL in each.text for each in letters)


def test_only_the_person_himself_writes_in_his_case_and_only_while_it_is_open(office: Office) -> None:
    subject_id, case = office.message()
    other, _other_case = office.message("other@example.uz")
    with pytest.raises(NotFound):
        office.support.threads.write(other, case.case_id, "x", now=office.now)
    with pytest.raises(NotFound):
        office.support.threads.own(other, case.case_id, office.now)
    office.support.desk.close(case.case_id, office.anna, "answered", now=office.now)
    with pytest.raises(Denied):
        office.support.threads.write(subject_id, case.case_id, "x", now=office.now)
    with pytest.raises(Denied):
        office.reply(case)


def test_a_comment_is_for_the_staff_and_in_the_file_of_the_person(office: Office) -> None:
    subject_id, case = office.message()
    office.support.threads.comment(case.case_id, office.bek, CANARY, now=office.now)
    office.deliver()
    assert office.thread(case)[-1] == ("note", CANARY, "")
    assert not any(CANARY in each.text for each in office.mail.messages)
    own = office.support.threads.own(subject_id, case.case_id, office.now)
    assert [each.direction for each in own] == ["in"]
    assert office.people.values(subject_id)["staff_comment"] == CANARY


def test_clause_7_1_messages_are_records_in_the_file_and_go_with_erasure(office: Office) -> None:
    subject_id, case = office.message()
    office.reply(case, CANARY)
    office.support.threads.comment(case.case_id, office.anna, "eslatma", now=office.now)
    values = {each.field: each for each in office.rights.person_file(subject_id, office.now).values}
    assert values["reply"].value == CANARY and values["reply"].purpose == "support"
    facts = office.people.domain.policies.in_force().facts
    assert values["reply"].keep_until == facts.keep_for("support", "other").end(office.now, "collection")
    office.rights.erase(subject_id, office.now)
    view = office.support.threads.look(case.case_id, office.now, reader=office.anna)
    assert view.closed_to == "erased" and not any(each.is_there or each.text for each in view.messages)
    for act in (office.reply, lambda it: office.support.threads.comment(it.case_id, office.anna, "x", now=office.now)):
        with pytest.raises(Denied):
            act(case)
    office.deliver()
    assert office.people.letters_to(MAIL) == []


def test_what_was_said_is_not_put_right_afterwards(office: Office) -> None:
    subject_id, case = office.message()
    office.reply(case)
    record = office.people.record(subject_id, "reply")
    with pytest.raises(InvalidInput):
        office.rights.correct(subject_id, record, "anders", office.now)


def test_an_order_is_answered_for_the_purpose_of_the_contract(office: Office) -> None:
    subject_id = office.people.order(email=MAIL, phone=PHONE)
    case = office.case(subject_id)
    sales = office.member("Sobir", "sales")
    with pytest.raises(Denied):
        office.reply(case)  # support may not state the purpose
    office.reply(case, by=sales)
    values = {each.field: each for each in office.rights.person_file(subject_id, office.now).values}
    assert (values["reply"].purpose, values["reply"].ground, values["reply"].keep_until) == (
        "contract",
        "contract",
        None,
    )


# --- who may read and act -------------------------------------------------------------------------------------------


def test_clause_6_2_values_open_for_the_purpose_of_the_case_and_the_person_sees_it(office: Office) -> None:
    subject_id, case = office.message(phone=PHONE)
    closed = office.support.threads.look(case.case_id, office.now)
    assert closed.closed_to == "not_asked" and closed.fields == () and not any(each.text for each in closed.messages)
    view = office.support.threads.look(case.case_id, office.now, reader=office.anna)
    assert {each.field: each.value.reveal() for each in view.fields}["email"] == MAIL
    [line] = [each for each in office.rights.person_file(subject_id, office.now).journal if each.operation == "read"]
    assert (line.actor, line.purpose, line.reason) == ("staff:Anna", "support", f"case:{case.case_id}")


def test_whose_role_may_not_state_the_purpose_sees_nothing_and_leaves_no_line(office: Office) -> None:
    subject_id, case = office.message()
    for role in ("auditor", "marketing", "sales"):
        view = office.support.threads.look(case.case_id, office.now, reader=office.member(role, role))
        assert view.closed_to == "role" and view.fields == () and not any(each.text for each in view.messages)
    assert [
        each for each in office.rights.person_file(subject_id, office.now).journal if each.operation == "read"
    ] == []


def test_other_submissions_of_the_person_stay_shut(office: Office) -> None:
    first, case = office.message()
    second = office.people.contact(email=MAIL, name="Boshqa Ism")
    office.people.enter(MAIL, first, second)
    view = office.support.threads.look(case.case_id, office.now, reader=office.anna)
    assert "Boshqa Ism" not in {each.value.reveal() for each in view.fields}
    assert len([each for each in view.fields if each.field == "name"]) == 1


def test_withdrawn_consent_stops_reading_and_answering(office: Office) -> None:
    subject_id, case = office.message()
    office.rights.withdraw(subject_id, "support", None, "en", office.now)
    view = office.support.threads.look(case.case_id, office.now, reader=office.anna)
    assert view.closed_to == "consent_withdrawn"
    with pytest.raises(Denied):
        office.reply(case)
    assert not [step for step in office.again(case).steps if step.kind == "replied"]


def test_acts_need_their_rights(office: Office) -> None:
    _subject, case = office.message()
    auditor, now = office.member("Auditor", "auditor"), office.now
    acts = (
        lambda: office.reply(case, by=auditor),
        lambda: office.support.threads.comment(case.case_id, auditor, "x", now=now),
        lambda: office.support.desk.assign(case.case_id, auditor, None, now=now),
        lambda: office.support.desk.close(case.case_id, auditor, "answered", now=now),
        lambda: office.support.desk.reopen(case.case_id, auditor, now=now),
        lambda: office.support.bulk.carry_out(auditor, "assign", {"to": ""}, [case.case_id], now=now),
    )
    for act in acts:
        with pytest.raises(NotAllowed):
            act()
    assert [step.kind for step in office.again(case).steps] == ["opened"]


# --- where a reply goes: the attack on somebody else's address --------------------------------------------------------


def test_a_reply_goes_only_where_the_case_itself_says(office: Office) -> None:
    """Two submissions of one person: each is answered at its own address."""
    first, case = office.message("one@example.uz", phone=PHONE)
    second = office.people.contact(email="two@example.uz", phone=PHONE)
    office.people.enter(PHONE, first, second)
    office.reply(case, CANARY)
    office.deliver()
    assert len(office.people.letters_to("one@example.uz")) == 1
    assert office.people.letters_to("two@example.uz") == []


def test_a_strangers_form_with_a_victims_phone_gets_nothing_of_the_victim(office: Office) -> None:
    victim, _case = office.message("victim@example.uz", phone=PHONE)
    office.people.enter("victim@example.uz")
    _stranger, case = office.message("attacker@example.uz", phone=PHONE)
    office.people.mail.messages.clear()
    office.reply(case, "Faqat javob")
    office.deliver()
    [letter] = office.people.letters_to("attacker@example.uz")
    assert "victim" not in letter.text and PHONE not in letter.text and "Ali" not in letter.text
    assert office.people.letters_to("victim@example.uz") == []
    assert victim


def test_a_case_without_an_address_is_answered_on_the_page_only(office: Office) -> None:
    subject_id = office.people.callback(PHONE)
    case = office.case(subject_id)
    office.reply(case, CANARY)
    office.deliver()
    assert office.thread(case)[-1] == ("out", CANARY, "no_address")
    assert office.people.sms.messages == []


def test_a_complaint_is_answered_at_the_proven_address_as_a_duty_of_law(office: Office) -> None:
    subject_id, _case = office.message()
    office.people.enter(MAIL)
    case = office.rights.complain(subject_id, "Shikoyat", office.now)
    officer = office.member("Masul", "privacy_officer")
    with pytest.raises(Denied):
        office.reply(case)
    office.reply(case, CANARY, by=officer)
    office.deliver()
    assert any(CANARY in each.text for each in office.people.letters_to(MAIL))
    assert office.thread(case, officer)[0] == ("in", "Shikoyat", "")


def test_a_failed_delivery_is_shown_and_may_be_repeated(office: Office) -> None:
    _subject, case = office.message()
    office.mail.refuses = True
    office.reply(case)
    office.deliver()
    assert office.thread(case)[-1][2] == "failed"
    view = office.support.threads.look(case.case_id, office.now)
    office.mail.refuses = False
    office.support.threads.send_again(case.case_id, office.anna, view.messages[-1].message_id, now=office.now)
    assert office.thread(case)[-1][2] == "waiting"
    office.deliver()
    assert office.thread(case)[-1][2] == "sent"
    with pytest.raises(NotFound):
        office.support.threads.send_again(case.case_id, office.anna, new_id(), now=office.now)


def test_a_delivery_that_fails_for_a_while_is_said_to_be_repeated(office: Office) -> None:
    _subject, case = office.message()
    office.reply(case)
    row = outbox.update().where(outbox.c.kind == "case_reply").values(failed="delivery_failed")
    office.database.write(lambda tx: tx.execute(row))
    assert office.thread(case)[-1][2] == "repeating"
    office.database.write(lambda tx: tx.execute(row.values(done_at=office.now)))
    assert office.thread(case)[-1][2] == "failed"


# --- two members at once --------------------------------------------------------------------------------------------


def test_the_second_of_two_members_is_told_and_nothing_is_lost(office: Office) -> None:
    _subject, case = office.message()
    seen = office.support.threads.look(case.case_id, office.now).seen
    office.reply(case, "Annaning javobi", seen=seen)
    for act in (
        lambda: office.reply(case, "Bekning javobi", by=office.bek, seen=seen),
        lambda: office.support.desk.close(case.case_id, office.bek, "answered", now=office.now, seen=seen),
        lambda: office.support.desk.assign(case.case_id, office.bek, office.bek.staff_id, now=office.now, seen=seen),
    ):
        with pytest.raises(CaseChanged, match="Anna"):
            act()
    office.support.threads.comment(case.case_id, office.bek, "men ham koʻrdim", now=office.now)
    assert [step.kind for step in office.again(case).steps] == ["opened", "replied", "commented"]


def test_what_the_system_notes_stops_nobody(office: Office) -> None:
    _subject, case = office.message()
    office.reply(case)
    seen = office.support.threads.look(case.case_id, office.now).seen
    office.deliver()
    office.reply(case, "yana", seen=seen)


# --- assignment and the end -----------------------------------------------------------------------------------------


def test_a_case_is_given_taken_and_given_back_step_by_step(office: Office) -> None:
    _subject, case = office.message()
    office.deliver()
    office.mail.messages.clear()
    assign = lambda by, to: office.support.desk.assign(case.case_id, by, to, now=office.now)  # noqa: E731 - a shorthand
    assert assign(office.anna, office.bek.staff_id) is None
    assert assign(office.anna, office.bek.staff_id) == office.bek.staff_id  # nothing to do
    assert assign(office.bek, office.bek.staff_id) == office.bek.staff_id
    assert assign(office.bek, None) == office.bek.staff_id
    assert assign(office.anna, office.anna.staff_id) is None
    steps = [(step.actor, step.kind, step.details.get("to", "")) for step in office.again(case).steps[1:]]
    assert steps == [
        ("staff:Anna", "assigned", "staff:Bek"), ("staff:Bek", "unassigned", ""),
        ("staff:Anna", "assigned", "staff:Anna"),
    ]  # fmt: skip
    office.deliver()
    assert office.mail.messages == []  # given away again before the letter: nobody is told wrongly


def test_a_member_is_told_what_was_given_to_him_by_number_kind_and_day(office: Office) -> None:
    _subject, case = office.message()
    office.deliver()
    office.mail.messages.clear()
    office.support.desk.assign(case.case_id, office.anna, office.bek.staff_id, now=office.now)
    office.deliver()
    [letter] = office.mail.messages
    assert case.case_id in letter.text and "/console/cases/" in letter.text
    assert "Salom" not in letter.text and "Ali" not in letter.text and MAIL not in letter.text


def test_a_case_is_given_to_nobody_who_may_not_work_on_it(office: Office) -> None:
    _subject, case = office.message()
    auditor = office.member("Auditor", "auditor")
    left = office.member("Ketgan", "support")
    office.staff.deactivate("Ketgan")
    for to in (auditor.staff_id, left.staff_id, new_id()):
        with pytest.raises(InvalidInput):
            office.support.desk.assign(case.case_id, office.anna, UUID(str(to)), now=office.now)
    names = {each.name for each in office.support.queue.members()}
    assert names >= {"Anna", "Bek"} and not names & {"Auditor", "Ketgan"}


def test_the_letter_of_an_end_waits_an_hour_and_a_wrong_end_is_taken_back_unseen(office: Office) -> None:
    subject_id, case = office.message()
    office.people.enter(MAIL)
    office.deliver()
    office.mail.messages.clear()
    office.support.desk.close(case.case_id, office.anna, "answered", now=office.now)
    office.deliver()
    assert office.people.letters_to(MAIL) == []
    reopened = office.support.desk.reopen(case.case_id, office.anna, now=office.now)
    assert (reopened.state, reopened.outcome, reopened.closed_at) == ("open", None, None)
    office.people.later(hours=2)
    office.deliver()
    assert office.people.letters_to(MAIL) == []
    office.support.desk.close(case.case_id, office.anna, "carried_out", now=office.now)
    office.people.later(hours=2)
    office.deliver()
    [letter] = office.people.letters_to(MAIL)
    assert "is closed" in letter.subject and subject_id


def test_once_the_letter_is_out_a_note_is_needed_and_the_person_is_told(office: Office) -> None:
    _subject, case = office.message()
    office.people.enter(MAIL)
    office.support.desk.close(case.case_id, office.anna, "answered", now=office.now)
    office.people.later(hours=2)
    office.deliver()
    with pytest.raises(InvalidInput):
        office.support.desk.reopen(case.case_id, office.anna, now=office.now)
    office.support.desk.reopen(case.case_id, office.anna, now=office.now, note="Savolga javob berilmagan")
    office.deliver()
    assert "open again" in office.people.letters_to(MAIL)[-1].subject
    assert office.thread(case)[-1] == ("note", "Savolga javob berilmagan", "")


def test_after_a_day_an_end_stands(office: Office) -> None:
    _subject, case = office.message()
    office.support.desk.close(case.case_id, office.anna, "answered", now=office.now)
    office.people.later(days=1, minutes=1)
    with pytest.raises(Denied):
        office.support.desk.reopen(case.case_id, office.anna, now=office.now, note="x")


def test_terms_that_began_with_a_wrong_end_have_not_begun(office: Office) -> None:
    subject_id = office.people.order(email=MAIL, phone=PHONE)
    case, sales = office.case(subject_id), office.member("Sobir", "sales")

    def ends() -> set[object]:
        file = office.rights.person_file(subject_id, office.now)
        return {each.keep_until for each in file.values if each.field == "name"}

    office.support.desk.close(case.case_id, sales, "answered", now=office.now)
    assert ends() != {None}
    office.support.desk.reopen(case.case_id, sales, now=office.now)
    assert ends() == {None}
