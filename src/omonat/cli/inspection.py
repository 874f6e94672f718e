"""`omonat doctor`, `verify` and `stats`: what is wrong, what is proven, what was counted."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omonat.cli.session import json_option, opened, print_json, print_table, progress

if TYPE_CHECKING:
    from omonat.ledger import Report, VerifierKey
    from omonat.receipts import Outcome
    from omonat.statistics import Share, Summary

DAY = click.DateTime(["%Y-%m-%d"])
_SIGNS = {"wrong": ("✗", "red"), "note": ("!", "yellow"), "good": ("✓", "green")}


@click.command()
@click.option(
    "--language", type=click.Choice(["uz-Latn", "uz-Cyrl", "ru", "en"]), default="en", show_default=True,
    help="The language of the answer.",
)  # fmt: skip
@json_option
@click.pass_context
def doctor(ctx: click.Context, language: str, as_json: bool) -> None:
    """Look for what is wrong with this installation, and say what to do. Exit code 1: something is."""
    from omonat.app import Omonat
    from omonat.doctor import examine, examine_files, failed
    from omonat.kernel.errors import OmonatError
    from omonat.kernel.settings import read_settings

    settings = read_settings(ctx.find_root().obj)
    findings = examine_files(settings, language)
    try:
        omonat = Omonat(settings)
        try:
            findings += examine(omonat, language)
        finally:
            omonat.close()
    except OmonatError as error:
        findings += [found.read(language) for found in failed("opens", error)]
    if as_json:
        print_json(findings)
    else:
        for found in findings:
            sign, colour = _SIGNS[found.state]
            click.echo(click.style(sign, fg=colour) + f" {found.check}: {found.what}")
            if found.what_to_do:
                click.echo(f"    {found.what_to_do}")
    ctx.exit(1 if any(found.state == "wrong" for found in findings) else 0)


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", help="With FILE: the key of the ledger (name+id+base64), or a file that holds it.")
@click.option(
    "--language", type=click.Choice(["uz-Latn", "uz-Cyrl", "ru", "en"]), default="en", show_default=True,
    help="With FILE: the language of the answer.",
)  # fmt: skip
@click.option(
    "--checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An older signed checkpoint that was kept elsewhere: only it shows a cut end.",
)  # fmt: skip
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Keep the checkpoint in a new file.")
@json_option
@click.pass_context
def verify(
    ctx: click.Context, file: Path | None, key: str | None, language: str, *, checkpoint: Path | None,
    save: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Recompute the whole ledger: nothing was changed, removed or reordered. Exit code 1: something was.

    Looks, too, whether databases, key store and the list of destructions are as they were written.

    With FILE, a receipt: check it by itself, with no installation and no database, and say what it proves and what
    not. Exit code 1: it does not hold, or no key was given.
    """
    if file is not None:
        if checkpoint or save:
            raise click.UsageError("--checkpoint and --save belong to the whole ledger, not to a receipt.")
        _verify_receipt(ctx, file, key, (language, as_json))
    elif key is not None:
        raise click.UsageError("--key belongs to a receipt: name its FILE, too.")
    else:
        _verify_ledger(ctx, checkpoint, save, as_json=as_json)


def _verify_receipt(ctx: click.Context, file: Path, key: str | None, shown: tuple[str, bool]) -> None:
    from omonat.receipts import verify_receipt

    language, as_json = shown
    outcome = verify_receipt(file.read_bytes(), _read_key(key) if key else None)
    if as_json:
        print_json(outcome.facts(language))
    else:
        _print_outcome(outcome, language)
    ctx.exit(0 if outcome.ok else 1)


def _read_key(key: str) -> VerifierKey:
    from omonat.ledger import BadNote, read_verifier_key

    path = Path(key)
    try:
        return read_verifier_key(path.read_text("utf-8") if path.is_file() else key)
    except (BadNote, UnicodeDecodeError, OSError):
        message = "this is no key of a ledger (name+id+base64), and no file that holds one."
        raise click.BadParameter(message, param_hint="--key") from None


def _print_outcome(outcome: Outcome, language: str) -> None:
    from omonat.receipts import headings

    words = headings(language)
    click.secho(words.holds if outcome.ok else words.does_not, fg="green" if outcome.ok else "red")
    for heading, colour, sentences in (
        ("", "red", outcome.findings), (words.proven, "green", outcome.proven),
        (words.not_proven, "yellow", outcome.not_proven),
    ):  # fmt: skip
        if heading and sentences:
            click.echo(heading)
        for one in sentences:
            click.echo(click.style("  • ", fg=colour) + one.text(language))


