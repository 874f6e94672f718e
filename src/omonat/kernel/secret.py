"""Values that must never be shown by accident: a personal value, a key, a code."""

from typing import Generic, NoReturn, TypeVar

Value = TypeVar("Value")


class Sealed(Generic[Value]):
    """Holds a value whose `repr` and `str` show nothing (clause 6.1). `reveal()` is the only way out."""

    __slots__ = ("_value",)

    def __init__(self, value: Value) -> None:
        self._value = value

    def reveal(self) -> Value:
        """The value itself. Every call is a place to look at in a review."""
        return self._value

    def __repr__(self) -> str:
        return "Sealed(…)"

    __str__ = __repr__

    def __reduce__(self) -> NoReturn:
        """Pickled, a value would lie in clear in whatever takes the bytes. Raises TypeError."""
        raise TypeError("a sealed value is not pickled")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sealed) and self._value == other._value

    def __hash__(self) -> int:
        return hash((Sealed, self._value))
