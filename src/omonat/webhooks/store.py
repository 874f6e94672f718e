"""SQL of endpoints and deliveries."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, and_, delete, func, insert, select, update

from omonat.storage.schema import webhook_delivery, webhook_endpoint
from omonat.storage.statements import Query
from omonat.webhooks.model import ARRIVED, GIVEN_UP, WAITING, Delivery, Endpoint

_ENDPOINT = [webhook_endpoint.c[name] for name in Endpoint.__struct_fields__]
_DELIVERY = [webhook_delivery.c[name] for name in Delivery.__struct_fields__]


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(**{**row._mapping, "events": tuple(row.events)})


def _delivery(row: Any) -> Delivery:
    return Delivery(**row._mapping)


# --- endpoints ------------------------------------------------------------------------------------------------------


def insert_endpoint(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(webhook_endpoint).values(row))


def update_endpoint(tx: Connection, endpoint_id: UUID, **values: Any) -> bool:
    return (
        tx.execute(
            update(webhook_endpoint).where(webhook_endpoint.c.endpoint_id == endpoint_id).values(**values)
        ).rowcount
        == 1
    )


def delete_endpoint(tx: Connection, endpoint_id: UUID) -> bool:
    tx.execute(delete(webhook_delivery).where(webhook_delivery.c.endpoint_id == endpoint_id))
    return tx.execute(delete(webhook_endpoint).where(webhook_endpoint.c.endpoint_id == endpoint_id)).rowcount == 1


def find_endpoint(tx: Connection, endpoint_id: UUID) -> Endpoint | None:
    row = tx.execute(select(*_ENDPOINT).where(webhook_endpoint.c.endpoint_id == endpoint_id)).first()
    return None if row is None else _endpoint(row)


def secrets_of(tx: Connection, endpoint_id: UUID) -> tuple[bytes, bytes | None]:
    """(the present one, the one before), sealed."""
    c = webhook_endpoint.c
    row = tx.execute(select(c.sealed_secret, c.sealed_old_secret).where(c.endpoint_id == endpoint_id)).one()
    return bytes(row.sealed_secret), None if row.sealed_old_secret is None else bytes(row.sealed_old_secret)


def endpoints(tx: Connection) -> list[Endpoint]:
    """Oldest first. There are few: each is a system that the operator has connected."""
    return [_endpoint(row) for row in tx.execute(select(*_ENDPOINT).order_by(webhook_endpoint.c.endpoint_id))]


def listening(tx: Connection) -> list[tuple[UUID, list[str]]]:
    """(endpoint, events) of those that are on."""
    return [(endpoint_id, events) for endpoint_id, events in _LISTENING.all(tx)]


_LISTENING = Query(
    select(webhook_endpoint.c.endpoint_id, webhook_endpoint.c.events).where(webhook_endpoint.c.off_because == "")
)


# --- deliveries -----------------------------------------------------------------------------------------------------


def insert_delivery(tx: Connection, row: dict[str, Any]) -> None:
    tx.execute(insert(webhook_delivery).values(row))


def find_delivery(tx: Connection, delivery_id: UUID) -> Delivery | None:
    row = tx.execute(select(*_DELIVERY).where(webhook_delivery.c.delivery_id == delivery_id)).first()
    return None if row is None else _delivery(row)


def update_delivery(tx: Connection, delivery_id: UUID, turn: int, values: dict[str, Any]) -> bool:
    """Whether it was still at that turn: a job that runs twice writes once."""
    c = webhook_delivery.c
    chosen = and_(c.delivery_id == delivery_id, c.turn == turn)
    return tx.execute(update(webhook_delivery).where(chosen).values(values)).rowcount == 1


def deliveries(
    tx: Connection, endpoint_id: UUID, *, state: str | None, after: UUID | None, limit: int
) -> list[Delivery]:  # fmt: skip
    """Newest first."""
    c = webhook_delivery.c
    found = select(*_DELIVERY).where(c.endpoint_id == endpoint_id).order_by(c.delivery_id.desc()).limit(limit)
    if state is not None:
        found = found.where(c.state == state)
    if after is not None:
        found = found.where(c.delivery_id < after)
    return [_delivery(row) for row in tx.execute(found)]


def counts(tx: Connection) -> dict[tuple[UUID, str], int]:
    """How many deliveries there are by endpoint and state."""
    c = webhook_delivery.c
    rows = tx.execute(select(c.endpoint_id, c.state, func.count()).group_by(c.endpoint_id, c.state))
    return {(row[0], row[1]): row[2] for row in rows}


def arrived_since(tx: Connection, endpoint_id: UUID, moment: datetime) -> bool:
    """Whether anything arrived there from a moment on."""
    c = webhook_delivery.c
    found = select(c.delivery_id).where(c.endpoint_id == endpoint_id, c.state == ARRIVED, c.tried_at >= moment)
    return tx.execute(found.limit(1)).first() is not None


def overdue(tx: Connection, before: datetime, limit: int) -> list[Delivery]:
    """Waiting ones whose job should have run long ago."""
    c = webhook_delivery.c
    found = select(*_DELIVERY).where(c.state == WAITING, c.next_at < before).order_by(c.next_at).limit(limit)
    return [_delivery(row) for row in tx.execute(found)]


def forget_person(tx: Connection, subject_id: UUID, data: dict[str, str], kept: UUID) -> None:
    """Of an erased person messages say nothing but his opaque id, except the one that tells of the erasure."""
    c = webhook_delivery.c
    chosen = and_(c.subject_id == subject_id, c.message_id != kept)
    tx.execute(update(webhook_delivery).where(chosen).values(data=data))


def prune(tx: Connection, before: datetime) -> int:
    """Forget what ended long ago."""
    c = webhook_delivery.c
    ended: Iterable[str] = (ARRIVED, GIVEN_UP)
    return tx.execute(delete(webhook_delivery).where(c.state.in_(ended), c.created_at < before)).rowcount
