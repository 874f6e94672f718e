"""A file of consents is read as it was written, or refused with a word; nothing else ever comes out of it."""

import csv
import io

from hypothesis import example, given
from hypothesis import strategies as st

from omonat.consent import IMPORT_COLUMNS, IMPORT_FILE_PROBLEMS, UnreadableTable, rows_of
from omonat.consent.import_file import count_rows, text_of

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=30)
ROW = st.fixed_dictionaries({name: CELL for name in IMPORT_COLUMNS})
HEAD = ",".join(IMPORT_COLUMNS)


def written(rows: list[dict[str, str]], delimiter: str, encoding: str) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, IMPORT_COLUMNS, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


@given(st.lists(ROW, min_size=1, max_size=5), st.sampled_from(",;"), st.sampled_from(["utf-8", "utf-8-sig"]))
def test_rows_are_read_as_they_were_written(rows: list[dict[str, str]], delimiter: str, encoding: str) -> None:
    content = written(rows, delimiter, encoding)
    assert [row for _line, row in rows_of(text_of(content))] == rows
    assert count_rows(content) == len(rows)


def test_a_row_is_named_by_the_line_on_which_it_ends() -> None:
    content = f'{HEAD}\na@example.uz,news,email,2026-10-01,desk,en,"two\nlines"\nb@example.uz\n'.encode()
    assert [line for line, _row in rows_of(text_of(content))] == [3, 4]


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda rest: HEAD.encode() + b"\n" + rest))
@example(HEAD.encode("utf-16"))
@example(b"PK\x03\x04 a spreadsheet")
@example(HEAD.encode() + b'\n"' + b"x" * 200_000)
def test_whatever_arrives_is_counted_or_refused_with_a_word(content: bytes) -> None:
    try:
        assert count_rows(content) > 0
    except UnreadableTable as refused:
        assert refused.word in IMPORT_FILE_PROBLEMS
        assert "{" not in refused.text().replace(str(refused.details.get("columns", "")), "")
