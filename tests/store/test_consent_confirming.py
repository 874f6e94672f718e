"""A consent that waits for its address is given by an answer in time, and by nothing else (3.1, 9.2; Art. 31)."""

from datetime import timedelta
from pathlib import Path

import pytest

from harness.domain import Domain, email, new_domain, phone
from omonat.consent import ConsentGiven, Consents
from omonat.keystore import SubjectKeys
from omonat.storage import Database
from omonat.vault import rows

KINDS = {"email": "email", "sms": "phone", "telegram": "phone"}


class World:
    """One person after another ticks news under an address that nobody has proven."""

    def __init__(self, domain: Domain) -> None:
        self.domain = domain
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
    return World(new_domain(database, key_database, tmp_path))


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
