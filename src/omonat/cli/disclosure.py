"""`omonat disclose` and `omonat mailing`: personal data that leaves, or is used to write to people."""

from __future__ import annotations

import csv
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from omonat.cli.approval import is_approved
from omonat.cli.people import the_person, whose
from omonat.cli.session import json_option, opened, print_json, progress, require_new, shown, write_private

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from omonat.disclosure import MailingRow

_COLUMNS = ("subject", "channel", "address", "language", "list_unsubscribe", "preferences")
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@whose
@click.option("--recipient", "--to", "recipient", required=True, help="Id of a recipient that the policy registers.")
@click.option("--purpose", required=True, help="What it is disclosed for.")
@click.option("--category", "categories", multiple=True, help="Only this category; may be repeated.")
@click.option("--reason", required=True, help="Why; the person sees it.")
@click.option("--out", type=FILE, help="A new file for the package [default: disclosure-ID.json, here].")
@json_option
@click.pass_context
def disclose(
    ctx: click.Context,
    /,
    email: str | None,
    phone: str | None,
    subject: str | None,
    recipient: str,
    purpose: str,
    categories: tuple[str, ...],
    reason: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Give a person's data to a registered recipient, if the policy allows it (clause 5.1).

    It is journalled where the person sees it, and the person is told in writing within the term of the law.
    """  # fmt: skip
    with opened(ctx, "disclose") as (omonat, actor):
        require_new(out)
        subject_id = the_person(omonat, email, phone, subject)
        done = omonat.disclosures.disclose(
            subject_id, recipient, purpose, categories or None, actor=actor, reason=reason, now=omonat.clock.now()
        )
    target = out or Path(done.file_name)
    write_private(target, done.package)
    if as_json:
        facts = {"disclosure_id": done.disclosure_id, "notice_due_at": done.notice_due_at, "file": str(target)}
        print_json(facts)
        return
    click.echo(f"Disclosure {done.disclosure_id}. The package is in {target}: hand it over and delete it.")
    click.echo(f"The person is told by {shown(done.notice_due_at)}.")


@click.group()
def mailing() -> None:
    """Who may be written to."""


@mailing.command("list")
@click.option("--purpose", required=True, help="Such as news.")
@click.option("--channel", required=True, type=click.Choice(["email", "sms", "telegram"]), help="How it is sent.")
@click.option("--reason", required=True, help="What is going to be sent; each person sees it.")
@click.option("--out", type=FILE, help="A new file [default: standard output].")
@click.option("--approval", type=click.UUID, metavar="ID", help="The approval of this very list.")
@json_option
@click.pass_context
def list_people(
    ctx: click.Context, purpose: str, channel: str, reason: str, out: Path | None, approval: UUID | None, as_json: bool
) -> None:
    """List those who may be written to, as CSV: a standing consent for purpose and channel, and a proven address.

    The list is journalled for each of them. Use it at once and once: a consent may be withdrawn tomorrow. Where another
    account may draw lists, too, it has to approve (omonat approval); then repeat the command with --approval.
    """  # fmt: skip
    with opened(ctx, "mailing.list") as (omonat, actor):
        require_new(out)
        asked = {"purpose": purpose, "channel": channel}
        if not is_approved(ctx, omonat, "export_file", asked, reason=reason, approval=approval):
            return
        rows = omonat.disclosures.mailing(purpose, channel, actor=actor, reason=reason, now=omonat.clock.now())
        if as_json:
            print_json([_facts(row) for row in rows])
            return
        if out is not None:
            write_private(out, b"")
        with open(out, "a", encoding="utf-8") if out else nullcontext(sys.stdout) as target:
            count = _write(rows, target)
    click.echo(f"{count} people.", err=True)


def _write(rows: Iterator[MailingRow], target: TextIO) -> int:
    """Row by row, so that a long list needs no memory."""
    writer = csv.DictWriter(target, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    count = 0
    with progress("Listing") as done:
        for count, row in enumerate(rows, 1):
            writer.writerow(_facts(row))
            done(count)
    return count


def _facts(row: MailingRow) -> dict[str, str]:
    address = row.address.reveal()
    return {
        "subject": str(row.subject_id), "channel": row.channel, "address": address, "language": row.language,
        "list_unsubscribe": row.unsubscribe, "preferences": row.preferences,
    }  # fmt: skip
