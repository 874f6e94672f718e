"""One submission is one act: records, consents, case and ledger, or nothing (1.2, 1.3, 2.1, 3.1, 4.1, 10.1)."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from harness.choices import notice_hash
from harness.office import view
from harness.places import POLICY
from harness.whole import whole_omonat
from omonat.app import Omonat
from omonat.intake import Evidence, PreparedForm, Submitted
from omonat.kernel.errors import InvalidInput, NotFound, PolicyChanged, UndeclaredCategory
from omonat.kernel.secret import Sealed
from omonat.storage import Database, schema
from omonat.vault import store

CONTACT = {"name": "Gʻulom Aliyev", "email": "gulom@example.uz", "phone": "90 123 45 67", "message": "Salom"}
BROWSER = Evidence(Sealed("203.0.113.7"), Sealed("Mozilla/5.0 (test)"))


@pytest.fixture
def omonat(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Omonat]:
    made = whole_omonat(database, key_database, tmp_path)
    yield made
    made.close()


def shown(omonat: Omonat, form: str = "contact", language: str = "uz-Latn") -> PreparedForm:
    return omonat.intake.prepare(form, language, omonat.clock.now())


def send(
    omonat: Omonat, form: PreparedForm, fields: dict[str, str] = CONTACT, channels: tuple[str, ...] = ()
) -> Submitted:
    return omonat.intake.submit(
        form.form_id, form.state, fields, frozenset(channels), evidence=BROWSER, now=omonat.clock.now()
    )


def count(omonat: Omonat, table: str) -> int:
    with omonat.database.read() as tx:
        return tx.scalar(select(func.count()).select_from(schema.data.tables[table])) or 0


def consents_of(omonat: Omonat) -> list[tuple[str, str, str]]:
    c = schema.consent_event.c
    with omonat.database.read() as tx:
        return [tuple(row) for row in tx.execute(select(c.purpose, c.channel, c.action).order_by(c.consent_id))]


def test_clause_1_2_version_language_and_exact_text_are_kept(omonat: Omonat) -> None:
    form = shown(omonat, language="ru")
    send(omonat, form)
    c = schema.submission.c
    with omonat.database.read() as tx:
        row = tx.execute(select(c.policy_number, c.policy_hash, c.language, c.notice_hash)).one()
    version = omonat.policies.in_force()
    assert tuple(row)[:3] == (version.number, version.hash, "ru")
    assert omonat.consents.get_text(row.notice_hash) == form.notice


def test_sending_is_consent_to_its_purpose_and_never_to_news(omonat: Omonat) -> None:
    send(omonat, shown(omonat))
    assert consents_of(omonat) == [("support", "form", "granted")]


def test_an_order_rests_on_the_steps_before_a_contract(omonat: Omonat) -> None:
    order = {"name": "Ali", "phone": "901234567", "service": "IP-telefoniya"}
    send(omonat, shown(omonat, "order"), order)
    assert consents_of(omonat) == []
    with omonat.database.read() as tx:
        assert set(tx.scalars(select(schema.record.c.ground))) == {"contract"}


def test_each_ticked_channel_is_a_consent_of_its_own_with_its_own_sealed_address(omonat: Omonat) -> None:
    send(omonat, shown(omonat), channels=("email", "sms"))
    assert consents_of(omonat) == [
        ("support", "form", "granted"), ("news", "email", "granted"), ("news", "sms", "granted"),
    ]  # fmt: skip
    c = schema.record.c
    with omonat.database.read() as tx:
        news = tx.execute(select(c.category, c.ground).where(c.purpose == "news").order_by(c.category)).all()
    assert [tuple(row) for row in news] == [("email", "consent"), ("phone", "consent")]


def test_clause_10_1_each_message_is_a_case_with_a_term_and_staff_are_told(omonat: Omonat) -> None:
    sent = send(omonat, shown(omonat))
    case = omonat.rights.get_case(str(sent.case_id))
    assert (case.kind, case.state) == ("contact", "open")
    assert timedelta(days=9) < case.due_at - omonat.clock.now() < timedelta(days=12)
    with omonat.database.read() as tx:
        [payload] = tx.scalars(select(schema.outbox.c.payload).where(schema.outbox.c.kind == "staff_mail"))
    assert payload == {"case": case.case_id}


def test_clause_2_1_what_the_policy_does_not_declare_is_refused_by_the_door(omonat: Omonat) -> None:
    for fields in ({**CONTACT, "passport": "AA1234567"}, {**CONTACT, "company": "X"}):
        with pytest.raises(UndeclaredCategory):
            send(omonat, shown(omonat), fields)
    with pytest.raises(UndeclaredCategory):
        send(omonat, shown(omonat), channels=("pigeon",))
    assert count(omonat, "subject") == 0


def test_every_problem_is_told_at_once_and_nothing_is_stored(omonat: Omonat) -> None:
    with pytest.raises(InvalidInput) as caught:
        send(omonat, shown(omonat), {"name": "", "email": "x", "phone": "12", "message": "hello"})
    assert set(caught.value.problems) == {"name", "email", "phone"}
    with pytest.raises(InvalidInput) as caught:
        send(omonat, shown(omonat), {**CONTACT, "phone": ""}, channels=("sms",))
    assert set(caught.value.problems) == {"phone"}
    assert count(omonat, "subject") == count(omonat, "record") == 0


def test_the_same_form_sent_twice_is_taken_once(omonat: Omonat) -> None:
    form = shown(omonat)
    first, second = send(omonat, form), send(omonat, form)
    assert first.submission_id == second.submission_id
    assert first.token == second.token
    assert count(omonat, "submission") == count(omonat, "subject") == 1


def test_the_same_form_sent_at_once_by_an_impatient_finger_is_taken_once(omonat: Omonat) -> None:
    form, tokens = shown(omonat), []
    threads = [threading.Thread(target=lambda: tokens.append(send(omonat, form).token)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tokens) == 6
    assert len(set(tokens)) == 1
    assert count(omonat, "submission") == count(omonat, "subject") == count(omonat, "subject_case") == 1


def test_clause_9_2_a_version_published_in_between_asks_again(omonat: Omonat, tmp_path: Path) -> None:
    form = shown(omonat)
    next_folder = tmp_path / "next"
    (next_folder / "text").mkdir(parents=True)
    for path in POLICY.rglob("*.*"):
        text = path.read_text().replace('number = "3.2"', 'number = "3.3"', 1)
        (next_folder / path.relative_to(POLICY)).write_text(text)
    officer = omonat.staff.get_by_name("Officer")
    omonat.policies.publish(next_folder, author=officer, reason="next", now=omonat.clock.now())
    with pytest.raises(PolicyChanged):
        send(omonat, form)
    assert count(omonat, "subject") == 0
    send(omonat, shown(omonat))


@pytest.mark.parametrize("state", ["", "x.y", "bm9uc2Vuc2U.AAAA"])
def test_a_state_that_we_did_not_sign_is_refused(omonat: Omonat, state: str) -> None:
    with pytest.raises(PolicyChanged):
        omonat.intake.submit("contact", state, CONTACT, frozenset(), evidence=BROWSER, now=omonat.clock.now())


def test_a_state_of_another_form_or_of_last_week_is_refused(omonat: Omonat) -> None:
    form = shown(omonat, "callback")
    with pytest.raises(PolicyChanged):
        omonat.intake.submit("contact", form.state, CONTACT, frozenset(), evidence=BROWSER, now=omonat.clock.now())
    old = omonat.intake.prepare("contact", "ru", omonat.clock.now() - timedelta(days=7))
    with pytest.raises(PolicyChanged):
        send(omonat, old)
    with pytest.raises(NotFound):
        shown(omonat, "passport")


def test_evidence_of_the_browser_is_sealed_like_everything_else(omonat: Omonat) -> None:
    send(omonat, shown(omonat))
    with omonat.database.read() as tx:
        subject_id = tx.scalar(select(schema.subject.c.subject_id))
        fields = set(tx.scalars(select(schema.record.c.field)))
    assert {"ip_address", "browser"} <= fields
    values = {opened.record.field: opened.value.reveal() for opened in omonat.vault.read_own(subject_id)}
    assert values["ip_address"] == "203.0.113.7"
    assert values["phone"] == "+998901234567"


# --- “I do not agree” (1.3) -------------------------------------------------------------------------------------------


def test_clause_1_3_what_this_browser_sent_is_destroyed_and_nothing_else(omonat: Omonat) -> None:
    mine, other = send(omonat, shown(omonat)), send(omonat, shown(omonat))
    gone = omonat.intake.disagree(mine.token.reveal(), None, erase=True, now=omonat.clock.now())
    assert gone.certificate is not None
    assert not gone.kept
    assert omonat.intake.find_submission(mine.token.reveal(), omonat.clock.now()) is None
    assert omonat.intake.find_submission(other.token.reveal(), omonat.clock.now()) is not None


def test_without_the_word_nothing_is_erased(omonat: Omonat) -> None:
    mine = send(omonat, shown(omonat))
    left = omonat.intake.disagree(mine.token.reveal(), None, erase=False, now=omonat.clock.now())
    assert left.certificate is None
    assert omonat.intake.find_submission(mine.token.reveal(), omonat.clock.now()) is not None


def test_a_browser_does_not_reach_what_a_signed_in_person_owns(omonat: Omonat) -> None:
    mine = send(omonat, shown(omonat))
    now = omonat.clock.now()
    subject_id, _ = omonat.intake.find_submission(mine.token.reveal(), now) or (None, None)
    assert subject_id is not None
    keys = omonat.keystore.open_subject(subject_id)
    with omonat.database.read() as tx:
        held = store.identifiers_of(tx, subject_id)[0]
    omonat.database.write(lambda tx: omonat.vault.prove(tx, keys, held.identifier_id, shared=False, now=now))
    left = omonat.intake.disagree(mine.token.reveal(), None, erase=True, now=now)
    assert left.kept
    assert left.certificate is None


def test_a_wrong_token_reaches_nothing(omonat: Omonat) -> None:
    send(omonat, shown(omonat))
    for token in (None, "", "x" * 43):
        assert omonat.intake.disagree(token, None, erase=True, now=omonat.clock.now()).certificate is None
    assert count(omonat, "submission") == 1


def test_the_cookie_choice_goes_with_everything_that_hangs_on_it(omonat: Omonat) -> None:
    now = omonat.clock.now()
    choice = omonat.consents.read_choice(
        omonat.consents.choose(
            None, {"improve": True}, "ru", "banner", shown=notice_hash(omonat.consents), gpc=False, now=now
        )
    )
    assert choice is not None
    omonat.statistics.count(choice.visitor_id, view("/{language}"), now)
    assert count(omonat, "visit_day") == count(omonat, "visit_event") == 1
    omonat.intake.disagree(None, choice, erase=False, now=now)
    omonat.intake.disagree(None, choice, erase=False, now=now)
    assert count(omonat, "visit_day") == count(omonat, "visit_event") == count(omonat, "consent_event") == 0
