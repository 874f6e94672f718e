"""Correction at the person's demand (clause 7.1 b; ZRU-547 Arts 11, 31)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.errors import Conflict, InvalidInput, NotFound
from omonat.kernel.ids import SubjectId
from omonat.kernel.language import DEFAULT_LANGUAGE
from omonat.kernel.secret import Sealed
from omonat.keystore import SubjectKeys
from omonat.policy import Policies, Policy
from omonat.rights import store
from omonat.rights.cases import Cases
from omonat.rights.model import Case
from omonat.storage import Database
from omonat.vault import HeldRecord, Vault, WrongValue, normalise, rows
from omonat.vault.correcting import replace_value, same_values

MAX_LENGTH = 4000
CONVERSATION = ("reply", "staff_comment", "follow_up")
"""Fields of what was said in a case: steps refer to these records, and nobody changes what was said."""
_RECORDED = ("device", "cookie", "visit")  # what a machine recorded; a person demands its deletion instead


class Correcting:
    """Replaces values that a person says are wrong."""

    def __init__(self, database: Database, vault: Vault, policies: Policies, cases: Cases) -> None:
        self._database = database
        self._vault = vault
        self._policies = policies
        self._cases = cases

    def correct(self, subject_id: SubjectId, record_id: UUID, new_value: str, *, actor: str, now: datetime) -> Case:
        """Replace a value wherever the person's data hold it in that category; the case is opened and closed.

        Raises NotFound for a record that is not his, InvalidInput (`value`) for what does not fit its kind.
        """
        keys = self._vault.keystore.open_subject(subject_id)
        with self._database.read() as tx:
            held = _get_record(tx, keys, record_id, now)
        kind, text = _checked(self._policies.in_force().facts, held, new_value)
        case = self._database.write(
            lambda tx: self._unit(tx, keys, record_id, kind=kind, text=text, actor=actor, now=now)
        )
        self._database.scrub()
        return case

    def _unit(
        self, tx: Connection, keys: SubjectKeys, record_id: UUID, *, kind: str, text: Sealed[str], actor: str,
        now: datetime,
    ) -> Case:  # fmt: skip
        if store.subject_state(tx, keys.subject_id) != "active":
            raise Conflict()
        held = _get_record(tx, keys, record_id, now)
        found = same_values(tx, keys, held, now)
        language = store.language_of(tx, keys.subject_id) or DEFAULT_LANGUAGE
        details = {"category": held.category, "field": held.field, "language": language}
        case = self._cases.open(tx, keys, "correct", None, details, now=now, actor=actor)
        for each in found:
            replace_value(tx, self._vault, keys, each.record, kind=kind, text=text, now=now)
        purposes = sorted({each.record.purpose for each in found})
        self._record(tx, keys, case, held, text, purposes=purposes, actor=actor, now=now)
        counts = {"records": str(len(found)), "purposes": " ".join(purposes)}
        self._cases.note(tx, case, "carried_out", counts, actor=actor, now=now)
        self._cases.tell(tx, case, "corrected", now=now, category=held.category)
        received = _received(tx, keys.subject_id, held.category)
        self._cases.tell_recipients(tx, case, received, now=now, letter="recipient_corrected", category=held.category)
        return self._cases.close(tx, case, "corrected", actor=actor, now=now, keys=keys)

    def _record(
        self, tx: Connection, keys: SubjectKeys, case: Case, held: HeldRecord, text: Sealed[str], *,
        purposes: list[str], actor: str, now: datetime,
    ) -> None:  # fmt: skip
        """The journal per purpose, and one event that commits to the new value: so that an old one cannot come back."""
        for purpose in purposes:
            self._vault.journal(
                tx, keys, "correct", actor=actor, purpose=purpose, categories=[held.category],
                reason=f"case:{case.case_id}", now=now,
            )  # fmt: skip
        self._vault.events.append(
            tx, keys, "value_corrected", at=now, facts={"category": held.category, "purposes": purposes},
            personal={held.field: text.reveal()},
        )  # fmt: skip


def _get_record(tx: Connection, keys: SubjectKeys, record_id: UUID, now: datetime) -> HeldRecord:
    for held in rows.records_of(tx, keys.subject_id):
        if held.record_id == record_id and not held.is_due(now) and keys.has(held.compartment):
            return held
    raise NotFound()


def _checked(policy: Policy, held: HeldRecord, new_value: str) -> tuple[str, Sealed[str]]:
    """(kind, the normalised value)."""
    if held.field in CONVERSATION:
        raise InvalidInput({"value": "This belongs to a conversation: write a further message instead."})
    kind, length = _kind_of(policy, held)
    if kind in _RECORDED:
        raise InvalidInput({"value": "This was recorded by the system; it can be deleted, not changed."})
    try:
        text = normalise(kind, new_value, length)
    except WrongValue as wrong:
        raise InvalidInput({"value": str(wrong.args[0])}) from None
    if not text:
        raise InvalidInput({"value": "Please fill this in."})
    return kind, Sealed(text)


def _kind_of(policy: Policy, held: HeldRecord) -> tuple[str, int]:
    """Kind and longest length: those of the form's field where it came by a form, else of its category."""
    form = policy.forms.get(held.source.removeprefix("form:"))
    field = form.fields.get(held.field) if form is not None else None
    if field is not None:
        return field.kind, field.max_length
    category = policy.categories.get(held.category)
    return (category.kind if category is not None else "text"), MAX_LENGTH


def _received(tx: Connection, subject_id: SubjectId, category: str) -> dict[str, list[str]]:
    """Recipient to the disclosures in which he received data of that category."""
    told: dict[str, list[str]] = {}
    for row in store.disclosures_of(tx, subject_id):
        if category in row.categories:
            told.setdefault(row.recipient, []).append(str(row.disclosure_id))
    return told
