"""`omonat staff`: who may act for the operator."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omonat.cli.session import json_option, opened, print_json, print_table
from omonat.kernel.language import LANGUAGES

if TYPE_CHECKING:
    from omonat.staff import Invited

LANGUAGE = click.Choice(LANGUAGES)


@click.group()
def staff() -> None:
    """Staff accounts. On the command line an account is an operating-system user."""


@staff.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="May be repeated.")
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
    """The same as block, in one line."""
    with opened(ctx, "staff.administer") as (omonat, _actor):
        account = omonat.staff.get_by_name(name)
        omonat.members.block(omonat.actor(), account.staff_id, omonat.clock.now())
    click.echo(f"Account {name} is inactive.")


@staff.command()
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, help="Such as support; may be repeated.")
@click.option("--email", default="", help="Where the link is mailed, too; kept sealed.")
@click.option("--language", type=LANGUAGE, default="uz-Latn", show_default=True, help="Of the page and the letter.")
@click.pass_context
def invite(ctx: click.Context, name: str, roles: tuple[str, ...], email: str, language: str) -> None:
    """Invite somebody: a link that works once, for 72 hours, by which the person sets up the sign-in.

    Until then the account may do nothing. The link is printed here and kept nowhere: hand it over in person.
    """
    with opened(ctx, "staff.administer") as (omonat, _actor):
        invited = omonat.members.invite(
            omonat.actor(), name, roles, email=email, language=language, now=omonat.clock.now()
        )
        print_link(omonat.settings.base_url, invited)


@staff.command("sign-in-link")
@click.argument("name")
@click.option("--language", type=LANGUAGE, default="uz-Latn", show_default=True, help="Of the page.")
@click.pass_context
def sign_in_link(ctx: click.Context, name: str, language: str) -> None:
    """A link for who is locked out, or comes back: it works once, for 72 hours.

    Spending it ends password, second factors and sessions of before. It is printed here and sent to nobody: hand it
    over in person.
    """
    with opened(ctx, "staff.administer") as (omonat, _actor):
        account = omonat.staff.get_by_name(name)
        made = omonat.members.new_link(omonat.actor(), account.staff_id, language=language, now=omonat.clock.now())
        print_link(omonat.settings.base_url, made)


def print_link(base_url: str, made: Invited) -> None:
    """The link on standard output, what to know about it on standard error."""
    language = made.invitation.language
    click.echo(f"{base_url.rstrip('/')}/{language}/console/invitation/{made.token.reveal()}")
    click.echo(f"Good once, until {made.invitation.expires_at:%Y-%m-%d %H:%M} UTC.", err=True)


@staff.command()
@click.argument("name")
@click.pass_context
def block(ctx: click.Context, name: str) -> None:
    """Whoever leaves is out at once: sessions, password, second factors and links end; the name stays in the journals.

    Says what depends on the member. To let somebody back in: omonat staff sign-in-link NAME.
    """
    with opened(ctx, "staff.administer") as (omonat, _actor):
        account = omonat.staff.get_by_name(name)
        left = omonat.left_behind(account)
        omonat.members.block(omonat.actor(), account.staff_id, omonat.clock.now())
    click.echo(f"Account {name} is blocked.")
    for key in left.keys:
        click.echo(f"API key still working: {key}")
    if left.cases:
        click.echo(f"Open cases given to this member: {left.cases}")
