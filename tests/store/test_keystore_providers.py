"""The key store behind a provider that is down and comes back, on both engines (clause 6.1)."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from harness.key_providers import REMOTE, Ready, ready
from omonat.crypto import KeyRing, KeysUnavailable
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId, new_id
from omonat.keystore import Compartment, KeyStore
from omonat.storage import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PART = Compartment("contract", "name")


@pytest.fixture(params=REMOTE)
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ready]:
    with ready(request.param, tmp_path, monkeypatch) as made:
        yield made


def test_nothing_is_lost_and_no_restart_is_needed(key_database: Database, remote: Ready) -> None:
    keystore = KeyStore(key_database, KeyRing(remote.provider))
    keystore.create_secrets(NOW)
    field = keystore.secret("field")
    kept, erased, never = (SubjectId(new_id()) for _ in range(3))
    made = keystore.create_subject(kept, [PART], NOW)
    keystore.create_subject(erased, [PART], NOW)
    remote.take_away()
    with pytest.raises(KeysUnavailable):
        keystore.open_subject(kept)
    with pytest.raises(KeysUnavailable):
        keystore.create_subject(never, [PART], NOW)
    with pytest.raises(KeysUnavailable):
        keystore.secret("ledger")  # not opened before
    assert keystore.secret("field") == field
    assert keystore.destroy(erased, None) == 3  # erasing needs no key
    remote.bring_back()
    assert keystore.open_subject(kept).compartment(PART) == made.compartment(PART)
    assert keystore.open_subject(kept).root == made.root
    assert len(keystore.secret("ledger")) == 32
    for gone in (erased, never):
        with pytest.raises(NotFound):
            keystore.open_subject(gone)


def test_secrets_that_were_half_made_are_completed(key_database: Database, remote: Ready) -> None:
    keystore = KeyStore(key_database, KeyRing(remote.provider))
    remote.take_away()
    with pytest.raises(KeysUnavailable):
        keystore.create_secrets(NOW)
    remote.bring_back()
    keystore.create_secrets(NOW)
    first = keystore.secret("field")
    keystore.create_secrets(NOW)
    assert KeyStore(key_database, KeyRing(remote.provider)).secret("field") == first
