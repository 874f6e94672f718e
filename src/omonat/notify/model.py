"""What is sent, through what, and how sending fails."""

from typing import Protocol

import msgspec

from omonat.kernel.errors import Misconfigured, OmonatError
from omonat.kernel.secret import Sealed


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with a mail. `media`: its type, such as application/pdf."""

    name: str
    media: str
    content: bytes

    def __repr__(self) -> str:
        return f"Attachment(media={self.media!r})"


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one person. `to` is an e-mail address or a phone in E.164; an SMS has no subject and no file.

    `message_id` is the same for every try of one message, so that mail programs show it once: letters, digits, `.-_:`.
    `unsubscribe`: the address for one click (RFC 8058), of a letter that belongs to a mailing; empty for others.
    """

    to: Sealed[str]
    subject: str
    text: str
    message_id: str
    unsubscribe: str = ""
    attachments: tuple[Attachment, ...] = ()

    def __repr__(self) -> str:
        return f"Message(message_id={self.message_id!r})"


class Channel(Protocol):
    """A way to reach people: `email`, `sms` or `telegram`."""

    kind: str

    def send(self, message: Message) -> str:
        """Deliver or raise DeliveryFailed (`temporary`: the same message may be sent later), or Misconfigured.

        Returns the id under which the channel knows the message; empty where it gives none.
        """


class DeliveryFailed(OmonatError):
    """A channel did not take a message. Names the channel and a reason, never the address."""

    code = "delivery_failed"
    message = "The message could not be delivered by {channel}: {reason}."
    what_to_do = "Check the settings of the channel with `omonat doctor`, or reach the person in another way."

    temporary = True

    def __init__(self, channel: str = "", reason: str = "", *, temporary: bool = True) -> None:
        """`reason` is one of: bad_address, refused, credentials, rejected, unreachable, timeout, busy, tls."""
        super().__init__(channel=channel, reason=reason)
        self.reason = reason
        self.temporary = temporary  # type: ignore[misc]  # of the instance here: one channel fails both ways


class NullChannel:
    """Stands for a channel that nobody has set up: refuses every message, saying what to do."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def send(self, message: Message) -> str:
        """Raise Misconfigured."""
        section = {"email": "smtp", "sms": "sms"}.get(self.kind, self.kind)
        raise Misconfigured(
            what=f"No channel for {self.kind} is set up, so message {message.message_id} was not sent.",
            fix=f"Add a section [{section}] to omonat.toml: docs/operate-mail-sms.md.",
        )


def masked(address: str) -> str:
    """Enough to recognise one's own, not enough to use: d…@e…, +998…33."""
    name, at, domain = address.partition("@")
    if at:
        return f"{name[:1]}…@{domain[:1]}…"
    return f"{address[:4]}…{address[-2:]}" if len(address) > 8 else "…"
