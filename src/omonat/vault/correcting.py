"""Replacing a value by a corrected one (clause 7.1 b; ZRU-547 Art. 11): sealed anew where the old one lay."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.kernel.ids import RecordId, new_id
from omonat.kernel.secret import Sealed
from omonat.keystore import SubjectKeys
from omonat.vault import identifiers, store
from omonat.vault.kinds import IDENTIFYING
from omonat.vault.model import HeldRecord, OpenedRecord
from omonat.vault.sealing import open_value, seal_value
from omonat.vault.service import Vault

CONTRACT = "contract"  # source of what belongs to a contract: it is never replaced together with what a form brought


def same_values(tx: Connection, keys: SubjectKeys, asked: HeldRecord, now: datetime) -> list[OpenedRecord]:
    """Every record of the person that holds the value of `asked` in its category, whatever the purpose."""
    wanted = open_value(keys, asked)
    found = []
    for held in store.records_of(tx, keys.subject_id):
        is_other = held.category != asked.category or (held.source == CONTRACT) != (asked.source == CONTRACT)
        if not is_other and keys.has(held.compartment) and not held.is_due(now):
            value = open_value(keys, held)
            if value == wanted:
                found.append(OpenedRecord(held, Sealed(value)))
    return found


def replace_value(
    tx: Connection, vault: Vault, keys: SubjectKeys, held: HeldRecord, *, kind: str, text: Sealed[str], now: datetime
) -> RecordId:
    """A new record with the origin and the term of the old one, which goes.

    A new identifier is claimed until it is proven; the old one goes with its last record. The caller appends the
    event and, after the commit, scrubs.
    """
    record_id = RecordId(new_id())
    key_id, sealed_value = seal_value(keys, record_id, held.compartment, text.reveal())
    vault.index.bring_up(tx, keys)
    tag = vault.index.at(tx).write(tx, kind, text.reveal()) if kind in IDENTIFYING else None
    fresh = msgspec.structs.replace(held, record_id=record_id, key_id=key_id, sealed_value=sealed_value, tag=tag)
    store.insert_record(tx, fresh)
    store.delete_record(tx, held.subject_id, held.record_id)
    if tag is not None:
        identifiers.claim(tx, held.subject_id, kind, tag, record_id=record_id, now=now)
    identifiers.drop_lost(tx, held.subject_id)
    return record_id
