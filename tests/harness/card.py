"""A whole installation without a server, for the services behind the card of a person: forms, proofs, members."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from harness.whole import whole_omonat
from omonat.intake import Evidence
from omonat.kernel.errors import NotFound
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.staff import StaffAccount
from omonat.storage import Database
from omonat.vault import OpenedRecord, rows

EVIDENCE = Evidence(Sealed("192.0.2.7"), Sealed("Test browser"))


class Firm:
    """The services, and what a test does with them."""

    def __init__(self, database: Database, key_database: Database, folder: Path) -> None:
        self.omonat = whole_omonat(database, key_database, folder)

    @property
    def now(self) -> datetime:
        return self.omonat.clock.now()

    def days_pass(self, days: int) -> None:
        self.omonat.clock.shift += timedelta(days=days)

    def member(self, *roles: str) -> StaffAccount:
        """An account with these roles."""
        name = " and ".join(roles)
        try:
            return self.omonat.staff.get_by_name(name)
        except NotFound:
            return self.omonat.staff.add(name, roles=list(roles), os_user=None, now=self.now)

    def submit(self, form: str, *, news: Sequence[str] = (), **fields: str) -> SubjectId:
        """Send a form; the subject that it made."""
        omonat, now = self.omonat, self.now
        state = omonat.intake.prepare(form, "en", now).state
        sent = omonat.intake.submit(form, state, fields, frozenset(news), evidence=EVIDENCE, now=now)
        with omonat.database.read() as tx:
            found = rows.find_submission_subject(tx, sent.submission_id)
        assert found is not None
        return found

    def order(self, *, phone: str = "+998901234567", email: str = "ali@example.uz", **more: str) -> SubjectId:
        return self.submit("order", **{"name": "Ali Valiyev", "service": "IP"} | more, phone=phone, email=email)

    def callback(self, phone: str = "+998901234567", name: str = "Ali Valiyev") -> SubjectId:
        return self.submit("callback", name=name, phone=phone)

    def prove(self, subject_id: SubjectId, kind: str) -> None:
        """As if a code had been answered."""
        keys = self.omonat.keystore.open_subject(subject_id)

        def unit(tx):  # type: ignore[no-untyped-def]
            held = next(one for one in rows.identifiers_of(tx, subject_id) if one.kind == kind)
            self.omonat.vault.prove(tx, keys, held.identifier_id, shared=True, now=self.now)

        self.omonat.database.write(unit)

    def states(self, subject_id: SubjectId) -> set[tuple[str, str]]:
        """(kind, state) of the person's identifiers."""
        with self.omonat.database.read() as tx:
            return {(held.kind, held.state) for held in rows.identifiers_of(tx, subject_id)}

    def opened(self, subject_id: SubjectId) -> list[OpenedRecord]:
        return self.omonat.vault.read_own(subject_id)

    def values(self, subject_id: SubjectId) -> list[tuple[str, str, str, str, str]]:
        """(record, field, value, purpose, ground), sorted."""
        return sorted(
            (str(each.record.record_id), each.record.field, each.value.reveal(), each.record.purpose,
             each.record.ground) for each in self.opened(subject_id)
        )  # fmt: skip

    def journal(self, subject_id: SubjectId) -> list[tuple[str, str, str]]:
        """(operation, actor, purpose), newest first."""
        with self.omonat.database.read() as tx:
            return [(row["operation"], row["actor"], row["purpose"]) for row in rows.journal_of(tx, subject_id)]
