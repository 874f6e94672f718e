"""Forms as pages show them: fields with label, value and problem, and what arrives when they are sent.

A page builds a tuple of `FieldView` and gives it to the macros of `macros.html` (`error_summary`, `fields`).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

from litestar import Request
from litestar.di import NamedDependency

from omonat.kernel.language import translate
from omonat.web.problems import BadRequest

Posted = NamedDependency[dict[str, str]]
"""How a handler takes the sent form: `posted: Posted`."""

MOST_FIELDS = 60
LONG_TEXT = 300
"""From this length on a text gets several lines."""

_BY_KIND = {
    "name": {"autocomplete": "name", "autocapitalize": "words"},
    "phone": {"type": "tel", "autocomplete": "tel", "inputmode": "tel"},
    "email": {"type": "email", "autocomplete": "email", "inputmode": "email", "autocapitalize": "none"},
    "username": {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"},
    "password": {"type": "password", "autocomplete": "current-password"},
    "new_password": {"type": "password", "autocomplete": "new-password"},
    "date": {"type": "date", "autocomplete": "off"},
    "code": {"autocomplete": "one-time-code", "inputmode": "numeric", "autocapitalize": "none"},
}
_BY_NAME = {"company": {"autocomplete": "organization"}}


class FieldView(NamedTuple):
    """One field. `problem` is already in the reader's language, empty when there is none; so is `hint`."""

    name: str
    label: str
    kind: str
    required: bool
    max_length: int
    value: str = ""
    problem: str = ""
    hint: str = ""

    @property
    def attributes(self) -> dict[str, str]:
        """HTML attributes that help a phone's keyboard and the browser's memory of one's own data."""
        return {"type": "text"} | _BY_KIND.get(self.kind, {"autocomplete": "off"}) | _BY_NAME.get(self.name, {})

    @property
    def long(self) -> bool:
        """Whether the field needs several lines."""
        return self.kind == "text" and self.max_length >= LONG_TEXT

    @property
    def described_by(self) -> str:
        """Ids of the texts that a screen reader reads with the field."""
        parts = [f"{self.name}-hint"] if self.hint else []
        return " ".join(parts + ([f"{self.name}-problem"] if self.problem else []))


def filled(
    fields: Iterable[FieldView], values: Mapping[str, str], problems: Mapping[str, str], *, language: str
) -> tuple[FieldView, ...]:
    """The same fields with what was typed, and beside each its problem (msgids of the domain `errors`)."""
    return tuple(
        field._replace(
            value=values.get(field.name, field.value),
            problem=translate(language, "errors", problems[field.name]) if field.name in problems else "",
        )
        for field in fields
    )


async def posted(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Dependency: the sent form as name to text; the first of equal names counts. Raises BadRequest."""
    return read_form(request.headers.get("content-type", ""), await request.body())


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The same of a body that has arrived.

    Only `application/x-www-form-urlencoded`. Raises BadRequest for anything else, bad UTF-8 or too many fields.
    """
    if not content_type.lower().startswith("application/x-www-form-urlencoded"):
        raise BadRequest
    try:
        text = body.decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError as error:
        raise BadRequest from error
    return dict(reversed(pairs))
