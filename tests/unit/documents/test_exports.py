import csv
import io
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from unit.documents.sample import CASE, CERTIFICATE, FILE, NASTY, names, value

from omonat.documents import certificate_json, certificate_pdf, complaint_pdf, export_csv, export_json, export_pdf
from omonat.kernel.language import LANGUAGES


def rows(language: str, file=FILE) -> list[list[str]]:
    text = export_csv(file, names(language)).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), delimiter="," if language == "en" else ";"))


def test_json_holds_everything_with_ids_and_names() -> None:
    document = json.loads(export_json(FILE, names("ru")))
    assert document["format"] == "omonat-person-file/1"
    assert [v["value"] for v in document["values"]] == [v.value for v in FILE.values]
    assert document["values"][1]["category_name"] == "Номер телефона"
    assert document["values"][4]["masked"] is True
    assert document["disclosures"][0]["recipient_name"] == "Подрядчик"
    assert document["journal"][0]["actor"] == "staff:nodira"
    assert document["consents"][0]["channel_name"] == "по электронной почте"
    assert document["cases"][0]["case_id"] == CASE and document["cases"][0]["term_mark"]
    assert document["restrictions"][0]["kind"] == "suspended"
    assert document["visit_days"] == 3
    assert document["contracts"][0]["number"] == "2026/77"
    assert document["contracts"][0]["state_name"] == "действует"


def test_csv_opens_in_a_spreadsheet_in_each_language() -> None:
    for language in LANGUAGES:
        assert export_csv(FILE, names(language)).startswith(b"\xef\xbb\xbf")
        table = rows(language)
        assert {len(row) for row in table} == {10}
        assert "+998 90 123 45 67" in [row[2] for row in table]
        assert "2026/77" in [row[1] for row in table]
        assert len({row[0] for row in table}) == 9  # the header and eight sections


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=60))
def test_no_cell_begins_a_formula_and_nothing_is_lost(text: str) -> None:
    table = rows("uz-Latn", replace(FILE, values=(value("message", "other", text),)))
    cell = table[1][2]
    assert cell in (text, "'" + text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) or re.fullmatch(r"\+\d[\d •-]*", cell)


@pytest.mark.parametrize("start", "=+-@\t")
def test_a_typed_formula_is_kept_as_text(start: str) -> None:
    table = rows("en", replace(FILE, values=(value("message", "other", f"{start}1+1|cmd"),)))
    assert table[1][2] == f"'{start}1+1|cmd"


@pytest.mark.parametrize("language", LANGUAGES)
def test_pdf_is_the_same_bytes_and_says_what_it_conforms_to(language: str) -> None:
    made = export_pdf(FILE, names(language))
    assert made == export_pdf(FILE, names(language))
    assert made.startswith(b"%PDF-")
    metadata = pdf_streams(made)
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata and b"<pdfaid:conformance>A</pdfaid:conformance>" in metadata
    assert b"<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert b"2026-11-20" in metadata


def test_pdf_prints_what_was_typed_and_runs_none_of_it() -> None:
    plain = export_pdf(replace(FILE, values=(value("message", "other", "x"),)), names("en"))
    nasty = export_pdf(replace(FILE, values=(value("message", "other", NASTY),)), names("en"))
    assert plain != nasty  # and #panic() did not end the compilation


def test_pdf_of_an_empty_file() -> None:
    empty = replace(
        FILE,
        values=(),
        consents=(),
        disclosures=(),
        journal=(),
        holds=(),
        restrictions=(),
        cases=(),
        visit_days=0,
        contracts=(),
    )
    assert export_pdf(empty, names("uz-Cyrl")).startswith(b"%PDF-")
    assert len(rows("ru", empty)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_certificate_in_both_forms(language: str) -> None:
    document = json.loads(certificate_json(CERTIFICATE, names(language)))
    assert document["records_by_category"] == {"name": 1, "phone": 2}
    assert document["issued_by"]["stir"] == "309519699" and document["keys"] == 4
    assert certificate_pdf(CERTIFICATE, names(language)) == certificate_pdf(CERTIFICATE, names(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_letter_of_a_complaint(language: str) -> None:
    letter = complaint_pdf(FILE, f"First.\n\n{NASTY}", names(language))
    assert letter == complaint_pdf(FILE, f"First.\n\n{NASTY}", names(language))
    assert letter != complaint_pdf(FILE, "First.", names(language))


def test_an_old_word_does_not_break_a_document() -> None:
    old = replace(FILE, values=(value("fax", "fax", "1", purpose="gone", source="form:gone", ground="custom"),))
    assert [cell for cell in rows("en", old)[1] if cell][:4] == ["Your data", "fax", "1", "fax"]
    assert export_pdf(old, names("en")).startswith(b"%PDF-")


def pdf_streams(document: bytes) -> bytes:
    found = []
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.S):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            found.append(stream)
    return b"\n".join(found)
