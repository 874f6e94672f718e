"""Ledger events about a person: personal fields enter only as salted commitments that die with the person's key."""

import hmac
import os
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.crypto import open_sealed, seal
from omonat.kernel.codec import from_json, length_prefixed, to_canonical_json
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.keystore import COMMITMENT, SubjectKeys
from omonat.ledger import Happened, Ledger
from omonat.vault import store


def commitment(salt: bytes, field: str, value: str) -> str:
    """HMAC-SHA-256(salt, field and value), hex. Without the salt nothing can be tried against it."""
    return hmac.digest(salt, length_prefixed(field.encode(), value.encode()), "sha256").hex()


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One event about `keys.subject_id`. `facts` are words and ids of no person; `about`: ids for the watchers."""

    keys: SubjectKeys
    kind: str
    at: datetime
    facts: dict[str, object]
    personal: dict[str, str] = {}
    about: Mapping[str, str] = {}
    event_id: EventId | None = None


class Events:
    """Appends events about people."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def append(
        self,
        tx: Connection,
        keys: SubjectKeys,
        kind: str,
        *,
        at: datetime,
        facts: dict[str, object],
        personal: dict[str, str] | None = None,
        event_id: EventId | None = None,
        about: Mapping[str, str] = {},
    ) -> EventId:
        """One event about `keys.subject_id`, in the caller's transaction. `facts` are words and ids of no person.

        `about`: ids for the watchers of the ledger, who are told the subject by itself.
        """
        told = Told(keys=keys, kind=kind, at=at, facts=facts, personal=personal or {}, about=about, event_id=event_id)
        (made,) = self.append_many(tx, [told])
        return made

    def append_many(self, tx: Connection, told: Sequence[Told], *, derived: bool = False) -> list[EventId]:
        """The same for many, in their order and in as many statements as for one.

        `derived`: salts follow from the person's commitment key, so there is nothing more to store, and they die with
        the key as stored ones do. For visitors, whose events stay with them: merging takes stored salts along, not
        these.
        """
        ids, happened, openings = [], [], []
        for one in told:
            event_id = one.event_id or EventId(new_id())
            fields = {"subject": str(one.keys.subject_id), **one.personal}
            if derived:
                salts = {field: derived_salt(one.keys, event_id, field) for field in fields}
            else:
                salts = {field: os.urandom(32) for field in fields}
                openings.append((one.keys.subject_id, event_id, seal_salts(one.keys, event_id, salts)))
            ids.append(event_id)
            happened.append(_happened(one, event_id, fields, salts))
        self.ledger.append_many(tx, happened)
        store.insert_openings(tx, openings)
        return ids


def _happened(told: Told, event_id: EventId, fields: dict[str, str], salts: dict[str, bytes]) -> Happened:
    committed = {field: commitment(salts[field], field, value) for field, value in fields.items()}
    about = {"subject": fields["subject"], **told.about}
    return Happened(event_id, told.kind, told.at, {**told.facts, "committed": committed}, about)


NUMBER = "@subject"
"""Among the salts of an event that was moved to another subject: the number to which the event commits, 16 bytes."""


def derived_salt(keys: SubjectKeys, event_id: EventId, field: str) -> bytes:
    """HMAC-SHA-256 under the subject's commitment key, 32 bytes: the salt of a field that no stored salt opens."""
    said = length_prefixed(b"omonat/salt/1", event_id.bytes, field.encode())
    return hmac.digest(keys.compartment(COMMITMENT).key, said, "sha256")


def seal_salts(keys: SubjectKeys, event_id: EventId, salts: dict[str, bytes]) -> bytes:
    """The salts of one event under the subject's commitment key."""
    plain = to_canonical_json({field: salt.hex() for field, salt in salts.items()})
    return seal(keys.compartment(COMMITMENT).key, plain, _associated(keys.subject_id, event_id))


def open_salts(keys: SubjectKeys, event_id: EventId, sealed_salts: bytes) -> dict[str, bytes]:
    """The opposite of seal_salts."""
    plain = open_sealed(keys.compartment(COMMITMENT).key, sealed_salts, _associated(keys.subject_id, event_id))
    return {field: bytes.fromhex(salt) for field, salt in from_json(plain, dict[str, str]).items()}


def _associated(subject_id: SubjectId, event_id: EventId) -> bytes:
    return length_prefixed(b"omonat/salts/1", subject_id.bytes, event_id.bytes)
