"""What exists is documented, and what is documented exists."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import msgspec
import pytest

from harness.places import REPOSITORY
from omonat.kernel.settings import AwsKms, OpenBao, Pkcs11, Settings, Sms, Smtp

DOCS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")])
SOURCES = sorted((REPOSITORY / "src").rglob("*.py"))


def project() -> dict[str, list[str]]:
    facts: dict[str, list[str]] = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    return facts


def direct_dependencies() -> list[str]:
    return [re.split(r"[<>=!~;\s]", line)[0] for line in project()["dependencies"]]


def said_in_docs(folder: str = "docs") -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted((REPOSITORY / folder).rglob("*.md")))


@pytest.mark.parametrize("name", direct_dependencies())
def test_every_dependency_says_why_it_is_here(name: str) -> None:
    page = (REPOSITORY / "docs" / "dependencies.md").read_text("utf-8")
    row = re.search(rf"^\| `{re.escape(name)}` \|(.*)\|$", page, re.MULTILINE)
    assert row, f"{name} has no row in docs/dependencies.md"
    cells = [cell.strip() for cell in row[1].split("|")]
    assert len(cells) == 5
    assert all(cells)


def test_no_row_is_left_of_a_dependency_that_went() -> None:
    page = (REPOSITORY / "docs" / "dependencies.md").read_text("utf-8")
    assert set(re.findall(r"^\| `([^`]+)` \|", page, re.MULTILINE)) == set(direct_dependencies())


def test_the_table_of_errors_is_that_of_the_code() -> None:
    script = REPOSITORY / "scripts" / "error_table.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    rows = done.stdout.splitlines()
    assert len(rows) > 10
    page = (REPOSITORY / "docs" / "errors.md").read_text("utf-8").splitlines()
    assert [row for row in rows if row not in page] == [], "run: make docs"
    assert [row for row in page if row.startswith("| `") and row not in rows] == [], "run: make docs"


def test_the_page_of_the_commands_is_that_of_their_help() -> None:
    script = REPOSITORY / "scripts" / "command_page.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert len(done.stdout.splitlines()) > 200
    assert done.stdout == (REPOSITORY / "docs" / "cli.md").read_text("utf-8"), "run: make docs"


def commands(command: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with the words that call it."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, (*words, name))


def every_command() -> list[tuple[tuple[str, ...], click.Command]]:
    return list(commands(import_module("omonat.cli.root").omonat))


def test_every_command_is_documented() -> None:
    page = said_in_docs()
    missing = [" ".join(words) for words, _ in every_command() if f"omonat {' '.join(words)}" not in page]
    assert not missing


def test_every_command_and_every_option_says_what_it_is_for() -> None:
    silent = []
    for words, command in every_command():
        if not command.help:
            silent.append(" ".join(words))
        for option in command.params:
            if isinstance(option, click.Option) and not option.hidden and not option.help:
                silent.append(f"{' '.join(words)} {option.opts[0]}")
    assert not silent


@pytest.mark.parametrize("kind", [Settings, Smtp, Sms, OpenBao, AwsKms, Pkcs11])
def test_every_setting_is_documented(kind: type[msgspec.Struct]) -> None:
    page = said_in_docs()
    facts = {"data"}  # where the file itself lies
    named = [name for name in kind.__struct_fields__ if re.search(rf"`{name}`|^{name}\s*=", page, re.MULTILINE)]
    assert set(kind.__struct_fields__) - facts - set(named) == set()


def test_every_variable_of_the_environment_is_documented() -> None:
    page = said_in_docs()
    used = {name for path in SOURCES for name in re.findall(r"\bOMONAT_[A-Z_]+\b", path.read_text("utf-8"))}
    assert used
    assert {name for name in used if name not in page} == set()


def test_every_area_is_on_the_map() -> None:
    page = (REPOSITORY / "docs" / "areas.md").read_text("utf-8")
    areas = [path.parent.name for path in (REPOSITORY / "src" / "omonat").glob("*/__init__.py")]
    assert [area for area in areas if f"`{area}" not in page] == []


@pytest.mark.parametrize("path", DOCS, ids=lambda path: str(path.relative_to(REPOSITORY)))
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```|`[^`]*`", "", path.read_text("utf-8"), flags=re.DOTALL)
    targets = [target.partition("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)]
    near = [target for target in targets if target and not re.match(r"[a-z]+:", target)]
    assert [target for target in near if not (path.parent / target).exists()] == []


def test_files_named_in_the_docs_exist() -> None:
    named = set(re.findall(r"`((?:docs|src|scripts|tests|bench|requirements|policies)/[\w./-]+\.\w+)`", said_in_docs()))
    assert [name for name in sorted(named) if not (REPOSITORY / name).exists()] == []


def test_the_readme_stays_short() -> None:
    assert len((REPOSITORY / "README.md").read_text("utf-8").splitlines()) <= 120


def test_every_make_target_says_what_it_does() -> None:
    text = (REPOSITORY / "Makefile").read_text("utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony
    for target in phony[1].split():
        assert re.search(rf"^{target}:.*## \w", text, re.MULTILINE), target
