"""Backups of the keys around a rotation of the key-encryption key: what opens, what does not, and what is told."""

import json
import shutil
import threading
from pathlib import Path

import pytest

from harness import command
from harness.people import Invented, invent
from harness.places import POLICY
from harness.postgres import PostgresServer
from harness.shop import Shop
from omonat.app import Omonat
from omonat.backup import back_up, make
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.keystore import working


@pytest.fixture
def shop(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Shop:
    """An installation on the engine of the test, with the real policy in force."""
    made = Shop(tmp_path)
    words: list[str | Path] = ["init", "--data", made.data, "--keys", made.keys, "--policy", POLICY]
    if engine_name == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres")
        words += ["--database", server.new_database(), "--keys-database", server.new_database()]
    made.run(*words)
    return made


def copy(shop: Shop, word: str) -> tuple[Path, Path]:
    data, keys = shop.home / f"data-{word}", shop.home / f"keys-{word}"
    shop.run("backup", "--to", data, "--keys-to", keys)
    return data, keys


def put_back(shop: Shop, data: Path, keys: Path) -> str:
    return shop.run("restore", "--from", data, "--keys-from", keys, "--yes")


def values(shop: Shop, subject_id: SubjectId) -> set[str]:
    return shop.use(lambda omonat: {one.value.reveal() for one in omonat.vault.read_own(subject_id)})


def key_files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("kek*"))


def person(shop: Shop) -> tuple[Invented, SubjectId]:
    invented = invent()
    return invented, shop.sends(invented)


def test_a_backup_takes_the_key_file_of_the_epoch_along_and_a_restore_puts_it_back(shop: Shop) -> None:
    someone, subject_id = person(shop)
    shop.run("keys", "rotate")
    data, keys = copy(shop, "new")
    assert key_files(keys) == ["kek.2"]
    for file in shop.keys.glob("*"):
        file.unlink()
    lost = shop.refused("restore", "--from", data, "--yes")
    assert lost.code == 2 and "--keys-from" in lost.err
    put_back(shop, data, keys)
    assert someone.name in values(shop, subject_id)
    assert key_files(shop.keys) == ["kek.2"]
    shop.sends(invent())


def test_a_backup_in_the_middle_of_a_rotation_takes_both_keys_and_the_rotation_goes_on_after_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    someone, subject_id = person(shop)
    other, other_id = person(shop)

    class Stop(BaseException):
        pass

    def begin(omonat: Omonat) -> None:
        rotation = omonat.rotation()

        def stopped(_done: int) -> None:
            raise Stop

        with pytest.raises(Stop):
            rotation.run(batch=1, progress=stopped)

    shop.use(begin)
    data, keys = copy(shop, "middle")
    assert key_files(keys) == ["kek", "kek.2"]
    shop.run("keys", "rotate")
    assert key_files(shop.keys) == ["kek.2"]
    put_back(shop, data, keys)
    assert someone.name in values(shop, subject_id)
    assert other.name in values(shop, other_id)
    assert shop.json("keys", "status")["left"] == 1
    assert "half done" in shop.refused("doctor").out
    shop.run("keys", "rotate")
    assert key_files(shop.keys) == ["kek.2"]
    assert someone.name in values(shop, subject_id)


def test_an_older_key_store_comes_back_with_its_own_key_and_the_next_rotation_ends_it(shop: Shop) -> None:
    someone, subject_id = person(shop)
    data, keys = copy(shop, "old")
    shop.run("keys", "rotate")
    late, late_id = person(shop)
    new_data, new_keys = copy(shop, "new")
    said = command.omonat("restore", "--from", data, "--keys-from", keys, "--yes", data=shop.data)
    assert said.code == 0 and "omonat keys rotate" in said.err
    assert key_files(shop.keys) == ["kek", "kek.2"]  # the later backup may be wanted yet
    assert someone.name in values(shop, subject_id)
    with pytest.raises(NotFound):
        values(shop, late_id)
    (told,) = [one for one in json.loads(shop.run("doctor", "--json")) if one["check"] == "epochs"]
    assert told["state"] == "note"
    assert "kek.2" in told["what"] and "omonat keys rotate" in told["what_to_do"]
    shop.run("keys", "rotate")
    assert key_files(shop.keys) == ["kek.3"]
    assert someone.name in values(shop, subject_id)
    put_back(shop, new_data, new_keys)
    assert late.name in values(shop, late_id)


