"""Confirming, unsubscribing, preferences by links without sign-in; what a visitor chose comes along (7.1 c, 8.2)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from web.portal_world import CONTACT, World

from harness.choices import choice
from harness.office import view
from harness.policy_folder import Folder
from omonat.consent import ConsentGiven, preferences_url, unsubscribe_url
from omonat.crypto.fields import text_hash
from omonat.kernel.ids import SubjectId
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Smtp
from omonat.notify import Message, SmtpChannel
from omonat.storage import schema
from omonat.vault import rows

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
YES = {"answer": "yes"}
CHOICE = "__Host-omonat_choice"


class Sent:
    """A channel that keeps what it is given."""

    def __init__(self, kind: str) -> None:
        self.kind, self.messages = kind, list[Message]()

    def send(self, message: Message) -> str:
        self.messages.append(message)
        return ""


class Linked(World):
    """The real policy, asking for a double opt-in of news by e-mail and SMS."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.channels = {kind: Sent(kind) for kind in ("email", "sms")}
        self.omonat.channels.update(self.channels)
        asked = Folder(folder / "asked").change('number = "3.2"', 'number = "3.3"')
        asked.change('channels = ["email", "sms", "telegram"]\ncat', 'channels = ["email", "sms", "telegram"]\n'
                     'double_opt_in = ["email", "sms"]\ncat')  # fmt: skip
        omonat = self.omonat
        now = omonat.clock.now()
        omonat.policies.publish(asked.path, author=omonat.actor(), reason="double opt-in", now=now)

    def person(self, email: str, *news: str) -> SubjectId:
        """Somebody types an address into a form and ticks news."""
        self.submit("contact", {**CONTACT, "email": email}, *news)
        return self.newest()

    def newest(self) -> SubjectId:
        c = schema.subject.c
        with self.omonat.database.read() as tx:
            found = tx.scalars(select(c.subject_id).where(c.kind == "person").order_by(c.subject_id.desc())).first()
        assert found is not None
        return SubjectId(found)

    def code(self, challenge_id: str) -> str:
        """What the person reads in the letter with the code."""
        self.omonat.sign_in.send_sign_in_code({"challenge": challenge_id})
        found = re.search(r"(?<!\d)\d{6}(?!\d)", self.channels["email"].messages[-1].text)
        assert found
        return found[0]

    def work(self, kind: str = "consent_confirm") -> list[Message]:
        """What the outbox wants of this kind is done; the letters that went out."""
        c = schema.outbox.c
        with self.omonat.database.read() as tx:
            wanted = [dict(row) for row in tx.scalars(select(c.payload).where(c.kind == kind))]
        before = {name: len(channel.messages) for name, channel in self.channels.items()}
        for payload in wanted:
            self.omonat.by_link.send(payload, self.omonat.clock.now())
        return [message for name, channel in self.channels.items() for message in channel.messages[before[name] :]]

    def words(self, subject_id: SubjectId) -> list[tuple[str, str]]:
        with self.omonat.database.read() as tx:
            history = self.omonat.consents.history(tx, subject_id)
        return [(str(line["channel"]), str(line["action"])) for line in history if line["purpose"] == "news"]

    def mailed(self, channel: str = "email") -> list[str]:
        """Whom a mailing reaches."""
        now = self.omonat.clock.now()
        drawn = self.omonat.disclosures.mailing("news", channel, actor="staff:x", reason="test", now=now)
        return [row.address.reveal() for row in drawn]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Linked]:
    made = Linked(tmp_path_factory.mktemp("links"))
    yield made
    made.close()


def link_in(message: Message) -> str:
    found = re.search(r"https://localhost(/\S+/confirm/\S+)", message.text)
    assert found
    return found[1]


def test_news_wait_until_the_address_has_answered_and_nothing_is_sent_before(world: Linked) -> None:
    subject_id = world.person("waits@example.uz", "email")
    assert world.words(subject_id) == [("email", "pending")]
    (letter,) = [one for one in world.work() if one.to.reveal() == "waits@example.uz"]
    assert "waits@example.uz" not in world.mailed()
    browser, link = world.browser(), link_in(letter)
    page = browser.send("GET", link)  # a scanner of mail does this, too
    assert (page.status_code == 200 and "news of products" in page.text.lower()) or "xabar" in page.text
    assert page.headers["cache-control"] == "no-store" and "set-cookie" not in page.headers
    assert world.words(subject_id) == [("email", "pending")]
    answer = browser.send("POST", link, data=YES)
    assert answer.status_code == 200 and answer.url.path.endswith("/answered/confirmed")
    assert world.words(subject_id) == [("email", "pending"), ("email", "granted")]
    assert "waits@example.uz" in world.mailed()
    assert browser.send("POST", link, data=YES).status_code == 404  # once
    assert letter.message_id not in [one.message_id for one in world.work()]


