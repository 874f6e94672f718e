"""Floor 4: the doors *disclose* and *use* (clauses 3.1, 5.1, 7.1 a; ZRU-547 Arts 13, 18, 23, 31).

`Disclosures.disclose` gives a person's values to a registered recipient: decided inside the writer's transaction,
journalled where the person sees it, the notice to the person in the outbox, all committed before a value is opened.
`Disclosures.mailing` lists those who may be written to: a standing consent for purpose and channel, a proven address.
`MailingLists` draws such a list as a run, sealed for a day, fetched once.

Invariants: nothing is opened before its event is durable; a decision is made per person in the transaction that
journals it; package names and events hold no personal value.
"""

from omonat.disclosure.lists import MailingLists
from omonat.disclosure.mailing import Census
from omonat.disclosure.model import Disclosed, DisclosureRow, MailingRow
from omonat.disclosure.rules import CHANNEL_KINDS
from omonat.disclosure.service import Disclosures

__all__ = [
    "CHANNEL_KINDS", "Census", "Disclosed", "DisclosureRow", "Disclosures", "MailingLists", "MailingRow",
]  # fmt: skip
