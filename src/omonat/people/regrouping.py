"""Making two people one, and one two, with evidence, a preview and seven days to undo it (clauses 2.1, 6.2).

Two databases never commit together, so the keys of whoever comes to be are durable before the data that they seal,
and the emptied one of a joining goes by the destroy saga. A crash leaves everything as it was, or all of it done.
"""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import Connection

from omonat.crypto import open_sealed, seal
from omonat.jobs import Outbox
from omonat.kernel.codec import from_json, length_prefixed, to_json
from omonat.kernel.errors import Conflict, Denied, InvalidInput, NotFound
from omonat.kernel.ids import EventId, SubjectId, new_id
from omonat.keystore import COMMITMENT, SubjectKeys
from omonat.people import regrouping_rules as rules
from omonat.people import regrouping_store as store
from omonat.people.regrouping_model import UNDO_FOR, Map, Preview, Regrouping, Stated
from omonat.people.service import People
from omonat.staff import Actor, require
from omonat.storage import Database
from omonat.vault import Destruction, Erasure, Vault, moving, rows
from omonat.vault.moving import KeyMissing, Moved

TRIES = 3


class _Done(NamedTuple):
    """`intent`, `into`: the emptied one of a joining, and whom he was joined into."""

    regrouping_id: UUID
    intent: Destruction | None
    into: SubjectId | None = None


class _Act(NamedTuple):
    """Who does it, why, when."""

    actor: str
    stated: Stated
    now: datetime