def test_a_code_at_sign_in_answers_as_well(world: Linked) -> None:
    subject_id = world.person("code@example.uz", "email")
    keys = world.omonat.keystore.open_subject(subject_id)
    with world.omonat.database.read() as tx:
        (held,) = [one for one in rows.identifiers_of(tx, subject_id) if one.kind == "email"]
    now = world.omonat.clock.now()
    world.omonat.database.write(
        lambda tx: (
            world.omonat.vault.prove(tx, keys, held.identifier_id, shared=False, now=now),
            world.omonat.consents.answered(tx, keys, "email", now),
        )
    )
    assert world.words(subject_id)[-1] == ("email", "granted")
    assert "code@example.uz" in world.mailed()


def test_a_code_after_seven_days_signs_in_and_gives_no_consent(world: Linked) -> None:
    subject_id = world.person("months.later@example.uz", "email")
    world.omonat.clock.shift += timedelta(days=8)
    try:
        browser = world.browser()
        browser.sign_in("months.later@example.uz")
        assert world.words(subject_id) == [("email", "pending")]
        assert "months.later@example.uz" not in world.mailed()
        token = world.omonat.by_link.preferences_token(subject_id, world.omonat.clock.now()).reveal()
        path = preferences_url("", "en", token)
        assert "waits until you confirm it" not in browser.send("GET", path).text  # no link of it works any more
        text = text_hash(world.omonat.rights.consent_text("email", "en", "news"))
        browser.send("POST", path, data={"news email": "on", "text news email": text})
        assert world.words(subject_id) == [("email", "pending"), ("email", "granted")]
    finally:
        world.omonat.clock.shift -= timedelta(days=8)


def test_a_consent_that_waits_can_be_declined_by_one_click(world: Linked) -> None:
    subject_id = world.person("declines@example.uz", "email")
    (letter,) = [one for one in world.work() if one.to.reveal() == "declines@example.uz"]
    assert letter.unsubscribe.startswith("https://localhost/unsubscribe/news/email/")
    path = letter.unsubscribe.removeprefix("https://localhost")
    assert world.client.post(path, data=ONE_CLICK).status_code == 200
    assert world.words(subject_id)[-1] == ("email", "refused")
    assert world.browser().send("POST", link_in(letter), data=YES).status_code == 404


@pytest.mark.parametrize("way", ["urlencoded", "multipart"])
def test_rfc_8058_one_click_without_sign_in_cookie_or_origin(world: Linked, way: str) -> None:
    address = f"{way}@example.uz"
    subject_id = world.person(address, "email")
    (letter,) = [one for one in world.work() if one.to.reveal() == address]
    world.browser().send("POST", link_in(letter), data=YES)
    now = world.omonat.clock.now()
    drawn = world.omonat.disclosures.mailing("news", "email", actor="staff:x", reason="test", now=now)
    (row,) = [row for row in drawn if row.address.reveal() == address]
    path = row.unsubscribe.removeprefix("https://localhost")
    options = {"data": ONE_CLICK} if way == "urlencoded" else {"files": {"List-Unsubscribe": (None, "One-Click")}}
    for _ in range(2):  # mail programs repeat
        answer = world.client.post(path, **options)  # type: ignore[arg-type]  # as httpx takes it
        assert answer.status_code == 200 and "set-cookie" not in answer.headers
    assert [word for _channel, word in world.words(subject_id)] == ["pending", "granted", "withdrawn"]
    assert address not in world.mailed()
    page = world.browser().send("GET", path)
    assert page.status_code == 200 and "<button" in page.text and address not in page.text


def test_the_headers_of_a_letter_of_a_mailing() -> None:
    channel = SmtpChannel(Smtp(host="localhost", port=2525, user="", sender="a@example.uz", starttls=False))

    made = channel._mail(
        Message(to=Sealed("b@example.uz"), subject="s", text="t", message_id="x", unsubscribe="https://o.uz/u/1")
    )
    assert made["List-Unsubscribe"] == "<https://o.uz/u/1>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    plain = channel._mail(Message(to=Sealed("b@example.uz"), subject="s", text="t", message_id="x"))
    assert plain["List-Unsubscribe"] is None


