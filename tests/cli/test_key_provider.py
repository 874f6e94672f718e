"""An installation whose key-encryption key lies in OpenBao (a faithful fake): made, backed up, restored."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import command
from harness.openbao import TOKEN, FakeOpenBao
from harness.people import invent
from harness.places import POLICY
from harness.shop import Shop


@pytest.fixture
def bao(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenBao]:
    monkeypatch.setenv("OMONAT_OPENBAO_TOKEN", TOKEN)
    made = FakeOpenBao()
    yield made
    made.stop()


@pytest.fixture
def shop(tmp_path: Path, bao: FakeOpenBao) -> Shop:
    made, lines = Shop(tmp_path), tmp_path / "provider.toml"
    lines.write_text(f'kind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n')
    words = ("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY, "--admin", "Officer")
    command.done(*words, "--key-provider", lines, data=made.data)
    return made


def test_init_writes_the_provider_and_makes_no_key_file(shop: Shop) -> None:
    settings = (shop.data / "omonat.toml").read_text()
    assert '[key_provider]\nkind = "openbao"' in settings
    assert TOKEN not in settings
    assert not (shop.keys / "kek").exists()
    assert "wrong" not in {one["state"] for one in shop.json("doctor")}
    assert not (shop.keys / "kek").exists()


def test_a_provider_that_is_down_is_exit_code_4_and_a_finding(shop: Shop, bao: FakeOpenBao) -> None:
    bao.down = True
    said = shop.refused("verify")
    assert said.code == 4
    assert "cannot be reached" in said.err
    assert "cannot be reached" in shop.refused("doctor").out
    bao.down = False
    shop.run("verify")


def test_backup_and_restore_need_no_key_file(shop: Shop) -> None:
    subject_id = shop.sends(invent())
    data, keys = shop.home / "backup-data", shop.home / "backup-keys"
    shop.run("backup", "--to", data, "--keys-to", keys)
    assert sorted(path.name for path in keys.iterdir()) == ["keys.db", "manifest.json"]
    shutil.rmtree(shop.keys)
    shop.keys.mkdir(mode=0o700)
    shop.run("restore", "--from", data, "--keys-from", keys, "--yes")
    assert shop.use(lambda omonat: omonat.keystore.open_subject(subject_id))


@pytest.mark.parametrize("lines", ['kind = "paper"', 'kind = "openbao"', "kind ="])
def test_wrong_lines_are_named_before_any_key_is_made(tmp_path: Path, lines: str) -> None:
    file = tmp_path / "provider.toml"
    file.write_text(lines)
    words = ("init", "--data", tmp_path / "data", "--keys", tmp_path / "keys", "--key-provider", file)
    said = command.omonat(*words)
    assert said.code == 3
    assert "omonat.toml cannot be read" in said.err
    assert not list((tmp_path / "keys").iterdir())
