"""Floor 5: backups that cannot bring the erased back (clauses 6.2, 7.1; ZRU-547 Art. 17).

Data and key store go into two archives that are never in one place: one without the other opens nothing. Tombstones,
tiles and the checkpoint are in neither: a restore must neither forget what was destroyed nor shrink the ledger.
A restore puts files back and leaves a mark; until what the tombstones name is destroyed again, nothing is served.
The rows of durable jobs are not copied: they are made anew from the outbox.

Entry points: `back_up`, `back_up_into`; `put_back` (or `begin_restore`), then `finish_restore`; `running` and
`stopped`, the lock between these and `serve`; `verify_whole`, whether everything is as it was written.
"""

from omonat.backup.chunks import BlockStore, Saved, holds_sets
from omonat.backup.lock import AlreadyRunning, running, stopped
from omonat.backup.make import BackupReport, BadPlace, Repeated, back_up, back_up_into
from omonat.backup.manifest import BadBackup, Kind
from omonat.backup.restore import Restored, begin_restore, finish_restore, is_unfinished, lost_ledger, put_back
from omonat.backup.wholeness import verify_whole

__all__ = [
    "AlreadyRunning", "BackupReport", "BadBackup", "BadPlace", "BlockStore", "Kind", "Repeated", "Restored", "Saved",
    "back_up", "back_up_into", "begin_restore", "finish_restore", "holds_sets", "is_unfinished", "lost_ledger",
    "put_back", "running", "stopped", "verify_whole",
]  # fmt: skip