def test_an_older_key_store_without_its_key_file_is_refused_in_clear_words(shop: Shop) -> None:
    """As when only the database was copied: by hand, or by a snapshot of another disk."""
    _someone, subject_id = person(shop)
    data, keys = copy(shop, "old")
    shop.run("keys", "rotate")
    manifest = json.loads((keys / "manifest.json").read_text())
    del manifest["files"]["kek"]
    (keys / "manifest.json").write_text(json.dumps(manifest))
    (keys / "kek").unlink()
    refused = shop.refused("restore", "--from", data, "--keys-from", keys, "--yes")
    assert refused.code == 3
    assert "“file:kek”" in refused.err and "ended by a rotation" in refused.err
    assert "omonat restore --keys-from" in refused.err
    nothing_opens = shop.refused(
        "person", "show", "--subject", str(subject_id), "--purpose", "contract", "--reason", "x"
    )
    assert nothing_opens.code == 3 and "Repeat: omonat restore" in nothing_opens.err


def test_an_old_backup_of_both_with_its_key_file_still_opens_and_the_erased_stay_erased(shop: Shop) -> None:
    """What a rotation cannot do: docs/security/threat-model.md says so."""
    someone, subject_id = person(shop)
    _gone, gone_id = person(shop)
    data, keys = copy(shop, "old")
    shop.use(lambda omonat: omonat.rights.erase(gone_id, omonat.clock.now()))
    shop.run("keys", "rotate")
    assert "Destroyed again: 1" in put_back(shop, data, keys)
    assert someone.name in values(shop, subject_id)
    with pytest.raises(NotFound):
        values(shop, gone_id)


def test_a_key_file_does_not_go_while_a_backup_runs(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rotation comes to its last step between the copy of the key store and that of its key file."""
    someone, subject_id = person(shop)
    real = make._copy_file
    threads: list[threading.Thread] = []

    def rotate() -> None:
        shop.use(lambda omonat: omonat.rotation().run())

    def slow(source: Path, target: Path) -> None:
        if source.parent == shop.keys and not threads:
            threads.append(threading.Thread(target=rotate))
            threads[0].start()
            while not _is_retired(shop):
                threads[0].join(0.01)
        real(source, target)

    monkeypatch.setattr(make, "_copy_file", slow)
    data, keys = shop.home / "data-copy", shop.home / "keys-copy"
    shop.use(
        lambda omonat: back_up(omonat.settings, data, keys, now=omonat.clock.now(), progress=lambda _n, _total: None)
    )
    threads[0].join()
    monkeypatch.undo()
    assert key_files(keys)[0] == "kek"
    assert key_files(shop.keys) == ["kek.2"]
    put_back(shop, data, keys)
    assert someone.name in values(shop, subject_id)


def _is_retired(shop: Shop) -> bool:
    return shop.use(lambda omonat: omonat.keystore.epochs()[0].retired_at is not None)


def test_nothing_is_put_back_while_keys_are_moved(shop: Shop) -> None:
    data, keys = copy(shop, "full")
    with working(shop.keys):
        refused = shop.refused("restore", "--from", data, "--keys-from", keys, "--yes")
    assert refused.code == 4 and "works on the keys" in refused.err
    put_back(shop, data, keys)


def test_onto_an_empty_machine(shop: Shop) -> None:
    someone, subject_id = person(shop)
    shop.run("keys", "rotate")
    data, keys = copy(shop, "full")
    for folder in (shop.data, shop.keys):
        shutil.move(folder, folder.with_name(folder.name + "-lost"))
    put_back(shop, data, keys)
    assert someone.name in values(shop, subject_id)
    assert shop.run("init", "--data", shop.data, "--keys", shop.keys)
    assert key_files(shop.keys) == ["kek.2"]
