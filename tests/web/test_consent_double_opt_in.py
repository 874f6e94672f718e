"""Double opt-in by SMS and Telegram (3.1, Art. 31): real channels, gateways on loopback, the link, what it proves."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from unit.notify.servers import Gateway, TelegramGateway, serving
from web.portal_world import ORDER, Browser, World

from harness.awaiting import wait_until
from harness.policy_folder import Folder
from omonat.consent import Evidence
from omonat.jobs import Dispatcher, Options
from omonat.kernel.ids import SubjectId
from omonat.kernel.settings import Sms, Telegram
from omonat.notify import SmsChannel, TelegramChannel
from omonat.storage import schema
from omonat.vault import rows
from omonat.works import works

ALL = 'channels = ["email", "sms", "telegram"]\n'
YES, NO = {"answer": "yes"}, {"answer": "no"}
CHANNELS = ("sms", "telegram")


class Asked(World):
    """The real policy, asking for a double opt-in everywhere, with an SMS gateway and a bot that take messages."""

    def __init__(self, folder: Path, sms: str, telegram: str) -> None:
        super().__init__(folder)
        self.omonat.channels["sms"] = SmsChannel(Sms(url=sms))
        self.omonat.channels["telegram"] = TelegramChannel(Telegram(url=telegram))
        asked = Folder(folder / "asked").change('number = "3.2"', 'number = "3.3"')
        asked.change(f"{ALL}cat", f"{ALL}double_{ALL.replace('channels', 'opt_in')}cat")
        now = self.omonat.clock.now()
        self.omonat.policies.publish(asked.path, author=self.omonat.actor(), reason="double opt-in", now=now)
        self.gateways: dict[str, Gateway] = {}
        self._last = 900000000

    def phone(self) -> str:
        """A number that nobody has used yet."""
        self._last += 1
        return f"+998{self._last}"

    def person(self, phone: str, *news: str) -> SubjectId:
        """Somebody types a number into a form and ticks news."""
        self.submit("order", {**ORDER, "phone": phone, "email": ""}, *news)
        c = schema.subject.c
        with self.omonat.database.read() as tx:
            found = tx.scalars(select(c.subject_id).where(c.kind == "person").order_by(c.subject_id.desc())).first()
        assert found is not None
        return SubjectId(found)

    def send_letters(self) -> None:
        """What the outbox wants is done, in its own order."""
        for payload in self.wanted():
            self.omonat.by_link.send(payload, self.omonat.clock.now())

    def wanted(self) -> list[dict[str, str]]:
        c = schema.outbox.c
        with self.omonat.database.read() as tx:
            return [dict(row) for row in tx.scalars(select(c.payload).where(c.kind == "consent_confirm"))]

    def link(self, channel: str, phone: str) -> str:
        """The link in the newest message that this gateway has delivered to the number."""
        mine = [text for number, text in self.delivered(channel) if number == phone]
        found = re.search(r"https://localhost(/\S+/confirm/\S+)", mine[-1])
        assert found, mine
        return found[1]

    def delivered(self, channel: str) -> list[tuple[str, str]]:
        """Number and text of everything that this gateway has delivered."""
        place, text = {"sms": ("mobile_phone", "message"), "telegram": ("phone", "text")}[channel]
        return [(f"+{one[place]}", one[text]) for one in self.gateways[channel].taken]

    def words(self, subject_id: SubjectId, channel: str) -> list[str]:
        return [action for action, _evidence in self.history(subject_id, channel)]

    def history(self, subject_id: SubjectId, channel: str) -> list[tuple[str, Evidence | None]]:
        with self.omonat.database.read() as tx:
            lines = self.omonat.consents.history(tx, subject_id)
        mine = [line for line in lines if (line["purpose"], line["channel"]) == ("news", channel)]
        return [(str(line["action"]), line["evidence"]) for line in mine]  # type: ignore[misc]  # as history gives it

    def mailed(self, channel: str) -> list[str]:
        """Whom a mailing reaches."""
        now = self.omonat.clock.now()
        drawn = self.omonat.disclosures.mailing("news", channel, actor="staff:x", reason="test", now=now)
        return [row.address.reveal() for row in drawn]

    def state(self, subject_id: SubjectId) -> str:
        with self.omonat.database.read() as tx:
            (held,) = [one for one in rows.identifiers_of(tx, subject_id) if one.kind == "phone"]
        return held.state


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    tokens = pytest.MonkeyPatch()
    tokens.setenv("OMONAT_SMS_TOKEN", "right-token")
    tokens.setenv("OMONAT_TELEGRAM_TOKEN", "right-token")
    with serving(Gateway()) as (sms_url, sms), serving(TelegramGateway()) as (telegram_url, telegram):
        made = Asked(tmp_path_factory.mktemp("asked"), sms_url, telegram_url)
        made.gateways = {"sms": sms, "telegram": telegram}
        yield made
        made.close()
    tokens.undo()


@pytest.fixture
def browser(world: Asked) -> Browser:
    return world.browser()


@pytest.mark.parametrize("channel", CHANNELS)
def test_news_wait_for_the_answer_of_their_own_channel_and_its_message_is_the_evidence(
    world: Asked, browser: Browser, channel: str
) -> None:
    phone = world.phone()
    subject_id = world.person(phone, channel)
    other = CHANNELS[channel == "sms"]
    before = len(world.delivered(other))
    world.send_letters()
    assert world.words(subject_id, channel) == ["pending"]
    assert [number for number, _text in world.delivered(channel)].count(phone) == 1
    assert phone not in [number for number, _text in world.delivered(other)[before:]]
    assert phone not in world.mailed(channel)

    link = world.link(channel, phone)
    page = browser.send("GET", link)  # the preview of a messenger does this, too
    assert page.status_code == 200 and "set-cookie" not in page.headers
    assert phone not in page.text and ORDER["name"] not in page.text
    assert world.words(subject_id, channel) == ["pending"]

    answer = browser.send("POST", link, data=YES)
    assert answer.url.path.endswith("/answered/confirmed")
    (_, nothing), (word, evidence) = world.history(subject_id, channel)
    assert (word, nothing) == ("granted", None)
    assert evidence is not None
    taken = world.gateways[channel].taken
    place = [number for number, _text in world.delivered(channel)].index(phone)
    number = {"sms": f"{place + 1:04}-{phone[-4:]}", "telegram": str(41 + place)}[channel]
    assert (evidence.method, evidence.reference, evidence.form, evidence.given_by) == (
        channel, number, "any_provable", "person",
    ), taken  # fmt: skip
    assert world.state(subject_id) == "proven" and phone in world.mailed(channel)


def test_a_link_works_once(world: Asked, browser: Browser) -> None:
    phone = world.phone()
    subject_id = world.person(phone, "sms")
    world.send_letters()
    link = world.link("sms", phone)
    assert browser.send("POST", link, data=YES).status_code == 200
    for method, word in (("GET", {}), ("POST", YES), ("POST", NO)):
        again = browser.send(method, link, data=word)
        assert again.status_code == 404 and "/my/sign-in" in again.text
    assert world.words(subject_id, "sms") == ["pending", "granted"]
    told = len(world.delivered("sms"))
    world.send_letters()  # the work of the outbox runs again after a crash
    assert phone not in [number for number, _text in world.delivered("sms")[told:]]


def test_a_link_does_not_work_after_seven_days(world: Asked, browser: Browser) -> None:
    phone = world.phone()
    subject_id = world.person(phone, "telegram")
    world.send_letters()
    link = world.link("telegram", phone)
    world.omonat.clock.shift += timedelta(days=7, seconds=1)
    try:
        assert browser.send("GET", link).status_code == 404
        assert browser.send("POST", link, data=YES).status_code == 404
        assert phone not in world.mailed("telegram")
        told = len(world.delivered("telegram"))
        world.send_letters()  # nobody is asked by a link that is dead on arrival
        assert len(world.delivered("telegram")) == told
    finally:
        world.omonat.clock.shift -= timedelta(days=7, seconds=1)
    assert world.words(subject_id, "telegram") == ["pending"]


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_no_is_a_refusal_and_stays_one(world: Asked, browser: Browser, channel: str) -> None:
    phone = world.phone()
    subject_id = world.person(phone, channel)
    world.send_letters()
    link = world.link(channel, phone)
    answer = browser.send("POST", link, data=NO)
    assert answer.url.path.endswith("/answered/declined")
    assert browser.send("POST", link, data=YES).status_code == 404
    assert world.words(subject_id, channel) == ["pending", "refused"]
    keys = world.omonat.keystore.open_subject(subject_id)
    now = world.omonat.clock.now()
    world.omonat.database.write(lambda tx: world.omonat.consents.answered(tx, keys, "phone", now))  # he signs in later
    assert world.words(subject_id, channel) == ["pending", "refused"]
    assert phone not in world.mailed(channel)


@pytest.mark.parametrize("word", [{}, {"answer": ""}, {"answer": "maybe"}])
def test_nothing_but_an_answer_is_an_answer(world: Asked, browser: Browser, word: dict[str, str]) -> None:
    phone = world.phone()
    subject_id = world.person(phone, "sms")
    world.send_letters()
    assert browser.send("POST", world.link("sms", phone), data=word).status_code == 400
    assert world.words(subject_id, "sms") == ["pending"]


def test_one_answer_proves_the_number_for_both_channels(world: Asked, browser: Browser) -> None:
    """Two boxes, two messages, one number: whoever answers one of them has shown that the number is his."""
    phone = world.phone()
    subject_id = world.person(phone, "sms", "telegram")
    world.send_letters()
    links = [world.link(channel, phone) for channel in CHANNELS]
    browser.send("POST", links[0], data=YES)
    assert [world.words(subject_id, channel) for channel in CHANNELS] == [["pending", "granted"]] * 2
    evidence = [world.history(subject_id, channel)[-1][1] for channel in CHANNELS]
    assert [one.method for one in evidence if one] == ["sms", "sms"], "what was answered, not what was asked"
    assert browser.send("GET", links[1]).status_code == 404


def test_a_number_that_another_person_proved_gets_nothing_until_the_two_are_joined(
    world: Asked, browser: Browser
) -> None:
    phone = world.phone()
    first = world.person(phone, "sms")
    world.send_letters()
    browser.send("POST", world.link("sms", phone), data=YES)
    second = world.person(phone, "telegram")
    world.send_letters()
    answer = browser.send("POST", world.link("telegram", phone), data=YES)
    assert answer.url.path.endswith("/answered/known") and "/my/sign-in" in answer.text
    assert world.words(second, "telegram") == ["pending", "granted"]
    assert world.words(first, "telegram") == [], "what is said under one record says nothing for the other"
    assert (world.state(first), world.state(second)) == ("proven", "claimed")
    assert phone not in world.mailed("telegram") and world.mailed("sms").count(phone) == 1


def test_without_telegram_it_is_asked_by_sms_and_the_evidence_says_so(world: Asked, browser: Browser) -> None:
    phone = world.phone()
    subject_id = world.person(phone, "telegram")
    telegram = world.omonat.channels.pop("telegram")
    try:
        world.send_letters()
    finally:
        world.omonat.channels["telegram"] = telegram
    browser.send("POST", world.link("sms", phone), data=YES)
    word, evidence = world.history(subject_id, "telegram")[-1]
    assert word == "granted" and evidence is not None and evidence.method == "sms"


def test_what_an_erased_person_was_asked_is_gone_with_the_rest(world: Asked) -> None:
    subject_id = world.person(world.phone(), "sms")
    world.send_letters()
    c = schema.consent_letter.c
    count = select(func.count()).select_from(schema.consent_letter).where(c.subject_id == subject_id)
    with world.omonat.database.read() as tx:
        assert tx.scalar(count) == 1
    world.omonat.rights.erase(subject_id, world.omonat.clock.now())
    world.send_letters()
    with world.omonat.database.read() as tx:
        assert tx.scalar(count) == 0


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_channel_that_is_down_keeps_its_letter_in_the_outbox_until_it_is_back(
    world: Asked, browser: Browser, channel: str
) -> None:
    gateway, omonat = world.gateways[channel], world.omonat
    phone = world.phone()
    gateway.status, before = 503, gateway.calls
    subject_id = world.person(phone, channel)
    options = Options(poll=0.05, pauses=(0.05,) * 200)
    dispatcher = Dispatcher(
        omonat.database, omonat.settings.jobs_database_url, works(omonat), clock=omonat.clock, options=options
    )
    dispatcher.start()
    try:
        wait_until(lambda: _open_rows(world, subject_id) == [(False, "delivery_failed")])
        assert gateway.calls > before  # letters of others may wait, too
        assert world.words(subject_id, channel) == ["pending"] and phone not in world.mailed(channel)
        gateway.status = 0
        wait_until(lambda: _open_rows(world, subject_id) == [(True, None)])
    finally:
        gateway.status = 0
        dispatcher.stop()
    assert [number for number, _text in world.delivered(channel)].count(phone) == 1
    assert browser.send("POST", world.link(channel, phone), data=YES).url.path.endswith("/answered/confirmed")


def _open_rows(world: Asked, subject_id: SubjectId) -> list[tuple[bool, str | None]]:
    """Of the letters that ask this person: whether each is done, and the code of its last failure."""
    c = schema.outbox.c
    with world.omonat.database.read() as tx:
        found = tx.execute(select(c.payload, c.done_at, c.failed).where(c.kind == "consent_confirm")).all()
    return [(done is not None, code) for payload, done, code in found if payload["subject"] == str(subject_id)]
