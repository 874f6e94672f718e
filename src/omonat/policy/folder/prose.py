"""Is the prose whole in every language: the same sections and clauses, no gaps, every list that must be shown?"""

import re
from collections.abc import Iterator

from omonat.kernel.errors import Misconfigured
from omonat.law import read_rule_pack
from omonat.policy.folder.load import Folder, Prose
from omonat.policy.folder.source import Finding
from omonat.policy.text.markdown import clause_numbers, repeated_clauses
from omonat.policy.text.render import BLOCK_PLACES, INLINE_PLACES, REQUIRED_PLACES

_ANY_PLACE = re.compile(r"\{\{([^{}]*)\}\}")
_SECTION = re.compile(r"^##\s+(\d+)\.\s", re.MULTILINE)


def prose_findings(folder: Folder) -> Iterator[Finding]:
    """Missing texts and clauses, unknown and missing places."""
    known = _known_places(folder)
    numbers = {language: clause_numbers(prose.text) for language, prose in folder.prose.items() if prose.found}
    everywhere = list(dict.fromkeys(number for found in numbers.values() for number in found))
    for language, prose in folder.prose.items():
        if not prose.found:
            advice = "Write it; docs/policy.md says how."
            yield Finding(prose.file, 1, "missing_language", f"There is no text in {language} (UTF-8)", advice)
            continue
        yield from _clauses(prose, numbers[language], everywhere)
        yield from _places(prose, known)
    yield from _clauses_of_facts(folder, everywhere)


def _clauses(prose: Prose, own: dict[str, int], everywhere: list[str]) -> Iterator[Finding]:
    if not prose.text.lstrip().startswith("# "):
        yield Finding(prose.file, 1, "missing_title", "The text has no title", "Begin with a line “# Title”.")
    for number in everywhere:
        if number not in own:
            advice = "Translate the clause that the other languages have."
            yield Finding(
                prose.file,
                _line_of_section(prose.text, number),
                "missing_clause",
                f"Clause {number} is missing",
                advice,
            )
    for number, line in repeated_clauses(prose.text).items():
        yield Finding(prose.file, line, "duplicate", f"Clause {number} stands here again", "Give it another number.")
    sections = set(_SECTION.findall(prose.text))
    for number, line in own.items():
        section, _, part = number.partition(".")
        if section not in sections:
            yield Finding(
                prose.file, line, "missing_clause", f"Section {section} has no heading", f"Add: ## {section}. …"
            )
        if part != "1" and f"{section}.{int(part) - 1}" not in own:
            message = f"Clause {section}.{int(part) - 1} is missing before {number}"
            yield Finding(prose.file, line, "missing_clause", message, "Number the clauses without gaps.")


def _line_of_section(text: str, number: str) -> int:
    """The line of the heading under which the clause should stand; else the last line."""
    heading = re.compile(rf"##\s+{number.split('.', maxsplit=1)[0]}\.\s")
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines, 1) if heading.match(line)), len(lines) or 1)


def _places(prose: Prose, known: set[str]) -> Iterator[Finding]:
    used = set()
    for line, text in enumerate(prose.text.splitlines(), 1):
        for place in _ANY_PLACE.findall(text):
            used.add(place)
            if place not in known:
                message = f"“{{{{{place}}}}}” stands for nothing"
                yield Finding(prose.file, line, "unknown_place", message, f"Use one of: {', '.join(sorted(known))}.")
            elif place in BLOCK_PLACES and text.strip() != f"{{{{{place}}}}}":
                message = f"“{{{{{place}}}}}” stands for a list or a table"
                yield Finding(prose.file, line, "unknown_place", message, "Put it in a paragraph of its own.")
    for place in REQUIRED_PLACES:
        if place not in used:
            advice = f"Put {{{{{place}}}}} in a paragraph of its own."
            yield Finding(
                prose.file, 1, "missing_place", f"The text does not show the {place.replace('_', ' ')}", advice
            )


def _known_places(folder: Folder) -> set[str]:
    about = folder.source.tree.get("policy")
    about = about if isinstance(about, dict) else {}
    known = set(BLOCK_PLACES) | set(INLINE_PLACES)
    if "based_on" not in about:
        known -= {"based_on.number", "based_on.issued_on"}
    try:
        pack = read_rule_pack(str(about.get("law")))
    except Misconfigured:
        return known
    return known | {f"term.{key}" for key in pack.terms}


def _clauses_of_facts(folder: Folder, everywhere: list[str]) -> Iterator[Finding]:
    purposes = folder.source.tree.get("purpose")
    for key, purpose in (purposes if isinstance(purposes, dict) else {}).items():
        clause = purpose.get("clause") if isinstance(purpose, dict) else None
        if isinstance(clause, str) and everywhere and clause not in everywhere:
            message = f"“purpose.{key}” names clause {clause}, which the text does not have"
            yield folder.source.finding(
                ("purpose", key, "clause"), "missing_clause", message, "Name a clause of the text."
            )
