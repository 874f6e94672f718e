"""The root command: what there is, loaded only when it is called, and the one place where errors become exit codes."""

import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Installation": {
        "init": ("installation:init", "Make an installation: folders, keys, tables, first staff account."),
        "serve": ("serve:serve", "Serve the site and the portal, and work in the background."),
        "doctor": ("inspection:doctor", "What is wrong with this installation, and what to do."),
        "backup": ("backups:backup", "Copy the data, and apart from it the keys."),
        "restore": ("backups:restore", "Put a backup back; what was destroyed since stays destroyed."),
        "keys": ("rotation:keys", "The key-encryption key: its epochs, its rotation, moving to another provider."),
        "jobs": ("inspection:jobs", "Background jobs that were given up: list, repeat."),
        "staff": ("staff:staff", "Staff accounts: invite, add, list, block, links for signing in."),
        "key": ("keys:key", "API keys of programs: add, list, rotate, revoke."),
        "webhook": ("webhooks:webhook", "Connected systems that are told what happened: add, list, test."),
        "approval": ("approval:approval", "Acts that wait for a second person: list, approve, refuse."),
        "demo": ("demo:demo", "Fill an empty folder with invented people and a month of events."),
    },
    "Policy": {
        "policy": ("policy:policy", "Check, show, compare, adopt and publish versions of the policy."),
    },
    "People": {
        "person": ("people:person", "Show, export, correct or erase what is held about a person."),
        "case": ("people:case", "What people demand: list, show, close."),
        "consent": ("consent:consent", "Consents: take over from a file, export with proofs, show a text."),
        "hold": ("retention:hold", "Laws that keep data longer: place, release, list."),
    },
    "Data leaving and ending": {
        "disclose": ("disclosure:disclose", "Give a person's data to a registered recipient."),
        "mailing": ("disclosure:mailing", "Who may be written to, as CSV."),
        "retention": ("retention:retention", "Destroy what has run out."),
    },
    "Proof and counts": {
        "verify": ("inspection:verify", "Recompute the ledger and say what it proves."),
        "ledger": ("ledger:ledger", "Check the ledger's files; witness a ledger and cosign it."),
        "stats": ("inspection:stats", "Visits of consenting visitors."),
    },
}
COMMANDS = {name: place for section in SECTIONS.values() for name, (place, _help) in section.items()}
DEFAULT_DATA = Path("var/run")

EPILOG = """\b
Examples:
  omonat init --data var/run --keys var/keys --policy policies/iptelefoniya
  omonat serve --dev
  omonat person show --email name@example.uz --purpose support --reason "call of 3 May"
  omonat retention sweep --dry-run

\b
Exit codes: 0 done · 1 refused, or something was found · 2 wrong usage
            3 not set up · 4 temporary, try again.     More: docs/cli.md
"""


class LazyGroup(click.Group):
    """Commands by name; a command's module is imported when it is called, so that the program starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the sections."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command, or None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(f"omonat.cli.{module}"), attribute)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One list per section, without importing anything."""
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, text) for name, (_place, text) in commands.items()])


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--data", type=click.Path(file_okay=False, path_type=Path), envvar="OMONAT_DATA", default=DEFAULT_DATA,
    show_default=True, help="Folder of the installation (or OMONAT_DATA).",
)  # fmt: skip
@click.version_option(package_name="omonat", message="omonat %(version)s")
@click.pass_context
def omonat(ctx: click.Context, data: Path) -> None:
    """Omonat carries out a privacy policy: what the policy says is what happens, and anyone can check it."""
    ctx.obj = data


def run(words: Sequence[str]) -> int:
    """The whole program; returns the exit code. Errors become sentences on standard error, never a traceback."""
    os.umask(0o077)  # whatever this program writes is its owner's only
    try:
        answer = omonat.main(args=list(words), prog_name="omonat", standalone_mode=False)
        return answer if isinstance(answer, int) else 0
    except click.exceptions.Abort:
        click.echo("Stopped; nothing more was done.", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the boundary of the program: told by kind and place, for a text may hold a value
        if os.environ.get("OMONAT_DEV") == "1" and not isinstance(error, _expected()):
            raise
        return told(error)


def _expected() -> type[Exception]:
    from omonat.kernel.errors import OmonatError

    return OmonatError


def told(error: Exception) -> int:
    """Say what went wrong and what to do; returns the exit code."""
    from omonat.kernel.disk import is_disk_full
    from omonat.kernel.errors import DiskFull, InvalidInput, Misconfigured, OmonatError

    if is_disk_full(error):
        error = DiskFull()
    if not isinstance(error, OmonatError):
        return _told_unknown(error)
    click.secho(error.text(), fg="red", err=True)
    if isinstance(error, InvalidInput):
        for field, problem in error.problems.items():
            click.echo(f"  {field}: {problem}", err=True)
    click.echo(error.advice(), err=True)
    if isinstance(error, Misconfigured):
        return 3
    return 4 if error.temporary else 1


def _told_unknown(error: Exception) -> int:
    if type(error).__module__.startswith("sqlalchemy") and "OperationalError" in type(error).__name__:
        click.secho("The database cannot be reached, or is busy.", fg="red", err=True)
        click.echo("Look whether it runs and is not full: omonat doctor. Then try again.", err=True)
        return 4
    click.secho(f"The program failed ({type(error).__name__}).", fg="red", err=True)
    for frame in traceback.extract_tb(error.__traceback__)[-6:]:
        click.echo(f"  {Path(frame.filename).name}:{frame.lineno} in {frame.name}", err=True)
    click.echo("This is a defect. Report these lines: they hold no personal value.", err=True)
    return 1
