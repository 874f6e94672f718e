"""Use cases: what a member of the staff signs in with is set, changed and taken away (clause 6.2)."""

import secrets
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from omonat.crypto import open_sealed, seal
from omonat.crypto.passkeys import BadPasskey, MadeKey, RelyingParty, ask_to_make, read_made
from omonat.crypto.passwords import hash_password, is_password
from omonat.crypto.totp import matching_step, new_totp_secret, totp_text, totp_uri
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import StaffId, new_id
from omonat.kernel.secret import Sealed
from omonat.staff import sessions_store
from omonat.staff import signing_store as store
from omonat.staff.model import StaffAccount
from omonat.staff.signing_model import (
    RECOVERY_CODES,
    Factors,
    LastFactor,
    PasskeyRefused,
    SecurityEvent,
    TotpOffer,
)
from omonat.staff.signing_parts import SigningParts, fresh_token, totp_context
from omonat.staff.signing_rules import password_problem, plain_code, steps_allowed

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 signs that nobody mistakes for another
_CODE_LENGTH = 10
_EVENTS_SHOWN = 50
PASSKEY_ADD = "passkey_add"

WRONG_CODE = "This code is not right. It changes every 30 seconds; look whether the phone's clock is right."
WRONG_PASSWORD = "This is not your present password."  # noqa: S105 - a message


