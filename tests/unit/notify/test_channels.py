"""Mail and SMS against real local servers, the terminal, and the channel that nobody set up."""

import io
import logging
import socket
import tomllib
import traceback
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import msgspec
import pytest
from unit.notify.servers import (
    Gateway,
    Mailbox,
    TelegramGateway,
    mail_server,
    own_certificate,
    serving,
    sms_gateway,
)  # fmt: skip

from harness.places import REPOSITORY
from omonat.kernel.errors import Misconfigured
from omonat.kernel.secret import Sealed
from omonat.kernel.settings import Settings, Sms, Smtp, Telegram
from omonat.notify import (
    Channel,
    ConsoleChannel,
    DeliveryFailed,
    Message,
    NullChannel,
    SmsChannel,
    SmtpChannel,
    TelegramChannel,
    channels,
    masked,
)  # fmt: skip

MAIL = Message(
    to=Sealed("dilnoza@example.uz"), subject="Kirish kodi", text="Kodingiz: 123456 — oʻ gʻ ў қ\n", message_id="code:7"
)
TEXT = Message(to=Sealed("+998901234567"), subject="", text='Kod "123456"\n{phone} \\ oʻ', message_id="code:8")
SECRETS = ("dilnoza", "901234567")


def mail_to(address: str) -> Message:
    return msgspec.structs.replace(MAIL, to=Sealed(address))


def failure(channel: Channel, message: Message) -> DeliveryFailed:
    """How sending failed, having looked that nothing says to whom."""
    with pytest.raises(DeliveryFailed) as caught:
        channel.send(message)
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(caught.value.details)
    assert message.to.reveal() not in shown
    assert message.to.reveal().lstrip("+") not in shown
    return caught.value


@pytest.fixture(autouse=True)
def no_address_in_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield
    assert not [secret for secret in SECRETS if secret in caplog.text]


@pytest.fixture
def mail() -> Iterator[tuple[SmtpChannel, Mailbox]]:
    with mail_server() as (port, mailbox):
        settings = Smtp(host="127.0.0.1", port=port, sender="MEGABITE-CRM <no-reply@iptelefoniya.uz>", starttls=False)
        yield SmtpChannel(settings), mailbox


def content(mailbox: Mailbox) -> EmailMessage:
    raw = mailbox.mails[0].content
    assert isinstance(raw, bytes)
    return message_from_bytes(raw, policy=default)  # type: ignore[arg-type,return-value]  # typeshed's EmailMessage


def test_a_mail_arrives_as_it_was_written(mail: tuple[SmtpChannel, Mailbox]) -> None:
    channel, mailbox = mail
    assert channel.send(MAIL) == "code.7@iptelefoniya.uz"
    arrived = content(mailbox)
    assert mailbox.mails[0].rcpt_tos == ["dilnoza@example.uz"]
    assert arrived.get_content().replace("\r\n", "\n") == MAIL.text
    assert arrived["Subject"] == MAIL.subject
    assert arrived["From"] == "MEGABITE-CRM <no-reply@iptelefoniya.uz>"
    assert arrived["Message-ID"] == "<code.7@iptelefoniya.uz>"
    assert arrived["Auto-Submitted"] == "auto-generated"


def test_a_refused_recipient_is_permanent_and_a_full_mailbox_is_not(mail: tuple[SmtpChannel, Mailbox]) -> None:
    gone, full = failure(mail[0], mail_to("gone@example.uz")), failure(mail[0], mail_to("full@example.uz"))
    assert (gone.reason, gone.temporary) == ("bad_address", False)
    assert (full.reason, full.temporary) == ("busy", True)


@pytest.mark.parametrize("address", ["a@b.uz\nBcc: c@d.uz", "a@b.uz\r\nRCPT TO:<c@d.uz>"])
def test_an_address_cannot_smuggle_another_one(mail: tuple[SmtpChannel, Mailbox], address: str) -> None:
    assert not failure(mail[0], mail_to(address)).temporary
    assert mail[1].mails == []


def test_starttls_and_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server_side, client_side = own_certificate(tmp_path)
    monkeypatch.setenv("OMONAT_SMTP_PASSWORD", "right-password")
    with mail_server(server_side) as (port, mailbox):
        settings = Smtp(host="127.0.0.1", port=port, user="omonat", sender="no-reply@iptelefoniya.uz")
        SmtpChannel(settings, tls=client_side).send(MAIL)
        assert len(mailbox.mails) == 1
        monkeypatch.setenv("OMONAT_SMTP_PASSWORD", "wrong")
        wrong = failure(SmtpChannel(settings, tls=client_side), MAIL)
        assert (wrong.reason, wrong.temporary) == ("credentials", True)
        unknown = failure(SmtpChannel(settings), MAIL)  # a certificate that nobody vouches for
        assert (unknown.reason, unknown.temporary) == ("tls", True)
        assert len(mailbox.mails) == 1


