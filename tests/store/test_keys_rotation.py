"""Rotation of the key-encryption key, and moving to another provider, on both engines (issue 4; clause 6.1)."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from harness.key_providers import REMOTE, Ready, ready
from harness.openbao import FakeOpenBao
from harness.rotation import NOW, PART, Rig, create
from omonat.crypto import FileKeyProvider, KeyRing, key_files
from omonat.kernel.errors import Misconfigured, NotFound, OmonatError, Overloaded
from omonat.kernel.ids import SubjectId, new_id
from omonat.keystore import SECRETS, KeyStore, NoNewKey, RotationRuns, unfinished, working
from omonat.keystore.service import subject_context
from omonat.storage import Database, key_tables
from omonat.storage.schema import key_epoch, subject_key


@pytest.fixture
def rig(key_database: Database, tmp_path: Path) -> Rig:
    return Rig(key_database, tmp_path)


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    with ready(request.param, tmp_path, monkeypatch) as made:
        yield made


# --- a file ---------------------------------------------------------------------------------------------------------


def test_a_fresh_installation_has_epoch_1(rig: Rig) -> None:
    keystore = rig.fresh()
    (first,) = keystore.epochs()
    assert (first.number, first.key_id, first.retired_at) == (1, "file:kek", None)
    keystore.create_secrets(NOW)
    assert len(keystore.epochs()) == 1
    assert unfinished(keystore.epochs()) is None


@pytest.mark.parametrize("batch", [1, 3, 200])
def test_everything_lies_under_the_new_key_and_opens_as_before(rig: Rig, batch: int) -> None:
    keystore = rig.fresh()
    people = create(keystore, 7)
    roots = [keystore.open_subject(one).root for one in people]
    secrets = {name: keystore.secret(name) for name in ("field", "ledger", "index:email")}
    assert rig.names() == {"file:kek"}
    seen: list[int] = []
    ended = rig.rotation().run(batch=batch, progress=seen.append)
    assert rig.names() == {"file:kek.2"}
    assert [file.name for file in key_files(rig.kek)] == ["kek.2"]
    assert rig.kek.with_name("kek.2").stat().st_mode & 0o777 == 0o600
    assert (ended.epoch.rewrapped_subjects, ended.epoch.rewrapped_secrets, ended.to_do) == (7, len(SECRETS), ())
    assert seen[-1] == 7
    assert rig.told == [ended.epoch]
    first, second = rig.keystore().epochs()
    assert first.retired_at and first.destroyed_at and not second.retired_at
    for opened in (rig.keystore(), keystore):  # another process, and the one that ran all the time
        assert [opened.open_subject(one).root for one in people] == roots
        assert {name: opened.secret(name) for name in secrets} == secrets
        create(opened)
    assert rig.names() == {"file:kek.2"}


def test_a_running_server_notices_the_new_epoch(rig: Rig) -> None:
    serving = rig.fresh()
    create(serving)
    rig.rotation().run()
    (after,) = create(serving)
    rig.rotation().run()
    (later,) = create(serving)
    assert rig.names() == {"file:kek.3"}
    assert serving.open_subject(after) and serving.open_subject(later)
    assert [epoch.number for epoch in serving.epochs()] == [1, 2, 3]


def test_a_subject_that_is_made_in_the_middle_never_lies_under_a_key_that_is_destroyed(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its key was wrapped under the old one; before it is stored the whole rotation goes by."""
    serving = rig.fresh()
    real: Callable[..., bytes] = serving.ring.wrap
    wrapped_under: list[str] = []

    def slow(key: bytes, context: bytes, name: str) -> bytes:
        made = real(key, context, name)
        wrapped_under.append(name)
        if len(wrapped_under) == 1:
            rig.rotation().run()
        return made

    monkeypatch.setattr(serving.ring, "wrap", slow)
    (person,) = create(serving)
    assert wrapped_under == ["file:kek", "file:kek.2"]
    assert rig.names() == {"file:kek.2"}
    assert rig.keystore().open_subject(person)


def test_keys_that_are_read_while_they_are_moved_are_looked_for_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    (person,) = create(rig.fresh())
    reading = rig.keystore()
    root = reading.open_subject(person).root
    fresh = rig.keystore()
    real: Callable[..., bytes] = fresh.ring.unwrap
    calls: list[bytes] = []

    def slow(wrapped: bytes, context: bytes) -> bytes:
        calls.append(wrapped)
        if len(calls) == 1:
            rig.rotation().run()
            monkeypatch.setattr(fresh.ring._current, "_keys", {})  # this process had not read the old file yet
        return real(wrapped, context)

    monkeypatch.setattr(fresh.ring, "unwrap", slow)
    assert fresh.open_subject(person).root == root
    assert len(calls) == 2


