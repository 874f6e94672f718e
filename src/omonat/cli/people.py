"""`omonat person` and `omonat case`: what is held about people, and what they demand."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from omonat.cli.session import confirmed, json_option, opened, print_json, print_table, shown, write_private

if TYPE_CHECKING:
    from omonat.app import Omonat
    from omonat.kernel.ids import SubjectId
    from omonat.rights import Case, ErasureOutcome

Command = TypeVar("Command", bound=Callable[..., Any])
LANGUAGE = click.Choice(["uz-Latn", "uz-Cyrl", "ru", "en"])


def whose(command: Command) -> Command:
    """`--email`, `--phone` or `--subject`: whom a command is about."""
    command = click.option("--subject", metavar="ID", help="The person's id.")(command)
    command = click.option("--phone", metavar="NUMBER", help="A phone that the person named; - reads it.")(command)
    return click.option("--email", metavar="ADDRESS", help="An e-mail that the person named; - reads it.")(command)


def the_person(omonat: Omonat, email: str | None, phone: str | None, subject: str | None) -> SubjectId:
    """The one person meant. Raises UsageError unless it is exactly one; matches are told by id, never by value."""
    from uuid import UUID

    from omonat.kernel.errors import NotFound
    from omonat.kernel.ids import SubjectId

    if sum(value is not None for value in (email, phone, subject)) != 1:
        raise click.UsageError("Name the person by one of --email, --phone, --subject.")
    if subject is not None:
        try:
            return SubjectId(UUID(subject))
        except ValueError:
            raise click.UsageError("--subject is an id such as 0198c1d2-…, as `case list` shows it.") from None
    kind, value = ("email", email) if email is not None else ("phone", phone)
    found = omonat.rights.find_person(kind, _typed(str(value)))
    if not found:
        raise NotFound()
    if len(found) > 1:
        lines = "\n".join(f"  --subject {one}   ({state})" for one, state in found)
        raise click.UsageError(f"Several people name it; choose one:\n{lines}")
    return found[0][0]


def _typed(value: str) -> str:
    """`-` keeps a value out of the shell's history and out of the list of processes."""
    return sys.stdin.readline().strip() if value == "-" else value


@click.group()
def person() -> None:
    """Show, export, correct or erase what is held about a person."""


@person.command()
@whose
@click.option("--purpose", required=True, help="Why it is read: only what is held for this purpose is shown.")
@click.option("--reason", required=True, help="Told to the person in the journal of readings.")
@json_option
@click.pass_context
def show(
    ctx: click.Context,
    /,
    email: str | None,
    phone: str | None,
    subject: str | None,
    purpose: str,
    reason: str,
    as_json: bool,
) -> None:
    """Show the values held for one purpose. The person sees who read them, when and why."""  # fmt: skip
    with opened(ctx, "person.read") as (omonat, actor):
        subject_id = the_person(omonat, email, phone, subject)
        held = omonat.vault.read(
            subject_id, actor=actor, purpose=purpose, reason=reason, now=omonat.clock.now()
        )  # fmt: skip
        names = ("record_id", "field", "category", "ground", "source", "collected_at", "keep_until")
        rows = [{name: getattr(one.record, name) for name in names} | {"value": one.value.reveal()} for one in held]
    if as_json:
        print_json({"subject_id": subject_id, "purpose": purpose, "values": rows})
        return
    click.echo(f"Person {subject_id}, purpose {purpose}")
    heads = ("record", "field", "value", "ground", "source", "collected", "until")
    cells = (
        (row["record_id"], row["field"], row["value"], row["ground"], row["source"], row["collected_at"],
         row["keep_until"] or "withdrawal") for row in rows
    )  # fmt: skip
    print_table(heads, cells, empty="Nothing is held for this purpose.")


@person.command()
@whose
@click.option(
    "--format", "file_format", type=click.Choice(["json", "csv", "pdf"]), default="json", show_default=True,
    help="Kind of the file.",
)  # fmt: skip
@click.option("--language", type=LANGUAGE, default="uz-Latn", show_default=True, help="Language of the file.")
@click.option("--reason", required=True, help="Why, such as the person's demand and its date.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A new file [default: by id, here].")
@click.pass_context
def export(
    ctx: click.Context,
    /,
    email: str | None,
    phone: str | None,
    subject: str | None,
    file_format: str,
    language: str,
    reason: str,
    out: Path | None,
) -> None:
    """Write everything held about a person into a file, to hand to the person (clause 7.1 a)."""  # fmt: skip
    with opened(ctx, "person.read") as (omonat, actor):
        subject_id = the_person(omonat, email, phone, subject)
        _journal_export(omonat, subject_id, actor, reason)
        content = _file(omonat, subject_id, file_format, language)
    target = out or Path(f"person-{subject_id}.{file_format}")
    write_private(target, content)
    click.echo(f"Written to {target}. It holds personal values: hand it over and delete it.")


