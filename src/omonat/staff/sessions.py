"""Sessions of the staff (clause 6.2): opened after a second factor, found by token, ended at once for leavers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from omonat.crypto import keyed_tag, new_token
from omonat.kernel.ids import SessionId, new_id
from omonat.kernel.secret import Sealed
from omonat.staff import sessions_store as store
from omonat.staff.model import StaffAccount, StaffSession
from omonat.storage import Database

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=45)
_SEEN_EVERY = timedelta(minutes=1)


class StaffSessions:
    """Who of the staff is signed in. `token_key` gives the key under which tokens are kept as tags."""

    def __init__(self, database: Database, token_key: Callable[[], bytes]) -> None:
        self._database = database
        self._token_key = token_key

    def open(self, account: StaffAccount, *, how: str, device: str, now: datetime) -> Sealed[str]:
        """A new session; the caller has checked both factors. Returns its token, which is kept nowhere."""
        token = Sealed(new_token())
        self._database.write(lambda tx: self.keep(tx, token, account, how=how, device=device, now=now))
        return token

    def keep(
        self, tx: Connection, token: Sealed[str], account: StaffAccount, *, how: str, device: str, now: datetime
    ) -> None:
        """Within a unit: a session under a token that is new."""
        session = StaffSession(
            session_id=SessionId(new_id()), account=account, how=how, device=device[:60], created_at=now, seen_at=now,
            proved_at=now, expires_at=now + LONGEST,
        )  # fmt: skip
        store.prune(tx, now)
        store.insert_session(tx, self._tag(token), session)

    def find(self, token: Sealed[str], now: datetime) -> StaffSession | None:
        """The session of a token: None when it ended, ran out, was idle for long, or its account was blocked."""
        tag = self._tag(token)
        with self._database.read() as tx:
            found = store.find_session(tx, tag)
        if found is None or not found.account.active or now >= min(found.expires_at, found.seen_at + IDLE):
            return None
        if now - found.seen_at > _SEEN_EVERY:
            self._database.write(lambda tx: store.set_seen(tx, tag, now))
        return found

    def proved(self, token: Sealed[str], now: datetime) -> None:
        """A factor was shown again: acts of weight are open for a while."""
        self._database.write(lambda tx: store.set_proved(tx, self._tag(token), now))

    def end(self, token: Sealed[str]) -> None:
        """Sign out; repeating it is harmless."""
        self._database.write(lambda tx: store.delete_session(tx, self._tag(token)))

    def of(self, account: StaffAccount) -> list[StaffSession]:
        """Every session of an account, last seen first."""
        with self._database.read() as tx:
            return store.sessions_of(tx, account)

    def end_one(self, account: StaffAccount, session_id: UUID) -> bool:
        """Sign another browser of the account out; whether it was signed in."""
        return self._database.write(lambda tx: store.delete_session_of(tx, account.staff_id, session_id))

    def end_others(self, account: StaffAccount, token: Sealed[str]) -> int:
        """Sign every other browser of the account out. Returns how many."""
        tag = self._tag(token)
        return self._database.write(lambda tx: store.delete_sessions_of(tx, account.staff_id, but=tag))

    def _tag(self, token: Sealed[str]) -> bytes:
        return keyed_tag(self._token_key(), b"staff session", token.reveal().encode())
