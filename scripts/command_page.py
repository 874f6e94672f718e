"""The commands in docs/cli.md, from their own help. `--write` puts them into the page: `make docs`."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from omonat.cli.root import SECTIONS, omonat

PAGE = Path(__file__).parents[1] / "docs" / "cli.md"
BEGIN, END = "<!-- commands: make docs -->\n", "<!-- end of commands -->\n"


def commands(command: click.Command, words: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command, or all in a group, with the words that call it."""
    if not isinstance(command, click.Group):
        yield words, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        if found := command.get_command(context, name):
            yield from commands(found, (*words, name))


def described(words: tuple[str, ...], command: click.Command) -> str:
    """One command in Markdown: what it does, then its usage and options as `--help` shows them."""
    context = click.Context(command, info_name=" ".join(words), terminal_width=100, max_content_width=100)
    formatter = context.make_formatter()
    command.format_usage(context, formatter)
    command.format_options(context, formatter)
    help_text = "\n".join(line.strip() for line in (command.help or "").replace("\b", "").strip().splitlines())
    return f"### {' '.join(words)}\n\n{help_text}\n\n```text\n{formatter.getvalue().strip()}\n```\n"


def all_commands() -> str:
    """Every command, by section."""
    parts = []
    for title, names in SECTIONS.items():
        parts.append(f"## {title}\n")
        for name in names:
            if found := omonat.get_command(click.Context(omonat), name):
                parts += [described(words, command) for words, command in commands(found, ("omonat", name))]
    return "\n".join(parts)


def page() -> str:
    """The page as it should be."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    return f"{before}{BEGIN}{all_commands()}{END}{rest.partition(END)[2]}"


def main() -> int:
    """Print the whole page, or write it."""
    if "--write" in sys.argv:
        PAGE.write_text(page(), "utf-8")
    else:
        print(page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
