"""Why a checkpoint is not believed, cosigned or kept."""

from omonat.kernel.errors import OmonatError


class BadCheckpoint(OmonatError):
    """Something that was given as a checkpoint or cosignature is none of this ledger or of these witnesses."""

    code = "bad_checkpoint"
    message = "This is no checkpoint of {origin} that can be used here: {why}."
    what_to_do = "Compare the file, the address and the verifier key. Nothing was signed or kept."


class TreeShrank(OmonatError):
    """A ledger shows fewer entries than it has shown before."""

    code = "tree_shrank"
    message = "{origin} shows {size} entries; before, it showed {old_size}."
    what_to_do = "Fetch the newest checkpoint. If it stays smaller, the end was cut off: keep both. Nothing was signed."


class NotConsistent(OmonatError):
    """A ledger does not show that its tree grew out of the one that it has shown before."""

    code = "not_consistent"
    message = "{origin} does not show that its {size} entries begin with the {old_size} that it showed before."
    what_to_do = "History was rewritten, or files are missing. Keep both checkpoints as evidence. Nothing was signed."


class LogUnreachable(OmonatError):
    """A ledger that is read over the network does not answer, or not with what was asked for."""

    code = "log_unreachable"
    message = "The ledger at {place} cannot be read: {why}."
    what_to_do = "Look at the address and the network, then try again. Nothing was signed."
    temporary = True


class DatabaseBehind(OmonatError):
    """Events under the signed tree are missing in the database: an older copy, or somebody deleted the newest."""

    code = "database_behind"
    message = "The database knows {known} entries of the ledger, but {size} are signed: newer events are missing."
    what_to_do = "If an older copy was put back by other means, run: omonat restore --in-place."


class FolderLost(OmonatError):
    """The folder of tiles and checkpoint is empty, although events have their place in the tree."""

    code = "ledger_folder_lost"
    message = "The folder of the ledger has no checkpoint, although entries were signed."
    what_to_do = "Put its copy back. If there is none and the database is not an older copy: omonat ledger rebuild."
