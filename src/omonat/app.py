"""Floor 6: the one place where everything is wired."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

from omonat.consent import Consents
from omonat.crypto import open_ring
from omonat.crypto.signing import Signer
from omonat.disclosure import Disclosures
from omonat.intake import Intake
from omonat.jobs import Dispatcher, Outbox, Periodic
from omonat.kernel.clock import Clock
from omonat.kernel.errors import NotAllowed, NotFound
from omonat.kernel.settings import Settings, read_settings
from omonat.keystore import Epoch, KeyStore, Rotation
from omonat.ledger import Ledger, Sequencer, VerifierKey
from omonat.notify import channels
from omonat.policy import Policies
from omonat.post import Post
from omonat.retention import Retention
from omonat.rights import Rights, SignIn
from omonat.staff import StaffAccount, StaffAccounts, StaffSessions, os_user
from omonat.statistics import Statistics
from omonat.storage import Database, data_tables, key_tables
from omonat.vault import Erasure, Tombstones, Vault
from omonat.works import works

KEY_FILE = "kek"
ORPHAN_AGE = timedelta(minutes=10)


class Omonat:
    """One opened installation."""

    def __init__(self, settings: Settings, *, dev_host: str = "") -> None:
        self.settings = settings
        self.clock = Clock(settings.clock_shift)
        self.database = Database(settings.database_url, data_tables)
        self.keystore = KeyStore(
            Database(settings.keys_database_url, key_tables),
            open_ring(settings.key_provider, settings.old_key_provider, settings.keys / KEY_FILE),
        )
        self.ledger = Ledger()
        self.outbox = Outbox()
        self.staff = StaffAccounts(self.database)
        self.staff_sessions = StaffSessions(self.database, lambda: self.keystore.secret("token"))
        self.channels = channels(settings, dev_host)
        self._wire_domain()
        self._sequencer: Sequencer | None = None
        self._dispatcher: Dispatcher | None = None

    def _wire_domain(self) -> None:
        database, keystore, ledger = self.database, self.keystore, self.ledger
        self.policies = Policies(database, ledger)
        self.vault = Vault(database, keystore, ledger, self.policies)
        tombstones = Tombstones(self.settings.ledger / "tombstones")
        self.erasure = Erasure(database, keystore, ledger, tombstones=tombstones, clock=self.clock)
        self.consents = Consents(database, self.vault, self.policies)
        self.disclosures = Disclosures(database, self.vault, self.policies, self.outbox)
        self.retention = Retention(database, self.vault, self.erasure, self.consents, self.policies)
        self.statistics = Statistics(database, self.vault, self.policies)
        self.post = Post(self.channels, self.policies, self.settings)
        self.rights = Rights(
            database, self.vault, consents=self.consents, erasure=self.erasure, policies=self.policies,
            outbox=self.outbox, post=self.post, clock=self.clock,
        )  # fmt: skip
        self.sign_in = SignIn(
            database, self.vault, self.erasure, self.outbox, consents=self.consents, post=self.post, clock=self.clock
        )
        self.intake = Intake(
            database, self.vault, self.consents, rights=self.rights, erasure=self.erasure, policies=self.policies,
            outbox=self.outbox,
        )  # fmt: skip

    @classmethod
    def open(cls, data: Path, *, dev_host: str = "") -> Omonat:
        """The installation in `data`. Raises Misconfigured with what to do."""
        return cls(read_settings(data), dev_host=dev_host)

    def rotation(self) -> Rotation:
        """Of the key-encryption key."""
        return Rotation(self.keystore, self.settings.keys, record=self._record_rotation, clock=self.clock)

    def _record_rotation(self, epoch: Epoch, now: datetime) -> None:
        facts: dict[str, object] = {
            "epoch": epoch.number, "provider": epoch.key_id.partition(":")[0],
            "subjects": epoch.rewrapped_subjects, "secrets": epoch.rewrapped_secrets,
        }  # fmt: skip
        self.database.write(
            lambda tx: self.ledger.append_once(tx, kind="key_rotated", at=now, facts=facts, event_id=epoch.event_id)
        )

    def signer(self) -> Signer:
        """The ledger's signing key."""
        return Signer(self.keystore.secret("ledger"))

    def sequencer(self) -> Sequencer:
        """The one that integrates events into the tree; runs in `serve` only."""
        if self._sequencer is None:
            self._sequencer = Sequencer(
                self.database, self.settings.ledger, origin=self.settings.origin, signer=self.signer()
            )
        return self._sequencer

    def verifier_key(self) -> VerifierKey:
        """The public key of the ledger."""
        return self.sequencer().key

    def actor(self) -> StaffAccount:
        """The staff account of the operating-system user. Raises NotAllowed when there is none."""
        try:
            return self.staff.get_by_os_user(os_user())
        except NotFound:
            raise NotAllowed(right="a staff account bound to this operating-system user") from None

    def recover(self) -> int:
        """Finish what a crash left half-done, before the first request. Returns how many destructions were resumed."""
        resumed = self.erasure.resume()
        self.rights.resume(self.clock.now())
        self.vault.sweep_orphans(self.clock.now() - ORPHAN_AGE)
        return resumed

    def start_background(self) -> None:
        """The sequencer and the dispatcher: only `serve` calls this."""
        self.sequencer().start(self.clock.now)
        periodic = (
            Periodic(kind="retention_sweep", daily_at=time(3, 0)),
            Periodic(kind="recover", every=timedelta(minutes=1)),
        )
        self._dispatcher = Dispatcher(
            self.database, self.settings.jobs_database_url, works(self), clock=self.clock, periodic=periodic
        )
        self._dispatcher.start()

    def stop_background(self) -> None:
        """Let the running steps end; what is left goes on at the next start."""
        if self._dispatcher is not None:
            self._dispatcher.stop()
        if self._sequencer is not None:
            self._sequencer.stop()

    def close(self) -> None:
        """Let go of both databases."""
        self.database.close()
        self.keystore.database.close()
