"""A key store with a folder of key files, as several processes open it, for the tests of rotation."""

from datetime import UTC, datetime
from pathlib import Path

from omonat.crypto import FileKeyProvider, KeyProvider, KeyRing, create_key_file, key_name
from omonat.kernel.clock import Clock
from omonat.kernel.ids import SubjectId, new_id
from omonat.keystore import Compartment, Epoch, KeyStore, Rotation
from omonat.storage import Database
from omonat.storage.schema import secret, subject_key

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PART = Compartment("contract", "name")


class Rig:
    """A key store with a folder of key files; `told` are the epochs that the ledger hears of."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database, self.folder = database, folder / "keys"
        self.folder.mkdir(exist_ok=True)
        self.told: list[Epoch] = []

    @property
    def kek(self) -> Path:
        return self.folder / "kek"

    def keystore(self, *providers: KeyProvider) -> KeyStore:
        """As a process opens it."""
        return KeyStore(self.database, KeyRing(*(providers or (FileKeyProvider(self.kek),))))

    def fresh(self, *providers: KeyProvider) -> KeyStore:
        """As `omonat init` leaves it."""
        if not providers:
            create_key_file(self.kek)
        made = self.keystore(*providers)
        made.create_secrets(NOW)
        return made

    def rotation(self, *providers: KeyProvider) -> Rotation:
        return Rotation(
            self.keystore(*providers), self.folder, clock=Clock(), record=lambda epoch, _now: self.told.append(epoch)
        )

    def names(self) -> set[str]:
        """Under which keys something lies."""
        with self.database.read() as tx:
            rows = [*tx.execute(subject_key.select()), *tx.execute(secret.select())]
        return {key_name(row.wrapped) for row in rows}


def create(keystore: KeyStore, count: int = 1) -> list[SubjectId]:
    made = [SubjectId(new_id()) for _ in range(count)]
    for subject_id in made:
        keystore.create_subject(subject_id, [PART], NOW)
    return made
