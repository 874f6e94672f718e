"""`omonat backup` and `restore`."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omonat.cli.session import confirmed, json_option, opened, print_json, progress

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.backup import BackupReport, Kind, Repeated, Saved
    from omonat.kernel.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)
THERE = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command()
@click.option("--to", type=FOLDER, help="A new folder for the data.")
@click.option("--keys-to", type=FOLDER, help="A new folder for the keys, in another place.")
@click.option("--into", type=FOLDER, help="Instead: a store of backups of the data; only what changed is written.")
@click.option("--keys-into", type=FOLDER, help="The same for the keys, in another place.")
@json_option
@click.pass_context
def backup(
    ctx: click.Context, to: Path | None, keys_to: Path | None, *, into: Path | None, keys_into: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Copy the data, and apart from it the keys; the server may run.

    Without the keys the data opens nothing, so keep both, in two places, and keep the keys' copies for a short time
    only: docs/operate.md. What was destroyed is named outside of both and stays destroyed after a restore. A store
    drops what is older than the days of [backups].
    """
    from omonat.backup import back_up, back_up_into

    if (to is None) == (into is None) or (keys_to and into) or (keys_into and to):
        raise click.UsageError("Name either --to and --keys-to, new folders, or --into and --keys-into, stores.")
    made: BackupReport | Repeated
    with opened(ctx, "backup") as (omonat, _actor), progress("Copying") as done:
        now, told = omonat.clock.now(), lambda n, _total: done(n)
        if to is not None:
            made = back_up(omonat.settings, to, keys_to, now=now, progress=told)
        elif into is not None:
            made = back_up_into(omonat.settings, into, keys_into, now=now, progress=told)
    if as_json:
        print_json(made)
    else:
        _print_made(made, into, keys_into)


def _print_made(made: BackupReport | Repeated, into: Path | None, keys_into: Path | None) -> None:
    from omonat.backup import Repeated

    if isinstance(made, Repeated):
        if into is not None:
            _print_saved(into, keys_into, made)
    else:
        click.echo(f"The data is in {made.data}, checked.")
        if made.keys:
            click.echo(f"The keys are in {made.keys}, checked. Move them to another place than the data.")
    if made.keys is None:
        click.secho("The keys were not copied: without them this data opens nothing.", err=True)


def _print_saved(into: Path, keys_into: Path | None, report: Repeated) -> None:
    def said(what: str, place: Path, saved: Saved) -> None:
        new = f"{saved.bytes_written:,} of {saved.bytes_total:,} bytes were new"
        gone = f"; {saved.dropped} older dropped" if saved.dropped else ""
        click.echo(f"The {what} in {place}: set {saved.name}, checked; {new}{gone}.")

    said("data is", into, report.data)
    if keys_into and report.keys:
        said("keys are", keys_into, report.keys)


@click.command()
@click.option("--from", "source", type=THERE, help="Folder of a backup of the data, or a store of them.")
@click.option("--keys-from", type=THERE, help="The same for the keys, when they are lost, too.")
@click.option("--set", "name", help="Of a store: which set [default: the newest].")
@click.option("--keys-set", help="Of a store of keys: which set [default: the newest].")
@click.option("--in-place", is_flag=True, help="Older databases were put back by other means: do the rest.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def restore(
    ctx: click.Context, source: Path | None, keys_from: Path | None, *, name: str | None, keys_set: str | None,
    in_place: bool, yes: bool,
) -> None:  # fmt: skip
    """Put a backup back, then destroy again what was destroyed since it was made.

    The server must not run. Says how many destructions were carried out again, and enters the restore into the
    ledger. Consents withdrawn since the backup come back as they were then: docs/operate.md.
    """
    from omonat.backup import begin_restore, put_back, stopped
    from omonat.kernel.settings import read_settings

    if (source is None) != in_place or (in_place and keys_from):
        raise click.UsageError("Name a backup with --from, or say --in-place.")
    data: Path = ctx.find_root().obj
    with _archive("data", source, name, data) as archive, _archive("keys", keys_from, keys_set, data) as keys_archive:
        if archive:
            _bring_settings(data, archive)
        settings = read_settings(data)
        _refuse_without_keys(settings, keys_archive)
        confirmed(f"Replace what {data} holds by the backup in {source}?" if source else f"Finish {data}?", yes=yes)
        with stopped(settings):
            if archive:
                put_back(settings, archive, keys_archive)
            else:
                begin_restore(settings)
            _finish(data, archive)
    if not (settings.ledger / "tombstones").exists():
        click.secho("No list of destructions is left here: what was destroyed since then may be back.", err=True)


