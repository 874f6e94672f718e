"""The only place that imports msgspec for JSON, and the canonical byte forms that hashes are taken of."""

import threading
from typing import Any, TypeVar

import msgspec

Shape = TypeVar("Shape")


def to_json(value: object) -> bytes:
    """Compact JSON, UTF-8."""
    return msgspec.json.encode(value)


def to_canonical_json(value: object) -> bytes:
    """JSON with sorted keys and no spaces: equal values are equal bytes. Numbers must be integers.

    The field order of a struct is part of no format; a changed *name* is a changed hash. Texts are taken as they
    are: who hashes typed text normalises it before.
    """
    return msgspec.json.encode(value, order="sorted")


def from_json(data: bytes | str, shape: type[Shape]) -> Shape:
    """Parse and validate. Raises msgspec.DecodeError; its subclass ValidationError names the place."""
    _learn(shape)
    return msgspec.json.decode(data, type=shape)


def from_builtins(value: object, shape: type[Shape], **options: Any) -> Shape:
    """Plain dicts, lists and strings as a shape; `options` as of `msgspec.convert`. Raises msgspec.ValidationError."""
    _learn(shape)
    made: Shape = msgspec.convert(value, shape, **options)
    return made


_learning, _learnt = threading.Lock(), set[object]()


def _learn(shape: object) -> None:
    """msgspec learns a type at its first use, and threads that do so at the same moment end the process."""
    if shape not in _learnt:
        with _learning:
            msgspec.json.Decoder(shape)
            _learnt.add(shape)


def json_reader(shape: type[Shape]) -> msgspec.json.Decoder[Shape]:
    """A reader that is made once and used for very many values: `reader.decode(data)`, as `from_json`."""
    _learn(shape)
    return msgspec.json.Decoder(shape)


def to_builtins(value: object) -> Any:
    """Structs, dates and ids as plain dicts, lists and strings."""
    return msgspec.to_builtins(value)


_LENGTHS = [length.to_bytes(4) for length in range(256)]


def length_prefixed(*parts: bytes) -> bytes:
    """Each part behind its length in four bytes, big-endian, so that no two lists of parts share bytes.

    Wire format of associated data and commitments: never reorder what callers pass.
    """
    try:
        return b"".join([_LENGTHS[len(part)] + part for part in parts])
    except IndexError:  # a longer one
        return b"".join([len(part).to_bytes(4) + part for part in parts])
