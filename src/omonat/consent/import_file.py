"""The file of consents that a company already has: a table (CSV) in UTF-8 with the columns of `importing`.

Comma or semicolon, as spreadsheets of the region save it; a byte order mark is no part of it.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import ClassVar, TextIO

from omonat.consent.importing import NEEDED
from omonat.kernel.errors import OmonatError

MOST_BYTES = 5_000_000
PROBLEMS: Mapping[str, str] = {
    "missing": "Choose a file.",
    "empty": "The file has no row under the line with the names of the columns.",
    "too_large": "The file is larger than {megabytes} MB. Split it; each part needs the line with the column names.",
    "encoding": "The file is not text in UTF-8. Save it in your spreadsheet program as “CSV UTF-8”.",
    "columns": "The file lacks the columns: {columns}.",
    "table": "The file is no table from line {line} on. Look for a quotation mark that is not closed.",
}
"""What keeps a file from being read, by word: English msgids of the domain `console_consents`."""


class UnreadableTable(OmonatError):
    """A file that cannot be read as a table of consents; nothing was taken of it, or nothing from that line on."""

    code: ClassVar[str] = "unreadable_table"
    message: ClassVar[str] = "{why}"
    what_to_do: ClassVar[str] = "Give a CSV file in UTF-8 whose first line names the columns (docs/consent.md)."

    def __init__(self, word: str, **places: object) -> None:
        self.word = word
        super().__init__(why=PROBLEMS[word].format(**places), **places)


def rows_of(source: TextIO) -> Iterator[tuple[int, dict[str, str]]]:
    """Rows by the names of the columns, each with the number of the line on which it ends; one at a time.

    Raises UnreadableTable: at once for the head, and on the way for what comes later.
    """
    head = _first_line(source)
    reader = csv.DictReader(chain([head], source), delimiter=";" if head.count(";") > head.count(",") else ",")
    missing = [name for name in NEEDED if name not in _names(reader)]
    if missing:
        raise UnreadableTable("columns", columns=", ".join(missing))
    return _one_by_one(reader)


def _names(reader: "csv.DictReader[str]") -> Sequence[str]:
    try:
        return reader.fieldnames or ()
    except csv.Error:
        raise UnreadableTable("table", line=1) from None


def _first_line(source: TextIO) -> str:
    try:
        return source.readline()
    except UnicodeDecodeError:
        raise UnreadableTable("encoding") from None  # the text of the error holds bytes of the file


def _one_by_one(reader: "csv.DictReader[str]") -> Iterator[tuple[int, dict[str, str]]]:
    try:
        for row in reader:
            yield reader.line_num, row
    except UnicodeDecodeError:
        raise UnreadableTable("encoding") from None
    except csv.Error:
        raise UnreadableTable("table", line=reader.line_num) from None


def text_of(content: bytes) -> TextIO:
    """The bytes of a file as text."""
    return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")


def count_rows(content: bytes) -> int:
    """How many rows the whole file has. Raises UnreadableTable when it cannot be read to its end, or is too large."""
    if not content:
        raise UnreadableTable("missing")
    if len(content) > MOST_BYTES:
        raise UnreadableTable("too_large", megabytes=MOST_BYTES // 1_000_000)
    if b"\0" in content:  # UTF-16, or no text at all
        raise UnreadableTable("encoding")
    count = sum(1 for _row in rows_of(text_of(content)))
    if not count:
        raise UnreadableTable("empty")
    return count
