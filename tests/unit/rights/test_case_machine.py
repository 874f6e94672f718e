"""A person demands, the staff answer, in any order: every demand is one case, and each case ends once.

Hypothesis drives the real services on SQLite beside a model of what must be true.
"""

import tempfile
from functools import cache
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

from harness.rights import People, new_people
from omonat.kernel.errors import Denied, NotFound
from omonat.kernel.ids import new_id
from omonat.rights import rules
from omonat.storage import Database, data_tables, key_tables

PURPOSES = st.sampled_from(["support", "contract", "news"])


@cache
def people() -> People:
    folder = Path(tempfile.mkdtemp())
    made = []
    for name, tables in (("data", data_tables), ("keys", key_tables)):
        made.append(Database(f"sqlite:///{folder / name}.db", tables))
        made[-1].create_tables()
    return new_people(made[0], made[1], folder)


class Demands(RuleBasedStateMachine):
    """One person. `model`: case to the state that it must be in. `news`: the last word of the consent's history."""

    @initialize()
    def sends_a_form(self) -> None:
        self.people = people()
        mail = f"{new_id().hex}@example.uz"
        self.subject_id = self.people.contact(email=mail, news=("email",))
        self.erased = False
        self.restrictions: set[tuple[str, str | None]] = set()
        self.news = "granted"
        self.model = {case.case_id: "open" for case in self._file().cases}

    def _file(self):  # type: ignore[no-untyped-def]
        return self.people.rights.person_file(self.subject_id, self.people.clock.now())

    @precondition(lambda self: not self.erased)
    @rule()
    def complains(self) -> None:
        case = self.people.rights.complain(self.subject_id, "x", self.people.clock.now())
        self.model[case.case_id] = "open"

    @precondition(lambda self: not self.erased)
    @rule()
    def suspends(self) -> None:
        case = self.people.rights.suspend(self.subject_id, self.people.clock.now())
        self.model[case.case_id] = "done"
        self.restrictions.add(("suspended", None))

    @precondition(lambda self: not self.erased)
    @rule()
    def lifts(self) -> None:
        ended = self.people.rights.lift_suspension(self.subject_id, self.people.clock.now())
        assert ended == int(("suspended", None) in self.restrictions)
        self.restrictions.discard(("suspended", None))

    @precondition(lambda self: not self.erased)
    @rule(purpose=PURPOSES)
    def objects(self, purpose: str) -> None:
        case = self.people.rights.object(self.subject_id, purpose, self.people.clock.now())
        self.model[case.case_id] = "done"
        self.restrictions.add(("objected", purpose))

    @precondition(lambda self: not self.erased)
    @rule()
    def withdraws(self) -> None:
        case = self.people.rights.withdraw(self.subject_id, "news", None, "en", self.people.clock.now())
        assert case.outcome == ("nothing_to_withdraw" if self.news == "withdrawn" else "withdrawn")
        self.model[case.case_id] = "done"
        self.news = "withdrawn"

    @precondition(lambda self: not self.erased)
    @rule()
    def grants(self) -> None:
        self.people.rights.grant(self.subject_id, "news", "email", "en", self.people.clock.now())
        self.news = "granted" if self.news == "withdrawn" else "renewed"

    @precondition(lambda self: not self.erased)
    @rule(name=st.sampled_from(["Ali", "Vali", "Guli"]))
    def corrects(self, name: str) -> None:
        record_id = self.people.record(self.subject_id, "name")
        case = self.people.rights.correct(self.subject_id, record_id, name, self.people.clock.now())
        self.model[case.case_id] = "done"
        assert self.people.values(self.subject_id)["name"] == name

    @precondition(lambda self: not self.erased)
    @rule()
    def has_all_deleted(self) -> None:
        outcome = self.people.rights.erase(self.subject_id, self.people.clock.now())
        self.model[outcome.case.case_id] = "done"
        self.erased = True

    @rule(outcome=st.sampled_from(["answered", "refused"]), data=st.data())
    def staff_close_a_case(self, outcome: str, data: st.DataObject) -> None:
        case_id = data.draw(st.sampled_from(sorted(self.model)))
        close = lambda: self.people.rights.close_case(  # noqa: E731 - the same call, expected to end in two ways
            case_id, "staff:Officer", outcome, reason=rules.REFUSALS[0], now=self.people.clock.now()
        )
        if self.model[case_id] == "open":
            self.model[case_id] = close().state
        else:
            with pytest.raises(Denied):
                close()

    @invariant()
    def every_case_is_where_it_must_be(self) -> None:
        if not hasattr(self, "model"):
            return
        for case_id, state in self.model.items():
            case = self.people.rights.get_case(case_id)
            assert case.state == state
            assert (case.closed_at is None) == (state == "open") == (case.outcome is None)
            assert case.steps[0].kind == "opened"
            assert sum(step.kind in ("closed", "refused") for step in case.steps) == (state != "open")

    @invariant()
    def the_file_says_the_same(self) -> None:
        if not hasattr(self, "model"):
            return
        if self.erased:
            with pytest.raises(NotFound):
                self._file()
            return
        file = self._file()
        assert {case.case_id for case in file.cases} == set(self.model)
        assert {(kind, purpose) for kind, purpose, _since in file.restrictions} == self.restrictions
        current = {line.action for line in file.consents if line.purpose == "news" and line.current}
        assert current == {self.news}


def test_demands_in_any_order() -> None:
    run_state_machine_as_test(
        Demands,
        settings=settings(
            max_examples=12, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
