"""`omonat`, but it kills itself with SIGKILL at a named seam: `python kill_at.py ARMED_FILE COMMAND...`.

The seam is what the armed file says at that moment; while there is no such file, this is the ordinary program. The
program itself knows nothing of it: functions are wrapped from outside.
"""

import os
import signal
import sys
from collections.abc import Callable
from functools import wraps
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple


class Seam(NamedTuple):
    """Before or after a function, `module` and `name` (`Class.method`); `job`: only for this kind of job."""

    module: str
    name: str
    when: str
    job: str = ""


CREATE = {
    "create.nothing_yet": Seam("omonat.keystore.service", "KeyStore.create_subjects", "before"),
    "create.keys_made": Seam("omonat.keystore.service", "KeyStore.create_subjects", "after"),
    "create.half_of_the_rows": Seam("omonat.vault.service", "Vault.collect_many", "after"),
    "create.rows_committed": Seam("omonat.intake.service", "Intake.submit", "after"),
}
ERASE = {
    "erase.nothing_yet": Seam("omonat.vault.erasure", "Erasure.begin", "before"),
    "erase.half_of_the_intention": Seam("omonat.vault.erasure", "Erasure.begin", "after"),
    "erase.intention_committed": Seam("omonat.vault.erasure", "Erasure.carry_out", "before"),
    "erase.tombstone_written": Seam("omonat.vault.tombstones", "Tombstones.add", "after"),
    "erase.keys_destroyed": Seam("omonat.keystore.service", "KeyStore.destroy_many", "after"),
    "erase.half_of_the_rows": Seam("omonat.vault.erasure", "Erasure._delete_rows", "after"),
    "erase.not_scrubbed": Seam("omonat.vault.erasure", "Erasure._finish_many", "after"),
    "erase.rows_committed": Seam("omonat.vault.erasure", "Erasure.carry_out", "after"),
}
ERASE_MANY = {
    "erase_many.intentions_committed": Seam("omonat.vault.erasure", "Erasure.carry_out_many", "before"),
    "erase_many.rows_committed": Seam("omonat.vault.erasure", "Erasure.carry_out_many", "after"),
}
ERASE_CASE = {
    "erase.case_not_closed": Seam("omonat.rights.erasing", "Erasing._finish", "before"),
    "erase.case_closed": Seam("omonat.rights.erasing", "Erasing.erase", "after"),
}
OUTBOX = {
    "outbox.unclaimed": Seam("omonat.jobs.dispatcher", "Dispatcher._take", "before", "sign_in_code"),
    "outbox.claimed": Seam("omonat.jobs.dispatcher", "Dispatcher._start", "before", "sign_in_code"),
    "outbox.enqueued": Seam("omonat.jobs.dispatcher", "Dispatcher._start", "after", "sign_in_code"),
    "outbox.started": Seam("omonat.rights.sign_in", "SignIn.send_sign_in_code", "before"),
    "outbox.done_not_marked": Seam("omonat.rights.sign_in", "SignIn.send_sign_in_code", "after"),
}
ROTATE = {
    "rotate.nothing_yet": Seam("omonat.keystore.rotation", "Rotation.run", "before"),
    "rotate.key_half_made": Seam("omonat.crypto.providers.file", "create_key_file", "after"),
    "rotate.key_made": Seam("omonat.keystore.rotation", "Rotation._make", "after"),
    "rotate.epoch_begun": Seam("omonat.keystore.rotation", "Rotation._begin", "after"),
    "rotate.secrets_moved": Seam("omonat.keystore.rotation", "Rotation._rewrap_secrets", "after"),
    "rotate.batch_wrapped": Seam("omonat.keystore.store", "note_subjects", "before"),
    "rotate.batch_moved": Seam("omonat.keystore.rotation", "Rotation._rewrap_batch", "after"),
    "rotate.half_retired": Seam("omonat.keystore.store", "retire_before", "after"),
    "rotate.retired": Seam("omonat.keystore.rotation", "Rotation._end", "before"),
    "rotate.key_overwritten": Seam("omonat.crypto.providers.file", "_overwrite", "after"),
    "rotate.key_destroyed": Seam("omonat.crypto.providers.file", "FileKeyProvider.end", "after"),
    "rotate.event_entered": Seam("omonat.app", "Omonat._record_rotation", "after"),
    "rotate.ended": Seam("omonat.keystore.rotation", "Rotation._end", "after"),
}
RENEW = {  # in the order in which one rotation passes them
    "renew.nothing_yet": Seam("omonat.vault.resealing", "Resealing.run", "before"),
    "renew.begun": Seam("omonat.keystore.versions", "KeyVersions.begin", "after"),
    "renew.half_of_a_batch": Seam("omonat.keystore.versions_store", "replace_key", "after"),
    "renew.batch_renewed": Seam("omonat.keystore.versions", "KeyVersions.renew", "after"),
    "renew.batch_sealed": Seam("omonat.vault.resealing", "Resealing._store", "before"),
    "renew.half_of_the_values": Seam("omonat.vault.resealing_store", "replace_sealed", "after"),
    "renew.batch_stored": Seam("omonat.vault.resealing", "Resealing._store", "after"),
    "renew.all_stored": Seam("omonat.vault.resealing", "Resealing._end", "before"),
    "renew.event_entered": Seam("omonat.keystore.versions", "KeyVersions.end", "before"),
    "renew.ended": Seam("omonat.keystore.versions", "KeyVersions.end", "after"),
}
RETAG = {  # in the order in which one rotation passes them
    "retag.nothing_yet": Seam("omonat.vault.retagging", "Retagging.run", "before"),
    "retag.keys_half_made": Seam("omonat.keystore.store", "insert_secret", "after"),
    "retag.keys_made": Seam("omonat.keystore.service", "KeyStore.make_index_keys", "after"),
    "retag.begun": Seam("omonat.vault.retagging", "Retagging._begin", "after"),
    "retag.half_of_a_batch": Seam("omonat.vault.index_store", "retag_identifier", "after"),
    "retag.batch_written": Seam("omonat.vault.retagging", "Retagging._retag", "after"),
    "retag.all_written": Seam("omonat.vault.retagging", "Retagging._end", "before"),
    "retag.half_retired": Seam("omonat.vault.index_store", "retire_before", "after"),
    "retag.retired": Seam("omonat.keystore.service", "KeyStore.destroy_index_keys_before", "before"),
    "retag.keys_destroyed": Seam("omonat.keystore.service", "KeyStore.destroy_index_keys_before", "after"),
    "retag.ended": Seam("omonat.vault.retagging", "Retagging._record", "after"),
}
WEBHOOK = {
    "webhook.wanted": Seam("omonat.jobs.dispatcher", "Dispatcher._take", "before", "webhook"),
    "webhook.claimed": Seam("omonat.jobs.dispatcher", "Dispatcher._start", "before", "webhook"),
    "webhook.not_sent": Seam("omonat.webhooks.sending", "Sender.send", "before"),
    "webhook.sent": Seam("omonat.webhooks.sending", "Sender.send", "after"),
    "webhook.done_not_marked": Seam("omonat.webhooks.deliveries", "Deliveries.attempt", "after"),
}
INTEGRATE = {
    "integrate.half_of_the_places": Seam("omonat.ledger.sequencer", "Sequencer._give_positions", "after"),
    "integrate.places_given": Seam("omonat.ledger.sequencer", "Sequencer._write_tree", "before"),
    "integrate.tile_written": Seam("omonat.ledger.tiles", "TileFolder.write", "after"),
    "integrate.not_signed": Seam("omonat.ledger.tiles", "TileFolder.write_checkpoint", "before"),
    "integrate.signed": Seam("omonat.ledger.tiles", "TileFolder.write_checkpoint", "after"),
}
BACKUP = {
    "backup.nothing_yet": Seam("omonat.backup.make", "_copy_data", "before"),
    "backup.not_sealed": Seam("omonat.backup.make", "_sealed", "before"),
    "backup.data_copied": Seam("omonat.backup.make", "_copy_data", "after"),
    "backup.block_written": Seam("omonat.backup.chunks", "_write", "after"),
    "backup.blocks_written": Seam("omonat.backup.chunks", "BlockStore._check", "before"),
    "backup.set_half_written": Seam("omonat.backup.chunks", "BlockStore._enter", "before"),
    "backup.set_written": Seam("omonat.backup.chunks", "BlockStore._drop", "before"),
    "backup.old_sets_gone": Seam("omonat.backup.chunks", "BlockStore._drop", "after"),
    "backup.keys_copied": Seam("omonat.backup.make", "_copy_keys", "after"),
}
BACKUP_TO = ("backup.nothing_yet", "backup.not_sealed", "backup.data_copied", "backup.keys_copied")
"""Those that a backup into a new folder passes, too."""
RESTORE = {
    "restore.nothing_yet": Seam("omonat.backup.restore", "begin_restore", "before"),
    "restore.marked": Seam("omonat.backup.restore", "begin_restore", "after"),
    "restore.keys_back": Seam("omonat.backup.restore", "_put_keys_back", "after"),
    "restore.data_back": Seam("omonat.backup.restore", "_forget_jobs", "before"),
    "restore.one_destroyed_again": Seam("omonat.vault.erasure", "Erasure.carry_out", "after"),
    "restore.destroyed_again": Seam("omonat.vault.erasure", "Erasure.replay", "after"),
    "restore.recorded": Seam("omonat.ledger.sequencer", "Sequencer.record_restore", "after"),
    "restore.signed": Seam("omonat.ledger.sequencer", "Sequencer.integrate_once", "after"),
}
SEAMS = {
    **CREATE, **ERASE, **ERASE_MANY, **ERASE_CASE, **OUTBOX, **ROTATE, **RENEW, **RETAG, **WEBHOOK, **INTEGRATE,
    **BACKUP, **RESTORE,
}  # fmt: skip


