"""What the staff do for a person who asks by phone, on paper or at the desk: each is a case, as on his own page (7.1).

A consent is withdrawn this way; one that he gave by phone or on paper is recorded with its proof (`recording`).
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from omonat.kernel.errors import InvalidInput, NotAllowed, NotFound
from omonat.kernel.ids import SubjectId
from omonat.people.service import People
from omonat.rights import Case, ErasureOutcome, PersonFile, Rights
from omonat.staff import Actor, require
from omonat.storage import Database

HOW = ("phone", "paper", "visit", "mail")
"""How the person asked."""

VIA = "staff"
EXPORT_PURPOSE = "legal"


class Acts:
    """The demands of people, taken down by the staff. The person's card has to be open."""

    def __init__(self, database: Database, people: People, rights: Rights) -> None:
        self._database = database
        self._people = people
        self._rights = rights

    def correct(
        self, actor: Actor, subject_id: SubjectId, record_id: str, value: str, *, how: str, now: datetime
    ) -> Case:  # fmt: skip
        """Replace a value that is shown on the open card. Raises NotFound for one that is masked, InvalidInput."""
        self._require(actor, "person.correct", how)
        card = self._people.card(actor, subject_id, now)
        if not any(line.record_id == record_id and not line.masked for line in card.lines):
            raise NotFound()
        case = self._rights.correct(subject_id, record_id, value, now, actor=actor.actor)
        return self._asked(actor, case, how, now)

    def suspend(self, actor: Actor, subject_id: SubjectId, *, how: str, now: datetime) -> Case:
        """Stop every use of the person's data."""
        self._check(actor, "person.correct", subject_id, how, now)
        return self._asked(actor, self._rights.suspend(subject_id, now, actor=actor.actor), how, now)

    def lift(self, actor: Actor, subject_id: SubjectId, *, how: str, now: datetime) -> int:
        """Go on; returns how many suspensions ended."""
        self._check(actor, "person.correct", subject_id, how, now)
        return self._rights.lift_suspension(subject_id, now)

    def object(self, actor: Actor, subject_id: SubjectId, purpose: str, *, how: str, now: datetime) -> Case:
        """Stop one purpose. Raises NotFound for one that is not declared."""
        self._check(actor, "person.correct", subject_id, how, now)
        return self._asked(actor, self._rights.object(subject_id, purpose, now, actor=actor.actor), how, now)

    def allow(self, actor: Actor, subject_id: SubjectId, purpose: str, *, how: str, now: datetime) -> int:
        """Take an objection back; returns how many ended."""
        self._check(actor, "person.correct", subject_id, how, now)
        return self._rights.lift_objection(subject_id, purpose, now)

    def withdraw(  # the language is that of the text which is recorded with it
        self, actor: Actor, subject_id: SubjectId, purpose: str, channel: str | None, *, language: str, how: str,
        now: datetime,
    ) -> Case:  # fmt: skip
        """Withdraw a consent. Raises NotFound for what the person never spoke about."""
        self._check(actor, "person.correct", subject_id, how, now)
        case = self._rights.withdraw(subject_id, purpose, channel, language, now, via=VIA, actor=actor.actor)
        return self._asked(actor, case, how, now)

    def erase(self, actor: Actor, subject_id: SubjectId, *, how: str, now: datetime) -> ErasureOutcome:
        """Destroy everything that neither a law nor a running contract keeps."""
        self._check(actor, "person.erase", subject_id, how, now)
        outcome = self._rights.erase(subject_id, now, actor=actor.actor)
        self._asked(actor, outcome.case, how, now)
        return outcome

    def export(self, actor: Actor, subject_id: SubjectId, file_format: str, *, how: str, now: datetime) -> PersonFile:
        """The person's file, to hand over: for whoever may state the duty by law. The person sees that it was made."""
        if EXPORT_PURPOSE not in actor.purposes:
            raise NotAllowed(right=EXPORT_PURPOSE)
        self._check(actor, "person.read", subject_id, how, now)
        self._rights.note_export(subject_id, file_format, now, actor=actor.actor, reason=f"download:{file_format}")
        return self._rights.person_file(subject_id, now)

    def _require(self, actor: Actor, right: str, how: str) -> None:
        require(actor, right)
        if how not in HOW:
            raise InvalidInput({"how": "Choose how the person asked."})

    def _check(self, actor: Actor, right: str, subject_id: SubjectId, how: str, now: datetime) -> None:
        self._require(actor, right, how)
        self._people.opening(actor, subject_id, now)

    def _asked(self, actor: Actor, case: Case, how: str, now: datetime) -> Case:
        """How the person asked, as a step of the case."""

        def unit(tx: Connection) -> None:
            self._rights.case_book.note(tx, case, f"asked_{how}", {}, actor=actor.actor, now=now)

        self._database.write(unit)
        return self._rights.get_case(UUID(case.case_id))
