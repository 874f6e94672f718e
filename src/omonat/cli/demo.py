"""`omonat demo`: something to look at."""

from pathlib import Path

import click

from omonat.cli.installation import user_name
from omonat.cli.session import progress

FOLDER = click.Path(file_okay=False, path_type=Path)
PLACE = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--data", type=FOLDER, help="An empty folder [default: that of omonat --data].")
@click.option("--keys", type=FOLDER, help="Another empty folder [default: DATA-keys].")
@click.option("--policy", type=PLACE, default=Path("policies/iptelefoniya"), show_default=True, help="Policy to use.")
@click.option("--issued", type=click.Path(dir_okay=False, path_type=Path), help="Text of version 3.1, to adopt first.")
@click.option("--admin", default=user_name, show_default="your user name", help="Name of the first account.")
@click.pass_context
def demo(
    ctx: click.Context, data: Path | None, keys: Path | None, policy: Path, issued: Path | None, admin: str
) -> None:
    """Fill an EMPTY folder with invented people and a month of events, through the real doors.

    Nobody in it exists, and nothing is sent. Then: omonat --data DATA serve --dev
    """
    from omonat.app import Omonat
    from omonat.cli.installation import set_up
    from omonat.demo import DAYS, Month

    data = data or ctx.find_root().obj
    keys = keys or data.with_name(data.name + "-keys")
    for folder in (data, keys):
        if folder.exists() and any(folder.iterdir()):
            raise click.UsageError(f"{folder} is not empty; the demo is for a folder of its own.")
    set_up(data, keys, admin=admin, database="", keys_database="", base_url="http://localhost:8080")
    omonat = Omonat.open(data)
    try:
        with progress("A month passes", DAYS + 1) as done:
            month = Month(omonat, folder=policy, issued=issued or _issued_beside(policy))
            month.run(done)
        open_cases = len(omonat.rights.cases("open", 1000))
        someone = month.somebody()
    finally:
        omonat.close()
    click.echo(f"A month has passed in {data}; {open_cases} cases are open.")
    click.echo(f"Sign in as one of them: {someone}")
    click.echo(f"Next: omonat --data {data} serve --dev")


def _issued_beside(policy: Path) -> Path | None:
    """The text that the company issued, where it lies beside the checkout."""
    found = policy.resolve().parents[1].parent / "shared" / "policy-3.1.uz-Latn.md"
    return found if found.exists() else None