def test_a_forged_or_foreign_token_opens_nothing(world: Linked) -> None:
    subject_id = world.person("forged@example.uz", "email")
    links = world.omonat.consents.links
    news = links.unsubscribe(subject_id, "news", "email").reveal()
    for path in (
        f"/unsubscribe/news/sms/{news}", f"/unsubscribe/news/email/{news[:-3]}AAA", "/unsubscribe/news/email/x",
        f"/en/preferences/{news}", f"/en/confirm/{news}", "/en/confirm/%C2%BB",
    ):  # fmt: skip
        assert world.client.post(path, headers={"sec-fetch-site": "same-origin"},
                                 data=ONE_CLICK | YES).status_code == 404, path  # fmt: skip
    assert world.words(subject_id) == [("email", "pending")]


def test_preferences_show_and_change_consents_and_nothing_else(world: Linked) -> None:
    subject_id = world.person("prefers@example.uz", "email")
    (letter,) = [one for one in world.work() if one.to.reveal() == "prefers@example.uz"]
    world.browser().send("POST", link_in(letter), data=YES)
    now = world.omonat.clock.now()
    token = world.omonat.by_link.preferences_token(subject_id, now).reveal()
    path = preferences_url("", "en", token)
    browser = world.browser()
    page = browser.send("GET", path)
    assert page.status_code == 200 and "checked" in page.text
    for value in ("prefers@example.uz", *CONTACT.values(), str(subject_id)):
        assert value not in page.text
    assert browser.send("POST", path, data={"none": ""}).url.path.endswith(token)
    assert world.words(subject_id)[-1] == ("email", "withdrawn")
    text = text_hash(world.omonat.rights.consent_text("email", "en", "news"))
    assert f'name="text news email" value="{text}"' in page.text
    unread = browser.send("POST", path, data={"news email": "on", "text news email": "0" * 64})
    assert unread.status_code == 409 and "was not recorded" in unread.text
    assert world.words(subject_id)[-1] == ("email", "withdrawn")
    browser.send("POST", path, data={"news email": "on", "text news email": text, "contract to:contractor": "on"})
    assert world.words(subject_id)[-1] == ("email", "granted")
    with world.omonat.database.read() as tx:
        purposes = {line["purpose"] for line in world.omonat.consents.history(tx, subject_id)}
    assert purposes == {"news", "support"}
    world.omonat.clock.shift += timedelta(days=91)
    try:
        assert browser.send("GET", path).status_code == 404
    finally:
        world.omonat.clock.shift -= timedelta(days=91)


# --- what a visitor chose comes along, and only then ------------------------------------------------------------------


def test_nothing_links_a_visitor_to_a_person_before_he_signs_in_or_sends_a_form(world: Linked) -> None:
    subject_id = world.person("visitor@example.uz")
    browser = world.browser()
    browser.send("POST", "/en/cookies", data=choice(world.omonat, "accept", "en", back="/en/"))
    chosen = world.omonat.consents.read_choice(browser.cookies[CHOICE])
    assert chosen is not None
    assert _mentions(world, chosen.visitor_id, subject_id) == set()
    with world.omonat.database.read() as tx:
        before = [line["channel"] for line in world.omonat.consents.history(tx, subject_id)]
    assert "web" not in before
    keys = world.omonat.keystore.open_subject(subject_id)
    now = world.omonat.clock.now()
    taken = world.omonat.database.write(lambda tx: world.omonat.consents.take_along(tx, keys, chosen, now))
    again = world.omonat.database.write(lambda tx: world.omonat.consents.take_along(tx, keys, chosen, now))
    assert (taken, again) == (1, 0)
    with world.omonat.database.read() as tx:
        (line,) = [one for one in world.omonat.consents.history(tx, subject_id) if one["channel"] == "web"]
    assert (line["purpose"], line["action"], line["via"]) == ("improve", "granted", "visitor")
    assert _mentions(world, chosen.visitor_id, subject_id) == set()  # copied: the visitor stays a stranger


def test_a_form_and_a_sign_in_take_the_choice_along(world: Linked) -> None:
    browser = world.browser()
    browser.send("POST", "/en/cookies", data=choice(world.omonat, "refuse", "en", back="/en/"))
    page = browser.send("GET", "/en/contact")
    state = re.search(r'name="state" value="([^"]+)"', page.text)
    assert state
    sent = browser.send("POST", "/en/contact", data={"state": state[1], **CONTACT, "email": "along@example.uz"})
    assert sent.url.path.endswith("/thanks")
    subject_id = world.newest()
    with world.omonat.database.read() as tx:
        history = world.omonat.consents.history(tx, subject_id)
    assert ("improve", "web", "refused", "visitor") in [
        (one["purpose"], one["channel"], one["action"], one["via"]) for one in history
    ]
    browser.send("POST", "/en/cookies", data=choice(world.omonat, "accept", "en", via="settings"))
    assert _web_words(world, subject_id) == ["refused"]  # the browser alone, until somebody signs in with it
    browser.sign_in("along@example.uz")
    assert _web_words(world, subject_id) == ["refused", "granted"]
    browser.send("POST", "/en/cookies", data=choice(world.omonat, "refuse", "en", via="settings"))
    assert _web_words(world, subject_id) == ["refused", "granted", "withdrawn"]


