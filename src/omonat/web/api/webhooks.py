"""Webhooks: connected systems that are told what happened, and what became of each message (clause 3.1)."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta

from omonat.web.api.call import Call
from omonat.web.api.operations import operation
from omonat.web.api.shapes import NO_NUL, Moment, Page, PageQuery, Sent, Shape
from omonat.webhooks import Delivery, Endpoint, NewEndpoint, message_name

TAG = "Webhooks"
RIGHT = "webhook.administer"
Url = Annotated[str, Meta(min_length=1, max_length=500, pattern=NO_NUL, examples=["https://crm.example.uz/omonat"])]
Events = Annotated[
    list[Annotated[str, Meta(max_length=40, pattern="^[a-z_.]+$", examples=["case.opened"])]],
    Meta(min_length=1, max_length=40, description="docs/webhooks.md lists them."),
]
Description = Annotated[str, Meta(max_length=200, pattern=NO_NUL, examples=["CRM of the sales team"])]


class WebhookShape(Shape, frozen=True, kw_only=True):
    """An endpoint. `off_because`: empty while it is on; else staff, no_answer or gone.

    `old_secret_until`: until then messages are signed with the secret before the present one, too.
    """

    endpoint_id: UUID
    url: str
    description: str
    events: list[str]
    off_because: str
    created_at: Moment
    created_by: str
    old_secret_until: Moment | None


class WebhookList(Shape, frozen=True, kw_only=True):
    """Every endpoint, the oldest first."""

    items: list[WebhookShape]


class WebhookMade(Shape, frozen=True, kw_only=True):
    """An endpoint and its secret, which is not told again."""

    webhook: WebhookShape
    secret: Annotated[str, Meta(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])]


class WebhookSent(Sent, frozen=True, kw_only=True):
    """An endpoint that is to be."""

    url: Url
    events: Events
    description: Description = ""


class MessageShape(Shape, frozen=True, kw_only=True):
    """One message to one endpoint. `status` and `problem` are those of the last try."""

    delivery_id: UUID
    message_id: Annotated[str, Meta(description="As in the header `webhook-id`.")]
    event: str
    at: Moment
    data: dict[str, Any]
    state: Annotated[str, Meta(examples=["arrived"])]
    tries: int
    tried_at: Moment | None
    next_at: Moment | None
    status: int | None
    problem: str


class MessageQuery(PageQuery, frozen=True, kw_only=True):
    """Which messages."""

    state: Literal["waiting", "arrived", "given_up"] | None = None


class MessagePage(Page, frozen=True, kw_only=True):
    """Messages, the newest first."""

    items: list[MessageShape]


class WebhookTestSent(Shape, frozen=True, kw_only=True):
    """The test that is on its way."""

    delivery_id: UUID


def _shape(one: Endpoint) -> WebhookShape:
    return WebhookShape(
        endpoint_id=one.endpoint_id, url=one.url, description=one.description, events=list(one.events),
        off_because=one.off_because, created_at=one.created_at, created_by=one.created_by,
        old_secret_until=one.old_secret_until,
    )  # fmt: skip


def _made(one: NewEndpoint) -> WebhookMade:
    return WebhookMade(webhook=_shape(one.endpoint), secret=one.secret.reveal())


def _message(one: Delivery) -> MessageShape:
    return MessageShape(
        delivery_id=one.delivery_id, message_id=message_name(one), event=one.event, at=one.at, data=one.data,
        state=one.state, tries=one.tries, tried_at=one.tried_at, next_at=one.next_at, status=one.status,
        problem=one.problem,
    )  # fmt: skip


@operation("GET", "/webhooks", id="listWebhooks", right=RIGHT, tag=TAG)
def list_webhooks(call: Call) -> WebhookList:
    """Every connected system that is told."""
    return WebhookList(items=[_shape(one) for one, _waiting, _given_up in call.omonat.webhooks.all()])


@operation("POST", "/webhooks", id="addWebhook", right=RIGHT, tag=TAG, status=201, once=True)
def add_webhook(call: Call, sent: WebhookSent) -> WebhookMade:
    """Add an endpoint; the answer holds its secret, this once."""
    made = call.omonat.webhooks.add(
        sent.url, sent.events, description=sent.description, actor=call.key, now=call.now
    )  # fmt: skip
    return _made(made)


@operation("GET", "/webhooks/{endpoint_id}", id="getWebhook", right=RIGHT, tag=TAG)
def get_webhook(call: Call, endpoint_id: UUID) -> WebhookShape:
    """One endpoint."""
    return _shape(call.omonat.webhooks.get(endpoint_id))


@operation("POST", "/webhooks/{endpoint_id}/change", id="changeWebhook", right=RIGHT, tag=TAG, if_match=get_webhook)
def change_webhook(call: Call, endpoint_id: UUID, sent: WebhookSent) -> WebhookShape:
    """Another address, other events; the secret stays."""
    return _shape(
        call.omonat.webhooks.change(
            endpoint_id, url=sent.url, events=sent.events, description=sent.description, actor=call.key, now=call.now
        )
    )


@operation("POST", "/webhooks/{endpoint_id}/rotate", id="rotateWebhookSecret", right=RIGHT, tag=TAG, once=True)
def rotate_webhook_secret(call: Call, endpoint_id: UUID) -> WebhookMade:
    """A new secret, told this once; for two days messages are signed with the old one, too."""
    return _made(call.omonat.webhooks.rotate(endpoint_id, actor=call.key, now=call.now))


@operation("POST", "/webhooks/{endpoint_id}/on", id="switchWebhookOn", right=RIGHT, tag=TAG)
def switch_webhook_on(call: Call, endpoint_id: UUID) -> WebhookShape:
    """Send messages there from now on."""
    return _shape(call.omonat.webhooks.switch(endpoint_id, on=True, actor=call.key, now=call.now))


@operation("POST", "/webhooks/{endpoint_id}/off", id="switchWebhookOff", right=RIGHT, tag=TAG)
def switch_webhook_off(call: Call, endpoint_id: UUID) -> WebhookShape:
    """Send nothing there any more; what waits is given up."""
    return _shape(call.omonat.webhooks.switch(endpoint_id, on=False, actor=call.key, now=call.now))


@operation("DELETE", "/webhooks/{endpoint_id}", id="removeWebhook", right=RIGHT, tag=TAG)
def remove_webhook(call: Call, endpoint_id: UUID) -> None:
    """Remove an endpoint with its secrets and messages."""
    call.omonat.webhooks.remove(endpoint_id, actor=call.key, now=call.now)


@operation("POST", "/webhooks/{endpoint_id}/test", id="testWebhook", right=RIGHT, tag=TAG, errors=("conflict",))
def test_webhook(call: Call, endpoint_id: UUID) -> WebhookTestSent:
    """Send an event that means nothing."""
    return WebhookTestSent(delivery_id=call.omonat.webhook_deliveries.test(endpoint_id, actor=call.key, now=call.now))


@operation("GET", "/webhooks/{endpoint_id}/messages", id="listWebhookMessages", right=RIGHT, tag=TAG)
def list_webhook_messages(call: Call, endpoint_id: UUID, query: MessageQuery) -> MessagePage:
    """What was sent there in the last 30 days, the newest first."""
    call.omonat.webhooks.get(endpoint_id)
    after = call.after(query.cursor)
    found = call.omonat.webhook_deliveries.page(
        endpoint_id, state=query.state, after=UUID(after) if after else None, limit=query.limit + 1
    )
    shown, following = call.page(found, query.limit, lambda one: str(one.delivery_id))
    return MessagePage(items=[_message(one) for one in shown], next=following)


@operation(
    "POST", "/webhook-messages/{delivery_id}/repeat", id="repeatWebhookMessage", right=RIGHT, tag=TAG,
    errors=("conflict",),
)  # fmt: skip
def repeat_webhook_message(call: Call, delivery_id: UUID) -> MessageShape:
    """Send a message again at once, under its old id."""
    return _message(call.omonat.webhook_deliveries.repeat(delivery_id, actor=call.key, now=call.now))
