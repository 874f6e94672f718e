"""Floor 6: the one place where everything is wired."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from omonat.access import Answers, ApiKeys
from omonat.consent import Consents, Importing, TakingOver, Voiding
from omonat.contracts import Contracts
from omonat.crypto import open_ring
from omonat.crypto.signing import Signer
from omonat.disclosure import Disclosures, MailingLists
from omonat.incidents import Incidents
from omonat.intake import Intake
from omonat.jobs import Dispatcher, Outbox, Periodic, Runs
from omonat.kernel.clock import Clock
from omonat.kernel.errors import NotAllowed, NotFound
from omonat.kernel.ids import HoldId
from omonat.kernel.settings import Settings, read_settings
from omonat.keystore import Epoch, KeyStore, Rotation
from omonat.ledger import Ledger, Sequencer, VerifierKey
from omonat.measures import Measures
from omonat.notify import channels
from omonat.oidc import SignOn
from omonat.people import Acts, People, Recording, Regroupings
from omonat.policy import Drafts, Policies
from omonat.post import Post
from omonat.receipts import ReceiptLetters, Receipts
from omonat.registers import Registers
from omonat.retention import Retention
from omonat.rights import ByLink, Rights, SignIn
from omonat.setting_up import FirstRun
from omonat.staff import (
    Act,
    Actor,
    Approvals,
    Invited,
    Members,
    RoleChanges,
    Roles,
    SigningParts,
    StaffAccount,
    StaffAccounts,
    StaffRegister,
    StaffSecrets,
    StaffSessions,
    StaffSignIn,
    Undertakings,
    carry_role_change,
    os_user,
)
from omonat.statistics import Statistics
from omonat.storage import Database, data_tables, key_tables
from omonat.support import CaseFilter, Support
from omonat.vault import Erasure, Resealing, Retagging, Tombstones, Vault
from omonat.webhooks import Deliveries, Sender, Webhooks
from omonat.works import works

KEY_FILE = "kek"
ORPHAN_AGE = timedelta(minutes=10)


class LeftBehind(NamedTuple):
    """Names of API keys that still work, and how many open cases were given to the member."""

    staff_id: str
    keys: tuple[str, ...]
    cases: int


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
        self.approvals = Approvals(self.database, self.ledger, four_eyes=settings.four_eyes)
        self.staff_sessions = StaffSessions(self.database, lambda: self.keystore.secret("token"))
        signing = SigningParts(self.database, lambda: self.keystore.secret("staff"), self.ledger)
        self.staff_secrets = StaffSecrets(signing)
        self.staff_sign_in = StaffSignIn(signing, self.staff_sessions)
        self.sign_on = SignOn(settings.oidc) if settings.oidc else None
        self.staff_register = StaffRegister(self.database)
        self.undertakings = Undertakings(self.database, self.ledger)
        self.members = Members(
            self.database, self.ledger, self.outbox, secret=lambda: self.keystore.secret("staff"),
            forget=self.staff_secrets.forget,
        )  # fmt: skip
        self.channels = channels(settings, dev_host)
        self._wire_domain()
        self._wire_webhooks()
        self._wire_approvals()
        self._wire_registers()
        self._sequencer: Sequencer | None = None
        self._dispatcher: Dispatcher | None = None

    def _wire_domain(self) -> None:
        database, keystore, ledger = self.database, self.keystore, self.ledger
        self.policies = Policies(database, ledger)
        self.roles = Roles(database, ledger, self.policies.purposes_in_force)
        self.api_keys = ApiKeys(
            database, ledger, self.approvals, token_key=lambda: keystore.secret("token"),
            purposes=self.policies.purposes_in_force,
        )  # fmt: skip
        self.answers = Answers(database, lambda: keystore.secret("token"))
        self.vault = Vault(database, keystore, ledger, self.policies)
        tombstones = Tombstones(self.settings.ledger / "tombstones")
        self.erasure = Erasure(
            database, keystore, ledger, tombstones=tombstones, clock=self.clock, backups=self.settings.backups
        )
        self.consents = Consents(database, self.vault, self.policies)
        self.disclosures = Disclosures(
            database, self.vault, self.policies, self.outbox, base_url=self.settings.base_url
        )
        self.retention = Retention(database, self.vault, self.erasure, self.consents, self.policies)
        self.contracts = Contracts(database, self.vault, self.retention, self.policies)
        self.statistics = Statistics(database, self.vault, self.policies)
        self.post = Post(self.channels, self.policies, self.settings)
        self.rights = Rights(
            database, self.vault, consents=self.consents, erasure=self.erasure, policies=self.policies,
            outbox=self.outbox, post=self.post, clock=self.clock,
        )  # fmt: skip
        self.sign_in = SignIn(
            database, self.vault, self.erasure, self.outbox, consents=self.consents, post=self.post, clock=self.clock
        )
        self.people = People(database, self.vault, rights=self.rights, contracts=self.contracts, policies=self.policies)
        self.people_acts = Acts(database, self.people, self.rights)
        self.recording = Recording(self.vault, self.rights, self.policies)
        self.regroupings = Regroupings(
            database, self.vault, erasure=self.erasure, people=self.people, outbox=self.outbox
        )
        self.intake = Intake(
            database, self.vault, self.consents, rights=self.rights, erasure=self.erasure, policies=self.policies,
            outbox=self.outbox,
        )  # fmt: skip

        self.by_link = ByLink(
            database, self.vault, consents=self.consents, rights=self.rights, policies=self.policies, post=self.post
        )
        self.receipts = Receipts(
            database, self.vault, self.policies, folder=self.settings.ledger, origin=self.settings.origin,
            signer=self.signer,
        )  # fmt: skip
        self.receipt_letters = ReceiptLetters(
            database, self.vault, self.receipts, policies=self.policies, outbox=self.outbox, post=self.post,
            clock=self.clock,
        )  # fmt: skip
        self.support = Support(
            database, self.vault, rights=self.rights, staff=self.staff, outbox=self.outbox, letters=self.post,
            clock=self.clock, mailboxes=self.members,
        )  # fmt: skip

        self.first_run = FirstRun(database, ledger, self.policies)
        self.measures = Measures(database, ledger, self.staff)
        self.incidents = Incidents(
            database, self.vault, policies=self.policies, rights=self.rights, outbox=self.outbox
        )  # fmt: skip
        self.post.told_of_incident = self.incidents.told

    def _wire_registers(self) -> None:
        self.runs = Runs(self.database, self.outbox)
        self.consent_import = Importing(
            self.database, self.vault, self.consents, policies=self.policies, outbox=self.outbox
        )
        self.consent_files = TakingOver(
            self.database, self.keystore, self.consent_import, runs=self.runs, clock=self.clock.now
        )
        self.voiding = Voiding(
            self.database, self.vault, self.consents, self.policies, runs=self.runs, clock=self.clock.now
        )
        self.policies.on_publish.append(self.voiding.want)
        self.registers = Registers(self.database, self.policies)
        self.drafts = Drafts(self.database, self.policies, self.approvals)
        self.mailing_lists = MailingLists(
            self.database,
            self.vault,
            self.policies,
            runs=self.runs,
            approvals=self.approvals,
            clock=self.clock,
            base_url=self.settings.base_url,
        )
        self.approvals.carriers |= {
            "publish_policy": self.drafts.carry_publish, "export_many": self.mailing_lists.carry_export
        }  # fmt: skip

    def _wire_approvals(self) -> None:
        """What is carried out once a second person approved it: by kind, see `staff.approvals`."""

        def release_hold(act: Act) -> dict[str, str]:
            hold = self.retention.holds.release(HoldId(UUID(act.payload["hold"])), actor=act.asker.actor, now=act.now)
            return {"hold": str(hold.hold_id)}

        self.role_changes = RoleChanges(self.approvals, self.roles, self.members)

        def change_role(act: Act) -> dict[str, str]:
            return carry_role_change(self.roles, self.members, act)

        self.approvals.carriers |= {"release_hold": release_hold, "change_role": change_role}
        self.approvals.carriers["change_keys"] = self.api_keys.carry
        self.approvals.find_actor = self._find_actor

    def _find_actor(self, actor: str) -> Actor | None:
        """Whoever asked for an act, with the rights of now: a member of the staff or an API key."""
        if actor.startswith("key:"):
            return self.api_keys.find_actor(actor)
        try:
            return self.staff.get_by_name(actor.removeprefix("staff:"))
        except NotFound:
            return None

    def _wire_webhooks(self) -> None:
        settings = self.settings
        self.webhooks = Webhooks(self.database, self.keystore, self.ledger, dev=settings.dev)
        self.webhook_deliveries = Deliveries(
            self.database, self.keystore, self.ledger, self.outbox, clock=self.clock,
            sender=Sender(dev=settings.dev, hosts=settings.webhook_hosts),
        )  # fmt: skip
        self.webhook_deliveries.on_arrival = self.erasure.afterwards.arrived

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

    @cached_property
    def resealing(self) -> Resealing:
        """Rotation of compartment keys."""
        return Resealing(
            self.database, self.keystore, self.ledger, folder=self.settings.keys, clock=self.clock,
            backup_days=self.settings.backups.data_days,
        )  # fmt: skip

    @cached_property
    def retagging(self) -> Retagging:
        """Rotation of the index keys."""
        return Retagging(
            self.database, self.keystore, self.ledger, index=self.vault.index, folder=self.settings.keys,
            clock=self.clock,
        )  # fmt: skip

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

    def first_link(self, language: str = "uz-Latn") -> Invited | None:
        """The way into the console while nobody has a second factor: for `init` and `serve --dev`, on the machine."""
        if self.first_run.has_second_factor():
            return None
        able = [one for one in self.staff.list() if "staff.administer" in one.rights]
        mine = [one for one in able if one.os_user == os_user()]
        chosen = next(iter(mine or able), None)
        return self.members.first_link(chosen.staff_id, language, self.clock.now()) if chosen else None

    def left_behind(self, account: StaffAccount) -> LeftBehind:
        """What depends on a member: somebody decides on it when he leaves (clause 6.2)."""
        now = self.clock.now()
        keys = [key.name for key in self.api_keys.page(limit=500) if key.created_by == account.actor and key.works(now)]
        held = self.support.queue.page(CaseFilter(assigned=str(account.staff_id)), now=now, limit=200).rows
        return LeftBehind(str(account.staff_id), tuple(keys), len(held))

    def recover(self) -> int:
        """Finish what a crash left half-done, before the first request. Returns how many destructions were resumed.

        What was destroyed and not scrubbed any more is scrubbed.
        """
        resumed = self.erasure.resume()
        self.retagging.repair()
        self.rights.resume(self.clock.now())
        self.vault.sweep_orphans(self.clock.now() - ORPHAN_AGE)
        self.erasure.scrub()
        return resumed

    def start_background(self) -> None:
        """The sequencer and the dispatcher: only `serve` calls this."""
        self.sequencer().start(self.clock.now)
        periodic = (
            Periodic(kind="retention_sweep", daily_at=time(3, 0)),
            Periodic(kind="case_digest", daily_at=time(8, 30)),
            Periodic(kind="recover", every=timedelta(minutes=1)),
            Periodic(kind="windows", every=timedelta(minutes=10)),
            Periodic(kind="webhooks_tend", every=timedelta(minutes=10)),
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
