"""What members do with one case, in any order: the case, its letters and its thread stay right (3.1, 10.1)."""

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from harness.cases import MAIL, Office
from harness.rights import new_people
from omonat.kernel.errors import Denied, InvalidInput
from omonat.storage import Database, data_tables, key_tables

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Work(RuleBasedStateMachine):
    """The model: is the case open, when was it closed, was the person told of that end, what was said."""

    @initialize()
    def begins(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        home = Path(self.folder.name)
        self.databases = [Database(f"sqlite:///{home / name}.db", tables) for name, tables in (
            ("data", data_tables), ("keys", key_tables))]  # fmt: skip
        for database in self.databases:
            database.create_tables()
        self.office = Office(new_people(*self.databases, home))
        self.subject_id, self.case = self.office.message()
        self.office.people.enter(MAIL)
        self.office.people.work()
        self.office.deliver()
        self.closed_at: object = None
        self.told, self.said, self.letters, self.member = False, 0, 0, None

    @rule()
    def answers(self) -> None:
        if self.closed_at is None:
            self.office.reply(self.case, "Javob")
            self.said += 1
        else:
            with pytest.raises(Denied):
                self.office.reply(self.case, "Javob")

    @rule()
    def writes_further(self) -> None:
        write = self.office.support.threads.write
        if self.closed_at is None:
            write(self.subject_id, self.case.case_id, "Yana savol", now=self.office.now)
            self.said += 1
        else:
            with pytest.raises(Denied):
                write(self.subject_id, self.case.case_id, "Yana savol", now=self.office.now)

    @rule(who=st.sampled_from([None, "anna", "bek"]))
    def is_given(self, who: str | None) -> None:
        to = getattr(self.office, who).staff_id if who else None
        assign = lambda: self.office.support.desk.assign(self.case.case_id, self.office.anna, to, now=self.office.now)  # noqa: E731 - the same call, which may end in two ways
        if self.closed_at is None:
            assert assign() == self.member
            self.member = to
        else:
            with pytest.raises(Denied):
                assign()

    @rule(outcome=st.sampled_from(["answered", "carried_out"]))
    def closes(self, outcome: str) -> None:
        close = lambda: self.office.support.desk.close(  # noqa: E731 - the same call, which may end in two ways
            self.case.case_id, self.office.anna, outcome, now=self.office.now
        )
        if self.closed_at is None:
            close()
            self.closed_at, self.told = self.office.now, False
        else:
            with pytest.raises(Denied):
                close()

    @rule(note=st.sampled_from(["", "sabab bor"]))
    def takes_the_end_back(self, note: str) -> None:
        reopen = lambda: self.office.support.desk.reopen(  # noqa: E731 - the same call, which may end in three ways
            self.case.case_id, self.office.bek, now=self.office.now, note=note
        )
        if self.told and not note:
            with pytest.raises(InvalidInput):
                reopen()
        elif self.closed_at is None or self.office.now > self.closed_at + DAY:  # type: ignore[operator]  # a moment
            with pytest.raises(Denied):
                reopen()
        else:
            reopen()
            self.said += bool(note)
            self.letters += self.told
            self.closed_at, self.told = None, False

    @rule(minutes=st.sampled_from([20, 61, 60 * 13]))
    def time_passes_and_letters_go(self, minutes: int) -> None:
        self.office.people.later(minutes=minutes)
        self.office.deliver()
        if self.closed_at is not None and not self.told and self.office.now >= self.closed_at + HOUR:  # type: ignore[operator]  # a moment
            self.told = True
            self.letters += 1

    @precondition(lambda self: hasattr(self, "office"))
    @invariant()
    def the_case_says_so(self) -> None:
        case = self.office.again(self.case)
        assert (case.state == "open") == (self.closed_at is None) == (case.outcome is None)
        row = self.office.support.queue.rows([self._id()])[0]
        assert row.assigned_to == self.member
        assert len(self.office.thread(case)) == self.said + 1

    @precondition(lambda self: hasattr(self, "office"))
    @invariant()
    def the_person_is_told_of_ends_that_stand(self) -> None:
        self.office.deliver()
        told = [
            each
            for each in self.office.people.letters_to(MAIL)
            if "is closed" in each.subject or "again" in each.subject
        ]
        assert len(told) == self.letters

    def _id(self):  # type: ignore[no-untyped-def]
        from uuid import UUID

        return UUID(self.case.case_id)

    def teardown(self) -> None:
        if hasattr(self, "office"):
            for database in self.databases:
                database.close()
            self.folder.cleanup()


def test_members_work_in_any_order() -> None:
    run_state_machine_as_test(
        Work,
        settings=settings(
            max_examples=10, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
