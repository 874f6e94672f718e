"""Writing the two archives."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from omonat.backup import postgres, sqlite
from omonat.backup.manifest import Engine, Kind, Manifest, write_manifest
from omonat.crypto import key_files
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
    checked after writing. Raises BadPlace, Damaged, Misconfigured.
    """
    _check_places(settings, to, keys_to)
    made = {str(to): _copy_data(settings, to, now, progress)}
    if keys_to is not None:
        made[str(keys_to)] = _copy_keys(settings, keys_to, now, progress)
    files = {f"{place}/{name}": one.size for place, manifest in made.items() for name, one in manifest.files.items()}
    return BackupReport(made_at=now, data=str(to), keys=str(keys_to) if keys_to else None, files=files)


def _copy_data(settings: Settings, to: Path, now: datetime, progress: Progress) -> Manifest:
    engine = engine_of(settings.database)
    names = [DATABASE[engine], SETTINGS_FILE]
    _make_folder(to)
    _copy(settings.database_url, settings.data / "omonat.db", to / names[0], progress)
    _copy_file(settings.data / SETTINGS_FILE, to / SETTINGS_FILE)
    return _sealed(to, "data", engine, now, names)


def _copy_keys(settings: Settings, to: Path, now: datetime, progress: Progress) -> Manifest:
    """Key store and key files, also those of a provider from which keys are being moved.

    A key is older than what lies under it, so the files come after the key store; a rotation ends none meanwhile.
    """
    engine = engine_of(settings.keys_database)
    _make_folder(to)
    with copying(settings.keys):
        _copy(settings.keys_database_url, settings.keys / "keys.db", to / KEY_DATABASE[engine], progress)
        files = key_files(settings.keys / KEY_FILE)  # none where another provider holds the key, which never leaves it
        for file in files:
            _copy_file(file, to / file.name)
    return _sealed(to, "keys", engine, now, [KEY_DATABASE[engine], *(file.name for file in files)])


def _copy(url: str, file: Path, target: Path, progress: Progress) -> None:
    if url.startswith("sqlite"):
        sqlite.copy_online(file, target, progress)
    else:
        postgres.dump(url, target)


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
    own = [settings.data.resolve(), settings.keys.resolve()]
    places = [place.resolve() for place in (to, keys_to) if place is not None]
    for place in places:
        if any(_touch(place, other) for other in own):
            raise BadPlace(folder=place, why="it lies in the installation, or around it")
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise BadPlace(folder=place, why="there is something already")
    if len(places) == 2 and _touch(*places):
        raise BadPlace(folder=places[1], why="data and keys may not be in one archive")


def _touch(one: Path, other: Path) -> bool:
    return one == other or one.is_relative_to(other) or other.is_relative_to(one)