def _journal_export(omonat: Omonat, subject_id: SubjectId, actor: str, reason: str) -> None:
    """Committed before any value is opened."""
    keys = omonat.vault.keystore.open_subject(subject_id)
    categories = sorted(omonat.policies.in_force().facts.categories)
    now = omonat.clock.now()
    omonat.database.write(
        lambda tx: omonat.vault.journal(
            tx, keys, "export", actor=actor, purpose="legal", categories=categories, reason=reason, now=now
        )
    )


def _file(omonat: Omonat, subject_id: SubjectId, file_format: str, language: str) -> bytes:
    from omonat import documents
    from omonat.law import read_rule_pack

    policy = omonat.policies.in_force().facts
    names = documents.Names(language, policy, read_rule_pack(policy.law))
    makers = {"json": documents.export_json, "csv": documents.export_csv, "pdf": documents.export_pdf}
    return makers[file_format](omonat.rights.person_file(subject_id, omonat.clock.now()), names)


@person.command()
@whose
@click.option("--record", required=True, metavar="ID", help="The record, as `person show` names it.")
@click.option("--value", required=True, help="The right value; - reads it from the input.")
@json_option
@click.pass_context
def correct(
    ctx: click.Context,
    /,
    email: str | None,
    phone: str | None,
    subject: str | None,
    record: str,
    value: str,
    as_json: bool,
) -> None:
    """Replace a wrong value; recipients of the old one are told (clause 7.1 b)."""  # fmt: skip
    with opened(ctx, "person.correct") as (omonat, actor):
        subject_id = the_person(omonat, email, phone, subject)
        case_ = omonat.rights.correct(subject_id, record, _typed(value), omonat.clock.now(), actor=actor)
    _print_case(case_, as_json)


@person.command()
@whose
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def erase(
    ctx: click.Context, /, email: str | None, phone: str | None, subject: str | None, yes: bool, as_json: bool
) -> None:
    """Destroy everything held about a person that no law keeps (clause 7.1 b). It cannot be undone."""  # fmt: skip
    with opened(ctx, "person.erase") as (omonat, actor):
        subject_id = the_person(omonat, email, phone, subject)
        confirmed(f"Destroy what is held about {subject_id}, for good?", yes=yes)
        outcome = omonat.rights.erase(subject_id, omonat.clock.now(), actor=actor)
    if as_json:
        print_json(outcome)
        return
    _print_erasure(outcome)


def _print_erasure(outcome: ErasureOutcome) -> None:
    certificate = outcome.certificate
    if certificate is None:
        click.echo("Nothing was destroyed.")
    else:
        counts = ", ".join(f"{count} {name}" for name, count in certificate.records_by_category.items()) or "no record"
        click.echo(f"Destroyed: {counts}; keys: {certificate.keys}. Certificate {certificate.number}")
    for line in outcome.kept:
        part = " / ".join(filter(None, (line.purpose, line.category))) or "everything"
        click.echo(f"Kept by law: {part} until {line.until_on} ({line.law})")
    click.echo(f"Case {outcome.case.case_id}: {outcome.case.outcome or outcome.case.state}")


# --- cases ----------------------------------------------------------------------------------------------------------


@click.group()
def case() -> None:
    """What people demand, each with the term of its answer."""


