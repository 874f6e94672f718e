"""Receiving webhooks: is a message really from Omonat, fresh, and whole? (Standard Webhooks 1.0.0)

from omonat.client.webhooks import verify

event = verify(secret, request.headers, request_body)   # raises BadWebhook
if event.id not in seen: ...                            # tries and repeats keep their id: keep ids for three days
"""

import binascii
import hmac
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from omonat.kernel.codec import from_json
from omonat.kernel.signed_message import ID, SIGNATURE, TIMESTAMP, signature

__all__ = ["BadWebhook", "Event", "signature", "verify"]


class BadWebhook(ValueError):
    """Not to be believed; answer 400 and do nothing. `code`: missing, stale, signature, unreadable."""

    def __init__(self, code: str) -> None:
        super().__init__(f"bad webhook: {code}")
        self.code = code


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """What happened. `data` holds ids and words, never a value of a person: fetch what you need through the API."""

    type: str
    timestamp: datetime
    data: dict[str, Any]
    id: str = ""


def verify(
    secret: str | Iterable[str], headers: Mapping[str, str], body: bytes, *, tolerance: float = 300,
    now: float | None = None,
) -> Event:  # fmt: skip
    """The event of a message that is signed with `secret` (or one of several) and at most `tolerance` seconds old.

    Give the body as it arrived, byte for byte. Signatures are compared in constant time. Raises BadWebhook.
    """
    lower = {name.lower(): value for name, value in headers.items()}
    message_id, stamp, signed = (lower.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (message_id and stamp and signed):
        raise BadWebhook("missing")
    _check_age(stamp, tolerance, time.time() if now is None else now)
    secrets = [secret] if isinstance(secret, str) else list(secret)
    if not any([_is_signed(one, message_id, stamp, body, signed) for one in secrets]):
        raise BadWebhook("signature")
    try:
        return msgspec.structs.replace(from_json(body, Event), id=message_id)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadWebhook("unreadable") from None


def _check_age(stamp: str, tolerance: float, now: float) -> None:
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) < 16) or abs(now - int(stamp)) > tolerance:
        raise BadWebhook("stale")


def _is_signed(secret: str, message_id: str, stamp: str, body: bytes, signed: str) -> bool:
    try:
        wanted = signature(secret, message_id, stamp, body).encode()
    except (ValueError, binascii.Error):
        return False
    return any([hmac.compare_digest(wanted, each.encode()) for each in signed.split()])
