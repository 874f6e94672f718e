"""What every command shares: the opened installation, who acts, and how answers, progress and questions are shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.kernel.settings import Settings

ID_HEADS = ("case", "person", "hold", "record")  # a cut id is of no use: it is copied into the next command
WIDE = 250  # columns when nobody looks: programs read it, and lines are not cut

Command = TypeVar("Command", bound=Callable[..., Any])


@contextmanager
def opened(ctx: click.Context, *rights: str) -> Iterator[tuple[Omonat, str]]:
    """(the installation of `--data`, the actor). Raises NotAllowed unless the account has every right named."""
    from omonat.app import Omonat
    from omonat.kernel.settings import read_settings
    from omonat.staff import require

    settings = read_settings(ctx.find_root().obj)
    refuse_unfinished(settings)
    omonat = Omonat(settings)
    try:
        account = omonat.actor()
        for right in rights:
            require(account, right)
        yield omonat, account.actor
    finally:
        omonat.close()


def refuse_unfinished(settings: Settings) -> None:
    """Raises Misconfigured while a restore is half done: what was destroyed since the backup may be there."""
    from omonat.backup import is_unfinished
    from omonat.kernel.errors import Misconfigured

    if is_unfinished(settings):
        what = "A restore was interrupted, so what was destroyed since the backup may be back."
        raise Misconfigured(what=what, fix="Repeat: omonat restore --from FOLDER")


def json_option(command: Command) -> Command:
    """`--json`: the answer as JSON, for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(command)


def print_json(value: object) -> None:
    """Indented JSON on standard output; moments as RFC 3339, ids as text."""
    import msgspec

    from omonat.kernel.codec import to_json

    click.echo(msgspec.json.format(to_json(value), indent=2).decode())


def print_table(heads: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """A table for people; `empty` is said when there is no row."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head in heads:
        is_id = head in ID_HEADS
        table.add_column(head, no_wrap=is_id, min_width=36 if is_id else None)
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the number of rows is looked at below
        table.add_row(*(Text(shown(value)) for value in row))
    if count:
        console = Console()
        needed = sum(38 if head in ID_HEADS else 14 for head in heads)
        Console(width=max(console.width, needed) if sys.stdout.isatty() else WIDE).print(table)
    else:
        click.echo(empty)


def shown(value: object) -> str:
    """One value as people read it: days and moments of Tashkent, lists with commas, nothing as a dash."""
    from datetime import datetime

    from omonat.kernel.clock import TASHKENT

    if value is None or value == "":
        return "–"
    if isinstance(value, datetime):
        return value.astimezone(TASHKENT).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "–"
    return str(value)


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error that shows itself on a terminal only; call what it gives with the number done."""
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=total)
        yield lambda done: bar.update(task, completed=done)


def confirmed(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone, unless `--yes`. Raises Abort when the answer is no."""
    if not yes:
        click.confirm(question, abort=True, err=True)


def require_new(path: Path | None) -> None:
    """Before an act that is recorded or approved once. Raises UsageError when its file is there already."""
    if path is not None and path.exists():
        raise click.UsageError(f"{path} is there already; name a new file.")


def write_private(path: Path, content: bytes) -> None:
    """A new file of its owner, whole or not there. Raises UsageError when something is there already; DiskFull."""
    import os

    from omonat.kernel.disk import needing_space

    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.UsageError(f"{path} is there already; name a new file.") from None
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with needing_space(), os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except BaseException:
        path.unlink()
        raise
