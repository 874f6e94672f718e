"""`omonat init`, `doctor`, `staff`, `verify`, `demo` as transcripts."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import update

from harness import command
from harness.places import POLICY
from harness.shop import Shop
from omonat.storage.schema import ledger_event, outbox


def test_init_makes_what_is_missing_and_says_what_is_next(tmp_path: Path) -> None:
    data, keys = tmp_path / "data", tmp_path / "keys"
    first = command.omonat("init", "--data", data, "--keys", keys, "--base-url", "https://iptelefoniya.uz")
    assert first.code == 0 and f"Made an installation in {data}." in first.out and "policy publish" in first.out
    settings = (data / "omonat.toml").read_text()
    assert 'origin = "iptelefoniya.uz/omonat"' in settings and f'keys = "{keys}"' in settings
    again = command.omonat("init", "--data", data, "--keys", keys, "--policy", POLICY)
    assert again.code == 0 and "is complete" in again.out and "Version 3.2 of the policy is in force" in again.out
    assert "already" in command.done("init", "--data", data, "--keys", keys, "--policy", POLICY, data=data)
    for path in (data, keys, *data.rglob("*"), *keys.rglob("*")):
        assert not path.stat().st_mode & 0o077, path


def test_keys_do_not_lie_with_the_data(tmp_path: Path) -> None:
    for keys in (tmp_path / "d", tmp_path / "d" / "keys", tmp_path):
        said = command.omonat("init", "--data", tmp_path / "d", "--keys", keys)
        assert said.code == 2 and "apart from the data" in said.err
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("words", ["serve", "doctor", "stats", "case list", "verify", "retention sweep"])
def test_without_an_installation_every_command_says_how_to_make_one(tmp_path: Path, words: str) -> None:
    said = command.omonat(*words.split(), data=tmp_path / "nowhere")
    assert said.code == 3 and "omonat init" in said.err and not said.out


def test_doctor_finds_nothing_wrong_in_a_fresh_installation(shop: Shop) -> None:
    states = {one["check"]: one["state"] for one in shop.json("doctor")}
    assert "wrong" not in states.values()
    assert states["channels"] == "note" and states["policy"] == states["ledger"] == "good"


def test_doctor_names_what_is_wrong_and_what_to_do(shop: Shop) -> None:
    shop.data.chmod(0o755)
    shop.use(lambda omonat: omonat.staff.deactivate("Officer"))
    said = shop.refused("doctor")
    assert said.code == 1 and "chmod go=" in said.out and "omonat staff add" in said.out


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "The key store opens."), ("uz-Latn", "Kalitlar ombori ochiladi."), ("uz-Cyrl", "Калитлар омбори очилади."),
     ("ru", "Хранилище ключей открывается.")],
)  # fmt: skip
def test_doctor_speaks_four_languages(shop: Shop, language: str, said: str) -> None:
    assert said in shop.run("doctor", "--language", language)


def test_doctor_answers_for_an_installation_that_does_not_open(shop: Shop) -> None:
    (shop.keys / "kek").rename(shop.home / "kek")
    said = shop.refused("doctor")
    assert said.code == 1 and "kek is missing" in said.out
    (shop.home / "kek").rename(shop.keys / "kek")
    shutil.rmtree(shop.keys)
    assert f"{shop.keys} is missing" in shop.refused("doctor").out


def test_no_key_is_made_for_a_key_store_in_use(shop: Shop) -> None:
    (shop.keys / "kek").rename(shop.home / "kek")
    said = shop.refused("init", "--data", shop.data, "--keys", shop.keys)
    assert said.code == 3 and "is missing" in said.err and not (shop.keys / "kek").exists()


def test_accounts_are_added_listed_and_deactivated(shop: Shop) -> None:
    assert "Account Lola: marketing." in shop.run("staff", "add", "Lola", "--role", "marketing")
    assert {one["name"]: one["active"] for one in shop.json("staff", "list")} == {"Lola": True, "Officer": True}
    shop.run("staff", "deactivate", "Lola")
    assert "inactive" in shop.run("staff", "list")
    assert shop.refused("staff", "add", "Lola", "--role", "marketing").code == 4
    assert shop.refused("staff", "add", "Vali", "--role", "king").code == 1


def test_verify_proves_the_ledger_and_finds_what_was_changed(shop: Shop) -> None:
    shop.use(lambda omonat: omonat.sequencer().integrate_once(omonat.clock.now()))
    old = shop.home / "checkpoint"
    assert "The ledger is whole" in shop.run("verify", "--save", old)
    report = shop.json("verify", "--checkpoint", old)
    assert report["ok"] and report["size"] == report["checked"] > 0

    def tamper(omonat):  # type: ignore[no-untyped-def]
        change = update(ledger_event).where(ledger_event.c.position == 0).values(body=b"{}")
        omonat.database.write(lambda tx: tx.execute(change))

    shop.use(tamper)
    said = shop.refused("verify")
    assert said.code == 1 and "not what was written" in said.out


def test_a_job_that_was_given_up_is_listed_and_repeated(shop: Shop) -> None:
    def give_up(omonat):  # type: ignore[no-untyped-def]
        now = omonat.clock.now()

        def unit(tx):  # type: ignore[no-untyped-def]
            omonat.outbox.add(tx, kind="notice", business_key="notice:7", payload={}, now=now)
            tx.execute(update(outbox).values(done_at=now, failed="delivery_failed"))

        omonat.database.write(unit)

    assert "No job was given up." in shop.run("jobs", "list")
    shop.use(give_up)
    assert "delivery_failed" in shop.refused("jobs", "list").out
    assert "omonat jobs list" in shop.refused("doctor").out
    shop.run("jobs", "repeat", "notice:7")
    assert shop.json("jobs", "list") == [] and shop.refused("jobs", "repeat", "notice:8").code == 1


def test_stats_of_nobody(shop: Shop) -> None:
    assert "Nobody was counted." in shop.run("stats")
    assert shop.json("stats", "--from", "2026-01-01", "--to", "2026-01-31")["days"] == []


def test_the_demo_fills_an_empty_folder_only(tmp_path: Path) -> None:
    data, keys = tmp_path / "data", tmp_path / "keys"
    words = ("demo", "--data", data, "--keys", keys, "--policy", POLICY)
    made = command.done(*words, data=data)
    assert "cases are open" in made
    shop = Shop(tmp_path)
    kinds = {one["kind"] for one in shop.json("case", "list", "--state", "all", "--limit", "1000")}
    assert kinds >= {"contact", "contract", "correct", "erase", "suspend", "object", "withdraw", "complain"}
    assert len(shop.json("stats")["days"]) >= 20
    assert shop.json("verify")["ok"] and shop.json("hold", "list")
    again = command.omonat(*words)
    assert again.code == 2 and "not empty" in again.err
