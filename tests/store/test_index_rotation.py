"""Rotation of the index keys: two versions side by side, and everybody is found, limited and unique (issue 4)."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import LargeBinary, select, update

from harness.card import Firm
from harness.races import race
from harness.rights import ELSEWHERE, HERE, People, new_people
from omonat.contracts import Given
from omonat.crypto import FileKeyProvider, KeyRing
from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotFound, Overloaded
from omonat.kernel.ids import SubjectId
from omonat.keystore import KeyStore, RotationRuns, working
from omonat.people import Stated
from omonat.people.regrouping_model import UNDO_FOR
from omonat.storage import Database, schema
from omonat.vault import Retagging, rows
from omonat.vault.index import PAIRS_LIVE, Index
from omonat.vault.index_store import IndexVersion

Answer = TypeVar("Answer")
MAIL, PHONE, OTHER = "ali@example.uz", "+998901234567", "vali@example.uz"
HOUR = timedelta(hours=1, minutes=11)


@pytest.fixture
def people(database: Database, key_database: Database, tmp_path: Path) -> People:
    return new_people(database, key_database, tmp_path)


def retagging(people: People, folder: Path) -> Retagging:
    domain = people.domain
    return Retagging(
        domain.database, domain.keystore, domain.ledger, index=people.vault.index, folder=folder, clock=people.clock
    )


def begin(work: Retagging, *subjects: SubjectId) -> IndexVersion:
    """A rotation has begun, and has come to some people only."""
    version = work._begin()
    if subjects:
        assert work._retag(version, list(subjects))
    return version


def found(people: People, kind: str, value: str) -> set[SubjectId]:
    return {subject_id for subject_id, _state in people.rights.find_person(kind, value)}


def holders(people: People, kind: str, value: str) -> list[SubjectId]:
    with people.database.read() as tx:
        return [subject_id for _number, subject_id in rows.holders(tx, kind, people.vault.tag(kind, value))]


def tag_versions(database: Database) -> set[int]:
    with database.read() as tx:
        return set(tx.scalars(select(schema.identifier.c.tag_version)))


def every_tag(database: Database) -> set[bytes]:
    """Whatever lies in a column of tags."""
    with database.read() as tx:
        return {
            tag
            for table in database.tables.sorted_tables
            for column in table.columns
            if column.name in ("tag", "same_as") and isinstance(column.type, LargeBinary)
            for tag in tx.scalars(select(column))
            if tag is not None
        }


def test_everybody_is_found_before_under_and_after(people: People, tmp_path: Path) -> None:
    ones = [people.contact(email=f"person{number}@example.uz", phone=PHONE) for number in range(3)]
    old = people.vault.tag("phone", PHONE)
    work, seen = retagging(people, tmp_path), list[int]()
    ended = work.run(batch=2, progress=seen.append)
    assert (ended.version, ended.retagged, ended.left, ended.ended, seen) == (2, 6, 0, True, [4, 6])
    assert tag_versions(people.database) == {2}
    assert people.vault.tag("phone", PHONE) != old
    assert found(people, "phone", PHONE) == set(ones)
    assert found(people, "email", "person1@example.uz") == {ones[1]}
    assert people.enter("person2@example.uz").subject_id == ones[2]
    assert set(people.domain.keystore.index_versions()) == {2}
    with pytest.raises(NotFound):
        KeyStore(people.domain.keystore.database, people.domain.keystore.ring).index_key("phone", 1)
    with people.database.read() as tx:
        kinds = list(tx.scalars(select(schema.ledger_event.c.kind)))
    assert kinds.count("index_keys_rotated") == 1
    people.clock.shift += PAIRS_LIVE + timedelta(hours=1)
    assert work.tend() is None
    assert old not in every_tag(people.database)
    assert people.enter("person0@example.uz").subject_id == ones[0]


def test_half_done_everybody_is_found_and_written_under_the_newest(people: People, tmp_path: Path) -> None:
    waits, moved = people.contact(email=MAIL, phone=PHONE), people.contact(email=OTHER, phone=PHONE)
    work = retagging(people, tmp_path)
    begin(work, moved)
    new = people.contact(email="new@example.uz", phone=PHONE)
    assert found(people, "phone", PHONE) == {waits, moved, new}
    assert tag_versions(people.database) == {1, 2}
    # another process, which reads its keys itself
    own = Index(KeyStore(people.domain.keystore.database, KeyRing(FileKeyProvider(tmp_path / "kek"))))
    with people.database.read() as tx:
        assert rows.subjects_naming(tx, "phone", *own.at(tx).all("phone", PHONE))[0][0] == waits
    assert people.enter(MAIL).subject_id == waits
    assert people.identifiers(waits) == {"email": "proven", "phone": "claimed"}
    assert people.enter(PHONE, moved, new).subject_id == moved  # and one that was sent meanwhile is merged into it
    people.rights.correct(waits, people.record(waits, "phone"), "+998935556677", people.clock.now())
    assert found(people, "phone", "+998935556677") == {waits}
    assert work.run().left == 0
    assert tag_versions(people.database) == {2}
    assert found(people, "phone", PHONE) == {moved}
    assert holders(people, "phone", PHONE) == [moved]


def test_what_is_proven_under_one_version_is_not_proven_again_under_the_other(people: People, tmp_path: Path) -> None:
    first = people.contact(email=MAIL)
    people.enter(MAIL)
    begin(retagging(people, tmp_path))
    later = people.contact(email=MAIL)
    assert people.enter(MAIL, first).subject_id == first  # the later one is offered beside, and never instead
    people.rights.correct(first, people.record(first, "email"), OTHER, people.clock.now())
    assert people.enter(MAIL).subject_id == later
    assert people.identifiers(later) == {"email": "proven"}
    assert holders(people, "email", MAIL) == [later]


@pytest.mark.parametrize("rotates", [False, True])
def test_a_race_across_versions_for_one_mail_has_one_holder(people: People, tmp_path: Path, rotates: bool) -> None:
    old, moved = people.contact(email=MAIL), people.contact(email=MAIL)
    pending = [people.answer(MAIL)]
    work = retagging(people, tmp_path)
    version = begin(work, moved)
    new = people.contact(email=MAIL)
    pending += [people.answer(MAIL), people.answer(MAIL)]
    ones = (old, moved, new)
    acts: list[Callable[[], object]] = [
        lambda one=one, done=done: people.sign_in.choose(  # type: ignore[misc]
            done.session_token, [one], people.clock.now()
        )
        for one, done in zip(ones, pending, strict=True)
    ]
    if rotates:
        acts.append(lambda: work._run(version, 1, lambda _done: None))
    outcomes = race(*acts)[:3]
    assert len([one for one in outcomes if isinstance(one, Denied | Conflict)]) == 2, outcomes
    assert len(holders(people, "email", MAIL)) == 1
    with people.database.read() as tx:
        proven = [one for one in ones for held in rows.identifiers_of(tx, one) if held.state == "proven"]
    assert proven == holders(people, "email", MAIL)
    work.run()
    assert holders(people, "email", MAIL) == proven
    assert people.enter(MAIL, proven[0]).subject_id == proven[0]


def test_who_is_in_the_middle_of_signing_in_comes_in(people: People, tmp_path: Path) -> None:
    one, two = people.contact(email=MAIL), people.contact(email=MAIL)
    waiting = people.answer(MAIL)  # asked which of two he is
    asked = people.sign_in.start(None, MAIL, ELSEWHERE, "en", people.clock.now())
    code = people.code_sent_to(MAIL)
    work = retagging(people, tmp_path)
    work.run()
    assert len(people.sign_in.candidates(waiting.session_token, people.clock.now())) == 2
    assert people.sign_in.choose(waiting.session_token, [one, two], people.clock.now()).subject_id == one
    with people.database.read() as tx:
        assert not rows.identifiers_of(tx, two)  # merged, by evidence of the older version
    later = people.sign_in.answer(asked, ELSEWHERE, code, people.clock.now())
    session = people.sign_in.find_session(later.session_token, people.clock.now())
    assert session is not None and session.subject_id == one


@pytest.mark.parametrize("address", [MAIL, "nobody@example.uz"])
def test_codes_asked_for_before_count_on_and_the_old_key_stays_for_it(
    people: People, tmp_path: Path, address: str
) -> None:
    people.contact(email=MAIL)
    for _ in range(5):
        people.sign_in.start(None, address, HERE, "en", people.clock.now())
    work = retagging(people, tmp_path)
    waits = work.run()
    assert (waits.left, waits.ended) == (0, False)
    assert waits.waits_until is not None and waits.waits_until > people.clock.now()
    before = len(people.letters_to(MAIL))
    people.work("sign_in_code")
    sent = len(people.letters_to(MAIL)) - before
    people.sign_in.start(None, address, HERE, "en", people.clock.now())
    people.work("sign_in_code")
    assert len(people.letters_to(MAIL)) - before == sent  # the sixth is not sent
    people.clock.shift += HOUR
    ended = work.tend()
    assert ended is not None and ended.ended
    assert work.tend() is None
    people.sign_in.start(None, address, HERE, "en", people.clock.now())


def test_an_erasure_in_the_middle_leaves_no_tag_and_no_pair(people: People, tmp_path: Path) -> None:
    gone, stays = people.contact(email=MAIL, phone=PHONE), people.contact(email=OTHER, phone=PHONE)
    with people.database.read() as tx:
        old = {held.kind: held.tag for held in rows.identifiers_of(tx, gone)}
    work = retagging(people, tmp_path)
    begin(work, gone)
    new = people.vault.tag("email", MAIL)
    assert {old["email"], new} <= every_tag(people.database)
    people.domain.erase(people.domain.keystore.open_subject(gone))
    assert not {old["email"], new} & every_tag(people.database)
    assert old["phone"] in every_tag(people.database)  # another names it, too
    with people.database.read() as tx:
        certificate = tx.scalar(select(schema.destruction.c.certificate))
    assert certificate["searched"] == {"identifiers": 2, "records": 0, "keys": 0, "others": 1}
    assert work.run().ended
    assert found(people, "phone", PHONE) == {stays}


def test_contract_numbers_are_found_and_taken_across_versions(firm: Firm) -> None:
    person, other = firm.order(email="ali@example.uz"), firm.order(email="vali@example.uz")
    sales, contracts = firm.member("sales"), firm.omonat.contracts
    given = Given(number="12 / a", about="IP telephony", starts_on=local_date(firm.now).isoformat(), ends_on="")
    made = contracts.draft(sales, person, given, firm.now)
    work = firm.omonat.retagging
    version = begin(work)
    assert contracts.find("12/A") == [(person, made.contract_id)]
    with pytest.raises(InvalidInput):
        contracts.draft(sales, other, given, firm.now)
    assert work._retag(version, [person])
    assert contracts.find("12/A") == [(person, made.contract_id)]
    with pytest.raises(InvalidInput):
        contracts.draft(sales, other, given, firm.now)
    assert work.run().ended
    assert contracts.find("12/A") == [(person, made.contract_id)]


def test_likely_matches_and_undoing_a_joining_go_across_versions(firm: Firm) -> None:
    officer = firm.member("privacy_officer")
    one, two = firm.order(email=MAIL), firm.order(email=MAIL)
    work = firm.omonat.retagging
    begin(work, one)

    def opened(subject_id: SubjectId) -> None:
        firm.omonat.people.open(officer, subject_id, purpose="support", reason="two records", now=firm.now)

    for here, there in ((one, two), (two, one)):
        opened(here)
        assert {match.subject_id for match in firm.omonat.people.matches(officer, here, firm.now)} == {there}
    stated = Stated(evidence="document_seen", note="passport")
    done = firm.omonat.regroupings.join(officer, two, one, stated, firm.now)
    assert work.run().ended
    work.run()  # and once more
    opened(one)
    firm.omonat.regroupings.undo(officer, one, done, firm.now)
    named = firm.omonat.rights.find_person("email", MAIL)
    assert len({subject_id for subject_id, _state in named}) == 2
    assert PAIRS_LIVE > UNDO_FOR


class Stop(BaseException):
    """The power goes off here."""


SEAMS = [
    ("_keystore.make_index_keys", "after"), ("_begin", "after"), ("_retag", "after"), ("_end", "before"),
    ("_keystore.destroy_index_keys_before", "before"), ("_keystore.destroy_index_keys_before", "after"),
    ("_record", "after"),
]  # fmt: skip


@pytest.mark.parametrize(("seam", "when"), SEAMS)
def test_stopped_at_any_step_it_goes_on(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seam: str, when: str
) -> None:
    ones = [people.contact(email=f"person{number}@example.uz") for number in range(3)]
    work = retagging(people, tmp_path)
    owner: Any = people.domain.keystore if seam.startswith("_keystore.") else work
    step = seam.removeprefix("_keystore.")
    real: Callable[..., Any] = getattr(owner, step)

    def stopping(*arguments: Any) -> Any:
        if when == "after":
            real(*arguments)
        raise Stop

    with monkeypatch.context() as patched:
        patched.setattr(owner, step, stopping)
        with pytest.raises(Stop):
            work.run(batch=2)
    assert [found(people, "email", f"person{number}@example.uz") for number in range(3)] == [{one} for one in ones]
    later = people.contact(email="later@example.uz")
    again = retagging(people, tmp_path)
    ended = again.run(batch=2)
    assert ended.ended and not ended.left
    assert ended.version == (3 if seam == "_record" else 2)
    assert tag_versions(people.database) == {ended.version}
    assert set(people.domain.keystore.index_versions()) == {ended.version}
    with people.database.read() as tx:
        kinds = list(tx.scalars(select(schema.ledger_event.c.kind)))
    assert kinds.count("index_keys_rotated") == ended.version - 1
    assert people.enter("later@example.uz").subject_id == later
    assert people.enter("person0@example.uz").subject_id == ones[0]


def test_data_of_before_a_rotation_is_put_right_when_it_comes_back(people: People, tmp_path: Path) -> None:
    """The keys of its tags are destroyed: the values are opened, and found again."""
    one = people.contact(email=MAIL)
    with people.database.read() as tx:
        tables = (schema.identifier, schema.identifier_lookup, schema.record)
        kept = {table: [dict(row._mapping) for row in tx.execute(select(table))] for table in tables}
    retagging(people, tmp_path).run()

    def put_back(tx: Any) -> None:
        tx.execute(schema.index_version.delete())
        tx.execute(schema.tag_pair.delete())
        for table, old in kept.items():
            tx.execute(table.delete())
            tx.execute(table.insert(), old)

    people.database.write(put_back)
    work = retagging(people, tmp_path)
    repaired = work.repair()
    assert repaired is not None and repaired.ended and repaired.version == 2
    assert found(people, "email", MAIL) == {one}
    assert work.repair() is None


def test_keys_of_before_a_rotation_are_put_right_when_they_come_back(people: People, tmp_path: Path) -> None:
    one = people.contact(email=MAIL)
    keys = people.domain.keystore.database
    with keys.read() as tx:
        kept = [dict(row._mapping) for row in tx.execute(select(schema.secret))]
    retagging(people, tmp_path).run()

    def put_back(tx: Any) -> None:
        tx.execute(schema.secret.delete())
        tx.execute(schema.secret.insert(), kept)

    keys.write(put_back)
    people.vault.index._keystore._index_keys.clear()
    work = retagging(people, tmp_path)
    repaired = work.repair()
    assert repaired is not None and repaired.ended and repaired.version == 3
    assert found(people, "email", MAIL) == {one}


def test_a_value_that_cannot_be_opened_keeps_its_tag_and_this_the_old_key(people: People, tmp_path: Path) -> None:
    one, other = people.contact(email=MAIL), people.contact(email=OTHER)
    broken = update(schema.record).where(schema.record.c.subject_id == one, schema.record.c.field == "email")
    people.database.write(lambda tx: tx.execute(broken.values(sealed_value=bytes(40))))
    ended = retagging(people, tmp_path).run()
    assert (ended.left, ended.ended) == (1, False)
    assert found(people, "email", MAIL) == {one}
    assert found(people, "email", OTHER) == {other}
    assert set(people.domain.keystore.index_versions()) == {1, 2}


def test_one_at_a_time(people: People, tmp_path: Path) -> None:
    with working(tmp_path), pytest.raises(RotationRuns):
        retagging(people, tmp_path).run()


def patiently(act: Callable[[], Answer]) -> Answer:
    """As a client does: what met too many others at once was not stored, and is tried again."""
    while True:
        try:
            return act()
        except Overloaded:
            continue


def test_against_a_stream_of_forms_and_erasures(people: People, tmp_path: Path) -> None:
    kept, gone, failed, ended = dict[str, SubjectId](), list[str](), list[BaseException](), threading.Event()

    def stream() -> None:
        try:
            while not ended.is_set():
                number = len(kept)
                stays, goes = f"kept{number}@example.uz", f"gone{number}@example.uz"
                kept[stays] = patiently(partial(people.contact, email=stays, phone=PHONE))
                made = patiently(partial(people.contact, email=goes, phone=PHONE))
                patiently(partial(people.domain.erase, people.domain.keystore.open_subject(made)))
                gone.append(goes)
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=stream)
    thread.start()
    work = retagging(people, tmp_path)
    for wanted in (1, 2):
        while len(gone) < wanted and not failed:
            ended.wait(0.01)
        assert work.run(batch=1).left == 0
    ended.set()
    thread.join()
    assert failed == []
    last = work.find_unended()
    assert last is None
    assert all(found(people, "email", mail) == {one} for mail, one in kept.items())
    assert not any(found(people, "email", mail) for mail in gone)
    assert found(people, "phone", PHONE) == set(kept.values())