def test_a_server_without_starttls_gets_nothing_in_clear(mail: tuple[SmtpChannel, Mailbox]) -> None:
    with mail_server() as (port, mailbox):
        settings = Smtp(host="127.0.0.1", port=port, sender="no-reply@iptelefoniya.uz")
        refused = failure(SmtpChannel(settings), MAIL)
        assert (refused.temporary, mailbox.mails) == (False, [])


def test_a_server_that_is_down_is_temporary() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        settings = Smtp(host="127.0.0.1", port=unheard.getsockname()[1], sender="no-reply@iptelefoniya.uz")
        down = failure(SmtpChannel(settings), MAIL)
        assert (down.reason, down.temporary) == ("unreachable", True)
        unheard.listen()  # takes the connection and never says a word
        assert failure(SmtpChannel(settings, timeout=0.2), MAIL).temporary


def test_mail_without_a_sender_is_refused_at_once() -> None:
    with pytest.raises(Misconfigured):
        SmtpChannel(Smtp(host="mail.example.uz"))


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SmsChannel, Gateway]]:
    monkeypatch.setenv("OMONAT_SMS_TOKEN", "right-token")
    with sms_gateway() as (url, gateway):
        yield SmsChannel(Sms(url=url), timeout=5), gateway


def test_an_sms_arrives_with_everything_escaped(gateway: tuple[SmsChannel, Gateway]) -> None:
    assert gateway[0].send(TEXT) == "0001-4567", "the number that the gateway gave it"
    assert gateway[1].taken == [{"mobile_phone": "998901234567", "message": TEXT.text, "from": "4546"}]