def test_taking_it_back_on_the_own_page_ends_it_in_this_browser_at_once(world: Linked) -> None:
    """The person's copy and the browser's own word, with what was counted of its visits (7.1 c, 8.1)."""
    world.person("here@example.uz")
    browser = world.browser()
    browser.send("POST", "/en/cookies", data=choice(world.omonat, "accept", "en", via="settings"))
    browser.sign_in("here@example.uz")
    chosen = world.omonat.consents.read_choice(browser.cookies[CHOICE])
    assert chosen is not None and chosen.allows("improve")
    assert world.omonat.statistics.count(chosen.visitor_id, view("/"), world.omonat.clock.now())
    browser.cookies["omonat_visit"] = "2026-01-01"
    browser.post("/consents/withdraw", purpose="improve", channel="web")
    after = world.omonat.consents.read_choice(browser.cookies[CHOICE])
    assert after is not None and after.visitor_id == chosen.visitor_id and after.purposes == {"improve": False}
    assert world.omonat.statistics.kept(chosen.visitor_id).events == 0 and not browser.cookies.get("omonat_visit")
    assert not world.omonat.statistics.count(chosen.visitor_id, view("/"), world.omonat.clock.now())
    with world.omonat.database.read() as tx:
        said = [str(line["action"]) for line in world.omonat.consents.history(tx, chosen.visitor_id)]
    assert said == ["granted", "withdrawn"]


def _web_words(world: Linked, subject_id: SubjectId) -> list[str]:
    with world.omonat.database.read() as tx:
        history = world.omonat.consents.history(tx, subject_id)
    return [str(line["action"]) for line in history if line["channel"] == "web"]


def _mentions(world: Linked, visitor: SubjectId, person: SubjectId) -> set[str]:
    """Tables in which one row names both."""
    found = set()
    with world.omonat.database.read() as tx:
        for table in schema.data.sorted_tables:
            for row in tx.execute(select(*table.columns)).mappings():
                text = repr(dict(row))
                if str(visitor) in text and str(person) in text:
                    found.add(table.name)
    return found


# --- suppression ------------------------------------------------------------------------------------------------------


def test_suppression_survives_erasure_as_a_keyed_hash_and_is_named_in_the_certificate(world: Linked) -> None:
    omonat, now = world.omonat, world.omonat.clock.now()
    subject_id = world.person("gone@example.uz", "email")
    (letter,) = [one for one in world.work() if one.to.reveal() == "gone@example.uz"]
    world.browser().send("POST", link_in(letter), data=YES)
    outcome = omonat.rights.erase(subject_id, now)
    assert outcome.certificate is not None and "suppression" in outcome.certificate.windows
    with omonat.database.read() as tx:
        suppressed = omonat.consents.suppression
        assert suppressed.is_kept(tx, "news", "email", "gone@example.uz", now)
        assert not suppressed.is_kept(tx, "news", "email", "other@example.uz", now)
        (row,) = tx.execute(select(schema.suppression)).mappings().all()
    assert set(row) == {"tag", "until"} and (row["until"] - now).days in range(1094, 1098)
    # somebody whose old list names the address, recorded without the person's own act
    again = world.person("gone@example.uz", "email")
    keys = omonat.keystore.open_subject(again)

    def forced(tx) -> None:  # type: ignore[no-untyped-def]
        (held,) = [one for one in rows.identifiers_of(tx, again) if one.kind == "email"]
        omonat.vault.prove(tx, keys, held.identifier_id, shared=False, now=now)
        given = ConsentGiven(
            purpose="news", channel="email", action="granted", language="en", text_hash="0" * 64, via="import"
        )
        omonat.consents.record(tx, keys, given, now=omonat.clock.now())

    omonat.database.write(forced)
    assert "gone@example.uz" not in world.mailed()
    omonat.database.write(lambda tx: omonat.consents.answered(tx, keys, "email", now))  # he asks for it himself
    assert "gone@example.uz" in world.mailed()
    with omonat.database.read() as tx:
        assert tx.scalar(select(func.count()).select_from(schema.suppression)) == 0


def test_the_published_text_names_the_term_of_suppression(world: Linked) -> None:
    text = world.browser().send("GET", "/en/policy").text
    assert "keyed hash" in text and "3 years" in text
    assert unsubscribe_url("", "news", "email", "T") == "/unsubscribe/news/email/T"
