"""The one that gives events their place in the tree, writes the tiles and signs the head.

Order, and why a crash between any two steps is harmless: (1) positions, in one transaction with the check of the
fencing token; (2) tiles; (3) checkpoint. Positions never change once committed, so whoever runs next brings the tiles
up to them. What is on disk beyond the checkpoint was never signed and is written again. A checkpoint is signed only
over a tree that begins with the tree of the checkpoint on disk, recomputed from its tiles.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from omonat.crypto.signing import Signer
from omonat.kernel.errors import Damaged, OmonatError
from omonat.kernel.ids import new_id
from omonat.ledger import store
from omonat.ledger.model import BEGUN_AGAIN, RESTORED
from omonat.ledger.note import BadNote, Checkpoint, VerifierKey, open_checkpoint, sign_checkpoint, verifier_key_of
from omonat.ledger.refusals import DatabaseBehind, FolderLost
from omonat.ledger.service import new_event
from omonat.ledger.tiles import Growth, Tile, TileFolder
from omonat.storage.engine import Database

LEASE = "sequencer"
LEASE_LASTS = timedelta(seconds=10)
BATCH = 1000
PIECE = 100
"""Events that get their place in one unit: so short that an act that waits for the writer hardly notices."""
PAUSE_SECONDS = 0.5
"""With the work of a round, an event is signed within a second though nobody wakes the loop."""
LONGEST_PAUSE_SECONDS = 30.0

_log = logging.getLogger("omonat.ledger")


class LeaseLost(OmonatError):
    """Another node took over between two steps. Nothing of the step was done."""

    code = "lease_lost"
    message = "Another node signs the ledger now."
    what_to_do = "Nothing: it goes on where this one stopped."
    temporary = True


class Sequencer:
    """Integrates pending events. Any number may run; the lease lets one of them work at a time.

    `origin` names the log (no scheme, no spaces), e.g. `iptelefoniya.uz/omonat`; `folder` holds tiles and checkpoint.
    """

    def __init__(self, database: Database, folder: Path, *, origin: str, signer: Signer) -> None:
        self.key: VerifierKey = verifier_key_of(origin, signer)
        self.tiles = TileFolder(folder)
        self._database = database
        self._signer = signer
        self._holder = new_id().hex
        self._fence: tuple[str, int] | None = None
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    # --- one round --------------------------------------------------------------------------------------------------

    def integrate_once(self, now: datetime) -> int:
        """Put everything pending into the tree and sign its head. Returns how many events got their place.

        0 also when there is nothing to do or another node holds the lease. With nothing signed it raises Damaged when
        the tree on disk is not the one that was signed, DatabaseBehind when events under the tree are missing, and
        FolderLost when the folder of a ledger in use is empty.
        """
        if not self._has_work():
            return 0
        started, total = time.monotonic(), 0
        while True:
            moment = now + timedelta(seconds=time.monotonic() - started)
            try:
                given = self._round(moment)
            except LeaseLost:
                self._fence = None
                return total
            total += given
            if given < BATCH:
                return total

    def _has_work(self) -> bool:
        data = self.tiles.find_checkpoint()
        if data is None:
            return True
        size = self._opened(data).size
        with self._database.read() as tx:
            return store.next_position(tx) != size or bool(store.pending_ids(tx, 1))

    def _round(self, now: datetime) -> int:
        self._hold_lease(now)
        self._begin(now)
        size = self.signed_size()
        with self._database.read() as tx:  # once for all pieces: what waits is sorted for it
            waiting = store.pending_ids(tx, BATCH)
        for start in range(0, len(waiting) or 1, PIECE):
            self._database.write(partial(self._give_positions, waiting[start : start + PIECE], size, now))
        self._write_tree(now)
        return len(waiting)

    def _begin(self, now: datetime) -> None:
        """Sign the empty tree before the first place is given: from then on a missing checkpoint is a lost one."""
        if self.tiles.find_checkpoint() is not None:
            return
        with self._database.read() as tx:
            if store.next_position(tx):
                raise FolderLost()
        self._write_tree(now)

    def signed_size(self) -> int:
        """How many leaves the checkpoint on disk covers; 0 when there is none. Raises Damaged."""
        data = self.tiles.find_checkpoint()
        return 0 if data is None else self._opened(data).size

    def _opened(self, data: bytes) -> Checkpoint:
        try:
            return open_checkpoint(data, self.key)
        except BadNote as error:
            raise Damaged(what="The checkpoint of the ledger") from error

    # --- the lease --------------------------------------------------------------------------------------------------

    def _hold_lease(self, now: datetime) -> None:
        if self._fence is not None and self._database.write(lambda tx: self._keeps(tx, now)):
            return
        token = self._database.write(lambda tx: store.take_lease(tx, LEASE, self._holder, now=now, lasts=LEASE_LASTS))
        if token is None:
            raise LeaseLost()
        self._fence = (self._holder, token)

    def _keeps(self, tx: Connection, now: datetime) -> bool:
        return self._fence is not None and store.keep_lease(tx, LEASE, self._fence, now + LEASE_LASTS)

    def _guard(self, tx: Connection, now: datetime) -> None:
        """The fencing check, in the same transaction as what it guards."""
        if not self._keeps(tx, now):
            raise LeaseLost()

    def release(self, now: datetime) -> None:
        """Let another node take over at once."""
        if self._fence is not None:
            fence, self._fence = self._fence, None
            self._database.write(lambda tx: store.keep_lease(tx, LEASE, fence, now))

    # --- step 1: positions ------------------------------------------------------------------------------------------

    def _give_positions(self, waiting: list[UUID], signed: int, now: datetime, tx: Connection) -> None:
        """Nobody else gives places to what waits: that is what the lease is for."""
        self._guard(tx, now)
        first = store.next_position(tx)
        if first < signed:
            raise DatabaseBehind(known=first, size=signed)
        store.give_positions(tx, [(event_id, first + n) for n, event_id in enumerate(waiting)])

    # --- what is never done unasked ---------------------------------------------------------------------------------

    def refuse_behind(self) -> None:
        """Raises DatabaseBehind when the signed tree holds entries whose events the database no longer has, FolderLost.

        Then people may be back who were erased: nothing is served before a restore has destroyed them again.
        """
        size, is_lost = self.signed_size(), self.tiles.find_checkpoint() is None
        with self._database.read() as tx:
            known = store.next_position(tx)
        if known < size:
            raise DatabaseBehind(known=known, size=size)
        if known and is_lost:
            raise FolderLost()

    def record_restore(self, now: datetime, facts: dict[str, object]) -> int:
        """After an older backup came back: say in the ledger which entries are known only by their hash; how many.

        Events that the backup held while they had no position yet are found in the tree, and get it back. `facts`
        are kept with it: who did it, and what was destroyed again. Nobody else may serve: the lease is taken over.
        """
        self._fence = None
        self._database.write(lambda tx: store.drop_lease(tx, LEASE))
        self._hold_lease(now)
        self._begin(now)
        return self._record_restore(self.signed_size(), now, facts)

    def _record_restore(self, size: int, now: datetime, facts: dict[str, object]) -> int:
        with self._database.read() as tx:
            known = store.next_position(tx)
            again = self._found_again(tx, known, size) if known < size else []
        gaps = ranges_without({position for _event_id, position in again}, known, size) if known < size else []
        whole = {**facts, "tree_size": max(known, size), "known_only_by_hash": gaps}
        event = new_event(RESTORED, now, whole)

        def unit(tx: Connection) -> None:
            self._guard(tx, now)
            if store.next_position(tx) != known:
                raise LeaseLost()
            store.give_positions(tx, again)
            store.add_events(tx, [event])
            store.give_positions(tx, [(event.event_id, max(known, size))])

        self._database.write(unit)
        lost = sum(last - first + 1 for first, last in gaps)
        _log.warning("ledger: database restored, tree_size=%d known=%d lost=%d", size, known, lost)
        return lost

    def rebuild(self, now: datetime, *, former: str = "") -> int:
        """Make a lost folder again from the events, and sign it; how many entries it has.

        Only where no event is missing: else a second tree of one size could be signed under one name. Where that is
        not sure, this ledger has a new origin, `former` is the old one, and an event cites what is known of it.
        """
        if self.tiles.find_checkpoint() is None:
            self._hold_lease(now)
            self._write_tree(now)
        growth = self._signed_growth()
        if former:
            facts: dict[str, object] = {
                "former_origin": former, "former_size": growth.size, "former_root": growth.root().hex(),
            }  # fmt: skip
            self._database.write(lambda tx: store.add_events(tx, [new_event(BEGUN_AGAIN, now, facts)]))
        return growth.size

    def _found_again(self, tx: Connection, start: int, end: int) -> list[tuple[UUID, int]]:
        found = []
        for first, entries in self.tiles.entries(start, end):
            if entries is None:
                raise Damaged(what="An entry bundle of the ledger")
            pending = store.pending_by_hash(tx, entries)
            found += [(pending[entry], first + n) for n, entry in enumerate(entries) if entry in pending]
        return found

    # --- steps 2 and 3: tiles, checkpoint ---------------------------------------------------------------------------

    def _write_tree(self, now: datetime) -> None:
        with self.tiles.locked():
            growth = self._signed_growth()
            with self._database.read() as tx:
                end = store.next_position(tx)
            if growth.size == end and self.tiles.find_checkpoint() is not None:
                return
            signed = growth.size
            full = self._grow(growth, end)
            for tile in growth.edge():
                self.tiles.write(tile)
                self.tiles.drop_unsigned(tile, signed)
            self._database.write(lambda tx: self._guard(tx, now))
            head = Checkpoint(self.key.name, growth.size, growth.root())
            self.tiles.write_checkpoint(sign_checkpoint(head, self._signer))
            for tile in full:
                self.tiles.drop_partials(tile)

    def _signed_growth(self) -> Growth:
        """The right edge of the tree that was signed last, and proof that the tiles are still that tree."""
        data = self.tiles.find_checkpoint()
        if data is None:
            return Growth()
        signed = self._opened(data)
        try:
            growth = self.tiles.find_growth(signed.size)
        except ValueError:
            growth = None
        if growth is None or growth.root() != signed.root:
            raise Damaged(what="The tree of the ledger")
        return growth

    def _grow(self, growth: Growth, end: int) -> list[Tile]:
        full: list[Tile] = []
        while growth.size < end:
            with self._database.read() as tx:
                page = store.hashes_between(tx, growth.size, min(end, growth.size + BATCH))
            if [position for position, _ in page] != list(range(growth.size, growth.size + len(page))) or not page:
                raise Damaged(what="The order of the ledger")
            for _, entry in page:
                for tile in growth.append(entry):
                    self.tiles.write(tile)
                    full.append(Tile(tile.level, tile.index, tile.width, b""))
        return full

    # --- the loop ---------------------------------------------------------------------------------------------------

    def start(self, now: Callable[[], datetime]) -> None:
        """Run in a thread of its own until `stop`. `now` is the clock."""
        self._thread = threading.Thread(target=self.run, args=(now,), name="omonat-sequencer", daemon=True)
        self._thread.start()

    def run(self, now: Callable[[], datetime]) -> None:
        """Integrate twice a second, at once after `wake`, until `stop`."""
        failures = 0
        while not self._stopped.is_set():
            try:
                self.integrate_once(now())
                failures = 0
            except Exception as error:  # the loop outlives any failure: nothing is signed, the next round tries again
                failures += 1
                _log.error("ledger: integration failed, code=%s", getattr(error, "code", type(error).__name__))
            self._wake.wait(PAUSE_SECONDS if not failures else min(LONGEST_PAUSE_SECONDS, PAUSE_SECONDS * 2**failures))
            self._wake.clear()
        self._let_go(now())

    def _let_go(self, now: datetime) -> None:
        try:
            self.release(now)
        except Exception as error:  # going down: the lease runs out by itself
            _log.warning("ledger: lease not released, code=%s", getattr(error, "code", type(error).__name__))

    def wake(self) -> None:
        """Do not wait for the next second: something was just appended."""
        self._wake.set()

    def stop(self) -> None:
        """End the loop after the round that is running, and wait for it."""
        self._stopped.set()
        self._wake.set()
        if self._thread is not None:
            self._thread.join()


def ranges_without(taken: set[int], start: int, end: int) -> list[list[int]]:
    """[first, last] pairs of the positions from `start` up to, not including, `end` that are not in `taken`."""
    edges = [start - 1, *sorted(taken), end]
    return [[a + 1, b - 1] for a, b in pairwise(edges) if b - a > 1]
