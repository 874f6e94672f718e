"""Links that need no sign-in (RFC 8058): each says what it opens and is signed for that alone. No value, no address.

`confirm`: one waiting consent. `unsubscribe`: ends one purpose on one channel, and works as long as the person is held.
`preferences`: shows and changes consents until it runs out; it reveals nothing else.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import NamedTuple
from uuid import UUID

from omonat.crypto import keyed_tag
from omonat.kernel.ids import ConsentId, SubjectId
from omonat.kernel.secret import Sealed

CONFIRM_FOR = timedelta(days=7)
PREFERENCES_FOR = timedelta(days=90)
_MARK, _ID = 16, 16
_HOUR = 3600


def unsubscribe_url(base_url: str, purpose: str, channel: str, token: str) -> str:
    """The address of `List-Unsubscribe`: a POST to it unsubscribes, by anybody's mail program."""
    return f"{base_url}/unsubscribe/{purpose}/{channel}/{token}"


def preferences_url(base_url: str, language: str, token: str) -> str:
    """The address of a person's page of preferences."""
    return f"{base_url}/{language}/preferences/{token}"


class Preferences(NamedTuple):
    """Whose consents a link opens, and until when."""

    subject_id: SubjectId
    until: datetime


class Links:
    """Makes and reads the tokens of links; `secret` is the installation's secret for tokens."""

    def __init__(self, secret: Callable[[], bytes]) -> None:
        self._secret = secret

    def confirm(self, subject_id: SubjectId, consent_id: ConsentId) -> Sealed[str]:
        """The token in the letter that asks whether a consent was really given by whoever reads there."""
        return self._made(b"confirm", subject_id.bytes + consent_id.bytes)

    def read_confirm(self, token: str) -> tuple[SubjectId, ConsentId] | None:
        """None for what we did not sign."""
        told = self._read(b"confirm", token, 2 * _ID)
        return (SubjectId(UUID(bytes=told[:_ID])), ConsentId(UUID(bytes=told[_ID:]))) if told else None

    def unsubscribe(self, subject_id: SubjectId, purpose: str, channel: str) -> Sealed[str]:
        """The token of `List-Unsubscribe`, for one purpose and channel."""
        return self._made(_pair(purpose, channel), subject_id.bytes)

    def read_unsubscribe(self, token: str, purpose: str, channel: str) -> SubjectId | None:
        """None for what we did not sign, or signed for another purpose or channel."""
        told = self._read(_pair(purpose, channel), token, _ID)
        return SubjectId(UUID(bytes=told)) if told else None

    def preferences(self, subject_id: SubjectId, now: datetime) -> Sealed[str]:
        """The token of a page of preferences, good for 90 days."""
        hours = int((now + PREFERENCES_FOR).timestamp()) // _HOUR
        return self._made(b"preferences", subject_id.bytes + hours.to_bytes(4))

    def read_preferences(self, token: str, now: datetime) -> Preferences | None:
        """None for what we did not sign, or what has run out."""
        told = self._read(b"preferences", token, _ID + 4)
        if told is None:
            return None
        until = datetime.fromtimestamp(int.from_bytes(told[_ID:]) * _HOUR, UTC)
        return Preferences(SubjectId(UUID(bytes=told[:_ID])), until) if now < until else None

    def _made(self, what: bytes, told: bytes) -> Sealed[str]:
        return Sealed(urlsafe_b64encode(told + self._mark(what, told)).decode().rstrip("="))

    def _read(self, what: bytes, token: str, length: int) -> bytes | None:
        try:
            read = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except (Error, ValueError):
            return None
        told, mark = read[:length], read[length:]
        return told if compare_digest(mark, self._mark(what, told)) and len(told) == length else None

    def _mark(self, what: bytes, told: bytes) -> bytes:
        return keyed_tag(self._secret(), b"omonat consent link", what, told)[:_MARK]


def _pair(purpose: str, channel: str) -> bytes:
    return f"unsubscribe {purpose} {channel}".encode()
