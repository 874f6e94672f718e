"""One call of a program: its key, its language, what it sent; pages of lists with signed cursors."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from omonat.access import ApiKey
from omonat.crypto import sign_field, verify_field
from omonat.kernel.codec import from_builtins
from omonat.kernel.errors import InvalidInput, NotAllowed
from omonat.kernel.language import wanted_language
from omonat.web.visit import AnyRequest, omonat_of

if TYPE_CHECKING:
    from omonat.app import Omonat

Row = TypeVar("Row")
Shape = TypeVar("Shape")

_CURSOR = "api-cursor:"
_BAD_CURSOR = "This cursor was not made by this list."


class Call:
    """What an operation knows of its caller. `idempotency`: the key that the caller gave this act, or empty."""

    def __init__(self, request: AnyRequest, key: ApiKey, operation_id: str, now: datetime) -> None:
        self.request, self.key, self.now = request, key, now
        self.operation_id = operation_id
        self.omonat: Omonat = omonat_of(request)
        self.idempotency = ""
        self.headers: dict[str, str] = {}

    @cached_property
    def language(self) -> str:
        """The language that the caller asks for."""
        return wanted_language(self.request.headers.get("accept-language", ""))

    @property
    def actor(self) -> str:
        """How journals and ledger name the key."""
        return self.key.actor

    def require_purpose(self, purpose: str) -> None:
        """Raises NotAllowed unless the key may open values for that purpose."""
        if purpose not in self.key.purposes:
            raise NotAllowed(right=f"purpose:{purpose}")

    # --- pages ----------------------------------------------------------------------------------------------------

    def after(self, cursor: str | None) -> str | None:
        """What a cursor of this list says. Raises InvalidInput for one that we did not sign for it."""
        if cursor is None:
            return None
        value = verify_field(self._field_key, _CURSOR + self.operation_id, cursor)
        if value is None:
            raise InvalidInput({"cursor": _BAD_CURSOR})
        return value.decode()

    def page(self, rows: Sequence[Row], limit: int, key: Callable[[Row], str]) -> tuple[Sequence[Row], str | None]:
        """(the rows to show, the cursor of the next page) of one row more than asked for; sets the Link header."""
        if len(rows) <= limit:
            return rows, None
        shown = rows[:limit]
        return shown, self.cursor(key(shown[-1]))

    def cursor(self, place: str) -> str:
        """The cursor of the page of this list that begins after `place`; sets the Link header."""
        cursor = sign_field(self._field_key, _CURSOR + self.operation_id, place.encode())
        said = {name: value for name, value in self.request.query_params.items() if name != "cursor"}
        address = f"{self.request.url.path}?{urlencode({**said, 'cursor': cursor})}"
        self.headers["Link"] = f'<{address}>; rel="next"'
        return cursor

    @property
    def _field_key(self) -> bytes:
        return self.omonat.keystore.secret("field")


def shaped(value: object, shape: type[Shape]) -> Shape:
    """A struct of a service as the API shows it: its fields by name, nothing that the shape does not list."""
    return from_builtins(value, shape, from_attributes=True)


def each_shaped(values: Sequence[Any], shape: type[Shape]) -> list[Shape]:
    """The same for a list."""
    return [shaped(value, shape) for value in values]
