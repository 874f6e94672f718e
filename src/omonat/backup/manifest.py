"""The manifest of an archive: what is in it, with hashes."""

import os
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from omonat.kernel.codec import from_json, to_json
from omonat.kernel.errors import OmonatError

FILE_NAME = "manifest.json"
FORMAT = "omonat/backup/1"

Kind = Literal["data", "keys"]
Engine = Literal["sqlite", "postgresql"]


class BadBackup(OmonatError):
    """An archive is not what was written, or not what was asked for."""

    code = "bad_backup"
    message = "{folder} cannot be put back: {what}."
    what_to_do = "Use another backup. Nothing was changed."


class Copied(msgspec.Struct, frozen=True):
    """One file of an archive."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Format of the file: add to it, never rename."""

    format: str
    kind: Kind
    engine: Engine
    made_at: datetime
    files: dict[str, Copied]


def write_manifest(folder: Path, *, kind: Kind, engine: Engine, made_at: datetime, names: list[str]) -> Manifest:
    """Hash the files of an archive and write its manifest, durably, as the last of its files."""
    files = {name: describe(folder / name) for name in names}
    manifest = Manifest(format=FORMAT, kind=kind, engine=engine, made_at=made_at, files=files)
    with (folder / FILE_NAME).open("wb") as file:
        file.write(msgspec.json.format(to_json(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    return manifest


def read_manifest(folder: Path, kind: Kind, engine: Engine) -> Manifest:
    """The manifest, after every file was compared with its hash. Raises BadBackup."""
    try:
        manifest = from_json((folder / FILE_NAME).read_bytes(), Manifest)
    except (OSError, msgspec.DecodeError):
        raise BadBackup(folder=folder, what="it has no manifest that can be read") from None
    if (manifest.format, manifest.kind, manifest.engine) != (FORMAT, kind, engine):
        raise BadBackup(folder=folder, what=f"it is not a backup of the {kind} on {engine}")
    for name, copied in manifest.files.items():
        path = folder / name
        if not path.exists() or describe(path) != copied:
            raise BadBackup(folder=folder, what=f"{name} is not what was written")
    return manifest


def describe(path: Path) -> Copied:
    """Hash and size, read in pieces."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
            size += len(piece)
    return Copied(digest.hexdigest(), size)