def _verify_ledger(ctx: click.Context, checkpoint: Path | None, save: Path | None, *, as_json: bool) -> None:
    from omonat.backup import verify_whole

    old = checkpoint.read_bytes() if checkpoint else None
    with opened(ctx, "ledger.verify") as (omonat, _actor), progress("Recomputing") as done:
        cores = len(os.sched_getaffinity(0))
        report = verify_whole(omonat, old_checkpoint=old, progress=lambda n, _total: done(n), cores=cores)
        head = omonat.sequencer().tiles.find_checkpoint()
    if save is not None and head is not None and report.ok:
        from omonat.cli.session import write_private

        write_private(save, head)
    if as_json:
        print_json(report.facts())
    else:
        print_report(report)
    ctx.exit(0 if report.ok else 1)


def print_report(report: Report) -> None:
    """The outcome of a check of the ledger, for people."""
    if report.ok:
        click.secho(f"The ledger is whole: {report.size} entries, {report.checked} recomputed.", fg="green")
        click.echo(f"Root {report.root or '–'}")
    else:
        click.secho(f"The ledger is not what was written: {report.found} findings.", fg="red")
    for found in report.findings:
        at = f" at {found.position}" if found.position is not None else ""
        click.echo(f"  {found.code}{at}: {found.message}")
    for unknown in report.unknowns:
        click.echo(f"Not known: {unknown}")


@click.group()
def jobs() -> None:
    """Background jobs that were given up, such as a notice that no channel took."""


@jobs.command("list")
@json_option
@click.pass_context
def list_jobs(ctx: click.Context, as_json: bool) -> None:
    """List what was given up, newest first. Exit code 1: there is something."""
    with opened(ctx, "retention.sweep") as (omonat, _actor), omonat.database.read() as tx:
        given_up = omonat.outbox.given_up(tx)
    if as_json:
        print_json(given_up)
    else:
        rows = ((job.business_key, job.kind, job.failed, job.done_at) for job in given_up)
        print_table(("job", "kind", "failed", "at"), rows, empty="No job was given up.")
    ctx.exit(1 if given_up else 0)


@jobs.command()
@click.argument("key", metavar="JOB")
@click.pass_context
def repeat(ctx: click.Context, key: str) -> None:
    """Make a job due again, once its cause is mended; `serve` runs it."""
    with opened(ctx, "retention.sweep") as (omonat, _actor):
        omonat.database.write(lambda tx: omonat.outbox.repeat(tx, key))
    click.echo(f"{key} is due again.")


@click.command()
@click.option("--from", "start", type=DAY, help="First day [default: 30 days ago].")
@click.option("--to", "end", type=DAY, help="Last day [default: today].")
@json_option
@click.pass_context
def stats(ctx: click.Context, start: datetime | None, end: datetime | None, as_json: bool) -> None:
    """Show visits of those who agreed to be counted (clause 8.1); nobody else is."""
    from omonat.kernel.clock import local_date

    with opened(ctx, "stats.read") as (omonat, _actor):
        to_on = end.date() if end else local_date(omonat.clock.now())
        from_on = start.date() if start else to_on - timedelta(days=30)
        summary = omonat.statistics.summary(from_on, to_on)
    if as_json:
        print_json(summary)
    else:
        _print_summary(summary)


def _print_summary(summary: Summary) -> None:
    click.echo(f"{summary.from_on} to {summary.to_on}, visitors who agreed to be counted")
    days = ((one.day, one.visitors, one.views) for one in summary.days)
    print_table(("day", "visitors", "views"), days, empty="Nobody was counted.")
    counted = {"page": summary.pages, "language": summary.languages, "device": summary.devices}
    for title, shares in {**counted, "source": summary.sources}.items():
        if shares:
            _print_shares(title, shares)
    if summary.paths:
        paths = ((one.page, one.next_page, one.views) for one in summary.paths)
        print_table(("page", "next page", "how often"), paths, empty="")
    if summary.forms:
        forms = ((one.form, one.seen, one.started, one.finished) for one in summary.forms)
        print_table(("form", "seen", "begun", "sent"), forms, empty="")
    if summary.consents:
        answers = ((one.day, one.granted, one.refused, one.withdrawn) for one in summary.consents)
        print_table(("day", "agreed", "refused", "withdrew"), answers, empty="")
    if summary.hidden:
        click.echo(f"Sources and paths of fewer than {summary.smallest_group} visits are left out.")


def _print_shares(title: str, shares: tuple[Share, ...]) -> None:
    print_table((title, "views"), ((one.name, one.views) for one in shares), empty="")
