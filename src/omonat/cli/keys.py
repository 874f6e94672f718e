"""`omonat key`: API keys of programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omonat.cli.session import json_option, opened, print_json, print_table

if TYPE_CHECKING:
    from omonat.access import MadeKey
    from omonat.staff import Waiting


@click.group()
def key() -> None:
    """API keys: what a program may do at /api/v1. A secret is shown once, when it is made."""


@key.command()
@click.argument("name")
@click.option("--right", "rights", multiple=True, required=True, help="Such as collect; may be repeated.")
@click.option("--purpose", "purposes", multiple=True, help="For which values may be opened; may be repeated.")
@click.option("--origin", "origins", multiple=True, help="Of pages that may use it, such as https://www.example.uz.")
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True, help="How long it works.")
@click.option("--reason", default="", help="Why, for the second person where the key reaches far.")
@json_option
@click.pass_context
def add(
    ctx: click.Context, /, name: str, rights: tuple[str, ...], purposes: tuple[str, ...], origins: tuple[str, ...],
    days: int, reason: str, as_json: bool,
) -> None:  # fmt: skip
    """Make a key and show its secret, this once."""
    from omonat.access import KeyAsked

    with opened(ctx, "key.administer") as (omonat, _actor):
        asked = KeyAsked(name=name, rights=rights, purposes=purposes, origins=origins, days=days)
        made = omonat.api_keys.ask(omonat.actor(), asked, reason, omonat.clock.now())
    _print_made(made, as_json)


@key.command("list")
@json_option
@click.pass_context
def list_keys(ctx: click.Context, as_json: bool) -> None:
    """List all keys, revoked ones too."""
    with opened(ctx, "key.administer") as (omonat, _actor):
        now, found = omonat.clock.now(), omonat.api_keys.page(limit=1000)
    if as_json:
        print_json(found)
        return
    rows = (
        (one.name, one.prefix, sorted(one.granted.rights), "works" if one.works(now) else "ended", one.expires_at,
         one.last_used_on) for one in found
    )  # fmt: skip
    print_table(("name", "begins with", "rights", "state", "until", "last used"), rows, empty="There is no API key.")


@key.command()
@click.argument("name")
@click.option("--overlap", type=click.IntRange(0, 7), default=1, show_default=True, help="Days that the old one lasts.")
@click.option("--reason", default="", help="Why, for the second person where the key reaches far.")
@json_option
@click.pass_context
def rotate(ctx: click.Context, /, name: str, overlap: int, reason: str, as_json: bool) -> None:
    """Give a key a new secret and show it, this once."""
    with opened(ctx, "key.administer") as (omonat, _actor):
        held = omonat.api_keys.get_by_name(name)
        made = omonat.api_keys.ask_rotation(omonat.actor(), held.key_id, overlap, reason, omonat.clock.now())
    _print_made(made, as_json)


@key.command()
@click.argument("name")
@click.pass_context
def revoke(ctx: click.Context, name: str) -> None:
    """A key does nothing any more, at once."""
    with opened(ctx, "key.administer") as (omonat, _actor):
        held = omonat.api_keys.get_by_name(name)
        omonat.api_keys.revoke(omonat.actor(), held.key_id, omonat.clock.now())
    click.echo(f"Key {name} is revoked.")


@key.command()
@click.argument("name")
@json_option
@click.pass_context
def secret(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show the secret that a second person approved, this once."""
    with opened(ctx, "key.administer") as (omonat, _actor):
        held = omonat.api_keys.get_by_name(name)
        made = omonat.api_keys.issue(omonat.actor(), held.key_id, omonat.clock.now())
    _print_made(made, as_json)


def _print_made(made: MadeKey | Waiting, as_json: bool) -> None:
    from omonat.staff import Waiting

    if isinstance(made, Waiting):
        if as_json:
            print_json(made)
        else:
            click.echo(f"A second person has to approve it: {made.approval_id}. Then: omonat key secret NAME")
        return
    if as_json:
        print_json({"key": made.key, "secret": made.secret.reveal()})
        return
    click.echo(made.secret.reveal())
    click.echo(f"Key {made.key.name}, works until {made.key.expires_at:%Y-%m-%d}. It is not shown again.", err=True)
