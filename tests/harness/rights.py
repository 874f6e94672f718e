"""People who send forms, sign in and demand, on the domain without faces. Letters are caught at the channel."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import insert, select, update

from harness.domain import Domain, new_domain
from omonat.consent import Consents
from omonat.disclosure import Disclosures
from omonat.intake import Evidence, Intake
from omonat.jobs import Outbox
from omonat.kernel.ids import SubjectId, new_id
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Settings
from omonat.notify import DeliveryFailed, Message
from omonat.post import Post
from omonat.rights import Answered, Case, Rights, Session, SignIn
from omonat.storage import Database
from omonat.storage.schema import hold, outbox
from omonat.vault import HeldIdentifier
from omonat.vault import store as vault_store

EVIDENCE = Evidence(Sealed("192.0.2.7"), Sealed("Test browser"))
HERE, ELSEWHERE = bytes([1]) * 32, bytes([2]) * 32


@dataclass
class Mailbox:
    """A channel that keeps what it is given, or refuses it."""

    kind: str
    messages: list[Message] = field(default_factory=list)
    refuses: bool = False

    def send(self, message: Message) -> str:
        if self.refuses:
            raise DeliveryFailed(self.kind, "refused", temporary=False)
        self.messages.append(message)
        return ""


class People:
    """The domain with its rights, and what a test does with them."""

    def __init__(self, domain: Domain, folder: Path) -> None:
        self.domain = domain
        self.database, self.vault, self.clock = domain.database, domain.vault, domain.clock
        self.mail, self.sms = Mailbox("email"), Mailbox("sms")
        post = Post({"email": self.mail, "sms": self.sms}, domain.policies, Settings(data=folder, keys=folder))
        self.outbox = Outbox()
        self.consents = Consents(self.database, self.vault, domain.policies)
        self.disclosures = Disclosures(self.database, self.vault, domain.policies, self.outbox)
        self.rights = Rights(
            self.database, self.vault, consents=self.consents, erasure=domain.erasure, policies=domain.policies,
            outbox=self.outbox, post=post, clock=self.clock,
        )  # fmt: skip
        self.sign_in = SignIn(
            self.database, self.vault, domain.erasure, self.outbox, consents=self.consents, post=post, clock=self.clock
        )
        self.intake = Intake(
            self.database, self.vault, self.consents, rights=self.rights, erasure=domain.erasure,
            policies=domain.policies, outbox=self.outbox,
        )  # fmt: skip

    # --- forms ------------------------------------------------------------------------------------------------------

    def submit(self, form: str, *, news: tuple[str, ...] = (), **fields: str) -> SubjectId:
        """Send a form; the subject that it made."""
        now = self.clock.now()
        state = self.intake.prepare(form, "en", now).state
        sent = self.intake.submit(form, state, fields, frozenset(news), evidence=EVIDENCE, now=now)
        with self.database.read() as tx:
            found = vault_store.find_submission_subject(tx, sent.submission_id)
        assert found is not None
        return found

    def contact(
        self, *, email: str, phone: str = "", name: str = "Ali Valiyev", news: tuple[str, ...] = ()
    ) -> SubjectId:
        """The contact form: purpose support, by consent."""
        return self.submit("contact", news=news, name=name, email=email, phone=phone, message="Salom")

    def order(self, *, email: str, phone: str, name: str = "Ali Valiyev") -> SubjectId:
        """The order form: purpose contract."""
        return self.submit("order", name=name, email=email, phone=phone, service="IP")

    def callback(self, phone: str, name: str = "Ali Valiyev") -> SubjectId:
        """The call-back form: a phone and nothing else."""
        return self.submit("callback", name=name, phone=phone)

    # --- background -------------------------------------------------------------------------------------------------

    def work(self, *kinds: str) -> None:
        """Do once what the outbox wants (of these kinds); what is given up is dropped, as the dispatcher would."""
        works = {
            "sign_in_code": self.sign_in.send_sign_in_code, "notice": self.rights.send_notice,
            "recipient_notice": self.rights.send_recipient_notice,
        }  # fmt: skip
        with self.database.read() as tx:
            wanted = select(outbox.c.outbox_id, outbox.c.kind, outbox.c.payload).where(outbox.c.done_at.is_(None))
            jobs = tx.execute(wanted.order_by(outbox.c.outbox_id)).all()
        for job in jobs:
            if job.kind not in (kinds or works):
                continue
            try:
                works[job.kind](dict(job.payload))
            except DeliveryFailed as error:
                assert not error.temporary
            self._done(job.outbox_id)

    def _done(self, outbox_id: UUID) -> None:
        row = update(outbox).where(outbox.c.outbox_id == outbox_id).values(done_at=self.clock.now())
        self.database.write(lambda tx: tx.execute(row))

    def letters_to(self, address: str) -> list[Message]:
        return [each for box in (self.mail, self.sms) for each in box.messages if each.to.reveal() == address]

    def code_sent_to(self, address: str) -> str:
        """The six digits of the newest letter."""
        self.work("sign_in_code")
        found = re.search(r"\b(\d{6})\b", self.letters_to(address)[-1].text)
        assert found is not None
        return found[1]

    # --- signing in -------------------------------------------------------------------------------------------------

    def answer(self, address: str, browser: bytes = HERE) -> Answered:
        """Ask for a code and answer it, as whoever reads that address."""
        challenge_id = self.sign_in.start(None, address, browser, "en", self.clock.now())
        return self.sign_in.answer(challenge_id, browser, self.code_sent_to(address), self.clock.now())

    def enter(self, address: str, *ticked: SubjectId) -> Session:
        """Sign in, ticking these where there is a choice."""
        done = self.answer(address)
        if done.candidates:
            return self.sign_in.choose(done.session_token, ticked, self.clock.now())
        session = self.sign_in.find_session(done.session_token, self.clock.now())
        assert session is not None
        return session

    def gets_no_code(self, address: str) -> bool:
        """Whether asking for a code sends nothing there."""
        self.work()
        before = len(self.letters_to(address))
        self.sign_in.start(None, address, HERE, "en", self.clock.now())
        self.work()
        return len(self.letters_to(address)) == before

    # --- looking ----------------------------------------------------------------------------------------------------

    def later(self, **amount: float) -> None:
        self.clock.shift += timedelta(**amount)

    def identifiers(self, subject_id: SubjectId) -> dict[str, str]:
        """kind to state; for people who name one of a kind."""
        return {held.kind: held.state for held in self.all_identifiers(subject_id)}

    def all_identifiers(self, subject_id: SubjectId) -> list[HeldIdentifier]:
        with self.database.read() as tx:
            return vault_store.identifiers_of(tx, subject_id)

    def values(self, subject_id: SubjectId) -> dict[str, str]:
        """field to value, as the person sees them."""
        return {value.field: value.value for value in self.rights.person_file(subject_id, self.clock.now()).values}

    def record(self, subject_id: SubjectId, name: str) -> str:
        """The id of the record of a field."""
        file = self.rights.person_file(subject_id, self.clock.now())
        return next(value.record_id for value in file.values if value.field == name)

    def steps(self, case: Case) -> list[str]:
        return [step.kind for step in self.rights.get_case(case.case_id).steps]

    def hold(self, subject_id: SubjectId, purpose: str | None, category: str | None = None) -> None:
        """A law keeps something for a year."""
        now = self.clock.now()
        row = {
            "subject_id": subject_id, "hold_id": new_id(), "purpose": purpose, "category": category,
            "law": "accounting", "until_on": (now + timedelta(days=365)).date(), "reason": "invoice",
            "placed_by": "staff:Officer", "placed_at": now, "event_id": new_id(),
        }  # fmt: skip
        self.database.write(lambda tx: tx.execute(insert(hold).values(row)))


def new_people(database: Database, key_database: Database, folder: Path) -> People:
    return People(new_domain(database, key_database, folder), folder)
