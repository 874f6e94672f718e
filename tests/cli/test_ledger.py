"""`omonat ledger`: files checked without the database, and a witness who cannot be made to forget."""

import re
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from harness import command
from harness.people import invent
from harness.server import Server
from harness.shop import Shop
from omonat.ledger import open_checkpoint, read_verifier_key
from omonat.ledger.note import parse_note
from omonat.storage.schema import ledger_event

NAME = "witness.example.uz/one"


@pytest.fixture
def grown(shop: Shop) -> Shop:
    """The shop with a signed ledger; its verifier key and a kept checkpoint lie elsewhere."""
    shop.sends(invent())
    integrate(shop)
    (shop.home / "vkey").write_text(shop.run("ledger", "vkey"))
    shutil.copy(shop.data / "ledger" / "checkpoint", shop.home / "kept")
    return shop


def integrate(shop: Shop) -> int:
    """What `serve` does all the time."""

    def act(omonat):  # type: ignore[no-untyped-def]
        now = omonat.clock.now()
        given = omonat.sequencer().integrate_once(now)
        omonat.sequencer().release(now)
        return given

    return int(shop.use(act))


def witness(shop: Shop, *words: str | Path) -> command.Said:
    """A command of the witness, who has no installation."""
    return command.omonat("ledger", "witness", *words, data=shop.home / "nowhere")


def cosign(shop: Shop, log: str | Path | None = None) -> command.Said:
    place = ("--vkey", shop.home / "vkey", "--key", shop.home / "witness.key", "--state", shop.home / "state")
    return witness(shop, "cosign", "--log", log or shop.data / "ledger", *place)


def new_witness(shop: Shop) -> str:
    said = witness(shop, "init", "--key", shop.home / "witness.key", "--name", NAME)
    assert said.code == 0, said.err
    return said.out.strip()


def rewrite(shop: Shop) -> None:
    """The operator has the database, the folder and the signing key: he changes an event and signs all of it again."""

    def act(omonat):  # type: ignore[no-untyped-def]
        def unit(tx):  # type: ignore[no-untyped-def]
            body = tx.execute(select(ledger_event.c.body).where(ledger_event.c.position == 0)).scalar_one()
            body = re.sub(rb'"nonce":"\w\w', b'"nonce":"00', bytes(body))
            changed = update(ledger_event).where(ledger_event.c.position == 0)
            tx.execute(changed.values(body=body, hash=sha256(body).digest()))

        omonat.database.write(unit)

    shop.use(act)
    for name in ("checkpoint", "tile"):
        path = shop.data / "ledger" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    shop.run("ledger", "rebuild", "--yes")
    shop.sends(invent())
    assert integrate(shop)


def test_the_files_are_checked_here_and_in_a_copy(grown: Shop) -> None:
    said = grown.run("ledger", "fsck")
    assert "The ledger is whole" in said and "Only files were looked at" in said
    copy = grown.home / "copy"
    shutil.copytree(grown.data / "ledger", copy)
    shutil.rmtree(grown.data)
    words = ("ledger", "fsck", copy, "--vkey", grown.home / "vkey", "--checkpoint", grown.home / "kept")
    report = grown.json(*words)
    assert report["ok"] and report["size"] == report["checked"] > 0 and report["pending"] == 0
    tile = next(copy.glob("tile/entries/000.p/*"))
    tile.write_bytes(tile.read_bytes()[:-1] + b"?")
    said = grown.refused(*words)
    assert said.code == 1 and "root_differs" in said.out


def test_a_folder_needs_its_key(grown: Shop) -> None:
    assert grown.refused("ledger", "fsck", grown.data / "ledger").code == 2
    bad = grown.home / "bad"
    bad.write_text("no key")
    assert "no verifier key" in grown.refused("ledger", "fsck", grown.data / "ledger", "--vkey", bad).err
    assert grown.refused("ledger", "fsck", grown.home / "nothing").code == 2


def test_an_operator_who_rewrites_history_is_caught_from_outside(grown: Shop) -> None:
    new_witness(grown)
    first = cosign(grown)
    assert first.code == 0 and "for the first time" in first.err
    rewrite(grown)
    assert grown.json("verify")["ok"] and grown.json("ledger", "fsck")["ok"]  # alone, it looks perfect
    caught = cosign(grown)
    assert caught.code == 1 and "does not show that" in caught.err and not caught.out
    refused = open_checkpoint(
        (grown.home / "state.refused").read_bytes(), read_verifier_key(grown.run("ledger", "vkey"))
    )
    assert refused.size > 0  # signed by the operator himself
    for words in (("verify",), ("ledger", "fsck")):
        for old in ("kept", "state"):
            said = grown.refused(*words, "--checkpoint", grown.home / old)
            assert said.code == 1 and "history_rewritten" in said.out


def test_an_operator_who_cuts_off_the_end_is_caught(grown: Shop) -> None:
    new_witness(grown)
    small = (grown.data / "ledger" / "checkpoint").read_bytes()
    grown.sends(invent())
    integrate(grown)
    assert cosign(grown).code == 0
    (grown.data / "ledger" / "checkpoint").write_bytes(small)
    said = cosign(grown)
    assert said.code == 1 and "before, it showed" in said.err and not said.out


def test_a_cosignature_comes_back_into_the_ledger(grown: Shop) -> None:
    public = new_witness(grown)
    note = cosign(grown).out
    refused = command.omonat("ledger", "cosignatures", "add", "-", data=grown.data, stdin=note)
    assert refused.code == 1 and "witnesses named in the settings: 0" in refused.err
    settings = grown.data / "omonat.toml"
    settings.write_text(f'witnesses = ["{public}"]\n' + settings.read_text())
    (grown.home / "cosigned").write_text(note)
    said = grown.run("ledger", "cosignatures", "add", grown.home / "cosigned")
    assert f"{NAME} cosigned" in said and "has grown" not in said
    served = (grown.data / "ledger" / "checkpoint").read_bytes()
    assert [line.name for line in parse_note(served).signatures][1:] == [NAME]
    assert grown.json("verify")["ok"] and grown.json("ledger", "fsck")["ok"] and cosign(grown).code == 0
    grown.sends(invent())
    integrate(grown)
    assert "/ledger/witnessed" in grown.run("ledger", "cosignatures", "add", grown.home / "cosigned")
    settings.write_text(settings.read_text().replace(public, public[:-3]))
    assert grown.refused("ledger", "cosignatures", "add", grown.home / "cosigned").code == 3


def test_a_key_of_a_witness_is_its_own(grown: Shop) -> None:
    new_witness(grown)
    key = grown.home / "witness.key"
    assert not key.stat().st_mode & 0o077
    assert witness(grown, "init", "--key", key, "--name", NAME).code == 2  # never written over
    assert witness(grown, "init", "--key", grown.home / "other", "--name", "with space").code == 2
    key.chmod(0o644)
    said = cosign(grown)
    assert said.code == 3 and "chmod 600" in said.err
    key.chmod(0o600)
    assert cosign(grown, grown.home / "nothing").code == 2


def test_a_witness_reads_a_running_server(server: Server, tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with server.client() as client:
        while client.get("/ledger/checkpoint").status_code != 200:
            pass
        (shop.home / "vkey").write_text(client.get("/ledger/vkey").text)
    new_witness(shop)
    url = f"{server.url}/ledger"
    first, second = cosign(shop, url), cosign(shop, url)
    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert "entries begin with the" in second.err
    server.stop()
    said = cosign(shop, url)
    assert said.code == 4 and "cannot be read" in said.err and not said.out
