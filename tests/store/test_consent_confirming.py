"""A consent that waits for its address is given by an answer in time, and by nothing else (3.1, 9.2; Art. 31)."""

from datetime import timedelta
from pathlib import Path

import pytest

from harness.domain import Domain, email, new_domain, phone
from harness.policy_folder import Folder, printing_house
from omonat.consent import ConsentGiven, Consents
from omonat.keystore import SubjectKeys
from omonat.rights.person_file import PersonFiles
from omonat.staff import StaffAccounts
from omonat.storage import Database
from omonat.vault import rows

RECIPIENT = printing_house("phone")
CATEGORIES = '["name", "email", "phone"]\nkeep = "until'
CHANGES = {
    "recipient_of_phones": (("# --- recipients (5.1)", RECIPIENT), {"sms", "telegram"}),
    "category": ((CATEGORIES, CATEGORIES.replace("]", ', "other"]')), {"email", "sms", "telegram"}),
    "wording": (("news of products, services and promotions", "what is new with us"), set()),
}
KINDS = {"email": "email", "sms": "phone", "telegram": "phone"}


class World:
    """One person after another ticks news under an address that nobody has proven."""

    def __init__(self, domain: Domain, folder: Path) -> None:
        self.domain, self.folder = domain, folder
        self.consents = Consents(domain.database, domain.vault, domain.policies)

    def person(self) -> SubjectKeys:
        return self.domain.person(email("ali@example.uz"), phone("+998901234567"))

    def ask(self, keys: SubjectKeys, channel: str, text: str = "news, please") -> str:
        """Something is ticked and waits; the hash of its text."""
        now = self.domain.now()

        def unit(tx):  # type: ignore[no-untyped-def]
            hash_ = self.consents.remember_text(tx, "en", text, now)
            given = ConsentGiven(
                purpose="news", channel=channel, action="pending", language="en", text_hash=hash_, via="form:test"
            )
            self.consents.record(tx, keys, given, now=now)
            return hash_

        hash_: str = self.domain.database.write(unit)
        return hash_

    def publish(self, old: str, new: str) -> None:
        """A new version of the policy with one change."""
        folder = Folder(self.folder / "new").change('number = "3.2"', 'number = "3.3"').change(old, new)
        officer = StaffAccounts(self.domain.database).get_by_name("Officer")
        self.domain.policies.publish(folder.path, author=officer, reason="A change", now=self.domain.now())

    def prove(self, keys: SubjectKeys, kind: str) -> None:
        """The address is his from now on."""

        def unit(tx):  # type: ignore[no-untyped-def]
            (held,) = [one for one in rows.identifiers_of(tx, keys.subject_id) if one.kind == kind]
            self.domain.vault.prove(tx, keys, held.identifier_id, shared=False, now=self.domain.now())

        self.domain.database.write(unit)

    def answer(self, keys: SubjectKeys, kind: str) -> int:
        """A code that went to the address was typed."""
        return self.domain.database.write(lambda tx: self.consents.answered(tx, keys, kind, self.domain.now()))

    def words(self, keys: SubjectKeys, channel: str) -> list[str]:
        with self.domain.database.read() as tx:
            history = self.consents.history(tx, keys.subject_id)
        return [str(line["action"]) for line in history if line["channel"] == channel]


@pytest.fixture
def world(database: Database, key_database: Database, tmp_path: Path) -> World:
    return World(new_domain(database, key_database, tmp_path), tmp_path)


@pytest.mark.parametrize("channel", KINDS)
def test_a_code_gives_what_waits_for_seven_days_and_nothing_older(world: World, channel: str) -> None:
    in_time, too_late = world.person(), world.person()
    world.ask(too_late, channel)
    world.domain.clock.shift += timedelta(days=1, seconds=5)
    world.ask(in_time, channel)
    world.domain.clock.shift += timedelta(days=6, hours=23)
    assert [world.answer(keys, KINDS[channel]) for keys in (in_time, too_late)] == [1, 0]
    assert world.words(in_time, channel) == ["pending", "granted"]
    assert world.words(too_late, channel) == ["pending"]