def test_a_rotation_never_brings_an_erased_person_back(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """His key is destroyed between reading it and putting it back under the new one."""
    keystore = rig.fresh()
    gone, stays = create(keystore, 2)
    rotation = rig.rotation()
    real: Callable[..., bytes] = rotation._moved  # the seam between reading and writing

    def meanwhile(subject_id: SubjectId, *rest: Any) -> bytes:
        moved = real(subject_id, *rest)
        if subject_id == gone:
            keystore.destroy(gone, None)
        return moved

    monkeypatch.setattr(rotation, "_moved", meanwhile)
    ended = rotation.run()
    assert ended.epoch.rewrapped_subjects == 1
    with pytest.raises(NotFound):
        rig.keystore().open_subject(gone)
    assert rig.keystore().open_subject(stays)


class Stream:
    """Threads that make and destroy subjects, as other processes and as the threads of one, until they are ended."""

    def __init__(self, rig: Rig, serving: KeyStore) -> None:
        self.kept: list[SubjectId] = []
        self.gone: list[SubjectId] = []
        self.failed: list[BaseException] = []
        self.ended = threading.Event()
        self._rig, self._serving = rig, serving
        self.threads = [threading.Thread(target=self._run) for _ in range(3)]

    def _run(self) -> None:
        try:
            while not self.ended.is_set():
                with suppress(Overloaded):  # said to the caller, nothing of it stored
                    self._once()
        except BaseException as error:
            self.failed.append(error)
            raise

    def _once(self) -> None:
        own = self._rig.keystore()
        one, other = create(own)[0], create(self._serving)[0]
        self.kept.append(one)
        own.destroy(other, None)
        self.gone.append(other)

    def wait_for_more(self, count: int) -> None:
        wanted = len(self.kept) + count
        while len(self.kept) < wanted and not self.failed:
            self.ended.wait(0.01)

    def __enter__(self) -> "Stream":
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.ended.set()
        for thread in self.threads:
            thread.join()


def test_who_makes_and_erases_during_a_rotation_loses_nothing(rig: Rig) -> None:
    """Three rotations in a row, against streams of both."""
    serving = rig.fresh()
    create(serving, 20)
    with Stream(rig, serving) as stream:
        for _ in range(3):
            stream.wait_for_more(3)
            rig.rotation().run(batch=5)
        stream.wait_for_more(3)
    assert not stream.failed
    assert len(stream.gone) >= 9
    reader = rig.keystore()
    assert all(reader.open_subject(one).has(PART) for one in stream.kept)
    for one in stream.gone:
        with pytest.raises(NotFound):
            reader.open_subject(one)
    assert rig.names() == {"file:kek.4"}
    assert [file.name for file in key_files(rig.kek)] == ["kek.4"]


# --- stopped anywhere, it goes on -----------------------------------------------------------------------------------


class Stop(BaseException):
    """The power goes off here."""


STEPS = ("_begin", "_rewrap_secrets", "_rewrap_batch", "_retire", "_record")


@pytest.mark.parametrize(("step", "when"), [*product(STEPS, ("before", "after")), ("_end", "before")])
def test_stopped_at_any_step_it_goes_on(rig: Rig, monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    keystore = rig.fresh()
    people = create(keystore, 5)
    roots = [keystore.open_subject(one).root for one in people]
    rotation = rig.rotation()
    real: Callable[..., Any] = getattr(rotation, step)

    def stopping(*arguments: Any) -> Any:
        if when == "after":
            real(*arguments)
        raise Stop

    monkeypatch.setattr(rotation, step, stopping)
    with pytest.raises(Stop):
        rotation.run(batch=2)
    assert [rig.keystore().open_subject(one).root for one in people] == roots
    create(rig.keystore())
    ended = rig.rotation().run(batch=2)
    last = ended.epoch.key_id
    assert rig.names() == {last}
    assert [file.name for file in key_files(rig.kek)] == [last.removeprefix("file:")]
    assert [rig.keystore().open_subject(one).root for one in people] == roots
    assert {epoch.event_id for epoch in rig.told} == {ended.epoch.event_id}
    assert unfinished(rig.keystore().epochs()) is None


def test_a_new_key_that_no_epoch_came_to_use_goes_with_the_next_rotation(rig: Rig) -> None:
    keystore = rig.fresh()
    create(keystore)
    assert keystore.ring.make(1) == "file:kek.2"  # and then the power went off
    rig.rotation().run()
    assert [epoch.number for epoch in keystore.epochs()] == [1, 3]
    assert [file.name for file in key_files(rig.kek)] == ["kek.3"]


def test_who_comes_to_lie_behind_it_is_found_in_another_round(rig: Rig) -> None:
    """A unit that began before the epoch may be seen after a batch has passed its place."""
    keystore = rig.fresh()
    early = SubjectId(new_id())
    create(keystore, 4)

    def late(_done: int) -> None:
        wrapped = keystore.ring.wrap(bytes(32), subject_context(early), "file:kek")
        with suppress(IntegrityError):  # it comes once
            rig.database.write(
                lambda tx: tx.execute(subject_key.insert().values(subject_id=early, wrapped=wrapped, created_at=NOW))
            )

    rig.rotation().run(batch=2, progress=late)
    assert rig.names() == {"file:kek.2"}
    assert rig.keystore().open_subject(early).root == bytes(32)


def test_two_rotations_at_once_are_refused(rig: Rig) -> None:
    rig.fresh()
    with working(rig.folder), pytest.raises(RotationRuns) as refused:
        rig.rotation().run()
    assert refused.value.temporary
    rig.rotation().run()


def test_a_key_store_of_before_there_were_epochs_is_rotated(rig: Rig) -> None:
    keystore = rig.fresh()
    create(keystore)
    rig.database.write(lambda tx: tx.execute(key_epoch.delete()))
    old = rig.keystore()
    create(old)
    rig.rotation().run()
    assert [(epoch.number, epoch.key_id) for epoch in old.epochs()] == [(1, "file:kek"), (2, "file:kek.2")]
    create(old)
    assert rig.names() == {"file:kek.2"}


def test_keys_that_live_for_hours_are_moved_and_destroyed_as_the_others(rig: Rig) -> None:
    keystore = rig.fresh()
    kept, gone, later = (new_id() for _ in range(3))
    key = keystore.make_passing(kept, NOW)
    keystore.make_passing(gone, NOW)
    rotation = rig.rotation()
    keystore.destroy_passing([gone])
    rotation.run()
    assert rig.keystore().open_passing(kept) == key
    assert keystore.make_passing(later, NOW) == rig.keystore().open_passing(later)
    assert rig.names() == {"file:kek.2"}
    with pytest.raises(NotFound):
        rig.keystore().open_passing(gone)


# --- old copies -----------------------------------------------------------------------------------------------------


def test_an_old_copy_of_the_key_store_opens_with_no_key_that_is_there_afterwards(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'keys.db'}", key_tables)
    database.create_tables()
    rig = Rig(database, tmp_path)
    (person,) = create(rig.fresh())
    database.scrub()
    stolen = shutil.copy(tmp_path / "keys.db", tmp_path / "stolen.db")
    with database.read() as tx:
        old_bytes = [row.wrapped for row in tx.execute(subject_key.select())]
    old_key = rig.kek.read_bytes()
    ended = rig.rotation().run()
    assert ended.scrubbed
    copy = Database(f"sqlite:///{stolen}", key_tables)
    reader = KeyStore(copy, KeyRing(FileKeyProvider(rig.kek)))
    with pytest.raises(Misconfigured, match=r"file:kek.*ended by a rotation"):
        reader.open_subject(person)
    with pytest.raises(Misconfigured):
        reader.secret("field")
    copy.close()
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != Path(stolen):
            content = path.read_bytes()
            assert old_key not in content
            assert not [one for one in old_bytes if one in content], path
    assert old_bytes[0] in Path(stolen).read_bytes()  # the search finds what is there
    database.close()


def test_the_bytes_of_an_ended_key_file_are_overwritten_before_it_goes(rig: Rig) -> None:
    create(rig.fresh())
    rig.folder.joinpath("same").hardlink_to(rig.kek)  # another name of the same bytes
    old = rig.kek.read_bytes()
    rig.rotation().run()
    assert rig.folder.joinpath("same").read_bytes() == bytes(32) != old


# --- other providers ------------------------------------------------------------------------------------------------


def test_moving_from_a_file_to_another_provider_and_back(rig: Rig, remote: Ready) -> None:
    keystore = rig.fresh()
    people = create(keystore, 3)
    roots = [keystore.open_subject(one).root for one in people]
    file = FileKeyProvider(rig.kek)
    serving = rig.keystore(remote.provider, file)
    create(serving)  # started with the new settings, nothing moved yet: still under the present epoch
    assert rig.names() == {"file:kek"}
    ended = rig.rotation(remote.provider, FileKeyProvider(rig.kek)).run()
    assert key_files(rig.kek) == []
    assert {name.partition("#")[0] for name in rig.names()} == {remote.provider.key_id}
    assert ended.to_do == ()
    create(serving)
    alone = rig.keystore(remote.provider)
    assert [alone.open_subject(one).root for one in people] == roots
    back = rig.rotation(FileKeyProvider(rig.kek, may_be_empty=True), remote.provider)
    ended = back.run()
    assert "at its provider" in ended.to_do[0]
    assert rig.names() == {"file:kek.3"}
    assert [rig.keystore().open_subject(one).root for one in people] == roots


def test_moving_to_another_key_of_the_same_kind(rig: Rig, remote: Ready) -> None:
    keystore = rig.fresh(remote.provider)
    (person,) = create(keystore)
    root = keystore.open_subject(person).root
    with pytest.raises(Misconfigured, match="lies under"):
        rig.keystore(remote.other).open_subject(person)
    with pytest.raises(Misconfigured, match="both name"):
        rig.keystore(remote.other, remote.other)
    ended = rig.rotation(remote.other, remote.provider).run()
    assert remote.provider.key_id in ended.to_do[0]
    assert rig.keystore(remote.other).open_subject(person).root == root
    with pytest.raises(NoNewKey):  # copies of that time would open again
        rig.rotation(remote.provider, remote.other).run()
    with pytest.raises(NoNewKey):
        rig.rotation(remote.other).run()


def test_a_provider_that_goes_away_in_the_middle_stops_nothing_for_good(rig: Rig, remote: Ready) -> None:
    keystore = rig.fresh()
    people = create(keystore, 4)
    rotation = rig.rotation(remote.provider, FileKeyProvider(rig.kek))
    done: list[int] = []

    def progress(count: int) -> None:
        done.append(count)
        if len(done) == 1:
            remote.take_away()

    with pytest.raises(OmonatError) as refused:
        rotation.run(batch=2, progress=progress)
    assert refused.value.code == "keys_unavailable"
    assert done == [2]
    serving = rig.keystore(remote.provider, FileKeyProvider(rig.kek))
    assert serving.open_subject(people[3])  # under the file still
    remote.bring_back()
    ended = rig.rotation(remote.provider, FileKeyProvider(rig.kek)).run(batch=2)
    assert ended.epoch.rewrapped_subjects == 4
    assert all(serving.open_subject(one) for one in people)


def test_openbao_is_rotated_at_the_engine(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ready("openbao", tmp_path, monkeypatch) as made:
        bao = _fake(made)
        keystore = rig.fresh(made.provider)
        people = create(keystore, 2)
        assert rig.names() == {"openbao:transit/omonat#v1"}
        with pytest.raises(NoNewKey):
            rig.rotation(made.provider).run()
        old = _wrapped(rig, people[0])
        assert bao.administer("omonat", "rotate") == 200
        create(keystore)
        assert rig.names() == {"openbao:transit/omonat#v1"}  # of the epoch, not the newest: the rotation decides
        ended = rig.rotation(made.provider).run()
        assert rig.names() == {"openbao:transit/omonat#v2"}
        assert "min_decryption_version=2" in ended.to_do[0]
        assert bao.administer("omonat", "config", min_decryption_version=2) == 200
        create(keystore)
        assert all(rig.keystore(made.provider).open_subject(one) for one in people)
        with pytest.raises(Misconfigured, match="min_decryption_version"):
            made.provider.unwrap(old, b"whatever")


def test_openbao_does_not_rewrap_what_has_a_context(rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Why keys are opened and wrapped anew: the day this fails at a real one, `rewrap` may be used."""
    with ready("openbao", tmp_path, monkeypatch) as made:
        bao = _fake(made)
        text = made.provider.wrap(bytes(32), b"here").partition(b"omonat")[2].decode()
        status, answer = bao.answer(
            "/v1/transit/rewrap/omonat",
            {"X-Vault-Token": bao.token},
            {"ciphertext": text, "associated_data": "aGVyZQ=="},
        )
        assert (status, answer) == (400, {"errors": ["cipher: message authentication failed"]})


def _fake(made: Ready) -> FakeOpenBao:
    cells = made.take_away.__closure__ or ()
    return next(cell.cell_contents for cell in cells if isinstance(cell.cell_contents, FakeOpenBao))


def _wrapped(rig: Rig, subject_id: SubjectId) -> bytes:
    with rig.database.read() as tx:
        found: bytes = tx.execute(subject_key.select().where(subject_key.c.subject_id == subject_id)).one().wrapped
    return found
