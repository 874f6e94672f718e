"""Secrets of endpoints: made, sealed under the key store, opened for signing."""

import base64
import os
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.crypto import open_sealed, seal
from omonat.kernel.codec import length_prefixed
from omonat.kernel.secret import Sealed
from omonat.kernel.signed_message import PREFIX
from omonat.keystore import KeyStore
from omonat.webhooks import store
from omonat.webhooks.model import Endpoint

KEY = "webhook"
_LENGTH = 32


def new_secret() -> Sealed[str]:
    """As Standard Webhooks writes it: `whsec_` and 32 random bytes in base64."""
    return Sealed(PREFIX + base64.b64encode(os.urandom(_LENGTH)).decode())


def sealed(keystore: KeyStore, endpoint_id: UUID, secret: Sealed[str]) -> bytes:
    """For the database."""
    return seal(keystore.secret(KEY), secret.reveal().encode(), _context(endpoint_id))


def signing_secrets(tx: Connection, keystore: KeyStore, endpoint: Endpoint, now: datetime) -> list[Sealed[str]]:
    """With what messages are signed at `now`: the present secret, and during a rotation the one before."""
    present, old = store.secrets_of(tx, endpoint.endpoint_id)
    overlaps = old is not None and endpoint.old_secret_until is not None and now < endpoint.old_secret_until
    chosen = [present, old] if old is not None and overlaps else [present]
    key = keystore.secret(KEY)
    return [Sealed(open_sealed(key, one, _context(endpoint.endpoint_id)).decode()) for one in chosen]


def _context(endpoint_id: UUID) -> bytes:
    return length_prefixed(b"omonat/webhook/1", endpoint_id.bytes)