class Regroupings:
    """Joins and separates people for the staff. The person's card has to be open (`People.open`)."""

    def __init__(
        self, database: Database, vault: Vault, *, erasure: Erasure, people: People, outbox: Outbox
    ) -> None:  # fmt: skip
        self._database = database
        self._vault = vault
        self._erasure = erasure
        self._people = people
        self._outbox = outbox

    def of_subject(self, actor: Actor, subject_id: SubjectId, now: datetime) -> list[Regrouping]:
        """What was joined into this person or separated from him, newest first. Raises NotOpened."""
        self._require(actor, subject_id, now)
        with self._database.read() as tx:
            return store.of_subject(tx, subject_id)

    def _require(self, actor: Actor, subject_id: SubjectId, now: datetime) -> None:
        require(actor, "person.merge")
        self._people.opening(actor, subject_id, now)

    # --- joining --------------------------------------------------------------------------------------------------

    def preview_joining(
        self, actor: Actor, source_id: SubjectId, target_id: SubjectId, now: datetime, *, evidence: str = ""
    ) -> Preview:  # fmt: skip
        """What goes from `source_id` to `target_id`, whose card is open. Raises NotOpened, NotFound."""
        self._require(actor, target_id, now)
        with self._database.read() as tx:
            return self._joining(tx, source_id, target_id, evidence, now)

    def _joining(
        self, tx: Connection, source_id: SubjectId, target_id: SubjectId, evidence: str, now: datetime
    ) -> Preview:  # fmt: skip
        _require_two(tx, source_id, target_id)
        mine, theirs = rows.identifiers_of(tx, source_id), rows.identifiers_of(tx, target_id)
        states = self._vault.state(tx, source_id, now), self._vault.state(tx, target_id, now)
        parts = rules.count_parts(rows.records_of(tx, source_id))
        counts = rules.count_rows(moving.everything(tx, source_id).rows)
        named = tuple((held.kind, held.state, rules.after_joining(held, theirs)) for held in mine)
        earlier = bool(store.of_subject(tx, source_id))
        return Preview(
            source_id=source_id, target_id=target_id, parts=parts, identifiers=named, counts=counts,
            conflicts=rules.joining_conflicts(*states, mine, theirs, earlier=earlier),
            objections=rules.evidence_objections(evidence, mine, theirs) if evidence else (),
            digest=rules.digest(source_id, target_id, parts, counts, named),
        )  # fmt: skip

    def join(
        self, actor: Actor, source_id: SubjectId, target_id: SubjectId, stated: Stated, now: datetime
    ) -> UUID:  # fmt: skip
        """Make `source_id` a part of `target_id`. Both are told where they have proven an address.

        Raises InvalidInput, Denied when the evidence does not show it, Conflict when the preview is no longer true,
        NotOpened, NotFound.
        """
        self._require(actor, target_id, now)
        rules.check_stated(stated)
        act = _Act(actor.actor, stated, now)
        done = self._repeat(lambda: self._join(source_id, target_id, act, undoes=None))
        return self._carry_out(done)

    def _join(
        self, source_id: SubjectId, target_id: SubjectId, act: _Act, *, undoes: Regrouping | None
    ) -> _Done:  # fmt: skip
        keystore = self._vault.keystore
        source, target = keystore.open_subject(source_id), keystore.open_subject(target_id)
        with self._database.read() as tx:
            parts = {held.compartment for held in rows.records_of(tx, source_id)}
        target = keystore.add_compartments(target, parts, act.now)
        return self._database.write(lambda tx: self._join_unit(tx, source, target, act, undoes))

    def _join_unit(
        self, tx: Connection, source: SubjectKeys, target: SubjectKeys, act: _Act, undoes: Regrouping | None
    ) -> _Done:  # fmt: skip
        source_id, target_id = source.subject_id, target.subject_id
        for keys in (source, target):
            self._vault.index.bring_up(tx, keys)
        if undoes is None:
            preview = self._joining(tx, source_id, target_id, act.stated.evidence, act.now)
            if preview.objections:
                raise Denied(reasons=", ".join(preview.objections))
            _require_seen(preview, act.stated)
        else:
            _require_two(tx, source_id, target_id)
        told = self._proven(tx, source_id, target_id)
        moved = moving.everything(tx, source_id)
        moving.forget_undo(tx, source_id)
        moving.move(tx, source, target, moved)
        days = moving.move_days(tx, source_id, target_id)
        moving.join_identifiers(tx, source_id, target_id)
        moving.end_sessions(tx, target_id)
        regrouping_id = undoes.regrouping_id if undoes else new_id()
        kind = "people_joined" if undoes is None else "separation_undone"
        event_id = self._note(tx, target, kind, act, regrouping_id, other=source_id)
        if undoes is None:
            moved = msgspec.structs.replace(moved, days_new=days)
            self._insert(tx, target, act, _Kept(regrouping_id, "merged", source_id, moved), event_id)
        self._tell(tx, target_id, told, "joined", regrouping_id, now=act.now)
        intent = self._erasure.begin(tx, source_id, None, trigger="merged", actor=act.actor, now=act.now)
        return _Done(regrouping_id, intent, target_id)

    # --- separating -----------------------------------------------------------------------------------------------

    def preview_separating(
        self, actor: Actor, subject_id: SubjectId, submissions: frozenset[UUID], now: datetime
    ) -> Preview:  # fmt: skip
        """What would go with some of a person's forms. Raises NotOpened, InvalidInput, NotFound."""
        self._require(actor, subject_id, now)
        with self._database.read() as tx:
            return self._separating(tx, subject_id, submissions, now)[0]

    def _separating(
        self, tx: Connection, subject_id: SubjectId, submissions: frozenset[UUID], now: datetime
    ) -> tuple[Preview, Moved]:  # fmt: skip
        _require_person(tx, subject_id)
        held = {row["submission_id"] for row in rows.submissions_of(tx, subject_id)}
        if not submissions or not submissions <= held:
            raise InvalidInput({"submission": "Choose the forms that are another person's."})
        if submissions == held:
            raise InvalidInput({"submission": "Leave at least one form here."})
        moved = moving.of_submissions(tx, subject_id, submissions)
        return self._shown(tx, subject_id, moved, now), moved

    def _shown(self, tx: Connection, subject_id: SubjectId, moved: Moved, now: datetime) -> Preview:
        going = [held for held in rows.records_of(tx, subject_id) if held.record_id in moved.records]
        before = {(held.kind, held.tag): held.state for held in rows.identifiers_of(tx, subject_id)}
        named = tuple((one.kind, before.get((one.kind, one.tag), "claimed"), one.state) for one in moved.identifiers)
        parts, counts = rules.count_parts(going), rules.count_rows(moved.rows)
        shared = any(was == "proven" and will == "claimed" for _kind, was, will in named)
        state = self._vault.state(tx, subject_id, now)
        return Preview(
            source_id=subject_id, target_id=None, parts=parts, identifiers=named, counts=counts, objections=(),
            conflicts=rules.separating_conflicts(state, shared=shared),
            digest=rules.digest(subject_id, parts, counts, named, sorted(map(str, moved.records))),
        )  # fmt: skip

    def separate(
        self, actor: Actor, subject_id: SubjectId, submissions: frozenset[UUID], stated: Stated, now: datetime
    ) -> UUID:  # fmt: skip
        """Make the sender of some forms a person of his own. Raises InvalidInput, Conflict, NotOpened, NotFound."""
        self._require(actor, subject_id, now)
        rules.check_stated(stated)
        act = _Act(actor.actor, stated, now)

        def choose(tx: Connection) -> Moved:
            preview, moved = self._separating(tx, subject_id, submissions, now)
            _require_seen(preview, stated)
            return moved

        done = self._repeat(lambda: self._separate(subject_id, choose, act, undoes=None))
        return self._carry_out(done)

    def _separate(
        self, subject_id: SubjectId, choose: Callable[[Connection], Moved], act: _Act, *, undoes: Regrouping | None
    ) -> _Done:  # fmt: skip
        with self._database.read() as tx:
            parts = moving.parts_of(tx, subject_id, choose(tx))
        made = self._vault.create_keys(parts, act.now)
        source = self._vault.keystore.open_subject(subject_id)
        return self._database.write(lambda tx: self._separate_unit(tx, source, made, choose, act, undoes=undoes))

    def _separate_unit(
        self, tx: Connection, source: SubjectKeys, made: SubjectKeys, choose: Callable[[Connection], Moved], act: _Act,
        *, undoes: Regrouping | None,
    ) -> _Done:  # fmt: skip
        _require_person(tx, source.subject_id)
        self._vault.index.bring_up(tx, source)
        moved = choose(tx)
        told = self._proven(tx, source.subject_id)
        self._vault.insert_subject(tx, made, "person", act.now)
        moving.move(tx, source, made, moved)
        if undoes is not None:
            moving.return_days(tx, source.subject_id, made.subject_id, moved)
        since = undoes.at if undoes else None
        moving.copy_stops(tx, self._vault.events, source.subject_id, made, since=since, now=act.now)
        moving.part_identifiers(tx, source.subject_id, made.subject_id, moved.identifiers)
        moving.end_sessions(tx, source.subject_id)
        regrouping_id = undoes.regrouping_id if undoes else new_id()
        kind = "joining_undone" if undoes else "person_separated"
        event_id = self._note(tx, source, kind, act, regrouping_id, other=made.subject_id)
        self._note(tx, made, kind, act, regrouping_id, other=source.subject_id)
        if undoes is None:
            self._insert(tx, source, act, _Kept(regrouping_id, "split", made.subject_id, moved), event_id)
        for subject_id in (source.subject_id, made.subject_id):
            self._tell(tx, subject_id, told, "separated", regrouping_id, now=act.now)
        return _Done(regrouping_id, None)

    # --- undoing --------------------------------------------------------------------------------------------------

    def preview_undo(self, actor: Actor, subject_id: SubjectId, regrouping_id: UUID, now: datetime) -> Preview:
        """What would go back. Raises NotOpened, NotFound, Denied when its time is over."""
        self._require(actor, subject_id, now)
        keys = self._vault.keystore.open_subject(subject_id)
        with self._database.read() as tx:
            found = _get_open(tx, subject_id, regrouping_id, now)
            if found.kind == "split":
                return self._joining(tx, found.other_id, subject_id, "", now)
            return self._shown(tx, subject_id, moving.still_there(tx, subject_id, _open_map(keys, found).moved), now)

    def undo(self, actor: Actor, subject_id: SubjectId, regrouping_id: UUID, now: datetime) -> UUID:
        """Take a joining or a separation back within its seven days; what the person stopped since stays stopped.

        Raises NotOpened, NotFound, Denied when its time is over, Conflict.
        """
        self._require(actor, subject_id, now)
        keys = self._vault.keystore.open_subject(subject_id)
        with self._database.read() as tx:
            found = _get_open(tx, subject_id, regrouping_id, now)
        act = _Act(actor.actor, Stated(evidence=found.evidence, note="undone"), now)
        if found.kind == "split":
            return self._carry_out(self._repeat(lambda: self._join(found.other_id, subject_id, act, undoes=found)))

        def choose(tx: Connection) -> Moved:
            return moving.still_there(
                tx, subject_id, _open_map(keys, _get_open(tx, subject_id, regrouping_id, now)).moved
            )

        return self._carry_out(self._repeat(lambda: self._separate(subject_id, choose, act, undoes=found)))

    # --- common ---------------------------------------------------------------------------------------------------

    def _repeat(self, act: Callable[[], _Done]) -> _Done:
        """A part may come between making keys and moving: the keys are made again."""
        for _ in range(TRIES - 1):
            try:
                return act()
            except KeyMissing:
                continue
        return act()

    def _carry_out(self, done: _Done) -> UUID:
        if done.intent is not None:
            self._erasure.carry_out(done.intent, into=done.into)
        else:
            self._database.scrub()
        return done.regrouping_id

    def _note(
        self, tx: Connection, keys: SubjectKeys, kind: str, act: _Act, regrouping_id: UUID, *, other: SubjectId
    ) -> EventId:  # fmt: skip
        facts: dict[str, object] = {
            "regrouping": str(regrouping_id), "evidence": act.stated.evidence, "actor": act.actor,
        }  # fmt: skip
        event_id = self._vault.events.append(
            tx, keys, kind, at=act.now, facts=facts, personal={"other": str(other)}, about={"other": str(other)}
        )  # fmt: skip
        self._vault.journal(
            tx, keys, "use", actor=act.actor, purpose="legal", categories=[], reason=f"{kind}:{regrouping_id}",
            now=act.now,
        )  # fmt: skip
        if kind.endswith("_undone"):
            store.set_undone(tx, keys.subject_id, regrouping_id, act.now)
        return event_id

    def _insert(self, tx: Connection, keys: SubjectKeys, act: _Act, kept: "_Kept", event_id: EventId) -> None:
        plain = to_json(Map(moved=kept.moved, note=act.stated.note))
        made = Regrouping(
            subject_id=keys.subject_id, regrouping_id=kept.regrouping_id, kind=kept.kind, other_id=kept.other_id,
            evidence=act.stated.evidence, actor=act.actor, at=act.now, undo_until=act.now + UNDO_FOR, undone_at=None,
            sealed_map=seal(keys.compartment(COMMITMENT).key, plain, _associated(keys.subject_id, kept.regrouping_id)),
        )  # fmt: skip
        store.insert_regrouping(tx, made, event_id)

    def _proven(self, tx: Connection, *subjects: SubjectId) -> set[tuple[str, bytes]]:
        """What anybody of them has proven: who is told."""
        return {
            (held.kind, held.tag)
            for subject_id in subjects
            for held in rows.identifiers_of(tx, subject_id)
            if held.state == "proven"
        }

    def _tell(
        self, tx: Connection, subject_id: SubjectId, told: set[tuple[str, bytes]], letter: str, regrouping_id: UUID,
        *, now: datetime,
    ) -> None:  # fmt: skip
        """A letter to every address that was proven before, wherever it is now."""
        for row in store.identifiers(tx, subject_id):
            if (row.kind, row.tag) in told:
                payload = {
                    "subject": str(subject_id), "identifier": str(row.identifier_id), "letter": letter,
                    "regrouping": str(regrouping_id),
                }  # fmt: skip
                key = f"{letter}:{regrouping_id}:{row.identifier_id}"
                self._outbox.add(tx, kind="notice", business_key=key, payload=payload, now=now)

    def forget(self, now: datetime) -> int:
        """What can no longer be undone: its map goes; part of the nightly sweep."""
        return self._database.write(lambda tx: store.forget_maps(tx, now))


