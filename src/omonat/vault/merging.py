"""Making two subjects one, after the person has shown that both are his.

Only what a proven identifier opens is ever merged: the source names that identifier and nothing at all is proven
there. Everything is checked again inside the transaction that moves. Every value is opened and sealed anew under the
target's keys, and the emptied source goes by the destroy saga. A crash leaves both as they were, or one.
"""

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import Clock
from omonat.kernel.errors import Conflict, Denied, NotFound
from omonat.kernel.ids import SubjectId
from omonat.keystore import SubjectKeys
from omonat.vault import index_store, merging_store, moving, store
from omonat.vault.erasure import Erasure
from omonat.vault.model import Certificate, Destruction
from omonat.vault.service import Vault

TRIES = 3


class Evidence(msgspec.Struct, frozen=True):
    """Why the two are one person: the identifier that he proved, and the challenge that he answered."""

    kind: str
    tag: bytes
    challenge_id: UUID


class Merging:
    """Moves everything of one subject to another."""

    def __init__(self, vault: Vault, erasure: Erasure) -> None:
        self._vault = vault
        self._erasure = erasure

    def merge(
        self, source_id: SubjectId, target_id: SubjectId, now: datetime, *, evidence: Evidence
    ) -> Certificate | None:
        """Join `source_id` into `target_id`. Returns the certificate of the emptied source.

        Raises Denied when the evidence does not hold any more: something was proven at the source meanwhile, or the
        target lost the identifier. Raises NotFound when either is gone.
        """
        for last in (*[False] * (TRIES - 1), True):
            try:
                intent = self._move_all(source_id, target_id, evidence, now)
                return self._erasure.carry_out(intent, into=target_id)
            except Conflict:  # a new compartment came to the source between making keys and moving
                if last:
                    raise
        raise AssertionError("unreachable")

    def _move_all(self, source_id: SubjectId, target_id: SubjectId, evidence: Evidence, now: datetime) -> Destruction:
        source = self._vault.keystore.open_subject(source_id)
        target = self._vault.keystore.open_subject(target_id)
        with self._vault.database.read() as tx:
            parts = {held.compartment for held in store.records_of(tx, source_id)}
        target = self._vault.keystore.add_compartments(target, parts, now)
        return self._vault.database.write(lambda tx: self._unit(tx, source, target, evidence, now))

    def _unit(
        self, tx: Connection, source: SubjectKeys, target: SubjectKeys, evidence: Evidence, now: datetime
    ) -> Destruction:
        for keys in (source, target):
            self._vault.index.bring_up(tx, keys)
        evidence = msgspec.structs.replace(evidence, tag=index_store.newest_of(tx, evidence.tag))
        _require_evidence(tx, source.subject_id, target.subject_id, evidence)
        moving.forget_undo(tx, source.subject_id)
        records = moving.move(tx, source, target, moving.everything(tx, source.subject_id))
        moving.move_days(tx, source.subject_id, target.subject_id)
        _move_identifiers(tx, source.subject_id, target.subject_id)
        self._vault.events.append(
            tx, target, "subjects_merged", at=now,
            facts={"evidence": str(evidence.challenge_id), "kind": evidence.kind, "records": records},
            personal={"source": str(source.subject_id)}, about={"other": str(source.subject_id)},
        )  # fmt: skip
        return self._erasure.begin(tx, source.subject_id, None, trigger="merged", actor="subject", now=now)


def rejoin(vault: Vault, clock: Clock, source_id: SubjectId, target_id: SubjectId) -> bool:
    """After a restore of data and keys from before a joining: move again what the source has, for it is the target's.

    Says whether it did: not where either is not there, or its keys are destroyed. The source is destroyed by whoever
    calls, as it was then. The joining was shown to be right when it was made; nothing is asked again.
    """
    with vault.database.read() as tx:
        if not _are_active(tx, source_id, target_id):
            return False
        parts = {held.compartment for held in store.records_of(tx, source_id)}
    try:
        source, target = (vault.keystore.open_subject(one) for one in (source_id, target_id))
    except NotFound:
        return False
    target = vault.keystore.add_compartments(target, parts, clock.now())

    def unit(tx: Connection) -> bool:
        for keys in (source, target):
            vault.index.bring_up(tx, keys)
        moving.forget_undo(tx, source_id)
        records = moving.move(tx, source, target, moving.everything(tx, source_id))
        moving.move_days(tx, source_id, target_id)
        moving.join_identifiers(tx, source_id, target_id)
        moving.end_sessions(tx, target_id)
        vault.events.append(
            tx, target, "subjects_merged", at=clock.now(), facts={"actor": "system:restore", "records": records},
            personal={"source": str(source_id)}, about={"other": str(source_id)},
        )  # fmt: skip
        return True

    return vault.database.write(unit)


def _are_active(tx: Connection, *people: SubjectId) -> bool:
    found = [store.find_subject(tx, one) for one in people]
    return all(one is not None and one.state == "active" for one in found)


def _require_evidence(tx: Connection, source_id: SubjectId, target_id: SubjectId, evidence: Evidence) -> None:
    if source_id == target_id:
        raise Denied(reasons="same_subject")
    for subject_id in (source_id, target_id):
        found = store.find_subject(tx, subject_id)
        if found is None or found.state != "active":
            raise NotFound()
    there = store.identifiers_of(tx, source_id)
    if any(held.state == "proven" for held in there):
        raise Denied(reasons="source_is_proven")
    if not any((held.kind, held.tag) == (evidence.kind, evidence.tag) for held in there):
        raise Denied(reasons="source_does_not_name_it")
    if not any(
        (held.kind, held.tag, held.state) == (evidence.kind, evidence.tag, "proven")
        for held in store.identifiers_of(tx, target_id)
    ):
        raise Denied(reasons="target_has_not_proven_it")


def _move_identifiers(tx: Connection, source_id: SubjectId, target_id: SubjectId) -> None:
    """Claimed at the target unless he names the value already."""
    named = {(held.kind, held.tag) for held in store.identifiers_of(tx, target_id)}
    held_there = store.identifiers_of(tx, source_id)
    merging_store.delete_identifiers(tx, source_id)
    for held in held_there:
        if (held.kind, held.tag) not in named:
            store.insert_identifier(tx, merging_store.moved_identifier(held, target_id))
