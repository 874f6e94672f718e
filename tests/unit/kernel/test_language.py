"""Which language a browser gets, dates as people write them, catalogues."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.kernel import language as language_module
from omonat.kernel.language import LANGUAGES, catalogue, long_date, long_moment, translate, wanted_language


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "uz-Latn"),
        ("*", "uz-Latn"),
        ("ru", "ru"),
        ("ru-RU,ru;q=0.9,en-US;q=0.8,en;q=0.7", "ru"),
        ("en-US,en;q=0.5", "en"),
        ("de-DE,de;q=0.9,ru;q=0.5", "ru"),
        ("de, fr", "uz-Latn"),
        ("uz", "uz-Latn"),
        ("uz-UZ", "uz-Latn"),
        ("uz-Cyrl", "uz-Cyrl"),
        ("uz-Cyrl-UZ", "uz-Cyrl"),
        ("UZ_cyrl_UZ", "uz-Cyrl"),
        ("uz-Cyrl-KZ;q=0.9, ru;q=0.8", "uz-Cyrl"),
        ("uz-Latn-UZ", "uz-Latn"),
        ("en ; q=0.2 , ru ; q=0.9", "ru"),
        ("en;q=0, ru;q=0.1", "ru"),
        ("en;q=nan, ru;q=0.1", "ru"),
        ("en;q=5, ru;q=0.1", "ru"),
        ("ru;q=0.8, en;q=0.8", "ru"),
        ("<script>, ru", "ru"),
    ],
)
def test_the_browser_says_what_it_wants(header: str, wanted: str) -> None:
    assert wanted_language(header) == wanted


def test_only_what_is_offered_is_given() -> None:
    assert wanted_language("ru, en;q=0.5", ("en", "uz-Latn")) == "en"
    assert wanted_language("ru", ("en", "uz-Latn")) == "en"


@given(st.text())
def test_any_header_gets_a_language(header: str) -> None:
    assert wanted_language(header) in LANGUAGES


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("uz-Latn", "2025-yil 4-sentabr"),
        ("uz-Cyrl", "2025 йил 4 сентябрь"),
        ("ru", "4 сентября 2025 г."),
        ("en", "4 September 2025"),
    ],
)
def test_dates_are_written_as_people_write_them(language: str, written: str) -> None:
    assert long_date(date(2025, 9, 4), language) == written
    assert long_date(datetime(2025, 9, 3, 19, 30, tzinfo=UTC), language) == written
    assert long_moment(datetime(2025, 9, 3, 19, 30, tzinfo=UTC), language) == f"{written}, 00:30"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_month_has_its_own_name(language: str) -> None:
    assert len({long_date(date(2026, month, 1), language) for month in range(1, 13)}) == 12


@pytest.fixture
def locale_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(language_module, "LOCALE_FOLDER", tmp_path)
    monkeypatch.setattr(language_module, "catalogue", catalogue.__wrapped__)
    return tmp_path


def write(folder: Path, language: str, pairs: dict[str, str], flag: str = "") -> None:
    path = folder / language.replace("-", "_") / "LC_MESSAGES" / "trial.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [f'{flag}msgid "{msgid}"\nmsgstr "{text}"\n' for msgid, text in pairs.items()]
    path.write_text("\n".join(entries), "utf-8")


def test_cyrillic_comes_from_latin_unless_it_is_overridden(locale_folder: Path) -> None:
    write(locale_folder, "uz-Latn", {"Delete {what}": "{what}ni oʻchirish", "Promotion": "Aksiya"})
    write(locale_folder, "uz-Cyrl", {"Promotion": "Акция"})
    assert translate("uz-Cyrl", "trial", "Delete {what}", what="X") == "Xни ўчириш"
    assert translate("uz-Cyrl", "trial", "Promotion") == "Акция"
    assert translate("uz-Latn", "trial", "Promotion") == "Aksiya"


def test_english_is_the_text_itself_and_so_is_what_nobody_translated(locale_folder: Path) -> None:
    write(locale_folder, "ru", {"Save": ""})
    assert translate("en", "trial", "{count} of {count}", count=2) == "2 of 2"
    assert translate("ru", "trial", "Save") == "Save"
    assert translate("ru", "trial", "Braces {stay} without places") == "Braces {stay} without places"


def test_a_doubtful_translation_is_not_shown(locale_folder: Path) -> None:
    write(locale_folder, "ru", {"Open": "Закрыть"}, flag="#, fuzzy\n")
    assert translate("ru", "trial", "Open") == "Open"


def test_a_value_with_braces_stays_as_it_is() -> None:
    assert translate("en", "trial", "Dear {name}", name="{secret}") == "Dear {secret}"
