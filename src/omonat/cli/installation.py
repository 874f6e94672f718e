"""`omonat init`, `backup` and `restore`."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from omonat.cli.session import confirmed, json_option, opened, print_json, progress

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.kernel.settings import Settings
    from omonat.storage import Database

FIRST_ROLES = ("administrator", "privacy_officer")
FOLDER = click.Path(file_okay=False, path_type=Path)


def user_name() -> str:
    """The name of the first account where none is given."""
    from omonat.staff import os_user

    return os_user()


def set_up(
    data: Path, keys: Path, *, admin: str, database: str, keys_database: str, base_url: str, key_provider: str = ""
) -> bool:
    """Make what an installation needs and lacks; safe to repeat. Returns whether it is new.

    Order: folders, key file, settings, tables, secrets, first account. Each is durable before the next needs it.
    """
    from omonat.app import Omonat
    from omonat.kernel.settings import FILE_NAME
    from omonat.staff import os_user

    _check_apart(data, keys)
    is_new = not (data / FILE_NAME).exists()
    if is_new:
        for folder in (data, keys, data / "ledger"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
        facts = {"database": database, "keys_database": keys_database, "base_url": base_url}
        _write_settings(data, keys, facts, key_provider)
    _make_keys_and_tables(data)
    omonat = Omonat.open(data)
    try:
        now = omonat.clock.now()
        omonat.keystore.create_secrets(now)
        if not omonat.staff.list():
            omonat.staff.add(admin, roles=FIRST_ROLES, os_user=os_user(), now=now)
        omonat.measures.seed(now)
    finally:
        omonat.close()
    return is_new


def _check_apart(data: Path, keys: Path) -> None:
    one, other = data.resolve(), keys.resolve()
    if one == other or one.is_relative_to(other) or other.is_relative_to(one):
        raise click.UsageError("The keys belong apart from the data: name a --keys folder outside of --data.")


def _write_settings(data: Path, keys: Path, given: dict[str, str], key_provider: str) -> None:
    from omonat.cli.session import write_private
    from omonat.kernel.settings import FILE_NAME

    facts = {
        "keys": str(keys.resolve()),
        **given,
        "origin": f"{urlsplit(given['base_url']).hostname or 'localhost'}/omonat",
    }
    lines = ["# Settings of this installation. What there is: docs/operate.md. Secrets do not belong here."]
    lines += [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in facts.items() if value]
    lines += ["", "[key_provider]", key_provider.strip()] if key_provider.strip() else []
    write_private(data / FILE_NAME, ("\n".join(lines) + "\n").encode())


def _make_keys_and_tables(data: Path) -> None:
    from omonat.kernel.settings import read_settings
    from omonat.storage import Database, data_tables, key_tables
    from omonat.storage.migrate import upgrade

    settings = read_settings(data)
    for url, tables in ((settings.keys_database_url, key_tables), (settings.database_url, data_tables)):
        database = Database(url, tables)
        try:
            upgrade(database)
            if tables is key_tables:
                _make_key_file(settings, database)
        finally:
            database.close()
    for file in (*settings.data.glob("*.db*"), *settings.keys.glob("*.db*")):
        file.chmod(0o600)


def _make_key_file(settings: "Settings", key_database: "Database") -> None:
    """Never for a key store that is in use: what another key has wrapped would be lost behind it."""
    from omonat.crypto import create_key_file, key_files
    from omonat.kernel.errors import Misconfigured
    from omonat.keystore import is_empty, present_key

    path = settings.key_file
    if path is None or key_files(path):
        return
    if is_empty(key_database):
        create_key_file(path)
    elif present_key(key_database).startswith("file:"):
        what = f"The key file {path} is missing, and the key store is in use."
        raise Misconfigured(what=what, fix="Put it back from the backup of the keys: omonat restore --keys-from FOLDER")


@click.command()
@click.option("--data", type=FOLDER, help="Folder for the data [default: that of omonat --data].")
@click.option("--keys", type=FOLDER, help="Folder for the keys, apart from the data [default: DATA-keys].")
@click.option("--policy", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Publish this folder.")
@click.option("--admin", default=user_name, show_default="your user name", help="Name of the first account.")
@click.option("--database", default="", metavar="URL", help="postgresql://... instead of SQLite in the data folder.")
@click.option("--keys-database", default="", metavar="URL", help="postgresql://... for the key store.")
@click.option("--base-url", default="http://localhost:8080", show_default=True, help="Address of the site.")
@click.option(
    "--key-provider",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    callback=lambda _ctx, _option, file: file.read() if file else "",
    help="Lines of [key_provider] for omonat.toml: who holds the key-encryption key [default: a file].",
)
@click.pass_context
def init(ctx: click.Context, /, data: Path | None, keys: Path | None, policy: Path | None, **given: str) -> None:
    """Make an installation: folders, keys, tables, secrets, and a staff account that is your operating-system user.

    Repeating it is harmless: it makes what is missing and brings the tables to the newest schema.
    """
    data = ctx.find_root().obj = data or ctx.find_root().obj
    keys = keys or data.with_name(data.name + "-keys")
    is_new = set_up(data, keys, **given)
    click.echo(f"Made an installation in {data}." if is_new else f"There is an installation in {data}; it is complete.")
    with opened(ctx) as (omonat, _actor):
        if policy is not None:
            _publish_first(omonat, policy)
        if omonat.policies.find_in_force() is None:
            click.echo(f"Next: omonat --data {data} policy publish FOLDER --reason TEXT")
        else:
            click.echo(f"Next: omonat --data {data} serve --dev")
        _print_first_link(omonat)


def _print_first_link(omonat: "Omonat") -> None:
    from omonat.cli.staff import print_link

    made = omonat.first_link()
    if made is not None:
        click.echo(f"The console, for {made.account.name}:")
        print_link(omonat.settings.base_url, made)


def _publish_first(omonat: "Omonat", folder: Path) -> None:
    if omonat.policies.find_in_force() is not None:
        click.echo("A policy is in force already; the folder was not published.")
        return
    version = omonat.policies.publish(folder, author=omonat.actor(), reason="first publication", now=omonat.clock.now())
    click.echo(f"Version {version.number} of the policy is in force.")


# --- backup and restore ---------------------------------------------------------------------------------------------


@click.command()
@click.option("--to", required=True, type=FOLDER, help="A new folder for the data.")
@click.option("--keys-to", type=FOLDER, help="A new folder for the keys, in another place.")
@json_option
@click.pass_context
def backup(ctx: click.Context, to: Path, keys_to: Path | None, as_json: bool) -> None:
    """Copy the data, and apart from it the keys; the server may run.

    Without the keys the data opens nothing, so keep both, in two places, and keep the keys' copies for a short time
    only: docs/operate.md. What was destroyed is named outside of both and stays destroyed after a restore.
    """
    from omonat.backup import back_up

    with opened(ctx, "backup") as (omonat, _actor), progress("Copying") as done:
        report = back_up(omonat.settings, to, keys_to, now=omonat.clock.now(), progress=lambda n, _total: done(n))
    if as_json:
        print_json(report)
        return
    click.echo(f"The data is in {report.data}, checked.")
    if report.keys:
        click.echo(f"The keys are in {report.keys}, checked. Move them to another place than the data.")
    else:
        click.secho("The keys were not copied: --keys-to FOLDER. Without them this data opens nothing.", err=True)


@click.command()
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a backup of the data.",
)
@click.option(
    "--keys-from",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of a backup of the keys, when they are lost, too.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def restore(ctx: click.Context, source: Path, keys_from: Path | None, yes: bool) -> None:
    """Put a backup back, then destroy again what was destroyed since it was made.

    The server must not run. Consents withdrawn since the backup come back as they were then: docs/operate.md.
    """  # fmt: skip
    from omonat.app import Omonat
    from omonat.backup import finish_restore, put_back, stopped
    from omonat.crypto import key_files
    from omonat.kernel.settings import read_settings
    from omonat.keystore import unused_files

    data: Path = ctx.find_root().obj
    _bring_settings(data, source)
    settings = read_settings(data)
    if keys_from is None and settings.key_file and not key_files(settings.key_file):
        raise click.UsageError("The keys are missing, too: name their backup with --keys-from.")
    confirmed(f"Replace what {data} holds by the backup in {source}?", yes=yes)
    with stopped(settings), progress("Destroying again") as done:
        put_back(settings, source, keys_from)
        _make_keys_and_tables(data)
        omonat = Omonat(settings)
        try:
            again = finish_restore(omonat.settings, omonat.erasure, done)
            older = unused_files(omonat.keystore.epochs(), settings.keys)
        finally:
            omonat.close()
    click.echo(f"The backup of {_made_at(source)} is in place. Destroyed again: {again}.")
    if older:
        what = f"These keys are older than {', '.join(older)}: a key that a rotation had ended is in use again."
        click.secho(f"{what} Look with omonat doctor, then run: omonat keys rotate", err=True)
    if not (settings.ledger / "tombstones").exists():
        click.secho("No list of destructions is left here: what was destroyed since then may be back.", err=True)


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


def _made_at(source: Path) -> str:
    from omonat.cli.session import shown

    facts: dict[str, Any] = json.loads((source / "manifest.json").read_text("utf-8"))
    return shown(datetime.fromisoformat(facts["made_at"]))
