"""The root command: what it imports, how errors become exit codes, that every command explains itself."""

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from omonat.cli.root import COMMANDS, omonat, run, told
from omonat.kernel.errors import Denied, InvalidInput, Misconfigured, Overloaded


def all_commands() -> Iterator[tuple[str, ...]]:
    ctx = click.Context(omonat)
    for name in COMMANDS:
        command = omonat.get_command(ctx, name)
        yield (name,)
        if isinstance(command, click.Group):
            yield from ((name, sub) for sub in command.list_commands(ctx))


@pytest.mark.parametrize("words", list(all_commands()), ids=" ".join)
def test_every_command_and_option_explains_itself(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    assert f"Usage: omonat {' '.join(words)}" in shown
    command: click.Command = omonat
    for word in words:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), word)
        assert found is not None
        command = found
    assert command.help
    unexplained = [one.name for one in command.params if isinstance(one, click.Option) and not one.help]
    assert not [name for name in unexplained if name not in {"file_format", "state", "channel", "help"}]


def test_help_loads_no_library_that_is_slow() -> None:
    code = "import sys; from omonat.cli.root import run; run(['--help']); print(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert not loaded & {"sqlalchemy", "litestar", "rich", "alembic", "dbos", "typst", "babel", "msgspec"}


def test_errors_become_exit_codes_and_advice(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(Denied(reasons="no_ground")) == 1
    assert told(InvalidInput({"name": "Write the name with letters."})) == 1
    assert told(Misconfigured(what="No key.", fix="Run: omonat init")) == 3
    assert told(Overloaded()) == 4
    said = capsys.readouterr().err
    assert "no_ground" in said and "name: Write the name" in said and "Run: omonat init" in said


def test_a_defect_tells_its_place_and_never_its_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMONAT_DEV", raising=False)
    assert told(ValueError("a.karimova@example.uz")) == 1
    said = capsys.readouterr().err
    assert "ValueError" in said and "karimova" not in said and "Traceback" not in said


def test_wrong_words_are_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["no-such-command"]) == 2
    assert run(["person", "show", "--no-such-option"]) == 2
    assert "no-such-command" in capsys.readouterr().err
