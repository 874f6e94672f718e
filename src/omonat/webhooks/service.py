"""Use cases of endpoints: adding, changing, rotating the secret, switching off and on, removing."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.errors import InvalidInput, NotFound
from omonat.kernel.ids import new_id
from omonat.keystore import KeyStore
from omonat.ledger import Ledger
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.webhooks import rules, store
from omonat.webhooks.model import GIVEN_UP, WAITING, Endpoint, NewEndpoint
from omonat.webhooks.secrets import new_secret, sealed

RIGHT = "webhook.administer"
MOST = 50


class Webhooks:
    """The endpoints of connected systems."""

    def __init__(self, database: Database, keystore: KeyStore, ledger: Ledger, *, dev: bool) -> None:
        self._database, self._keystore, self._ledger, self._dev = database, keystore, ledger, dev

    def add(
        self, url: str, events: Iterable[str], *, description: str = "", actor: Actor, now: datetime,
        endpoint_id: UUID | None = None,
    ) -> NewEndpoint:  # fmt: skip
        """A new endpoint; its secret is in the answer and nowhere else. Raises NotAllowed, InvalidInput.

        `endpoint_id` makes a form that is sent twice harmless: the second one raises InvalidInput.
        """
        require(actor, RIGHT)
        chosen, secret = endpoint_id or new_id(), new_secret()
        url, description = url.strip(), description.strip()
        events = self._checked(url, events, description)
        row = {
            "endpoint_id": chosen, "url": url, "description": description, "events": list(events), "off_because": "",
            "created_at": now, "created_by": actor.actor, "sealed_secret": sealed(self._keystore, chosen, secret),
        }  # fmt: skip

        def unit(tx: Connection) -> Endpoint:
            if store.find_endpoint(tx, chosen) is not None or len(store.endpoints(tx)) >= MOST:
                raise InvalidInput({"url": "There are as many webhooks as there may be."})
            store.insert_endpoint(tx, row)
            self._note(tx, "webhook_added", chosen, actor, now, events=list(events))
            return self._get(tx, chosen)

        return NewEndpoint(self._database.write(unit), secret)

    def change(
        self, endpoint_id: UUID, *, url: str, events: Iterable[str], description: str, actor: Actor, now: datetime
    ) -> Endpoint:
        """Another address, other events. Raises NotAllowed, InvalidInput, NotFound."""
        require(actor, RIGHT)
        url, description = url.strip(), description.strip()
        events = self._checked(url, events, description)

        def unit(tx: Connection) -> Endpoint:
            self._update(tx, endpoint_id, url=url, events=list(events), description=description)
            self._note(tx, "webhook_changed", endpoint_id, actor, now, events=list(events))
            return self._get(tx, endpoint_id)

        return self._database.write(unit)

    def rotate(self, endpoint_id: UUID, *, actor: Actor, now: datetime) -> NewEndpoint:
        """A new secret; for two days messages are signed with the old one, too. Raises NotAllowed, NotFound."""
        require(actor, RIGHT)
        secret = new_secret()
        fresh = sealed(self._keystore, endpoint_id, secret)

        def unit(tx: Connection) -> Endpoint:
            self._get(tx, endpoint_id)
            old, _older = store.secrets_of(tx, endpoint_id)
            self._update(
                tx, endpoint_id, sealed_secret=fresh, sealed_old_secret=old, old_secret_until=now + rules.OVERLAP
            )
            self._note(tx, "webhook_secret_rotated", endpoint_id, actor, now)
            return self._get(tx, endpoint_id)

        return NewEndpoint(self._database.write(unit), secret)

    def switch(self, endpoint_id: UUID, *, on: bool, actor: Actor, now: datetime) -> Endpoint:
        """Off: nothing goes there, and what waits is given up. On: from now on. Raises NotAllowed, NotFound."""
        require(actor, RIGHT)

        def unit(tx: Connection) -> Endpoint:
            self._update(tx, endpoint_id, off_because="" if on else "staff")
            self._note(tx, "webhook_switched_on" if on else "webhook_switched_off", endpoint_id, actor, now)
            return self._get(tx, endpoint_id)

        return self._database.write(unit)

    def remove(self, endpoint_id: UUID, *, actor: Actor, now: datetime) -> None:
        """The endpoint with its secrets and deliveries. Raises NotAllowed, NotFound."""
        require(actor, RIGHT)

        def unit(tx: Connection) -> None:
            if not store.delete_endpoint(tx, endpoint_id):
                raise NotFound()
            self._note(tx, "webhook_removed", endpoint_id, actor, now)

        self._database.write(unit)

    # --- looking --------------------------------------------------------------------------------------------------

    def get(self, endpoint_id: UUID) -> Endpoint:
        """Raises NotFound."""
        with self._database.read() as tx:
            return self._get(tx, endpoint_id)

    def all(self) -> list[tuple[Endpoint, int, int]]:
        """Each endpoint, with how many messages wait for it and how many were given up, oldest first."""
        with self._database.read() as tx:
            counted = store.counts(tx)
            return [
                (one, counted.get((one.endpoint_id, WAITING), 0), counted.get((one.endpoint_id, GIVEN_UP), 0))
                for one in store.endpoints(tx)
            ]

    def switched_off(self) -> list[Endpoint]:
        """Those that were switched off because nobody answered: for the overview of an administrator."""
        with self._database.read() as tx:
            return [one for one in store.endpoints(tx) if one.off_because in ("no_answer", "gone")]

    # --- inside ---------------------------------------------------------------------------------------------------

    def _checked(self, url: str, events: Iterable[str], description: str) -> tuple[str, ...]:
        chosen = set(events)
        problems = {"url": rules.url_problem(url, dev=self._dev)}
        if not chosen or chosen - set(rules.EVENTS):
            problems["events"] = "Choose at least one event."
        if len(description) > rules.LONGEST_DESCRIPTION:
            problems["description"] = "This is too long."
        found = {name: problem for name, problem in problems.items() if problem}
        if found:
            raise InvalidInput(found)
        return tuple(name for name in rules.EVENTS if name in chosen)

    def _get(self, tx: Connection, endpoint_id: UUID) -> Endpoint:
        found = store.find_endpoint(tx, endpoint_id)
        if found is None:
            raise NotFound()
        return found

    def _update(self, tx: Connection, endpoint_id: UUID, **values: object) -> None:
        if not store.update_endpoint(tx, endpoint_id, **values):
            raise NotFound()

    def _note(
        self, tx: Connection, kind: str, endpoint_id: UUID, actor: Actor, now: datetime, **facts: object
    ) -> None:  # fmt: skip
        self._ledger.append(tx, kind=kind, at=now, facts={"endpoint": str(endpoint_id), "actor": actor.actor, **facts})
