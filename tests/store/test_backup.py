"""Backups of both engines: checked when written, checked when put back, and without a way back for the erased."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from harness import command
from harness.people import Invented, invent
from harness.places import POLICY
from harness.postgres import PostgresServer
from omonat.app import Omonat
from omonat.backup import AlreadyRunning, running
from omonat.intake import Evidence
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment


@dataclass(frozen=True)
class Installation:
    """Made and used through the command line, inside this process."""

    home: Path
    data: Path
    keys: Path

    def run(self, *words: str | Path) -> str:
        """Standard output of a command that succeeds."""
        return command.done(*words, data=self.data)

    def refused(self, *words: str | Path) -> command.Said:
        """A command that does not."""
        said = command.omonat(*words, data=self.data)
        assert said.code, said.out
        return said


@pytest.fixture
def made(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """An installation on the engine of the test, with the real policy in force."""
    made = Installation(tmp_path, tmp_path / "data", tmp_path / "keys")
    words: list[str | Path] = ["init", "--data", made.data, "--keys", made.keys, "--policy", POLICY]
    if engine_name == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        words += ["--database", server.new_database(), "--keys-database", server.new_database()]
    made.run(*words)
    return made


@pytest.fixture
def use(made: Installation) -> Iterator[Callable[[Callable[[Omonat], object]], object]]:
    """Do something in the opened installation, then let go of it."""

    def act(what: Callable[[Omonat], object]) -> object:
        omonat = Omonat.open(made.data)
        try:
            return what(omonat)
        finally:
            omonat.close()

    yield act


def order(omonat: Omonat, person: Invented, *news: str) -> SubjectId:
    now = omonat.clock.now()
    prepared = omonat.intake.prepare("order", "uz-Latn", now)
    fields = {"name": person.name, "phone": person.phone, "email": person.email, "service": "SIP"}
    evidence = Evidence(Sealed("192.0.2.7"), Sealed("tests"))
    omonat.intake.submit("order", prepared.state, fields, frozenset(news), evidence=evidence, now=now)
    return omonat.rights.find_person("email", person.email)[0][0]


def back_up(made: Installation, word: str) -> tuple[Path, Path]:
    places = made.home / f"data-{word}", made.home / f"keys-{word}"
    made.run("backup", "--to", places[0], "--keys-to", places[1])
    return places


def values_of(omonat: Omonat, subject_id: SubjectId) -> set[str]:
    return {one.value.reveal() for one in omonat.vault.read_own(subject_id)}


def test_an_old_backup_does_not_bring_the_erased_back(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    gone, stays = invent(), invent()
    gone_id, stays_id = use(lambda omonat: (order(omonat, gone), order(omonat, stays)))
    data, keys = back_up(made, "old")
    use(lambda omonat: omonat.rights.erase(gone_id, omonat.clock.now()))
    said = made.run("restore", "--from", data, "--keys-from", keys, "--yes")
    assert "Destroyed again: 1" in said

    def check(omonat: Omonat) -> None:
        with pytest.raises(NotFound):
            omonat.keystore.open_subject(gone_id)
        assert omonat.rights.find_person("email", gone.email) == []
        assert stays.name in values_of(omonat, stays_id)

    use(check)
    again = made.run("restore", "--from", data, "--keys-from", keys, "--yes")
    assert "Destroyed again: 1" in again
    use(check)


def test_a_destroyed_part_stays_destroyed_and_the_rest_comes_back(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    person = invent()
    subject_id = use(lambda omonat: order(omonat, person, "email"))
    data, keys = back_up(made, "old")

    def destroy(omonat: Omonat) -> None:
        scope, now = (Compartment("news", "email"),), omonat.clock.now()
        intent = omonat.database.write(
            lambda tx: omonat.erasure.begin(tx, subject_id, scope, trigger="withdrawal", actor="subject", now=now)
        )
        omonat.erasure.carry_out(intent)

    use(destroy)
    made.run("restore", "--from", data, "--keys-from", keys, "--yes")
    held = use(lambda omonat: [one.record.purpose for one in omonat.vault.read_own(subject_id)])
    assert "news" not in held and "contract" in held
    assert person.email in use(lambda omonat: values_of(omonat, subject_id))


def test_keys_older_than_the_data_do_not_open_what_was_destroyed(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    """The data is newer than the destruction, the keys are older: only the tombstone knows."""
    subject_id = use(lambda omonat: order(omonat, invent()))
    _data, keys = back_up(made, "old")
    use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    data, _keys = back_up(made, "new")
    made.run("restore", "--from", data, "--keys-from", keys, "--yes")
    with pytest.raises(NotFound):
        use(lambda omonat: omonat.keystore.open_subject(subject_id))


def test_a_restore_brings_back_what_was_lost(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    person = invent()
    subject_id = use(lambda omonat: order(omonat, person))
    data, _keys = back_up(made, "full")
    late = use(lambda omonat: order(omonat, invent()))
    made.run("restore", "--from", data, "--yes")
    assert person.name in use(lambda omonat: values_of(omonat, subject_id))

    def swept(omonat: Omonat) -> None:
        omonat.vault.sweep_orphans(omonat.clock.now() + timedelta(hours=1))
        with pytest.raises(NotFound):
            omonat.keystore.open_subject(late)

    use(swept)
    assert json.loads(made.run("doctor", "--json"))


def test_an_interrupted_restore_serves_nothing_until_it_is_repeated(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    subject_id = use(lambda omonat: order(omonat, invent()))
    data, keys = back_up(made, "old")
    use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    code = (
        "import sys; from pathlib import Path; from omonat.backup import put_back; "
        "from omonat.kernel.settings import read_settings; "
        "put_back(read_settings(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]))"
    )
    subprocess.run([sys.executable, "-c", code, made.data, data, keys], check=True)
    refused = made.refused("person", "export", "--subject", str(subject_id), "--reason", "r")
    assert refused.code == 3 and "restore" in refused.err
    assert "restore was interrupted" in made.refused("doctor").out
    made.run("restore", "--from", data, "--keys-from", keys, "--yes")
    with pytest.raises(NotFound):
        use(lambda omonat: omonat.keystore.open_subject(subject_id))


def test_data_and_keys_never_go_into_one_archive(made: Installation) -> None:
    place = made.home / "one"
    for keys in (place, place / "keys"):
        refused = made.refused("backup", "--to", place, "--keys-to", keys)
        assert "one archive" in refused.err and not place.exists()
    inside = made.refused("backup", "--to", made.data / "backup")
    assert inside.code == 1 and "in the installation" in inside.err


def test_a_backup_holds_neither_tombstones_nor_tiles_and_only_its_owner_reads_it(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    subject_id = use(lambda omonat: order(omonat, invent()))
    use(lambda omonat: omonat.rights.erase(subject_id, omonat.clock.now()))
    data, keys = back_up(made, "full")
    names = sorted(path.name for folder in (data, keys) for path in folder.iterdir())
    databases = {"omonat.db", "keys.db"} if not (data / "omonat.dump").exists() else {"omonat.dump", "keys.dump"}
    assert names == sorted([*databases, "kek", "manifest.json", "manifest.json", "omonat.toml"])
    for path in (data, keys, *data.iterdir(), *keys.iterdir()):
        assert not path.stat().st_mode & 0o077, path


@pytest.mark.parametrize("spoilt", ["omonat", "manifest.json"])
def test_a_changed_backup_is_refused_before_anything_is_replaced(made: Installation, use, spoilt: str) -> None:  # type: ignore[no-untyped-def]
    subject_id = use(lambda omonat: order(omonat, invent()))
    data, keys = back_up(made, "full")
    (path,) = [one for one in data.iterdir() if one.name.startswith(spoilt) and one.suffix != ".toml"]
    path = path / "toc.dat" if path.is_dir() else path
    path.write_bytes(path.read_bytes()[:-3] + b"xyz")
    refused = made.refused("restore", "--from", data, "--keys-from", keys, "--yes")
    assert refused.code == 1 and "cannot be put back" in refused.err
    assert use(lambda omonat: values_of(omonat, subject_id))


def test_nothing_is_restored_while_a_server_runs(made: Installation, use) -> None:  # type: ignore[no-untyped-def]
    data, _keys = back_up(made, "full")
    settings = use(lambda omonat: omonat.settings)
    with running(settings):
        refused = made.refused("restore", "--from", data, "--yes")
        assert refused.code == 4 and "serves" in refused.err
        if not settings.database:
            with pytest.raises(AlreadyRunning), running(settings):
                pass


def test_a_restore_onto_an_empty_machine(made: Installation, use, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    person = invent()
    subject_id = use(lambda omonat: order(omonat, person))
    data, keys = back_up(made, "full")
    for folder in (made.data, made.keys):
        folder.rename(folder.with_name(folder.name + "-lost"))
    lost = made.refused("restore", "--from", data, "--yes")
    assert lost.code == 2 and "--keys-from" in lost.err
    said = command.omonat("restore", "--from", data, "--keys-from", keys, "--yes", data=made.data)
    assert said.code == 0 and "may be back" in said.err
    assert person.name in use(lambda omonat: values_of(omonat, subject_id))
