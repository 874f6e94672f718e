"""Searching files for what must not be there, in every usual encoding."""

import base64
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

_WINDOW = 24


def encodings(content: bytes) -> dict[str, bytes]:
    """How bytes may lie in a file: as they are, hex, percent, base64 at its three alignments, base64url."""
    found = {
        "bytes": content,
        "hex": content.hex().encode(),
        "HEX": content.hex().upper().encode(),
        "percent": b"".join(b"%%%02X" % byte for byte in content),
        "percent, lower case": b"".join(b"%%%02x" % byte for byte in content),
    }
    for shift in range(3):
        for name, alphabet in (("base64", None), ("base64url", b"-_")):
            found[f"{name} at {shift}"] = _inner_base64(content, shift, alphabet)
    return found


def _inner_base64(content: bytes, shift: int, alphabet: bytes | None) -> bytes:
    """The letters that depend on `content` alone when `shift` other bytes stand before it."""
    encoded = base64.b64encode(b"\0" * shift + content, altchars=alphabet)
    start = -(-shift * 8 // 6)
    return encoded[start : (shift + len(content)) * 8 // 6]


def text_encodings(text: str) -> dict[str, bytes]:
    """The same for a text: in UTF-8 and both UTF-16, JSON-escaped, percent-encoded as in a URL."""
    found = {f"UTF-8, {name}": needle for name, needle in encodings(text.encode()).items()}
    for codec in ("utf-16-le", "utf-16-be"):
        found |= {f"{codec}, {name}": needle for name, needle in encodings(text.encode(codec)).items()}
    found["JSON"] = json.dumps(text)[1:-1].encode()
    found["URL"] = quote(text).encode()
    return found


def windows(content: bytes) -> Iterator[bytes]:
    """Pieces of sealed bytes: a long value lies in several pages of a database file."""
    for start in range(0, max(len(content) - _WINDOW, 0) + 1, _WINDOW):
        yield content[start : start + _WINDOW]


def needles_of_texts(texts: Iterable[str]) -> dict[bytes, str]:
    """What to search for, and how to name it in a report: never by itself."""
    return {
        needle: f"text {number} as {name}"
        for number, text in enumerate(texts)
        for name, needle in text_encodings(text).items()
    }


def needles_of_bytes(noted: Iterable[tuple[str, bytes]]) -> dict[bytes, str]:
    """The same for sealed values, keys, tags and salts, each with a name."""
    return {
        needle: f"{what} as {name}"
        for what, content in noted
        for piece in windows(content)
        for name, needle in encodings(piece).items()
    }


def search(files: Iterable[Path], needles: dict[bytes, str]) -> list[str]:
    """Where something was found: file, and what."""
    found = []
    for path in files:
        content = _read_if_there(path)
        found += [f"{path.name}: {what}" for needle, what in needles.items() if needle in content]
    return found


def _read_if_there(path: Path) -> bytes:
    """A running server may take a file away after it was listed, such as `-shm` of SQLite: then there is nothing in it.

    What a log that goes away moves into its database is seen all the same: the same search runs again after the stop.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
