"""`omonat keys`: the key-encryption key, its epochs, its rotation, and moving to another provider."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from omonat.cli.session import json_option, opened, print_json, print_table, progress

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.keystore import Epoch


@click.group()
def keys() -> None:
    """The key-encryption key: under which keys lie, and how to change it. docs/operate-keys.md"""


@keys.command("status")
@json_option
@click.pass_context
def show_epochs(ctx: click.Context, as_json: bool) -> None:
    """Every epoch of the key-encryption key, and how far a rotation has come."""
    from omonat.keystore import unfinished

    with opened(ctx, "backup") as (omonat, _actor):
        known = omonat.keystore.epochs()
        half_done = unfinished(known)
        left = omonat.rotation().left() if half_done else 0
    if as_json:
        print_json({"epochs": known, "rotating": half_done is not None, "left": left})
        return
    heads = ("epoch", "key", "since", "moved", "retired", "destroyed")
    print_table(heads, map(_row, known), empty="There are no epochs yet: run omonat init again.")
    if half_done:
        click.echo(f"Half done: {left} keys lie under an older key. Go on with: omonat keys rotate")


def _row(epoch: Epoch) -> tuple[object, ...]:
    moved = epoch.rewrapped_subjects + epoch.rewrapped_secrets
    return (epoch.number, epoch.key_id, epoch.began_at, moved or "", epoch.retired_at, epoch.destroyed_at)


@keys.command("rotate")
@click.option(
    "--batch", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Keys that are moved in one unit."
)
@click.option("--reason", default="planned", show_default=True, help="Why; the second person reads it.")
@click.option("--approval", type=click.UUID, metavar="ID", help="The approval of this rotation.")
@json_option
@click.pass_context
def rotate(ctx: click.Context, batch: int, reason: str, approval: UUID | None, as_json: bool) -> None:
    """Put all keys under a new key-encryption key, then end the old one; the server may run.

    With a file, the new key is made here. With another provider, rotate its key there first, or name another in
    [key_provider] and the old one in [[old_key_provider]]: that is also how to move to another provider. Whatever
    stops it, run it again: it goes on where it was. Where another account may do this, too, it has to approve first
    (omonat approval); then repeat the command with --approval.
    """
    with opened(ctx, "backup") as (omonat, _actor):
        if not _may_begin(ctx, omonat, reason, approval):
            return
        rotation = omonat.rotation()
        with progress("Moving keys", total=rotation.left()) as done:
            ended = rotation.run(batch=batch, progress=done)
    if as_json:
        print_json(ended)
        return
    epoch = ended.epoch
    click.echo(
        f"Epoch {epoch.number}: {epoch.rewrapped_subjects} people's keys and {epoch.rewrapped_secrets} secrets lie "
        f"under {epoch.key_id}."
    )
    for advice in ended.to_do:
        click.secho(f"To do: {advice}", err=True)
    if not ended.scrubbed:
        click.secho("A reader kept old bytes in the log of the key store; omonat serve scrubs them.", err=True)
    click.echo("Make a new backup of the keys now. Older ones that hold their key file still open; let them end.")


def _may_begin(ctx: click.Context, omonat: Omonat, reason: str, approval: UUID | None) -> bool:
    """A rotation that is half done was approved when it began; a new one is a matter for two (clause 6.2)."""
    from omonat.cli.approval import waits
    from omonat.keystore import unfinished

    if unfinished(omonat.keystore.epochs()):
        return True
    account, now = omonat.actor(), omonat.clock.now()
    if approval is not None:
        omonat.approvals.take_up(account, approval, "rotate_keys", {}, now)
        return True
    return not waits(ctx, omonat.approvals.act(account, "rotate_keys", {}, reason, now))
