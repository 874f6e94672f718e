"""Claimed and proven: a stranger who types a victim's address beside his own gains nothing, in every variant."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from harness.races import race
from harness.rights import ELSEWHERE, HERE, People, new_people
from omonat.kernel.errors import Conflict, Denied, NotFound
from omonat.kernel.ids import SubjectId, new_id
from omonat.rights import WrongCode
from omonat.storage import Database
from omonat.storage.schema import proven_holder, subject
from omonat.vault.merging import Evidence, Merging

VICTIM_MAIL, VICTIM_PHONE = "victim@example.uz", "+998901234567"
ATTACKER_MAIL, ATTACKER_PHONE = "attacker@example.uz", "+998935556677"
SECRET = "Zulfiya Secretova"


@pytest.fixture
def people(database: Database, key_database: Database, tmp_path: Path) -> People:
    return new_people(database, key_database, tmp_path)


def victim(people: People) -> SubjectId:
    return people.contact(email=VICTIM_MAIL, phone=VICTIM_PHONE, name=SECRET)


def sees_nothing_of(people: People, victim_id: SubjectId, *attackers: SubjectId) -> bool:
    """Whether no file of the attacker's holds a value of the victim's."""
    for attacker_id in attackers:
        file = people.rights.person_file(attacker_id, people.clock.now())
        if any(SECRET in value.value for value in file.values) or attacker_id == victim_id:
            return False
    return True


FORMS: dict[str, Callable[[People], SubjectId]] = {
    "victim's phone, attacker's mail": lambda p: p.contact(email=ATTACKER_MAIL, phone=VICTIM_PHONE, name="A"),
    "victim's mail, attacker's phone": lambda p: p.contact(email=VICTIM_MAIL, phone=ATTACKER_PHONE, name="A"),
}
OWN = {"victim's phone, attacker's mail": ATTACKER_MAIL, "victim's mail, attacker's phone": ATTACKER_PHONE}
ADDRESS = {"victim's phone, attacker's mail": VICTIM_PHONE, "victim's mail, attacker's phone": VICTIM_MAIL}


@pytest.mark.parametrize("form", FORMS)
def test_before_the_victim_ever_signed_in(people: People, form: str) -> None:
    victim_id = victim(people)
    attacker_id = FORMS[form](people)
    assert people.enter(OWN[form]).subject_id == attacker_id  # his own submission, nothing else
    assert sees_nothing_of(people, victim_id, attacker_id)
    assert people.enter(ADDRESS[form]).subject_id == victim_id  # no question: the attacker's is not offered
    assert people.values(victim_id)["name"] == SECRET


@pytest.mark.parametrize("form", FORMS)
def test_after_the_victim_signed_in(people: People, form: str) -> None:
    victim_id = victim(people)
    people.enter(ADDRESS[form])
    attacker_id = FORMS[form](people)
    assert people.enter(OWN[form]).subject_id == attacker_id
    assert sees_nothing_of(people, victim_id, attacker_id)
    assert people.enter(ADDRESS[form]).subject_id == victim_id


@pytest.mark.parametrize("form", FORMS)
def test_the_victim_is_asked_first_and_leaves_the_foreign_one_unticked(people: People, form: str) -> None:
    victim_id, attacker_id = victim(people), FORMS[form](people)
    assert people.enter(ADDRESS[form], victim_id).subject_id == victim_id
    assert people.enter(OWN[form]).subject_id == attacker_id
    assert sees_nothing_of(people, victim_id, attacker_id)


@pytest.mark.parametrize("form", FORMS)
def test_even_if_the_victim_ticks_the_foreign_one_the_attacker_gets_no_way_in(people: People, form: str) -> None:
    """It is merged: his address is claimed at the victim's, where another is proven, and opens nothing."""
    victim_id, attacker_id = victim(people), FORMS[form](people)
    assert people.enter(ADDRESS[form], victim_id, attacker_id).subject_id == victim_id
    assert people.gets_no_code(OWN[form])
    states = {(held.kind, held.state) for held in people.all_identifiers(victim_id)}
    assert ("phone", "claimed") in states or ("email", "claimed") in states


def test_the_attackers_open_session_ends_when_the_victim_takes_the_submission_over(people: People) -> None:
    """He proved his mail, corrected it away, and waits in his session for the victim to come in."""
    attacker_id = people.contact(email=ATTACKER_MAIL, phone=VICTIM_PHONE, name="A")
    waiting = people.answer(ATTACKER_MAIL).session_token
    people.rights.correct(attacker_id, people.record(attacker_id, "email"), "gone@example.uz", people.clock.now())
    assert people.identifiers(attacker_id) == {"email": "claimed", "phone": "claimed"}
    assert people.enter(VICTIM_PHONE).subject_id == attacker_id
    assert people.sign_in.find_session(waiting, people.clock.now()) is None


