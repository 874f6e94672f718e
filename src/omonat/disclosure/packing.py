"""A drawn list as it lies until it is fetched: CSV lines, compressed as they come, so that memory holds little."""

import csv
import io
import zlib
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from omonat.disclosure.model import MailingRow
from omonat.kernel.ids import SubjectId

HEADER = b"subject,channel,address,language,list_unsubscribe,preferences\r\n"
_END = "\r\n"
_PAGE = 500
_CHUNK = 64 * 1024
_ID_LENGTH = 36


def pack(rows: Iterable[MailingRow]) -> tuple[bytes, int]:
    """(the lines without their header, compressed; how many). A program reads them: commas, no translation."""
    squeezed, out, count = zlib.compressobj(), bytearray(), 0
    rows = iter(rows)
    while page := list(islice(rows, _PAGE)):
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator=_END).writerows(
            (row.subject_id, row.channel, row.address.reveal(), row.language, row.unsubscribe, row.preferences)
            for row in page
        )
        out += squeezed.compress(text.getvalue().encode())
        count += len(page)
    return bytes(out + squeezed.flush()), count


def unpack(packed: bytes) -> Iterator[list[tuple[SubjectId, bytes]]]:
    """The same lines page by page, each with whose it is. An address has no line break in it (`vault.kinds`)."""
    lines = _lines(packed)
    while page := list(islice(lines, _PAGE)):
        yield [(SubjectId(UUID(line[:_ID_LENGTH].decode())), line) for line in page]


def _lines(packed: bytes) -> Iterator[bytes]:
    left, end = b"", _END.encode()
    for chunk in _chunks(packed):
        *whole, left = (left + chunk).split(end)
        yield from (line + end for line in whole)


def _chunks(packed: bytes) -> Iterator[bytes]:
    opened = zlib.decompressobj()
    while packed:
        yield opened.decompress(packed, _CHUNK)
        packed = opened.unconsumed_tail
    yield opened.flush()
