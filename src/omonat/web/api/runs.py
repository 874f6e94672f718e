"""Jobs that a caller starts and watches: sweeps, mailing lists, verifications (clauses 3.1, 6.3)."""

import base64
from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from omonat.kernel.errors import NotFound
from omonat.staff import Waiting
from omonat.web.api.call import Call, shaped
from omonat.web.api.consents import Channel, Purpose
from omonat.web.api.operations import operation
from omonat.web.api.shapes import Moment, Reason, Sent, Shape

TAG = "Mailing lists"


class RunShape(Shape, frozen=True, kw_only=True):
    """A job: how far it is, and what came out as counts."""

    run_id: UUID
    kind: Annotated[str, Meta(examples=["mailing_count"])]
    state: Annotated[str, Meta(examples=["running"], description="waiting, running, done, failed or cancelled.")]
    asked_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    result: dict[str, Any] | None
    failed: str | None


class CountSent(Sent, frozen=True, kw_only=True):
    """For which purpose and channel, and what is going to be sent."""

    purpose: Purpose
    channel: Channel
    reason: Reason


class ListAsked(Shape, frozen=True, kw_only=True):
    """The run that draws the list, or the approval that it waits for."""

    run_id: UUID | None
    approval_id: UUID | None


class ListShape(Shape, frozen=True, kw_only=True):
    """The list, base64 of CSV; it can be fetched once."""

    csv: str


@operation(
    "POST", "/mailing-lists/counts", id="countMailing", right="mailing.list", tag=TAG, status=202, errors=("denied",)
)
def count_mailing(call: Call, sent: CountSent) -> RunShape:
    """How many may be written to for a purpose by a channel: a job (see `getRun`)."""
    run = call.omonat.mailing_lists.ask_count(sent.purpose, sent.channel, sent.reason, by=call.key, now=call.now)
    return shaped(run, RunShape)


@operation(
    "POST", "/mailing-lists/counts/{count_id}/list", id="drawMailingList", right="mailing.list", tag=TAG, status=202,
    errors=("denied", "invalid_input", "second_person_missing"),
)  # fmt: skip
def draw_mailing_list(call: Call, count_id: UUID) -> ListAsked:
    """Draw the list that was counted; more than one name needs a second person."""
    _own(call, count_id)
    done = call.omonat.mailing_lists.ask_list(count_id, by=call.key, now=call.now)
    if isinstance(done, Waiting):
        return ListAsked(run_id=None, approval_id=done.approval_id)
    return ListAsked(run_id=done, approval_id=None)


@operation(
    "POST", "/mailing-lists/{run_id}/fetch", id="fetchMailingList", right="mailing.list", tag=TAG, once=True,
)  # fmt: skip
def fetch_mailing_list(call: Call, run_id: UUID) -> ListShape:
    """The drawn list, once, for the key that asked for it; then it is destroyed.

    Whoever withdrew since it was drawn is left out.
    """
    content = b"".join(call.omonat.mailing_lists.fetch(run_id, by=call.key, now=call.now))
    return ListShape(csv=base64.b64encode(content).decode())


@operation("DELETE", "/mailing-lists/{run_id}", id="cancelMailingList", right="mailing.list", tag=TAG)
def cancel_mailing_list(call: Call, run_id: UUID) -> RunShape:
    """Stop a count or a list that waits or runs."""
    call.omonat.mailing_lists.cancel(run_id, by=call.key, now=call.now)
    return shaped(call.omonat.runs.get(run_id), RunShape)


@operation("GET", "/mailing-lists/{run_id}", id="getMailingList", right="mailing.list", tag=TAG)
def get_mailing_list(call: Call, run_id: UUID) -> RunShape:
    """How far a count or a list is."""
    return shaped(_own(call, run_id), RunShape)


@operation("GET", "/retention/sweeps/{run_id}", id="getSweep", right="retention.read", tag="Retention")
def get_sweep(call: Call, run_id: UUID) -> RunShape:
    """How far a sweep is, and what it destroyed, as counts."""
    run = call.omonat.runs.get(run_id)
    if run.kind != "sweep":
        raise NotFound
    return shaped(run, RunShape)


def _own(call: Call, run_id: UUID) -> Any:
    """Raises NotFound for another's: nobody learns that it is there."""
    run = call.omonat.runs.get(run_id)
    if run.actor != call.actor or not run.kind.startswith("mailing"):
        raise NotFound
    return run
