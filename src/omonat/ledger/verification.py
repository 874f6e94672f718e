"""Verify: recompute the whole ledger from its events, and say what does not fit and what cannot be known.

Body to hash, hash to entry, entries to tiles, tiles to root, root to the signed checkpoint and to an older one that
somebody kept. Reads only, page by page, in bounded memory, also while the server is writing.
"""

from collections.abc import Iterable
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import msgspec

from omonat.kernel.clock import iso
from omonat.kernel.codec import from_builtins, from_json
from omonat.ledger import store
from omonat.ledger.lanes import Lanes, Roots
from omonat.ledger.model import RESTORED, Body, Event, Report, Statement
from omonat.ledger.note import Checkpoint, VerifierKey
from omonat.ledger.tiles import WIDTH, TileFolder
from omonat.ledger.tree_check import MOST_FINDINGS, Progress, TreeCheck, no_progress
from omonat.ledger.words import AHEAD, LOST, NEVER_ENTERED, PENDING
from omonat.storage.engine import Database


def verify(
    database: Database, folder: Path, key: VerifierKey, *,
    old_checkpoint: bytes | None = None, progress: Progress | None = None, cores: int = 1,
) -> Report:  # fmt: skip
    """Check everything there is; never raises because of what it finds.

    `old_checkpoint` is a signed head of this ledger that was kept elsewhere: the only thing that shows a cut end or a
    history that was rewritten and signed again. `cores`: by how many processes at most a large ledger is looked at.
    """
    return _Verification(database, TileFolder(folder), key, cores).run(old_checkpoint, progress or no_progress)


