"""Use cases: a member of the staff signs in (clause 6.2). Whoever is unknown costs the same work and hears the same."""

from datetime import datetime
from functools import cached_property
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from omonat.crypto import new_token, open_sealed
from omonat.crypto.passkeys import BadPasskey, RelyingParty, ask_to_show, credential_of, read_shown
from omonat.crypto.passwords import hash_password, is_password
from omonat.crypto.totp import matching_step
from omonat.kernel.errors import Conflict, TooManyRequests
from omonat.kernel.ids import StaffId
from omonat.kernel.secret import Sealed
from omonat.staff import signing_store as store
from omonat.staff import store as accounts_store
from omonat.staff.model import StaffAccount
from omonat.staff.secrets import recovery_tag
from omonat.staff.sessions import StaffSessions
from omonat.staff.signing_model import (
    OIDC,
    PASSKEY,
    PASSWORD,
    RECOVERY,
    TOTP,
    CeremonyOver,
    Factors,
    LastFactor,
    Opened,
    PasskeyRefused,
    SignInRefused,
    SingleSignOnFailed,
    Waits,
)
from omonat.staff.signing_parts import SigningParts, fresh_token, totp_context
from omonat.staff.signing_rules import FREE_TRIES, is_counter_good, plain_code, plain_name, steps_allowed, wait_after

SECOND, PASSKEY_SHOWN = "second_factor", "passkey"
_NO_ONE = StaffId(UUID(int=0))


