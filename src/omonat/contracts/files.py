"""What may be a document of a contract: told by its bytes, never by its name or by what the browser says."""

import io
import re
import unicodedata
import zipfile
from typing import ClassVar

from omonat.kernel.errors import OmonatError

MOST_BYTES = 5 * 1024 * 1024
MEDIA = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpeg": "image/jpeg",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_STARTS = {"pdf": b"%PDF-", "png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff"}
_NAME_LENGTH = 120
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')


class WrongFile(OmonatError):
    """A file that is no document of ours."""

    code: ClassVar[str] = "wrong_file"
    message: ClassVar[str] = "This file cannot be kept here."
    what_to_do: ClassVar[str] = "Choose a PDF, PNG, JPEG or DOCX file of at most 5 MB."


def media_of(content: bytes) -> str:
    """A key of MEDIA. Raises WrongFile."""
    if not content or len(content) > MOST_BYTES:
        raise WrongFile
    for media, start in _STARTS.items():
        if content.startswith(start):
            return media
    if content.startswith(b"PK\x03\x04") and _is_docx(content):
        return "docx"
    raise WrongFile


def _is_docx(content: bytes) -> bool:
    """An archive with a document of words in it, and no program: names are read, nothing is unpacked."""
    try:
        names = set(zipfile.ZipFile(io.BytesIO(content)).namelist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    has_program = any(name.lower().endswith("vbaproject.bin") for name in names)
    return {"[Content_Types].xml", "word/document.xml"} <= names and not has_program


def clean_name(name: str, media: str) -> str:
    """The name without folders and signs that no system likes, with the ending of what the file is."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    stem = _NOT_IN_NAMES.sub("", last).strip(" .")
    if "." in stem:
        stem = stem.rpartition(".")[0].strip(" .")
    return f"{(stem or 'document')[:_NAME_LENGTH]}.{media}"
