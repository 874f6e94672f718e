"""Pulling the plug in every phase of a backup and of a restore: repeated, each ends as if nothing had been."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.kill_at import BACKUP, BACKUP_TO, RESTORE
from harness.people import invent
from harness.places import POLICY, REPOSITORY
from harness.shop import Shop
from omonat.app import Omonat
from omonat.backup import BlockStore
from omonat.backup.manifest import read_manifest
from omonat.kernel.ids import SubjectId
from omonat.vault import store

KILL_AT = REPOSITORY / "tests" / "harness" / "kill_at.py"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("kill"))
    made.run("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY)
    made.sends(invent())
    return made


def die_at(shop: Shop, seam: str, *words: str | Path) -> None:
    """The command kills itself there."""
    (shop.home / "armed").write_text(seam)
    command = [sys.executable, KILL_AT, shop.home / "armed", "--data", shop.data, *words]
    ended = subprocess.run(command, capture_output=True, check=False)
    (shop.home / "armed").unlink()
    assert ended.returncode == -9, f"{seam}: it did not die there: {ended.stderr.decode()}"


@pytest.mark.parametrize("seam", BACKUP)
def test_killed_while_a_backup_is_made(shop: Shop, seam: str, tmp_path: Path) -> None:
    data, keys = tmp_path / "store", tmp_path / "keys-store"
    into: tuple[str | Path, ...] = ("backup", "--into", data, "--keys-into", keys)
    shop.run(*into)
    shop.sends(invent())
    die_at(shop, seam, *into)
    for place, kind in ((data, "data"), (keys, "keys")):
        found = BlockStore(place, kind)  # type: ignore[arg-type]  # one of the two
        for number, name in enumerate(found.names()):  # whatever is listed comes out whole
            found.bring_out(name, tmp_path / f"{kind}-{number}")
    shop.run(*into)
    assert not (data / ".copy").exists() and not (keys / ".copy").exists()
    assert len(BlockStore(data, "data").names()) >= 2
    new = {path.name for place in (data, keys) for path in place.rglob(".*.new")}
    assert new == set(), "a half-written block or set is left"


@pytest.mark.parametrize("seam", BACKUP_TO)
def test_killed_while_a_backup_into_new_folders_is_made(shop: Shop, seam: str, tmp_path: Path) -> None:
    """What lies there is a whole archive or is refused as none; nothing is written over it; another place is good."""
    data, keys = tmp_path / "new", tmp_path / "new-keys"
    die_at(shop, seam, "backup", "--to", data, "--keys-to", keys)
    whole = {place for place in (data, keys) if (place / "manifest.json").exists()}
    assert whole == {"backup.data_copied": {data}, "backup.keys_copied": {data, keys}}.get(seam, set())
    for place, kind in ((data, "data"), (keys, "keys")):
        if place in whole:
            read_manifest(place, kind, "sqlite")  # type: ignore[arg-type]  # one of the two
    if data not in whole:
        why = "cannot be put back" if data.exists() else "does not exist"
        assert why in shop.refused("restore", "--from", data, "--yes").err
        assert shop.json("verify")["ok"]  # nothing was replaced, and nothing waits for a restore
    if data.exists():
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        assert "there is something already" in shop.refused("backup", "--to", data, "--keys-to", keys).err
        assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before
    shop.run("backup", "--to", tmp_path / "again", "--keys-to", tmp_path / "again-keys")
    read_manifest(tmp_path / "again", "data", "sqlite")


@pytest.fixture(scope="module")
def old(shop: Shop) -> tuple[SubjectId, SubjectId]:
    """In the backup there are two whom the installation has erased since."""
    people = shop.sends(invent()), shop.sends(invent())
    shop.run("backup", "--to", shop.home / "old", "--keys-to", shop.home / "old-keys")
    for subject_id in people:
        shop.use(lambda omonat, subject_id=subject_id: omonat.rights.erase(subject_id, omonat.clock.now()))
    return people


def state_of(omonat: Omonat, subject_id: SubjectId) -> str:
    with omonat.database.read() as tx:
        found = store.find_subject(tx, subject_id)
    assert found is not None
    return found.state


@pytest.mark.parametrize("seam", RESTORE)
def test_killed_while_a_backup_is_put_back(shop: Shop, old: tuple[SubjectId, SubjectId], seam: str) -> None:
    back: tuple[str | Path, ...] = (
        "restore", "--from", shop.home / "old", "--keys-from", shop.home / "old-keys", "--yes",
    )  # fmt: skip
    die_at(shop, seam, *back)
    if seam != "restore.nothing_yet":
        refused = shop.refused("serve", "--port", "1")
        assert "restore" in refused.err
    said = shop.run(*back)
    assert "Destroyed again: 2." in said
    for subject_id in old:
        assert shop.use(lambda omonat, subject_id=subject_id: omonat.keystore.count_left(subject_id, None)) == 0
        assert shop.use(lambda omonat, subject_id=subject_id: state_of(omonat, subject_id)) == "erased"
    assert shop.json("verify")["ok"]