@case.command("list")
@click.option(
    "--state", type=click.Choice(["open", "done", "refused", "all"]), default="open", show_default=True,
    help="Which cases.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@click.option("--after", metavar="ID", help="Go on after this case.")
@json_option
@click.pass_context
def list_cases(ctx: click.Context, state: str, limit: int, after: str | None, as_json: bool) -> None:
    """List cases, the first due first."""
    with opened(ctx, "case.read") as (omonat, _actor):
        found = omonat.rights.cases(None if state == "all" else state, limit, after)
        now = omonat.clock.now()
    if as_json:
        print_json(found)
        return
    rows = ((one.case_id, one.kind, _due(one, now), one.outcome or one.state) for one in found)
    print_table(("case", "kind", "due", "outcome"), rows, empty="There is no such case.")


def _due(one: Case, now: datetime) -> str:
    late = one.state == "open" and one.due_at < now
    return shown(one.due_at)[:10] + (" LATE" if late else "")


@case.command("show")
@click.argument("case_id", metavar="CASE")
@json_option
@click.pass_context
def show_case(ctx: click.Context, case_id: str, as_json: bool) -> None:
    """Show one case with its steps."""
    with opened(ctx, "case.read") as (omonat, _actor):
        found = omonat.rights.get_case(case_id)
    _print_case(found, as_json)


@case.command("close")
@click.argument("case_id", metavar="CASE")
@click.option("--outcome", required=True, help="answered, refused, carried_out, ... (docs/cli.md)")
@click.option("--refusal", default="", help="With --outcome refused: the reason that the law knows (Art. 22).")
@json_option
@click.pass_context
def close_case(ctx: click.Context, case_id: str, outcome: str, refusal: str, as_json: bool) -> None:
    """Close a case; the person is told in writing."""
    with opened(ctx, "case.close") as (omonat, actor):
        closed = omonat.rights.close_case(case_id, actor, outcome, now=omonat.clock.now(), reason=refusal)
    _print_case(closed, as_json)


@case.command("reply")
@click.argument("case_id", metavar="CASE")
@click.option("--text", required=True, help="What is sent; - reads it from the input.")
@click.option("--close", "closes", is_flag=True, help="The case is answered with it.")
@json_option
@click.pass_context
def reply_to_case(ctx: click.Context, case_id: str, text: str, closes: bool, as_json: bool) -> None:
    """Answer the person: by e-mail where the case names an address, and on the person's own page."""
    with opened(ctx, "case.work") as (omonat, _actor):
        now = omonat.clock.now()
        said = omonat.support.threads.reply(case_id, omonat.actor(), _whole(text), now=now, close=closes)
    _print_case(said, as_json)


@case.command("comment")
@click.argument("case_id", metavar="CASE")
@click.option("--text", required=True, help="The note; - reads it from the input. The person sees it in the own file.")
@json_option
@click.pass_context
def comment_on_case(ctx: click.Context, case_id: str, text: str, as_json: bool) -> None:
    """Leave a note for the other members of the staff."""
    with opened(ctx, "case.work") as (omonat, _actor):
        said = omonat.support.threads.comment(case_id, omonat.actor(), _whole(text), now=omonat.clock.now())
    _print_case(said, as_json)


@case.command("assign")
@click.argument("case_id", metavar="CASE")
@click.option("--to", "name", metavar="NAME", help="The member of the staff [default: the one who asks].")
@click.option("--nobody", is_flag=True, help="Take it from whoever has it.")
@json_option
@click.pass_context
def assign_case(ctx: click.Context, case_id: str, name: str | None, nobody: bool, as_json: bool) -> None:
    """Give an open case to a member of the staff."""
    if name is not None and nobody:
        raise click.UsageError("Use --to or --nobody, not both.")
    with opened(ctx, "case.work") as (omonat, _actor):
        account = omonat.actor()
        to = None if nobody else omonat.staff.get_by_name(name).staff_id if name else account.staff_id
        omonat.support.desk.assign(case_id, account, to, now=omonat.clock.now())
        found = omonat.rights.get_case(case_id)
    _print_case(found, as_json)


def _whole(text: str) -> str:
    """`-` reads everything that is put in: a text may have several lines, and stays out of the shell's history."""
    return sys.stdin.read() if text == "-" else text


def _print_case(found: Case, as_json: bool) -> None:
    if as_json:
        print_json(found)
        return
    click.echo(f"Case {found.case_id}: {found.kind}, {found.state}{f' ({found.outcome})' if found.outcome else ''}")
    click.echo(f"Person {found.subject_id}; opened {shown(found.opened_at)}, due {shown(found.due_at)} ({found.term})")
    for name, value in found.details.items():
        click.echo(f"  {name}: {value}")
    rows = ((step.at, step.actor, step.kind, [f"{k}={v}" for k, v in step.details.items()]) for step in found.steps)
    print_table(("at", "actor", "step", "details"), rows, empty="No step yet.")
