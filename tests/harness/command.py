"""The command line inside this process: quick, for what needs many commands. Starting it for real: Installation.run."""

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

from omonat.cli.root import run


class Said(NamedTuple):
    """Exit code, standard output, standard error."""

    code: int
    out: str
    err: str


def omonat(*words: str | Path, data: Path | None = None, stdin: str = "") -> Said:
    """`omonat [--data DATA] words...` to its end, as a person who has set nothing."""
    place: Sequence[str | Path] = ["--data", data] if data else []
    before = os.umask(0o022)
    try:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err, _typing(stdin):
            code = run([str(word) for word in (*place, *words)])
    finally:
        os.umask(before)
    return Said(code, out.getvalue(), err.getvalue())


def done(*words: str | Path, data: Path, stdin: str = "") -> str:
    """The same, which must succeed; its standard output."""
    said = omonat(*words, data=data, stdin=stdin)
    assert said.code == 0, f"omonat {words} ended with {said.code}\n{said.out}{said.err}"
    return said.out


@contextmanager
def _typing(text: str) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.StringIO(text)
    try:
        yield
    finally:
        sys.stdin = before
