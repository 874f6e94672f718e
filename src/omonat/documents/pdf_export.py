"""PDF by typst: PDF/A-2a (which includes 2b) and PDF/UA-1, bundled fonts only, equal input gives equal bytes.

With a file attached it is PDF/A-3a.
Data reach the template as one JSON input and are printed as text, so nothing that a person typed is ever markup.
"""

from pathlib import Path

import msgspec

from omonat.documents.names import Names
from omonat.documents.sheet import Sheet, certificate_sheet, complaint_sheet, person_sheet
from omonat.kernel.codec import to_json
from omonat.rights import PersonFile
from omonat.vault import Certificate

_TEMPLATE = Path(__file__).parent / "sheet.typ"


def export_pdf(file: PersonFile, names: Names) -> bytes:
    """Everything held about one person, for reading and printing."""
    return _set(person_sheet(file, names))


def certificate_pdf(certificate: Certificate, names: Names) -> bytes:
    """The certificate of a destruction, for reading and printing."""
    return _set(certificate_sheet(certificate, names))


def complaint_pdf(file: PersonFile, text: str, names: Names) -> bytes:
    """A complaint to the authority with its evidence, for signing and sending."""
    return _set(complaint_sheet(file, text, names))


class Attached(msgspec.Struct, frozen=True, kw_only=True):
    """A JSON file inside a PDF: its name, its text, and what it is in the reader's language."""

    name: str
    content: str
    about: str


def sheet_pdf(sheet: Sheet, attached: Attached) -> bytes:
    """Any sheet with a file attached: PDF/A-3a, which unlike A-2 may carry one."""
    return _set(sheet, attached)


def _set(sheet: Sheet, attached: Attached | None = None) -> bytes:
    import typst  # slow to load, and few calls need it

    inputs = {"sheet": to_json(sheet).decode()}
    if attached is not None:
        inputs["attached"] = to_json(attached).decode()
    compiler = typst.Compiler(_TEMPLATE.read_bytes(), ignore_system_fonts=True, sys_inputs=inputs)
    made = compiler.compile(format="pdf", pdf_standards=["a-2a" if attached is None else "a-3a", "ua-1"])
    assert isinstance(made, bytes)
    return made
