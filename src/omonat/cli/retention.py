"""`omonat retention sweep` and `omonat hold`: terms that run out, and laws that keep data longer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import click

from omonat.cli.people import the_person, whose
from omonat.cli.session import json_option, opened, print_json, print_table, progress

if TYPE_CHECKING:
    from omonat.retention import SweepReport


@click.group()
def retention() -> None:
    """Terms of keeping."""


@retention.command()
@click.option("--dry-run", is_flag=True, help="Say what would be destroyed, destroy nothing.")
@json_option
@click.pass_context
def sweep(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Destroy everything whose term has run out, each with a certificate (clause 6.3). `serve` does it every night."""
    with opened(ctx, "retention.sweep") as (omonat, actor):
        now = omonat.clock.now()
        with progress("Destroying", omonat.retention.count_due(now)) as done:
            report = omonat.retention.sweep(now, actor, done, dry_run=dry_run)
    if as_json:
        print_json(report)
    else:
        _print_report(report)


def _print_report(report: SweepReport) -> None:
    verb = "Would destroy" if report.dry_run else "Destroyed"
    click.echo(f"{verb}: {report.records} records of {report.subjects} people; {report.whole_subjects} people wholly.")
    counts = (
        (report.consents_expired, "consents ran out"),
        (report.visitors, "visitors who will not come back"),
        (report.sign_in_rows, "old codes and sessions"),
        (report.submission_tokens, "old tokens of sent forms"),
        (report.visit_days, "old days of visits"),
        (report.visit_events, "old rows of visits"),
    )
    for count, words in counts:
        if count:
            click.echo(f"  {count} {words}")
    for held in report.held:
        click.echo(f"Kept by law {held.law} until {held.until_on}: {held.records} records of {held.subject_id}")
    for number in report.certificates:
        click.echo(f"Certificate {number}")


# --- holds ----------------------------------------------------------------------------------------------------------


@click.group()
def hold() -> None:
    """Laws that keep a person's data longer than its purpose does (clause 6.3). The person sees law and day."""


@hold.command()
@whose
@click.option("--law", required=True, metavar="KEY", help="Key of the hold in the rule pack, such as accounting.")
@click.option("--from", "start", required=True, type=click.DateTime(["%Y-%m-%d"]), help="First day of the term.")
@click.option("--purpose", help="Only what is held for this purpose.")
@click.option("--category", help="Only this category.")
@click.option("--reason", required=True, help="Which document or matter; the person sees it.")
@json_option
@click.pass_context
def place(
    ctx: click.Context,
    /,
    email: str | None,
    phone: str | None,
    subject: str | None,
    law: str,
    start: datetime,
    purpose: str | None,
    category: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Keep data until the law lets it go; the last day comes from the rule pack."""  # fmt: skip
    with opened(ctx, "retention.sweep") as (omonat, actor):
        placed = omonat.retention.holds.place(
            the_person(omonat, email, phone, subject), law, start.date(), purpose=purpose, category=category,
            actor=actor, reason=reason, now=omonat.clock.now(),
        )  # fmt: skip
    if as_json:
        print_json(placed)
    else:
        click.echo(f"Hold {placed.hold_id}: kept by {placed.law} until {placed.until_on}.")


@hold.command()
@click.argument("hold_id", metavar="HOLD", type=click.UUID)
@click.option("--reason", required=True, help="Why it may go before its day; kept with the approval.")
@click.pass_context
def release(ctx: click.Context, hold_id: UUID, reason: str) -> None:
    """End a hold before its day. What is due is destroyed by the next sweep.

    Where another account may release holds, too, it has to approve (omonat approval); then this ends with exit code 4.
    """
    from omonat.cli.approval import waits

    with opened(ctx, "hold.release") as (omonat, _actor):
        asked = {"hold": str(hold_id)}
        outcome = omonat.approvals.act(omonat.actor(), "release_hold", asked, reason, omonat.clock.now())
    if not waits(ctx, outcome):
        click.echo(f"Hold {hold_id} is released.")


@hold.command("list")
@click.option("--subject", metavar="ID", type=click.UUID, help="Only of this person.")
@click.option("--all", "released", is_flag=True, help="Released ones, too.")
@json_option
@click.pass_context
def list_holds(ctx: click.Context, subject: UUID | None, released: bool, as_json: bool) -> None:
    """List holds."""
    from omonat.kernel.ids import SubjectId

    with opened(ctx, "retention.sweep") as (omonat, _actor):
        found = omonat.retention.holds.list(SubjectId(subject) if subject else None, released=released)
    if as_json:
        print_json(found)
        return
    rows = (
        (one.hold_id, one.subject_id, one.purpose or "all", one.category or "all", one.law, one.until_on,
         one.released_at, one.reason) for one in found
    )  # fmt: skip
    heads = ("hold", "person", "purpose", "category", "law", "until", "released", "reason")
    print_table(heads, rows, empty="There is no hold.")
