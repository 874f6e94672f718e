"""`omonat init`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from omonat.cli.session import opened

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
    make_keys_and_tables(data)
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


def make_keys_and_tables(data: Path) -> None:
    """The tables of both databases, and the key file of a new key store."""
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
