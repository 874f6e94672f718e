"""`omonat webhook`: connected systems that are told what happened."""

from __future__ import annotations

import click

from omonat.cli.session import json_option, opened, print_json, print_table


@click.group()
def webhook() -> None:
    """Webhooks: signed messages to connected systems, with ids and words only. More: docs/webhooks.md"""


@webhook.command()
@click.argument("url")
@click.option("--event", "events", multiple=True, help="Such as case.opened; may be repeated [default: every event].")
@click.option("--about", "description", default="", help="What it is, for your colleagues.")
@json_option
@click.pass_context
def add(ctx: click.Context, /, url: str, events: tuple[str, ...], description: str, as_json: bool) -> None:
    """Add the address of a connected system and show its secret, this once."""
    from omonat.webhooks import EVENTS

    with opened(ctx, "webhook.administer") as (omonat, _actor):
        made = omonat.webhooks.add(
            url, events or EVENTS, description=description, actor=omonat.actor(), now=omonat.clock.now()
        )
    if as_json:
        print_json({"endpoint_id": made.endpoint.endpoint_id, "secret": made.secret.reveal()})
        return
    click.echo(f"Webhook {made.endpoint.endpoint_id}. Put this secret into the connected system; it is shown once:")
    click.echo(made.secret.reveal())


@webhook.command("list")
@json_option
@click.pass_context
def list_webhooks(ctx: click.Context, as_json: bool) -> None:
    """List all webhooks with what waits for them and what was given up."""
    with opened(ctx, "webhook.administer") as (omonat, _actor):
        found = omonat.webhooks.all()
    if as_json:
        print_json([{**_facts(one), "waiting": waiting, "given_up": given_up} for one, waiting, given_up in found])
        return
    rows = ((one.endpoint_id, one.url, one.off_because or "on", waiting, given_up) for one, waiting, given_up in found)
    print_table(("id", "address", "state", "waiting", "given up"), rows, empty="There is no webhook.")


def _facts(one: object) -> dict[str, object]:
    import msgspec

    return msgspec.structs.asdict(one)  # type: ignore[arg-type]  # an Endpoint


@webhook.command()
@click.argument("endpoint", type=click.UUID)
@click.pass_context
def test(ctx: click.Context, /, endpoint: object) -> None:
    """Send an event that means nothing; the running server delivers it."""
    with opened(ctx, "webhook.administer") as (omonat, _actor):
        omonat.webhook_deliveries.test(endpoint, actor=omonat.actor(), now=omonat.clock.now())  # type: ignore[arg-type]  # click gives a UUID
    click.echo("A test is on its way. What became of it: the page of the webhook in the console.")
