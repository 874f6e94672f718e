"""`omonat verify FILE`: a receipt checked with no installation, in four languages, as a transcript."""

import json
from pathlib import Path

import pytest

from harness import command
from harness.receipts import Archive
from omonat.storage import Database, data_tables, key_tables

HOLDS = {"en": "holds", "uz-Latn": "haqiqiy", "uz-Cyrl": "ҳақиқий", "ru": "подлинная"}


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Path, str]:
    """A receipt in a file, and the key; the installation is gone."""
    folder = tmp_path / "installation"
    folder.mkdir()
    databases = [
        Database(f"sqlite:///{folder / name}", tables) for name, tables in (("a.db", data_tables), ("k.db", key_tables))
    ]
    for database in databases:
        database.create_tables()
    archive = Archive(*databases, folder)
    subject_id = archive.people.contact(email="ali@example.uz")
    archive.integrate()
    path = tmp_path / "receipt.json"
    path.write_bytes(archive.make(subject_id, archive.lines(subject_id, "consent")[0]).content)
    for database in databases:
        database.close()
    return path, archive.key.text()


def verify(*words: str | Path) -> command.Said:
    return command.omonat("verify", *words, data=Path("/nonexistent"))


@pytest.mark.parametrize("language", HOLDS)
def test_it_says_what_is_proven_and_what_not(kept: tuple[Path, str], language: str) -> None:
    path, key = kept
    said = verify(path, "--key", key, "--language", language)
    assert said.code == 0 and HOLDS[language] in said.out and said.out.count("•") == 8, said


def test_the_key_may_lie_in_a_file(kept: tuple[Path, str], tmp_path: Path) -> None:
    path, key = kept
    (tmp_path / "vkey").write_text(f"{key}\n", "utf-8")
    assert verify(path, "--key", tmp_path / "vkey").code == 0


def test_without_a_key_nothing_is_proven(kept: tuple[Path, str]) -> None:
    said = verify(kept[0])
    assert said.code == 1 and "No key was given" in said.out and "Proven:" not in said.out


def test_a_changed_file_is_found(kept: tuple[Path, str]) -> None:
    path, key = kept
    path.write_bytes(path.read_bytes().replace(b"consent_granted", b"consent_refused"))
    said = verify(path, "--key", key, "--json")
    answer = json.loads(said.out)
    assert said.code == 1 and not answer["ok"] and not answer["proven"]
    assert {"evidence_changed", "event_changed"} <= {one["code"] for one in answer["findings"]}


@pytest.mark.parametrize("words", [("--key", "nonsense"), ("--key", "")])
def test_a_bad_key_is_wrong_usage_or_none(kept: tuple[Path, str], words: tuple[str, ...]) -> None:
    assert verify(kept[0], *words).code in (1, 2)


def test_options_of_the_ledger_do_not_belong_to_a_receipt(kept: tuple[Path, str], tmp_path: Path) -> None:
    path, key = kept
    assert verify(path, "--key", key, "--save", tmp_path / "x").code == 2
    assert verify("--key", key).code == 2
