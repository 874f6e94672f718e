"""`policy.toml` with line numbers: read statement by statement, so that all errors come at once, each with its line.

A TOML parser stops at the first error and forgets where keys were. Here the text is split into statements (a header,
or a key with its whole value), each is parsed by `tomllib`, and the tree is put together with the line of every key.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

Keys = tuple[str, ...]


class Finding(msgspec.Struct, frozen=True, order=True):
    """Something wrong in a policy folder: where, a stable code, what, and what to do about it."""

    file: str
    line: int
    code: str
    message: str
    what_to_do: str


class _Statement(msgspec.Struct, frozen=True):
    line: int
    text: str


class Source:
    """One TOML file: `tree` is what it says, `findings` are its own faults, `line` knows where each key stands."""

    def __init__(self, path: Path, text: str) -> None:
        self.file = str(path)
        self.tree: dict[str, Any] = {}
        self.findings: list[Finding] = []
        self._at: dict[Keys, _Statement] = {}
        self._headers: dict[Keys, int] = {}
        self._read(text)

    def line(self, keys: Keys, word: str | None = None) -> int:
        """The line of the key, or of its nearest parent that the file names; of `word` in a value of many lines."""
        for length in range(len(keys), 0, -1):
            found = self._at.get(keys[:length])
            if found is not None:
                return found.line + _line_within(found.text, word or keys[-1])
            if keys[:length] in self._headers:
                return self._headers[keys[:length]]
        return 1

    def finding(self, keys: Keys, code: str, message: str, what_to_do: str, *, word: str | None = None) -> Finding:
        """A finding at the line of `keys`."""
        return Finding(self.file, self.line(keys, word), code, message, what_to_do)

    def _read(self, text: str) -> None:
        table: Keys = ()
        for statement in _statements(text):
            if statement.text.startswith("["):
                table = self._open(statement)
            else:
                self._add(table, statement)

    def _open(self, statement: _Statement) -> Keys:
        parsed = self._parse(statement)
        if parsed is None or statement.text.startswith("[["):
            if parsed is not None:
                self._fault(statement, "syntax", "A list of tables is not used here", "Write [section.name].")
            return ("?", str(statement.line))
        table = _path(parsed)
        if table in self._headers:
            self._duplicate(statement, table, self._headers[table])
        self._headers.setdefault(table, statement.line)
        for length in range(1, len(table)):
            self._headers.setdefault(table[:length], statement.line)
        self._put(table, {}, statement)
        return table

    def _add(self, table: Keys, statement: _Statement) -> None:
        parsed = self._parse(statement)
        if parsed is not None:
            self._merge(table, parsed, statement)

    def _merge(self, base: Keys, value: dict[str, Any], statement: _Statement) -> None:
        for key, item in value.items():
            keys = (*base, key)
            if isinstance(item, dict):
                if keys not in self._headers:
                    self._at.setdefault(keys, statement)
                self._put(keys, {}, statement)
                self._merge(keys, item, statement)
            elif keys in self._at:
                self._duplicate(statement, keys, self._at[keys].line)
            else:
                self._at[keys] = statement
                self._put(keys, item, statement)

    def _put(self, keys: Keys, value: Any, statement: _Statement) -> None:
        place = self.tree
        for key in keys[:-1]:
            place = place.setdefault(key, {})
            if not isinstance(place, dict):
                self._fault(statement, "syntax", f"“{'.'.join(keys)}” is inside a value", "Use another name.")
                return
        if isinstance(value, dict):
            place.setdefault(keys[-1], {})
        else:
            place[keys[-1]] = value

    def _parse(self, statement: _Statement) -> dict[str, Any] | None:
        try:
            return tomllib.loads(statement.text)
        except tomllib.TOMLDecodeError as error:
            reason = str(error).split(" (at ")[0]
            self._fault(statement, "syntax", f"This is not TOML: {reason}", "Correct the line; see https://toml.io.")
            return None

    def _duplicate(self, statement: _Statement, keys: Keys, first: int) -> None:
        message = f"“{'.'.join(keys)}” stands here again; it was first written on line {first}"
        self._fault(statement, "duplicate", message, "Keep one of the two.")

    def _fault(self, statement: _Statement, code: str, message: str, what_to_do: str) -> None:
        self.findings.append(Finding(self.file, statement.line, code, message, what_to_do))


def _path(parsed: dict[str, Any]) -> Keys:
    keys: list[str] = []
    while parsed:
        key = next(iter(parsed))
        keys.append(key)
        parsed = parsed[key]
    return tuple(keys)


def _line_within(text: str, word: str) -> int:
    """How many lines below its first one a statement names `word`; 0 when it does not, or is one line."""
    lines = text.split("\n")
    return next((n for n, line in enumerate(lines) if f'"{word}"' in line or f"'{word}'" in line), 0)


def _statements(text: str) -> Iterator[_Statement]:
    """Headers and key-value pairs with their first line. A pair goes on while a bracket or a quote is open."""
    held: list[str] = []
    first, open_ = 1, _Open()
    for number, line in enumerate(text.split("\n"), 1):
        if not held and (not line.strip() or line.lstrip().startswith("#")):
            continue
        if not held:
            first = number
        held.append(line if held else line.lstrip())
        open_.feed(line, header=len(held) == 1 and line.lstrip().startswith("["))
        if not open_:
            yield _Statement(first, "\n".join(held))
            held = []
    if held:
        yield _Statement(first, "\n".join(held))


class _Open:
    """Which brackets and quotes are open after the lines fed so far."""

    def __init__(self) -> None:
        self._depth = 0
        self._quote = ""

    def __bool__(self) -> bool:
        return self._depth > 0 or bool(self._quote)

    def feed(self, line: str, *, header: bool) -> None:
        """Look at one more line."""
        if header:
            return
        at = 0
        while at < len(line):
            at = self._in_quote(line, at) if self._quote else self._outside(line, at)
        if len(self._quote) == 1:
            self._quote = ""  # a string of one line ends with it, even when its quote is missing

    def _in_quote(self, line: str, at: int) -> int:
        if line[at] == "\\" and self._quote[0] == '"':
            return at + 2
        if line.startswith(self._quote, at):
            at += len(self._quote)
            self._quote = ""
            return at
        return at + 1

    def _outside(self, line: str, at: int) -> int:
        letter = line[at]
        if letter == "#":
            return len(line)
        if letter in "\"'":
            self._quote = letter * 3 if line.startswith(letter * 3, at) else letter
            return at + len(self._quote)
        if letter in "[{":
            self._depth += 1
        elif letter in "]}":
            self._depth = max(0, self._depth - 1)
        return at + 1
