"""What the rights need from an edge, as Protocols: somebody who writes letters and delivers them."""

from typing import NamedTuple, Protocol

import msgspec

from omonat.kernel.secret import Sealed


class Addressed(msgspec.Struct, frozen=True):
    """Where a letter goes: `kind` email or phone, the address itself, the reader's language."""

    kind: str
    to: Sealed[str]
    language: str


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A letter by its name, and what fills it: ids and words that the post turns into labels. Never a value.

    `message_id` is the same for every try of one letter. A code travels in `code`, sealed.
    """

    letter: str
    message_id: str
    facts: dict[str, str] = {}
    code: Sealed[str] | None = None


class Delivered(NamedTuple):
    """By which channel a letter went, and the id that the message has there; our own where it gives none."""

    channel: str
    message_id: str


class Post(Protocol):
    """Writes a letter and hands it to the channel of the address."""

    def send(self, to: Addressed, wanted: Wanted) -> Delivered:
        """Raises an OmonatError whose `temporary` says whether the same letter may be sent later."""
        ...

    def find_recipient(self, recipient: str) -> Addressed | None:
        """Where word for a recipient of data goes; None when the policy in force knows none such."""
        ...
