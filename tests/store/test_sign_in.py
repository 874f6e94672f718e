"""One-time codes, sessions and "who are you?" (clause 7.1; the rules of docs/security/threat-model.md)."""

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from harness.rights import ELSEWHERE, HERE, People, new_people
from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotFound, TooManyRequests
from omonat.kernel.ids import new_id
from omonat.rights import WrongCode
from omonat.storage import Database
from omonat.storage.schema import challenge, journal, outbox, portal_session

MAIL, PHONE = "ali@example.uz", "+998901234567"


@pytest.fixture
def people(database: Database, key_database: Database, tmp_path: Path) -> People:
    return new_people(database, key_database, tmp_path)


def start(people: People, address: str = MAIL) -> UUID:
    return people.sign_in.start(None, address, HERE, "en", people.clock.now())


def answer(people: People, challenge_id: UUID, code: str, browser: bytes = HERE) -> None:
    people.sign_in.answer(challenge_id, browser, code, people.clock.now())


def other(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


# --- codes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [MAIL, " ALI@example.UZ ", PHONE, "90 123 45 67", "8 90 123 45 67"])
def test_the_code_opens_the_page_of_whom_the_address_names(people: People, typed: str) -> None:
    subject_id = people.contact(email=MAIL, phone=PHONE)
    challenge_id = start(people, typed)
    code = people.code_sent_to(MAIL if "@" in typed else PHONE)
    done = people.sign_in.answer(challenge_id, HERE, code, people.clock.now())
    assert done.candidates == ()
    session = people.sign_in.find_session(done.session_token, people.clock.now())
    assert session is not None and session.subject_id == subject_id
    assert people.identifiers(subject_id)["email" if "@" in typed else "phone"] == "proven"


def test_a_code_works_once(people: People) -> None:
    people.contact(email=MAIL)
    challenge_id = start(people)
    code = people.code_sent_to(MAIL)
    answer(people, challenge_id, code)
    with pytest.raises(WrongCode):
        answer(people, challenge_id, code)


def test_a_code_works_for_ten_minutes(people: People) -> None:
    people.contact(email=MAIL)
    challenge_id = start(people)
    code = people.code_sent_to(MAIL)
    people.later(minutes=10, seconds=1)
    with pytest.raises(WrongCode):
        answer(people, challenge_id, code)


def test_a_code_has_five_tries_and_each_is_counted_though_it_fails(people: People) -> None:
    people.contact(email=MAIL)
    challenge_id = start(people)
    code = people.code_sent_to(MAIL)
    for _ in range(5):
        with pytest.raises(WrongCode):
            answer(people, challenge_id, other(code))
    with pytest.raises(WrongCode):
        answer(people, challenge_id, code)


def test_the_fifth_try_may_be_the_right_one(people: People) -> None:
    people.contact(email=MAIL)
    challenge_id = start(people)
    code = people.code_sent_to(MAIL)
    for _ in range(4):
        with pytest.raises(WrongCode):
            answer(people, challenge_id, other(code))
    answer(people, challenge_id, f" {code[:3]} {code[3:]} ")


def test_a_code_works_only_in_the_browser_that_asked(people: People) -> None:
    people.contact(email=MAIL)
    challenge_id = start(people)
    code = people.code_sent_to(MAIL)
    with pytest.raises(WrongCode):
        answer(people, challenge_id, code, ELSEWHERE)
    answer(people, challenge_id, code)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "абвгде", "１２３４５６", "' OR 1=1"])
def test_what_is_no_code_is_wrong_like_any_other(people: People, code: str) -> None:
    people.contact(email=MAIL)
    with pytest.raises(WrongCode):
        answer(people, start(people), code)


def test_an_unknown_challenge_is_wrong_like_any_other(people: People) -> None:
    for unknown in (str(new_id()), "not an id"):
        with pytest.raises(WrongCode):
            people.sign_in.answer(unknown, HERE, "123456", people.clock.now())


def test_the_code_is_stored_nowhere(people: People) -> None:
    people.contact(email=MAIL)
    start(people)
    code = people.code_sent_to(MAIL)
    with people.database.read() as tx:
        rows = [str(dict(row._mapping)) for table in (challenge, outbox, journal) for row in tx.execute(select(table))]
    assert rows and not [row for row in rows if code in row]


def test_a_known_and_an_unknown_address_leave_the_same_rows(people: People) -> None:
    people.contact(email=MAIL)
    people.work()
    start(people, MAIL)
    start(people, "nobody@example.uz")
    with people.database.read() as tx:
        known, unknown = tx.execute(select(challenge).order_by(challenge.c.challenge_id)).all()
        jobs = tx.scalars(select(outbox.c.payload).where(outbox.c.kind == "sign_in_code")).all()
    assert len(jobs) == 2 and all(set(payload) == {"challenge"} for payload in jobs)
    same = ("kind", "browser_tag", "language", "intent", "tries", "used_at")
    assert [getattr(known, column) for column in same] == [getattr(unknown, column) for column in same]
    assert known.subject_id is not None and unknown.subject_id is None
    people.work()
    assert people.letters_to("nobody@example.uz") == []


