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
