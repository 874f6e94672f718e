"""Rotation of compartment keys: new versions, values sealed anew, older versions destroyed in their time (issue 4)."""

import tempfile
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update

from harness.domain import Domain, email, name, new_domain, phone
from omonat.kernel.errors import Damaged, Denied, NotFound
from omonat.kernel.secret import Sealed
from omonat.keystore import Chosen, Compartment, RotationRuns, SubjectKeys, working
from omonat.storage import Database, data_tables, key_tables
from omonat.storage.schema import compartment_key, destruction, ledger_event, record, retired_key
from omonat.vault import HeldRecord, Resealing
from omonat.vault.correcting import replace_value
from omonat.vault.files import add_file, open_file
from omonat.vault.sealing import open_value
from omonat.vault.store import records_of

NAME, PHONE = Compartment("contract", "name"), Compartment("contract", "phone")
DAYS = 30


@pytest.fixture
def domain(database: Database, key_database: Database, tmp_path: Path) -> Domain:
    return new_domain(database, key_database, tmp_path)


def resealing(domain: Domain, folder: Path) -> Resealing:
    return Resealing(
        domain.database, domain.keystore, domain.ledger, folder=folder, clock=domain.clock, backup_days=DAYS
    )


def held(domain: Domain, keys: SubjectKeys) -> list[HeldRecord]:
    with domain.database.read() as tx:
        return records_of(tx, keys.subject_id)


def values(domain: Domain, keys: SubjectKeys) -> dict[str, str]:
    return {one.record.field: one.value.reveal() for one in domain.vault.read_own(keys.subject_id)}


def versions(domain: Domain) -> tuple[int, int]:
    """How many present and older keys there are, without those of commitments."""
    with domain.keystore.database.read() as tx:
        present = tx.execute(select(compartment_key.c.key_id).where(compartment_key.c.purpose != "-")).all()
        return len(present), len(tx.execute(select(retired_key.c.key_id)).all())


def count_events(domain: Domain, kind: str) -> int:
    with domain.database.read() as tx:
        return len(tx.execute(select(ledger_event.c.event_id).where(ledger_event.c.kind == kind)).all())


def test_values_open_before_under_and_after_and_older_versions_go_in_their_time(domain: Domain, tmp_path: Path) -> None:
    people = [domain.person(name(f"Person {number}"), phone(f"+99890123456{number}")) for number in range(3)]
    before = {one.key_id for keys in people for one in held(domain, keys)}
    work, seen = resealing(domain, tmp_path), list[int]()
    ended = work.run(Chosen(), batch=2, progress=seen.append)
    assert (ended.rotation.keys, ended.rotation.records, seen[-1]) == (6, 6, 6)
    after = {one.key_id for keys in people for one in held(domain, keys)}
    assert not before & after
    assert values(domain, people[1]) == {"name": "Person 1", "phone": "+998901234561"}
    assert versions(domain) == (6, 6)
    assert count_events(domain, "compartment_keys_rotated") == 1
    domain.clock.shift += timedelta(days=DAYS - 1)
    assert work.tend().destroyed == 0
    domain.clock.shift += timedelta(days=2)
    assert work.tend().destroyed == 6
    assert versions(domain) == (6, 0)
    assert count_events(domain, "compartment_keys_destroyed") == 1
    assert values(domain, people[2]) == {"name": "Person 2", "phone": "+998901234562"}
    for subject in people:  # what is signed for the person stays open: commitments are never rotated
        assert domain.keystore.open_subject(subject.subject_id).has(Compartment("-", "commitment"))


def test_only_what_was_chosen_gets_a_new_version(domain: Domain, tmp_path: Path) -> None:
    person = domain.person(name("A"), phone("+998901234567"))
    domain.person(email("a@example.uz"), purpose="support", ground="consent")
    work = resealing(domain, tmp_path)
    assert work.run(Chosen("contract", "name")).rotation.keys == 1
    assert work.run(Chosen("", "phone")).rotation.keys == 1
    assert work.run(Chosen(made_before=domain.now() - timedelta(days=1))).rotation.keys == 0
    assert work.run(Chosen("support")).rotation.keys == 1
    assert values(domain, person) == {"name": "A", "phone": "+998901234567"}