def test_an_unknown_address_cannot_be_entered_even_by_the_digits_that_its_challenge_would_have(people: People) -> None:
    from omonat.rights.codes import code_of
    from omonat.rights.sign_in_store import find_challenge

    challenge_id = start(people, "nobody@example.uz")
    with people.database.read() as tx:
        asked = find_challenge(tx, challenge_id)
    assert asked is not None
    with pytest.raises(WrongCode):
        answer(people, challenge_id, code_of(people.vault.keystore, asked))


def test_five_codes_an_hour_are_sent_and_nobody_is_told_that_there_are_no_more(people: People) -> None:
    people.contact(email=MAIL)
    for _ in range(7):
        start(people)
    people.work()
    assert len(people.letters_to(MAIL)) == 5
    people.later(hours=1, minutes=1)
    start(people)
    people.work()
    assert len(people.letters_to(MAIL)) == 6


def test_what_is_no_address_is_said_so(people: People) -> None:
    for typed in ("", "not an address", "a@", "+998 1"):
        with pytest.raises(InvalidInput):
            start(people, typed)


def test_sending_the_code_is_a_use_that_the_person_sees(people: People) -> None:
    subject_id = people.contact(email=MAIL)
    people.enter(MAIL)
    journal_lines = people.rights.person_file(subject_id, people.clock.now()).journal
    assert [(line.operation, line.actor, line.purpose, line.categories) for line in journal_lines] == [
        ("use", "system", "services", ("email",))
    ]


def test_challenges_that_are_over_are_forgotten(people: People) -> None:
    people.contact(email=MAIL)
    start(people, "nobody@example.uz")
    people.work()
    people.later(hours=2)
    start(people)
    people.work()
    with people.database.read() as tx:
        assert len(tx.execute(select(challenge.c.challenge_id)).all()) == 1


# --- sessions -------------------------------------------------------------------------------------------------------


def test_a_session_lasts_two_hours_and_its_token_is_not_stored(people: People) -> None:
    people.contact(email=MAIL)
    token = people.answer(MAIL).session_token
    with people.database.read() as tx:
        stored = tx.scalars(select(portal_session.c.token_tag)).one()
    assert token.reveal().encode() not in bytes(stored)
    assert people.sign_in.find_session(token, people.clock.now()) is not None
    people.later(hours=2, seconds=1)
    assert people.sign_in.find_session(token, people.clock.now()) is None


def test_each_sign_in_has_a_token_of_its_own_and_ends_on_its_own(people: People) -> None:
    people.contact(email=MAIL)
    one, two = people.answer(MAIL).session_token, people.answer(MAIL).session_token
    assert one != two
    people.sign_in.end(one)
    assert people.sign_in.find_session(one, people.clock.now()) is None
    assert people.sign_in.find_session(two, people.clock.now()) is not None
    assert people.sign_in.find_session("forged", people.clock.now()) is None


def test_erasure_ends_every_session(people: People) -> None:
    subject_id = people.contact(email=MAIL)
    token = people.answer(MAIL).session_token
    people.rights.erase(subject_id, people.clock.now())
    assert people.sign_in.find_session(token, people.clock.now()) is None
    assert people.gets_no_code(MAIL)


# --- who are you? ---------------------------------------------------------------------------------------------------


def test_several_submissions_ask_who_and_show_form_date_and_a_masked_name_only(people: People) -> None:
    one = people.contact(email=MAIL, phone=PHONE, name="Ali Valiyev")
    two = people.callback(PHONE, name="Guli Karimova")
    done = people.answer(PHONE)
    assert [(c.subject_id, c.form, c.name, c.proven) for c in done.candidates] == [
        (one, "contact", "A•••", False), (two, "callback", "G•••", False),
    ]  # fmt: skip
    session = people.sign_in.find_session(done.session_token, people.clock.now())
    assert session is not None and session.subject_id is None
    assert people.sign_in.candidates(done.session_token, people.clock.now()) == done.candidates
    assert people.identifiers(one)["phone"] == people.identifiers(two)["phone"] == "claimed"


def test_only_what_is_ticked_is_merged(people: People) -> None:
    mine, also_mine, not_mine = (people.callback(PHONE, name=name) for name in ("Ali", "Ali V", "Stranger"))
    session = people.enter(PHONE, mine, also_mine)
    assert session.subject_id == mine
    file = people.rights.person_file(mine, people.clock.now())
    assert sorted(value.value for value in file.values if value.field == "name") == ["Ali", "Ali V"]
    assert len(file.cases) == 2
    with pytest.raises(NotFound):
        people.rights.person_file(also_mine, people.clock.now())
    assert people.values(not_mine)["name"] == "Stranger"


