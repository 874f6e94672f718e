"""Use cases of the register of measures (clause 6.2)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from sqlalchemy import Connection

from omonat.kernel.clock import local_date
from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import MeasureId, new_id
from omonat.ledger import Ledger
from omonat.measures import store
from omonat.measures.model import KINDS, STATUSES, Change, Draft, Measure
from omonat.measures.seeds import DESCRIPTIONS, EVIDENCE, SEEDS, TITLES
from omonat.staff import Actor, StaffAccounts, require
from omonat.storage import Database

MANAGE, READ = "measure.manage", "measure.read"
FIRST_REVIEW = timedelta(days=90)
Changed = dict[str, list[str]]
_LONGEST = {"title": 200, "description": 4000, "evidence": 4000}


class Measures:
    """The register, with the history of every change."""

    def __init__(self, database: Database, ledger: Ledger, staff: StaffAccounts) -> None:
        self._database = database
        self._ledger = ledger
        self._staff = staff

    def list(self) -> Sequence[Measure]:
        """Every measure: legal, organisational, technical; within a kind the oldest first."""
        with self._database.read() as tx:
            return sorted(store.list_measures(tx), key=lambda one: KINDS.index(one.kind))

    def overdue(self, now: datetime) -> int:
        """How many wait for their review."""
        return sum(one.is_overdue(local_date(now)) for one in self.list())

    def get(self, measure_id: MeasureId) -> Measure:
        """Raises NotFound."""
        with self._database.read() as tx:
            return _found(store.find_measure(tx, measure_id))

    def changes(self, measure_id: MeasureId) -> Sequence[Change]:
        """Newest first."""
        with self._database.read() as tx:
            return store.changes_of(tx, measure_id)

    def add(self, actor: Actor, draft: Draft, now: datetime) -> Measure:
        """A measure of the operator's own. Raises NotAllowed, InvalidInput."""
        require(actor, MANAGE)
        self._check(draft)
        made = _made(draft, "", by=actor.actor, now=now)
        self._database.write(lambda tx: self._insert(tx, made, actor.actor))
        return made

    def change(
        self, actor: Actor, measure_id: MeasureId, draft: Draft, *, note: str, now: datetime,
        seen: datetime | None = None,
    ) -> Measure:  # fmt: skip
        """Say it anew. `seen`: the moment of the last change that the editor saw. Nothing changed: nothing is kept.

        Raises NotAllowed, NotFound, InvalidInput, Conflict when somebody else changed it meanwhile.
        """
        require(actor, MANAGE)
        self._check(draft)

        def unit(tx: Connection) -> Measure:
            before = _found(store.find_measure(tx, measure_id))
            if seen is not None and seen != before.changed_at:
                raise Conflict
            after = msgspec.structs.replace(
                before, **msgspec.structs.asdict(draft), changed_at=now, changed_by=actor.actor
            )  # fmt: skip
            changed = _differences(before, after)
            if not changed and not note.strip():
                return before
            if not store.set_measure(tx, before, after):
                raise Conflict
            self._note(tx, after, changed, note.strip()[:500])
            return after

        return self._database.write(unit)

    def seed(self, now: datetime) -> int:
        """Enter what Omonat brings and the register does not hold yet. Returns how many; repeating it is harmless."""
        review_on = local_date(now + FIRST_REVIEW)

        def unit(tx: Connection) -> int:
            held = store.words(tx)
            missing = [word for word in SEEDS if word not in held]
            if not missing:
                return 0
            event_id = self._ledger.append(tx, kind="measures_entered", at=now, facts={"measures": missing})
            for word in missing:
                kind, status = SEEDS[word]
                draft = Draft(
                    kind=kind, title=TITLES[word], description=DESCRIPTIONS[word], status=status,
                    evidence=EVIDENCE[word], review_on=review_on,
                )  # fmt: skip
                made = _made(draft, word, by="system", now=now)
                store.insert_measure(tx, made)
                change = Change(
                    change_id=new_id(), at=now, actor="system", changed={"status": ["", status]}, note=""
                )  # fmt: skip
                store.insert_change(tx, made.measure_id, change, event_id)
            return len(missing)

        return self._database.write(unit)

    def _insert(self, tx: Connection, made: Measure, actor: str) -> None:
        store.insert_measure(tx, made)
        self._note(tx, made, {"status": ["", made.status]}, "", actor=actor)

    def _note(
        self, tx: Connection, measure: Measure, changed: Changed, note: str, *, actor: str = ""
    ) -> None:
        by = actor or measure.changed_by
        facts: dict[str, object] = {
            "measure": str(measure.measure_id), "changed": sorted(changed), "status": measure.status, "actor": by,
        }  # fmt: skip
        event_id = self._ledger.append(tx, kind="measure_changed", at=measure.changed_at, facts=facts)
        change = Change(change_id=new_id(), at=measure.changed_at, actor=by, changed=changed, note=note)
        store.insert_change(tx, measure.measure_id, change, event_id)

    def _check(self, draft: Draft) -> None:
        problems = {}
        for name, longest in _LONGEST.items():
            if len(getattr(draft, name)) > longest:
                problems[name] = "This is too long."
        if not draft.title.strip():
            problems["title"] = "A title is needed."
        if draft.kind not in KINDS or draft.status not in STATUSES:
            problems["status"] = "Choose one of the list."
        if draft.owner_id is not None and draft.owner_id not in {one.staff_id for one in self._staff.list()}:
            problems["owner"] = "Choose one of the list."
        if problems:
            raise InvalidInput(problems)


def _made(draft: Draft, word: str, *, by: str, now: datetime) -> Measure:
    return Measure(
        measure_id=MeasureId(new_id()), word=word, made_at=now, changed_at=now, changed_by=by,
        **msgspec.structs.asdict(draft),
    )  # fmt: skip


def _differences(before: Measure, after: Measure) -> dict[str, list[str]]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in Draft.__struct_fields__}
    return {name: [_text(one), _text(other)] for name, (one, other) in pairs.items() if one != other}


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _found(measure: Measure | None) -> Measure:
    if measure is None:
        raise NotFound
    return measure
