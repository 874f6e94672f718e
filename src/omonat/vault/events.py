"""Ledger events about a person: personal fields enter only as salted commitments that die with the person's key."""

import hmac
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

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
        told = Told(keys=keys, kind=kind, facts=facts, personal=personal or {}, about=about, event_id=event_id)
        (made,) = self.append_many(tx, [told], at=at)
        return made

    def append_many(self, tx: Connection, told: Sequence[Told], *, at: datetime) -> list[EventId]:
        """The same for many, in their order."""
        made = [_happened(one, at) for one in told]
        self.ledger.append_many(tx, [happened for happened, _opening in made])
        store.insert_openings(tx, [opening for _happened, opening in made])
        return [EventId(happened.event_id) for happened, _opening in made]

    def append_derived(self, tx: Connection, acts: Sequence["Recorded"]) -> None:
        """Events about many people in one statement, in the caller's transaction; only the subject is committed to.

        The salt is derived from the person's commitment key, so there is nothing more to store, and it dies with the
        key as sealed ones do. For visitors, whose events stay with them: merging takes sealed salts along, not these.
        """
        happened = []
        for act in acts:
            subject = str(act.keys.subject_id)
            salt = derived_salt(act.keys, act.event_id, "subject")
            facts = {**act.facts, "committed": {"subject": commitment(salt, "subject", subject)}}
            happened.append(Happened(act.event_id, act.kind, act.at, facts, {"subject": subject}))
        self.ledger.append_many(tx, happened)


def _happened(told: Told, at: datetime) -> tuple[Happened, tuple[SubjectId, EventId, bytes]]:
    """The event, and what opens its commitments."""
    keys, event_id = told.keys, told.event_id or EventId(new_id())
    subject = str(keys.subject_id)
    fields = {"subject": subject, **told.personal}
    salts = {field: os.urandom(32) for field in fields}
    committed = {field: commitment(salts[field], field, value) for field, value in fields.items()}
    happened = Happened(
        event_id, told.kind, at, {**told.facts, "committed": committed}, {"subject": subject, **told.about}
    )
    return happened, (keys.subject_id, event_id, seal_salts(keys, event_id, salts))


class Recorded(NamedTuple):
    """An event about a person that is about to be appended. `facts` are words and ids of no person."""

    keys: SubjectKeys
    event_id: EventId
    kind: str
    at: datetime
    facts: dict[str, object]


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
