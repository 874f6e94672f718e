"""`omonat keys`: status, rotation, moving to another provider, and who may."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import command
from harness.openbao import TOKEN, FakeOpenBao
from harness.people import invent
from harness.places import POLICY
from harness.shop import Shop
from omonat.kernel.errors import Overloaded
from omonat.keystore import SECRETS
from omonat.vault import Resealing, Retagging


@pytest.fixture
def bao(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeOpenBao]:
    monkeypatch.setenv("OMONAT_OPENBAO_TOKEN", TOKEN)
    made = FakeOpenBao()
    yield made
    made.stop()


@pytest.fixture
def own(tmp_path: Path) -> Shop:
    """An installation of the test alone, with its key in a file."""
    made = Shop(tmp_path)
    command.done("init", "--data", made.data, "--keys", made.keys, "--policy", POLICY, data=made.data)
    return made


def name(shop: Shop, lines: str) -> None:
    """Provider sections of omonat.toml."""
    settings = shop.data / "omonat.toml"
    kept = [line for line in settings.read_text("utf-8").partition("\n[")[0].splitlines() if line]
    settings.write_text("\n".join(kept) + "\n" + lines, "utf-8")


def test_status_and_rotation_say_what_is_and_what_to_do(own: Shop) -> None:
    own.sends(invent())
    assert "file:kek" in own.run("keys", "status")
    said = own.run("keys", "rotate")
    assert f"Epoch 2: 1 people's keys and {len(SECRETS)} secrets lie under file:kek.2." in said
    assert "new backup of the keys" in said
    status = own.json("keys", "status")
    assert [epoch["key_id"] for epoch in status["epochs"]] == ["file:kek", "file:kek.2"]
    assert (status["rotating"], status["left"]) == (False, 0)
    assert "wrong" not in {one["state"] for one in own.json("doctor")}
    assert "Epoch 3: 1 people" in own.run("keys", "rotate")


def test_other_keys_get_new_versions_by_words_of_the_same_command(own: Shop) -> None:
    own.sends(invent(), "callback")
    said = own.run("keys", "rotate", "--compartments", "--purpose", "support")
    assert "0 values were sealed anew" not in said
    assert "90 days more" in said and "new backup of the keys" in said
    said = own.run("keys", "rotate", "--index")
    assert "Version 2 of the index keys: 1 tags" in said and "its keys are destroyed" in said
    status = own.json("keys", "status")
    assert [(one["version"], one["destroyed"]) for one in status["index"]["versions"]] == [(1, True), (2, False)]
    assert {part["older"] for part in status["compartments"]["parts"] if part["purpose"] == "support"} == {1}
    shown = own.run("keys", "status")
    assert "index keys" in shown and "destroyed from" in shown and "Half done" not in shown
    assert "wrong" not in {one["state"] for one in own.json("doctor")}
    assert "--compartments" in own.refused("keys", "rotate", "--index", "--purpose", "support").err
    old = own.json("keys", "rotate", "--compartments", "--made-before", "2020-01-01")
    assert old["rotation"]["keys"] == 0


def test_a_rotation_that_was_stopped_is_told(own: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    own.sends(invent())
    for option, place, method in (
        ("--compartments", Resealing, "_reseal_all"), ("--index", Retagging, "_retag"),
    ):  # fmt: skip
        with monkeypatch.context() as patched:
            patched.setattr(place, method, _full)
            assert own.refused("keys", "rotate", option).code == 4
        assert f"Go on with: omonat keys rotate {option}" in own.run("keys", "status")
        (told,) = [one for one in json.loads(own.refused("doctor", "--json").out) if one["check"] == "versions"]
        assert told["state"] == "wrong" and f"keys rotate {option}" in told["what_to_do"]
        own.run("keys", "rotate", option)
        assert "Half done" not in own.run("keys", "status")


def _full(*_arguments: object) -> int:
    raise Overloaded()


def test_only_who_may_back_up_may_touch_the_keys(own: Shop) -> None:
    own.become("support")
    for words in (("keys", "status"), ("keys", "rotate")):
        assert "not allowed" in own.refused(*words).err
    assert (own.keys / "kek").exists()


def test_moving_to_openbao_and_on_by_its_own_rotation(own: Shop, bao: FakeOpenBao) -> None:
    person = invent()
    subject_id = own.sends(person)
    name(own, f'[key_provider]\nkind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n')
    refused = own.refused("keys", "rotate")
    assert refused.code == 3
    assert "“file:kek”" in refused.err and "[[old_key_provider]]" in refused.err
    both = f'[key_provider]\nkind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n[[old_key_provider]]\nkind = "file"\n'
    name(own, both)
    own.sends(invent())
    assert [epoch["number"] for epoch in own.json("keys", "status")["epochs"]] == [1]
    assert "openbao:transit/omonat#v1" in own.run("keys", "rotate")
    assert not list(own.keys.glob("kek*"))
    for lines in (both, both.partition("[[")[0]):  # the old one may stay named, or go
        name(own, lines)
        assert own.use(lambda omonat: {one.value.reveal() for one in omonat.vault.read_own(subject_id)}) >= {
            person.name
        }
        assert "wrong" not in {one["state"] for one in own.json("doctor")}
    again = own.refused("keys", "rotate")
    assert again.code == 1 and "Rotate the key at its provider" in again.err
    bao.administer("omonat", "rotate")
    said = command.omonat("keys", "rotate", data=own.data)
    assert said.code == 0 and "min_decryption_version=2" in said.err
    bao.administer("omonat", "config", min_decryption_version=2)
    assert own.use(lambda omonat: omonat.keystore.open_subject(subject_id))


def test_back_from_openbao_to_a_file(tmp_path: Path, bao: FakeOpenBao) -> None:
    shop, lines = Shop(tmp_path), tmp_path / "provider.toml"
    old = f'kind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n'
    lines.write_text(old)
    words = ("init", "--data", shop.data, "--keys", shop.keys, "--policy", POLICY, "--key-provider", lines)
    command.done(*words, data=shop.data)
    subject_id = shop.sends(invent())
    name(shop, f'[key_provider]\nkind = "file"\n[[old_key_provider]]\n{old}')
    shop.run("init", "--data", shop.data, "--keys", shop.keys)  # repeating it makes no key behind the rotation's back
    assert not list(shop.keys.glob("kek*"))
    shop.run("keys", "rotate")
    assert [path.name for path in shop.keys.glob("kek*")] == ["kek.2"]
    name(shop, "")
    bao.stop()
    assert shop.use(lambda omonat: omonat.keystore.open_subject(subject_id))


def test_a_provider_that_is_down_stops_it_with_the_temporary_code(own: Shop, bao: FakeOpenBao) -> None:
    own.sends(invent())
    name(
        own,
        f'[key_provider]\nkind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n[[old_key_provider]]\nkind = "file"\n',
    )
    bao.down = True
    assert own.refused("keys", "rotate").code == 4
    assert (own.keys / "kek").exists()
    bao.down = False
    own.run("keys", "rotate")


def test_a_backup_of_before_the_move_is_put_back_and_says_what_it_needs(own: Shop, bao: FakeOpenBao) -> None:
    subject_id = own.sends(invent())
    data, keys = own.home / "backup-data", own.home / "backup-keys"
    own.run("backup", "--to", data, "--keys-to", keys)
    remote = f'[key_provider]\nkind = "openbao"\nurl = "{bao.url}"\nkey = "omonat"\n'
    name(own, remote + '[[old_key_provider]]\nkind = "file"\n')
    own.run("keys", "rotate")
    name(own, remote)
    assert "[[old_key_provider]]" in own.refused("restore", "--from", data, "--keys-from", keys, "--yes").err
    assert "[[old_key_provider]]" in own.refused("doctor").out
    assert "Repeat: omonat restore" in own.refused("keys", "rotate").err  # not before it is finished
    name(own, remote + '[[old_key_provider]]\nkind = "file"\n')
    own.run("restore", "--from", data, "--keys-from", keys, "--yes")
    assert own.use(lambda omonat: omonat.keystore.open_subject(subject_id))
    own.run("keys", "rotate")
    name(own, remote)
    assert own.use(lambda omonat: omonat.keystore.open_subject(subject_id))
    assert not list(own.keys.glob("kek*"))
