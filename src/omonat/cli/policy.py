"""`omonat policy`: check a folder, show and compare versions, adopt an issued text, publish a new version."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from omonat.cli.session import json_option, opened, print_json, print_table

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.policy import ClauseChange, FactChange, Finding, Piece, Version

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
LANGUAGE = click.Choice(["uz-Latn", "uz-Cyrl", "ru", "en"])
_COLOURS = {"removed": "red", "added": "green"}


@click.group()
def policy() -> None:
    """Check, show, compare, adopt and publish versions of the policy."""


@policy.command()
@click.argument("folder", type=FOLDER)
@json_option
@click.pass_context
def check(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Find all that is wrong in a policy FOLDER, at once. Needs no installation. Exit code 1: something was found."""
    from omonat import policy as area

    findings = area.check(folder)
    if as_json:
        print_json(findings)
    else:
        _print_findings(findings)
    ctx.exit(1 if findings else 0)


def _print_findings(findings: list[Finding]) -> None:
    for found in findings:
        click.secho(f"{found.file}:{found.line}: {found.code}: {found.message}", bold=True)
        click.echo(f"    {found.what_to_do}")
    count = len(findings)
    click.echo(f"{count} finding{'s' if count != 1 else ''}." if count else "Nothing is wrong.")


@policy.command()
@click.argument("what", metavar="[NUMBER|FOLDER]", required=False)
@click.option("--language", type=LANGUAGE, default="en", show_default=True, help="Language of the text.")
@click.option("--versions", is_flag=True, help="List all versions instead.")
@json_option
@click.pass_context
def show(ctx: click.Context, what: str | None, language: str, versions: bool, as_json: bool) -> None:
    """Show the version in force, the version NUMBER, or what a FOLDER would become.

    An adopted text is printed byte for byte as it was issued. JSON holds the facts, with terms of the W3C DPV.
    """
    from omonat.policy import to_markdown, to_public_json

    if versions:
        with opened(ctx) as (omonat, _actor):
            _print_versions(omonat.policies.versions(), as_json)
        return
    found = _named(ctx, what)
    if as_json:
        print_json(to_public_json(found))
    elif found.kind == "adopted":
        click.echo(found.verbatim(), nl=False)
    else:
        click.echo(to_markdown(found.document(language)), nl=False)


def _print_versions(versions: list[Version], as_json: bool) -> None:
    if as_json:
        keys = ("number", "kind", "hash", "languages", "in_force_at", "issued_on", "author", "reason")
        print_json([{key: getattr(version, key) for key in keys} for version in versions])
        return
    rows = [(v.number, v.kind, v.in_force_at, v.languages, v.author, v.reason, v.hash[:16]) for v in versions]
    heads = ("version", "kind", "in force from", "languages", "author", "reason", "hash")
    print_table(heads, rows, empty="There is no version yet: omonat policy publish FOLDER --reason TEXT")


@policy.command()
@click.argument("old", metavar="[OLD]")
@click.argument("new", metavar="NEW", required=False)
@click.option("--language", type=LANGUAGE, default="uz-Latn", show_default=True, help="Language of the texts.")
@json_option
@click.pass_context
def diff(ctx: click.Context, old: str, new: str | None, language: str, as_json: bool) -> None:
    """Compare two versions clause by clause. Each is a number or a policy folder; OLD left out is the one in force."""
    from omonat.policy import diff as compare
    from omonat.policy import facts_diff

    before, after = (_named(ctx, old), _named(ctx, new)) if new else (_named(ctx, None), _named(ctx, old))
    read_in = _common_language(before, after, language)
    clauses = compare(before.document(read_in), after.document(read_in))
    facts = facts_diff(before.policy, after.policy) if after.policy else ()
    if as_json:
        print_json({"old": before.number, "new": after.number, "clauses": clauses, "facts": facts})
        return
    click.secho(f"{before.number} → {after.number}", bold=True)
    for fact in facts:
        click.echo(_fact_line(fact, read_in))
    for change in clauses:
        if change.kind != "same":
            _print_change(change)


