"""Joining and separating people on both engines: with evidence, told, undone without loss, and no stranger gains."""

from uuid import UUID

import pytest
from sqlalchemy import select

from harness.card import Firm
from harness.regrouping import SEEN, join, opened
from omonat.contracts import Given
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import SubjectId
from omonat.people import NotOpened, Stated
from omonat.storage import schema
from omonat.vault import rows

PHONE = "+998901234567"


def undo(firm: Firm, subject_id: SubjectId, regrouping_id: UUID) -> None:
    opened(firm, subject_id)
    firm.omonat.regroupings.undo(firm.member("privacy_officer"), subject_id, regrouping_id, firm.now)


def others(firm: Firm, *known: SubjectId) -> list[SubjectId]:
    c = schema.subject.c
    with firm.omonat.database.read() as tx:
        found = tx.scalars(select(c.subject_id).where(c.state == "active", c.kind == "person"))
        return [SubjectId(one) for one in found if one not in known]


def consents(firm: Firm, subject_id: SubjectId) -> dict[tuple[str, str], str]:
    with firm.omonat.database.read() as tx:
        state = firm.omonat.vault.state(tx, subject_id, firm.now)
    return {pair: said.action for pair, said in state.consents.items()}


def cases(firm: Firm, subject_id: SubjectId) -> set[str]:
    return {case.case_id for case in firm.omonat.rights.cases() if case.subject_id == str(subject_id)}


def picture(firm: Firm, subject_id: SubjectId) -> tuple[object, ...]:
    """Everything of a person but journal and ledger."""
    with firm.omonat.database.read() as tx:
        submissions = {row["submission_id"] for row in rows.submissions_of(tx, subject_id)}
        contracts = [(one.contract_id, one.state) for one in firm.omonat.contracts.of_subject(tx, subject_id)]
        terms = {held.record_id: held.keep_until for held in rows.records_of(tx, subject_id)}
    return (
        firm.values(subject_id), firm.states(subject_id), consents(firm, subject_id), cases(firm, subject_id),
        submissions, contracts, terms,
    )  # fmt: skip


def test_joining_moves_everything_and_undoing_brings_it_back(firm: Firm) -> None:
    one, two = firm.order(news=("email",)), firm.callback(name="Ali V.")
    firm.prove(one, "email")
    sales = firm.member("sales")
    given = Given(number="5", about="x", starts_on=local_date(firm.now).isoformat())
    contract = firm.omonat.contracts.draft(sales, two, given, firm.now)
    content = b"%PDF-1.7 " + b"x" * 300_000
    document = firm.omonat.contracts.add_document(sales, contract.contract_id, "a.pdf", content, firm.now)
    before_one, before_two = picture(firm, one), picture(firm, two)
    regrouping_id = join(firm, two, one)
    assert others(firm, one) == []
    assert len(firm.values(one)) == len(before_one[0]) + len(before_two[0])  # type: ignore[arg-type]  # lists of values
    assert firm.omonat.contracts.own_document(one, document.record_id, firm.now).content == content
    undo(firm, one, regrouping_id)
    (back,) = others(firm, one)
    assert picture(firm, one) == before_one
    assert picture(firm, back) == before_two
    assert firm.omonat.contracts.own_document(back, document.record_id, firm.now).content == content
    assert firm.omonat.contracts.find("5") == [(back, contract.contract_id)]
    with pytest.raises(Denied):
        undo(firm, one, regrouping_id)


def test_separating_moves_what_came_with_a_form_and_undoing_brings_it_back(firm: Firm) -> None:
    one, two = firm.order(news=("sms",)), firm.callback(name="Vali")
    join(firm, two, one)
    before = picture(firm, one)
    with firm.omonat.database.read() as tx:
        chosen = frozenset(row["submission_id"] for row in rows.submissions_of(tx, one) if row["form"] == "callback")
    opened(firm, one)
    officer, regroupings = firm.member("privacy_officer"), firm.omonat.regroupings
    preview = regroupings.preview_separating(officer, one, chosen, firm.now)
    assert dict(preview.counts)["forms"] == 1 and dict(preview.counts)["cases"] == 1
    stated = Stated(evidence="document_seen", note="two people", digest=preview.digest)
    regrouping_id = regroupings.separate(officer, one, chosen, stated, firm.now)
    (made,) = others(firm, one)
    assert {value[2] for value in firm.values(made)} >= {"Vali", PHONE}
    assert "Vali" not in {value[2] for value in firm.values(one)}
    assert firm.states(made) == {("phone", "claimed")} and ("phone", "claimed") in firm.states(one)
    undo(firm, one, regrouping_id)
    assert others(firm, one) == [] and picture(firm, one) == before


def test_not_every_form_and_not_a_strangers_can_be_separated(firm: Firm) -> None:
    one, two = firm.order(), firm.callback()
    with firm.omonat.database.read() as tx:
        mine, theirs = (frozenset(row["submission_id"] for row in rows.submissions_of(tx, each)) for each in (one, two))
    opened(firm, one)
    for chosen in (mine, theirs, frozenset()):
        with pytest.raises(InvalidInput):
            firm.omonat.regroupings.preview_separating(firm.member("privacy_officer"), one, chosen, firm.now)


