"""A file of consents as a job: resumed after a crash without taking a row twice, stopped, and gone after a day."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from harness.domain import Domain, new_domain
from omonat.consent import Consents, Importing, TakingOver
from omonat.consent import taking_over as module
from omonat.jobs import Outbox, Run, Runs
from omonat.kernel.errors import NotAllowed, NotFound
from omonat.staff import StaffAccount, StaffAccounts
from omonat.storage import Database, schema

ROWS = 60
HEAD = "address,purpose,channel,given_at,method,language,text,reference"


class Office:
    """A domain with the job and somebody who may start it."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
        consents = Consents(domain.database, domain.vault, domain.policies)
        importing = Importing(domain.database, domain.vault, consents, policies=domain.policies, outbox=Outbox())
        self.runs = Runs(domain.database, Outbox())
        self.files = TakingOver(domain.database, domain.keystore, importing, runs=self.runs, clock=domain.now)
        self.officer = StaffAccounts(domain.database).get_by_name("Officer")

    def content(self) -> bytes:
        given = (self.domain.now() - timedelta(days=40)).date().isoformat()
        rows = [f"p{n}@example.uz,news,email,{given},sms,en,I agree.,sms-{n}" for n in range(ROWS)]
        return "\n".join([HEAD, *rows]).encode()

    def looked_at(self) -> Run:
        run = self.files.look_at(self.content(), by=self.officer, now=self.domain.now())
        return self.carried_out(run.run_id)

    def take_over(self, check: Run, by: StaffAccount | None = None) -> Run:
        return self.files.take_over(check.run_id, by=by or self.officer, now=self.domain.now())

    def carried_out(self, run_id: UUID) -> Run:
        """As the dispatcher does it."""
        carriers = {"consent_check": self.files.check, "consent_import": self.files.take}
        self.runs.carry_out(run_id, carriers, self.domain.now)
        self.files.tidy(run_id)
        return self.runs.get(run_id)

    def consents(self) -> int:
        with self.domain.database.read() as tx:
            return int(tx.scalar(select(func.count()).select_from(schema.consent_event)) or 0)

    def is_kept(self, check: Run) -> bool:
        """Whether the file, or the key that opens it, is anywhere."""
        found = []
        for look in (lambda: self.runs.kept(check.run_id, self.domain.now()),
                     lambda: self.domain.keystore.open_passing(check.run_id)):  # fmt: skip
            try:
                found.append(bool(look()))
            except NotFound:
                found.append(False)
        assert len(set(found)) == 1, "file and key go together"
        return found[0]


@pytest.fixture
def office(database: Database, key_database: Database, tmp_path: Path) -> Iterator[Office]:
    return Office(new_domain(database, key_database, tmp_path))  # type: ignore[return-value]  # closed by its fixtures


class Died(Exception):
    """The process is gone."""


def test_after_a_crash_the_job_goes_on_and_takes_no_row_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    check = office.looked_at()
    assert check.result == {"taken": ROWS, "known": 0, "refused": 0, "problems": []}
    assert office.consents() == 0 and office.is_kept(check)
    run = office.take_over(check)
    assert office.take_over(check).run_id == run.run_id, "one, however often the button is pressed"
    with monkeypatch.context() as patched, pytest.raises(Died):
        patched.setattr(Runs, "_progress", _dies_at(25))
        office.carried_out(run.run_id)
    assert office.consents() == 25 and office.is_kept(check)
    done = office.carried_out(run.run_id)
    assert done.state == "done"
    assert done.result == {"taken": ROWS - 25, "known": 25, "refused": 0, "problems": []}
    assert office.consents() == ROWS and not office.is_kept(check)
    assert office.carried_out(run.run_id).state == "done", "the dispatcher may come twice"
    with pytest.raises(NotFound):
        office.take_over(check)


def _dies_at(row: int) -> Any:
    def progress(_self: Runs, _run_id: UUID, done: int, _total: int) -> None:
        if done >= row:
            raise Died

    return progress


def test_what_is_stopped_keeps_what_was_taken_and_the_same_file_goes_on(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    check = office.looked_at()
    run = office.take_over(check)
    real = Runs._progress

    def stopped_on_the_way(self: Runs, run_id: UUID, done: int, total: int) -> None:
        if done:
            office.files.stop(run.run_id, by=office.officer, now=office.domain.now())
        real(self, run_id, done, total)

    with monkeypatch.context() as patched:
        patched.setattr(Runs, "_progress", stopped_on_the_way)
        assert office.carried_out(run.run_id).state == "cancelled"
    assert office.consents() == module._STEP and not office.is_kept(check)
    again = office.looked_at()
    assert again.result is not None and (again.result["taken"], again.result["known"]) == (ROWS - 25, 25)
    assert office.carried_out(office.take_over(again).run_id).state == "done"
    assert office.consents() == ROWS


def test_a_file_is_for_whoever_uploaded_it_and_for_a_day(office: Office) -> None:
    check = office.looked_at()
    accounts, now = StaffAccounts(office.domain.database), office.domain.now()
    support = accounts.add("Support", roles=["support"], os_user=None, now=now)
    marketing = accounts.add("Marketing", roles=["marketing"], os_user=None, now=now)
    with pytest.raises(NotFound):
        office.take_over(check, support)
    with pytest.raises(NotAllowed):
        office.take_over(check, marketing)
    with pytest.raises(NotAllowed):
        office.files.look_at(office.content(), by=marketing, now=now)
    office.domain.clock.shift += timedelta(hours=24)
    with pytest.raises(NotFound):
        office.take_over(check)
    assert office.runs.forget_old_results(office.domain.now()) == [check.run_id]


def test_a_file_that_is_thrown_away_is_gone_and_its_look_ends(office: Office) -> None:
    waiting = office.files.look_at(office.content(), by=office.officer, now=office.domain.now())
    assert office.is_kept(waiting)
    office.files.drop(waiting.run_id, by=office.officer, now=office.domain.now())
    assert not office.is_kept(waiting)
    assert office.carried_out(waiting.run_id).state == "cancelled"
    assert office.consents() == 0