def test_erasing_destroys_every_version_and_the_certificate_counts_them(domain: Domain, tmp_path: Path) -> None:
    person = domain.person(name("A"), phone("+998901234567"))
    other = domain.person(name("B"), phone("+998901234568"))
    work = resealing(domain, tmp_path)
    for _ in range(2):
        work.run(Chosen())
    domain.erase(other, NAME)
    with domain.keystore.database.read() as tx:
        left = tx.execute(select(retired_key.c.category).where(retired_key.c.subject_id == other.subject_id)).all()
    assert {row.category for row in left} == {"phone"}
    domain.erase(person)
    with domain.database.read() as tx:
        found = {row.subject_id: row.certificate["keys"] for row in tx.execute(select(destruction))}
    assert found[person.subject_id] == 2 * 3 + 1 + 1  # three versions of two parts, commitments, the person's own
    assert found[other.subject_id] == 3
    assert domain.keystore.count_left(person.subject_id, None) == 0
    with pytest.raises(NotFound):
        domain.keystore.open_subject(person.subject_id)


def test_a_reader_and_a_writer_of_before_go_on(domain: Domain, tmp_path: Path) -> None:
    """Keys are opened, then the whole rotation goes by: what they read opens, what they write is sealed anew later."""
    person = domain.person(name("A"))
    early = domain.keystore.open_subject(person.subject_id)
    work = resealing(domain, tmp_path)
    work.run(Chosen())
    assert [open_value(early, one) for one in held(domain, person)] == ["A"]
    (one,) = held(domain, person)
    domain.database.write(
        lambda tx: replace_value(tx, domain.vault, early, one, kind="name", text=Sealed("Corrected"), now=domain.now())
    )
    domain.clock.shift += timedelta(minutes=11)
    assert work.tend().records == 1
    domain.clock.shift += timedelta(days=DAYS + 1)
    assert work.tend().destroyed == 1
    assert values(domain, person) == {"name": "Corrected"}


