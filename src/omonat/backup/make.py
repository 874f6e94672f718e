"""Writing the two archives."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from omonat.backup import postgres, sqlite
from omonat.backup.chunks import BlockStore, Saved
from omonat.backup.manifest import Engine, Kind, Manifest, write_manifest
from omonat.crypto import key_files
from omonat.kernel.disk import needing_space
from omonat.kernel.errors import OmonatError
from omonat.kernel.settings import FILE_NAME as SETTINGS_FILE
from omonat.kernel.settings import Settings
from omonat.keystore import copying

Progress = Callable[[int, int], None]

DATABASE = {"sqlite": "omonat.db", "postgresql": "omonat.dump"}
KEY_DATABASE = {"sqlite": "keys.db", "postgresql": "keys.dump"}
KEY_FILE = "kek"


class BadPlace(OmonatError):
    """A place where an archive may not go."""

    code = "bad_place"
    message = "The backup cannot go to {folder}: {why}."
    what_to_do = "Name two new folders, apart from each other and from the installation."


class BackupReport(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. `keys` None: the keys were not copied."""

    made_at: datetime
    data: str
    keys: str | None
    files: dict[str, int]


def back_up(settings: Settings, to: Path, keys_to: Path | None, *, now: datetime, progress: Progress) -> BackupReport:
    """Copy the data into `to` and the key store into `keys_to`, while the server may run.

    The data is copied first: a key is always older than what it seals, so no copied value lacks its key. Each copy is
    checked after writing. Raises BadPlace, Damaged, Misconfigured, DiskFull.
    """
    _check_places(settings, to, keys_to)
    with _whole(to, keys_to):
        made = {str(to): _copy_data(settings, to, now, progress)}
        if keys_to is not None:
            made[str(keys_to)] = _copy_keys(settings, keys_to, now, progress)
    files = {f"{place}/{name}": one.size for place, manifest in made.items() for name, one in manifest.files.items()}
    return BackupReport(made_at=now, data=str(to), keys=str(keys_to) if keys_to else None, files=files)


class Repeated(msgspec.Struct, frozen=True, kw_only=True):
    """What went into stores. `keys` None: the keys were not copied."""

    made_at: datetime
    data: Saved
    keys: Saved | None


def back_up_into(settings: Settings, to: Path, keys_to: Path | None, *, now: datetime, progress: Progress) -> Repeated:
    """The same into two stores that may hold earlier backups: only changed blocks are written.

    Copies that are older than the days of `[backups]` are dropped, so that the windows of destructions close. Raises
    BadPlace, BadBackup, Damaged, Misconfigured; DiskFull, and the store has the sets that it had.
    """
    _check_apart(settings, to, keys_to)
    days, keys = settings.backups, None
    with needing_space(), BlockStore(to, "data").opened() as folder:
        made = _copy_data(settings, folder, now, progress)
        data = BlockStore(to, "data").save(folder, made, timedelta(days=days.data_days))
    if keys_to is not None:
        with needing_space(), BlockStore(keys_to, "keys").opened() as folder:
            made = _copy_keys(settings, folder, now, progress)
            keys = BlockStore(keys_to, "keys").save(folder, made, timedelta(days=days.keys_days))
    return Repeated(made_at=now, data=data, keys=keys)


@contextmanager
def _whole(*folders: Path | None) -> Iterator[None]:
    """What was begun in new folders goes when it cannot be ended. Raises DiskFull."""
    try:
        with needing_space():
            yield
    except BaseException:
        for folder in filter(None, folders):
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _copy_data(settings: Settings, to: Path, now: datetime, progress: Progress) -> Manifest:
    engine = engine_of(settings.database)
    _make_folder(to)
    names = _copy(settings.database_url, settings.data / "omonat.db", to / DATABASE[engine], progress)
    _copy_file(settings.data / SETTINGS_FILE, to / SETTINGS_FILE)
    return _sealed(to, "data", engine, now, [*names, SETTINGS_FILE])


def _copy_keys(settings: Settings, to: Path, now: datetime, progress: Progress) -> Manifest:
    """Key store and key files, also those of a provider from which keys are being moved.

    A key is older than what lies under it, so the files come after the key store; a rotation ends none meanwhile.
    """
    engine = engine_of(settings.keys_database)
    _make_folder(to)
    with copying(settings.keys):
        names = _copy(settings.keys_database_url, settings.keys / "keys.db", to / KEY_DATABASE[engine], progress)
        files = key_files(settings.keys / KEY_FILE)  # none where another provider holds the key, which never leaves it
        for file in files:
            _copy_file(file, to / file.name)
    return _sealed(to, "keys", engine, now, [*names, *(file.name for file in files)])


def _copy(url: str, file: Path, target: Path, progress: Progress) -> list[str]:
    """Returns the names of the files that were made, within the archive."""
    if url.startswith("sqlite"):
        sqlite.copy_online(file, target, progress)
        return [target.name]
    postgres.dump(url, target)
    return sorted(f"{target.name}/{path.name}" for path in target.iterdir())


def _sealed(to: Path, kind: Kind, engine: Engine, now: datetime, names: list[str]) -> Manifest:
    manifest = write_manifest(to, kind=kind, engine=engine, made_at=now, names=names)
    sqlite.sync(to)
    return manifest


def engine_of(url: str) -> Engine:
    """Which engine a setting names; the empty one is SQLite."""
    return "postgresql" if url else "sqlite"


def _copy_file(source: Path, target: Path) -> None:
    target.touch(mode=0o600)
    target.write_bytes(source.read_bytes())
    sqlite.sync(target)


def _make_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def _check_places(settings: Settings, to: Path, keys_to: Path | None) -> None:
    _check_apart(settings, to, keys_to)
    for place in (place.resolve() for place in (to, keys_to) if place is not None):
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise BadPlace(folder=place, why="there is something already")


def _check_apart(settings: Settings, to: Path, keys_to: Path | None) -> None:
    own = [settings.data.resolve(), settings.keys.resolve()]
    places = [place.resolve() for place in (to, keys_to) if place is not None]
    for place in places:
        if any(_touch(place, other) for other in own):
            raise BadPlace(folder=place, why="it lies in the installation, or around it")
    if len(places) == 2 and _touch(*places):
        raise BadPlace(folder=places[1], why="data and keys may not be in one archive")


def _touch(one: Path, other: Path) -> bool:
    return one == other or one.is_relative_to(other) or other.is_relative_to(one)
