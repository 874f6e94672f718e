"""Opening an address in order to write to it: a use by the system, journalled before the value is opened."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.kernel.language import DEFAULT_LANGUAGE
from omonat.kernel.secret import Sealed
from omonat.keystore import SubjectKeys
from omonat.rights import store
from omonat.rights.ports import Addressed
from omonat.vault import HeldIdentifier, HeldRecord, Vault, rows
from omonat.vault.sealing import open_value

SYSTEM = "system"


class Chosen(NamedTuple):
    """An identifier, the record that holds its value, and the language to write in."""

    held: HeldIdentifier
    record: HeldRecord
    language: str


class Addresses:
    """Finds where a person may be written to."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def choose_proven(self, tx: Connection, keys: SubjectKeys, *, purpose: str, reason: str, now: datetime
                      ) -> Chosen | None:  # fmt: skip
        """A proven address, mail before phone, and the journal row of its use. None: the person has proven none."""
        proven = [held for held in rows.identifiers_of(tx, keys.subject_id) if held.state == "proven"]
        for held in sorted(proven, key=lambda each: each.kind != "email"):
            record = _record_of(tx, keys, held, now)
            if record is not None:
                return self._chosen(tx, keys, held, record, purpose=purpose, reason=reason, now=now)
        return None

    def choose(self, tx: Connection, keys: SubjectKeys, identifier_id: UUID, *, purpose: str, reason: str,
               now: datetime) -> Chosen | None:  # fmt: skip
        """That one identifier, claimed or proven: for its own one-time code only."""
        named = rows.identifiers_of(tx, keys.subject_id)
        held = next((each for each in named if each.identifier_id == identifier_id), None)
        record = _record_of(tx, keys, held, now) if held is not None else None
        if held is None or record is None:
            return None
        return self._chosen(tx, keys, held, record, purpose=purpose, reason=reason, now=now)

    def _chosen(
        self, tx: Connection, keys: SubjectKeys, held: HeldIdentifier, record: HeldRecord, *, purpose: str,
        reason: str, now: datetime,
    ) -> Chosen:  # fmt: skip
        self._vault.journal(
            tx, keys, "use", actor=SYSTEM, purpose=purpose, categories=[record.category], reason=reason, now=now
        )
        language = store.language_of(tx, keys.subject_id) or DEFAULT_LANGUAGE
        return Chosen(held, record, language)

    def find_keys(self, subject_id: SubjectId) -> SubjectKeys | None:
        """The keys of a person who is still held."""
        try:
            return self._vault.keystore.open_subject(subject_id)
        except NotFound:
            return None


def opened(keys: SubjectKeys, chosen: Chosen, language: str | None = None) -> Addressed:
    """The address itself; only after the journal row is committed."""
    value = Sealed(open_value(keys, chosen.record))
    return Addressed(chosen.held.kind, value, language or chosen.language)


def _record_of(tx: Connection, keys: SubjectKeys, held: HeldIdentifier, now: datetime) -> HeldRecord | None:
    """Any record of the identifier's value that is not due."""
    for record in rows.records_of(tx, keys.subject_id):
        if record.tag == held.tag and not record.is_due(now) and keys.has(record.compartment):
            return record
    return None
