"""What the doctor says."""

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Literal, NamedTuple

import msgspec

from omonat.kernel.errors import OmonatError
from omonat.kernel.language import translate

DOMAIN = "doctor"
State = Literal["good", "note", "wrong"]
Said = Callable[[str], str]
"""A text by the language in which it is read."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at. `check` is a stable word; texts are of one language and hold no personal value."""

    check: str
    state: State
    what: str
    what_to_do: str = ""


class Found(NamedTuple):
    """The same before anybody reads it."""

    check: str
    state: State
    what: Said
    what_to_do: Said = lambda _language: ""

    def read(self, language: str) -> Finding:
        """In the reader's language."""
        return Finding(self.check, self.state, self.what(language), self.what_to_do(language))


def good(check: str, what: str, **places: object) -> list[Found]:
    """Nothing to do."""
    return [Found(check, "good", lambda language: translate(language, DOMAIN, what, **places))]


def note(check: str, what: str, what_to_do: str, **places: object) -> list[Found]:
    """Worth knowing; nothing is broken."""
    return [Found(
        check, "note", lambda language: translate(language, DOMAIN, what, **places),
        lambda language: translate(language, DOMAIN, what_to_do, **places),
    )]  # fmt: skip


def wrong(check: str, what: str, what_to_do: str, **places: object) -> list[Found]:
    """Broken, or against the policy."""
    return [Found(
        check, "wrong", lambda language: translate(language, DOMAIN, what, **places),
        lambda language: translate(language, DOMAIN, what_to_do, **places),
    )]  # fmt: skip


def failed(check: str, error: OmonatError) -> list[Found]:
    """A check that could not be made, in the words of its error."""
    return [
        Found(check, "wrong", partial(_of_error, error, error.message), partial(_of_error, error, error.what_to_do))
    ]


def _of_error(error: OmonatError, text: str, language: str) -> str:
    return translate(language, "errors", text).format_map(defaultdict(str, error.details))
