"""One-time codes (docs/security/threat-model.md): six digits, derived by HMAC from challenge and browser, never stored.

Five tries, ten minutes, one use, bound to the browser that asked, compared in constant time. An address that is not
held gets the same rows, the same answer and the same work; its code exists and was sent to nobody.
"""

import hmac
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from omonat.crypto import code_for
from omonat.kernel.secret import Sealed
from omonat.keystore import KeyStore
from omonat.rights import sign_in_store as store
from omonat.rights.sign_in_store import Challenge

TRIES = 5
CODE_MINUTES = 10
PER_HOUR = 5
HOUR = timedelta(hours=1)
_NOBODY = bytes(32)


def code_of(keystore: KeyStore, asked: Challenge) -> str:
    """The six digits of a challenge."""
    return code_for(keystore.secret("code"), asked.challenge_id.bytes, asked.browser_tag)


def is_limited(tx: Connection, kind: str, tag: bytes, now: datetime) -> bool:
    """Whether that identifier was asked for often enough within the hour."""
    return store.count_challenges(tx, kind, tag, now - HOUR) >= PER_HOUR


def expiry(now: datetime) -> datetime:
    """When a code made now stops working."""
    return now + timedelta(minutes=CODE_MINUTES)


def spend(
    tx: Connection,
    keystore: KeyStore,
    challenge_id: UUID,
    *,
    intent: str,
    browser_tag: bytes,
    code: Sealed[str],
    now: datetime,
) -> Challenge | None:
    """The challenge when the code is right, and then it is used up; else None, and a try is used up.

    The caller must let the transaction commit in either case: a try that is rolled back was free.
    """
    has_try = store.count_try(tx, challenge_id, TRIES, now)
    asked = store.find_challenge(tx, challenge_id)
    tag = asked.browser_tag if asked is not None else _NOBODY
    expected = code_for(keystore.secret("code"), challenge_id.bytes, tag)
    is_right = hmac.compare_digest(expected.encode(), "".join(code.reveal().split()).encode())
    is_same_browser = hmac.compare_digest(tag, browser_tag)
    if asked is None or not (has_try and is_right and is_same_browser):
        return None
    if asked.subject_id is None or asked.intent != intent:
        return None
    return asked if store.use_challenge(tx, challenge_id, now) else None
