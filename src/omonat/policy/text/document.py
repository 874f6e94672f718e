"""A policy text as data: sections, clauses, blocks and spans. Web pages, PDF and plain text are made from it."""

from collections.abc import Iterable
from typing import Literal

import msgspec

Mark = Literal["confirm", "secondary", "unverified", "policy_default"]


class Span(msgspec.Struct, frozen=True, omit_defaults=True):
    """A run of text. `mark`: the words are a visible mark, not prose (`confirm`: the operator still confirms)."""

    text: str
    strong: bool = False
    href: str | None = None
    mark: Mark | None = None


Spans = tuple[Span, ...]


class Paragraph(msgspec.Struct, frozen=True, tag="paragraph"):
    """Running text."""

    spans: Spans


class ItemList(msgspec.Struct, frozen=True, tag="list"):
    """An unordered list."""

    items: tuple[Spans, ...]


class Table(msgspec.Struct, frozen=True, tag="table"):
    """A table with a caption and a head; every row has as many cells as the head."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Spans, ...], ...]


Block = Paragraph | ItemList | Table


class Clause(msgspec.Struct, frozen=True):
    """One numbered clause, such as 6.3. The number is not repeated in its blocks; "" is text before the first one."""

    number: str
    blocks: tuple[Block, ...]


class Section(msgspec.Struct, frozen=True):
    """A numbered section with its clauses."""

    number: str
    title: str
    clauses: tuple[Clause, ...]


class Document(msgspec.Struct, frozen=True):
    """A whole text in one language."""

    language: str
    title: str
    subtitle: str
    preamble: tuple[Block, ...]
    sections: tuple[Section, ...]

    def clauses(self) -> dict[str, Clause]:
        """Every clause by its number, in order; a section's text without a number under `<section>.0`."""
        return {c.number or f"{s.number}.0": c for s in self.sections for c in s.clauses}


def plain(spans: Iterable[Span]) -> str:
    """The words without links and emphasis."""
    return "".join(span.text for span in spans)


def block_text(block: Block) -> str:
    """One block as plain text: list items behind dashes, table rows with ` | ` between cells."""
    if isinstance(block, Paragraph):
        return plain(block.spans)
    if isinstance(block, ItemList):
        return "\n".join(f"- {plain(item)}" for item in block.items)
    rows = [" | ".join(block.head)] + [" | ".join(plain(cell) for cell in row) for row in block.rows]
    return "\n".join([block.caption, *rows]) if block.caption else "\n".join(rows)


def clause_text(clause: Clause) -> str:
    """One clause as plain text, without its number."""
    return "\n".join(block_text(block) for block in clause.blocks)


def to_plain_text(document: Document) -> str:
    """The whole document for a terminal or a letter."""
    parts = [document.title, document.subtitle, *(block_text(block) for block in document.preamble)]
    for section in document.sections:
        parts.append(f"{section.number}. {section.title}")
        parts += [_numbered(clause, clause_text(clause)) for clause in section.clauses]
    return "\n\n".join(part for part in parts if part) + "\n"


def to_markdown(document: Document) -> str:
    """The whole document as Markdown that `parse_markdown` reads."""
    parts = [f"# {document.title}", f"## {document.subtitle}" if document.subtitle else ""]
    parts += [_block_markdown(block) for block in document.preamble]
    for section in document.sections:
        parts.append(f"## {section.number}. {section.title}")
        for clause in section.clauses:
            parts.append(_numbered(clause, "\n\n".join(_block_markdown(block) for block in clause.blocks)))
    return "\n\n".join(part for part in parts if part) + "\n"


def _numbered(clause: Clause, text: str) -> str:
    return f"{clause.number}. {text}" if clause.number else text


def _block_markdown(block: Block) -> str:
    if isinstance(block, Paragraph):
        return _spans_markdown(block.spans)
    if isinstance(block, ItemList):
        return "\n".join(f"- {_spans_markdown(item)}" for item in block.items)
    lines = [_row(block.head), _row(["---"] * len(block.head))]
    lines += [_row([_spans_markdown(cell) for cell in row]) for row in block.rows]
    return "\n".join(([f"**{block.caption}**", ""] if block.caption else []) + lines)


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _spans_markdown(spans: Spans) -> str:
    return "".join(_span_markdown(span) for span in spans)


def _span_markdown(span: Span) -> str:
    text = f"**{span.text}**" if span.strong else span.text
    return f"[{text}]({span.href})" if span.href else text