# --- evidence -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("evidence", ["code_answered", "called_back"])
def test_an_address_that_nobody_has_proven_shows_nothing(firm: Firm, evidence: str) -> None:
    one, two = firm.order(), firm.callback()
    with pytest.raises(Denied, match=f"{evidence}_needs_proof"):
        join(firm, two, one, Stated(evidence=evidence, note="x"))
    firm.prove(one, "phone")
    join(firm, two, one, Stated(evidence=evidence, note="x"))
    assert firm.states(one) == {("phone", "proven"), ("email", "claimed")}


def test_it_needs_words_the_right_and_an_open_card(firm: Firm) -> None:
    one, two = firm.order(), firm.callback()
    for stated in (Stated(evidence="guess", note="x"), Stated(evidence="document_seen", note=" ")):
        with pytest.raises(InvalidInput):
            join(firm, two, one, stated)
    with pytest.raises(NotAllowed):
        firm.omonat.regroupings.join(firm.member("sales"), two, one, SEEN, firm.now)
    with pytest.raises(NotOpened):
        firm.omonat.regroupings.join(firm.member("support"), two, one, SEEN, firm.now)
    with pytest.raises(Denied):
        join(firm, one, one)
    firm.omonat.rights.erase(two, firm.now)
    with pytest.raises(NotFound):
        join(firm, two, one)


def test_what_changed_since_the_preview_is_shown_first(firm: Firm) -> None:
    one, two, officer = firm.order(), firm.callback(), firm.member("privacy_officer")
    opened(firm, one)
    preview = firm.omonat.regroupings.preview_joining(officer, two, one, firm.now)
    firm.omonat.rights.complain(two, "Wrong", firm.now)
    with pytest.raises(Conflict):
        join(firm, two, one, Stated(evidence="document_seen", note="x", digest=preview.digest))


def test_a_stranger_who_is_joined_by_mistake_does_not_come_in(firm: Firm) -> None:
    """He proved his own mail and typed the victim's phone; the staff take them for one person."""
    victim = firm.order()
    firm.prove(victim, "phone")
    stranger = firm.submit("contact", name="A", email="attacker@example.uz", phone=PHONE, message="m")
    firm.prove(stranger, "email")
    regrouping_id = join(firm, stranger, victim)
    assert firm.states(victim) == {("phone", "proven"), ("email", "claimed")}
    tag = firm.omonat.vault.tag("email", "attacker@example.uz")
    with firm.omonat.database.read() as tx:
        assert rows.candidates(tx, "email", tag) == []  # his mail opens nothing at all any more
    undo(firm, victim, regrouping_id)
    (back,) = others(firm, victim)
    assert firm.states(back) == {("email", "proven"), ("phone", "claimed")}
    assert firm.states(victim) == {("phone", "proven"), ("email", "claimed")}


def test_both_are_told_where_they_have_proven_an_address(firm: Firm) -> None:
    one, two = firm.order(), firm.submit("contact", name="A", email="b@example.uz", message="m")
    firm.prove(one, "email")
    firm.prove(two, "email")
    join(firm, two, one)
    c = schema.outbox.c
    with firm.omonat.database.read() as tx:
        told = [row for row in tx.scalars(select(c.payload).where(c.kind == "notice")) if "regrouping" in row]
    assert [row["letter"] for row in told] == ["joined", "joined"]
    assert {row["subject"] for row in told} == {str(one)}


def test_what_the_person_stopped_since_stays_stopped(firm: Firm) -> None:
    one, two = firm.order(), firm.callback()
    regrouping_id = join(firm, two, one)
    firm.omonat.rights.withdraw(one, "support", None, "en", firm.now)
    firm.omonat.rights.suspend(one, firm.now)
    undo(firm, one, regrouping_id)
    (back,) = others(firm, one)
    assert set(consents(firm, back).values()) == {"withdrawn"}
    with firm.omonat.database.read() as tx:
        assert [each.kind for each in firm.omonat.vault.state(tx, back, firm.now).restrictions] == ["suspended"]


def test_a_value_corrected_since_goes_back_corrected(firm: Firm) -> None:
    one, two = firm.order(), firm.callback(name="Vali")
    regrouping_id = join(firm, two, one)
    record = next(each.record.record_id for each in firm.opened(one) if each.value.reveal() == "Vali")
    firm.omonat.rights.correct(one, record, "Vali Aliyev", firm.now)
    undo(firm, one, regrouping_id)
    (back,) = others(firm, one)
    assert "Vali Aliyev" in {value[2] for value in firm.values(back)}


def test_after_seven_days_it_stays_and_the_map_is_forgotten(firm: Firm) -> None:
    one, two = firm.order(), firm.callback()
    regrouping_id = join(firm, two, one)
    firm.days_pass(8)
    with pytest.raises(Denied, match="undo_is_over"):
        undo(firm, one, regrouping_id)
    assert firm.omonat.regroupings.forget(firm.now) == 1


def test_after_undoing_each_is_deleted_for_himself(firm: Firm) -> None:
    one, two = firm.order(), firm.callback(name="Vali")
    undo(firm, one, join(firm, two, one))
    (back,) = others(firm, one)
    firm.omonat.rights.erase(one, firm.now)
    assert "Vali" in {value[2] for value in firm.values(back)}
    firm.omonat.rights.erase(back, firm.now)
    with firm.omonat.database.read() as tx:
        assert tx.execute(select(schema.record.c.record_id)).all() == []