def test_the_template_of_another_gateway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play Mobile: Basic authorization and a nested body."""
    monkeypatch.setenv("OMONAT_SMS_TOKEN", "Basic dXNlcjpwYXNz")
    body = (
        '{{"messages": [{{"recipient": "{phone}", "message-id": "{id}", '
        '"sms": {{"originator": "{sender}", "content": {{"text": "{text}"}}}}}}]}}'
    )
    seen: list[tuple[bytes, str]] = []
    with sms_gateway() as (url, gateway):
        gateway.answer = lambda body, authorization: (seen.append((body, authorization)), (200, {}))[1]  # type: ignore[method-assign]
        SmsChannel(Sms(url=url, body=body, sender="3700")).send(TEXT)
    sent = msgspec.json.decode(seen[0][0])["messages"][0]
    assert seen[0][1] == "Basic dXNlcjpwYXNz"
    assert (sent["recipient"], sent["message-id"], sent["sms"]["content"]["text"]) == (
        "998901234567", "code:8", TEXT.text,
    )  # fmt: skip


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[TelegramChannel, Gateway]]:
    monkeypatch.setenv("OMONAT_TELEGRAM_TOKEN", "right-token")
    with serving(TelegramGateway()) as (url, gateway):
        yield TelegramChannel(Telegram(url=url), timeout=5), gateway


def test_a_telegram_message_arrives_and_its_number_comes_back(telegram: tuple[TelegramChannel, Gateway]) -> None:
    channel, gateway = telegram
    assert channel.send(TEXT) == "41"
    assert gateway.taken == [{"phone": "998901234567", "text": TEXT.text}]
    stranger = failure(channel, msgspec.structs.replace(TEXT, to=Sealed("+998711234567")))
    assert (stranger.reason, stranger.temporary) == ("bad_address", False)
    gateway.status = 503
    assert failure(channel, TEXT).details["channel"] == "telegram"


@pytest.mark.parametrize(
    "answer", [b"", b"<html>", b"[]", b'{"result": 7}', b'{"result": {"message_id": null}}', b'{"result": [1]}', b"7"]
)
def test_an_answer_without_a_number_is_a_message_all_the_same(
    telegram: tuple[TelegramChannel, Gateway], answer: bytes
) -> None:
    channel, gateway = telegram
    gateway.answer = lambda _body, _authorization: (200, answer)  # type: ignore[method-assign,assignment]
    assert channel.send(TEXT) == ""


def test_a_bad_number_is_permanent(gateway: tuple[SmsChannel, Gateway]) -> None:
    bad = failure(gateway[0], msgspec.structs.replace(TEXT, to=Sealed("+7900123")))
    assert (bad.reason, bad.temporary) == ("bad_address", False)


@pytest.mark.parametrize(
    ("status", "reason", "temporary"),
    [(401, "credentials", True), (422, "bad_address", False), (429, "busy", True), (500, "busy", True),
     (503, "busy", True), (302, "rejected", False), (451, "rejected", False)],
)  # fmt: skip
def test_what_a_gateway_answers(gateway: tuple[SmsChannel, Gateway], status: int, reason: str, temporary: bool) -> None:
    gateway[1].status = status
    failed = failure(gateway[0], TEXT)
    assert (failed.reason, failed.temporary) == (reason, temporary)


def test_a_wrong_token(gateway: tuple[SmsChannel, Gateway], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMONAT_SMS_TOKEN")
    assert failure(gateway[0], TEXT).reason == "credentials"


def test_a_gateway_that_is_slow_or_away_is_temporary() -> None:
    with sms_gateway() as (url, gateway):
        gateway.pause = 0.5
        slow = failure(SmsChannel(Sms(url=url), timeout=0.1), TEXT)
    away = failure(SmsChannel(Sms(url=url)), TEXT)
    assert (slow.reason, slow.temporary) == ("timeout", True)
    assert (away.reason, away.temporary) == ("unreachable", True)


@pytest.mark.parametrize("body", ["{phone}", '{"a": "{phone}"}', '{{"a": "{number}"}}'])
def test_a_template_that_is_not_json_is_refused_at_once(body: str) -> None:
    with pytest.raises(Misconfigured):
        SmsChannel(Sms(url="http://127.0.0.1/", body=body))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.5", "::1", "[::1]", "localhost"])
def test_the_terminal_shows_the_code_and_not_the_address(host: str) -> None:
    out = io.StringIO()
    ConsoleChannel("email", host, out=out).send(MAIL)
    shown = out.getvalue()
    assert "123456" in shown
    assert "d…@e…" in shown
    assert "dilnoza" not in shown
    assert all(line.startswith("[omonat dev]") for line in shown.splitlines())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "iptelefoniya.uz", "", "localhost.example.uz"])
def test_the_terminal_refuses_a_server_that_others_can_reach(host: str) -> None:
    with pytest.raises(Misconfigured):
        ConsoleChannel("email", host)


def test_a_mask_gives_nobody_away() -> None:
    assert masked("+998901234567") == "+998…67"
    assert masked("1234567") == "…"
    assert masked("a@b") == "a…@b…"


def test_a_message_shows_only_its_id() -> None:
    assert repr(MAIL) == str(MAIL) == "Message(message_id='code:7')"


def test_an_installation_has_the_channels_that_are_set_up(tmp_path: Path) -> None:
    plain = Settings(data=tmp_path, keys=tmp_path)
    with pytest.raises(Misconfigured, match="email"):
        channels(plain, "127.0.0.1")["email"].send(MAIL)
    dev = msgspec.structs.replace(plain, dev=True)
    assert isinstance(channels(dev, "127.0.0.1")["sms"], ConsoleChannel)
    assert isinstance(channels(dev)["sms"], NullChannel), "the command line listens nowhere"
    with pytest.raises(Misconfigured):
        channels(dev, "0.0.0.0")
    full = msgspec.structs.replace(
        dev, smtp=Smtp(host="mail.example.uz", sender="a@example.uz"), sms=Sms(url="https://sms.example.uz/")
    )
    assert [type(channel) for channel in channels(full, "0.0.0.0").values()] == [SmtpChannel, SmsChannel]
    with_telegram = msgspec.structs.replace(full, telegram=Telegram(url="https://tg.example.uz/"))
    assert isinstance(channels(with_telegram)["telegram"], TelegramChannel)


def test_the_examples_of_the_documentation_make_channels(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "operate-mail-sms.md").read_text("utf-8")
    examples = [tomllib.loads(block.partition("```")[0]) for block in page.split("```toml\n")[1:]]
    assert len(examples) == 4
    for example in examples:
        settings = msgspec.convert({**example, "data": tmp_path, "keys": tmp_path}, Settings)
        made = channels(settings)
        assert {SmtpChannel, SmsChannel, TelegramChannel} & set(map(type, made.values()))
