"""People in a database, with the services of disclosure, retention and statistics around them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, func, select

from harness.domain import Domain, email, name, new_domain, phone
from omonat.consent import ConsentGiven, Consents
from omonat.disclosure import Disclosures
from omonat.jobs import Outbox
from omonat.kernel.ids import SubjectId
from omonat.keystore import Compartment, SubjectKeys
from omonat.retention import Retention
from omonat.statistics import Event, Statistics
from omonat.storage import Database
from omonat.storage.schema import ledger_event
from omonat.vault import Origin, Value
from omonat.vault import store as vault_store


@dataclass
class Office:
    """One domain and the services under test."""

    domain: Domain
    consents: Consents
    disclosures: Disclosures
    retention: Retention
    statistics: Statistics

    @property
    def database(self) -> Database:
        return self.domain.database

    def now(self) -> datetime:
        return self.domain.now()

    def pass_days(self, days: float) -> datetime:
        self.domain.clock.shift += timedelta(days=days)
        return self.now()

    def customer(self, word: str = "aziza") -> SubjectKeys:
        """Somebody who ordered: name, phone and e-mail for the contract."""
        return self.domain.person(name(word.capitalize()), phone(number_of(word)), email(f"{word}@example.uz"))

    def collect(self, keys: SubjectKeys, *values: Value, purpose: str, ground: str) -> SubjectKeys:
        parts = {Compartment(purpose, value.category) for value in values}
        keys = self.domain.keystore.add_compartments(keys, parts, self.now())
        origin = Origin(purpose=purpose, ground=ground, source="form:test")
        self.database.write(lambda tx: self.domain.vault.collect(tx, keys, values, origin, now=self.now()))
        return keys

    def prove(self, keys: SubjectKeys, kind: str = "email") -> None:
        def unit(tx: Connection) -> None:
            held = next(one for one in vault_store.identifiers_of(tx, keys.subject_id) if one.kind == kind)
            self.domain.vault.prove(tx, keys, held.identifier_id, shared=False, now=self.now())

        self.database.write(unit)

    def says(self, keys: SubjectKeys, action: str, purpose: str = "news", channel: str = "email") -> None:
        given = ConsentGiven(
            purpose=purpose, channel=channel, action=action, language="ru", text_hash="0" * 64, via="form:test"
        )
        self.database.write(lambda tx: self.consents.record(tx, keys, given, now=self.now()))

    def subscriber(self, word: str) -> SubjectKeys:
        """Proven e-mail, consent to news by e-mail."""
        keys = self.customer(word)
        self.prove(keys)
        self.says(keys, "granted")
        return keys

    def visitor(self, action: str = "granted") -> SubjectKeys:
        keys = self.domain.vault.create_keys([], self.now())
        self.database.write(lambda tx: self.domain.vault.insert_subject(tx, keys, "visitor", self.now()))
        self.says(keys, action, "improve", "web")
        return keys

    def restrict(self, subject_id: SubjectId, kind: str, purpose: str | None = None) -> None:
        from omonat.kernel.ids import new_id
        from omonat.storage.schema import restriction

        row = {"subject_id": subject_id, "restriction_id": new_id(), "kind": kind, "purpose": purpose,
               "since": self.now(), "case_id": None}  # fmt: skip
        self.database.write(lambda tx: tx.execute(restriction.insert().values(row)))

    def rows(self, table: Any, **where: Any) -> list[Any]:
        query = select(*table.c).where(*[table.c[name] == value for name, value in where.items()])
        with self.database.read() as tx:
            return list(tx.execute(query))

    def count(self, table: Any, **where: Any) -> int:
        return len(self.rows(table, **where))

    def events(self, kind: str) -> int:
        with self.database.read() as tx:
            query = select(func.count()).select_from(ledger_event).where(ledger_event.c.kind == kind)
            return int(tx.scalar(query) or 0)


def view(page: str, language: str = "ru", *, device: str = "phone", source: Any = "none") -> Event:
    """A page looked at."""
    return Event(kind="view", page=page, language=language, device=device, source=source)


def number_of(word: str) -> str:
    """A phone of its own for every word."""
    return f"+99890{sum(letter * 31**place for place, letter in enumerate(word.encode())) % 10**7:07d}"


def new_office(database: Database, key_database: Database, folder: Path) -> Office:
    """On two empty databases."""
    domain = new_domain(database, key_database, folder)
    consents = Consents(database, domain.vault, domain.policies)
    return Office(
        domain=domain,
        consents=consents,
        disclosures=Disclosures(database, domain.vault, domain.policies, Outbox()),
        retention=Retention(database, domain.vault, domain.erasure, consents, domain.policies),
        statistics=Statistics(database, domain.vault, domain.policies),
    )