class _Verification(TreeCheck):
    def __init__(self, database: Database, tiles: TileFolder, key: VerifierKey, cores: int) -> None:
        super().__init__(tiles, key)
        self.database = database
        self.cores = cores
        self.checked = self.pending = self.ahead = self.lost = 0
        self.known_end = 0  # one past the last position in the database

    def run(self, old_checkpoint: bytes | None, progress: Progress) -> Report:
        head, size = self._read_head()
        with self.database.read() as tx:
            self.known_end = store.next_position(tx)
        if head is None and not self.found and self.known_end:
            self._find("checkpoint_missing")
        self.old = self._read_old(old_checkpoint, size)
        self._compare_with_old(0)
        self._check_tree(size, progress)
        self._check_outside(size)
        if head is not None:
            self._compare_root(head)
        return self._report(head, size)

    # --- the tree ---------------------------------------------------------------------------------------------------

    def _check_tree(self, size: int, progress: Progress) -> None:
        with Lanes(self.database, self.tiles, size, self.cores) as lanes:
            for start, end, roots in lanes.roots():
                if not any(roots) and self._is_absent(start, end):
                    self._find("entries_missing", start, size=size)
                    self.growth = None
                    return
                self._check_chunk(start, end, roots)
                progress(end, size)

    def _check_chunk(self, start: int, end: int, roots: Roots) -> None:
        for first, root in zip(range(start, end, WIDTH), roots, strict=True):
            if root is None or self._old_ends_within(first):
                self._check_bundle(first, min(first + WIDTH, end))
            else:
                self.checked += WIDTH
                self._grow_bundle(first, root)

    def _is_absent(self, start: int, end: int) -> bool:
        """Whether there is nothing at all: neither an event nor an entry."""
        with self.database.read() as tx:
            is_known = bool(store.columns_between(tx, start, end).positions)
        return not is_known and not any(entries for _first, entries in self.tiles.entries(start, end))

    def _check_bundle(self, first: int, end: int) -> None:
        """Something may not be as it was written: look at each event, and say what it is."""
        with self.database.read() as tx:
            rows = _by_position(store.events_between(tx, first, end))
        ((_first, entries),) = self.tiles.entries(first, end)
        if entries is None:
            self._find("bundle_missing", first)
        for position in range(first, end):
            entry = None if entries is None else entries[position - first]
            self._grow(position, self._check_position(position, entry, rows.get(position, [])))

    def _check_position(self, position: int, entry: bytes | None, events: list[Event]) -> bytes | None:
        """What belongs into the tree at `position`: the published entry, or else the hash of the event."""
        if not events:
            self._check_absence(position, entry)
            return entry
        if len(events) > 1:
            self._find("duplicate_position", position, count=len(events))
        event = next((one for one in events if one.hash == entry), events[0])
        self.checked += 1
        self._check_event(event, entry)
        return entry if entry is not None else sha256(event.body).digest()

    def _check_absence(self, position: int, entry: bytes | None) -> None:
        if entry is None:
            self._find("entry_missing", position)
        elif any(first <= position <= last for first, last in self.gaps):
            self.lost += 1
        else:
            self._find("row_missing", position)

    @cached_property
    def gaps(self) -> list[tuple[int, int]]:
        """Entries without an event that a recorded restore explains. A scan: only where an event is missing."""
        with self.database.read() as tx:
            return [gap for event in store.events_of_kind(tx, RESTORED) for gap in _gaps_in(event)]

    # --- events -----------------------------------------------------------------------------------------------------

    def _check_event(self, event: Event, entry: bytes | None) -> None:
        actual = sha256(event.body).digest()
        if actual != event.hash:
            code = "hash_changed" if actual == entry else "body_changed"
            self._find(code, event.position, event_id=str(event.event_id))
        elif entry is not None and actual != entry:
            self._find_other(event, entry)
        else:
            self._check_columns(event)

    def _find_other(self, event: Event, entry: bytes) -> None:
        """The event is whole, but another one was published here: is that one at another position now?"""
        other = None
        if len(self.findings) < MOST_FINDINGS:
            with self.database.read() as tx:
                other = store.find_position(tx, entry)
        if other is None:
            self._find("event_replaced", event.position)
        else:
            self._find("reordered", event.position, other=other)

    def _check_columns(self, event: Event) -> None:
        try:
            body = from_json(event.body, Body)
        except msgspec.MsgspecError:
            self._find("body_unreadable", event.position, event_id=str(event.event_id))
            return
        if (body.id, body.kind, body.at) != (str(event.event_id), event.kind, iso(event.at)):
            self._find("columns_changed", event.position, event_id=str(event.event_id))

    def _check_outside(self, size: int) -> None:
        for event in store.events_outside(self.database, size):
            if event.position is not None and event.position < 0:
                self._find("position_impossible", event.position, event_id=str(event.event_id))
                continue
            self.pending += 1
            self.ahead += event.position is not None
            self._check_event(event, None)

    # --- the outcome ------------------------------------------------------------------------------------------------

    def _report(self, head: Checkpoint | None, size: int) -> Report:
        return Report(
            ok=self.found == 0, size=size, root="" if head is None else head.root.hex(), checked=self.checked,
            pending=self.pending, lost=self.lost, found=self.found, findings=tuple(self.findings),
            unknowns=tuple(self._unknowns(size)),
        )  # fmt: skip

    def _unknowns(self, size: int) -> Iterable[Statement]:
        yield from self._unknown_history(size)
        for msgid, count in ((PENDING, self.pending), (AHEAD, self.ahead), (LOST, self.lost)):
            if count:
                yield Statement(msgid, {"count": count})
        yield Statement(NEVER_ENTERED)


def _by_position(events: list[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in events:
        found.setdefault(event.position or 0, []).append(event)
    return found


class _Restored(msgspec.Struct):
    tree_size: int
    known_only_by_hash: list[tuple[int, int]]


def _gaps_in(event: Event) -> list[tuple[int, int]]:
    """What a recorded restore explains: only positions before its own, and only when it stands where one would."""
    try:
        restored = from_builtins(from_json(event.body, Body).facts, _Restored)
    except msgspec.MsgspecError:
        return []
    return restored.known_only_by_hash if restored.tree_size == event.position else []