class _Kept(NamedTuple):
    regrouping_id: UUID
    kind: str
    other_id: SubjectId
    moved: Moved


def _require_person(tx: Connection, subject_id: SubjectId) -> None:
    found = rows.find_subject(tx, subject_id)
    if found is None or found.state != "active" or found.kind != "person":
        raise NotFound()


def _require_two(tx: Connection, source_id: SubjectId, target_id: SubjectId) -> None:
    if source_id == target_id:
        raise Denied(reasons="same_subject")
    for subject_id in (source_id, target_id):
        _require_person(tx, subject_id)


def _require_seen(preview: Preview, stated: Stated) -> None:
    if stated.digest and stated.digest != preview.digest:
        raise Conflict()


def _get_open(tx: Connection, subject_id: SubjectId, regrouping_id: UUID, now: datetime) -> Regrouping:
    found = store.find(tx, subject_id, regrouping_id)
    if found is None:
        raise NotFound()
    if not found.can_be_undone(now):
        raise Denied(reasons="undo_is_over")
    return found


def _open_map(keys: SubjectKeys, found: Regrouping) -> Map:
    associated = _associated(found.subject_id, found.regrouping_id)
    return from_json(open_sealed(keys.compartment(COMMITMENT).key, found.sealed_map, associated), Map)


def _associated(subject_id: SubjectId, regrouping_id: UUID) -> bytes:
    return length_prefixed(b"omonat/regrouping/1", subject_id.bytes, regrouping_id.bytes)
