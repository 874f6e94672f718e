"""A receipt by mail: asked for on one's own page, sent to the proven address by real SMTP, with files that hold."""

import email
import json
import re
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from unit.notify.servers import Mailbox, mail_server
from web.portal_world import CONTACT, ORDER, Browser, World

from omonat.kernel.settings import Smtp
from omonat.notify import DeliveryFailed, SmtpChannel
from omonat.receipts import verify_receipt
from omonat.receipts.mailing import MOST_AN_HOUR, WORK
from omonat.storage.schema import outbox
from omonat.works import works


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    made.submit("order", ORDER, "email")
    made.submit("contact", CONTACT, "email")
    made.omonat.sequencer().integrate_once(made.omonat.clock.now())
    yield made
    made.close()


@pytest.fixture
def mailbox(world: World) -> Iterator[Mailbox]:
    """From the sign-in on, letters go by SMTP."""
    with mail_server() as (port, box):
        settings = Smtp(host="127.0.0.1", port=port, sender="Omonat <no-reply@example.uz>", starttls=False)
        world.smtp = SmtpChannel(settings)  # type: ignore[attr-defined]
        yield box


def asked(world: World) -> list[dict[str, str]]:
    with world.omonat.database.read() as tx:
        found = tx.execute(outbox.select().where(outbox.c.kind == WORK).order_by(outbox.c.outbox_id))
        return [dict(row.payload) for row in found]


def carry_out(world: World, payload: dict[str, str]) -> None:
    world.omonat.channels["email"] = world.smtp  # type: ignore[attr-defined]
    works(world.omonat)[WORK](payload)


def first(text: str) -> tuple[str, str]:
    return re.findall(r'name="kind" value="(\w+)"><input type="hidden" name="id" value="([0-9a-f-]+)"', text)[0]


def mail_of(box: Mailbox) -> EmailMessage:
    (envelope,) = box.mails
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=default)  # type: ignore[return-value] # of this policy


def signed_in(world: World, identifier: str, language: str = "ru") -> Browser:
    person = world.browser()
    person.language = language
    person.sign_in(identifier)
    return person


def test_it_arrives_at_the_proven_address_with_files_that_hold(world: World, mailbox: Mailbox) -> None:
    me = signed_in(world, ORDER["email"])
    kind, number = first(me.get("/receipts").text)
    done = me.post("/receipts/mail", kind=kind, id=number)
    assert "отправляется на ваш подтверждённый адрес" in done.text
    (payload,) = asked(world)
    assert ORDER["email"] not in json.dumps(payload)
    carry_out(world, payload)
    carry_out(world, payload)
    assert [envelope.rcpt_tos for envelope in mailbox.mails] == [[ORDER["email"]]] * 2
    ids = {email.message_from_bytes(bytes(one.content or b""))["Message-ID"] for one in mailbox.mails}
    assert len(ids) == 1, "sent twice after a crash, mail programs show it once"
    mailbox.mails.pop()
    mail = mail_of(mailbox)
    files: dict[str, Any] = {part.get_content_type(): part for part in mail.iter_attachments()}
    assert set(files) == {"application/json", "application/pdf"}
    receipt = files["application/json"].get_content()
    held = verify_receipt(receipt, world.omonat.verifier_key())
    assert held.ok
    assert files["application/pdf"].get_content().startswith(b"%PDF-")
    for part in files.values():
        assert re.fullmatch(r"receipt-consent-\d{4}-\d\d-\d\d\.(json|pdf)", part.get_filename())
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr] # there is a body
    for value in ORDER.values():
        assert value not in text
    assert me.get("").text.count("чтобы отправить вам квитанцию по вашей просьбе") >= 2, "asked for, and address used"


def test_another_persons_receipt_is_not_there_and_without_an_address_nothing_is_sent(
    world: World, mailbox: Mailbox
) -> None:
    me = signed_in(world, ORDER["phone"], "en")
    page = me.get("/receipts").text
    assert "Send by e-mail" not in page
    assert "Confirm an e-mail address" in page
    kind, number = first(page)
    assert me.post("/receipts/mail", kind=kind, id=number).status_code == 404
    other = signed_in(world, CONTACT["email"], "en")
    assert "Send by e-mail" in other.get("/receipts").text
    assert other.post("/receipts/mail", kind=kind, id=number).status_code == 404
    assert other.post("/receipts/mail", kind="x", id=number).status_code == 400
    assert asked(world) == []
    assert mailbox.mails == []


def test_ten_an_hour_are_taken(world: World, mailbox: Mailbox) -> None:
    me = signed_in(world, ORDER["email"], "en")
    kind, number = first(me.get("/receipts").text)
    world.client.app.state.limits = _NoLimits()  # the limit of the address is another one
    codes = [me.post("/receipts/mail", follow=False, kind=kind, id=number).status_code for _ in range(MOST_AN_HOUR + 1)]
    assert codes == [303] * MOST_AN_HOUR + [429]
    assert len(asked(world)) == MOST_AN_HOUR


class _NoLimits:
    def check(self, *_words: object) -> None:
        """Takes everything."""


def test_who_was_erased_meanwhile_gets_nothing_and_a_busy_server_is_tried_again(world: World, mailbox: Mailbox) -> None:
    me = signed_in(world, ORDER["email"], "en")
    kind, number = first(me.get("/receipts").text)
    me.post("/receipts/mail", kind=kind, id=number)
    (payload,) = asked(world)
    with mail_server() as (port, _box):
        gone = Smtp(host="127.0.0.1", port=port, sender="Omonat <no-reply@example.uz>", starttls=False)
    kept, world.smtp = world.smtp, SmtpChannel(gone)  # type: ignore[attr-defined]
    with pytest.raises(DeliveryFailed) as failed:
        carry_out(world, payload)
    assert failed.value.temporary
    world.smtp = kept  # type: ignore[attr-defined]
    me.get("/delete")
    me.post("/delete", sure="on")
    carry_out(world, payload)
    assert mailbox.mails == []
