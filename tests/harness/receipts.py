"""Receipts of people on the domain without faces, with a sequencer that runs when a test says so."""

from pathlib import Path
from uuid import UUID

from harness.domain import new_domain
from harness.rights import People
from omonat.crypto.signing import Signer
from omonat.kernel.ids import SubjectId
from omonat.ledger import Sequencer, VerifierKey
from omonat.receipts import Line, Made, Receipts, Wanted
from omonat.storage import Database

ORIGIN = "test.example/omonat"


class Archive:
    """People who ask for receipts."""

    def __init__(self, database: Database, key_database: Database, folder: Path) -> None:
        domain = new_domain(database, key_database, folder)
        self.people = People(domain, folder)
        self.domain = domain
        (folder / "ledger").mkdir()
        self.signer = Signer(domain.keystore.secret("ledger"))
        self.sequencer = Sequencer(database, folder / "ledger", origin=ORIGIN, signer=self.signer)
        self.receipts = Receipts(
            database, domain.vault, domain.policies, folder=folder / "ledger", origin=ORIGIN, signer=lambda: self.signer
        )

    @property
    def key(self) -> VerifierKey:
        return self.sequencer.key

    def integrate(self) -> None:
        self.sequencer.integrate_once(self.domain.now())

    def lines(self, subject_id: SubjectId, kind: str) -> list[Line]:
        return [line for line in self.receipts.lines(subject_id) if line.kind == kind]

    def make(self, subject_id: SubjectId, line: Line, form: str = "iso27560") -> Made:
        wanted = Wanted(kind=line.kind, subject_id=subject_id, id=UUID(str(line.id)), form=form)  # type: ignore[arg-type]
        return self.receipts.make(wanted, self.domain.now(), wait=0)