def test_the_letter_of_a_newer_consent_gives_no_older_one(world: World) -> None:
    """Both wait for one number; what has run out stays as it was, whichever of the two is answered."""
    keys = world.person()
    world.ask(keys, "sms")
    world.domain.clock.shift += timedelta(days=8)
    world.ask(keys, "telegram")
    assert world.answer(keys, "phone") == 1
    assert (world.words(keys, "sms"), world.words(keys, "telegram")) == (["pending"], ["pending", "granted"])


def test_who_asks_again_after_seven_days_is_answered_by_the_new_word(world: World) -> None:
    keys = world.person()
    world.ask(keys, "email")
    world.domain.clock.shift += timedelta(days=8)
    world.ask(keys, "email")
    assert world.answer(keys, "email") == 1
    assert world.words(keys, "email") == ["pending", "pending", "granted"]


def test_the_history_says_that_something_waits_only_while_it_can_be_answered(world: World) -> None:
    """Ran out, followed by another word, overtaken by a version: each is called so, to the person and to the staff."""
    keys, files = (
        world.person(),
        PersonFiles(world.domain.database, world.domain.vault, world.consents, world.domain.policies),
    )

    def called(channel: str) -> list[str]:
        """Oldest first."""
        lines = files.make(keys.subject_id, world.domain.now()).consents
        return [line.word for line in reversed(lines) if line.channel == channel]

    for channel in KINDS:
        world.ask(keys, channel)
    assert {word for channel in KINDS for word in called(channel)} == {"pending"}
    assert world.answer(keys, "email") == 1
    assert called("email") == ["was_pending", "granted"]
    world.domain.clock.shift += timedelta(days=8)
    assert (called("sms"), called("telegram")) == (["unconfirmed"], ["unconfirmed"])
    world.ask(keys, "sms")
    assert called("sms") == ["was_pending", "pending"]
    world.publish(*CHANGES["recipient_of_phones"][0])
    assert called("sms") == ["was_pending", "unconfirmed"]
    with world.domain.database.read() as tx:
        history = world.consents.history(tx, keys.subject_id)
    assert {line["action"] for line in history} == {"pending", "granted"}, "the record itself says what was said"


def test_what_has_run_out_lifts_no_suppression(world: World) -> None:
    domain, suppression = world.domain, world.consents.suppression
    gone, keys = world.person(), world.person()
    world.ask(gone, "email")
    domain.database.write(lambda tx: suppression.keep(tx, gone, domain.now(), all_spoken=True))

    def is_kept() -> bool:
        with domain.database.read() as tx:
            return suppression.is_kept(tx, "news", "email", "ali@example.uz", domain.now())

    world.ask(keys, "email")
    domain.clock.shift += timedelta(days=8)
    world.prove(keys, "email")
    assert world.answer(keys, "email") == 0 and is_kept()
    world.ask(keys, "email")
    assert world.answer(keys, "email") == 1 and not is_kept()


@pytest.mark.parametrize("change", CHANGES)
def test_clause_9_2_nothing_gives_what_a_new_version_goes_beyond(world: World, change: str) -> None:
    """By the rule that voids what stands; what it leaves alone is given by the text that was shown then."""
    keys = world.person()
    shown = {channel: world.ask(keys, channel, f"news by {channel}, as of 3.2") for channel in KINDS}
    (old, new), void = CHANGES[change]
    world.publish(old, new)
    assert world.answer(keys, "email") + world.answer(keys, "phone") == len(KINDS) - len(void)
    for channel in KINDS:
        assert world.words(keys, channel) == ["pending", "granted"][: 1 if channel in void else 2]
    with world.domain.database.read() as tx:
        lines = world.consents.history(tx, keys.subject_id)
        standing = world.consents.standing(tx, keys.subject_id, world.domain.now())
    assert {str(line["channel"]): line["text_hash"] for line in lines if line["action"] == "granted"} == {
        channel: hash_ for channel, hash_ in shown.items() if channel not in void
    }
    assert {channel for _purpose, channel in standing} == set(KINDS) - void


def test_who_ticks_under_the_new_version_is_answered(world: World) -> None:
    keys = world.person()
    world.ask(keys, "sms")
    world.publish(*CHANGES["recipient_of_phones"][0])
    world.ask(keys, "sms")
    assert world.answer(keys, "phone") == 1
    assert world.words(keys, "sms") == ["pending", "pending", "granted"]
