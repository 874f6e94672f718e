"""The small Markdown of policy texts: `#` title, `## 1. Section`, `1.1. clause`, `- item`, `**strong**`, links.

Reads both our prose (with `{{places}}`) and a text that the company issued elsewhere. Never fails: whatever it does
not know is a paragraph. Headings `##` and `###` before the first section make the subtitle.
"""

import re
from collections.abc import Iterator

import msgspec

from omonat.policy.text.document import Block, Clause, Document, ItemList, Paragraph, Section, Span, Spans

_SECTION = re.compile(r"##\s+(\d+)\.\s+(.+)")
_CLAUSE = re.compile(r"(\d+\.\d+)\.\s+(.+)", re.DOTALL)
_INLINE = re.compile(r"\*\*(?P<strong>.+?)\*\*|\[(?P<label>[^\]]+)\]\((?P<href>[^)]*)\)|<(?P<bare>https?://[^>]+)>")
_SAFE = ("https://", "http://", "mailto:", "tel:", "/")


class Piece(msgspec.Struct, frozen=True):
    """A heading, clause start, list or paragraph, and the line it begins on."""

    line: int
    text: str


def pieces(text: str) -> Iterator[Piece]:
    """The text cut at blank lines, headings, and where a list begins or ends."""
    held: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        if held and (not line.strip() or _begins(line, held)):
            yield Piece(first, "\n".join(held))
            held = []
        if line.strip():
            if not held:
                first = number
            held.append(line.strip())
    if held:
        yield Piece(first, "\n".join(held))


def _begins(line: str, held: list[str]) -> bool:
    """Whether a line belongs to another piece than the lines before it."""
    if line.startswith("#") or held[-1].startswith("#") or _CLAUSE.match(line):
        return True
    return line.startswith("- ") and not held[0].startswith("- ")


def clause_numbers(text: str) -> dict[str, int]:
    """Every clause number in the text with its line; the first one counts."""
    found: dict[str, int] = {}
    for piece in pieces(text):
        match = _CLAUSE.match(piece.text)
        if match:
            found.setdefault(match[1], piece.line)
    return found


def repeated_clauses(text: str) -> dict[str, int]:
    """Every clause number that stands a second time, with that line."""
    found, again = clause_numbers(text), {}
    for piece in pieces(text):
        match = _CLAUSE.match(piece.text)
        if match and found[match[1]] != piece.line:
            again[match[1]] = piece.line
    return again


def parse_markdown(text: str, language: str) -> Document:
    """A text as a Document. Places such as `{{purposes}}` stay as they are."""
    reader = _Reader(language)
    for piece in pieces(text):
        reader.take(piece.text)
    return reader.document()


class _Reader:
    def __init__(self, language: str) -> None:
        self._language = language
        self._title = ""
        self._subtitle: list[str] = []
        self._preamble: list[Block] = []
        self._sections: list[tuple[str, str, list[tuple[str, list[Block]]]]] = []

    def take(self, text: str) -> None:
        section, clause = _SECTION.fullmatch(text), _CLAUSE.fullmatch(text)
        if section:
            self._sections.append((section[1], section[2].strip(), []))
        elif text.startswith("#"):
            self._heading(text)
        elif clause and self._sections:
            self._sections[-1][2].append((clause[1], [_block(clause[2])]))
        else:
            self._blocks().append(_block(text))

    def _heading(self, text: str) -> None:
        words = text.lstrip("#").strip()
        if not self._title:
            self._title = words
        elif not self._sections:
            self._subtitle.append(words)
        else:
            self._blocks().append(Paragraph((Span(words, strong=True),)))

    def _blocks(self) -> list[Block]:
        if not self._sections:
            return self._preamble
        clauses = self._sections[-1][2]
        if not clauses:
            clauses.append(("", []))
        return clauses[-1][1]

    def document(self) -> Document:
        sections = tuple(
            Section(number, title, tuple(Clause(n, tuple(blocks)) for n, blocks in clauses))
            for number, title, clauses in self._sections
        )
        return Document(self._language, self._title, " · ".join(self._subtitle), tuple(self._preamble), sections)


def _block(text: str) -> Block:
    if text.startswith("- "):
        return ItemList(tuple(inline(item) for item in _items(text)))
    return Paragraph(inline(text))


def _items(text: str) -> list[str]:
    items: list[str] = []
    for line in text.split("\n"):
        if line.startswith("- "):
            items.append(line[2:].strip())
        else:
            items[-1] += " " + line
    return items


def inline(text: str) -> Spans:
    """Strong words, links and addresses of one paragraph. A link that leads nowhere safe is plain text."""
    spans: list[Span] = []
    at = 0
    text = text.replace("\n", " ")
    for found in _INLINE.finditer(text):
        spans.append(Span(text[at : found.start()]))
        spans.append(_span(found))
        at = found.end()
    spans.append(Span(text[at:]))
    return tuple(span for span in spans if span.text)


def _span(found: "re.Match[str]") -> Span:
    if found["strong"]:
        return Span(found["strong"], strong=True)
    if found["bare"]:
        return Span(found["bare"], href=found["bare"])
    href = found["href"]
    return Span(found["label"], href=href if href.startswith(_SAFE) else None)
