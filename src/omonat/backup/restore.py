"""Putting archives back, and destroying again what was destroyed since they were made."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec
from sqlalchemy import create_engine

from omonat.backup import postgres, sqlite, store
from omonat.backup.make import DATABASE, KEY_DATABASE, engine_of
from omonat.backup.manifest import Engine, read_manifest
from omonat.crypto import is_key_file
from omonat.kernel.clock import Clock
from omonat.kernel.disk import needing_space
from omonat.kernel.settings import Settings
from omonat.keystore import working
from omonat.ledger import Sequencer
from omonat.vault import Erasure, Tombstones, Vault, rejoin

MARK = "restoring"


def put_back(settings: Settings, source: Path, keys_source: Path | None) -> None:
    """Replace data, and keys when `keys_source` is given, by what the archives hold. Hold `stopped` around it.

    Everything is checked, and copied beside what it will replace, before anything is replaced. Leaves the mark that
    `finish_restore` takes away. Raises BadBackup, Damaged, Misconfigured, DiskFull; RotationRuns while the keys are
    being rotated.
    """
    engine, keys_engine = engine_of(settings.database), engine_of(settings.keys_database)
    read_manifest(source, "data", engine)
    if keys_source is not None:
        read_manifest(keys_source, "keys", keys_engine)
    with _staged(settings, source, keys_source):
        begin_restore(settings)
        if keys_source is not None:
            with working(settings.keys):
                _put_keys_back(settings, keys_source, keys_engine)
        _replace(settings.database_url, source / DATABASE[engine], settings.data / "omonat.db")
    _forget_jobs(settings)


@contextmanager
def _staged(settings: Settings, source: Path, keys_source: Path | None) -> Iterator[None]:
    """The database files lie beside those that they will replace, so that a full disk is met before. Others go."""
    chosen = [(source / DATABASE["sqlite"], settings.data / "omonat.db", settings.database)]
    if keys_source is not None:
        chosen.append((keys_source / KEY_DATABASE["sqlite"], settings.keys / "keys.db", settings.keys_database))
    files = [(archived, file) for archived, file, url in chosen if not url]
    staged: list[Path] = []
    try:
        for archived, file in files:
            sqlite.check(archived)
            staged.append(sqlite.stage(archived, file))
        yield
    finally:
        for fresh in staged:
            fresh.unlink(missing_ok=True)


def _put_keys_back(settings: Settings, source: Path, engine: Engine) -> None:
    """The key files first, beside those that are there: another backup may need them until the next rotation ends."""
    for name in sorted(filter(is_key_file, read_manifest(source, "keys", engine).files)):
        file = settings.keys / name
        sqlite.put(sqlite.stage(source / name, file), file)
    _replace(settings.keys_database_url, source / KEY_DATABASE[engine], settings.keys / "keys.db")


def _replace(url: str, source: Path, file: Path) -> None:
    if url.startswith("sqlite"):
        sqlite.put(file.with_name(file.name + ".new"), file)
    else:
        postgres.put_back(url, source)


def _forget_jobs(settings: Settings) -> None:
    """Workflows in flight belong to a later state; the outbox of the restored one makes its own."""
    if not settings.database:
        for path in settings.data.glob("jobs.db*"):
            path.unlink()
        return
    engine = create_engine(settings.database_url)
    with engine.begin() as tx:
        store.drop_jobs(tx)
    engine.dispose()


def is_unfinished(settings: Settings) -> bool:
    """Whether a restore still has to destroy again what tombstones name; until then nothing may be served."""
    return (settings.data / MARK).exists()


def begin_restore(settings: Settings) -> None:
    """From now on nothing is served before `finish_restore`. Raises Damaged, with nothing done.

    The list of destructions must be readable first: without it nobody knows who may not come back. Raises DiskFull.
    """
    Tombstones(settings.ledger / "tombstones").check()
    mark = settings.data / MARK
    with needing_space():
        mark.touch()
        sqlite.sync(mark.parent)


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """`again`: destructions carried out again. `lost`: entries of the ledger known only by their hash now."""

    again: int
    lost: int


class Installation(Protocol):
    """What a restore is finished with: the parts of an opened installation."""

    settings: Settings
    clock: Clock
    vault: Vault
    erasure: Erasure

    def sequencer(self) -> Sequencer:
        """Whoever enters into the ledger; nobody else may serve."""
        ...


def finish_restore(
    installation: Installation, *, facts: dict[str, object], progress: Callable[[int], None], former: str = ""
) -> Restored:
    """Destroy again everything that was destroyed since the backup was made, and enter the restore into the ledger.

    Only then the mark goes and something may be served. `facts`: who, and of when the backup was. `former`: the name
    of a ledger whose files are lost; the installation has a new one already.
    """
    clock, sequencer, mark = installation.clock, installation.sequencer(), installation.settings.data / MARK
    installation.erasure.resume()
    again = installation.erasure.replay(progress, partial(rejoin, installation.vault, clock))
    if former:
        sequencer.rebuild(clock.now(), former=former)
    lost = sequencer.record_restore(clock.now(), {**facts, "destroyed_again": again})
    sequencer.integrate_once(clock.now())
    sequencer.release(clock.now())
    mark.unlink(missing_ok=True)
    sqlite.sync(mark.parent)
    return Restored(again=again, lost=lost)


def lost_ledger(settings: Settings) -> bool:
    """Whether events have their place in a tree whose files are not here."""
    if (settings.ledger / "checkpoint").exists():
        return False
    engine = create_engine(settings.database_url)
    with engine.connect() as tx:
        found = store.has_positions(tx)
    engine.dispose()
    return found
