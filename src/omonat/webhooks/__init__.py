"""Floor 4: webhooks, by which connected systems hear at once that something happened (clauses 3.1, 7.1).

`Webhooks` keeps the endpoints; `Deliveries` watches the ledger, so whatever appends an event is told on without
calling anything here. The intention is a row of the outbox in the transaction of the act; each try is a durable job of
its own. `Sender` is the edge: the only file that opens a connection.

Invariants
- A payload holds ids and words, never a value of a person: who wants values asks the API, and that is journalled.
- A message keeps its id over all tries and repeats, and is signed anew each time (Standard Webhooks 1.0.0).
- Nothing is sent to an address inside the operator's network unless a setting names its host; no redirect is followed.
- A secret is sealed under the key store, shown once, and changed with an overlap in which both signatures are sent.
"""

from omonat.webhooks.deliveries import Deliveries, message_name
from omonat.webhooks.model import Delivery, Endpoint, NewEndpoint
from omonat.webhooks.rules import EVENTS, PAUSES
from omonat.webhooks.sending import Answer, Sender
from omonat.webhooks.service import Webhooks

__all__ = [
    "EVENTS", "PAUSES", "Answer", "Deliveries", "Delivery", "Endpoint", "NewEndpoint", "Sender", "Webhooks",
    "message_name",
]  # fmt: skip