@pytest.mark.parametrize("meanwhile", ["erased", "part erased", "corrected"])
def test_what_happens_between_reading_and_storing_wins(
    domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    person, other = domain.person(name("A"), phone("+998901234567")), domain.person(name("B"))
    work = resealing(domain, tmp_path)
    real: Callable[..., int] = work._store
    acts = {
        "erased": lambda: domain.erase(person),
        "part erased": lambda: domain.erase(person, NAME),
        "corrected": lambda: _correct(domain, person, "New"),
    }

    def slow(*arguments: Any) -> int:
        acts.pop(meanwhile, lambda: None)()
        return real(*arguments)

    monkeypatch.setattr(work, "_store", slow)
    work.run(Chosen())
    assert values(domain, other) == {"name": "B"}
    if meanwhile == "erased":
        assert held(domain, person) == []
        assert domain.keystore.count_left(person.subject_id, None) == 0
    else:
        expected = {"phone": "+998901234567"} | ({"name": "New"} if meanwhile == "corrected" else {})
        assert values(domain, person) == expected


def _correct(domain: Domain, person: SubjectKeys, text: str) -> None:
    keys = domain.keystore.open_subject(person.subject_id)
    one = next(each for each in held(domain, person) if each.field == "name")
    domain.database.write(
        lambda tx: replace_value(tx, domain.vault, keys, one, kind="name", text=Sealed(text), now=domain.now())
    )


def test_erased_between_reading_and_renewing_stays_erased(
    domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = domain.person(name("A")), domain.person(name("B"))
    work = resealing(domain, tmp_path)
    opened: Callable[..., Any] = work._versions._find

    def found(subject_id: Any) -> Any:
        keys = opened(subject_id)
        if subject_id == gone.subject_id:
            domain.erase(gone)
        return keys

    monkeypatch.setattr(work._versions, "_find", found)
    assert work.run(Chosen()).rotation.keys == 1
    assert domain.keystore.count_left(gone.subject_id, None) == 0
    assert values(domain, stays) == {"name": "B"}


def test_a_key_made_in_the_middle_of_a_destruction_is_not_trusted(domain: Domain, tmp_path: Path) -> None:
    """A version that is younger than the intention to destroy comes from one that is older: nothing is lost in it."""
    person = domain.person(name("A"))
    intent = domain.database.write(
        lambda tx: domain.erasure.begin(
            tx, person.subject_id, (NAME,), trigger="demand", actor="subject", now=domain.now()
        )
    )
    resealing(domain, tmp_path).run(Chosen())
    keys = domain.keystore.open_subject(person.subject_id)
    assert keys.compartment(NAME).key_id > intent.event_id
    assert keys.first_id(NAME) < intent.event_id
    assert domain.keystore.destroy_again([(person.subject_id, intent.event_id, (NAME,))]) == {intent.event_id: 2}
    domain.erasure.carry_out(intent)
    assert values(domain, person) == {}


def test_moving_a_value_between_people_records_parts_and_versions_fails(domain: Domain, tmp_path: Path) -> None:
    """By somebody who owns the database and may change every column."""
    person, other = domain.person(name("A"), phone("+998901234567")), domain.person(name("B"))
    older = next(one for one in held(domain, person) if one.field == "name")
    resealing(domain, tmp_path).run(Chosen())
    newer = next(one for one in held(domain, person) if one.field == "name")
    foreign, number = held(domain, other)[0], next(one for one in held(domain, person) if one.field == "phone")
    assert older.key_id != newer.key_id
    keys = domain.keystore.open_subject(person.subject_id)
    assert open_value(keys, older) == open_value(keys, newer) == "A"  # each where it belongs: a replay, which the
    moves = {  # ledger shows, and formats.md names
        "an older version under the newer key": {"sealed_value": older.sealed_value},
        "a newer version under the older key": {"key_id": older.key_id},
        "another person's": {"sealed_value": foreign.sealed_value, "key_id": foreign.key_id},
        "another person's value": {"sealed_value": foreign.sealed_value},
        "another record's": {"sealed_value": number.sealed_value, "key_id": number.key_id},
        "another category": {"category": "phone"},
        "another purpose": {"purpose": "support"},
    }
    for what, changed in moves.items():
        domain.database.write(
            lambda tx, changed=changed: tx.execute(  # type: ignore[misc]
                update(record).where(record.c.record_id == newer.record_id).values(changed)
            )
        )
        moved = next(one for one in held(domain, person) if one.record_id == newer.record_id)
        with pytest.raises((Damaged, Denied)):
            pytest.fail(f"{what}: {open_value(keys, moved)}")
        back = {"sealed_value": newer.sealed_value, "key_id": newer.key_id, "category": "name", "purpose": "contract"}
        domain.database.write(
            lambda tx, back=back: tx.execute(  # type: ignore[misc]
                update(record).where(record.c.record_id == newer.record_id).values(back)
            )
        )
    assert values(domain, person) == {"name": "A", "phone": "+998901234567"}


def test_a_file_goes_with_its_record(domain: Domain, tmp_path: Path) -> None:
    person, content = domain.person(name("paper.pdf")), bytes(range(256)) * 1100  # two parts
    (one,) = held(domain, person)
    domain.database.write(lambda tx: add_file(tx, person, one.record_id, NAME, content))
    work = resealing(domain, tmp_path)
    work.run(Chosen())
    domain.clock.shift += timedelta(days=DAYS + 1)
    assert work.tend().destroyed == 1
    (after,) = held(domain, person)
    keys = domain.keystore.open_subject(person.subject_id)
    with domain.database.read() as tx:
        assert open_file(tx, keys, after) == content


class Stop(BaseException):
    """The power goes off here."""


SEAMS = [
    ("_versions.begin", "after"), ("_versions.renew", "after"), ("_store", "after"),
    ("_versions.note_records", "before"), ("_end", "before"), ("_versions.end", "before"),
]  # fmt: skip


@pytest.mark.parametrize(("seam", "when"), SEAMS)
def test_stopped_at_any_step_it_goes_on(
    domain: Domain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seam: str, when: str
) -> None:
    people = [domain.person(name(f"Person {number}")) for number in range(3)]
    work = resealing(domain, tmp_path)
    owner: Any = work._versions if seam.startswith("_versions.") else work
    step = seam.removeprefix("_versions.")
    real: Callable[..., Any] = getattr(owner, step)

    def stopping(*arguments: Any) -> Any:
        if when == "after":
            real(*arguments)
        raise Stop

    monkeypatch.setattr(owner, step, stopping)
    with pytest.raises(Stop):
        work.run(Chosen(), batch=2)
    assert [values(domain, one) for one in people] == [{"name": f"Person {number}"} for number in range(3)]
    again = resealing(domain, tmp_path)
    assert again.find_unended() is not None
    again.tend()  # the nightly sweep, or the command again
    assert again.find_unended() is None
    assert count_events(domain, "compartment_keys_rotated") == 1
    assert versions(domain) == (3, 3)
    domain.clock.shift += timedelta(days=DAYS + 1)
    assert again.tend().destroyed == 3
    assert [values(domain, one) for one in people] == [{"name": f"Person {number}"} for number in range(3)]


def test_an_older_copy_of_the_data_opens_as_long_as_it_was_promised(domain: Domain, tmp_path: Path) -> None:
    person = domain.person(name("A"))
    (old,) = held(domain, person)
    work = resealing(domain, tmp_path)
    work.run(Chosen())
    domain.clock.shift += timedelta(minutes=20)
    work.tend()  # finds nothing left under it
    restored = {"sealed_value": old.sealed_value, "key_id": old.key_id}
    domain.database.write(lambda tx: tx.execute(update(record).values(restored)))
    assert values(domain, person) == {"name": "A"}
    domain.clock.shift += timedelta(days=DAYS + 1)
    assert work.tend().destroyed == 1  # looked for at the last moment, and sealed anew
    assert values(domain, person) == {"name": "A"}


def test_one_at_a_time(domain: Domain, tmp_path: Path) -> None:
    domain.person(name("A"))
    work = resealing(domain, tmp_path)
    with working(tmp_path), pytest.raises(RotationRuns):
        work.run(Chosen())


def test_against_streams_of_corrections_and_erasures(domain: Domain, tmp_path: Path) -> None:
    kept = [domain.person(name("first")) for _ in range(4)]
    gone: list[SubjectKeys] = []
    ended, failed = threading.Event(), list[BaseException]()
    rounds = 0

    def stream() -> None:
        nonlocal rounds
        try:
            while not ended.is_set():
                rounds += 1
                for one in kept:
                    _correct(domain, one, f"round {rounds}")
                made = domain.person(name("for a moment"))
                domain.erase(made)
                gone.append(made)
        except BaseException as error:
            failed.append(error)
            raise

    thread = threading.Thread(target=stream)
    thread.start()
    work = resealing(domain, tmp_path)
    for wanted in (1, 2):
        while len(gone) < wanted and not failed:
            ended.wait(0.01)
        work.run(Chosen(), batch=2)
    ended.set()
    thread.join()
    assert not failed
    assert [values(domain, one) for one in kept] == [{"name": f"round {rounds}"}] * len(kept)
    assert all(domain.keystore.count_left(one.subject_id, None) == 0 for one in gone)
    domain.clock.shift += timedelta(days=DAYS + 1)
    work.tend()
    assert [values(domain, one) for one in kept] == [{"name": f"round {rounds}"}] * len(kept)


class VersionMachine(RuleBasedStateMachine):
    """A model of one part of two people: what a record says, and how many versions its key has."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name)
        made = [Database(f"sqlite:///{path / name}.db", tables)
                for name, tables in (("data", data_tables), ("keys", key_tables))]  # fmt: skip
        for database in made:
            database.create_tables()
        self.domain = new_domain(made[0], made[1], path)
        self.work = resealing(self.domain, path)
        self.people: list[SubjectKeys] = []
        self.said: dict[int, str] = {}
        self.older: dict[int, list[datetime]] = {}

    @initialize()
    def begin(self) -> None:
        for number in range(2):
            self.people.append(self.domain.person(name("first")))
            self.said[number], self.older[number] = "first", []

    @rule()
    def rotate(self) -> None:
        self.work.run(Chosen())
        for number in self.said:
            self.older[number].append(self.domain.now())

    @precondition(lambda self: self.said)
    @rule(text=st.sampled_from(["one", "two"]), which=st.integers(0, 1))
    def correct(self, text: str, which: int) -> None:
        if which in self.said:
            _correct(self.domain, self.people[which], text)
            self.said[which] = text

    @rule(days=st.sampled_from([1, 20, 40]))
    def wait_and_sweep(self, days: int) -> None:
        self.domain.clock.shift += timedelta(days=days)
        self.work.tend()
        limit = self.domain.now() - timedelta(days=DAYS)
        self.older = {number: [at for at in times if at > limit] for number, times in self.older.items()}

    @rule(which=st.integers(0, 1))
    def erase(self, which: int) -> None:
        if which in self.said:
            self.domain.erase(self.people[which])
            del self.said[which], self.older[which]

    @invariant()
    def the_store_agrees(self) -> None:
        for number, person in enumerate(self.people):
            if number in self.said:
                assert values(self.domain, person) == {"name": self.said[number]}
        assert versions(self.domain) == (len(self.said), sum(map(len, self.older.values())))

    def teardown(self) -> None:
        self.domain.database.close()
        self.domain.keystore.database.close()
        self.folder.cleanup()


TestVersions = VersionMachine.TestCase
TestVersions.settings = settings(
    max_examples=6, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
