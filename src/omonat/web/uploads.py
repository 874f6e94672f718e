"""Forms that bring a file: `multipart/form-data`, read whole and small, in memory alone.

A handler takes `uploaded: Uploaded`, and names a larger `request_max_body_size` where the usual one is too small.
Litestar's own reader lays what is larger than a megabyte into a temporary file, in the clear: personal files may not.
"""

from typing import Any, NamedTuple

from litestar import Request
from litestar.di import NamedDependency
from multipart import (  # type: ignore[import-untyped]  # it brings no types
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from omonat.web.forms import MOST_FIELDS
from omonat.web.problems import BadRequest


class Upload(NamedTuple):
    """The typed fields, and by the name of their field the bytes of the files and what they were called.

    An empty choice is no file.
    """

    fields: dict[str, str]
    files: dict[str, bytes]
    names: dict[str, str]


Uploaded = NamedDependency[Upload]
"""How a handler takes the sent form: `uploaded: Uploaded`."""


async def uploaded(request: Request[Any, Any, Any]) -> Upload:
    """Dependency: the sent form. Raises BadRequest for anything but `multipart/form-data`, or too many fields."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind.lower() != "multipart/form-data" or not options.get("boundary"):
        raise BadRequest
    try:
        return _read(options["boundary"], await request.body())
    except (MultipartError, UnicodeError) as error:
        raise BadRequest from error


def _read(boundary: str, body: bytes) -> Upload:
    """The first of equal names counts."""
    made = Upload({}, {}, {})
    segment, content = None, bytearray()
    with PushMultipartParser(boundary, content_length=len(body), max_segment_count=MOST_FIELDS) as parser:
        for piece in parser.parse(body):
            if isinstance(piece, MultipartSegment):
                segment, content = piece, bytearray()
            elif piece:
                content += piece
            elif segment is not None:
                _keep(made, segment, bytes(content))
    return made


def _keep(made: Upload, segment: MultipartSegment, content: bytes) -> None:
    name = segment.name or ""
    if segment.filename is None:
        made.fields.setdefault(name, content.decode())
    elif content and name not in made.files:
        made.files[name] = content
        made.names[name] = segment.filename