def _kinds(arguments: tuple[Any, ...]) -> set[str]:
    """The kinds of the jobs among the arguments of a call."""
    jobs = [one for argument in arguments for one in (argument if isinstance(argument, list) else [argument])]
    return {job.kind for job in jobs if hasattr(job, "business_key")}


def install(seam_name: str, seam: Seam, armed: Path) -> None:
    """Wrap the function of one seam."""
    owner_name, _, name = seam.name.rpartition(".")
    owner: Any = import_module(seam.module)
    owner = getattr(owner, owner_name) if owner_name else owner
    real: Callable[..., Any] = getattr(owner, name)

    def die_here(arguments: tuple[Any, ...]) -> None:
        wanted = not seam.job or seam.job in _kinds(arguments)
        if wanted and armed.exists() and armed.read_text() == seam_name:
            os.kill(os.getpid(), signal.SIGKILL)

    @wraps(real)
    def wrapped(*arguments: Any, **named: Any) -> Any:
        if seam.when == "before":
            die_here(arguments)
        answer = real(*arguments, **named)
        if seam.when == "after":
            die_here(arguments)
        return answer

    setattr(owner, name, wrapped)


def main() -> None:
    """Wrap every seam, then be `omonat`."""
    armed = Path(sys.argv[1])
    for name, seam in SEAMS.items():
        install(name, seam, armed)
    sys.argv = ["omonat", *sys.argv[2:]]
    from omonat.cli import main as omonat

    omonat()


if __name__ == "__main__":
    main()
