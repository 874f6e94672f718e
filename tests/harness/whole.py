"""The whole wiring of `app.py` on a database of either engine, without a server."""

from pathlib import Path

from harness.real_policy import publish_real_policy
from omonat.app import KEY_FILE, Omonat
from omonat.crypto import create_key_file
from omonat.kernel.settings import Settings
from omonat.storage import Database


def whole_omonat(database: Database, key_database: Database, folder: Path, *, dev: bool = False) -> Omonat:
    """An installation on two databases that have their tables, with the real policy in force."""
    settings = Settings(
        data=folder,
        keys=folder,
        dev=dev,
        database="" if database.is_sqlite else _plain(database.url),
        keys_database="" if key_database.is_sqlite else _plain(key_database.url),
    )
    create_key_file(folder / KEY_FILE)
    settings.ledger.mkdir()
    omonat = Omonat(settings)
    now = omonat.clock.now()
    omonat.keystore.create_secrets(now)
    officer = omonat.staff.add("Officer", roles=["privacy_officer"], os_user=None, now=now)
    publish_real_policy(omonat.policies, officer, now)
    return omonat


def _plain(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