def test_sessions_of_a_merged_submission_end(people: People) -> None:
    first, second = people.callback(VICTIM_PHONE), people.contact(email=ATTACKER_MAIL, phone=VICTIM_PHONE)
    waiting = people.answer(ATTACKER_MAIL).session_token
    people.rights.correct(second, people.record(second, "email"), "gone@example.uz", people.clock.now())
    assert people.enter(VICTIM_PHONE, first, second).subject_id == first
    assert people.sign_in.find_session(waiting, people.clock.now()) is None


def test_a_correction_to_the_victims_mail_gains_nothing(people: People) -> None:
    victim_id = victim(people)
    attacker_id = people.contact(email=ATTACKER_MAIL, phone=ATTACKER_PHONE, name="A")
    people.enter(ATTACKER_MAIL)
    people.rights.correct(attacker_id, people.record(attacker_id, "email"), VICTIM_MAIL, people.clock.now())
    assert people.identifiers(attacker_id)["email"] == "claimed"
    assert people.rights.person_file(attacker_id, people.clock.now()).values[1].masked
    assert sees_nothing_of(people, victim_id, attacker_id)
    assert people.enter(ATTACKER_PHONE).subject_id == attacker_id
    assert people.enter(VICTIM_MAIL).subject_id == victim_id
    assert sees_nothing_of(people, victim_id, attacker_id)


def test_a_correction_to_an_address_that_is_proven_elsewhere_cannot_be_confirmed(people: People) -> None:
    """Even somebody who reads both mailboxes has one holder for each address."""
    victim_id = victim(people)
    people.enter(VICTIM_MAIL)
    attacker_id = people.contact(email=ATTACKER_MAIL, name="A")
    people.enter(ATTACKER_MAIL)
    now = people.clock.now()
    people.rights.correct(attacker_id, people.record(attacker_id, "email"), VICTIM_MAIL, now)
    challenge_id = people.sign_in.confirm_start(attacker_id, people.record(attacker_id, "email"), HERE, "en", now)
    with pytest.raises(Conflict):
        people.sign_in.confirm_answer(attacker_id, challenge_id, HERE, people.code_sent_to(VICTIM_MAIL), now)
    assert people.identifiers(victim_id)["email"] == "proven"


def test_a_code_for_the_attackers_address_does_not_confirm_the_victims(people: People) -> None:
    attacker_id = people.contact(email=ATTACKER_MAIL, phone=VICTIM_PHONE, name="A")
    people.enter(ATTACKER_MAIL)
    now = people.clock.now()
    challenge_id = people.sign_in.confirm_start(attacker_id, people.record(attacker_id, "phone"), HERE, "en", now)
    people.sign_in.start(None, ATTACKER_MAIL, HERE, "en", now)
    with pytest.raises(WrongCode):
        people.sign_in.confirm_answer(attacker_id, challenge_id, HERE, people.code_sent_to(ATTACKER_MAIL), now)
    assert people.identifiers(attacker_id)["phone"] == "claimed"
    assert people.letters_to(VICTIM_PHONE)[-1].text.count("confirmation code") == 1  # the victim is warned


def test_a_code_of_one_person_does_not_confirm_for_another(people: People) -> None:
    mine, foreign = people.contact(email=ATTACKER_MAIL, phone=ATTACKER_PHONE), victim(people)
    now = people.clock.now()
    challenge_id = people.sign_in.confirm_start(mine, people.record(mine, "phone"), HERE, "en", now)
    code = people.code_sent_to(ATTACKER_PHONE)
    with pytest.raises(WrongCode):
        people.sign_in.confirm_answer(foreign, challenge_id, HERE, code, now)
    assert people.identifiers(foreign) == {"email": "claimed", "phone": "claimed"}


def test_a_claim_never_opens_what_another_identifier_has_proven(people: People) -> None:
    people.contact(email=VICTIM_MAIL, phone=VICTIM_PHONE)
    people.enter(VICTIM_MAIL)
    assert people.gets_no_code(VICTIM_PHONE)  # claimed there, not proven
    assert people.enter(VICTIM_MAIL).subject_id is not None


def test_a_code_asked_for_before_somebody_else_proved_the_person_opens_nothing(people: People) -> None:
    subject_id = people.contact(email=VICTIM_MAIL, phone=ATTACKER_PHONE)
    now = people.clock.now()
    challenge_id = people.sign_in.start(None, ATTACKER_PHONE, ELSEWHERE, "en", now)
    code = people.code_sent_to(ATTACKER_PHONE)
    assert people.enter(VICTIM_MAIL).subject_id == subject_id
    with pytest.raises(WrongCode):
        people.sign_in.answer(challenge_id, ELSEWHERE, code, now)


def test_a_choice_shown_before_somebody_proved_the_person_opens_nothing(people: People) -> None:
    one = people.contact(email=VICTIM_MAIL, phone=ATTACKER_PHONE)
    two = people.callback(ATTACKER_PHONE)
    pending = people.answer(ATTACKER_PHONE)
    assert people.enter(VICTIM_MAIL).subject_id == one
    for ticked in ([one], [two, one]):
        with pytest.raises(NotFound):
            people.sign_in.choose(pending.session_token, ticked, people.clock.now())
    assert people.sign_in.choose(pending.session_token, [two], people.clock.now()).subject_id == two