class StaffSignIn:
    """Password and second factor, or a passkey alone, or the operator's single sign-on."""

    def __init__(self, parts: SigningParts, sessions: StaffSessions) -> None:
        self._parts, self._sessions = parts, sessions
        self._database = parts.database

    @cached_property
    def _nobody(self) -> str:
        """A password that nobody has: tried for unknown names, so that they take as long."""
        return hash_password(self._parts.key("password"), new_token())

    # --- name and password ------------------------------------------------------------------------------------------

    def password(self, name: str, password: Sealed[str], *, device: str, now: datetime) -> Opened | Waits:
        """The first step. Opened only where no second factor is set up yet: that session reaches the account alone.

        Raises SignInRefused, TooManyRequests: both the same for a name that nobody has.
        """
        typed = plain_name(name)
        tag = self._parts.tag("name", typed.casefold().encode())
        self._take_try(tag, now)
        with self._database.read() as tx:
            account = accounts_store.find_by_name(tx, typed)
            if account is None:
                accounts_store.roles(tx)  # as many statements as for a name that there is
            kept = store.find_password(tx, account.staff_id if account else _NO_ONE)
        is_right = is_password(self._parts.key("password"), password.reveal()[:1000], kept or self._nobody)
        if account is None or kept is None or not is_right or not account.active:
            self._tell_if_closed(account, tag, device=device, now=now)
            raise SignInRefused
        token = fresh_token()

        def unit(tx: Connection) -> bool:
            store.forget_failures(tx, tag)
            if not store.has_second_factor(tx, account.staff_id):
                return False
            self._parts.begin(tx, SECOND, account.staff_id, token=token, now=now)
            return True

        if self._database.write(unit):
            return Waits(token)
        return self._open(account, PASSWORD, device=device, now=now)

    def _take_try(self, tag: bytes, now: datetime) -> None:
        """A try is counted before it is looked at, so that many at once gain nothing; a success forgets them."""

        def unit(tx: Connection) -> int:
            failures, closed_until = store.failures_of(tx, tag)
            if closed_until is not None and closed_until > now:
                return int((closed_until - now).total_seconds()) + 1
            failures += 1
            store.put_failures(tx, tag, failures, now=now, closed_until=now + wait_after(failures))
            return 0

        seconds = self._database.write(unit)
        if seconds:
            raise TooManyRequests(seconds=seconds)

    def _tell_if_closed(self, account: StaffAccount | None, tag: bytes, *, device: str, now: datetime) -> None:
        """The first time that tries are slowed the member and the ledger learn of it. Same statements for nobody."""

        def unit(tx: Connection) -> None:
            failures, _ = store.failures_of(tx, tag)
            if failures == FREE_TRIES and account is not None:
                self._parts.record(tx, account.staff_id, "staff_locked", now=now, device=device)

        self._database.write(unit)

    def prove(self, account: StaffAccount, password: Sealed[str], *, device: str, now: datetime) -> None:
        """Who is signed in shows the password again, before an act of weight. Raises SignInRefused, TooManyRequests."""
        tag = self._parts.tag("name", account.name.casefold().encode())
        self._take_try(tag, now)
        with self._database.read() as tx:
            kept = store.find_password(tx, account.staff_id)
        if not is_password(self._parts.key("password"), password.reveal()[:1000], kept or self._nobody):
            self._tell_if_closed(account, tag, device=device, now=now)
            raise SignInRefused
        self._database.write(lambda tx: store.forget_failures(tx, tag))

    # --- the second factor ------------------------------------------------------------------------------------------

    def waiting(self, token: Sealed[str], now: datetime) -> Factors | None:
        """What the second step may be, where the first was done in this browser; else None."""
        tag = self._parts.ceremony_tag(token)
        with self._database.read() as tx:
            found = store.find_ceremony(tx, tag, SECOND, now)
            return store.factors_of(tx, found.staff_id) if found and found.staff_id else None

    def second(self, token: Sealed[str], code: str, *, device: str, now: datetime) -> Opened:
        """The code of the app, or a recovery code. Raises SignInRefused, CeremonyOver, TooManyRequests."""
        account = self._waiting_account(token, now)
        tag = self._parts.tag("second", account.staff_id.bytes)
        self._take_try(tag, now)
        typed = plain_code(code)
        is_app = len(typed) == 6 and typed.isdigit()
        spend = self._spend_totp if is_app else self._spend_recovery

        def unit(tx: Connection) -> bool:
            if not spend(tx, account.staff_id, typed, now=now, device=device):
                return False
            if not store.end_ceremony(tx, self._parts.ceremony_tag(token)):
                raise CeremonyOver
            store.forget_failures(tx, tag)
            return True

        if not self._database.write(unit):
            self._tell_if_closed(account, tag, device=device, now=now)
            raise SignInRefused
        return self._open(account, TOTP if is_app else RECOVERY, device=device, now=now)

    def _waiting_account(self, token: Sealed[str], now: datetime) -> StaffAccount:
        with self._database.read() as tx:
            found = store.find_ceremony(tx, self._parts.ceremony_tag(token), SECOND, now)
            account = accounts_store.find_by_id(tx, found.staff_id) if found and found.staff_id else None
        if account is None or not account.active:
            raise CeremonyOver
        return account

    def _spend_totp(self, tx: Connection, staff_id: StaffId, code: str, *, now: datetime, device: str) -> bool:
        """A right code of a half minute that was not used: each counts once, also when sent twice at a time."""
        del device  # an app's code is nothing to report
        found = store.find_totp(tx, staff_id)
        if found is None or found.sealed_secret is None:
            return False
        secret = open_sealed(self._parts.key("totp"), found.sealed_secret, totp_context(staff_id))
        step = matching_step(secret, code, steps_allowed(now, found.last_step))
        return step is not None and store.use_totp_step(tx, staff_id, step)

    def _spend_recovery(self, tx: Connection, staff_id: StaffId, code: str, *, now: datetime, device: str) -> bool:
        if not store.use_recovery_code(tx, staff_id, recovery_tag(self._parts, staff_id, code), now):
            return False
        self._parts.record(tx, staff_id, "staff_recovery_code_used", now=now, device=device)
        return True

    # --- passkeys ---------------------------------------------------------------------------------------------------

    def begin_passkey(self, party: RelyingParty, now: datetime) -> tuple[str, Sealed[str]]:
        """(options for `navigator.credentials.get` as JSON, the token for the cookie). Names nobody."""
        token = fresh_token()
        self._database.write(lambda tx: self._parts.begin(tx, PASSKEY_SHOWN, None, token=token, now=now))
        return ask_to_show(party, challenge=self._parts.derived("challenge", token)), token

    def finish_passkey(
        self, token: Sealed[str], answer: str, party: RelyingParty, *, device: str, now: datetime
    ) -> Opened:
        """A passkey is both factors: the device asked for its PIN or finger. Raises PasskeyRefused, CeremonyOver."""
        self._database.write(lambda tx: self._parts.take(tx, PASSKEY_SHOWN, token, now))
        try:
            hashed = sha256(credential_of(answer)).digest()
            with self._database.read() as tx:
                key = store.find_passkey(tx, hashed)
                account = accounts_store.find_by_id(tx, key.staff_id) if key else None
            if key is None or account is None or not account.active:
                raise PasskeyRefused
            challenge = self._parts.derived("challenge", token)
            counter = read_shown(party, answer, challenge=challenge, public_key=key.public_key)
        except BadPasskey as error:
            raise PasskeyRefused from error
        self._count(key, counter, device=device, now=now)
        return self._open(account, PASSKEY, device=device, now=now)

    def _count(self, key: store.StoredPasskey, counter: int, *, device: str, now: datetime) -> None:
        def unit(tx: Connection) -> bool:
            if is_counter_good(counter, key.counter):
                return store.use_passkey(tx, key, counter, now)
            self._parts.record(tx, key.staff_id, "staff_passkey_copied", now=now, device=device)
            return False

        if not self._database.write(unit):
            raise PasskeyRefused

    # --- single sign-on ---------------------------------------------------------------------------------------------

    def begin_sign_on(self, kind: str, account: StaffAccount | None, now: datetime) -> Sealed[str]:
        """The token of a trip to the provider; what it must bring back is derived from it."""
        token = fresh_token()
        staff_id = account.staff_id if account else None
        self._database.write(lambda tx: self._parts.begin(tx, kind, staff_id, token=token, now=now))
        return token

    def take_sign_on(self, kind: str, token: Sealed[str], now: datetime) -> StaffId | None:
        """The trip is over with this. Returns whose it was, where it began signed in. Raises CeremonyOver."""
        return self._database.write(lambda tx: self._parts.take(tx, kind, token, now))

    def derived(self, use: str, token: Sealed[str]) -> bytes:
        """What a trip must bring back: state, nonce, PKCE verifier."""
        return self._parts.derived(use, token)

    def by_identity(
        self, issuer: str, subject: Sealed[str], *, has_second: bool, device: str, now: datetime
    ) -> Opened | Waits:
        """The account bound to that identity. Where the provider saw one factor only, ours is asked.

        Raises SingleSignOnFailed when none is bound: an e-mail address binds nobody.
        """
        with self._database.read() as tx:
            account = store.find_identity(tx, issuer, self._subject_tag(issuer, subject))
            has_own = account is not None and store.has_second_factor(tx, account.staff_id)
        if account is None or not account.active:
            raise SingleSignOnFailed
        if has_second:
            return self._open(account, OIDC, device=device, now=now)
        if not has_own:
            return self._open(account, PASSWORD, device=device, now=now)
        token = fresh_token()
        self._database.write(lambda tx: self._parts.begin(tx, SECOND, account.staff_id, token=token, now=now))
        return Waits(token)

    def bind_identity(
        self, account: StaffAccount, issuer: str, subject: Sealed[str], *, device: str = "", now: datetime
    ) -> None:
        """From now on that identity is this account. Its owner or an invitation says so. Raises Conflict when taken."""
        tag = self._subject_tag(issuer, subject)

        def unit(tx: Connection) -> None:
            found = store.find_identity(tx, issuer, tag)
            if found is not None and found.staff_id != account.staff_id:
                raise Conflict()
            store.put_identity(tx, account.staff_id, issuer, tag, now)
            self._parts.record(tx, account.staff_id, "staff_sign_on_bound", now=now, device=device)

        try:
            self._database.write(unit)
        except IntegrityError:
            raise Conflict() from None

    def unbind_identity(self, account: StaffAccount, *, device: str = "", now: datetime) -> None:
        """The identity is nobody's here any more; repeating it is harmless. Raises LastFactor for the only way in."""

        def unit(tx: Connection) -> None:
            factors = store.factors_of(tx, account.staff_id)
            if factors.password_at is None and not factors.passkeys:
                raise LastFactor
            if store.delete_identities(tx, account.staff_id):
                self._parts.record(tx, account.staff_id, "staff_sign_on_unbound", now=now, device=device)

        self._database.write(unit)

    def _subject_tag(self, issuer: str, subject: Sealed[str]) -> bytes:
        return self._parts.tag("identity", issuer.encode(), subject.reveal().encode())

    # --- sessions ---------------------------------------------------------------------------------------------------

    def enter(self, account: StaffAccount, *, how: str, device: str, now: datetime) -> Opened:
        """A session for who proved himself in another way: an invitation just accepted, a factor just set up."""
        return self._open(account, how, device=device, now=now)

    def _open(self, account: StaffAccount, how: str, *, device: str, now: datetime) -> Opened:
        token = fresh_token()

        def unit(tx: Connection) -> None:
            self._sessions.keep(tx, token, account, how=how, device=device, now=now)
            self._parts.record(tx, account.staff_id, "staff_signed_in", now=now, device=device)

        self._database.write(unit)
        return Opened(token, account, how)
