"""The file of a person as one flat table that a spreadsheet program opens by a double click.

One header for all sections, the section named in the first column, so that it can be filtered. UTF-8 with a byte order
mark; the semicolon separates except in English, as the spreadsheets of the region expect; moments are Tashkent time.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from omonat.documents.names import Names, local_moment
from omonat.documents.sheet import kept_until
from omonat.rights import PersonFile

_HEADER = ("Section", "What", "Value", "Category", "Purpose", "Ground", "Source or person", "When", "Until", "Note")
_STARTS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_PHONE = re.compile(r"\+\d[\d •-]*")

Row = tuple[str, ...]


def export_csv(file: PersonFile, names: Names) -> bytes:
    """The whole file; equal files are equal bytes."""
    return csv_table(names.language, [names.t(title) for title in _HEADER], _rows(file, names))


def csv_table(language: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Any table as a file for spreadsheets, nothing in it a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="," if language == "en" else ";", lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _harmless(cell: str) -> str:
    """A spreadsheet runs what begins like a formula: an apostrophe keeps it text. Phone numbers are no formula."""
    if cell.startswith(_STARTS_FORMULA) and not _PHONE.fullmatch(cell):
        return "'" + cell
    return cell


def _rows(file: PersonFile, names: Names) -> Iterator[Row]:
    yield from _values(file, names)
    yield from _disclosures(file, names)
    yield from _journal(file, names)
    yield from _consents(file, names)
    yield from _cases(file, names)
    yield from _contracts(file, names)
    yield from _stopped_and_kept(file, names)


def _values(file: PersonFile, names: Names) -> Iterator[Row]:
    section = names.t("Your data")
    for value in file.values:
        yield (
            section, names.field(value), names.value(value), names.category(value.category),
            names.purpose(value.purpose), names.word("ground", value.ground), names.source(value.source),
            local_moment(value.collected_at), local_moment(value.keep_until),
            "" if value.keep_until and not value.kept_by_law else kept_until(value, names),
        )  # fmt: skip


def _disclosures(file: PersonFile, names: Names) -> Iterator[Row]:
    section = names.t("Who received your data")
    for line in file.disclosures:
        yield (
            section, names.word("operation", "disclose"), "", names.categories(line.categories),
            names.purpose(line.purpose), names.word("ground", line.ground), names.recipient(line.recipient),
            local_moment(line.at), "", local_moment(line.notified_at),
        )  # fmt: skip


def _journal(file: PersonFile, names: Names) -> Iterator[Row]:
    section = names.t("Who read or used your data")
    for line in file.journal:
        yield (
            section, names.word("operation", line.operation), "", names.categories(line.categories),
            names.purpose(line.purpose), "", names.actor(line.actor), local_moment(line.at), "",
            names.reason(line.reason),
        )  # fmt: skip


def _consents(file: PersonFile, names: Names) -> Iterator[Row]:
    section = names.t("Your consents")
    for line in file.consents:
        yield (
            section, names.channel(line.channel), names.word("action", line.word), "", names.purpose(line.purpose),
            "", names.source(line.via), local_moment(line.at), local_moment(line.expires_at), line.policy_number,
        )  # fmt: skip


def _cases(file: PersonFile, names: Names) -> Iterator[Row]:
    section = names.t("Your cases")
    for case in file.cases:
        yield (
            section, names.word("case", case.kind), names.state(case), "", "", "", "",
            local_moment(case.opened_at), local_moment(case.due_at), case.case_id,
        )  # fmt: skip


def _contracts(file: PersonFile, names: Names) -> Iterator[Row]:
    section = names.t("Your contracts")
    for line in file.contracts:
        end = line.ended_on or line.ends_on
        yield (
            section, line.number or line.contract_id, line.about or "", "", names.purpose("contract"),
            names.word("ground", "contract"), "", f"{line.starts_on:%Y-%m-%d}", f"{end:%Y-%m-%d}" if end else "",
            names.word("contract", line.state),
        )  # fmt: skip


def _stopped_and_kept(file: PersonFile, names: Names) -> Iterator[Row]:
    for kind, purpose, since in file.restrictions:
        what = names.word("restriction", kind)
        yield (
            names.t("What you have stopped"),
            what,
            "",
            "",
            names.purpose(purpose),
            "",
            "",
            local_moment(since),
            "",
            "",
        )
    for hold in file.holds:
        yield (
            names.t("Kept because a law requires it"), names.law(hold.law), "",
            names.category(hold.category) if hold.category else "", names.purpose(hold.purpose), "", "", "",
            f"{hold.until_on:%Y-%m-%d}", hold.reason,
        )  # fmt: skip
