"""A version voids exactly the consents that it goes beyond: at once in the decision, by a job in the history (9.2)."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from harness.domain import Domain, email, name, new_domain, phone
from harness.policy_folder import Folder, printing_house
from omonat.consent import ConsentGiven, Consents, Voiding
from omonat.grounds import Asked, decide
from omonat.jobs import Outbox, Runs
from omonat.keystore import SubjectKeys
from omonat.storage import Database
from omonat.vault import rows

NEW_RECIPIENT = printing_house("name", "phone")
NEW_PURPOSE = """
[purpose.survey]
clause = "3.1"
grounds = ["consent"]
optional = true
categories = ["name"]
keep = "until withdrawal"
dpv = "dpv:Purpose"
[purpose.survey.labels]
uz-Latn = "soʻrov"
uz-Cyrl = "сўров"
ru = "опрос"
en = "a survey"

[purpose.legal]"""


class World:
    """A person with consents to news by e-mail and SMS, and to support; versions are published over him."""

    def __init__(self, domain: Domain, folder: Path) -> None:
        self.domain, self.folder = domain, folder
        self.consents = Consents(domain.database, domain.vault, domain.policies)
        self.runs = Runs(domain.database, Outbox())
        self.voiding = Voiding(
            domain.database, domain.vault, self.consents, domain.policies, runs=self.runs, clock=domain.now
        )
        domain.policies.on_publish.append(self.voiding.want)

    def person(self) -> SubjectKeys:
        keys = self.domain.person(
            name("Ali"), email("ali@example.uz"), phone("+998901234567"), purpose="support", ground="consent"
        )
        for purpose, channel in (("news", "email"), ("news", "sms"), ("support", "form")):
            self.say(keys, purpose, channel, "granted")
        return keys

    def say(self, keys: SubjectKeys, purpose: str, channel: str, action: str) -> None:
        given = ConsentGiven(
            purpose=purpose, channel=channel, action=action, language="en", text_hash="0" * 64, via="portal"
        )
        self.domain.database.write(lambda tx: self.consents.record(tx, keys, given, now=self.domain.now()))

    def publish(self, number: str, *changes: tuple[str, str]) -> None:
        folder = Folder(self.folder / number).change('number = "3.2"', f'number = "{number}"')
        for old, new in changes:
            folder.change(old, new)
        officer = self.officer
        self.domain.policies.publish(Path(folder.path), author=officer, reason="A change", now=self.domain.now())

    @property
    def officer(self):  # type: ignore[no-untyped-def]
        from omonat.staff import StaffAccounts

        return StaffAccounts(self.domain.database).get_by_name("Officer")

    def standing(self, keys: SubjectKeys) -> set[tuple[str, str]]:
        with self.domain.database.read() as tx:
            return set(self.consents.standing(tx, keys.subject_id, self.domain.now()))

    def last_words(self, keys: SubjectKeys) -> dict[tuple[str, str], str]:
        with self.domain.database.read() as tx:
            history = self.consents.history(tx, keys.subject_id)
        return {(str(line["purpose"]), str(line["channel"])): str(line["action"]) for line in history}

    def wanted(self) -> list:  # type: ignore[type-arg]
        return self.runs.newest(["consent_void"])

    def carry_out(self) -> None:
        for run in self.wanted():
            self.runs.carry_out(run.run_id, {"consent_void": self.voiding.carry_out}, self.domain.now)


@pytest.fixture
def world(database: Database, key_database: Database, tmp_path: Path) -> World:
    return World(new_domain(database, key_database, tmp_path), tmp_path)


ALL = {("news", "email"), ("news", "sms"), ("support", "form")}
CHANGES: dict[str, tuple[tuple[tuple[str, str], ...], set[tuple[str, str]]]] = {
    "wording": ((("news of products, services and promotions", "what is new with us"),), set()),
    "term": ((('consent_term = "3 years"', 'consent_term = "2 years"'),), set()),
    "purpose": ((("\n[purpose.legal]", NEW_PURPOSE),), set()),
    "recipient": ((("# --- recipients (5.1)", NEW_RECIPIENT),), {("news", "email"), ("news", "sms")}),
    "recipient_of_phones": (
        (("# --- recipients (5.1)", NEW_RECIPIENT.replace('["name", "phone"]', '["phone"]')),), {("news", "sms")},
    ),
    "category": (
        (('["name", "email", "phone"]\nkeep = "until', '["name", "email", "phone", "other"]\nkeep = "until'),),
        {("news", "email"), ("news", "sms")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_clause_9_2_exactly_the_affected_consents_are_void(world: World, change: str) -> None:
    changes, void = CHANGES[change]
    keys, other = world.person(), world.person()
    world.say(other, "news", "email", "withdrawn")
    assert world.standing(keys) == ALL
    world.publish("3.3", *changes)
    assert world.standing(keys) == ALL - void  # at once, before any job
    assert bool(world.wanted()) == bool(void)
    world.carry_out()
    assert {pair for pair, word in world.last_words(keys).items() if word == "void"} == void
    assert world.last_words(other)["news", "email"] == "withdrawn"
    assert all(run.state == "done" and run.done == run.total == len(void) * 2 - (("news", "email") in void)
               for run in world.wanted())  # fmt: skip


def test_the_decision_says_why_before_the_history_does(world: World) -> None:
    keys = world.person()
    world.publish("3.3", *CHANGES["recipient"][0])
    with world.domain.database.read() as tx:
        state = world.domain.vault.state(tx, keys.subject_id, world.domain.now())
    asked = Asked(operation="use", purpose="news", category="email", channel="email")
    decision = decide(world.domain.policies.in_force().facts, state, asked, now=world.domain.now())
    assert (decision.allowed, decision.codes()) == (False, "consent_void")


def test_the_job_leaves_alone_who_agreed_again_and_may_be_repeated(world: World) -> None:
    keys, other = world.person(), world.person()
    world.publish("3.3", *CHANGES["recipient"][0])
    world.say(keys, "news", "email", "granted")
    assert ("news", "email") in world.standing(keys)
    world.carry_out()
    words = world.last_words(keys)
    assert (words["news", "email"], words["news", "sms"]) == ("granted", "void")
    run = world.wanted()[0]
    counts = world.voiding.carry_out(run, lambda _done, _total: None).counts
    assert counts["consents"] == 0
    assert world.last_words(other)["news", "sms"] == "void"


def test_a_job_that_is_killed_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [world.person() for _ in range(3)]
    world.publish("3.3", *CHANGES["recipient_of_phones"][0])
    say, said = world.voiding._say, []

    def dies_at_the_second(line):  # type: ignore[no-untyped-def]
        if len(said) == 1:
            raise SystemExit
        said.append(line)
        return say(line)

    monkeypatch.setattr(world.voiding, "_say", dies_at_the_second)
    with pytest.raises(SystemExit):
        world.carry_out()
    monkeypatch.setattr(world.voiding, "_say", say)
    assert sum(world.last_words(keys)["news", "sms"] == "void" for keys in people) == 1
    world.carry_out()
    assert all(world.last_words(keys)["news", "sms"] == "void" for keys in people)
    with world.domain.database.read() as tx:
        histories = [world.consents.history(tx, keys.subject_id) for keys in people]
    assert all([line["action"] for line in history].count("void") == 1 for history in histories)


def test_a_later_version_that_narrows_again_revives_nothing_that_was_said_void(world: World) -> None:
    keys = world.person()
    world.publish("3.3", *CHANGES["recipient"][0])
    world.carry_out()
    world.publish("3.4")
    assert world.standing(keys) == {("support", "form")}


def test_what_rested_on_a_void_consent_begins_its_term_and_goes_on_when_it_is_given_again(world: World) -> None:
    keys, now = world.person(), world.domain.now
    recipient = NEW_RECIPIENT.replace('["news"]', '["support"]')
    world.publish("3.3", ("# --- recipients (5.1)", recipient))
    world.carry_out()

    def ends() -> set[bool]:
        with world.domain.database.read() as tx:
            held = rows.records_of(tx, keys.subject_id)
        return {one.keep_until is not None and one.keep_until - now() < timedelta(days=12) for one in held}

    assert ends() == {True}
    world.say(keys, "support", "form", "granted")
    resume: Callable[..., None] = world.consents.resume_term
    world.domain.database.write(lambda tx: resume(tx, keys.subject_id, "support", now()))
    assert ends() == {False}
