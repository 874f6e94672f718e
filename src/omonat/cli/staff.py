"""`omonat staff`: who may act for the operator."""

import click

from omonat.cli.session import json_option, opened, print_json, print_table
from omonat.kernel.language import LANGUAGES

ROLES = click.Choice(["administrator", "privacy_officer", "support", "sales", "marketing", "auditor"])


@click.group()
def staff() -> None:
    """Staff accounts. On the command line an account is an operating-system user."""


@staff.command()
@click.argument("name")
@click.option("--role", "roles", type=ROLES, multiple=True, required=True, help="May be repeated.")
@click.option("--os-user", help="The operating-system user who is this account on the command line.")
@json_option
@click.pass_context
def add(ctx: click.Context, name: str, roles: tuple[str, ...], os_user: str | None, as_json: bool) -> None:
    """Add an account. What each role may do: docs/operate.md."""
    with opened(ctx, "staff.administer") as (omonat, _actor):
        account = omonat.staff.add(name, roles=roles, os_user=os_user, now=omonat.clock.now())
    if as_json:
        print_json(account)
    else:
        click.echo(f"Account {account.name}: {', '.join(account.roles)}.")


@staff.command("list")
@json_option
@click.pass_context
def list_accounts(ctx: click.Context, as_json: bool) -> None:
    """List all accounts, inactive ones too."""
    with opened(ctx) as (omonat, _actor):
        accounts = omonat.staff.list()
    if as_json:
        print_json(accounts)
        return
    rows = ((one.name, one.roles, one.os_user, "active" if one.active else "inactive", one.created_at)
            for one in accounts)  # fmt: skip
    print_table(("name", "roles", "user", "state", "since"), rows, empty="There is no account.")


@staff.command()
@click.argument("name")
@click.pass_context
def deactivate(ctx: click.Context, name: str) -> None:
    """An account may do nothing more; its name stays in the journals."""
    with opened(ctx, "staff.administer") as (omonat, _actor):
        omonat.staff.deactivate(name)
    click.echo(f"Account {name} is inactive.")


@staff.command("sign-in-link")
@click.argument("name")
@click.option("--language", type=click.Choice(LANGUAGES), default="uz-Latn", show_default=True, help="Of the page.")
@click.pass_context
def sign_in_link(ctx: click.Context, name: str, language: str) -> None:
    """A link for who is locked out: it works once, and ends password, second factors and sessions of before.

    It is printed here and sent to nobody: hand it over in person.
    """
    with opened(ctx, "staff.administer") as (omonat, _actor):
        account = omonat.staff.get_by_name(name)
        made = omonat.members.new_link(omonat.actor(), account.staff_id, language=language, now=omonat.clock.now())
        base = omonat.settings.base_url.rstrip("/")
    click.echo(f"{base}/{language}/console/invitation/{made.token.reveal()}")
    click.echo(f"Good once, until {made.invitation.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)
