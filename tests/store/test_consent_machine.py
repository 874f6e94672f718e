"""The consent record as a state machine against a simple model: whatever is said in whatever order (3.1, 7.1 c, 9.2).

The model knows one word per purpose and channel, and its end. Compared after every step: what stands in the record, in
the history and in the decision.
"""

import shutil
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from harness.domain import Domain, email, new_domain, phone
from harness.policy_folder import Folder
from harness.postgres import PostgresServer
from omonat.consent import ConsentGiven, Consents, Voiding
from omonat.grounds import Asked, decide
from omonat.jobs import Outbox, Runs
from omonat.keystore import SubjectKeys
from omonat.retention import Retention
from omonat.staff import StaffAccounts
from omonat.storage import Database, data_tables, key_tables

PAIRS = (("news", "email"), ("news", "sms"), ("support", "form"))
KINDS = {"email": "email", "sms": "phone"}
RECIPIENT = """
[recipient.printer{n}]
country = "UZ"
purposes = ["news"]
categories = ["{category}"]
ground = "consent"
agreement = {{ number = "7", signed_on = 2026-01-01, confidentiality = true }}
[recipient.printer{n}.labels]
uz-Latn = "bosmaxona {n}"
uz-Cyrl = "босмахона {n}"
ru = "типография {n}"
en = "printing house {n}"

# --- recipients (5.1)"""


class Word(NamedTuple):
    """The last word about one pair, as the model has it."""

    action: str
    until: datetime | None = None


