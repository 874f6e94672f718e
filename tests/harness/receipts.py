"""Receipts of people on the domain without faces, with a sequencer that runs when a test says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from harness.domain import new_domain
from harness.rights import People
from omonat.crypto.signing import Signer
from omonat.kernel.codec import to_canonical_json
from omonat.kernel.ids import SubjectId
from omonat.ledger import Sequencer, VerifierKey
from omonat.receipts import Line, Made, Receipts, Wanted, jws
from omonat.receipts.model import File, Statement, to_bytes
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


def resigned(signer: Signer, content: bytes, changed: dict[str, object]) -> bytes:
    """The same file with another statement, signed by the operator."""
    file = msgspec.json.decode(content, type=File)
    statement = msgspec.json.decode(jws.payload(file.statement), type=Statement)
    payload = to_canonical_json(msgspec.structs.replace(statement, **changed))
    header = {name: said for name, said in jws.header(file.statement).items() if name != "alg"}
    return to_bytes(msgspec.structs.replace(file, statement=jws.sign(payload, signer, header=header)))


def retold(signer: Signer, content: bytes, lie: Callable[[Any], object]) -> bytes:
    """The file with a statement that `lie` changed in its `refers` and `record`, signed by the operator."""
    file = msgspec.json.decode(content, type=File)
    statement = msgspec.json.decode(jws.payload(file.statement))
    lie(statement)
    return resigned(signer, content, {name: statement[name] for name in ("refers", "record")})


def _put(*path: str | int, value: object) -> Callable[[Any], object]:
    def lie(statement: Any) -> None:
        for step in path[:-1]:
            statement = statement[step]
        statement[path[-1]] = value

    return lie


_OTHER: dict[str, object] = {"party_role": "dpv:Recipient", "recipient": "bank", "labels": {}, "country": None}
_COUNTS = ("record", "certificate", "records_by_category")
LIES: dict[str, list[tuple[str, Callable[[Any], object]]]] = {
    "consent": [
        ("channel, consent, language, policy, purpose, text, via", _put("refers", value={})),
        ("via", lambda said: said["refers"].pop("via")),
        ("record.purpose", lambda said: said["record"]["processing"]["purposes"].append({"purpose": "support"})),
        ("record.purpose", _put("record", "purposes", value=[{"purpose": "support"}])),
        ("record_id", _put("record", "consentReceiptID", value="1")),
        ("record.via", _put("record", "collectionMethod", value="paper")),
        ("event_state", _put("record", "event", "event_state", value="dpv:ConsentRefused")),
        ("record.event_time", _put("record", "event", "event_time", value="2025-01-01T00:00:00.000000Z")),
        ("record.event_time", _put("record", "event", "event_time", value="2026-13-01T00:00:00.000000Z")),
        ("record.event_time", _put("record", "event_time", value=5)),
        ("record.consentTimestamp", _put("record", "consentTimestamp", value=1_700_000_000)),
    ],
    "kantara": [
        ("record.language", _put("record", "language", value="ru")),
        ("record.purpose", _put("record", "purposes", value=[{"purpose": "support"}])),
        ("record.consentTimestamp", _put("record", "consentTimestamp", value=1_700_000_000)),
        ("record.consentTimestamp", _put("record", "consentTimestamp", value="1700000000")),
        ("record.consentTimestamp", _put("record", "consentTimestamp", value=True)),
    ],
    "disclosure": [
        ("disclosure, ground, purpose, recipient", _put("refers", value={})),
        ("recipient", lambda said: said["refers"].pop("recipient")),
        ("record.recipient", _put("record", "party_identification", 1, "recipient", value="bank")),
        ("record.recipient", lambda said: said["record"]["party_identification"].append(_OTHER)),
        ("record.recipient", lambda said: said["record"]["party_identification"].pop()),
        ("record.ground", _put("record", "lawful_basis", value="dpv:Consent")),
        ("record.purpose", _put("record", "purposes", value=[])),
        ("record.event_time", _put("record", "event_time", value="2025-01-01T00:00:00.000000Z")),
        ("record.event_time", _put("record", "event_time", value="2025-01-01")),
        ("record.categories", lambda said: said["record"]["pii_information"].append({"category": "health"})),
        ("record.categories", lambda said: said["record"]["pii_information"].pop()),
    ],
    "destruction": [
        ("certificate", _put("refers", value={})),
        ("record.records", _put(*_COUNTS, "phone", value=999)),
        ("record.records", _put(*_COUNTS, "health", value=1)),
        ("record.records", lambda said: said["record"]["certificate"]["records_by_category"].popitem()),
        ("record.records", _put(*_COUNTS, value=None)),
        ("record.keys", _put("record", "certificate", "keys", value=0)),
        ("record.keys", _put("record", "certificate", "keys", value=True)),
        ("record.searched", _put("record", "certificate", "searched", "records", value=5)),
        ("record.searched", _put("record", "certificate", "searched", value=None)),
        ("record.number", _put("record", "certificate", "number", value="1")),
        ("record.finished_at", _put("record", "certificate", "finished_at", value="2025-01-01T00:00:00Z")),
        ("record.keys, record.number, record.records, record.searched", lambda said: said["record"].pop("certificate")),
    ],
}
"""By kind: what is found, and what whoever has the key makes of the statement of a true receipt."""
