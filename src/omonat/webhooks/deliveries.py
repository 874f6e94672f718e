"""Messages on their way: wanted in the transaction of the act, tried until they arrive or three days have passed."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from omonat.jobs import Outbox
from omonat.kernel.clock import Clock
from omonat.kernel.errors import Conflict, NotFound
from omonat.kernel.ids import new_id
from omonat.kernel.signed_message import ID, SIGNATURE, TIMESTAMP, signature
from omonat.keystore import KeyStore
from omonat.ledger import Happened, Ledger
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.webhooks import rules, store
from omonat.webhooks.model import ARRIVED, GIVEN_UP, WAITING, Delivery, Endpoint
from omonat.webhooks.secrets import signing_secrets
from omonat.webhooks.sending import Answer, Sender
from omonat.webhooks.service import RIGHT

JOB, OFF_MAIL = "webhook", "webhook_off_mail"
KEPT = timedelta(days=30)
PAGE, MOST = 50, 500
_AT_ONCE, _AT_ONCE_TO_ONE = 4, 2  # of the eight threads of the dispatcher: a dead receiver stops no erasure
_KNOWN_SECONDS = 1.0
_LATE = timedelta(minutes=30)


Arrival = Callable[[Connection, dict[str, object], str, datetime], None]
"""What else is written when a message was acknowledged: its data, the address. Its unit may run twice."""


class Deliveries:
    """What goes to endpoints."""

    def __init__(
        self, database: Database, keystore: KeyStore, ledger: Ledger, outbox: Outbox, *, sender: Sender, clock: Clock
    ) -> None:
        self._database, self._keystore, self._ledger, self._outbox = database, keystore, ledger, outbox
        self._sender, self._clock = sender, clock
        self._slots = _Slots()
        self._known: tuple[float, list[tuple[UUID, list[str]]]] | None = None
        self.on_arrival: Arrival = lambda _tx, _data, _url, _now: None
        ledger.watch(self.hear)

    # --- wanting --------------------------------------------------------------------------------------------------

    def hear(self, tx: Connection, happened: Sequence[Happened]) -> None:
        """A watcher of the ledger: one delivery for each endpoint that listens, in the transaction of the act."""
        worth = [(one, told) for one in happened if (told := rules.told(one.kind, one.facts, one.about)) is not None]
        listening = self._listening(tx, happened) if worth else []
        for one, told in worth:
            for endpoint_id, events in listening:
                if told.event in events:
                    self._want(tx, endpoint_id, told, one.event_id, one.at)
            if told.event == "person.erased" and "subject" in one.about:
                subject = one.about["subject"]
                store.forget_person(tx, UUID(subject), {"subject": subject}, one.event_id)

    def _listening(self, tx: Connection, happened: Sequence[Happened]) -> list[tuple[UUID, list[str]]]:
        """Who listens now; for cookie choices, the busiest write of a site, who listened a second ago at most."""
        known, now = self._known, time.monotonic()
        if (
            known is None
            or now - known[0] >= _KNOWN_SECONDS
            or not all(rules.is_cookie_choice(one) for one in happened)
        ):
            known = self._known = (now, store.listening(tx))
        return known[1]

    def _want(
        self, tx: Connection, endpoint_id: UUID, told: rules.Told, message_id: UUID, at: datetime
    ) -> UUID:  # fmt: skip
        subject = told.data.get("subject")
        delivery_id, now = new_id(), self._clock.now()
        row: dict[str, Any] = {
            "delivery_id": delivery_id, "endpoint_id": endpoint_id, "message_id": message_id, "event": told.event,
            "at": at, "data": told.data, "subject_id": UUID(str(subject)) if subject else None, "state": WAITING,
            "turn": 1, "tries": 0, "created_at": now, "next_at": now, "problem": "",
        }  # fmt: skip
        store.insert_delivery(tx, row)
        self._plan(tx, delivery_id, 1, now, now)
        return delivery_id

    def _plan(self, tx: Connection, delivery_id: UUID, turn: int, at: datetime, now: datetime) -> None:
        payload = {"delivery": str(delivery_id), "turn": str(turn)}
        key = _key(delivery_id, turn)
        self._outbox.add(tx, kind=JOB, business_key=key, payload=payload, now=now, not_before=at)

    # --- trying ---------------------------------------------------------------------------------------------------

    def attempt(self, payload: dict[str, str]) -> None:
        """The job: one try of one message. What it leads to and the job of the next try are one transaction."""
        now = self._clock.now()
        with self._database.read() as tx:
            delivery = store.find_delivery(tx, UUID(payload["delivery"]))
            if delivery is None or delivery.state != WAITING or delivery.turn != int(payload["turn"]):
                return
            endpoint = store.find_endpoint(tx, delivery.endpoint_id)
            if endpoint is None:
                return
            headers, body = self._message(tx, delivery, endpoint, now)
        if not endpoint.active:
            self._database.write(lambda tx: self._end(tx, delivery, GIVEN_UP, problem="switched_off"))
            return
        with self._slots.of(endpoint.endpoint_id) as free:
            answer = self._sender.send(endpoint.url, headers, body) if free else None
        jitter, after = random.random(), self._clock.now()  # noqa: S311 - spreads tries
        self._database.write(lambda tx: self._note(tx, delivery, answer, jitter, after))

    def _message(
        self, tx: Connection, delivery: Delivery, endpoint: Endpoint, now: datetime
    ) -> tuple[dict[str, str], bytes]:
        body = rules.payload(delivery.event, delivery.at, delivery.data)
        message_id, stamp = message_name(delivery), str(int(now.timestamp()))
        secrets = signing_secrets(tx, self._keystore, endpoint, now)
        signed = " ".join(signature(secret.reveal(), message_id, stamp, body) for secret in secrets)
        headers = {
            ID: message_id, TIMESTAMP: stamp, SIGNATURE: signed, "Content-Type": "application/json",
            "User-Agent": "omonat-webhooks/1",
        }  # fmt: skip
        return headers, body

    def _note(
        self, tx: Connection, delivery: Delivery, answer: Answer | None, jitter: float, now: datetime
    ) -> None:  # fmt: skip
        """`answer` None: nothing was sent, for too much is on its way."""
        if answer is None:
            self._again(tx, delivery, timedelta(seconds=1 + 4 * jitter), now)
            return
        tried: dict[str, Any] = {
            "tries": delivery.tries + 1, "tried_at": now, "status": answer.status, "problem": answer.problem,
        }  # fmt: skip
        pause = rules.next_pause(delivery.tries + 1, answer.wait, jitter)
        if not answer.problem:
            self._arrive(tx, delivery, tried, now)
        elif answer.problem == "gone":
            if self._end(tx, delivery, GIVEN_UP, **tried):
                self._switch_off(tx, delivery.endpoint_id, "gone", now)
        elif pause is not None:
            self._again(tx, delivery, pause, now, **tried)
        elif self._end(tx, delivery, GIVEN_UP, **tried) and delivery.event != rules.TEST:
            if not store.arrived_since(tx, delivery.endpoint_id, delivery.created_at):
                self._switch_off(tx, delivery.endpoint_id, "no_answer", now)

    def _arrive(self, tx: Connection, delivery: Delivery, tried: dict[str, Any], now: datetime) -> None:
        ended = self._end(tx, delivery, ARRIVED, **tried)
        endpoint = store.find_endpoint(tx, delivery.endpoint_id)
        if ended and endpoint is not None:
            self.on_arrival(tx, delivery.data, endpoint.url, now)

    def _again(self, tx: Connection, delivery: Delivery, pause: timedelta, now: datetime, **tried: Any) -> None:
        turn, at = delivery.turn + 1, now + pause
        if store.update_delivery(tx, delivery.delivery_id, delivery.turn, {"turn": turn, "next_at": at, **tried}):
            self._plan(tx, delivery.delivery_id, turn, at, now)

    def _end(self, tx: Connection, delivery: Delivery, state: str, **values: Any) -> bool:
        ended = {"state": state, "turn": delivery.turn + 1, "next_at": None, **values}
        return store.update_delivery(tx, delivery.delivery_id, delivery.turn, ended)

    def _switch_off(self, tx: Connection, endpoint_id: UUID, why: str, now: datetime) -> None:
        """Days without an answer: the administrator is told once, by mail and on his overview."""
        found = store.find_endpoint(tx, endpoint_id)
        if found is None or not found.active:
            return
        store.update_endpoint(tx, endpoint_id, off_because=why)
        facts: dict[str, object] = {"endpoint": str(endpoint_id), "actor": "system", "why": why}
        event_id = self._ledger.append(tx, kind="webhook_switched_off", at=now, facts=facts)
        payload = {"endpoint": str(endpoint_id), "event": str(event_id)}
        self._outbox.add(tx, kind=OFF_MAIL, business_key=f"{OFF_MAIL}:{event_id}", payload=payload, now=now)

    # --- the staff ------------------------------------------------------------------------------------------------

    def test(self, endpoint_id: UUID, *, actor: Actor, now: datetime) -> UUID:
        """Send an event that means nothing; the id of its delivery. Raises NotAllowed, NotFound, Conflict."""
        require(actor, RIGHT)
        told = rules.Told(rules.TEST, {"endpoint": str(endpoint_id)})

        def unit(tx: Connection) -> UUID:
            self._active(tx, endpoint_id)
            return self._want(tx, endpoint_id, told, new_id(), now)

        return self._database.write(unit)

    def repeat(self, delivery_id: UUID, *, actor: Actor, now: datetime) -> Delivery:
        """Send a message again at once, under its old id. Raises NotAllowed, NotFound, Conflict (it is off)."""
        require(actor, RIGHT)

        def unit(tx: Connection) -> Delivery:
            found = self._get(tx, delivery_id)
            self._active(tx, found.endpoint_id)
            self._repeat(tx, found, now)
            return self._get(tx, delivery_id)

        return self._database.write(unit)

    def repeat_given_up(self, endpoint_id: UUID, *, actor: Actor, now: datetime) -> int:
        """Send everything again that was given up, 500 messages at a time; how many. Raises as `repeat`."""
        require(actor, RIGHT)

        def unit(tx: Connection) -> int:
            self._active(tx, endpoint_id)
            found = store.deliveries(tx, endpoint_id, state=GIVEN_UP, after=None, limit=MOST)
            for one in reversed(found):  # the oldest first
                self._repeat(tx, one, now)
            return len(found)

        return self._database.write(unit)

    def _repeat(self, tx: Connection, found: Delivery, now: datetime) -> None:
        turn = found.turn + 1
        again = {"state": WAITING, "turn": turn, "tries": 0, "next_at": now}
        if store.update_delivery(tx, found.delivery_id, found.turn, again):
            self._plan(tx, found.delivery_id, turn, now, now)

    def get(self, delivery_id: UUID) -> Delivery:
        """Raises NotFound."""
        with self._database.read() as tx:
            return self._get(tx, delivery_id)

    def page(
        self, endpoint_id: UUID, *, state: str | None = None, after: UUID | None = None, limit: int = PAGE
    ) -> list[Delivery]:
        """Newest first; `after`: id of the last one of the page before."""
        with self._database.read() as tx:
            return store.deliveries(tx, endpoint_id, state=state, after=after, limit=min(limit, MOST))

    def _get(self, tx: Connection, delivery_id: UUID) -> Delivery:
        found = store.find_delivery(tx, delivery_id)
        if found is None:
            raise NotFound()
        return found

    def _active(self, tx: Connection, endpoint_id: UUID) -> None:
        found = store.find_endpoint(tx, endpoint_id)
        if found is None:
            raise NotFound()
        if not found.active:
            raise Conflict()

    # --- tending --------------------------------------------------------------------------------------------------

    def tend(self, now: datetime) -> None:
        """Plan again what lost its job to an error of ours, and forget what ended long ago."""

        def unit(tx: Connection) -> None:
            for late in store.overdue(tx, now - _LATE, MOST):
                self._again(tx, late, timedelta(), now)
            store.prune(tx, now - KEPT)

        self._database.write(unit)


def message_name(delivery: Delivery) -> str:
    """What the receiver knows the message by, at every try."""
    return f"msg_{delivery.message_id.hex}"


def _key(delivery_id: UUID, turn: int) -> str:
    return f"{JOB}:{delivery_id}:{turn}"


class _Slots:
    """How much may be on its way at once, in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def of(self, endpoint_id: UUID) -> Iterator[bool]:
        """Whether there is room; taken while inside."""
        with self._lock:
            free = self._taken.total() < _AT_ONCE and self._taken[endpoint_id] < _AT_ONCE_TO_ONE
            self._taken[endpoint_id] += free
        try:
            yield free
        finally:
            with self._lock:
                self._taken[endpoint_id] -= free
