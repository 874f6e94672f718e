"""`omonat consent`: consents that the company already has, all consents with their proofs, the text behind a hash."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omonat.cli.approval import is_approved
from omonat.cli.session import json_option, opened, print_json, progress, require_new, write_private

if TYPE_CHECKING:
    from uuid import UUID


FILE = click.Path(dir_okay=False, path_type=Path)
_MOST_TOLD = 200


@click.group()
def consent() -> None:
    """Consents: take over, export with proofs, show the text behind a hash."""


@consent.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Look at every row; store nothing.")
@json_option
def import_consents(file: Path, dry_run: bool, as_json: bool) -> int:
    """Take over consents from a CSV file, each row with its proof (docs/consent.md names the columns).

    Rows that cannot be taken are told by line and code, without their values; the others are taken. Give the same file
    again after a stop or a correction: what was taken before changes nothing.
    """
    counts, wrong = Counter[str](), list[dict[str, object]]()
    from omonat.consent import rows_of

    with (
        opened(click.get_current_context(), "person.correct") as (omonat, actor),
        file.open(encoding="utf-8-sig", newline="") as source,
    ):
        now = omonat.clock.now()
        results = omonat.consent_import.take(rows_of(source), actor=actor, now=now, dry_run=dry_run)
        with progress("Importing") as done:
            for number, result in enumerate(results, 1):
                counts[result.outcome] += 1
                if result.outcome == "refused" and len(wrong) < _MOST_TOLD:
                    wrong.append({"line": result.line, "code": result.code})
                done(number)
    if as_json:
        print_json({**{word: counts[word] for word in ("taken", "known", "refused")}, "dry_run": dry_run,
                    "problems": wrong})  # fmt: skip
    else:
        for problem in wrong:
            click.echo(f"line {problem['line']}: {problem['code']}", err=True)
        taken = "would be taken" if dry_run else "taken"
        click.echo(f"{counts['taken']} {taken}, {counts['known']} taken before, {counts['refused']} refused.")
    return 1 if counts["refused"] else 0


@consent.command("export")
@click.option("--reason", required=True, help="What it is for; whoever approves it reads it.")
@click.option("--out", type=FILE, help="A new file [default: standard output].")
@click.option("--approval", type=click.UUID, metavar="ID", help="The approval of this export.")
@click.pass_context
def export(ctx: click.Context, reason: str, out: Path | None, approval: UUID | None) -> None:
    """Every consent with its evidence and its ledger entry, then each text, as JSON lines.

    It names people by their ids only. The SHA-256 of `entry.event` is `entry.hash`, which stands at `entry.position`
    of the public tree; the SHA-256 of a text is its hash. That it was exported is entered into the ledger, too. Where
    another account may export, too, it has to approve (omonat approval); then repeat the command with --approval.
    """
    from omonat.consent import EXPORT, EXPORT_RIGHT, export_consents
    from omonat.kernel.codec import to_json

    with opened(ctx, EXPORT_RIGHT) as (omonat, actor):
        require_new(out)
        if not is_approved(ctx, omonat, EXPORT, {}, reason=reason, approval=approval):
            return
        if out is not None:
            write_private(out, b"")
        count = 0
        with open(out, "a", encoding="utf-8") if out else nullcontext(sys.stdout) as target:
            lines = export_consents(omonat.database, omonat.ledger, actor=actor, now=omonat.clock.now())
            for count, line in enumerate(lines, 1):  # noqa: B007 - told below
                target.write(to_json(line).decode() + "\n")
    click.echo(f"{count} lines.", err=True)


@consent.command("show-text")
@click.argument("hash")
def show_text(hash: str) -> None:
    """The exact text that was shown, from the hash in a consent, a receipt or a form: byte for byte."""
    with opened(click.get_current_context()) as (omonat, _actor):
        click.echo(omonat.consents.get_text(hash.removeprefix("sha256:").lower()), nl=False)
