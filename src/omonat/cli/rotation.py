"""`omonat keys`: the key-encryption key and its epochs, versions of compartment keys and index keys, their rotation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from omonat.cli.session import json_option, opened, print_json, print_table, progress

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.keystore import Chosen, Epoch
    from omonat.vault import IndexVersion, Retagged

_DATE = click.DateTime(["%Y-%m-%d"])


@click.group()
def keys() -> None:
    """Keys: under which others lie, how old they are, and how to change them. docs/operate-keys.md"""


@keys.command("status")
@json_option
@click.pass_context
def show_status(ctx: click.Context, as_json: bool) -> None:
    """Every epoch and version of the keys, their ages, and how far a rotation has come."""
    with opened(ctx, "backup") as (omonat, _actor):
        found = _status(omonat)
    if as_json:
        print_json(found)
        return
    heads = ("epoch", "key", "since", "moved", "retired", "destroyed")
    print_table(heads, map(_row, found["epochs"]), empty="There are no epochs yet: run omonat init again.")
    if found["rotating"]:
        click.echo(f"Half done: {found['left']} keys lie under an older key. Go on with: omonat keys rotate")
    index, parts = found["index"], found["compartments"]
    index_heads = ("index keys", "since", "written anew", "retired", "destroyed")
    print_table(index_heads, map(_version_row, index["versions"]), empty="")
    if index["rotating"]:
        click.echo(f"Half done: {index['left']} tags are of an older version. Go on with: omonat keys rotate --index")
    part_heads = ("purpose", "category", "keys", "oldest", "older versions", "replaced", "destroyed from")
    print_table(part_heads, map(_part_row, parts["parts"]), empty="There is no key of a compartment yet.")
    if parts["rotating"]:
        click.echo(f"Half done: {parts['left']} keys wait. Go on with: omonat keys rotate --compartments")


def _status(omonat: Omonat) -> dict[str, Any]:
    from omonat.keystore import unfinished

    known = omonat.keystore.epochs()
    half_done, resealing, retagging = unfinished(known), omonat.resealing, omonat.retagging
    index, rotation = retagging.find_unended(), resealing.find_unended()
    made = omonat.keystore.index_versions()
    moved = {one.version: one for one in retagging.versions()}
    versions = [
        {
            "version": number, "since": made.get(number), "retagged": moved[number].retagged if number in moved else 0,
            "retired": _retired(number, moved), "destroyed": number not in made,
        }
        for number in sorted({1, *made, *moved})
    ]  # fmt: skip
    parts = [
        {**part, "destroyed_from": part["replaced"] + resealing.older_live if part["replaced"] else None}
        for part in resealing.counts()
    ]
    return {
        "epochs": known, "rotating": half_done is not None, "left": omonat.rotation().left() if half_done else 0,
        "index": {"versions": versions, "rotating": index is not None, "left": retagging.left() if index else 0},
        "compartments": {
            "parts": parts, "rotating": rotation is not None, "left": resealing.left() if rotation else 0,
        },
    }  # fmt: skip


def _retired(number: int, moved: dict[int, IndexVersion]) -> datetime | None:
    """Since when the next version alone is in use."""
    newer = sorted(one for one in moved if one > number)
    return moved[newer[0]].retired_at if newer else None


def _row(epoch: Epoch) -> tuple[object, ...]:
    moved = epoch.rewrapped_subjects + epoch.rewrapped_secrets
    return (epoch.number, epoch.key_id, epoch.began_at, moved or "", epoch.retired_at, epoch.destroyed_at)


def _version_row(one: dict[str, Any]) -> tuple[object, ...]:
    return (one["version"], one["since"], one["retagged"] or "", one["retired"], "yes" if one["destroyed"] else "")


def _part_row(one: dict[str, Any]) -> tuple[object, ...]:
    names = ("purpose", "category", "keys", "oldest", "older", "replaced", "destroyed_from")
    return tuple(one[name] for name in names)


@keys.command("rotate")
@click.option("--compartments", "which", flag_value="compartments", help="New versions of the keys that seal values.")
@click.option("--index", "which", flag_value="index", help="A new version of the keys that identifiers are found by.")
@click.option("--purpose", default="", help="With --compartments: keys of this purpose only.")
@click.option("--category", default="", help="With --compartments: keys of this category only.")
@click.option("--made-before", type=_DATE, help="With --compartments: keys made before this day (UTC) only.")
@click.option(
    "--batch", default=200, show_default=True, type=click.IntRange(1, 10_000), help="Keys or people in one unit."
)
@click.option("--reason", default="planned", show_default=True, help="Why; the second person reads it.")
@click.option("--approval", type=click.UUID, metavar="ID", help="The approval of this rotation.")
@json_option
@click.pass_context
def rotate(
    ctx: click.Context, *, which: str | None, purpose: str, category: str, made_before: datetime | None, batch: int,
    reason: str, approval: UUID | None, as_json: bool,
) -> None:  # fmt: skip
    """Put all keys under a new key-encryption key, then end the old one; the server may run.

    With a file, the new key is made here. With another provider, rotate its key there first, or name another in
    [key_provider] and the old one in [[old_key_provider]]: that is also how to move to another provider.

    With --compartments, the keys that seal values get a new version instead, and the values are sealed anew. With
    --index, the keys by which e-mail addresses, phone and contract numbers are found. Whatever stops any of it, run it
    again: it goes on where it was. Where another account may do this, too, it has to approve first (omonat approval);
    then repeat the command with --approval.
    """
    from omonat.keystore import Chosen

    chosen = Chosen(purpose, category, made_before.replace(tzinfo=UTC) if made_before else None)
    if which != "compartments" and any(chosen):
        raise click.UsageError("--purpose, --category and --made-before go with --compartments.")
    with opened(ctx, "backup") as (omonat, _actor):
        if not _may_begin(ctx, omonat, which or "key", reason, approval):
            return
        if which == "compartments":
            _rotate_compartments(omonat, chosen, batch, as_json=as_json)
        elif which == "index":
            _rotate_index(omonat, batch, as_json=as_json)
        else:
            _rotate_key(omonat, batch, as_json=as_json)


def _rotate_compartments(omonat: Omonat, chosen: Chosen, batch: int, *, as_json: bool) -> None:
    with progress("Renewing keys", total=omonat.resealing.left(chosen)) as done:
        ended = omonat.resealing.run(chosen, batch=batch, progress=done)
    if as_json:
        print_json(ended)
        return
    click.echo(f"{ended.rotation.keys} keys have a new version; {ended.rotation.records} values were sealed anew.")
    days = omonat.resealing.older_live.days
    click.echo(f"Older versions open for {days} days more, for backups of the data; then the nightly sweep ends them.")
    click.echo("Make a new backup of the keys now: an older one does not open what was sealed since.")


def _rotate_index(omonat: Omonat, batch: int, *, as_json: bool) -> None:
    with progress("Writing tags anew", total=omonat.retagging.left()) as done:
        ended = omonat.retagging.run(batch=batch, progress=done)
    if as_json:
        print_json(ended)
        return
    click.echo(f"Version {ended.version} of the index keys: {ended.retagged} tags were written under it.")
    click.echo(_index_outcome(ended))
    click.echo("Make a new backup of the keys now, and one of the data.")


def _index_outcome(ended: Retagged) -> str:
    if ended.ended:
        return "Nothing lies under an older version; its keys are destroyed."
    if ended.left:
        return f"{ended.left} values could not be opened and keep their tags, and these the older keys: omonat doctor"
    return (
        f"The older keys go at {ended.waits_until:%H:%M} UTC, by omonat serve: codes asked for before count till then."
    )


def _rotate_key(omonat: Omonat, batch: int, *, as_json: bool) -> None:
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


def _may_begin(ctx: click.Context, omonat: Omonat, what: str, reason: str, approval: UUID | None) -> bool:
    """A rotation that is half done was approved when it began; a new one is a matter for two (clause 6.2)."""
    from omonat.cli.approval import is_approved

    return _is_half_done(omonat, what) or is_approved(
        ctx, omonat, "rotate_keys", {"what": what}, reason=reason, approval=approval
    )


def _is_half_done(omonat: Omonat, what: str) -> bool:
    from omonat.keystore import unfinished

    if what == "compartments":
        return omonat.resealing.find_unended() is not None
    if what == "index":
        return omonat.retagging.find_unended() is not None
    return unfinished(omonat.keystore.epochs()) is not None
