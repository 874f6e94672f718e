"""What the sign-in of the staff knows, and how it refuses (clause 6.2)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from omonat.kernel.errors import OmonatError
from omonat.kernel.secret import Sealed
from omonat.staff.model import StaffAccount

PASSWORD, TOTP, PASSKEY, RECOVERY, OIDC = "password", "totp", "passkey", "recovery", "oidc"
"""What opened a session. `password`: a second factor is still to be set up; such a session reaches the account only."""

RECOVERY_CODES = 10


class SignInRefused(OmonatError):
    """Name, password, code or passkey are not those of an account that may sign in; never says which."""

    code = "sign_in_refused"
    message = "This is not right."
    what_to_do = "Check what you typed and try again. After several tries one has to wait."


class CeremonyOver(OmonatError):
    """A step of a sign-in came too late, twice, or from another browser."""

    code = "ceremony_over"
    message = "This took too long, or was sent twice."
    what_to_do = "Start again."


class PasskeyRefused(OmonatError):
    """The answer of a device is not good, or the passkey belongs to nobody here."""

    code = "passkey_refused"
    message = "This passkey was not accepted."
    what_to_do = "Try again, or sign in with your password."


class LastFactor(OmonatError):
    """Without it nobody could sign in any more."""

    code = "last_factor"
    message = "This is your only second factor, so it stays."
    what_to_do = "Set up another one first; then this one can be removed."


class SingleSignOnFailed(OmonatError):
    """The provider's answer is missing, forged, expired or for somebody whom no account is bound to."""

    code = "single_sign_on_failed"
    message = "The sign-in with your organisation did not succeed."
    what_to_do = "Try again, or sign in with your password. Bind the two on your account page first."


class TotpOffer(NamedTuple):
    """A secret for an authenticator app, shown until it is confirmed."""

    text: Sealed[str]
    uri: Sealed[str]


class Passkey(NamedTuple):
    """One passkey of an account."""

    passkey_id: UUID
    name: str
    made_at: datetime
    used_at: datetime | None


class SecurityEvent(NamedTuple):
    """What happened to an account: kind is the ledger's word."""

    kind: str
    at: datetime
    device: str


class Factors(NamedTuple):
    """What an account signs in with."""

    password_at: datetime | None
    totp_at: datetime | None
    passkeys: tuple[Passkey, ...]
    codes_left: int
    sign_on_at: datetime | None

    @property
    def has_second(self) -> bool:
        """Whether there is a second factor. Recovery codes are none: they are for the day on which it is lost."""
        return self.totp_at is not None or bool(self.passkeys)


class Opened(NamedTuple):
    """A session was opened: its token goes into the cookie and is kept nowhere. `how`: see PASSWORD ... OIDC."""

    token: Sealed[str]
    account: StaffAccount
    how: str


class Waits(NamedTuple):
    """The first factor was right; `token` is for the cookie until the second one is."""

    token: Sealed[str]
