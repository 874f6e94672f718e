import re
from pathlib import Path

import pytest

import omonat.documents
from omonat.documents import WORDS, word
from omonat.kernel.language import catalogue
from omonat.rights import rules
from omonat.rights.model import KINDS

FOLDER = Path(omonat.documents.__file__).parent
_PLACE = re.compile(r"\{(\w+)\}")


def documents_texts() -> set[str]:
    said = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
    header = re.compile(r"_HEADER = \(([^)]*)\)")
    texts = set()
    for path in FOLDER.glob("*.py"):
        source = path.read_text("utf-8")
        texts |= set(said.findall(source))
        for inside in header.findall(source):
            texts |= set(re.findall(r'"([^"]*)"', inside))
    return texts


def words_texts() -> set[str]:
    return {text for words in WORDS.values() for text in words.values()}


@pytest.mark.parametrize("language", ["uz-Latn", "ru"])
def test_every_text_is_translated(language: str) -> None:
    assert documents_texts() - set(catalogue(language, "documents")) == set()
    assert words_texts() - set(catalogue(language, "words")) == set()


@pytest.mark.parametrize("language", ["uz-Latn", "uz-Cyrl", "ru"])
@pytest.mark.parametrize("domain", ["documents", "words", "portal"])
def test_places_and_letters_of_translations(language: str, domain: str) -> None:
    for said, text in catalogue(language, domain).items():
        assert set(_PLACE.findall(said)) == set(_PLACE.findall(text)), said
        if language == "uz-Latn":
            assert not set("'`‘’") & set(text), text


def test_every_kind_of_case_has_a_word() -> None:
    assert set(KINDS) <= set(WORDS["case"])


def test_every_outcome_refusal_and_step_has_a_word() -> None:
    assert set(rules.OUTCOMES) <= set(WORDS["outcome"])
    assert set(rules.REFUSALS) <= set(WORDS["refusal"])
    source = "".join(path.read_text("utf-8") for path in (FOLDER.parent / "rights").glob("*.py"))
    assert set(re.findall(r'\.note\(\s*tx, \w+(?:\.\w+)?, "(\w+)"', source)) <= set(WORDS["step"])


def test_an_unknown_word_is_shown_as_it_is() -> None:
    assert word("ru", "ground", "custom") == "custom"
    assert word("ru", "ground", None) == "–"
