"""Floor 3: the tamper-evident ledger. What it proves: nothing that was written was changed, removed or reordered.

An act appends its event in its own transaction (`Ledger.append`); within about a second the one `Sequencer` gives it a
place in an RFC 6962 Merkle tree, writes the tiles (C2SP tlog-tiles) and signs the head (C2SP tlog-checkpoint, Ed25519).
Published is the SHA-256 of the event and nothing else; the event stays in the database. `verify` recomputes everything,
`fsck` the files alone. `Published` is what the world may read of it; a `Witness`, which needs nothing of this
installation, remembers from outside, and its cosignatures come back through `Cosignatures`.

Invariants: a position never changes once committed; a checkpoint is signed only over a tree that begins with the tree
signed before; an integrated event keeps its row for ever (erasure removes keys, not entries: they hold commitments).
Carries clause 6.2 (necessary measures) and the provability behind 1.2, 5.1, 6.3 and 7.1. See docs/security/ledger.md.
"""

from omonat.ledger.cosignature import WitnessKey, cosigned_at
from omonat.ledger.fsck import fsck
from omonat.ledger.model import Event, Finding, Happened, Report, Statement
from omonat.ledger.note import BadNote, Checkpoint, VerifierKey, open_checkpoint, read_verifier_key, verifier_key_of
from omonat.ledger.proofs import Tree
from omonat.ledger.publishing import Consistency, Inclusion, OutsideTree, Published
from omonat.ledger.refusals import BadCheckpoint, DatabaseBehind, FolderLost, LogUnreachable, NotConsistent, TreeShrank
from omonat.ledger.sequencer import Sequencer
from omonat.ledger.service import Ledger, Watcher
from omonat.ledger.verification import verify
from omonat.ledger.witness import Cosigned, Witness
from omonat.ledger.witness_key import WitnessKeyFile
from omonat.ledger.witnessed import Cosignatures, Kept, read_witness_keys, witnessed_by

__all__ = [
    "BadCheckpoint", "BadNote", "Checkpoint", "Consistency", "Cosignatures", "Cosigned", "DatabaseBehind", "Event",
    "Finding", "FolderLost", "Happened", "Inclusion", "Kept", "Ledger", "LogUnreachable", "NotConsistent",
    "OutsideTree", "Published", "Report", "Sequencer", "Statement", "Tree", "TreeShrank", "VerifierKey", "Watcher",
    "Witness", "WitnessKey", "WitnessKeyFile", "cosigned_at", "fsck", "open_checkpoint", "read_verifier_key",
    "read_witness_keys", "verifier_key_of", "verify", "witnessed_by",
]  # fmt: skip
