"""The table of docs/errors.md, from the errors themselves. `--write` puts it into the file."""

import io
import sys
from contextlib import redirect_stderr
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import omonat
from omonat.cli.root import told
from omonat.kernel.errors import OmonatError
from omonat.web.problems import STATUS

PAGE = Path(__file__).parents[1] / "docs" / "errors.md"
BEGIN, END = "<!-- table: make docs -->\n", "<!-- end of table -->\n"


def all_errors() -> list[type[OmonatError]]:
    """Every error that the program knows, by code."""
    for module in walk_packages(omonat.__path__, "omonat."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    return sorted(_below(OmonatError), key=lambda kind: (kind.code, kind.__module__, kind.__qualname__))


def _below(kind: type[OmonatError]) -> set[type[OmonatError]]:
    return {kind}.union(*(_below(child) for child in kind.__subclasses__()))


def exit_code(kind: type[OmonatError]) -> int:
    """What the command line ends with."""
    error = kind.__new__(kind)
    OmonatError.__init__(error)
    vars(error).setdefault("problems", {})
    with redirect_stderr(io.StringIO()):
        return told(error)


def table() -> str:
    """One row per error, in Markdown."""
    lines = ["| code | when | it says | what to do | passes | HTTP | exit |", "|---|---|---|---|---|---|---|"]
    for kind in all_errors():
        when = " ".join((kind.__doc__ or "").split("\n\n")[0].split())
        numbers = f"{STATUS.get(kind.code, STATUS['internal'])} | {exit_code(kind)}"
        passes = "yes" if kind.temporary else "no"
        lines.append(f"| `{kind.code}` | {when} | {kind.message} | {kind.what_to_do} | {passes} | {numbers} |")
    return "\n".join(lines) + "\n"


def page_with_table() -> str:
    """The page as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}{table()}{END}{after}"


def main() -> int:
    """Print the table, or write it."""
    if "--write" in sys.argv:
        PAGE.write_text(page_with_table(), "utf-8")
    else:
        print(table(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
