"""The steps of the first run, done or not, and the two that a person confirms: the operator's details, the mail."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection

from omonat.kernel.errors import NotFound
from omonat.ledger import Ledger
from omonat.policy import Policies
from omonat.setting_up import store
from omonat.staff import Actor, require
from omonat.storage import Database

STEPS = ("administrator", "second_factor", "policy", "operator", "mail")
_RIGHTS = {"operator": "policy.publish", "mail": "staff.administer"}


class StepState(msgspec.Struct, frozen=True, kw_only=True):
    """One step. `confirmed_by` and `confirmed_at` where a person confirmed it."""

    word: str
    done: bool
    confirmed_at: datetime | None = None
    confirmed_by: str = ""


class FirstRun:
    """Looks at the real state; once everything is done it asks the database no more."""

    def __init__(self, database: Database, ledger: Ledger, policies: Policies) -> None:
        self._database = database
        self._ledger = ledger
        self._policies = policies
        self._finished_with = ""  # the version with which everything was done

    def steps(self) -> list[StepState]:
        """Every step in its order."""
        version = self._policies.find_in_force()
        number = version.number if version is not None else ""
        with self._database.read() as tx:
            facts = store.facts(tx)
        at, by = facts.get(f"operator:{number}", (None, ""))
        mail_at, mail_by = facts.get("mail", (None, ""))
        found = [
            StepState(word="administrator", done=True),  # who reads this signed in, or runs the machine
            StepState(word="second_factor", done="second_factor" in facts),
            StepState(word="policy", done=bool(number)),
            StepState(word="operator", done=at is not None, confirmed_at=at, confirmed_by=by),
            StepState(word="mail", done=mail_at is not None, confirmed_at=mail_at, confirmed_by=mail_by),
        ]
        if all(step.done for step in found):
            self._finished_with = number
        return found

    def unfinished(self) -> list[StepState]:
        """What is left to do; a new version asks for the operator's details again."""
        version = self._policies.find_in_force()
        if version is not None and version.number == self._finished_with:
            return []
        return [step for step in self.steps() if not step.done]

    def confirm(self, actor: Actor, step: str, now: datetime) -> None:
        """A person has looked: the details and defaults of the policy in force are right, or letters arrive.

        Raises NotAllowed, NotFound for a step that nobody confirms. Repeating it is harmless.
        """
        if step not in _RIGHTS:
            raise NotFound
        require(actor, _RIGHTS[step])
        name = f"operator:{self._policies.in_force().number}" if step == "operator" else step

        def unit(tx: Connection) -> None:
            if store.put(tx, name, actor.actor, now):
                self._ledger.append(tx, kind="first_run_confirmed", at=now, facts={"step": name, "actor": actor.actor})

        self._database.write(unit)
