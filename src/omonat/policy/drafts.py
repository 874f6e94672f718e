"""Uploaded policies (clauses 9.1, 9.2): a zip of a policy folder, checked, and kept as canonical bytes until decided.

What is published later is exactly what was checked and planned. Only the files of a policy folder are read out of the
archive, under names that we write ourselves, so that no path in it leads anywhere.
"""

import io
import zipfile
import zlib
from datetime import datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from uuid import UUID

import msgspec

from omonat.kernel.errors import InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import new_id
from omonat.kernel.language import LANGUAGES
from omonat.policy import drafts_store as store
from omonat.policy.folder import Finding, check
from omonat.policy.folder.load import FILE_NAME
from omonat.policy.service import Policies, PolicyNotReady, folder_bytes
from omonat.policy.version import Version, hash_of, read_canonical
from omonat.staff import Act, Actor, Approvals, Done, StaffAccount, Waiting, require
from omonat.storage import Database

MOST_BYTES = 1_000_000
MOST_UNPACKED = 4_000_000
_MOST_FILES = 200
_RIGHT = "policy.publish"
_NAMES = (FILE_NAME, *(f"text/{language}.md" for language in LANGUAGES))


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A policy that waits. `state`: draft, published or dropped; `author` uploaded it."""

    draft_id: UUID
    number: str
    hash: str
    author: str
    reason: str
    state: str
    made_at: datetime
    decided_at: datetime | None = None


class Drafts:
    """The uploaded policies of one installation."""

    def __init__(self, database: Database, policies: Policies, approvals: Approvals) -> None:
        self._database = database
        self._policies = policies
        self._approvals = approvals

    def keep(self, archive: bytes, *, by: Actor, now: datetime) -> Draft:
        """Check an archive and keep it. Raises NotAllowed, InvalidInput, PolicyNotReady with every finding."""
        require(by, _RIGHT)
        canonical = _checked(archive)
        draft = Draft(
            draft_id=new_id(), number=read_canonical(canonical).number, hash=hash_of(canonical), author=by.actor,
            reason="", state="draft", made_at=now,
        )  # fmt: skip
        self._database.write(lambda tx: store.insert_draft(tx, draft, canonical))
        return draft

    def get(self, draft_id: UUID) -> tuple[Draft, Version]:
        """A draft, and the version that it would become. Raises NotFound."""
        with self._database.read() as tx:
            found = store.find_draft(tx, draft_id)
        if found is None:
            raise NotFound
        draft, canonical = found
        return draft, self._policies.as_version(canonical, draft.made_at)

    def newest(self, limit: int = 20) -> list[Draft]:
        """The newest first, decided ones too."""
        with self._database.read() as tx:
            return store.drafts(tx, limit)

    def want_published(self, draft_id: UUID, reason: str, *, by: Actor, now: datetime) -> Done | Waiting:
        """Publish it, or ask a second person to (9.1). Raises NotAllowed, NotFound, InvalidInput."""
        require(by, _RIGHT)
        draft, version = self.get(draft_id)
        if draft.state != "draft":
            raise NotFound
        self._policies.check_next(version)
        payload = {"draft": str(draft_id), "number": draft.number}
        return self._approvals.act(by, "publish_policy", payload, reason, now)

    def carry_publish(self, act: Act) -> dict[str, str]:
        """What an approval leads to."""
        version = self.publish(UUID(act.payload["draft"]), act.reason, by=act.asker, now=act.now)
        return {"number": version.number, "hash": version.hash}

    def publish(self, draft_id: UUID, reason: str, *, by: Actor, now: datetime) -> Version:
        """Put it into force, now and for good; repeating it is harmless. Raises NotAllowed, NotFound, InvalidInput."""
        if not isinstance(by, StaffAccount):
            raise NotAllowed(right="a staff account")
        with self._database.read() as tx:
            found = store.find_draft(tx, draft_id)
        if found is None or found[0].state == "dropped":
            raise NotFound
        draft, canonical = found
        if draft.state == "published":
            return self._policies.get(draft.number)
        version = self._policies.publish_bytes(canonical, author=by, reason=reason, now=now)
        self._database.write(lambda tx: store.set_decided(tx, draft_id, "published", reason, now))
        return version

    def drop(self, draft_id: UUID, *, by: Actor, now: datetime) -> None:
        """Throw it away. Raises NotAllowed, NotFound."""
        require(by, _RIGHT)
        if not self._database.write(lambda tx: store.set_decided(tx, draft_id, "dropped", "", now)):
            raise NotFound


def _checked(archive: bytes) -> bytes:
    """The canonical bytes of an archive without findings."""
    if len(archive) > MOST_BYTES:
        raise InvalidInput({"folder": "The archive is too large."})
    with TemporaryDirectory(prefix="omonat-policy-") as place:
        folder = Path(place)
        for name, content in _files(archive).items():
            target = folder / name
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(content)
        if not (folder / FILE_NAME).exists():
            raise InvalidInput({"folder": "There is no policy.toml in the archive."})
        findings = check(folder)
        if findings:
            raise PolicyNotReady([_placed(found, folder) for found in findings])
        return folder_bytes(folder)


def _placed(found: Finding, folder: Path) -> Finding:
    """Where it stands in the archive, not in our temporary folder; messages name files, too."""
    inside = f"{folder}/"
    return Finding(
        found.file.removeprefix(inside), found.line, found.code, found.message.replace(inside, ""),
        found.what_to_do.replace(inside, ""),
    )  # fmt: skip


def _files(archive: bytes) -> dict[str, bytes]:
    """The files of a policy folder in an archive, at its top or in one folder at the top; everything else is left."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            members = [one for one in opened.infolist() if not one.is_dir()]
            _check_members(members)
            return {name: opened.read(one) for one in members if (name := _place_of(one.filename)) in _NAMES}
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise InvalidInput({"folder": "This is not a zip archive that can be read."}) from error


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    """Sizes are those that the archive declares; reading more than declared raises BadZipFile."""
    if len(members) > _MOST_FILES or sum(one.file_size for one in members) > MOST_UNPACKED:
        raise InvalidInput({"folder": "The archive is too large."})
    for one in members:
        path = PurePosixPath(one.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise InvalidInput({"folder": "The archive names files outside of its folder."})


def _place_of(name: str) -> str:
    """`policy/text/ru.md` and `text/ru.md` are the same file."""
    path = PurePosixPath(name)
    return name if name in _NAMES else str(PurePosixPath(*path.parts[1:])) if len(path.parts) > 1 else name
