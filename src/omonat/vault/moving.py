"""Moving what belongs to one subject to another, in the caller's transaction: everything, or what came with some forms.

Values and files are opened under the old keys and sealed under the new ones; ids stay. `Moved` names what was moved by
ids and words only, so that it can be moved back. No identifier ever opens more by being moved: see `join_identifiers`.
"""

from datetime import date, datetime
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import iso
from omonat.kernel.codec import from_json
from omonat.kernel.errors import Conflict
from omonat.kernel.ids import EventId, IdentifierId, SubjectId, new_id
from omonat.keystore import Compartment, SubjectKeys
from omonat.ledger.model import Body
from omonat.vault import erasure_store, identifiers, index_store, merging_store, store
from omonat.vault.events import NUMBER, Events, open_salts, seal_salts
from omonat.vault.files import move_file
from omonat.vault.model import HeldIdentifier, HeldRecord
from omonat.vault.sealing import open_value, seal_value

SAID_AT = "said_at"
"""The fact of an event that was entered later than what it tells was said."""

Rows = dict[str, list[str]]
"""Keys of rows by the name of their table."""


class KeyMissing(Conflict):
    """The subject that values move to lacks the key of their part: make it and repeat."""


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier as it was before it moved."""

    kind: str
    tag: bytes
    state: str
    claimed_at: datetime
    proven_at: datetime | None


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """What moves, or was moved: never a value. `days_new`: days of visit that the other did not have."""

    rows: Rows = {}
    records: frozenset[UUID] = frozenset()
    openings: frozenset[UUID] = frozenset()
    identifiers: tuple[Named, ...] = ()
    days: frozenset[date] = frozenset()
    days_new: frozenset[date] = frozenset()

    @property
    def submissions(self) -> frozenset[UUID]:
        """The forms among it."""
        return frozenset(UUID(key) for key in self.rows.get("submission", ()))


# --- what there is to move ------------------------------------------------------------------------------------------


def everything(tx: Connection, subject_id: SubjectId) -> Moved:
    """All that moves of a subject with its ids."""
    days = merging_store.visit_days(tx, subject_id)
    return Moved(
        rows=merging_store.all_rows(tx, subject_id),
        records=frozenset(held.record_id for held in store.records_of(tx, subject_id)),
        openings=frozenset(event_id for event_id, _salts in store.openings_of(tx, subject_id)),
        identifiers=tuple(_named(held) for held in store.identifiers_of(tx, subject_id)),
        days=frozenset(days),
    )


def of_submissions(tx: Connection, subject_id: SubjectId, chosen: frozenset[UUID]) -> Moved:
    """What came with some forms of a subject: their records, cases, consents, and the identifiers that those name.

    An identifier that another form names, too, is claimed on the other side, and stays what it is here.
    """
    rows, events = merging_store.rows_around(tx, subject_id, submissions=chosen, cases=frozenset())
    cases = frozenset(UUID(key) for key in rows.get("subject_case", ()))
    all_held = store.records_of(tx, subject_id)
    going = [held for held in all_held if held.submission_id in chosen or held.case_id in cases]
    staying = {held.tag for held in all_held if held not in going}
    tags = {held.tag for held in going if held.tag is not None}
    named = [held for held in store.identifiers_of(tx, subject_id) if held.tag in tags]
    openings = {event_id for event_id, _salts in store.openings_of(tx, subject_id)} & events
    return Moved(
        rows=rows,
        records=frozenset(held.record_id for held in going),
        openings=frozenset(openings),
        identifiers=tuple(_named(held, claimed=held.tag in staying) for held in named),
    )


def still_there(tx: Connection, subject_id: SubjectId, moved: Moved) -> Moved:
    """What of `moved` is still held, and what has come to its forms and cases since."""
    cases = frozenset(UUID(key) for key in moved.rows.get("subject_case", ()))
    grown, _events = merging_store.rows_around(tx, subject_id, submissions=moved.submissions, cases=cases)
    there = merging_store.all_rows(tx, subject_id)
    rows = {
        name: [key for key in keys if key in set(moved.rows.get(name, ())) | set(grown.get(name, ()))]
        for name, keys in there.items()
    }
    records = frozenset(
        held.record_id
        for held in store.records_of(tx, subject_id)
        if held.record_id in moved.records or held.submission_id in moved.submissions or held.case_id in cases
    )
    openings = {event_id for event_id, _salts in store.openings_of(tx, subject_id)} & moved.openings
    named = tuple(msgspec.structs.replace(one, tag=index_store.newest_of(tx, one.tag)) for one in moved.identifiers)
    return msgspec.structs.replace(
        moved, rows={name: keys for name, keys in rows.items() if keys}, records=records, openings=frozenset(openings),
        identifiers=named,
    )  # fmt: skip


def parts_of(tx: Connection, subject_id: SubjectId, moved: Moved) -> list[Compartment]:
    """The compartment of each record that moves: keys for them are made durable first."""
    return [held.compartment for held in store.records_of(tx, subject_id) if held.record_id in moved.records]


def _named(held: HeldIdentifier, *, claimed: bool = False) -> Named:
    return Named(
        kind=held.kind, tag=held.tag, state="claimed" if claimed else held.state, claimed_at=held.claimed_at,
        proven_at=None if claimed else held.proven_at,
    )  # fmt: skip


# --- moving ---------------------------------------------------------------------------------------------------------


def move(tx: Connection, source: SubjectKeys, target: SubjectKeys, moved: Moved) -> int:
    """Move rows, records, files and openings; identifiers and days have rules of their own. Returns the records.

    Raises KeyMissing, a Conflict.
    """
    count = move_records(tx, source, target, only=moved.records)
    move_openings(tx, source, target, only=moved.openings)
    merging_store.move_rows(tx, source.subject_id, target.subject_id, moved.rows)
    return count


def move_records(
    tx: Connection, source: SubjectKeys, target: SubjectKeys, *, only: frozenset[UUID] | None = None
) -> int:  # fmt: skip
    """Open under the source's keys, seal under the target's; record ids and everything else stay."""
    moved = 0
    for held in store.records_of(tx, source.subject_id):
        if only is not None and held.record_id not in only:
            continue
        store.delete_record(tx, source.subject_id, held.record_id)
        if source.has(held.compartment):  # else its key was destroyed a moment ago: it is on its way out
            store.insert_record(tx, _resealed(held, source, target))
            move_file(tx, source, target, held)
            moved += 1
    return moved


def _resealed(held: HeldRecord, source: SubjectKeys, target: SubjectKeys) -> HeldRecord:
    part = Compartment(held.purpose, held.category)
    if not target.has(part):
        raise KeyMissing
    key_id, sealed_value = seal_value(target, held.record_id, part, open_value(source, held))
    return msgspec.structs.replace(held, subject_id=target.subject_id, key_id=key_id, sealed_value=sealed_value)


def move_openings(
    tx: Connection, source: SubjectKeys, target: SubjectKeys, *, only: frozenset[UUID] | None = None
) -> None:  # fmt: skip
    """The salts of the source's events, under the target's commitment key: he can still open what was committed.

    The events commit to the number of their first subject, which goes along.
    """
    for event_id, sealed_salts in store.openings_of(tx, source.subject_id):
        if only is None or event_id in only:
            salts = {NUMBER: source.subject_id.bytes} | open_salts(source, EventId(event_id), sealed_salts)
            store.insert_opening(tx, target.subject_id, event_id, seal_salts(target, EventId(event_id), salts))
            merging_store.delete_opening(tx, source.subject_id, event_id)


def move_days(tx: Connection, source: SubjectId, target: SubjectId) -> frozenset[date]:
    """Days of visit; returns those that the target did not have."""
    had = merging_store.visit_days(tx, target)
    merging_store.move_visit_days(tx, source, target)
    merging_store.move_incidents(tx, source, target)
    return frozenset(merging_store.visit_days(tx, target) - had)


def return_days(tx: Connection, source: SubjectId, target: SubjectId, moved: Moved) -> None:
    """The opposite: a day that both had stays with both."""
    merging_store.delete_days(tx, source, moved.days_new)
    merging_store.insert_days(tx, target, moved.days)


def forget_undo(tx: Connection, subject_id: SubjectId) -> None:
    """Earlier joinings and separations of somebody who is joined into another can no longer be undone one by one."""
    merging_store.delete_regroupings(tx, subject_id)


def copy_stops(
    tx: Connection, events: Events, source: SubjectId, target: SubjectKeys, *, since: datetime | None, now: datetime
) -> None:
    """What the person has stopped stays stopped on both sides: withdrawals, refusals, suspensions and objections.

    `since` None: all that stand; else those that came after that moment. Each has an event of its own about the
    target, which says when it was really said: so its receipt holds.
    """
    copied = merging_store.withdrawals_to_copy(tx, source, target.subject_id, since)
    for row in copied:
        first = from_json(events.ledger.get(tx, row["event_id"]).body, Body)
        row |= {"subject_id": target.subject_id, "consent_id": new_id(), "submission_id": None}
        facts = {name: fact for name, fact in first.facts.items() if name != "committed"}
        facts = {SAID_AT: iso(row["at"])} | facts | {"consent": str(row["consent_id"])}
        row["event_id"] = events.append(tx, target, first.kind, at=now, facts=facts)
    merging_store.insert_consents(tx, copied)
    merging_store.copy_restrictions(tx, source, target.subject_id, since, new_id)


def end_sessions(tx: Connection, subject_id: SubjectId) -> None:
    """Whoever is signed in signs in again: what the session was for is no longer the same."""
    merging_store.end_sessions(tx, subject_id)


# --- identifiers ----------------------------------------------------------------------------------------------------


def join_identifiers(tx: Connection, source: SubjectId, target: SubjectId) -> None:
    """The identifiers of the source, named by the target from now on; once each.

    Where the target has proven anything, what the source had proven is only claimed there: whoever answered a code for
    the source cannot come in by it and see what the target held. Where the target has proven nothing, the proof goes
    along.
    """
    here = store.identifiers_of(tx, target)
    keeps_proof = not any(held.state == "proven" for held in here)
    coming = store.identifiers_of(tx, source)
    for held in coming:
        store.delete_identifier(tx, held)
    for held in coming:
        same = next((one for one in here if (one.kind, one.tag) == (held.kind, held.tag)), None)
        made = same or merging_store.moved_identifier(held, target)
        if same is None:
            store.insert_identifier(tx, made)
        if keeps_proof and held.state == "proven" and held.proven_at is not None:
            _prove(tx, made, held.proven_at)


def part_identifiers(tx: Connection, source: SubjectId, target: SubjectId, named: tuple[Named, ...]) -> None:
    """After records went from `source` to `target`: each keeps the identifiers that its records name.

    A proof that had come along goes back with its moment; one that was answered here since stays here.
    """
    here = {(held.kind, held.tag): held for held in store.identifiers_of(tx, source)}
    carried = set()
    for one in named:
        held = here.get((one.kind, one.tag))
        if one.proven_at is not None and held is not None and held.proven_at == one.proven_at:
            merging_store.unprove(tx, held)
            carried.add((one.kind, one.tag))
    identifiers.drop_lost(tx, source)
    records = erasure_store.records_by_tag(tx, target)
    for one in named:
        if one.tag not in records:
            continue
        made = HeldIdentifier(
            subject_id=target, identifier_id=IdentifierId(new_id()), kind=one.kind, tag=one.tag, state="claimed",
            record_id=records[one.tag], claimed_at=one.claimed_at, proven_at=None,
        )  # fmt: skip
        store.insert_identifier(tx, made)
        if one.proven_at is not None:
            _prove(tx, made, one.proven_at)
    known = {one.tag for one in named}
    for (kind, tag), held in here.items():  # what was corrected meanwhile, and went along with its form
        if tag in records and tag not in known:
            made = msgspec.structs.replace(
                held, subject_id=target, record_id=records[tag], state="claimed", proven_at=None, kind=kind
            )
            store.insert_identifier(tx, made)


def _prove(tx: Connection, held: HeldIdentifier, at: datetime) -> None:
    """Proven there, unless somebody else has proven it meanwhile: an address has one holder, a phone may have more."""
    taken = store.holders(tx, held.kind, held.tag)
    mine = any(subject_id == held.subject_id for _number, subject_id in taken)
    if mine or (taken and held.kind != "phone"):
        return
    store.prove(tx, held, max((number for number, _subject in taken), default=-1) + 1, at)