@contextmanager
def _archive(kind: Kind, place: Path | None, name: str | None, data: Path) -> Iterator[Path | None]:
    """The archive itself; of a store one of its sets, brought out beside the data while it is needed."""
    from omonat.backup import BlockStore, holds_sets

    if place is None or not holds_sets(place):
        yield place
        return
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=data) as folder:
        target = Path(folder) / "archive"
        BlockStore(place, kind).bring_out(name, target)
        yield target


def _refuse_without_keys(settings: Settings, keys_archive: Path | None) -> None:
    from omonat.crypto import key_files

    if keys_archive is None and settings.key_file and not key_files(settings.key_file):
        raise click.UsageError("The keys are missing, too: name their backup with --keys-from.")


def _finish(data: Path, archive: Path | None) -> None:
    from omonat.app import Omonat
    from omonat.backup import finish_restore
    from omonat.cli.installation import make_keys_and_tables
    from omonat.kernel.settings import read_settings
    from omonat.keystore import unused_files

    make_keys_and_tables(data)
    made_at = _made_at(archive) if archive else None
    former = _renew_origin(data)
    omonat = Omonat(read_settings(data))
    try:
        facts: dict[str, object] = {"actor": _actor(omonat), "backup_of": made_at.isoformat() if made_at else ""}
        with progress("Destroying again") as done:
            found = finish_restore(omonat, facts=facts, former=former, progress=done)
        older = unused_files(omonat.keystore.epochs(), omonat.settings.keys)
    finally:
        omonat.close()
    _say(made_at, found.again, found.lost)
    if former:
        what = f"The files of the ledger {former} are lost, so it goes on as {omonat.settings.origin}: tell whoever"
        click.secho(f"{what} watches it. Its first entries are the same, and it cites the former one.", err=True)
    if older:
        what = f"These keys are older than {', '.join(older)}: a key that a rotation had ended is in use again."
        click.secho(f"{what} Look with omonat doctor, then run: omonat keys rotate", err=True)


def _say(made_at: datetime | None, again: int, lost: int) -> None:
    from omonat.cli.session import shown

    what = f"The backup of {shown(made_at)} is in place." if made_at else "The databases are taken over."
    click.echo(f"{what} Destroyed again: {again}.")
    if lost:
        click.echo(f"Entries of the ledger that are known only by their hash now: {lost}.")


def _actor(omonat: Omonat) -> str:
    """Of the ledger entry: the account that is in what came back, if there is one."""
    from omonat.kernel.errors import NotAllowed

    try:
        return omonat.actor().actor
    except NotAllowed:
        return "system:restore"


def _renew_origin(data: Path) -> str:
    """A ledger whose files are lost gets a new name: two trees of one size under one name would be a lie.

    Returns the former name; empty where the files are there, or no ledger was begun.
    """
    import json
    import re

    from omonat.backup import lost_ledger
    from omonat.kernel.settings import FILE_NAME, read_settings

    settings = read_settings(data)
    if not lost_ledger(settings):
        return ""
    path, stamp = data / FILE_NAME, f"{datetime.now().astimezone():%Y%m%d%H%M%S}"
    origin = re.sub(r"/again-\d+$", "", settings.origin) + f"/again-{stamp}"
    lines = [line for line in path.read_text("utf-8").splitlines() if not re.match(r"\s*origin\s*=", line)]
    fresh = path.with_name(path.name + ".new")
    fresh.touch(mode=0o600)
    fresh.write_text("\n".join([f"origin = {json.dumps(origin)}", *lines]) + "\n", "utf-8")
    fresh.replace(path)
    return settings.origin


def _bring_settings(data: Path, source: Path) -> None:
    """Onto an empty machine: the settings of the backup; their key folder is made, too."""
    from omonat.cli.session import write_private
    from omonat.kernel.settings import FILE_NAME, read_settings

    if (data / FILE_NAME).exists() or not (source / FILE_NAME).exists():
        return
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(data / FILE_NAME, (source / FILE_NAME).read_bytes())
    settings = read_settings(data)
    for folder in (settings.keys, settings.ledger):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _made_at(archive: Path) -> datetime:
    import json

    return datetime.fromisoformat(json.loads((archive / "manifest.json").read_text("utf-8"))["made_at"])
