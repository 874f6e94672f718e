"""Fsck: recompute the tree from the files of a folder alone, without the database; also of a copy kept elsewhere."""

from collections.abc import Iterable
from pathlib import Path

from omonat.ledger.merkle import HASH_LENGTH
from omonat.ledger.model import Report, Statement
from omonat.ledger.note import Checkpoint, VerifierKey
from omonat.ledger.tiles import WIDTH, TileFolder
from omonat.ledger.tree_check import Progress, TreeCheck, no_progress
from omonat.ledger.words import FILES_ONLY, NEVER_ENTERED

MOST_MISSING = 50
"""After so many bundles in a row that are not there, nothing more is looked for."""


def fsck(
    folder: Path, key: VerifierKey, *, old_checkpoint: bytes | None = None, progress: Progress | None = None
) -> Report:
    """Check entries, tiles and checkpoint of `folder` against each other; never raises because of what it finds.

    `checked` counts entries. `old_checkpoint`: as of `verify`. Bounded memory, also while the server is writing.
    """
    return _Fsck(TileFolder(folder), key).run(old_checkpoint, progress or no_progress)


class _Fsck(TreeCheck):
    def run(self, old_checkpoint: bytes | None, progress: Progress) -> Report:
        head, size = self._read_head()
        if head is None and not self.found:
            self._find("no_checkpoint")
        self.old = self._read_old(old_checkpoint, size)
        self._compare_with_old(0)
        checked = self._check_entries(size, progress)
        if head is not None:
            self._compare_root(head)
        return self._report(head, size, checked)

    def _check_entries(self, size: int, progress: Progress) -> int:
        checked = missing = 0
        for first, entries in self.tiles.entries(0, size):
            if entries is None or any(len(entry) != HASH_LENGTH for entry in entries):
                missing += 1
                self._find("bundle_missing", first)
                self.growth = None
            else:
                missing = 0
                checked += len(entries)
                self._grow_all(first, entries)
            if missing == MOST_MISSING:  # whoever has the key can sign any size: do not look for it for years
                self._find("entries_missing", first, size=size)
                break
            progress(min(first + WIDTH, size), size)
        return checked

    def _report(self, head: Checkpoint | None, size: int, checked: int) -> Report:
        return Report(
            ok=self.found == 0, size=size, root="" if head is None else head.root.hex(), checked=checked, pending=0,
            lost=0, found=self.found, findings=tuple(self.findings), unknowns=tuple(self._unknowns(size)),
        )  # fmt: skip

    def _unknowns(self, size: int) -> Iterable[Statement]:
        yield from self._unknown_history(size)
        yield Statement(FILES_ONLY)
        yield Statement(NEVER_ENTERED)
