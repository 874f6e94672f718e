"""`omonat approval`: acts that wait for a second person, and deciding on them (clause 6.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import click

from omonat.cli.session import json_option, opened, print_json, print_table

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.staff import Approval, Done, Waiting

LATER = 4  # the exit code of what has to be tried again later


def waits(ctx: click.Context, outcome: Done | Waiting) -> bool:
    """Whether a second person is asked; says so, and sets the exit code of the command to LATER."""
    from omonat.staff import Waiting

    if not isinstance(outcome, Waiting):
        return False
    click.echo(f"A second person has to approve this: omonat approval approve {outcome.approval_id}", err=True)
    click.echo(f"It waits until {outcome.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
    ctx.exit(LATER)


def is_approved(
    ctx: click.Context, omonat: Omonat, kind: str, asked: dict[str, str], *, reason: str, approval: UUID | None
) -> bool:  # fmt: skip
    """Whether an act may be carried out here and now: approved, or nobody else could approve it.

    `approval`: the one that the command was repeated with; it is used up. Otherwise a second person is asked.
    """
    account, now = omonat.actor(), omonat.clock.now()
    if approval is not None:
        omonat.approvals.take_up(account, approval, kind, asked, now)
        return True
    return not waits(ctx, omonat.approvals.act(account, kind, asked, reason, now))


@click.group()
def approval() -> None:
    """Acts of weight that one person asked for and another has to approve."""


@approval.command("list")
@click.option("--all", "everything", is_flag=True, help="Decided ones, too.")
@json_option
@click.pass_context
def list_approvals(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List what waits and what your account may decide on."""
    with opened(ctx) as (omonat, _actor):
        now = omonat.clock.now()
        rights = omonat.actor().rights
        found = omonat.approvals.list(rights=rights, open_at=None if everything else now, limit=200)
    if as_json:
        print_json(found)
        return
    rows = ((one.approval_id, one.kind, one.state, one.asked_by, one.asked_at, one.reason) for one in found)
    print_table(("case", "act", "state", "asked by", "asked", "reason"), rows, empty="Nothing waits.")


@approval.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@click.option("--reason", default="", help="A remark.")
@click.pass_context
def approve(ctx: click.Context, approval_id: UUID, reason: str) -> None:
    """Say yes: it is carried out at once. Exit code 1: it could not be carried out."""
    with opened(ctx) as (omonat, _actor):
        decided = omonat.approvals.decide(
            omonat.actor(), approval_id, yes=True, reason=reason, now=omonat.clock.now()
        )  # fmt: skip
    click.echo(_told(decided))
    ctx.exit(1 if decided.state == "failed" else 0)


@approval.command()
@click.argument("approval_id", metavar="ID", type=click.UUID)
@click.option("--reason", required=True, help="Why not; whoever asked sees it.")
@click.pass_context
def refuse(ctx: click.Context, approval_id: UUID, reason: str) -> None:
    """Say no: nothing is carried out."""
    with opened(ctx) as (omonat, _actor):
        omonat.approvals.decide(omonat.actor(), approval_id, yes=False, reason=reason, now=omonat.clock.now())
    click.echo("Refused; nothing was carried out.")


def _told(decided: Approval) -> str:
    if decided.state == "failed":
        return f"Approved, but it failed: {decided.failed}. Repeat it on the page Approvals of the console."
    if decided.state == "approved":
        return f"Approved. Whoever asked repeats the command with --approval {decided.approval_id}"
    facts = ", ".join(f"{name} {value}" for name, value in decided.result.items())
    return f"Approved and carried out{f': {facts}' if facts else ''}."
