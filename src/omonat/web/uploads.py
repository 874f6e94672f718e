"""Forms that bring a file: `multipart/form-data`, read whole and small.

A handler takes `uploaded: Uploaded`, and names a larger `request_max_body_size` where the usual one is too small.
"""

from itertools import islice
from typing import Any, NamedTuple

from litestar import Request
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.exceptions import HTTPException

from omonat.web.forms import MOST_FIELDS
from omonat.web.problems import BadRequest


class Upload(NamedTuple):
    """The typed fields, and the bytes of the files by the name of their field; an empty choice is no file."""

    fields: dict[str, str]
    files: dict[str, bytes]


Uploaded = NamedDependency[Upload]
"""How a handler takes the sent form: `uploaded: Uploaded`."""


async def uploaded(request: Request[Any, Any, Any]) -> Upload:
    """Dependency: the sent form. Raises BadRequest for anything but `multipart/form-data`, or too many fields."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise BadRequest
    try:
        form = await request.form()
    except (ValueError, HTTPException) as error:
        if getattr(error, "status_code", 400) == 413:
            raise
        raise BadRequest from error
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for name, value in islice(form.multi_items(), MOST_FIELDS):
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.close()
            if content:
                files.setdefault(name, content)
        else:
            fields.setdefault(name, str(value))
    return Upload(fields, files)
