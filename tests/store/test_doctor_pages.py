"""`omonat doctor` notes where PostgreSQL does not sum its pages: there a flipped bit may go unnoticed."""

from pathlib import Path

import pytest

from harness.whole import whole_omonat
from omonat.doctor import examine, store
from omonat.kernel.language import LANGUAGES
from omonat.storage import Database


def pages(database: Database, key_database: Database, folder: Path) -> tuple[str, str, str]:
    omonat = whole_omonat(database, key_database, folder)
    try:
        (found,) = [one for one in examine(omonat) if one.check == "pages"]
    finally:
        omonat.close()
    return found.state, found.what, found.what_to_do


def test_it_says_whether_pages_are_summed(
    database: Database, key_database: Database, tmp_path: Path, engine_name: str
) -> None:
    state, what, what_to_do = pages(database, key_database, tmp_path)
    if engine_name == "sqlite":
        assert (state, what_to_do) == ("good", "")
        return
    with database.read() as tx:
        summed = store.has_page_sums(tx)
    assert state == ("good" if summed else "note")
    assert summed or ("data, keys" in what and "pg_checksums --enable" in what_to_do)


def test_it_notes_each_database_without_sums_and_none_with_them(
    database: Database, key_database: Database, tmp_path: Path, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "has_page_sums", lambda tx: tx.engine.url != key_database.engine.url)
    state, what, _what_to_do = pages(database, key_database, tmp_path)
    assert state == ("good" if engine_name == "sqlite" else "note")
    assert engine_name == "sqlite" or what.endswith(": keys.")


def test_it_is_noted_in_four_languages(
    database: Database, key_database: Database, tmp_path: Path, engine_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "has_page_sums", lambda _tx: False)
    omonat = whole_omonat(database, key_database, tmp_path)
    try:
        said = {f"{one.what} {one.what_to_do}" for language in LANGUAGES for one in examine(omonat, language)
                if one.check == "pages"}  # fmt: skip
    finally:
        omonat.close()
    assert len(said) == 4
    assert engine_name == "sqlite" or all("data_checksums" in one and "pg_checksums --enable" in one for one in said)
