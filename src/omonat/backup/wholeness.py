"""Everything that can be recomputed: the ledger, both databases and the list of destructions."""

from collections.abc import Iterator
from typing import Protocol
from uuid import UUID

import msgspec
from sqlalchemy.exc import SQLAlchemyError

from omonat.backup import store
from omonat.kernel.errors import Damaged
from omonat.kernel.settings import Settings
from omonat.keystore import KeyStore
from omonat.ledger import Finding, Report, Sequencer, Statement, verify
from omonat.ledger.tree_check import Progress, no_progress
from omonat.ledger.words import FINDINGS
from omonat.storage import Database
from omonat.vault import Tombstone, Tombstones

_UNREADABLE = (SQLAlchemyError, Damaged, ValueError)
"""What reading says of rows that are not as they were written: a day that is no day, a text that is no text."""

_TOGETHER = 200
"""So many destructions are looked for in one read: a long one would keep the key store from being scrubbed."""


class Installation(Protocol):
    """What is recomputed: the parts of an opened installation."""

    settings: Settings
    database: Database
    keystore: KeyStore

    def sequencer(self) -> Sequencer:
        """Knows the key of the ledger."""
        ...


def verify_whole(
    installation: Installation, *, old_checkpoint: bytes | None = None, progress: Progress = no_progress, cores: int = 1
) -> Report:
    """What `ledger.verify` finds, and beside it what else is not as it was written; never raises because of it.

    `cores`: by how many processes at most a large ledger is looked at.
    """
    findings = [*_databases(installation), *_destructions(installation)]
    try:
        report = verify(
            installation.database, installation.settings.ledger, installation.sequencer().key,
            old_checkpoint=old_checkpoint, progress=progress, cores=cores,
        )  # fmt: skip
    except Exception as error:  # a value of another kind than its column's comes back as any error
        if not findings and not isinstance(error, _UNREADABLE):
            raise
        report = Report(
            ok=False, size=0, root="", checked=0, pending=0, lost=0, found=0, findings=(), unknowns=(),
        )  # fmt: skip
        findings = findings or [_finding("database_damaged")]
    return msgspec.structs.replace(
        report, ok=report.ok and not findings, found=report.found + len(findings),
        findings=(*findings, *report.findings),
    )  # fmt: skip


def _databases(installation: Installation) -> Iterator[Finding]:
    if not installation.database.is_whole():
        yield _finding("database_damaged")
    if not installation.keystore.database.is_whole():
        yield _finding("key_store_damaged")


def _destructions(installation: Installation) -> Iterator[Finding]:
    """Tombstones against certificates and keys: what was destroyed has to be named, and to be gone."""
    try:
        stones = {stone.event_id: stone for stone in Tombstones(installation.settings.ledger / "tombstones").all()}
    except Damaged:
        yield _finding("tombstones_damaged")
        return
    try:
        missing = sum(1 for event_id in _certified(installation) if event_id not in stones)
        back = list(_back(installation, list(stones.values())))
    except _UNREADABLE:
        yield _finding("database_damaged")
        return
    if missing:
        yield _finding("tombstone_missing", count=missing)
    if whole := sum(1 for stone in back if stone.scope is None):
        yield _finding("erased_is_back", count=whole)
    if whole < len(back):
        yield _finding("destroyed_part_is_back", count=len(back) - whole)


def _certified(installation: Installation) -> Iterator[UUID]:
    """Destructions of keys, page by page: each in a short read of its own."""
    after: UUID | None = None
    while True:
        with installation.database.read() as tx:
            page = store.certified(tx, after)
        yield from (row.event_id for row in page if "key_store" in row.certificate["stores"])
        if len(page) < store.PAGE:
            return
        after = page[-1].event_id


def _back(installation: Installation, stones: list[Tombstone]) -> Iterator[Tombstone]:
    """Those whose keys are there, and not because their destruction runs just now."""
    for start in range(0, len(stones), _TOGETHER):
        held = _with_keys(installation, stones[start : start + _TOGETHER])
        if not held:
            continue
        with installation.database.read() as tx:
            running = store.unfinished(tx, [stone.event_id for stone in held])
        yield from _with_keys(installation, [stone for stone in held if stone.event_id not in running])


def _with_keys(installation: Installation, stones: list[Tombstone]) -> list[Tombstone]:
    counts = installation.keystore.count_back((stone.subject_id, stone.event_id, stone.scope) for stone in stones)
    return [stone for stone, count in zip(stones, counts, strict=True) if count]


def _finding(code: str, **places: object) -> Finding:
    return Finding(code, None, Statement(FINDINGS[code], dict(places)))
