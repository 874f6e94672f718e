"""The domain on a database, without faces: the real policy in force, one staff account, keys in a file."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from harness.real_policy import publish_real_policy
from omonat.crypto import FileKeyProvider, KeyRing, create_key_file
from omonat.kernel.clock import Clock
from omonat.kernel.secret import Sealed
from omonat.keystore import Compartment, KeyStore, SubjectKeys
from omonat.ledger import Ledger
from omonat.policy import Policies
from omonat.staff import StaffAccounts
from omonat.storage import Database
from omonat.vault import Erasure, Origin, Tombstones, Value, Vault


@dataclass
class Domain:
    """Vault and below."""

    database: Database
    keystore: KeyStore
    ledger: Ledger
    policies: Policies
    vault: Vault
    erasure: Erasure
    tombstones: Tombstones
    clock: Clock

    def now(self) -> datetime:
        return self.clock.now()

    def person(self, *values: Value, purpose: str = "contract", ground: str = "contract") -> SubjectKeys:
        """A new person with some records."""
        now = self.now()
        parts = {Compartment(purpose, value.category) for value in values}
        keys = self.vault.create_keys(parts, now)
        origin = Origin(purpose=purpose, ground=ground, source="form:test")

        def unit(tx):  # type: ignore[no-untyped-def]
            self.vault.insert_subject(tx, keys, "person", now)
            self.vault.collect(tx, keys, values, origin, now=now)

        self.database.write(unit)
        return keys

    def erase(self, keys: SubjectKeys, *parts: Compartment) -> None:
        """The whole person, or some compartments."""
        scope = parts or None
        intent = self.database.write(
            lambda tx: self.erasure.begin(tx, keys.subject_id, scope, trigger="demand", actor="subject", now=self.now())
        )
        self.erasure.carry_out(intent)


def new_domain(database: Database, key_database: Database, folder: Path) -> Domain:
    """On two empty databases; key file and tombstones go into `folder`."""
    clock, ledger = Clock(), Ledger()
    create_key_file(folder / "kek")
    keystore = KeyStore(key_database, KeyRing(FileKeyProvider(folder / "kek")))
    keystore.create_secrets(clock.now())
    policies = Policies(database, ledger)
    officer = StaffAccounts(database).add("Officer", roles=["privacy_officer"], os_user=None, now=clock.now())
    publish_real_policy(policies, officer, clock.now())
    tombstones = Tombstones(folder / "tombstones")
    vault = Vault(database, keystore, ledger, policies)
    erasure = Erasure(database, keystore, ledger, tombstones=tombstones, clock=clock)
    return Domain(database, keystore, ledger, policies, vault, erasure, tombstones, clock)


def name(text: str) -> Value:
    return Value("name", "name", "name", Sealed(text))


def phone(text: str) -> Value:
    return Value("phone", "phone", "phone", Sealed(text))


def email(text: str) -> Value:
    return Value("email", "email", "email", Sealed(text))
