"""What setting up and signing in share: database, keys, the record of what happened, ceremonies."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from omonat.crypto import keyed_tag, new_token
from omonat.kernel.codec import length_prefixed
from omonat.kernel.ids import StaffId
from omonat.kernel.secret import Sealed
from omonat.ledger import Ledger
from omonat.staff import signing_store as store
from omonat.staff.signing_model import CeremonyOver
from omonat.staff.signing_rules import FORGOTTEN
from omonat.storage import Database

CEREMONY = timedelta(minutes=10)


class SigningParts:
    """`key` gives the secret `staff` of the key store: every tag and seal here stands under it."""

    def __init__(self, database: Database, key: Callable[[], bytes], ledger: Ledger) -> None:
        self.database, self.ledger = database, ledger
        self._key = key

    def key(self, use: str) -> bytes:
        """A key of its own for each use, from the one secret."""
        return keyed_tag(self._key(), b"staff key", use.encode())

    def tag(self, use: str, *parts: bytes) -> bytes:
        """A keyed tag; `use` keeps one kind from serving as another."""
        return keyed_tag(self.key("tag"), use.encode(), *parts)

    def record(self, tx: Connection, staff_id: StaffId, kind: str, *, now: datetime, device: str = "") -> None:
        """One event of weight: in the ledger by id alone, and in the list that the member sees."""
        event_id = self.ledger.append(tx, kind=kind, at=now, facts={"staff": str(staff_id)})
        store.add_event(tx, event_id, staff_id, kind, at=now, device=device[:60])

    def begin(self, tx: Connection, kind: str, staff_id: StaffId | None, *, token: Sealed[str], now: datetime) -> None:
        """A step that waits for the next one, under a token that the browser holds."""
        store.prune(tx, now - FORGOTTEN, now)
        ceremony = store.Ceremony(kind, staff_id)
        store.insert_ceremony(tx, self.ceremony_tag(token), ceremony, now + CEREMONY)

    def take(self, tx: Connection, kind: str, token: Sealed[str], now: datetime) -> StaffId | None:
        """The ceremony of a token, which is over with this, whatever comes of it. Raises CeremonyOver."""
        tag = self.ceremony_tag(token)
        found = store.find_ceremony(tx, tag, kind, now)
        if found is None or not store.end_ceremony(tx, tag):
            raise CeremonyOver
        return found.staff_id

    def ceremony_tag(self, token: Sealed[str]) -> bytes:
        """Under which a ceremony is kept."""
        return self.tag("ceremony", token.reveal().encode())

    def derived(self, use: str, token: Sealed[str]) -> bytes:
        """32 bytes that only we can make from a ceremony's token: a challenge, a nonce. Kept nowhere."""
        return self.tag(f"derived {use}", token.reveal().encode())


def totp_context(staff_id: StaffId) -> bytes:
    """What a sealed secret of an authenticator app is bound to."""
    return length_prefixed(b"staff totp", staff_id.bytes)


def fresh_token() -> Sealed[str]:
    """A new token for a cookie."""
    return Sealed(new_token())