def _common_language(before: Version, after: Version, wanted: str) -> str:
    """`wanted` when both have it; else the first that both have: an adopted text has one language only."""
    both = [name for name in before.languages if name in after.languages]
    if not both:
        raise click.UsageError("The two versions have no language in common.")
    return wanted if wanted in both else both[0]


def _fact_line(fact: FactChange, language: str) -> str:
    line = f"{fact.what} {fact.change}: {fact.labels.get(language, fact.id)}"
    if fact.old is None or fact.new is None:
        return line
    return f"{line}: {fact.old[language]} → {fact.new[language]}"


def _print_change(change: ClauseChange) -> None:
    click.secho(f"\n{change.number or 'Title'} {change.title} ({change.kind})", bold=True)
    click.echo("".join(_shown(piece) for piece in change.pieces))


def _shown(piece: Piece) -> str:
    """Colours on a terminal; brackets say the same to those who do not see them."""
    if piece.kind == "same":
        return piece.text
    sign = "-" if piece.kind == "removed" else "+"
    words = piece.text.rstrip()
    return click.style(f"[{sign}{words}{sign}]", fg=_COLOURS[piece.kind]) + piece.text[len(words) :]


@policy.command()
@click.argument("folder", type=FOLDER)
@click.option("--reason", required=True, help="Why: it is kept with the version and shown on the site.")
@json_option
@click.pass_context
def publish(ctx: click.Context, folder: Path, reason: str, as_json: bool) -> None:
    """Put a policy FOLDER into force, now and for good. Exit code 1: the folder has findings.

    Where another account may publish, too, it has to approve (omonat approval); then this ends with exit code 4.
    """
    from omonat.cli.approval import waits
    from omonat.policy import check as check_folder

    with opened(ctx, "policy.publish") as (omonat, _actor):
        findings = check_folder(folder)
        if findings:
            _print_findings(findings)
            ctx.exit(1)
        author, now = omonat.actor(), omonat.clock.now()
        draft = omonat.drafts.keep(_archive(folder), by=author, now=now)
        outcome = omonat.drafts.want_published(draft.draft_id, reason, by=author, now=now)
        if waits(ctx, outcome):
            return
        version = omonat.policies.get(draft.number)
    _print_done(version, "is in force", as_json)


def _archive(folder: Path) -> bytes:
    """The folder as the archive that the console takes: one way for both."""
    import io
    import zipfile

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in (folder / "policy.toml", *sorted((folder / "text").glob("*.md"))):
            archive.write(path, str(path.relative_to(folder)))
    return content.getvalue()


@policy.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--version", "number", required=True, help="Number that the document bears, such as 3.1.")
@click.option("--issued-on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Date that the document bears.")
@click.option("--language", required=True, type=LANGUAGE, help="Language of the document.")
@json_option
@click.pass_context
def adopt(ctx: click.Context, file: Path, number: str, issued_on: datetime, language: str, as_json: bool) -> None:
    """Store a text that the company issued, byte for byte, as a past version. Do it before the first publish."""
    with opened(ctx, "policy.publish") as (omonat, _actor):
        version = omonat.policies.adopt(
            file.read_bytes(), number=number, issued_on=issued_on.date(), language=language, author=omonat.actor(),
            now=omonat.clock.now(),
        )  # fmt: skip
    _print_done(version, "is adopted as a past version", as_json)


def _print_done(version: Version, what: str, as_json: bool) -> None:
    if as_json:
        print_json({"number": version.number, "hash": version.hash, "in_force_at": version.in_force_at})
    else:
        click.echo(f"Version {version.number} {what}. SHA-256 {version.hash}")


def _named(ctx: click.Context, what: str | None) -> Version:
    """A version by number, a folder as the version that it would become, or the one in force."""
    if what and Path(what).is_dir():
        from omonat.kernel.clock import Clock
        from omonat.policy import draft

        return draft(Path(what), Clock().now())
    with opened(ctx) as (omonat, _actor):
        return _stored(omonat, what)


def _stored(omonat: Omonat, number: str | None) -> Version:
    return omonat.policies.get(number) if number else omonat.policies.in_force()
