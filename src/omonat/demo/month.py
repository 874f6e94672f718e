"""The month: what happens on which day, through the services."""

import random
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from omonat.app import Omonat
from omonat.demo.people import Person, people, sending
from omonat.demo.visits import Browsers
from omonat.demo.work import StaffWork
from omonat.intake import Evidence
from omonat.jobs import store as jobs
from omonat.kernel.clock import local_date
from omonat.kernel.errors import OmonatError
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.notify import Message
from omonat.staff import StaffAccount
from omonat.works import works

DAYS = 30
ISSUED_ON = date(2025, 9, 4)
_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")
_STAFF = (("Madina", "support"), ("Sardor", "sales"), ("Lola", "marketing"), ("Rustam", "auditor"))


class _Mailbox:
    """Takes every letter of the month and sends none; the last one can be read."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.last = ""

    def send(self, message: Message) -> str:
        """Keep it instead of sending it."""
        self.last = message.text
        return ""


class Month:
    """Fills one empty installation. `progress` gets the days done."""

    def __init__(self, omonat: Omonat, *, folder: Path, issued: Path | None, seed: int = 2026) -> None:
        self._omonat = omonat
        self._folder, self._issued = folder, issued
        self._chance = random.Random(seed)  # noqa: S311 - invented people
        self._people = people(self._chance)
        self._works = works(omonat)
        self._mail, self._sms = _Mailbox("email"), _Mailbox("sms")
        omonat.channels["email"], omonat.channels["sms"] = self._mail, self._sms
        self._threads = ThreadPoolExecutor(16)
        self._signed_in: list[tuple[SubjectId, Person]] = []
        self._browsers = Browsers(omonat, self._chance, self._threads)
        self._work = StaffWork(
            omonat, self._chance, acting=self._account, someone=lambda: self._chance.choice(self._signed_in)[0]
        )

    def run(self, progress: Callable[[int], None]) -> None:
        """All of it, ending now."""
        for day in range(DAYS + 1):
            self._omonat.clock.shift = timedelta(days=day - DAYS, seconds=-60)
            if day == 0:
                self._begin()
            self._browsers.pass_day()
            for _ in range(self._chance.randrange(1, 4)):
                self._somebody_sends(day)
            self._events(day)
            self._deliver()
            progress(day + 1)
        self._threads.shutdown()
        self._omonat.clock.shift = timedelta()

    def somebody(self) -> str:
        """The address or number of an invented person who can sign in."""
        for _subject_id, person in reversed(self._signed_in):
            for kind, value in (("email", person.email), ("phone", person.phone)):
                if any(state == "proven" for _, state in self._omonat.rights.find_person(kind, value)):
                    return value
        return ""

    # --- the first day ----------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        omonat, account, now = self._omonat, self._omonat.actor(), self._omonat.clock.now()
        if self._issued is not None:
            text = self._issued.read_bytes()
            omonat.policies.adopt(
                text, number="3.1", issued_on=ISSUED_ON, language="uz-Latn", author=account, now=now
            )  # fmt: skip
        omonat.policies.publish(self._folder, author=account, reason="first publication", now=now)
        for name, role in _STAFF:
            omonat.staff.add(name, roles=[role], os_user=None, now=now)

    # --- every day --------------------------------------------------------------------------------------------------

    def _somebody_sends(self, day: int) -> None:
        person = next(self._people)
        sent = sending(self._chance, person)
        omonat, now = self._omonat, self._omonat.clock.now()
        prepared = omonat.intake.prepare(sent.form, person.language, now)
        evidence = Evidence(Sealed(person.address), Sealed(person.agent))
        omonat.intake.submit(sent.form, prepared.state, sent.fields, sent.news, evidence=evidence, now=now)
        if self._chance.random() < 0.4 or day % 7 == 0:
            self._sign_in(person, "email" if "email" in sent.fields else "phone")

    def _sign_in(self, person: Person, kind: str) -> None:
        omonat, now, browser = self._omonat, self._omonat.clock.now(), b"b" * 32
        identifier = person.email if kind == "email" else person.phone
        challenge = omonat.sign_in.start(kind, identifier, browser, person.language, now)
        self._deliver()
        code = _CODE.search((self._mail if kind == "email" else self._sms).last)
        if code is None:
            return
        answered = omonat.sign_in.answer(challenge, browser, code[0], now)
        session = omonat.sign_in.find_session(answered.session_token, now)
        if session is not None and session.subject_id is not None:
            self._signed_in.append((session.subject_id, person))
        omonat.sign_in.end(answered.session_token)

    def _deliver(self) -> None:
        """What the dispatcher of `serve` would do, at once."""
        omonat = self._omonat
        now = omonat.clock.now()
        with omonat.database.read() as tx:
            waiting = jobs.due(tx, now, 1000)
        for job in waiting:
            self._works[job.kind](dict(job.payload))
            omonat.database.write(lambda tx, job_id=job.outbox_id: jobs.finish(tx, job_id, now, None))  # type: ignore[misc]  # mypy cannot infer a lambda with a default

    # --- what happens on some days ----------------------------------------------------------------------------------

    def _events(self, day: int) -> None:
        for each, every, event in self._calendar():
            if day % every == each and self._signed_in:
                self._try(event)

    def _try(self, event: Callable[[], object]) -> None:
        """With one person after another, until the doors say yes: not everybody has ordered, or wants news."""
        for _ in range(8):
            try:
                event()
                return
            except OmonatError:
                continue

    def _calendar(self) -> tuple[tuple[int, int, Callable[[], object]], ...]:
        """(on which day, of how many, what)."""
        return (
            (2, 5, self._correct), (3, 9, self._withdraw), (5, 12, self._object), (6, 13, self._suspend),
            (4, 11, self._complain), (9, 14, self._erase), (0, 4, self._disclose), (1, 4, self._close_case),
            (2, 4, self._close_case), (3, 4, self._close_case),
            (0, 2, self._work.take_case), (1, 3, self._work.answer), (2, 6, self._work.conclude),
            (23, 24, self._work.end_contract),
            (1, 3, self._read), (7, 10, self._mail_news), (8, 20, self._hold), (0, 10, self._sweep),
        )  # fmt: skip

    def _someone(self) -> tuple[SubjectId, Person]:
        return self._chance.choice(self._signed_in)

    def _correct(self) -> None:
        subject_id, person = self._someone()
        now = self._omonat.clock.now()
        name = next(v for v in self._omonat.rights.person_file(subject_id, now).values if v.field == "name")
        self._omonat.rights.correct(subject_id, name.record_id, f"{person.name} oʻgʻli", now)

    def _withdraw(self) -> None:
        subject_id, person = self._someone()
        self._omonat.rights.withdraw(subject_id, "news", None, person.language, self._omonat.clock.now())

    def _object(self) -> None:
        self._omonat.rights.object(self._someone()[0], "news", self._omonat.clock.now())

    def _suspend(self) -> None:
        self._omonat.rights.suspend(self._someone()[0], self._omonat.clock.now())

    def _complain(self) -> None:
        text = "Menga uch marta qoʻngʻiroq qilishdi, men faqat bitta soʻragan edim."
        self._omonat.rights.complain(self._someone()[0], text, self._omonat.clock.now())

    def _erase(self) -> None:
        gone = self._someone()
        self._signed_in.remove(gone)
        self._omonat.rights.erase(gone[0], self._omonat.clock.now())

    def _disclose(self) -> None:
        subject_id, now = self._someone()[0], self._omonat.clock.now()
        actor, reason = self._acting("sales"), "installation of the equipment"
        self._omonat.disclosures.disclose(subject_id, "contractor", "contract", actor=actor, reason=reason, now=now)

    def _close_case(self) -> None:
        """The staff answer the oldest case, so that some are always open."""
        actor, now = self._acting("support"), self._omonat.clock.now()
        for case in self._omonat.rights.cases("open", 2):
            self._omonat.rights.close_case(UUID(case.case_id), actor, "answered", now=now)

    def _read(self) -> None:
        actor, now = self._acting("support"), self._omonat.clock.now()
        subject_id = self._someone()[0]
        for purpose in ("support", "contract"):
            self._omonat.vault.read(subject_id, actor=actor, purpose=purpose, reason="call back", now=now)

    def _mail_news(self) -> None:
        actor, now = self._acting("marketing"), self._omonat.clock.now()
        for channel in ("email", "sms"):
            list(self._omonat.disclosures.mailing("news", channel, actor=actor, reason="autumn tariffs", now=now))

    def _hold(self) -> None:
        now = self._omonat.clock.now()
        self._omonat.retention.holds.place(
            self._someone()[0], "accounting", local_date(now), purpose="contract", actor=self._acting("auditor"),
            reason="invoice 2026/114", now=now,
        )  # fmt: skip

    def _sweep(self) -> None:
        self._omonat.retention.sweep(self._omonat.clock.now(), "system")

    def _acting(self, role: str) -> str:
        return self._account(role).actor

    def _account(self, role: str) -> StaffAccount:
        return next(account for account in self._accounts() if role in account.roles)

    def _accounts(self) -> list[StaffAccount]:
        return self._omonat.staff.list()