class StaffSecrets:
    """Passwords, second factors and recovery codes of accounts. Callers have checked who acts.

    `device` is a word about the browser for the member's own list, such as "Chromium, Linux".
    """

    def __init__(self, parts: SigningParts) -> None:
        self._parts = parts
        self._database = parts.database

    # --- password ---------------------------------------------------------------------------------------------------

    def set_password(self, account: StaffAccount, password: Sealed[str], now: datetime, *, device: str = "") -> None:
        """A first or a new password; every session of the account ends. Raises InvalidInput on `password`."""
        kept = self.checked_password(account.name, password)
        self._database.write(lambda tx: self.keep_password(tx, account.staff_id, kept, now, device=device))

    def checked_password(self, name: str, password: Sealed[str]) -> Sealed[str]:
        """What is kept of a password, for `keep_password` in a unit of the caller. Slow. Raises InvalidInput."""
        problem = password_problem(password.reveal(), name)
        if problem:
            raise InvalidInput({"password": problem})
        return Sealed(hash_password(self._parts.key("password"), password.reveal()))

    def keep_password(
        self, tx: Connection, staff_id: StaffId, kept: Sealed[str], now: datetime, *, device: str = ""
    ) -> None:
        """Within a unit: the password counts from now on, whoever is signed in by the old one is out."""
        store.put_password(tx, staff_id, kept.reveal(), now)
        sessions_store.delete_sessions_of(tx, staff_id)
        store.end_ceremonies_of(tx, staff_id)
        self._parts.record(tx, staff_id, "staff_password_set", now=now, device=device)

    def check_password(self, account: StaffAccount, password: Sealed[str]) -> None:
        """Before something of weight is changed. Raises InvalidInput on `password`; none at all is asked of nobody."""
        with self._database.read() as tx:
            kept = store.find_password(tx, account.staff_id)
        if kept is not None and not is_password(self._parts.key("password"), password.reveal(), kept):
            raise InvalidInput({"present": WRONG_PASSWORD})

    # --- authenticator app ------------------------------------------------------------------------------------------

    def begin_totp(self, account: StaffAccount) -> None:
        """A new secret is made, to be shown and confirmed; one that counts already goes on counting until then."""
        sealed = seal(self._parts.key("totp"), new_totp_secret(), totp_context(account.staff_id))
        self._database.write(lambda tx: store.put_next_totp(tx, account.staff_id, sealed))

    def totp_offer(self, account: StaffAccount, issuer: str) -> TotpOffer | None:
        """What is to be confirmed, as text and as the address for the QR code."""
        with self._database.read() as tx:
            found = store.find_totp(tx, account.staff_id)
        if found is None or found.sealed_next is None:
            return None
        secret = self._open(account.staff_id, found.sealed_next)
        return TotpOffer(Sealed(totp_text(secret)), Sealed(totp_uri(secret, account=account.name, issuer=issuer)))

    def confirm_totp(self, account: StaffAccount, code: str, now: datetime, *, device: str = "") -> None:
        """A right code of the new secret makes it count. Raises InvalidInput on `code`, NotFound."""

        def unit(tx: Connection) -> bool:
            found = store.find_totp(tx, account.staff_id)
            if found is None or found.sealed_next is None:
                raise NotFound
            secret = self._open(account.staff_id, found.sealed_next)
            step = matching_step(secret, plain_code(code), steps_allowed(now, 0))
            if step is None or not store.confirm_totp(tx, account.staff_id, found.sealed_next, step, now):
                return False
            self._parts.record(tx, account.staff_id, "staff_totp_added", now=now, device=device)
            return True

        if not self._database.write(unit):
            raise InvalidInput({"code": WRONG_CODE})

    def remove_totp(self, account: StaffAccount, now: datetime, *, device: str = "") -> None:
        """Raises LastFactor, NotFound."""

        def unit(tx: Connection) -> None:
            if not store.delete_totp(tx, account.staff_id):
                raise NotFound
            self._after_removal(tx, account.staff_id, "staff_totp_removed", now=now, device=device)

        self._database.write(unit)

    def _open(self, staff_id: StaffId, sealed: bytes) -> bytes:
        return open_sealed(self._parts.key("totp"), sealed, totp_context(staff_id))

    # --- passkeys ---------------------------------------------------------------------------------------------------

    def begin_passkey(self, account: StaffAccount, party: RelyingParty, now: datetime) -> tuple[str, Sealed[str]]:
        """(options for `navigator.credentials.create` as JSON, the token that `finish_passkey` takes)."""
        token = fresh_token()

        def unit(tx: Connection) -> list[bytes]:
            self._parts.begin(tx, PASSKEY_ADD, account.staff_id, token=token, now=now)
            return store.credentials_of(tx, account.staff_id)

        known = self._database.write(unit)
        challenge = self._parts.derived("challenge", token)
        options = ask_to_make(
            party, challenge=challenge, person=account.staff_id.bytes, name=account.name, known=known
        )  # fmt: skip
        return options, token

    def finish_passkey(
        self, account: StaffAccount, token: Sealed[str], answer: str, party: RelyingParty, *, name: str, now: datetime,
        device: str = "",
    ) -> None:  # fmt: skip
        """Keep a new passkey. Raises PasskeyRefused, CeremonyOver, Conflict when it is there already."""
        whose = self._database.write(lambda tx: self._parts.take(tx, PASSKEY_ADD, token, now))
        try:
            made = read_made(party, answer, challenge=self._parts.derived("challenge", token))
        except BadPasskey as error:
            raise PasskeyRefused from error
        if whose != account.staff_id:
            raise PasskeyRefused
        self._keep_passkey(account.staff_id, made, _named(name) or device or "Passkey", now=now, device=device)

    def _keep_passkey(self, staff_id: StaffId, made: MadeKey, name: str, *, now: datetime, device: str) -> None:
        key = store.StoredPasskey(new_id(), staff_id, made.public_key, made.counter)
        hashed = sha256(made.credential).digest()

        def unit(tx: Connection) -> None:
            store.insert_passkey(tx, key, hashed=hashed, credential=made.credential, name=_named(name), now=now)
            self._parts.record(tx, staff_id, "staff_passkey_added", now=now, device=device)

        try:
            self._database.write(unit)
        except IntegrityError:
            raise Conflict() from None

    def rename_passkey(self, account: StaffAccount, passkey_id: UUID, name: str) -> None:
        """Raises InvalidInput, NotFound when it is not his."""
        chosen = _named(name)
        if not chosen:
            raise InvalidInput({"name": "A name is needed."})
        if not self._database.write(lambda tx: store.rename_passkey(tx, account.staff_id, passkey_id, chosen)):
            raise NotFound

    def remove_passkey(self, account: StaffAccount, passkey_id: UUID, now: datetime, *, device: str = "") -> None:
        """Raises LastFactor, NotFound when it is not his."""

        def unit(tx: Connection) -> None:
            if not store.delete_passkey(tx, account.staff_id, passkey_id):
                raise NotFound
            self._after_removal(tx, account.staff_id, "staff_passkey_removed", now=now, device=device)

        self._database.write(unit)

    def _after_removal(self, tx: Connection, staff_id: StaffId, kind: str, *, now: datetime, device: str) -> None:
        if not store.has_second_factor(tx, staff_id):
            raise LastFactor
        self._parts.record(tx, staff_id, kind, now=now, device=device)

    # --- recovery codes ---------------------------------------------------------------------------------------------

    def new_recovery_codes(
        self, account: StaffAccount, now: datetime, *, device: str = ""
    ) -> tuple[Sealed[str], ...]:  # fmt: skip
        """Ten codes, each good for one sign-in after the password; shown once. Older ones are void."""
        codes = ["".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES)]
        tags = [recovery_tag(self._parts, account.staff_id, code) for code in codes]

        def unit(tx: Connection) -> None:
            store.put_recovery_codes(tx, account.staff_id, tags, now)
            self._parts.record(tx, account.staff_id, "staff_recovery_codes_made", now=now, device=device)

        self._database.write(unit)
        return tuple(Sealed(f"{code[:5]}-{code[5:]}") for code in codes)

    # --- what there is ----------------------------------------------------------------------------------------------

    def factors(self, account: StaffAccount) -> Factors:
        """What the account signs in with."""
        with self._database.read() as tx:
            return store.factors_of(tx, account.staff_id)

    def has_second_factor(self, tx: Connection, staff_id: StaffId) -> bool:
        """Within a unit: whether the account has one."""
        return store.has_second_factor(tx, staff_id)

    def events(self, account: StaffAccount) -> list[SecurityEvent]:
        """What happened to the account, the newest first."""
        with self._database.read() as tx:
            return store.events_of(tx, account.staff_id, _EVENTS_SHOWN)

    def forget(self, tx: Connection, staff_id: StaffId, now: datetime) -> None:
        """Within a unit: for who leaves, or lost everything and is invited anew. All factors and sessions end."""
        store.forget_factors(tx, staff_id)
        sessions_store.delete_sessions_of(tx, staff_id)
        self._parts.record(tx, staff_id, "staff_factors_forgotten", now=now)


def recovery_tag(parts: SigningParts, staff_id: StaffId, code: str) -> bytes:
    """Under which a recovery code is kept."""
    return parts.tag("recovery", staff_id.bytes, plain_code(code).encode())


def _named(name: str) -> str:
    return " ".join("".join(sign for sign in name if sign.isprintable()).split())[:60]