def test_the_first_that_is_ticked_is_the_one(people: People) -> None:
    one, two = people.callback(PHONE), people.callback(PHONE)
    assert people.enter(PHONE, two, one).subject_id == two


def test_nothing_ticked_or_something_foreign_opens_nothing(people: People) -> None:
    one, _two = people.callback(PHONE), people.callback(PHONE)
    foreign = people.contact(email="other@example.uz")
    done = people.answer(PHONE)
    for ticked in ([], [foreign], [one, foreign], [new_id()]):
        with pytest.raises(NotFound):
            people.sign_in.choose(done.session_token, ticked, people.clock.now())
    session = people.sign_in.find_session(done.session_token, people.clock.now())
    assert session is not None and session.subject_id is None


def test_a_later_submission_is_offered_beside_the_proven_person_and_joined_when_ticked(people: People) -> None:
    person = people.contact(email=MAIL, phone=PHONE)
    people.enter(MAIL)
    later = people.contact(email=MAIL, name="Ali again")
    assert people.enter(MAIL, person, later).subject_id == person
    assert people.enter(MAIL).subject_id == person  # nothing to choose any more
    with pytest.raises(NotFound):
        people.rights.person_file(later, people.clock.now())


def test_an_email_has_one_holder(people: People) -> None:
    people.contact(email=MAIL)
    people.enter(MAIL)
    later = people.contact(email=MAIL)
    done = people.answer(MAIL)
    with pytest.raises(Denied):
        people.sign_in.choose(done.session_token, [later], people.clock.now())


def test_an_office_phone_may_have_two_people_who_stay_apart(people: People) -> None:
    ali = people.callback(PHONE, name="Ali")
    people.enter(PHONE)
    guli = people.callback(PHONE, name="Guli")
    assert people.enter(PHONE, guli).subject_id == guli
    assert people.identifiers(ali) == people.identifiers(guli) == {"phone": "proven"}
    done = people.answer(PHONE)
    assert {candidate.subject_id for candidate in done.candidates} == {ali, guli}
    with pytest.raises(Denied):
        people.sign_in.choose(done.session_token, [ali, guli], people.clock.now())
    assert people.sign_in.choose(done.session_token, [ali], people.clock.now()).subject_id == ali
    people.rights.erase(ali, people.clock.now())
    third = people.callback(PHONE, name="Third")  # the gap that Ali left is no clash
    assert people.enter(PHONE, third).subject_id == third


# --- a further identifier -------------------------------------------------------------------------------------------


def test_a_further_identifier_is_proven_by_its_own_code(people: People) -> None:
    subject_id = people.contact(email=MAIL, phone=PHONE)
    people.enter(MAIL)
    record_id = people.record(subject_id, "phone")
    assert people.values(subject_id)["phone"] == "+998 ••• •• 67"
    now = people.clock.now()
    challenge_id = people.sign_in.confirm_start(subject_id, record_id, HERE, "en", now)
    code = people.code_sent_to(PHONE)
    with pytest.raises(WrongCode):
        people.sign_in.confirm_answer(subject_id, challenge_id, ELSEWHERE, code, now)
    with pytest.raises(WrongCode):  # it confirms, it does not sign in
        people.sign_in.answer(challenge_id, HERE, code, now)
    people.sign_in.confirm_answer(subject_id, challenge_id, HERE, code, now)
    assert people.values(subject_id)["phone"] == PHONE
    with pytest.raises(Conflict):
        people.sign_in.confirm_start(subject_id, record_id, HERE, "en", now)


def test_a_signed_in_person_is_told_of_the_limit_and_reaches_only_his_own(people: People) -> None:
    subject_id = people.contact(email=MAIL, phone=PHONE)
    foreign = people.contact(email="other@example.uz", phone="+998901112233")
    people.enter(MAIL)
    now = people.clock.now()
    with pytest.raises(NotFound):
        people.sign_in.confirm_start(subject_id, people.record(foreign, "phone"), HERE, "en", now)
    for _ in range(5):
        people.sign_in.confirm_start(subject_id, people.record(subject_id, "phone"), HERE, "en", now)
    with pytest.raises(TooManyRequests):
        people.sign_in.confirm_start(subject_id, people.record(subject_id, "phone"), HERE, "en", now)


def test_a_sign_in_code_does_not_confirm(people: People) -> None:
    subject_id = people.contact(email=MAIL)
    challenge_id = start(people)
    with pytest.raises(WrongCode):
        people.sign_in.confirm_answer(subject_id, challenge_id, HERE, people.code_sent_to(MAIL), people.clock.now())


def test_an_expired_value_gets_no_code(people: People) -> None:
    """Its term is over, whether or not the sweep has come by: no door opens it."""
    people.contact(email=MAIL)
    people.clock.shift += timedelta(days=367)
    assert people.gets_no_code(MAIL)
