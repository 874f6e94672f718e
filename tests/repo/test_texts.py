"""Every text that people see is there in Uzbek and Russian, its places match, its letters are the right ones."""

import re
from collections import Counter
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from omonat.kernel.cyrillic import to_cyrillic
from omonat.kernel.language import LOCALE_FOLDER, catalogue
from repo.msgids import Used, in_code, in_templates, of_errors

TRANSLATED = ("uz-Latn", "ru")
CATALOGUES = sorted(LOCALE_FOLDER.glob("*/LC_MESSAGES/*.po"))
# The command line speaks English: errors whose text is only a place get their words from there.
SAME_EVERYWHERE = re.compile(r"(\{\w+\}|[\W\d_])*")


@cache
def used() -> frozenset[Used]:
    return frozenset(found for found in (*in_code(), *in_templates(), *of_errors()) if not _is_bare(found.msgid))


def _is_bare(msgid: str) -> bool:
    return SAME_EVERYWHERE.fullmatch(msgid) is not None


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_the_search_for_texts_finds_them() -> None:
    domains = Counter(domain for domain, _ in {(found.domain, found.msgid) for found in used()})
    for domain in ("site", "portal", "errors", "letters", "documents", "words", "policy", "ledger"):
        assert domains[domain] >= 10, domains


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language: str) -> None:
    missing = sorted(
        f"{found.where}: {found.domain}: {found.msgid}"
        for found in used()
        if found.msgid not in catalogue(language, found.domain)
    )
    assert not missing, f"{len(missing)} texts lack {language}:\n" + "\n".join(missing)


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_places_are_those_of_the_english_text(path: Path) -> None:
    with path.open("rb") as file:
        pairs = {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
    assert pairs, "an empty catalogue"
    wrong = [msgid for msgid, text in pairs.items() if places(msgid) != places(text)]
    assert not wrong, wrong


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_no_text_is_twice_empty_or_doubtful(path: Path) -> None:
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert not [message.id for message in messages if message.fuzzy or not message.string]
    entries = re.split(r"\n\s*\n", path.read_text("utf-8"))
    heads = Counter(entry.partition("msgstr")[0].partition("msgid")[2] for entry in entries if "msgid" in entry)
    assert not [head for head, times in heads.items() if times > 1]


@pytest.mark.parametrize("path", sorted(LOCALE_FOLDER.glob("uz_Latn/LC_MESSAGES/*.po")), ids=lambda path: path.stem)
def test_uzbek_is_written_with_its_own_letters(path: Path) -> None:
    """oʻ and gʻ with U+02BB, tutuq with U+02BC; no Cyrillic letter slipped in."""
    with path.open("rb") as file:
        texts = [str(message.string) for message in read_po(file) if message.id]
    assert not [text for text in texts if re.search(r"\w['’‘`´]\w", text)]
    assert not [text for text in texts if re.search(r"[а-яё]", text, re.IGNORECASE)]
    assert not [text for text in texts if re.search(r"(?<![oOgG])ʻ|[oOgG]ʼ(?=[a-z])", text)]


@pytest.mark.parametrize("path", sorted(LOCALE_FOLDER.glob("uz_Latn/LC_MESSAGES/*.po")), ids=lambda path: path.stem)
def test_uzbek_becomes_cyrillic_whole(path: Path) -> None:
    with path.open("rb") as file:
        texts = [to_cyrillic(str(message.string)) for message in read_po(file) if message.id]
    halves = [word for text in texts for word in re.findall(r"\w+", _without_kept(text)) if _is_mixed(word)]
    assert not halves
    assert not [text for text in texts if re.search(r"омонат |--[а-я]", text)]  # a command is typed as it is


def _without_kept(text: str) -> str:
    return re.sub(r"\{[^}]*\}|<[^>]*>", " ", text)


def _is_mixed(word: str) -> bool:
    latin, cyrillic = re.search(r"[A-Za-z]", word), re.search(r"[а-яёўқғҳ]", word, re.IGNORECASE)
    return bool(latin and cyrillic) and not word.lower().startswith("cookie")


@pytest.mark.parametrize("path", sorted(LOCALE_FOLDER.glob("ru/LC_MESSAGES/*.po")), ids=lambda path: path.stem)
def test_russian_is_russian(path: Path) -> None:
    with path.open("rb") as file:
        texts = {str(message.id): str(message.string) for message in read_po(file) if message.id}
    names = re.compile(r"(?:[A-Z]{2,}|cookie|\{\w+\}|[A-Z]\w+|[\W\d_])*")
    untranslated = [msgid for msgid, text in texts.items() if not re.search(r"[а-яё]", text, re.IGNORECASE)]
    assert not [msgid for msgid in untranslated if not names.fullmatch(texts[msgid])]