def test_a_phone_is_shared_only_by_who_saw_that_it_has_a_holder(people: People) -> None:
    """Two browsers are asked who they are; the second to choose did not know that the first had proven the phone."""
    one, two = people.callback(VICTIM_PHONE), people.callback(VICTIM_PHONE)
    early, late = people.answer(VICTIM_PHONE), people.answer(VICTIM_PHONE)
    people.later(seconds=1)
    people.sign_in.choose(early.session_token, [one], people.clock.now())
    with pytest.raises(Conflict):
        people.sign_in.choose(late.session_token, [two], people.clock.now())
    assert people.identifiers(two) == {"phone": "claimed"}


def test_a_proven_person_is_never_merged_into_another(people: People) -> None:
    victim_id = victim(people)
    people.enter(VICTIM_MAIL)
    attacker_id = people.callback(VICTIM_PHONE, name="A")
    tag = people.vault.tag("phone", VICTIM_PHONE)
    merging = Merging(people.vault, people.domain.erasure)
    evidence = Evidence("phone", tag, new_id())
    with pytest.raises(Denied):
        merging.merge(victim_id, attacker_id, people.clock.now(), evidence=evidence)
    with pytest.raises(Denied):  # nor without proof at the target
        merging.merge(attacker_id, victim_id, people.clock.now(), evidence=evidence)
    assert people.values(victim_id)["name"] == SECRET


def test_the_news_of_an_unproven_address_go_nowhere_by_signing_in_elsewhere(people: People) -> None:
    attacker_id = people.submit(
        "contact", news=("sms",), name="A", email=ATTACKER_MAIL, phone=VICTIM_PHONE, message="x"
    )
    people.enter(ATTACKER_MAIL)
    assert people.identifiers(attacker_id)["phone"] == "claimed"
    rows = people.disclosures.mailing("news", "sms", actor="staff:Officer", reason="test", now=people.clock.now())
    assert list(rows) == []


def holders(people: People, kind: str, address: str) -> list[UUID]:
    c = proven_holder.c
    tag = people.vault.tag(kind, address)
    with people.database.read() as tx:
        return list(tx.scalars(select(c.subject_id).where(c.kind == kind, c.tag == tag)))


def test_two_races_for_one_mail_have_one_holder(people: People) -> None:
    ones = [people.contact(email=VICTIM_MAIL) for _ in range(3)]
    pending = [people.answer(VICTIM_MAIL) for _ in ones]
    outcomes = race(
        *(
            lambda one=one, done=done: people.sign_in.choose(done.session_token, [one], people.clock.now())
            for one, done in zip(ones, pending, strict=True)
        )
    )
    assert len(holders(people, "email", VICTIM_MAIL)) == 1
    assert len([outcome for outcome in outcomes if isinstance(outcome, Denied | Conflict)]) == 2, outcomes


def test_a_race_of_two_addresses_for_one_submission_lets_one_in(people: People) -> None:
    subject_id = people.contact(email=ATTACKER_MAIL, phone=VICTIM_PHONE)
    now = people.clock.now()
    asked = {address: people.sign_in.start(None, address, HERE, "en", now) for address in (ATTACKER_MAIL, VICTIM_PHONE)}
    codes = {address: people.code_sent_to(address) for address in asked}
    outcomes = race(
        *(lambda address=address: people.sign_in.answer(asked[address], HERE, codes[address], now) for address in asked)
    )
    assert len([outcome for outcome in outcomes if isinstance(outcome, WrongCode)]) == 1, outcomes
    assert sorted(people.identifiers(subject_id).values()) == ["claimed", "proven"]


def test_one_code_answered_twice_at_once_opens_one_session(people: People) -> None:
    people.contact(email=VICTIM_MAIL)
    now = people.clock.now()
    challenge_id = people.sign_in.start(None, VICTIM_MAIL, HERE, "en", now)
    code = people.code_sent_to(VICTIM_MAIL)
    outcomes = race(*[lambda: people.sign_in.answer(challenge_id, HERE, code, now)] * 3)
    assert len([outcome for outcome in outcomes if isinstance(outcome, WrongCode)]) == 2, outcomes


def test_a_merged_submission_leaves_an_empty_subject_whose_keys_are_gone(people: People) -> None:
    one, two = people.callback(VICTIM_PHONE, name="One"), people.callback(VICTIM_PHONE, name="Two")
    people.enter(VICTIM_PHONE, one, two)
    with pytest.raises(NotFound):
        people.vault.keystore.open_subject(two)
    with people.database.read() as tx:
        state = tx.scalar(select(subject.c.state).where(subject.c.subject_id == two))
    assert state == "erased"
    file = people.rights.person_file(one, people.clock.now())
    assert len(file.consents) == 2 and len(file.cases) == 2
    assert {value.proven for value in file.values if value.field == "phone"} == {True}
