"""Making receipts: the row, its event, the opening of the person's commitment, the proof, one signature over all."""

import time
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.crypto.signing import Signer
from omonat.grounds import STANDING
from omonat.kernel.clock import iso
from omonat.kernel.codec import from_builtins, to_canonical_json
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import EventId, SubjectId
from omonat.law import read_rule_pack
from omonat.ledger import Event, Ledger, Tree, VerifierKey, open_checkpoint, verifier_key_of
from omonat.policy import Policies, Policy
from omonat.receipts import jws, records, store
from omonat.receipts.model import FORMAT, Evidence, File, Line, Made, Opening, Statement, Wanted, to_bytes
from omonat.storage import Database
from omonat.vault import Certificate, Vault, with_scrubbing
from omonat.vault.events import NUMBER, commitment, derived_salt, open_salts

WAIT_SECONDS = 2.0
_PAUSE_SECONDS = 0.1


class _Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a receipt is made of, but for the proof. `about`: whose commitment the event holds."""

    event_id: UUID
    record: dict[str, Any]
    refers: dict[str, str]
    about: SubjectId | None


class Receipts:
    """Receipts of one installation. `folder`: where the tree is published."""

    def __init__(
        self, database: Database, vault: Vault, policies: Policies, *, folder: Path, origin: str,
        signer: Callable[[], Signer],
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._policies = policies
        self._folder = folder
        self._origin = origin
        self._signer = signer
        self._ledger = Ledger()

    def lines(self, subject_id: SubjectId) -> tuple[Line, ...]:
        """Everything of a person that there is a receipt for, each kind newest first."""
        with self._database.read() as tx:
            consents = store.consents_of(tx, subject_id)
            disclosures = store.disclosures_of(tx, subject_id)
            destructions = store.destructions_of(tx, subject_id)
        return (
            *(Line(kind="consent", id=row.consent_id, at=row.at, what=row.action, purpose=row.purpose,
                   channel=row.channel) for row in consents),
            *(Line(kind="disclosure", id=row.disclosure_id, at=row.at, what=row.recipient, purpose=row.purpose)
              for row in disclosures),
            *(Line(kind="destruction", id=row.event_id, at=row.finished_at, what=row.trigger) for row in destructions),
        )  # fmt: skip

    def make(self, wanted: Wanted, now: datetime, *, wait: float = WAIT_SECONDS) -> Made:
        """The receipt, with its proof if the event gets into the signed tree within `wait` seconds.

        Raises NotFound for what is not this person's, or is held no more.
        """
        key = verifier_key_of(self._origin, self._signer())
        with self._database.read() as tx:
            found = self._find(tx, wanted, key)
            opening = self._open(tx, found)
        number = opening["subject"].value if opening else str(found.about) if found.about else None
        event, proof = self._prove(found.event_id, key, wait)
        evidence = Evidence(
            event=event.body.decode(), key=key.text(), openings=opening, position=proof and proof[0],
            proof=proof and proof[1], checkpoint=proof and proof[2],
        )  # fmt: skip
        statement = Statement(
            iss=self._origin, kind=wanted.kind, made_at=iso(now), event=str(found.event_id), entry=event.hash.hex(),
            evidence=sha256(to_canonical_json(evidence)).hexdigest(), refers=found.refers,
            subject=number, record=_under(number, found.record),
        )  # fmt: skip
        header = {"typ": "omonat-receipt+jws", "kid": key.key_id.hex()}
        signed = jws.sign(to_canonical_json(statement), self._signer(), header=header)
        file = File(format=FORMAT, statement=signed, evidence=evidence)
        return Made(content=to_bytes(file), statement=statement, position=evidence.position)

    # --- what it says ---------------------------------------------------------------------------------------------

    def _find(self, tx: Connection, wanted: Wanted, key: VerifierKey) -> _Found:
        if wanted.kind == "consent":
            return self._consent(_there(store.find_consent(tx, wanted.subject_id, wanted.id)), wanted, key)
        if wanted.kind == "disclosure":
            return self._disclosure(_there(store.find_disclosure(tx, wanted.subject_id, wanted.id)), wanted)
        return self._destruction(_there(store.find_destruction(tx, wanted.subject_id, wanted.id)))

    def _consent(self, row: Any, wanted: Wanted, key: VerifierKey) -> _Found:
        policy = self._policies.get(row.policy_number).facts
        subject = str(wanted.subject_id)
        if wanted.form == "kantara":
            if row.action not in STANDING:
                raise NotFound  # Kantara 1.1 knows consents, not their refusal or end
            record = records.kantara_record(row, subject, policy, key=key.text())
        else:
            record = records.consent_record(row, subject, policy)
        refers = {
            "consent": str(row.consent_id), "purpose": row.purpose, "channel": row.channel, "policy": row.policy_hash,
            "text": row.text_hash, "language": row.language, "via": row.via,
        }  # fmt: skip
        return _Found(event_id=row.event_id, record=record, refers=refers, about=wanted.subject_id)

    def _disclosure(self, row: Any, wanted: Wanted) -> _Found:
        record = records.disclosure_record(row, str(wanted.subject_id), self._in_force())
        refers = {"disclosure": str(row.disclosure_id), "recipient": row.recipient, "purpose": row.purpose,
                  "ground": row.ground}  # fmt: skip
        return _Found(event_id=row.event_id, record=record, refers=refers, about=wanted.subject_id)

    def _destruction(self, row: Any) -> _Found:
        certificate = with_scrubbing(from_builtins(row.certificate, Certificate), row.scrubbed_at)
        policy = self._in_force()
        record = records.destruction_record(certificate, policy, read_rule_pack(policy.law).law.number)
        refers = {"certificate": certificate.number}
        return _Found(event_id=row.certificate_event_id, record=record, refers=refers, about=None)

    def _in_force(self) -> Policy:
        return self._policies.in_force().facts

    # --- the evidence ---------------------------------------------------------------------------------------------

    def _open(self, tx: Connection, found: _Found) -> dict[str, Opening]:
        """The opening of the subject's own commitment; none where the event names nobody.

        An event that was moved here by a joining or a separation commits to the number that it was entered under.
        """
        if found.about is None:
            return {}
        event_id, value = EventId(found.event_id), str(found.about)
        sealed = store.find_opening(tx, found.about, event_id)
        keys = self._vault.keystore.open_subject(found.about)
        if sealed is not None:
            salts = open_salts(keys, event_id, sealed)
            salt, value = salts["subject"], str(UUID(bytes=salts[NUMBER])) if NUMBER in salts else value
        else:
            salt = derived_salt(keys, event_id, "subject")  # of a visitor's choice; any other event it does not open
            if commitment(salt, "subject", value).encode() not in self._ledger.get(tx, event_id).body:
                return {}
        return {"subject": Opening(value=value, salt=salt.hex())}

    def _prove(
        self, event_id: UUID, key: VerifierKey, wait: float
    ) -> tuple[Event, tuple[int, tuple[str, ...], str] | None]:
        """The event, and (position, path, checkpoint) once the signed tree holds it."""
        until = time.monotonic() + wait
        while True:
            with self._database.read() as tx:
                event = self._ledger.get(tx, event_id)
            proof = self._find_proof(event.position, key)
            if proof is not None or time.monotonic() >= until:
                return event, proof
            time.sleep(_PAUSE_SECONDS)

    def _find_proof(self, position: int | None, key: VerifierKey) -> tuple[int, tuple[str, ...], str] | None:
        if position is None:
            return None
        tree = Tree(self._folder)
        try:
            signed = tree.checkpoint()
        except NotFound:
            return None
        head = open_checkpoint(signed, key)
        if position >= head.size:
            return None
        path = tuple(node.hex() for node in tree.inclusion_proof(position, head.size))
        return position, path, signed.decode()


def _under(number: str | None, record: dict[str, Any]) -> dict[str, Any]:
    """The record, about the number to which the event commits."""
    names = [name for name in ("pii_principal_id", "piiPrincipalId") if name in record]
    return {**record, **dict.fromkeys(names, number)}


def _there(row: Any | None) -> Any:
    if row is None:
        raise NotFound
    return row