class Machine(RuleBasedStateMachine):
    """`make`: gives the domain on fresh databases; set by the tests below."""

    make: Callable[[Path], Domain]

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.domain = type(self).make(self.folder)
        domain = self.domain
        self.consents = Consents(domain.database, domain.vault, domain.policies)
        self.runs = Runs(domain.database, Outbox())
        self.voiding = Voiding(
            domain.database, domain.vault, self.consents, domain.policies, runs=self.runs, clock=domain.now
        )
        domain.policies.on_publish.append(self.voiding.want)
        self.retention = Retention(domain.database, domain.vault, domain.erasure, self.consents, domain.policies)
        self.keys: SubjectKeys = domain.person(email("a@example.uz"), phone("+998901234567"))
        self.model: dict[tuple[str, str], Word] = {}
        self.spoken: list[tuple[str, str, str]] = []
        self.versions, self.recipients = 0, ""

    def teardown(self) -> None:
        self.domain.database.close()
        self.domain.keystore.database.close()
        shutil.rmtree(self.folder)

    def _say(self, pair: tuple[str, str], action: str) -> None:
        given = ConsentGiven(
            purpose=pair[0], channel=pair[1], action=action, language="en", text_hash="0" * 64, via="portal"
        )
        self.domain.database.write(lambda tx: self.consents.record(tx, self.keys, given, now=self.domain.now()))
        self.spoken.append((*pair, action))

    def _stands(self, pair: tuple[str, str]) -> bool:
        word = self.model.get(pair)
        return word is not None and word.until is not None and self.domain.now() < word.until

    @rule(pair=st.sampled_from(PAIRS))
    def grants(self, pair: tuple[str, str]) -> None:
        action = "renewed" if self._stands(pair) else "granted"
        with self.domain.database.read() as tx:
            assert self.consents.word_for(tx, self.keys.subject_id, *pair, self.domain.now()) == action
        self._say(pair, action)
        self.model[pair] = Word(action, self.domain.policies.in_force().facts.consent_term.end(self.domain.now()))

    @rule(pair=st.sampled_from(PAIRS))
    def refuses(self, pair: tuple[str, str]) -> None:
        self._say(pair, "refused")
        self.model[pair] = Word("refused")

    @rule(pair=st.sampled_from(PAIRS), all_channels=st.booleans())
    def withdraws(self, pair: tuple[str, str], all_channels: bool) -> None:
        purpose, channel = pair
        meant = [one for one in PAIRS if one[0] == purpose and (all_channels or one == pair) and self._stands(one)]
        ended = self.domain.database.write(
            lambda tx: self.consents.withdraw(
                tx, self.keys, purpose, None if all_channels else channel, language="en", text_hash="0" * 64,
                via="portal", now=self.domain.now(),
            )
        )  # fmt: skip
        assert ended == len(meant)
        for one in meant:
            self.spoken.append((*one, "withdrawn"))
            self.model[one] = Word("withdrawn")

    @rule(days=st.sampled_from((1, 400, 1200)))
    def waits(self, days: int) -> None:
        self.domain.clock.shift += timedelta(days=days)

    @rule()
    def sweeps(self) -> None:
        run_out = {pair for pair, word in self.model.items() if word.until is not None and not self._stands(pair)}
        report = self.retention.sweep(self.domain.now())
        assert report.consents_expired == len(run_out)
        for pair in run_out:
            self.spoken.append((*pair, "expired"))
            self.model[pair] = Word("expired")

    @precondition(lambda self: self.versions < 2)
    @rule(what=st.sampled_from(("wording", "name", "phone")))
    def publishes(self, what: str) -> None:
        """`name` reaches both channels of news, `phone` SMS alone, other words nobody."""
        self.versions += 1
        folder = Folder(self.folder / str(self.versions)).change('number = "3.2"', f'number = "3.{2 + self.versions}"')
        if what != "wording":
            self.recipients = RECIPIENT.format(n=self.versions, category=what).replace(
                "# --- recipients (5.1)", self.recipients or "# --- recipients (5.1)"
            )
        if self.recipients:
            folder.change("# --- recipients (5.1)", self.recipients)
        officer = StaffAccounts(self.domain.database).get_by_name("Officer")
        self.domain.policies.publish(folder.path, author=officer, reason="change", now=self.domain.now())
        for pair in {"wording": (), "name": PAIRS[:2], "phone": PAIRS[1:2]}[what]:
            if self._stands(pair):
                self.model[pair] = Word("lapsed")

    @rule()
    def carries_voids_out(self) -> None:
        for run in self.runs.newest(["consent_void"]):
            self.runs.carry_out(run.run_id, {"consent_void": self.voiding.carry_out}, self.domain.now)
        for pair, word in list(self.model.items()):
            if word.action == "lapsed":
                self.spoken.append((*pair, "void"))
                self.model[pair] = Word("void")

    @invariant()
    def the_record_says_what_the_model_says(self) -> None:
        with self.domain.database.read() as tx:
            standing = set(self.consents.standing(tx, self.keys.subject_id, self.domain.now()))
            history = self.consents.history(tx, self.keys.subject_id)
            state = self.domain.vault.state(tx, self.keys.subject_id, self.domain.now())
        assert standing == {pair for pair in PAIRS if self._stands(pair)}
        told = sorted((str(line["purpose"]), str(line["channel"]), str(line["action"])) for line in history)
        assert told == sorted(self.spoken)  # nothing is lost, nothing overwritten
        facts = self.domain.policies.in_force().facts
        for channel, category in KINDS.items():
            asked = Asked(operation="use", purpose="news", category=category, channel=channel)
            decided = decide(facts, state, asked, now=self.domain.now())
            assert decided.allowed == self._stands(("news", channel))


def _sqlite(folder: Path) -> Domain:
    made = [
        Database(f"sqlite:///{folder / name}.db", tables) for name, tables in (("d", data_tables), ("k", key_tables))
    ]
    for one in made:
        one.create_tables()
    return new_domain(*made, folder)


def _run(make: Callable[[Path], Domain], examples: int, steps: int) -> None:
    machine = type("Machine", (Machine,), {"make": staticmethod(make)})
    how = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(machine, settings=how)


def test_the_record_is_the_model_on_sqlite() -> None:
    _run(_sqlite, examples=4, steps=12)


def test_the_record_is_the_model_on_postgresql(postgres: PostgresServer) -> None:
    def make(folder: Path) -> Domain:
        urls = [postgres.new_database(tables) for tables in (data_tables, key_tables)]
        data, keys = (url.replace("postgresql:", "postgresql+psycopg:", 1) for url in urls)
        return new_domain(Database(data, data_tables), Database(keys, key_tables), folder)

    _run(make, examples=1, steps=10)
