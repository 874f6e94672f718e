"""A drawn list, compressed while it lies: what was put in comes out, line by line (clause 3.1)."""

import csv
import io
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omonat.disclosure import packing
from omonat.disclosure.model import MailingRow
from omonat.kernel.ids import SubjectId, new_id
from omonat.kernel.secret import Sealed

addresses = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs", "Cc"]), min_size=1)


@given(st.lists(addresses, max_size=20))
def test_what_was_packed_comes_out(texts: list[str]) -> None:
    rows = [
        MailingRow(
            subject_id=SubjectId(new_id()),
            channel="email",
            address=Sealed(text),
            language="ru",
            unsubscribe="",
            preferences="",
        )
        for text in texts
    ]
    packed, count = packing.pack(iter(rows))
    lines = list(chain.from_iterable(packing.unpack(packed)))
    assert count == len(lines) == len(texts)
    assert [subject_id for subject_id, _line in lines] == [row.subject_id for row in rows]
    table = (packing.HEADER + b"".join(line for _subject, line in lines)).decode()
    assert [row["address"] for row in csv.DictReader(io.StringIO(table, newline=""))] == texts


@pytest.mark.parametrize("count", [0, 1, 499, 500, 501, 3000])
def test_a_long_list_is_a_row_of_pages(count: int) -> None:
    rows = (
        MailingRow(
            subject_id=SubjectId(new_id()),
            channel="sms",
            address=Sealed(f"+99890{n:07d}"),
            language="uz-Latn",
            unsubscribe="",
            preferences="",
        )
        for n in range(count)
    )
    packed, counted = packing.pack(rows)
    pages = list(packing.unpack(packed))
    assert counted == count == sum(map(len, pages)) and len(pages) == -(-count // 500)
    assert len(packed) < 60 * count + 100
