"""A receipt as a PDF for people, with the file that proves it attached (PDF/A-3a, PDF/UA-1)."""

from datetime import UTC, datetime

from omonat.documents import Attached, Names, Section, Sheet, sheet_pdf
from omonat.kernel.language import translate
from omonat.receipts.model import Made, Statement
from omonat.receipts.words import DOMAIN, KIND_NAMES

FILE_NAME = "receipt.json"


def receipt_pdf(made: Made, names: Names) -> bytes:
    """For reading and printing; what counts is the attached file."""
    attached = Attached(
        name=FILE_NAME, content=made.content.decode(), about=_t(names, "The receipt that can be checked")
    )
    return sheet_pdf(_sheet(made, names), attached)


def _t(names: Names, text: str, **places: object) -> str:
    return translate(names.language, DOMAIN, text, **places)


def _sheet(made: Made, names: Names) -> Sheet:
    statement = made.statement
    at = datetime.fromisoformat(statement.made_at).astimezone(UTC)
    return Sheet(
        language=names.language,
        title=_t(names, KIND_NAMES[statement.kind]),
        page=names.t("page {number} of {count}", number="{number}", count="{count}"),
        facts=(
            (_t(names, "Issued by"), names.policy.operator.name[names.language]),
            (_t(names, "Made on"), names.moment(at)),
            *_facts(statement, names),
        ),
        notes=_notes(made, names),
        sections=(_proof(made, names),),
        made=(at.year, at.month, at.day, at.hour, at.minute, at.second),
    )  # fmt: skip


def _notes(made: Made, names: Names) -> tuple[str, ...]:
    how = f"omonat verify {FILE_NAME} --key …"
    what = _t(names, "What counts is the file “{name}” attached to this PDF. Save it and check it with: {how}",
              name=FILE_NAME, how=how)  # fmt: skip
    if made.proven:
        return (what,)
    later = _t(names, "The proof is not in it yet: the event had no place in the signed ledger when this was made. "
                      "Download it again later.")  # fmt: skip
    return (what, later)


def _facts(statement: Statement, names: Names) -> tuple[tuple[str, str], ...]:
    """The words that the event in the ledger says, too."""
    said = statement.refers
    if statement.kind == "consent":
        return (
            (_t(names, "Purpose"), names.purpose(said["purpose"])),
            (_t(names, "How"), names.channel(said["channel"])),
            (_t(names, "Number of the consent"), said["consent"]),
            (_t(names, "Text that was shown (SHA-256)"), said["text"]),
        )
    if statement.kind == "disclosure":
        return (
            (_t(names, "Recipient"), names.recipient(said["recipient"])),
            (_t(names, "Purpose"), names.purpose(said["purpose"])),
            (_t(names, "Ground"), names.word("ground", said["ground"])),
            (_t(names, "Number of the disclosure"), said["disclosure"]),
        )
    certificate = statement.record["certificate"]
    kinds = certificate["records_by_category"].items()
    return (
        (_t(names, "Number"), certificate["number"]),
        (_t(names, "Destroyed"), "; ".join(f"{names.category(kind)}: {count}" for kind, count in kinds) or "–"),
        (_t(names, "Keys destroyed"), str(certificate["keys"])),
    )


def _proof(made: Made, names: Names) -> Section:
    rows = [
        (_t(names, "Event"), made.statement.event),
        (_t(names, "Entry (SHA-256)"), made.statement.entry),
        (_t(names, "Position in the ledger"), "–" if made.position is None else str(made.position)),
        (_t(names, "Ledger"), made.statement.iss),
    ]
    if made.statement.subject:
        rows.append((_t(names, "Number of the person"), made.statement.subject))
    return Section(
        heading=_t(names, "Proof"), columns=(_t(names, "What"), _t(names, "Value")), rows=tuple(rows), widths=(2, 5)
    )
