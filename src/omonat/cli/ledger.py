"""`omonat ledger`: check its files without the database, witness a ledger from outside, keep cosignatures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from omonat.cli.inspection import print_report
from omonat.cli.session import confirmed, json_option, opened, print_json, progress, write_private

if TYPE_CHECKING:
    from omonat.ledger import VerifierKey
    from omonat.ledger.tiles import TileReader

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LARGEST_NOTE = 1_000_000


@click.group()
def ledger() -> None:
    """The ledger's files, and those who watch it from outside. `omonat verify` checks the events, too."""


@ledger.command("vkey")
@click.pass_context
def print_vkey(ctx: click.Context) -> None:
    """Print the verifier key of this ledger, as `/ledger/vkey` serves it. Keep it elsewhere, with a checkpoint."""
    with opened(ctx, "ledger.verify") as (omonat, _actor):
        click.echo(omonat.verifier_key().text())


@ledger.command("fsck")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--vkey", type=FILE, help="File with the verifier key; needed for a FOLDER.")
@click.option("--checkpoint", type=FILE, help="An older signed checkpoint that was kept elsewhere.")
@json_option
@click.pass_context
def check_files(
    ctx: click.Context, folder: Path | None, vkey: Path | None, checkpoint: Path | None, as_json: bool
) -> None:
    """Recompute the tree from the files in FOLDER alone, such as a copy made elsewhere; no database is opened.

    Without FOLDER, the folder of this installation, whose own key counts unless --vkey names another.
    Exit code 1: something is not as it was signed.
    """
    from omonat.ledger import fsck

    if folder is not None and vkey is None:
        raise click.UsageError("Name the file with the verifier key, too: --vkey FILE.")
    place, key = _place_and_key(ctx, folder, vkey)
    old = checkpoint.read_bytes() if checkpoint else None
    with progress("Recomputing") as done:
        report = fsck(place, key, old_checkpoint=old, progress=lambda n, _total: done(n))
    if as_json:
        print_json(report.facts())
    else:
        print_report(report)
    ctx.exit(0 if report.ok else 1)


def _place_and_key(ctx: click.Context, folder: Path | None, vkey: Path | None) -> tuple[Path, VerifierKey]:
    from omonat.kernel.settings import read_settings

    if vkey is not None:
        return folder or read_settings(ctx.find_root().obj).ledger, _key_in(vkey)
    with opened(ctx, "ledger.verify") as (omonat, _actor):
        return omonat.settings.ledger, omonat.verifier_key()


def _key_in(path: Path) -> VerifierKey:
    from omonat.ledger import BadNote, read_verifier_key

    try:
        return read_verifier_key(path.read_text("utf-8"))
    except (BadNote, UnicodeDecodeError) as error:
        raise click.UsageError(f"{path} holds no verifier key of a ledger: {error}.") from None


@ledger.command("rebuild")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def rebuild(ctx: click.Context, yes: bool) -> None:
    """Make the lost files of the ledger again from the events in the database.

    Only when the database is not an older copy: after a restore without these files, `omonat restore` gives the
    ledger a new name instead. Harmless where the files are there.
    """
    question = "Is this the newest database, with no event lost? Two trees of one size would never be believed again."
    with opened(ctx, "backup") as (omonat, _actor):
        confirmed(question, yes=yes)
        size = omonat.sequencer().rebuild(omonat.clock.now())
        omonat.sequencer().release(omonat.clock.now())
    click.echo(f"The tree has {size} entries. Compare it with a checkpoint kept elsewhere: omonat verify --checkpoint")


# --- witnesses ------------------------------------------------------------------------------------------------------


@ledger.group()
def witness() -> None:
    """Watch a ledger from another machine, with a key of your own. Needs no installation."""


@witness.command("init")
@click.option("--key", required=True, type=click.Path(dir_okay=False, path_type=Path), help="New file of the key.")
@click.option("--name", required=True, help="Name of the witness, such as witness.example.uz/one; no scheme.")
def make_key(key: Path, name: str) -> None:
    """Make the key of a witness and print its verifier key, which goes into the setting `witnesses` of the ledger."""
    from omonat.ledger import BadNote, WitnessKeyFile

    try:
        made = WitnessKeyFile.new(name)
    except BadNote as error:
        raise click.UsageError(f"--name: {error}.") from None
    write_private(key, made.text().encode())
    click.echo(made.public.text())


@witness.command("cosign")
@click.option("--log", "place", required=True, metavar="URL|FOLDER", help="The ledger: its /ledger address, or files.")
@click.option("--vkey", required=True, type=FILE, help="File with the ledger's verifier key.")
@click.option("--key", required=True, type=FILE, help="The key file of this witness.")
@click.option(
    "--state", required=True, type=click.Path(dir_okay=False, path_type=Path),
    help="What this witness saw last; made at the first run. Never lose it, never share it.",
)  # fmt: skip
def cosign(place: str, vkey: Path, key: Path, state: Path) -> None:
    """Fetch the checkpoint, check that it grew out of the last one seen, print it with a cosignature.

    Exit code 1: it did not, and nothing was cosigned; the refused checkpoint lies beside the state as evidence.
    """
    from omonat.kernel.clock import Clock
    from omonat.ledger import Witness, WitnessKeyFile

    mine = WitnessKeyFile.read(key)
    with _tree_at(place) as tree:
        found = Witness(mine.name, mine.signer, _key_in(vkey), state).cosign(tree, Clock().now())
    if found.before is None:
        click.echo("Seen for the first time: there was nothing to compare with.", err=True)
    else:
        click.echo(f"{found.head.size} entries begin with the {found.before.size} seen before.", err=True)
    click.echo(found.note.decode(), nl=False)


@contextmanager
def _tree_at(place: str) -> Iterator[TileReader]:
    if place.startswith(("http://", "https://")):
        from omonat.ledger.remote import TileSite

        with closing(TileSite(place)) as site:
            yield site
        return
    from omonat.ledger.tiles import TileFolder

    if not Path(place).is_dir():
        raise click.UsageError(f"--log: {place} is neither an address nor a folder.")
    yield TileFolder(Path(place))


@ledger.group()
def cosignatures() -> None:
    """What witnesses hand back."""


@cosignatures.command("add")
@click.argument("file", type=click.File("r", encoding="utf-8", errors="replace"))
@click.pass_context
def add(ctx: click.Context, file: IO[str]) -> None:
    """Keep the cosignatures under the checkpoint in FILE (- reads standard input), so that the ledger serves them.

    They count for witnesses in the setting `witnesses` only, and only while the tree begins with that checkpoint.
    """
    from omonat.kernel.errors import Misconfigured
    from omonat.ledger import BadNote, Cosignatures, cosigned_at, read_witness_keys

    text = file.read(LARGEST_NOTE + 1)
    with opened(ctx, "ledger.verify") as (omonat, _actor):
        try:
            witnesses = read_witness_keys(omonat.settings.witnesses)
        except BadNote as error:
            fix = "Put verifier keys there, as omonat ledger witness init prints them."
            raise Misconfigured(what=f"The setting witnesses cannot be read: {error}.", fix=fix) from None
        kept = Cosignatures(omonat.settings.ledger, omonat.verifier_key(), witnesses).add(text.encode())
    for line in kept.lines:
        click.echo(f"{line.name} cosigned {kept.head.size} entries at {cosigned_at(line):%Y-%m-%d %H:%M:%S} UTC.")
    if not kept.is_newest:
        click.echo("The ledger has grown since: /ledger/witnessed carries it, /ledger/checkpoint does not.")
